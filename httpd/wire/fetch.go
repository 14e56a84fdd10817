package wire

import (
	"encoding/binary"
	"fmt"
)

// The bounds of one POST /sync/files/fetch.
const (
	FetchFilesMax   = 1000     // files
	FetchFilesBytes = 64 << 20 // of content
)

// FetchFiles is the body of POST /sync/files/fetch: at most 1,000 files with at
// most 64 MiB of content in all. The answer (application/octet-stream) has one
// frame for each file, in the order asked: a head of 24 bytes, then the file's
// bytes, as many as the head says. All numbers of a head are big-endian: 4 bytes
// the file's place in the list, from 0; 2 bytes a status; 2 bytes of 0; 8 bytes
// the number of the version; 8 bytes the length of the content. The status is 200;
// or, without content and version, 404 (there is no such file or version), 410
// (it is in the trash) or 500 (its stored content is damaged). Where content turns
// out to be damaged after its first byte, the answer breaks off.
type FetchFiles struct {
	Files []FileVersion `json:"files" wire:"required"` // to get
}

// FileVersion names a content; version 0 is the current one.
type FileVersion struct {
	FileID  string `json:"file_id" wire:"required"`
	Version uint64 `json:"version,omitempty"`
}

// FileFrameSize is the length of the head of a frame of POST /sync/files/fetch.
const FileFrameSize = 24

// A FileFrame is such a head. Where Status is not 200, Version and Size are 0.
type FileFrame struct {
	Index   int // in the list asked for
	Status  int
	Version uint64
	Size    int64
}

// AppendTo appends the head.
func (f FileFrame) AppendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(f.Index))
	b = binary.BigEndian.AppendUint16(b, uint16(f.Status))
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint64(b, f.Version)
	return binary.BigEndian.AppendUint64(b, uint64(f.Size))
}

// ParseFileFrame reads a head, the FileFrameSize bytes that b begins with. What
// no server sends is an error.
func ParseFileFrame(b []byte) (FileFrame, error) {
	if len(b) < FileFrameSize {
		return FileFrame{}, fmt.Errorf("a head of %d bytes", len(b))
	}
	size := binary.BigEndian.Uint64(b[16:])
	f := FileFrame{
		Index:   int(binary.BigEndian.Uint32(b)),
		Status:  int(binary.BigEndian.Uint16(b[4:])),
		Version: binary.BigEndian.Uint64(b[8:]),
		Size:    int64(size),
	}
	switch {
	case f.Index >= FetchFilesMax, b[6] != 0, b[7] != 0, size > FetchFilesBytes:
	case f.Status == 200:
		return f, nil
	case (f.Status == 404 || f.Status == 410 || f.Status == 500) && size == 0 && f.Version == 0:
		return f, nil
	}
	return FileFrame{}, fmt.Errorf("not the head of a file: % x", b[:FileFrameSize])
}

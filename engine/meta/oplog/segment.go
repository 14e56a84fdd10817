package oplog

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"scaidrive/chunkstore/vfs"
)

// The header of a segment, big-endian:
//
//	  0   8  magic "SDOPLOG\0"
//	  8   2  format version, 1
//	 10   2  flags, 0
//	 12   4  length of this header, 512
//	 16  16  store ID
//	 32   8  number of the segment, from 1
//	 40   8  LSN of its first frame
//	 48  32  chain: the check of the frame before the first one
//	 80   8  size of the segment in bytes
//	 88   4  key ID, 0    (reserved for encryption at rest)
//	 92  12  nonce, 0     (reserved)
//	104  16  tag, 0       (reserved)
//	120 360  reserved, 0
//	480  32  SHA-256 over the bytes before
//
// Frames follow; what is not written yet is zeros.
const (
	segmentMagic   = "SDOPLOG\x00"
	segmentVersion = 1
	segmentHeader  = 512

	segmentSuffix = ".log"
	spareName     = "spare.tmp"
)

// endSize is what the end of a segment takes.
const endSize = frameHeader + frameCheck

// A segmentInfo is the decoded header of a segment.
type segmentInfo struct {
	number uint64
	first  uint64 // LSN of the first frame
	chain  Chain  // before the first frame
	size   int64
}

func segmentName(number uint64) string {
	return fmt.Sprintf("%012d%s", number, segmentSuffix)
}

// parseName gives the number in a segment's name.
func parseName(name string) (uint64, bool) {
	s, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok || len(s) != 12 {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil && n > 0
}

func encodeSegment(store [16]byte, s segmentInfo) []byte {
	b := make([]byte, segmentHeader)
	copy(b, segmentMagic)
	binary.BigEndian.PutUint16(b[8:], segmentVersion)
	binary.BigEndian.PutUint32(b[12:], segmentHeader)
	copy(b[16:], store[:])
	binary.BigEndian.PutUint64(b[32:], s.number)
	binary.BigEndian.PutUint64(b[40:], s.first)
	copy(b[48:], s.chain[:])
	binary.BigEndian.PutUint64(b[80:], uint64(s.size))
	check := sha256.Sum256(b[:480])
	copy(b[480:], check[:])
	return b
}

// decodeSegment reads a header; the error is for a person to read.
func decodeSegment(b []byte, store [16]byte) (segmentInfo, error) {
	if len(b) < segmentHeader {
		return segmentInfo{}, errors.New("header is cut off")
	}
	b = b[:segmentHeader]
	if string(b[:8]) != segmentMagic {
		return segmentInfo{}, errors.New("not a segment of the operation log")
	}
	if sha256.Sum256(b[:480]) != [32]byte(b[480:]) {
		return segmentInfo{}, errors.New("header's check does not hold")
	}
	if v := binary.BigEndian.Uint16(b[8:]); v != segmentVersion || binary.BigEndian.Uint32(b[12:]) != segmentHeader {
		return segmentInfo{}, fmt.Errorf("unknown version %d", v)
	}
	if !allZero(b[10:12]) || !allZero(b[88:480]) {
		return segmentInfo{}, errors.New("reserved bytes are not zero")
	}
	if [16]byte(b[16:32]) != store {
		return segmentInfo{}, errors.New("belongs to another store")
	}
	s := segmentInfo{
		number: binary.BigEndian.Uint64(b[32:]),
		first:  binary.BigEndian.Uint64(b[40:]),
		chain:  Chain(b[48:80]),
		size:   int64(binary.BigEndian.Uint64(b[80:])),
	}
	if s.number == 0 || s.first == 0 || s.size < segmentHeader {
		return segmentInfo{}, errors.New("header's numbers make no sense")
	}
	return s, nil
}

// A scan is what was read of a segment.
type scan struct {
	info   segmentInfo
	last   uint64 // LSN of the last frame
	chain  Chain  // its check
	off    int64  // behind the last whole commit frame
	begin  int64  // where that frame begins; off if there is none
	ended  bool   // an end follows
	broken error  // why the bytes at off are no frame; nil: only zeros follow
	after  int64  // of broken: where a whole frame follows, 0 if none does
	dirty  int64  // of broken: how far bytes that are not zero reach
}

// scanSegment reads the frames of a segment in order. fn's frames are valid
// during the call; an error of fn ends the scan.
func scanSegment(f io.ReaderAt, size int64, info segmentInfo, fn func(*decoded) error) (scan, error) {
	sc := scan{info: info, last: info.first - 1, chain: info.chain, off: segmentHeader, begin: segmentHeader}
	b := make([]byte, size)
	if n, err := f.ReadAt(b, 0); err != nil && !(errors.Is(err, io.EOF) && n == len(b)) {
		return sc, err
	}
	for int(sc.off) < len(b) {
		d, err := decodeFrame(b[sc.off:], info.chain)
		if errors.Is(err, errNoFrame) {
			return sc, nil
		}
		switch {
		case err != nil:
			sc.broken = err
			if at, ok := wholeAfter(b[sc.off:], sc.last+1, info.chain); ok {
				sc.after = sc.off + int64(at)
			}
		case d.prev != sc.chain:
			sc.broken, sc.after = errors.New("frame does not continue the one before it"), sc.off
		case d.kind == kindEnd && d.LSN == sc.last:
			sc.ended = true
			return sc, nil
		case d.kind != kindCommit || d.LSN != sc.last+1:
			sc.broken, sc.after = fmt.Errorf("frame %d follows frame %d", d.LSN, sc.last), sc.off
		}
		if sc.broken != nil {
			sc.dirty = int64(len(b))
			for sc.dirty > sc.off && b[sc.dirty-1] == 0 {
				sc.dirty--
			}
			return sc, nil
		}
		if fn != nil {
			if err := fn(d); err != nil {
				return sc, err
			}
		}
		sc.last, sc.chain = d.LSN, d.check
		sc.begin = sc.off
		sc.off += int64(d.size)
	}
	return sc, nil
}

// makeFile makes a file of the given size whose blocks are written, with zeros,
// so that later writes change neither its size nor its extents.
func makeFile(fsys vfs.FS, name string, size int64) (vfs.File, error) {
	f, err := fsys.Create(name)
	if err != nil {
		return nil, err
	}
	if err := fillZeros(f, size); err != nil {
		f.Close()
		_ = fsys.Remove(name) // what remains is removed at the next attempt
		return nil, err
	}
	return f, nil
}

func fillZeros(f vfs.File, size int64) error {
	if err := f.Allocate(0, size); err != nil {
		return err
	}
	zero := make([]byte, min(size, 1<<20))
	for off := int64(0); off < size; off += int64(len(zero)) {
		if _, err := f.WriteAt(zero[:min(int64(len(zero)), size-off)], off); err != nil {
			return err
		}
	}
	return nil
}

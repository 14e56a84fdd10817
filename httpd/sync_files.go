package httpd

import (
	"scaidrive/engine"
	"scaidrive/engine/transfer"
	"scaidrive/httpd/wire"
)

// fetchFiles answers with the contents of many files.
func fetchFiles(c *call) error {
	var in wire.FetchFiles
	if err := c.decode(&in, false); err != nil {
		return err
	}
	files := make([]transfer.FileVersion, len(in.Files))
	for i, f := range in.Files {
		id, err := bodyID(engine.PrefixFile, f.FileID, "files", i, "file_id")
		if err != nil {
			return err
		}
		files[i] = transfer.FileVersion{File: id, Version: f.Version}
	}
	write, err := c.s.o.Transfer.FetchFiles(c.ctx, c.who, files, wire.FileFrameSize, fileFrame)
	if err != nil {
		return err
	}
	c.setHeader("Content-Type", "application/octet-stream")
	c.setHeader("Cache-Control", "private, no-store")
	if len(files) == 0 {
		return c.stream(200, 0, nil)
	}
	return c.stream(200, -1, write)
}

// fileFrame is the head of a file's frame.
func fileFrame(dst []byte, h transfer.FileHead) []byte {
	f := wire.FileFrame{Index: h.At, Status: 200, Version: h.Version, Size: h.Size}
	if h.Err != nil {
		f = wire.FileFrame{Index: h.At, Status: answerTo(h.Err, "body").status}
	}
	return f.AppendTo(dst)
}

package client

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"

	"scaidrive/httpd/wire"
)

// The bounds of FetchFiles.
const (
	FetchLimit = wire.FetchFilesMax   // files
	FetchBytes = wire.FetchFilesBytes // of content in all
)

const fetchBuffer = 256 << 10

// FetchFiles asks for the contents of many small files at once, at most
// FetchLimit and FetchBytes, and calls each for every one in the order asked, with
// the head of its frame and a reader of its Size bytes, of which each reads as many
// as it likes while it is called. Nothing is verified: each compares with what it
// knows of the file. An error of each ends it and is given back as it is.
// ErrBrokenOff: the answer ended early, whatever each made of that, or is not one.
func (c *Client) FetchFiles(ctx context.Context, files []wire.FileVersion, each func(f wire.FileFrame, content io.Reader) error) error {
	r, err := call{method: http.MethodPost, path: "/sync/files/fetch", repeat: true}.jsonBody(wire.FetchFiles{Files: files})
	if err != nil {
		return err
	}
	resp, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	broken := func(err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", ErrBrokenOff, err)
	}
	in := bufio.NewReaderSize(resp.Body, fetchBuffer)
	var head [wire.FileFrameSize]byte
	for i := range files {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return broken(err)
		}
		f, err := wire.ParseFileFrame(head[:])
		if err == nil && f.Index != i {
			err = fmt.Errorf("file %d came in the place of file %d", f.Index, i)
		}
		if err != nil {
			return broken(err)
		}
		content := frameContent{in: in, left: f.Size}
		err = each(f, &content)
		if content.err != nil {
			return broken(content.err)
		}
		if err != nil {
			return err
		}
		if _, err := in.Discard(int(content.left)); err != nil {
			return broken(err)
		}
	}
	// The end is read, so that the connection can be used again.
	switch _, err := in.ReadByte(); err {
	case io.EOF:
		return nil
	case nil:
		return broken(fmt.Errorf("more came than was asked for"))
	default:
		return broken(err)
	}
}

// frameContent reads the content of one frame and remembers that it was cut off.
type frameContent struct {
	in   *bufio.Reader
	left int64
	err  error
}

func (f *frameContent) Read(p []byte) (int, error) {
	if f.err != nil || f.left == 0 {
		return 0, cmp.Or(f.err, io.EOF)
	}
	n, err := f.in.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	f.err = err
	return n, err
}

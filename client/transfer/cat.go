package transfer

import (
	"context"
	"errors"
	"io"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// Cat writes a file's content to w and checks it on the way: content with
// another checksum than announced is an error after the last byte. It is taken
// up again where it breaks off.
func Cat(ctx context.Context, api API, it *wire.Item, w io.Writer) error {
	if it.Size == nil || it.ChecksumSHA256 == nil {
		return errors.New("the server gave no size or no checksum")
	}
	sum := newStreamSum()
	defer sum.stop()
	var off int64
	for tries := 0; off < *it.Size; {
		n, err := catOnce(ctx, api, it, off, io.MultiWriter(w, sum))
		off += n
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case !errors.Is(err, client.ErrBrokenOff):
			return err
		case n == 0:
			if tries++; tries >= readTriesGet {
				return err
			}
		}
	}
	if sum.sum() != *it.ChecksumSHA256 {
		return errChecksum
	}
	return nil
}

func catOnce(ctx context.Context, api API, it *wire.Item, off int64, w io.Writer) (int64, error) {
	body, length, err := api.Content(ctx, it.ID, it.Version, off)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	if length != *it.Size {
		return 0, client.ErrLength
	}
	from := &markedReader{r: body}
	n, err := io.Copy(w, io.LimitReader(from, *it.Size-off))
	if err == nil && off+n < *it.Size {
		from.err = io.ErrUnexpectedEOF
	}
	if from.err != nil {
		return n, errors.Join(client.ErrBrokenOff, from.err)
	}
	return n, err
}

// markedReader remembers that it was reading that failed, not writing.
type markedReader struct {
	r   io.Reader
	err error
}

func (m *markedReader) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

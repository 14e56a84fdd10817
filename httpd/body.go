package httpd

import (
	"io"
	"time"
)

// What is read of a body that the handler left, so that the connection can be
// used again; above that it is closed.
const (
	drainBytes = 256 << 10
	drainTime  = 2 * time.Second
)

// A body reads a request's body once, in order, and never more than its limit.
// It remembers how it ended. Not for concurrent use.
type body struct {
	src    io.Reader // nil: there is none
	length int64     // announced, -1 unknown
	limit  int64     // -1: none
	conn   *conn     // the body comes from; nil in tests
	n      int64     // read so far
	whole  []byte    // all of it, once all has read it
	err    error     // io.EOF after the last byte
}

// Read reads. Beyond the limit the error is a failure with status 413.
func (b *body) Read(p []byte) (int, error) {
	if b.src == nil && b.err == nil {
		b.err = io.EOF
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.src.Read(p)
	b.n += int64(n)
	if b.limit >= 0 && b.n > b.limit {
		over := int(min(b.n-b.limit, int64(n)))
		b.err = fail(413, "The body is over the limit of this call")
		return n - over, b.err
	}
	// The HTTP library takes whatever ends a connection between two chunks or
	// behind the last one for the end of the body; the gate knows better.
	if err == io.EOF {
		switch {
		case b.conn != nil && b.conn.gate.err != nil:
			err = b.conn.gate.err
		case b.n < b.length, b.length < 0 && b.conn != nil && !b.conn.whole():
			err = io.ErrUnexpectedEOF
		}
	}
	b.err = err
	return n, err
}

// all gives the whole body, which must be within the limit.
func (b *body) all() ([]byte, error) {
	if b.src == nil || b.whole != nil {
		return b.whole, nil
	}
	size := int64(512)
	if b.length >= 0 {
		size = min(b.length, 1<<20) + 1
	}
	buf := make([]byte, 0, size)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := b.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			b.whole = buf
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// broken is the error that ended the body, nil while it goes on or when it came
// whole.
func (b *body) broken() error {
	if b.err == io.EOF {
		return nil
	}
	return b.err
}

// finish reads what is left, within bounds, and reports whether the connection
// is at the end of the request.
func (b *body) finish() bool {
	if b.src == nil || b.err == io.EOF {
		return true
	}
	if b.err != nil || b.length-b.n > drainBytes {
		return false
	}
	b.limit = -1
	stop := time.Now().Add(drainTime)
	var buf [4096]byte
	for left := drainBytes; left > 0 && time.Now().Before(stop); {
		n, err := b.Read(buf[:])
		left -= n
		if err != nil {
			return err == io.EOF
		}
	}
	return false
}

package httpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// An outflow carries an answer's body from the goroutine that makes it to the
// connection, without a copy: its first Write waits until the head is out, then
// every Write goes straight through.
type outflow struct {
	c      *call
	length int64

	first chan struct{} // closed at the first Write, or when there is none
	sink  chan io.Writer
	gone  chan struct{} // closed when nobody will take the bytes
	done  chan struct{} // closed when the goroutine is over
	begin sync.Once
	leave sync.Once
	w     io.Writer // only the goroutine's
	n     int64     // written; the goroutine's until done
	last  byte      // held back until the end
	held  bool
	err   error // the goroutine's until done
}

var errNobody = errors.New("nobody takes the answer any more")

func newOutflow(c *call, length int64) *outflow {
	return &outflow{
		c: c, length: length, first: make(chan struct{}), sink: make(chan io.Writer, 1),
		gone: make(chan struct{}), done: make(chan struct{}),
	}
}

func (o *outflow) run(write func(context.Context, io.Writer) error) {
	defer func() {
		if v := recover(); v != nil {
			o.err = o.c.panicked(v)
		}
		if o.err == nil {
			o.err = o.finish()
		}
		close(o.done)
		o.begin.Do(func() { close(o.first) })
	}()
	o.err = write(o.c.ctx, o)
}

// started waits for the first byte, or for the end without one: its error.
func (o *outflow) started() error {
	<-o.first
	select {
	case <-o.done:
		if o.n == 0 && o.err != nil {
			return o.err
		}
	default:
	}
	return nil
}

// Write is called by the goroutine that makes the body.
func (o *outflow) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if o.w == nil {
		o.begin.Do(func() { close(o.first) })
		select {
		case o.w = <-o.sink:
		case <-o.gone:
			return 0, errNobody
		case <-o.c.ctx.Done():
			return 0, o.c.ctx.Err()
		}
	}
	if o.length >= 0 && (o.held || o.n+int64(len(p)) > o.length) {
		return 0, fmt.Errorf("more than %d bytes are written", o.length)
	}
	if o.n+int64(len(p)) == o.length {
		// The last byte goes out when the writer has no error to tell, so that
		// an error never follows a whole answer.
		o.last, o.held = p[len(p)-1], true
		n, err := o.w.Write(p[:len(p)-1])
		o.n += int64(n)
		if err != nil {
			return n, err
		}
		return n + 1, nil
	}
	n, err := o.w.Write(p)
	o.n += int64(n)
	return n, err
}

// finish writes the byte that was held back.
func (o *outflow) finish() error {
	if o.held {
		n, err := o.w.Write([]byte{o.last})
		o.n += int64(n)
		if err != nil {
			return err
		}
	}
	if o.length >= 0 && o.n != o.length {
		return fmt.Errorf("%d bytes were written instead of %d", o.n, o.length)
	}
	return nil
}

// Read is there for the interface; the body is always taken by WriteTo.
func (o *outflow) Read([]byte) (int, error) { return 0, errNobody }

// SupportsBodyWriteTo has WriteTo used.
func (o *outflow) SupportsBodyWriteTo() bool { return true }

// WriteTo lets the body flow to w and returns when it is over.
func (o *outflow) WriteTo(w io.Writer) (int64, error) {
	o.sink <- w
	<-o.done
	return o.n, o.err
}

// Close ends the call, whether or not the body was taken.
func (o *outflow) Close() error {
	o.leave.Do(func() {
		close(o.gone)
		<-o.done
		o.c.end(o.n, o.err)
	})
	return nil
}

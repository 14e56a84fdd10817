package session

import (
	"context"
	"errors"
	"io"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/transfer"
)

// PutAll takes the whole file in one body, as parts that come one after the other:
// what came whole before a body broke off is kept, as if each had been sent alone.
// While a part is made durable the next one is read, and never one more. When PutAll
// returns nil, all parts are durable.
//
// length is announced, -1 unknown. Nothing is taken of a body that announces another
// length than the file's; one that turns out longer is an error after the last part.
func (s *Service) PutAll(ctx context.Context, p *engine.Principal, id engine.ID, length int64, r io.Reader) error {
	at := placeOf(p, id)
	l := s.enter(id) // the session is busy between two parts too
	defer s.leave(id, l)
	var u *engine.Upload
	err := s.db.View(ctx, func(v *meta.View) (err error) {
		u, err = s.open(v, at)
		return err
	})
	if err != nil {
		return err
	}
	if length >= 0 && length != u.Size {
		return engine.Invalid("", "The body has %d bytes; the file has %d", length, u.Size)
	}
	b := &whole{s: s, p: p, at: at, l: l, r: r}
	for i := range u.Parts() {
		if err = b.take(ctx, i); err != nil {
			break
		}
	}
	if failed := b.settled(); failed != nil { // it came first
		err = failed
	}
	if err != nil {
		return err
	}
	var more [1]byte
	switch _, err := io.ReadFull(r, more[:]); {
	case err == nil:
		return engine.Invalid("", "The body is longer than the %d bytes of the file", u.Size)
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

// whole is a body with all parts of a session on its way in.
type whole struct {
	s  *Service
	p  *engine.Principal
	at place
	l  *live
	r  io.Reader

	front  *transfer.Front // behind the part that was read last; nil: the records know
	commit chan error      // takes what became of that part; nil: it is known
}

// settled waits for the commit that is under way and gives its error.
func (b *whole) settled() error {
	if b.commit == nil {
		return nil
	}
	err := <-b.commit
	b.commit = nil
	return err
}

// take reads part i, and leaves its commit under way. It looks at all that Put
// looks at.
func (b *whole) take(ctx context.Context, i uint32) error {
	s := b.s
	if err := s.mayPut(b.l); err != nil {
		return err
	}
	u, err := s.openFor(ctx, b.p, b.at)
	if err != nil {
		return err
	}
	body := &exact{r: io.LimitReader(b.r, u.PartLen(i)), want: u.PartLen(i)}
	from := b.front
	b.front = nil
	if from == nil && i <= u.Front {
		if from, err = s.frontAt(ctx, b.at, b.p, i); err != nil {
			return err
		}
	}
	if from == nil {
		return b.alone(ctx, i, body)
	}
	st, err := s.transfer.Stretch(ctx, b.p, *from, body, i+1 == u.Parts())
	if errors.Is(err, transfer.ErrSum) { // which comes before the first byte is read
		return b.alone(ctx, i, body)
	}
	if err != nil {
		return err
	}
	if err := b.settled(); err != nil {
		return err
	}
	b.front = &transfer.Front{Chunking: from.Chunking, Sum: st.Sum, Tail: st.Tail}
	done := make(chan error, 1)
	b.commit = done
	go func() { done <- s.acknowledge(ctx, b.p, b.at, b.l, partOf(b.at, i, st), from) }()
	return nil
}

// alone takes a part as one that was sent alone.
func (b *whole) alone(ctx context.Context, i uint32, body *exact) error {
	if err := b.settled(); err != nil {
		return err
	}
	return b.s.Put(ctx, b.p, b.at.id, Part{Index: int64(i), Length: body.want}, body.r)
}

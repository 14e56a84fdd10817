package session

import (
	"context"
	"errors"
	"io"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer"
)

// A Part is a part on its way in.
type Part struct {
	Index  int64
	Length int64     // announced, -1 unknown
	SHA256 *[32]byte // announced, nil if not
}

// FieldPartSHA256 names the announced hash of a part in an engine.KindInvalid.
const FieldPartSHA256 = "x_chunk_sha256"

// Put takes a part. When it returns nil, the part is durable. Parts come in any
// order and at once; one that comes again with other bytes replaces the first. It
// reads r to its end or, after an error, leaves the rest unread; memory is
// constant.
func (s *Service) Put(ctx context.Context, p *engine.Principal, id engine.ID, part Part, r io.Reader) error {
	at := placeOf(p, id)
	l := s.enter(id)
	defer s.leave(id, l)
	if err := s.mayPut(l); err != nil {
		return err
	}
	u, err := s.openFor(ctx, p, at)
	if err != nil {
		return err
	}
	if part.Index < 0 || part.Index >= int64(u.Parts()) {
		return engine.Invalid("", "There is no part %d; the file has %d", part.Index, u.Parts())
	}
	index := uint32(part.Index)
	body := &exact{r: r, want: u.PartLen(index)}
	switch {
	case part.Length > body.want:
		return wrongLength(body.want)
	case part.Length >= 0 && part.Length < body.want:
		return engine.Invalid("", "The part has %d bytes; %d belong to it", part.Length, body.want)
	}
	if index <= u.Front {
		from, err := s.frontAt(ctx, at, p, index)
		if err != nil {
			return err
		}
		if from != nil {
			err := s.stream(ctx, p, at, l, u, index, from, part.SHA256, body)
			if !errors.Is(err, transfer.ErrSum) { // which comes before the first byte is read
				return err
			}
			if err := s.rewind(ctx, at); err != nil {
				return err
			}
		}
	}
	return s.keep(ctx, p, at, l, index, part.SHA256, body)
}

// openFor reads an open session for who may still write where it goes.
func (s *Service) openFor(ctx context.Context, p *engine.Principal, at place) (u *engine.Upload, err error) {
	err = s.db.View(ctx, func(v *meta.View) (err error) {
		if u, err = s.open(v, at); err == nil {
			err = s.mayGoOn(v, p, u)
		}
		return err
	})
	return u, err
}

// mayGoOn answers nil for who may still write where a session goes: who lost that since
// it began, or whose time is over, has nothing more stored. All else is asked when it is
// completed; a folder that is gone by then is no reason to refuse a part.
func (s *Service) mayGoOn(r schema.Reader, p *engine.Principal, u *engine.Upload) error {
	on, right := u.Replace, engine.RightWrite
	if on.IsZero() {
		on, right = u.Parent, engine.RightCreate
	}
	if on.IsZero() {
		on = u.Share
	}
	if _, err := access.Check(r, p, on, right); engine.KindOf(err) != engine.KindGone {
		return err
	}
	return nil
}

// mayPut refuses parts that can't be taken now.
func (s *Service) mayPut(l *live) error {
	if s.completing(l) {
		return errCompleting()
	}
	if err := s.Failed(); err != nil {
		return err
	}
	return s.env.CheckRoom()
}

func checkHash(announced *[32]byte, got [32]byte) error {
	if announced != nil && *announced != got {
		return engine.Invalid(FieldPartSHA256, "The bytes received have the SHA-256 %x, not the one announced", got)
	}
	return nil
}

// stream takes a part at the front, or behind it, straight into the chunk store.
func (s *Service) stream(ctx context.Context, p *engine.Principal, at place, l *live, u *engine.Upload, index uint32, from *transfer.Front, announced *[32]byte, body io.Reader) error {
	st, err := s.transfer.Stretch(ctx, p, *from, body, index+1 == u.Parts())
	if err != nil {
		return err
	}
	if err := checkHash(announced, st.SHA256); err != nil {
		return err
	}
	return s.acknowledge(ctx, p, at, l, partOf(at, index, st), from)
}

// keep spools a part that is ahead of the front.
func (s *Service) keep(ctx context.Context, p *engine.Principal, at place, l *live, index uint32, announced *[32]byte, body *exact) (err error) {
	part := &engine.UploadPart{User: at.user, Upload: at.id, Index: index, Size: uint32(body.want)}
	w, err := s.spool.create(at.id, index, body.want)
	if err != nil {
		return err
	}
	part.Spool = w.id
	done := false
	defer func() {
		if !done {
			w.discard()
		}
	}()
	if part.SHA256, err = w.take(body); err != nil {
		return err
	}
	if err := checkHash(announced, part.SHA256); err != nil {
		return err
	}
	if err := w.finish(); err != nil {
		return s.syncFailed(err)
	}
	done = true // acknowledge knows whether the file is named
	return s.acknowledge(ctx, p, at, l, part, nil)
}

// syncFailed keeps the first failed sync of a spool file: what the disk did not
// take once is not believed again.
func (s *Service) syncFailed(err error) error {
	if e, ok := err.(*syncError); ok {
		s.failed.CompareAndSwap(nil, &engine.Error{
			Kind: engine.KindUnavailable, Msg: "The server takes no writes now", Err: e.err})
		return s.Failed()
	}
	return err
}

// acknowledge commits a part that is stored, and removes the spool files that
// this leaves without a name. Its bytes may have taken long: who may not write there any
// more by now has nothing committed.
func (s *Service) acknowledge(ctx context.Context, p *engine.Principal, at place, l *live, part *engine.UploadPart, from *transfer.Front) error {
	var did outcome
	err := s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		if s.completing(l) {
			return errCompleting()
		}
		u, err := s.open(tx, at)
		if err == nil {
			err = s.mayGoOn(tx, p, u)
		}
		if err != nil {
			return err
		}
		did, err = s.settle(tx, at, part, from, false)
		return err
	})
	if err != nil {
		s.notAcknowledged(ctx, at, part, err)
		return err
	}
	s.spool.removeAll(at.id, part.Index, did.unnamed)
	if did.next {
		s.enqueue(at)
	}
	return nil
}

// notAcknowledged removes the spool file of a part that was not committed. Where
// it is not known whether it was, the file stays until the session or the process
// ends.
func (s *Service) notAcknowledged(ctx context.Context, at place, part *engine.UploadPart, err error) {
	switch engine.KindOf(err) {
	case engine.KindNotFound, engine.KindForbidden, engine.KindGone, engine.KindConflict, engine.KindNoSpace:
	default:
		return
	}
	s.spool.removeAll(at.id, part.Index, []engine.ID{part.Spool})
	err = s.db.View(context.WithoutCancel(ctx), func(v *meta.View) error {
		_, err := s.open(v, at)
		return err
	})
	if err != nil && engine.KindOf(err) != engine.KindInternal {
		s.spool.clear(at.id)
	}
}

// An outcome is what a commit of a part means for the rest.
type outcome struct {
	unnamed []engine.ID // spool files of the part that nothing names any more
	next    bool        // the front can go on
	stale   bool        // the part was another one meanwhile
}

// settle puts a part into the records, in a mutation. from is the front that it
// was cut at, nil if it was not cut. again says that it is no new part, but a
// stored one that the front has come to.
func (s *Service) settle(tx *meta.Tx, at place, part *engine.UploadPart, from *transfer.Front, again bool) (did outcome, err error) {
	u, err := s.open(tx, at)
	if err != nil {
		return did, err
	}
	old, err := stored(tx, at, part.Index)
	if err != nil {
		return did, err
	}
	same := old != nil && old.SHA256 == part.SHA256
	fits := false
	if from != nil && part.Index <= u.Front {
		sum, ok, err := sumBefore(tx, at, part.Index)
		if err != nil {
			return did, err
		}
		fits = ok && string(sum) == string(from.Sum)
	}
	front := u.Front
	switch {
	case same && part.Index < u.Front:
		did.unnamed = append(did.unnamed, part.Spool)
		part = nil
	case fits && (same || !again):
		front = part.Index + 1
	case again:
		return outcome{stale: true}, nil
	case same:
		did.unnamed = append(did.unnamed, part.Spool)
		part = nil
	default:
		ahead := *part
		ahead.Sum = nil // not before the front: it says nothing
		part, front = &ahead, min(front, part.Index)
	}
	if part != nil {
		if old != nil && old.Spool != part.Spool {
			did.unnamed = append(did.unnamed, old.Spool)
		}
		if err := schema.PutUploadPart(tx, at.tenant, part); err != nil {
			return did, err
		}
	}
	if from != nil {
		tx.NeedChunks() // also of the same bytes again: they may have healed a chunk
	}
	if !again {
		u.TouchedAt = s.env.Now()
	}
	u.Front = front
	if err := schema.PutUpload(tx, at.tenant, u); err != nil {
		return did, err
	}
	if front < u.Parts() {
		next, err := stored(tx, at, front)
		if err != nil {
			return did, err
		}
		did.next = next != nil
	}
	return did, nil
}

// partOf is the record of a part that was cut.
func partOf(at place, index uint32, st *transfer.Stretch) *engine.UploadPart {
	return &engine.UploadPart{
		User: at.user, Upload: at.id, Index: index, Size: uint32(st.Size), SHA256: st.SHA256,
		Skip: uint32(st.Skip), Chunks: st.Chunks, Rest: st.Rest, Sum: st.Sum,
	}
}

func stretchOf(part *engine.UploadPart) *transfer.Stretch {
	return &transfer.Stretch{Size: int64(part.Size), SHA256: part.SHA256, Skip: int(part.Skip), Chunks: part.Chunks, Rest: part.Rest, Sum: part.Sum}
}

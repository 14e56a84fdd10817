package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
	"scaidrive/engine/tree"
)

// Complete makes the file, or the version, of a session whose parts are all here,
// and tells the same when it is asked again. match, when not nil, says whether a
// new version may replace one (else KindPrecondition). Missing parts, and a
// complete that is running already, are KindConflict; bytes with another hash
// than announced KindInvalid "checksum_sha256", and the session stays open.
func (s *Service) Complete(ctx context.Context, p *engine.Principal, id engine.ID, match func(version engine.ID) bool) (*tree.Located, error) {
	at := placeOf(p, id)
	l := s.enter(id)
	defer s.leave(id, l)
	c := completion{s: s, p: p, at: at, l: l, match: match}
	made, err := c.again(ctx)
	if made != nil || err != nil {
		return made, err
	}
	if !s.begin(l) {
		return nil, errCompleting()
	}
	defer s.end(l)
	if made, err := c.again(ctx); made != nil || err != nil {
		return made, err // it ended just now
	}
	if err := s.Failed(); err != nil {
		return nil, err
	}
	if err := s.env.CheckRoom(); err != nil {
		return nil, err
	}
	for range maxAttempts {
		made, err = c.run(ctx)
		if !errors.Is(err, errChanged) {
			break
		}
	}
	if errors.Is(err, errChanged) {
		err = engine.E(engine.KindConflict, "The upload session or the file changes all the time; try again")
	}
	if err != nil {
		return nil, err
	}
	s.tidy(ctx, at)
	return made, nil
}

// maxAttempts is how often a completion begins again because something changed
// under it: each time a part was lost, or the file got another version.
const maxAttempts = 100

var errChanged = errors.New("the session or the file has changed")

func (s *Service) begin(l *live) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := l.completing
	l.completing = true
	return !was
}

func (s *Service) end(l *live) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.completing = false
}

// A completion is the work of one call of Complete.
type completion struct {
	s     *Service
	p     *engine.Principal
	at    place
	l     *live
	match func(engine.ID) bool
}

// again gives what has come of a completed session: the file where it is now,
// with the content that it was completed with; nil for an open one.
func (c *completion) again(ctx context.Context) (made *tree.Located, err error) {
	err = c.s.db.View(ctx, func(v *meta.View) error {
		made = nil
		u, err := c.s.find(v, c.at)
		if err != nil || u.Status == engine.UploadOpen {
			return err
		}
		made, err = tree.FileAt(v, c.p, u.File, u.Version)
		return err
	})
	return made, err
}

// run is one attempt.
func (c *completion) run(ctx context.Context) (*tree.Located, error) {
	var u *engine.Upload
	err := c.s.db.View(ctx, func(v *meta.View) (err error) {
		if u, err = c.s.open(v, c.at); err != nil {
			return err
		}
		if err := c.mayReplace(v, u); err != nil {
			return err
		}
		return c.s.check(v, c.p, u)
	})
	if err != nil {
		return nil, err
	}
	received, err := c.s.received(ctx, c.at, u)
	if err != nil {
		return nil, err
	}
	if err := missing(received, u.Parts()); err != nil {
		return nil, err
	}
	for moved := true; moved; {
		if moved, err = c.s.advance(ctx, c.at, c.l); err != nil {
			return nil, err
		}
	}
	content, sum, err := c.assemble(ctx, u)
	if err != nil {
		return nil, err
	}
	if u.HasSHA256 && content.SHA256 != u.SHA256 {
		return nil, engine.Invalid("checksum_sha256", "The bytes received have the SHA-256 %x, not the one announced", content.SHA256)
	}
	base, kept, err := c.kept(ctx, u, &content)
	if err != nil {
		return nil, err
	}
	return c.commit(ctx, content, sum, base, kept)
}

// mayReplace holds the file's version to the caller's condition.
func (c *completion) mayReplace(r schema.Reader, u *engine.Upload) error {
	if c.match == nil {
		return nil
	}
	if !u.Replace.IsZero() {
		sub, err := access.Check(r, c.p, u.Replace, engine.RightWrite)
		if err != nil {
			return err
		}
		if c.match(sub.Node.VersionID) {
			return nil
		}
	}
	return engine.E(engine.KindPrecondition, "The file has another version than If-Match names")
}

// assemblePage is how many parts' records are read at once.
const assemblePage = 64

// assemble makes the content of all the parts, and gives the state of the hash
// that it was made with. A chunk that is not there any more makes its part
// missing.
func (c *completion) assemble(ctx context.Context, u *engine.Upload) (content engine.Content, sum []byte, err error) {
	a := c.s.transfer.Assemble(c.p, u.Chunking)
	for next, total := uint32(0), u.Parts(); next < total; {
		var page []*engine.UploadPart
		err := c.s.db.View(ctx, func(v *meta.View) error {
			page = page[:0]
			now, err := c.s.open(v, c.at)
			if err == nil && now.Front != total {
				err = errChanged
			}
			if err != nil {
				return err
			}
			return schema.ScanUploadParts(v, c.at.tenant, c.at.user, c.at.id, next, func(part *engine.UploadPart) (bool, error) {
				page = append(page, part)
				return len(page) < assemblePage, nil
			})
		})
		if err != nil {
			return content, nil, err
		}
		for i, part := range page {
			if part.Index != next+uint32(i) {
				page = page[:i]
				break
			}
		}
		if len(page) == 0 {
			return content, nil, c.lost(ctx, next)
		}
		for _, part := range page {
			ok, err := a.Add(ctx, part.Chunks)
			if err != nil {
				return content, nil, err
			}
			if !ok {
				return content, nil, c.lost(ctx, part.Index)
			}
			sum = part.Sum
			next++
		}
	}
	content, err = a.Finish(ctx, sum)
	if err == nil && content.Size != u.Size {
		err = fmt.Errorf("the parts of a session have %d bytes, not %d", content.Size, u.Size)
	}
	return content, sum, err
}

// lost makes a part missing whose bytes are gone.
func (c *completion) lost(ctx context.Context, index uint32) error {
	if err := c.s.lose(ctx, c.at, index, nil); err != nil {
		return err
	}
	return errChanged
}

// kept tells what of the version that is replaced goes on to count.
func (c *completion) kept(ctx context.Context, u *engine.Upload, content *engine.Content) (base *engine.Version, kept int64, err error) {
	if u.Replace.IsZero() {
		return nil, 0, nil
	}
	err = c.s.db.View(ctx, func(v *meta.View) error {
		sub, err := access.Check(v, c.p, u.Replace, engine.RightWrite)
		if err != nil {
			return err
		}
		base, err = tree.CurrentVersion(v, c.at.tenant, sub.Node)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	kept, err = c.s.transfer.Kept(ctx, c.p, base, content)
	return base, kept, err
}

// commit makes the file and ends the session in one commit, if the session and
// the file are still those that the content was made for.
func (c *completion) commit(ctx context.Context, content engine.Content, sum []byte, base *engine.Version, kept int64) (made *tree.Located, err error) {
	err = c.s.db.Update(ctx, func(tx *meta.Tx) error {
		u, err := c.s.open(tx, c.at)
		if err != nil {
			return err
		}
		now, ok, err := sumBefore(tx, c.at, u.Parts())
		if err != nil {
			return err
		}
		if !ok || u.Front != u.Parts() || string(now) != string(sum) {
			return errChanged
		}
		if err := c.mayReplace(tx, u); err != nil {
			return err
		}
		spec, err := c.s.fileSpec(tx, c.p, u)
		if err != nil {
			return err
		}
		if base != nil && spec.Base != base.ID {
			return errChanged
		}
		spec.Content, spec.Kept = content, kept
		if made, _, err = c.s.tree.PutFile(tx, c.p, spec); err != nil {
			return err
		}
		tx.NeedChunks()
		u.Status, u.TouchedAt = engine.UploadCompleted, c.s.env.Now()
		u.File, u.Version, u.VersionID = made.Node.ID, made.Node.Version, made.Node.VersionID
		if err := schema.PutUpload(tx, c.at.tenant, u); err != nil {
			return err
		}
		if err := dropFewParts(tx, c.at); err != nil {
			return err
		}
		return once.Keep(ctx, tx, once.Node(made.Node))
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// maxNamed is how many missing parts an answer names.
const maxNamed = 100

// missing tells which parts are missing.
func missing(received [][2]uint32, total uint32) error {
	var named []string
	count, next := uint32(0), uint32(0)
	gap := func(to uint32) { // [next, to) is missing
		for i := next; i < to && len(named) < maxNamed; i++ {
			named = append(named, strconv.FormatUint(uint64(i), 10))
		}
		count += to - next
	}
	for _, r := range received {
		gap(r[0])
		next = r[1] + 1
	}
	gap(total)
	if count == 0 {
		return nil
	}
	more := ""
	if count > maxNamed {
		more = fmt.Sprintf(", and %d more", count-maxNamed)
	}
	return engine.E(engine.KindConflict, "%d of %d parts are missing: %s%s", count, total, strings.Join(named, ", "), more)
}

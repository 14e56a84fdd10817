package transfer

import (
	"context"
	"crypto/sha256"
	"io"
	"time"

	"scaidrive/chunkstore/split"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/once"
	"scaidrive/engine/tree"
)

// UploadSpec describes a plain upload.
type UploadSpec struct {
	Share, Parent engine.ID
	Name          string
	ModifiedAt    time.Time
	Size          int64     // announced length, -1 unknown
	SHA256        *[32]byte // announced, nil if not; a difference is KindInvalid "checksum_sha256"
}

// checkEvery is after how many bytes of a body rights, name, limits and room are
// looked at again.
const checkEvery = 64 << 20

// Upload reads a new file's bytes from r with constant memory, stores them and
// makes the file. It checks rights, name, a taken name and quota before the first
// byte is read and again in the commit. A body of another length than announced
// is KindInvalid "file_size". On any error nothing is visible. It reads r to its
// end, or, after an error, leaves the rest unread.
func (s *Service) Upload(ctx context.Context, p *engine.Principal, spec UploadSpec, r io.Reader) (*tree.Located, error) {
	file := tree.FileSpec{Share: spec.Share, Parent: spec.Parent, Name: spec.Name, ModifiedAt: spec.ModifiedAt}
	file.Content.Size = max(spec.Size, 0)
	if err := s.checkPut(ctx, p, file); err != nil {
		return nil, err
	}
	if err := s.env.CheckRoom(); err != nil {
		return nil, err
	}
	body := &body{r: r, announced: spec.Size, next: checkEvery}
	body.check = func(size int64) error {
		file := file
		file.Content.Size = max(spec.Size, size)
		if err := s.checkPut(ctx, p, file); err != nil {
			return err
		}
		return s.env.CheckRoom()
	}
	content, err := s.ingest(ctx, p, body)
	if err != nil {
		return nil, err
	}
	if spec.SHA256 != nil && *spec.SHA256 != content.SHA256 {
		return nil, engine.Invalid("checksum_sha256", "The bytes received have the SHA-256 %x, not the one announced", content.SHA256)
	}
	file.Content = content
	var made *tree.Located
	err = s.db.Update(ctx, func(tx *meta.Tx) error {
		var err error
		if made, _, err = s.tree.PutFile(tx, p, file); err != nil {
			return err
		}
		tx.NeedChunks()
		return once.Keep(ctx, tx, once.Node(made.Node))
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

func (s *Service) checkPut(ctx context.Context, p *engine.Principal, spec tree.FileSpec) error {
	return s.db.View(ctx, func(v *meta.View) error { return s.tree.Check(v, p, spec) })
}

// body is an upload's stream: it holds the length to what was announced, and
// looks at the limits again now and then.
type body struct {
	r         io.Reader
	announced int64 // -1: unknown
	got       int64
	next      int64
	check     func(size int64) error
	err       error // stays: a reader of full buffers may not see it the first time
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.read(p)
	b.err = err
	return n, err
}

func (b *body) read(p []byte) (int, error) {
	if b.announced >= 0 {
		// One more byte than announced shows a body that is too long.
		p = p[:min(int64(len(p)), b.announced-b.got+1)]
	}
	n, err := b.r.Read(p)
	b.got += int64(n)
	switch {
	case b.announced >= 0 && b.got > b.announced:
		return n, engine.Invalid("file_size", "The body is longer than the %d bytes announced", b.announced)
	case err == io.EOF && b.got < b.announced:
		return n, engine.Invalid("file_size", "The body ended after %d of the %d bytes announced", b.got, b.announced)
	case err != nil && err != io.EOF:
		return n, bodyError(err)
	case b.got >= b.next:
		b.next = b.got + checkEvery
		if cerr := b.check(b.got); cerr != nil {
			return n, cerr
		}
	}
	return n, err
}

// bodyError is the answer to a body that broke off. An error that says itself
// what it means keeps its kind.
func bodyError(err error) error {
	if engine.KindOf(err) != engine.KindInternal {
		return err
	}
	return &engine.Error{Kind: engine.KindMalformed, Msg: "The body broke off", Err: err}
}

// Fill reads until b is full. Unlike that of io.ReadFull its error is r's own: a
// body that broke off, which is io.ErrUnexpectedEOF, is no body that ended.
func Fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

// ingest cuts, hashes and stores a stream. What it returns is verified, and
// durable with the next commit that needs chunks.
func (s *Service) ingest(ctx context.Context, p *engine.Principal, r io.Reader) (engine.Content, error) {
	set := split.Default()
	first := s.blocks.small()
	n, err := Fill(r, first.buf)
	switch {
	case err == io.EOF:
		// All of it is here, and it is one chunk: one hash, no other goroutine.
		defer first.drop()
		return s.ingestOne(ctx, p, set, first.buf[:n])
	case err != nil:
		first.drop()
		return engine.Content{}, err
	}
	return s.ingestMany(ctx, p, set, first, r)
}

// ingestOne stores a content of at most one chunk.
func (s *Service) ingestOne(ctx context.Context, p *engine.Principal, set split.Set, data []byte) (engine.Content, error) {
	l := s.newList(p, set.Name)
	hash := sha256.Sum256(data)
	if len(data) > 0 {
		c := engine.Chunk{Hash: hash, Size: uint32(len(data))}
		if _, err := s.put(ctx, p, c, data); err != nil {
			return engine.Content{}, err
		}
		if err := l.add(ctx, c); err != nil {
			return engine.Content{}, err
		}
	}
	content, err := l.finish(ctx)
	content.SHA256, content.HashState = hash, engine.HashVerified
	return content, err
}

package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/manifest"
	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/tree"
)

// An Opened is a version's content, ready to be read.
type Opened struct {
	Located *tree.Located
	Version *engine.Version
	s       *Service
	p       *engine.Principal
}

// Open finds a file's content; version 0 is the current one. It needs READ.
func (s *Service) Open(ctx context.Context, p *engine.Principal, file engine.ID, version uint64) (*Opened, error) {
	return s.open(ctx, p, version, func(v *meta.View) (*access.Subject, error) {
		return access.Check(v, p, file, engine.RightRead)
	})
}

// OpenListed is Open for a version that a listing has just shown to the caller,
// who was told of it: that the file was put into the trash since does not close
// it, a lost right does.
func (s *Service) OpenListed(ctx context.Context, p *engine.Principal, file engine.ID, version uint64) (*Opened, error) {
	return s.open(ctx, p, version, func(v *meta.View) (*access.Subject, error) {
		sub, err := access.Resolve(v, p.Tenant, file)
		if err != nil {
			return nil, err
		}
		have, err := access.Rights(v, p, sub)
		if err == nil && have&engine.RightRead == 0 {
			err = access.NotFound()
		}
		return sub, err
	})
}

func (s *Service) open(ctx context.Context, p *engine.Principal, version uint64, check func(*meta.View) (*access.Subject, error)) (*Opened, error) {
	o := &Opened{s: s, p: p}
	err := s.db.View(ctx, func(v *meta.View) error {
		sub, err := check(v)
		if err != nil {
			return err
		}
		if sub.Node.Kind != engine.KindFile {
			return access.NotFound()
		}
		o.Located = tree.Locate(sub)
		o.Version, err = tree.Version(v, p.Tenant, sub.Node, version)
		return err
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// OpenKept gives a content that is kept elsewhere than in a version, as one of a
// version made up for it. The caller has decided that p may read it.
func (s *Service) OpenKept(p *engine.Principal, at *tree.Located, v *engine.Version) *Opened {
	return &Opened{Located: at, Version: v, s: s, p: p}
}

// Tenant is whose content it is.
func (o *Opened) Tenant() engine.ID { return o.p.TenantID }

// damaged names the file and version in what the chunk store found.
func (o *Opened) damaged(err error) error {
	var bad *chunkstore.DamagedError
	if errors.As(err, &bad) || errors.Is(err, chunkstore.ErrNotFound) || errors.Is(err, manifest.ErrMalformed) || engine.KindOf(err) == engine.KindDamaged {
		return &engine.Error{
			Kind: engine.KindDamaged,
			Msg: fmt.Sprintf("The stored content of %s, version %d (%s), is damaged",
				o.Located.Node.ID.Format(engine.PrefixFile), o.Version.Number, o.Located.Path),
			Err: err,
		}
	}
	return storeError(err)
}

// WriteRange writes length bytes from off to w, verified and read ahead. The
// first chunk is verified before the first byte is written. A full read in order
// of a version whose hash is only claimed verifies it: when the claim is false,
// the record is corrected and the last bytes are held back, so that the reader,
// who was told the false hash, never sees the end.
func (o *Opened) WriteRange(ctx context.Context, w io.Writer, off, length int64) error {
	c := &o.Version.Content
	if off < 0 || length < 0 || off > c.Size || length > c.Size-off {
		return engine.E(engine.KindRange, "The content has %d bytes", c.Size)
	}
	if length == 0 {
		return nil
	}
	if off == 0 && length == c.Size && c.HashState != engine.HashVerified {
		check := newClaimWriter(w, length, c.SHA256)
		if err := o.write(ctx, check, off, length); err != nil && !check.wrong {
			return err
		}
		return o.settleClaim(ctx, check)
	}
	return o.write(ctx, w, off, length)
}

// settleClaim stores what a full read has found out about a claimed hash.
func (o *Opened) settleClaim(ctx context.Context, check *claimWriter) error {
	// Who read stays unharmed by a write that can't be made now: the next full
	// read tries again. But a false claim is never passed over.
	err := o.s.db.Update(context.WithoutCancel(ctx), func(tx *meta.Tx) error {
		return o.s.tree.SettleHash(tx, o.p.Tenant, o.Version, check.actual)
	})
	if !check.wrong {
		return nil
	}
	if o.s.OnFalseClaim != nil {
		o.s.OnFalseClaim(FalseClaim{
			Tenant: o.p.Tenant, File: o.Version.File, VersionID: o.Version.ID, Version: o.Version.Number,
			Author: o.Version.CreatedBy, Claimed: o.Version.Content.SHA256, Actual: check.actual,
		})
	}
	return &engine.Error{
		Kind: engine.KindDamaged,
		Msg: fmt.Sprintf("The SHA-256 told for %s, version %d, was not that of its bytes; it has been corrected",
			o.Located.Node.ID.Format(engine.PrefixFile), o.Version.Number),
		Err: err,
	}
}

// Manifest lists a version's chunks.
func (o *Opened) Manifest(ctx context.Context) ([]engine.Chunk, error) {
	list := make([]engine.Chunk, 0, o.Version.Content.Count)
	err := o.s.eachChunk(ctx, o.p, o.Version, func(c engine.Chunk) bool {
		list = append(list, c)
		return true
	})
	if err != nil {
		return nil, o.damaged(err)
	}
	return list, nil
}

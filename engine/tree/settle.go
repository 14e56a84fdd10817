package tree

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
)

// SettleHash records the whole-file hash that a full read of a version has
// computed, in the caller's mutation. A version that is gone, or whose hash is
// verified already, stays as it is. Where the hash is another than the one
// claimed and the version is current, the change log tells it, by nobody.
func (s *Service) SettleHash(w schema.Writer, t engine.TenantNo, read *engine.Version, actual [32]byte) error {
	v, err := schema.GetVersion(w, t, read.File, read.Number)
	if errors.Is(err, schema.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if v.ID != read.ID || v.Content.HashState == engine.HashVerified || v.Content.Digest != read.Content.Digest {
		return nil
	}
	wrong := v.Content.SHA256 != actual
	v.Content.SHA256, v.Content.HashState = actual, engine.HashVerified
	if err := schema.PutVersion(w, t, v); err != nil {
		return err
	}
	sub, err := access.Resolve(w, t, v.File)
	if engine.KindOf(err) == engine.KindNotFound && err != nil {
		return nil // the share was deleted meanwhile
	}
	if err != nil || sub.Node.VersionID != v.ID {
		return err
	}
	n := sub.Node
	n.SHA256, n.HashState = actual, engine.HashVerified
	if wrong {
		n.UpdatedAt = s.env.Now() // nothing that the change log tells of a file is later
	}
	if err := schema.PutNode(w, t, n); err != nil || !wrong || sub.Trashed != nil {
		return err
	}
	b := s.batch(w, w, &engine.Principal{Tenant: t})
	f := b.adopt(&access.Subject{Node: sub.Path[len(sub.Path)-1], Share: sub.Share, Path: sub.Path[:len(sub.Path)-1]})
	if _, err := b.done(f, n, engine.ChangeUpdated); err != nil {
		return err
	}
	return b.Flush()
}

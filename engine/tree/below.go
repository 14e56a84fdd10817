package tree

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
)

// below answers nil if the caller has a right on everything below a folder. What
// has no entries, cut or hold of its own is decided by the folder itself, so only
// the share's exceptions are looked at.
func (b *Batch) below(at revision, want engine.Right) error {
	sh := at.folder.share.share
	if at.node.Kind != engine.KindFolder || sh.Exceptions.Count == 0 {
		return nil
	}
	return schema.ScanExceptions(b.r, b.p.Tenant, sh, func(id engine.ID, _ *engine.Exception) error {
		sub, err := access.Resolve(b.r, b.p.Tenant, id)
		if err != nil && engine.KindOf(err) == engine.KindNotFound {
			return nil // it is being removed for good
		}
		if err != nil {
			return err
		}
		if id == at.node.ID || sub.Trashed != nil || !within(sub, at.node.ID) {
			return nil
		}
		have, err := access.Rights(b.r, b.p, sub)
		if err != nil {
			return err
		}
		if want&^have != 0 {
			return engine.E(engine.KindForbidden, "Permission denied on something in folder/%s", at.node.ID.Format(engine.PrefixFolder))
		}
		return nil
	})
}

func within(sub *access.Subject, folder engine.ID) bool {
	for _, up := range sub.Path {
		if up.ID == folder {
			return true
		}
	}
	return false
}

// A visitor is called for every node below a folder, parents before children.
type visitor func(n *engine.Node) error

// errTooMany ends a walk that met more than its bound.
var errTooMany = errors.New("more nodes than the bound")

// TooMany reports whether a copy or a move was refused because a folder holds more
// than one commit may take. In parts it is possible.
func TooMany(err error) bool { return errors.Is(err, errTooMany) }

// tooMany makes that error.
func tooMany(format string, args ...any) error {
	e := engine.E(engine.KindConflict, format, args...)
	e.Err = errTooMany
	return e
}

// descend visits what lives below a folder, at most *left nodes in all.
func (b *Batch) descend(folder engine.ID, left *int, visit visitor) error {
	rows, err := children(b.r, b.p.Tenant, folder, nil, *left+1)
	if err != nil {
		return err
	}
	if *left -= len(rows); *left < 0 {
		return errTooMany
	}
	for i := range rows {
		n, err := childNode(b.r, b.p.Tenant, folder, &rows[i].Child)
		if err != nil {
			return err
		}
		if err := visit(n); err != nil {
			return err
		}
		if n.Kind != engine.KindFolder {
			continue
		}
		if err := b.descend(n.ID, left, visit); err != nil {
			return err
		}
	}
	return nil
}

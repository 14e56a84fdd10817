package tree

import (
	"bytes"
	"errors"
	"fmt"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// A tally is what a listing has seen of a folder's children, or, after changes,
// what it would have seen now: it is kept true for the children up to the
// listing's place, so that at the end it can be compared with the folder's record
// however many pages the listing had and whatever changed between them.
type tally struct {
	files, folders int64
	digest         engine.Digest
}

func (y *tally) count(kind engine.NodeKind, by int64) {
	if kind == engine.KindFolder {
		y.folders += by
	} else {
		y.files += by
	}
}

func (y *tally) add(t engine.TenantNo, folder engine.ID, key []byte, c *engine.Child) {
	y.count(c.Kind, 1)
	y.digest = y.digest.Add(schema.ChildDigest(t, folder, key, c))
}

func (y *tally) remove(t engine.TenantNo, folder engine.ID, key []byte, c *engine.Child) {
	y.count(c.Kind, -1)
	y.digest = y.digest.Sub(schema.ChildDigest(t, folder, key, c))
}

func (y *tally) agrees(folder *engine.Node) bool {
	return y.files == folder.LiveFiles && y.folders == folder.LiveFolders && y.digest == folder.Children
}

// errSuspect says that a folder's children were not those that its record counts.
// It is told as damage only after recount has seen the same.
type errSuspect struct{ folder engine.ID }

func (e *errSuspect) Error() string {
	return fmt.Sprintf("the children of folder %s are not those that were counted", e.folder.Format(""))
}

// damagedListing is the answer for a folder whose children can't be told.
func damagedListing(folder engine.ID, err error) error {
	return &engine.Error{
		Kind: engine.KindDamaged,
		Msg:  fmt.Sprintf("The listing of folder %s is damaged: it does not agree with the folder's record", folder.Format(engine.PrefixFolder)),
		Err:  err,
	}
}

// maxReplay is how many rows of the change log a listing catches up with.
const maxReplay = 5000

// catchUp brings the tallies of all levels to the state of a new view by the
// rows of the change log since the last one: a child that came or went at a place
// already passed is added to or taken from the level's tally. When too much
// changed, the tallies are given up and the listing ends unverified.
func (l *listing) catchUp(r schema.Reader, t engine.TenantNo, sh *engine.Share) error {
	behind := l.seq
	l.seq = sh.Seq
	if !l.exact || behind == sh.Seq {
		return nil
	}
	if sh.Seq < behind || sh.Seq-behind > maxReplay {
		l.exact = false
		return nil
	}
	seen := uint64(0)
	err := schema.ScanChanges(r, t, sh.ID, behind, func(c *engine.Change) (bool, error) {
		seen++
		return true, l.replay(t, c)
	})
	if errors.Is(err, errUnknownChange) || err == nil && seen != sh.Seq-behind {
		l.exact = false
		return nil
	}
	return err
}

var errUnknownChange = errors.New("a change of an unknown kind")

// replay applies one row to the tallies.
func (l *listing) replay(t engine.TenantNo, c *engine.Change) error {
	switch c.Kind {
	case engine.ChangeUpdated:
		return nil
	case engine.ChangeCreated, engine.ChangeDeleted, engine.ChangeMoved, engine.ChangeRenamed:
	default:
		return errUnknownChange
	}
	child := engine.Child{Node: c.Node, Kind: engine.KindFile}
	if c.Resource == engine.ResourceFolder {
		child.Kind = engine.KindFolder
	}
	for i := range l.levels {
		v := &l.levels[i]
		if c.Kind != engine.ChangeCreated && c.OldParent == v.folder {
			if key := names.Key(c.OldName); v.passed(key, l.back) {
				v.tally.remove(t, v.folder, []byte(key), &child)
			}
		}
		if c.Kind != engine.ChangeDeleted && c.NewParent == v.folder {
			if key := names.Key(c.NewName); v.passed(key, l.back) {
				v.tally.add(t, v.folder, []byte(key), &child)
			}
		}
	}
	return nil
}

// passed reports whether the listing is beyond a name key.
func (v *level) passed(key string, back bool) bool {
	if v.after == nil {
		return false
	}
	return key == string(v.after) || key < string(v.after) != back
}

// A child is a row of a folder, copied.
type child struct {
	engine.Child
	key []byte
}

// children reads up to n rows of a folder behind a name key.
func children(r schema.Reader, t engine.TenantNo, folder engine.ID, after []byte, n int) ([]child, error) {
	list := make([]child, 0, min(n, 256))
	if n <= 0 {
		return list, nil
	}
	err := schema.ScanChildren(r, t, folder, after, func(key []byte, c *engine.Child) (bool, error) {
		list = append(list, child{*c, bytes.Clone(key)})
		return len(list) < n, nil
	})
	return list, err
}

// childrenBack reads up to n rows of a folder before a name key, the last first.
func childrenBack(r schema.BackReader, t engine.TenantNo, folder engine.ID, before []byte, n int) ([]child, error) {
	list := make([]child, 0, min(n, 256))
	if n <= 0 {
		return list, nil
	}
	err := schema.ScanChildrenBack(r, t, folder, before, func(key []byte, c *engine.Child) (bool, error) {
		list = append(list, child{*c, bytes.Clone(key)})
		return len(list) < n, nil
	})
	return list, err
}

// pass moves a level beyond a child.
func (v *level) pass(t engine.TenantNo, c *child) {
	v.tally.add(t, v.folder, c.key, &c.Child)
	v.after = c.key
}

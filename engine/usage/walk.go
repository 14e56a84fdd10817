package usage

import (
	"bytes"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

const (
	pageRows = 256
	// recently is how far a clock may be behind the order of commits.
	recently = 5 * time.Second
)

// errChanged ends an exact walk of a share in which something changed.
var errChanged = errors.New("the share changed while it was counted")

// A mark is the state of a share that a count is of: whatever changes what it
// holds, or where it is, changes one of them. (What goes from the trash into its
// removal does not: both count as gone.)
type mark struct {
	seq   uint64
	holds engine.Holding
}

func markOf(sh *engine.Share) mark { return mark{sh.Seq, sh.Holding()} }

// A walk counts what is gone in a share (in the trash, or being removed for
// good), and with whole also what lives. It goes in slices, each in a view of
// its own, all of the same mark. A loose one goes on when something changed, and is
// true only about.
type walk struct {
	tenant engine.TenantNo
	share  engine.ID
	whole  bool
	loose  bool
	now    func() time.Time

	begun bool
	at    time.Time // of the first slice
	slice int
	first *engine.Share // as the first slice saw it

	phase   phase
	trash   *engine.TrashItem // the last one read
	purge   engine.ID
	waiting []engine.ID // nodes of the trash or of orders, to be counted
	stack   []folder    // folders that are gone through, outermost first

	lives, gone engine.Holding
}

type phase uint8

const (
	living phase = iota
	trashed
	purged
	done
)

// A folder is gone through from after on.
type folder struct {
	node  *engine.Node
	after []byte
	tally schema.Tally
}

// A budget is what one slice may take.
type budget struct {
	rows  int
	until time.Time
}

func (b *budget) left(now func() time.Time) bool { return b.rows > 0 && now().Before(b.until) }

// step goes on for a slice and reports whether that was all.
func (w *walk) step(r schema.Reader, b budget) (bool, error) {
	sh, err := schema.GetShare(r, w.tenant, w.share)
	if errors.Is(err, schema.ErrNotFound) {
		return false, errChanged
	}
	if err != nil {
		return false, err
	}
	if !w.begun {
		w.begun, w.at, w.first = true, w.now(), sh
		if !w.whole {
			w.phase = trashed
		}
	}
	if !w.loose && markOf(sh) != markOf(w.first) {
		return false, errChanged
	}
	w.slice++
	for w.phase < done || len(w.waiting) > 0 || len(w.stack) > 0 {
		if !b.left(w.now) {
			return false, nil
		}
		if err := w.on(r, &b); err != nil {
			return false, err
		}
	}
	return true, nil
}

// on counts some rows.
func (w *walk) on(r schema.Reader, b *budget) error {
	switch {
	case len(w.stack) > 0:
		return w.children(r, b)
	case len(w.waiting) > 0:
		id := w.waiting[0]
		w.waiting = w.waiting[1:]
		b.rows--
		return w.node(r, id, engine.ID{})
	case w.phase == living:
		root, err := schema.GetNode(r, w.tenant, w.share)
		if err != nil {
			return err
		}
		w.stack = append(w.stack, folder{node: root})
		return nil
	case w.phase == trashed:
		return w.readTrash(r, b)
	default:
		return w.readPurges(r, b)
	}
}

func (w *walk) readTrash(r schema.Reader, b *budget) error {
	rows := 0
	err := schema.ScanTrash(r, w.tenant, w.share, w.trash, func(i *engine.TrashItem) (bool, error) {
		rows++
		w.trash = i
		w.waiting = append(w.waiting, i.Node)
		return rows < pageRows, nil
	})
	b.rows -= rows
	if rows < pageRows {
		w.phase = purged
	}
	return err
}

// readPurges reads orders to remove something. What was ordered after the walk
// began may have been counted in the trash, or not.
func (w *walk) readPurges(r schema.Reader, b *budget) error {
	rows := 0
	err := schema.ScanPurges(r, w.tenant, w.purge, func(o *engine.Purge) (bool, error) {
		rows++
		w.purge = o.Node
		if o.Share == w.share {
			if w.slice > 1 && !w.loose && o.At.After(w.at.Add(-recently)) {
				return false, errChanged
			}
			w.waiting = append(w.waiting, o.Node)
		}
		return rows < pageRows, nil
	})
	b.rows -= rows
	if rows < pageRows {
		w.phase = done
	}
	return err
}

// node counts a node, and if it is a folder has it gone through.
func (w *walk) node(r schema.Reader, id, parent engine.ID) error {
	n, err := schema.GetNode(r, w.tenant, id)
	if w.loose && errors.Is(err, schema.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if !parent.IsZero() && n.Parent != parent || len(w.stack) > 2*names.MaxLevels {
		if w.loose {
			return nil
		}
		return engine.E(engine.KindDamaged, "a folder names something that is not in it")
	}
	return w.count(r, n)
}

func (w *walk) count(r schema.Reader, n *engine.Node) error {
	holds := engine.Holding{Folders: 1}
	switch {
	case n.Kind == engine.KindFolder:
		w.stack = append(w.stack, folder{node: n})
	case n.Newest() == 1:
		holds = engine.Holding{Files: 1, Bytes: n.Size}
	default:
		var err error
		if holds, err = w.versions(r, n); err != nil {
			return err
		}
	}
	if w.phase == living {
		w.lives.Add(holds, 1)
	} else {
		w.gone.Add(holds, 1)
	}
	return nil
}

// versions counts a file. Some of its versions may be removed already.
func (w *walk) versions(r schema.Reader, n *engine.Node) (engine.Holding, error) {
	holds := engine.Holding{Files: 1}
	return holds, schema.ScanVersions(r, w.tenant, n.ID, 0, func(v *engine.Version) (bool, error) {
		if v.Number == n.Version {
			holds.Bytes += v.Content.Size
		} else {
			holds.Bytes += v.Kept
			holds.VersionBytes += v.Kept
		}
		return true, nil
	})
}

// children counts some of the innermost folder, up to a folder in it.
func (w *walk) children(r schema.Reader, b *budget) error {
	f := &w.stack[len(w.stack)-1]
	var ids []engine.ID
	more := false
	err := schema.ScanChildren(r, w.tenant, f.node.ID, f.after, func(key []byte, c *engine.Child) (bool, error) {
		f.tally.Add(w.tenant, f.node.ID, key, c)
		ids = append(ids, c.Node)
		if more = len(ids) == pageRows || c.Kind == engine.KindFolder; more {
			f.after = bytes.Clone(key)
		}
		return !more, nil
	})
	if err != nil {
		return err
	}
	b.rows -= len(ids) + 1
	if !more {
		if err := f.tally.Check(w.tenant, f.node); err != nil && !w.loose {
			return err
		}
		w.stack = w.stack[:len(w.stack)-1]
		if w.phase == living && len(w.stack) == 0 {
			w.phase = trashed
		}
	}
	for _, id := range ids {
		if err := w.node(r, id, f.node.ID); err != nil {
			return err
		}
	}
	return nil
}

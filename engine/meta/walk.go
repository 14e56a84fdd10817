package meta

import (
	"bytes"
	"fmt"
	"slices"

	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/schema"
)

// pageBytes bounds a page of a walk besides Options.PageRecords: the file must
// not be held for longer than 50 ms.
const pageBytes = 4 << 20

// A walk goes through a range of the database file in pages, verifies each
// record and recounts the tables. Between the pages the file may change; the
// walk is told of each flush and corrects what it has counted behind it, so
// that at its end it has the tallies of the file as it is then.
type walk struct {
	next, high []byte // full keys; high is exclusive
	low        []byte
	tallies    tallies
	records    uint64
	done       bool
}

// newWalk walks over the tables from..to, both included.
func newWalk(from, to schema.Table) *walk {
	low := fullKey(nil, from, nil)
	w := &walk{low: low, next: slices.Clone(low)}
	if to < 0xffff {
		w.high = fullKey(nil, to+1, nil)
	}
	return w
}

// page reads on, at most limit records. visit, if not nil, gets each with its
// stored value; the slices are valid during the call.
func (w *walk) page(tx kv.Tx, limit int, visit func(k, raw []byte)) error {
	cur := tx.Cursor()
	k, raw, err := cur.Seek(w.next)
	for n, size := 0, 0; ; n++ {
		if err != nil {
			return err
		}
		if k == nil || w.high != nil && bytes.Compare(k, w.high) >= 0 {
			w.done = true
			return nil
		}
		if n == limit || size >= pageBytes {
			return nil
		}
		if bytes.Compare(k, w.next) < 0 {
			return fmt.Errorf("%w: keys out of order", kv.ErrDamaged)
		}
		_, c, err2 := openEnvelope(k, raw)
		if err2 != nil {
			return fmt.Errorf("record %x: %w", k, err2)
		}
		w.tallies.of(tableOf(k)).add(c)
		w.records++
		size += len(k) + len(raw)
		if visit != nil {
			visit(k, raw)
		}
		w.next = append(append(w.next[:0], k...), 0)
		k, raw, err = cur.Next()
	}
}

// behind reports whether the walk has passed the key.
func (w *walk) behind(k []byte) bool {
	if bytes.Compare(k, w.low) < 0 || w.high != nil && bytes.Compare(k, w.high) >= 0 {
		return false
	}
	return w.done || bytes.Compare(k, w.next) < 0
}

// flushed corrects the tallies after a layer went into the file.
func (w *walk) flushed(l *layer) {
	l.Scan(func(e *entry) bool {
		if w.behind(e.key) {
			t := w.tallies.of(tableOf(e.key))
			if e.hasBase {
				t.remove(e.base)
			}
			if !e.del {
				t.add(e.check)
			}
		}
		return true
	})
}

// compare says which tables are not what the header says. Only tables within
// the walk's range are compared.
func (w *walk) compare(h tallies) (wrong []schema.Table) {
	all := slices.Clone(w.tallies)
	for _, t := range h {
		all.of(t.Table)
	}
	for _, t := range all {
		if k := fullKey(nil, t.Table, nil); bytes.Compare(k, w.low) < 0 || w.high != nil && bytes.Compare(k, w.high) >= 0 {
			continue
		}
		if t != h.get(t.Table) {
			wrong = append(wrong, t.Table)
		}
	}
	return wrong
}

// verifyFile walks through a file that nobody changes.
func verifyFile(s kv.Store, h *header) error {
	w := newWalk(1, 0xffff)
	for !w.done {
		tx, err := s.Begin()
		if err != nil {
			return err
		}
		err = w.page(tx, 4000, nil)
		tx.Close()
		if err != nil {
			return err
		}
	}
	if wrong := w.compare(h.tallies); len(wrong) > 0 {
		return fmt.Errorf("%s: %w", tableName(wrong[0]), errTally)
	}
	return nil
}

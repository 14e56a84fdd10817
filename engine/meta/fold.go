package meta

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/oplog"
	"scaidrive/engine/meta/schema"
)

// A fold applies frames of the log to a database file, through a layer.
type fold struct {
	id      [16]byte
	store   kv.Store
	layer   *layer
	bytes   int64
	limit   int64
	pos     oplog.Position
	filePos oplog.Position
	tallies tallies

	makeRoom func() bool // Options.MakeRoom
	// keep lets the layer stay in memory while the volume is full: it is no
	// larger than what was in memory when the frames were written.
	keep bool
}

func newFold(opts *Options, store kv.Store, h *header) *fold {
	return &fold{id: opts.StoreID, store: store, layer: newLayer(), limit: opts.FlushBytes, makeRoom: opts.MakeRoom,
		pos: h.pos, filePos: h.pos, tallies: slices.Clone(h.tallies)}
}

// errFile marks an error of the database file, which can be rebuilt.
var errFile = errors.New("database file")

// frame applies one frame.
func (fo *fold) frame(f *oplog.Frame, at oplog.Position) error {
	tx, err := fo.store.Begin()
	if err != nil {
		return fmt.Errorf("%w: %w", errFile, err)
	}
	defer tx.Close()
	for i := range f.Writes {
		w := &f.Writes[i]
		e := &entry{key: fullKey(nil, schema.Table(w.Table), w.Key), del: w.Delete}
		if !w.Delete {
			e.value = append([]byte{}, w.Value...)
			e.check = checkOf(schema.Table(w.Table), w.Key, w.Value)
		}
		if err := fo.put(tx, e); err != nil {
			return err
		}
	}
	for _, m := range f.Marks {
		if err := fo.put(tx, markEntry(m)); err != nil {
			return err
		}
	}
	fo.pos = at
	return nil
}

func (fo *fold) put(tx kv.Tx, e *entry) error {
	old, err := put(fo.layer, e, func() (check, bool, error) {
		raw, ok, err := tx.Get(e.key)
		if err != nil || !ok {
			return check{}, false, err
		}
		_, c, err := openEnvelope(e.key, raw)
		return c, true, err
	})
	if err != nil {
		return fmt.Errorf("%w: %s: %w", errFile, tableName(tableOf(e.key)), err)
	}
	account(&fo.tallies, e, old)
	if fo.bytes += e.cost(); old != nil {
		fo.bytes -= old.cost()
	}
	return nil
}

// flush brings the layer into the file, or keeps it if it may.
func (fo *fold) flush() error {
	if fo.pos == fo.filePos {
		return nil
	}
	h := header{store: fo.id, pos: fo.pos, tallies: fo.tallies}
	err := fo.store.Apply(h.encode(), flushOps(fo.layer))
	if errors.Is(err, kv.ErrNoSpace) && fo.makeRoom != nil && fo.makeRoom() {
		err = fo.store.Apply(h.encode(), flushOps(fo.layer))
	}
	if errors.Is(err, kv.ErrNoSpace) && fo.keep {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errFile, err)
	}
	fo.layer, fo.bytes, fo.filePos = newLayer(), 0, fo.pos
	return nil
}

// replay applies all frames of the log after the fold's position.
func (fo *fold) replay(ctx context.Context, log *oplog.Log) error {
	return log.Read(ctx, fo.pos, func(f *oplog.Frame, at oplog.Position) error {
		if err := fo.frame(f, at); err != nil {
			return err
		}
		if fo.bytes >= fo.limit {
			return fo.flush()
		}
		return nil
	})
}

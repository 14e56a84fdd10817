package meta

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// Tables from firstOwnTable up are the engine's own.
const (
	firstOwnTable schema.Table = 0xff00
	// markTable holds the newest mark of each pack: pack u32 → length u64.
	markTable schema.Table = 0xff01
)

const (
	healthUnknown  = 0
	healthVerified = 1
	healthDamaged  = 2
)

// health is what is known of one table since the open.
type health struct {
	table schema.Table
	waits bool
	ask   func(schema.Table) // has the scrub of a table not wait any longer

	now     atomic.Int32
	mu      sync.Mutex
	what    error         // of damage
	decided chan struct{} // closed when the table is verified or damaged
}

func (h *health) state() int32 { return h.now.Load() }

// verified says that the scrub found the table whole.
func (h *health) verified() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now.CompareAndSwap(healthUnknown, healthVerified) {
		close(h.decided)
	}
}

// damage marks the table; it reports whether that is new.
func (h *health) damage(what error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now.Load() == healthDamaged {
		return false
	}
	h.what = what
	if h.now.Swap(healthDamaged) == healthUnknown {
		close(h.decided)
	}
	return true
}

func (h *health) err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return &engine.Error{Op: "meta", Kind: engine.KindDamaged,
		Msg: fmt.Sprintf("stored metadata is damaged (%s)", tableName(h.table)), Err: h.what}
}

// patience marks a context of Patiently.
type patience struct{}

// Patiently gives a context for work that nobody waits for: what it asks of tables
// that the scrub has not reached yet does not hurry the scrub.
func Patiently(ctx context.Context) context.Context { return context.WithValue(ctx, patience{}, true) }

// wait returns nil when the table is verified.
func (h *health) wait(ctx context.Context) error {
	if h.state() == healthUnknown && ctx.Value(patience{}) == nil {
		h.ask(h.table)
	}
	select {
	case <-h.decided:
	case <-ctx.Done():
		return &engine.Error{Op: "meta", Kind: engine.KindUnavailable, Msg: errAgain.Msg, Err: context.Cause(ctx)}
	}
	if h.state() == healthDamaged {
		return h.err()
	}
	return nil
}

func tableName(t schema.Table) string {
	switch {
	case t == markTable:
		return "pack marks"
	default:
		if d, ok := schema.Lookup(t); ok {
			return d.Name
		}
		return fmt.Sprintf("table %d", t)
	}
}

// registry holds the health of every table.
type registry struct {
	mu    sync.RWMutex
	byNo  map[schema.Table]*health
	order []schema.Table
	waits map[schema.Table]bool
}

// reset forgets what is known. Who waits for a table goes on.
func (r *registry) reset(defs []schema.Def) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.byNo {
		h.verified()
	}
	r.byNo, r.waits = make(map[schema.Table]*health), make(map[schema.Table]bool)
	r.order = []schema.Table{markTable}
	for _, d := range defs {
		r.waits[d.No] = d.AbsenceWaits
		r.order = append(r.order, d.No)
	}
}

// health of a table; one that is not registered does not wait.
func (db *DB) health(t schema.Table) *health {
	r := &db.tables
	r.mu.RLock()
	h := r.byNo[t]
	r.mu.RUnlock()
	if h != nil {
		return h
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if h = r.byNo[t]; h == nil {
		h = &health{table: t, waits: r.waits[t], ask: db.upkeep.ask, decided: make(chan struct{})}
		r.byNo[t] = h
	}
	return h
}

// tableDamaged marks a table after something in it could not be read, or cannot
// be right, and gives the error to return.
func (db *DB) tableDamaged(t schema.Table, what error) error {
	h := db.health(t)
	if h.damage(what) {
		db.opts.Log.Error("a table is damaged", "table", tableName(t), "err", what)
	}
	return h.err()
}

var errTally = errors.New("count and digest are not those of the records found")

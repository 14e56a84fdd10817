// Package desk holds what is a user's own about files and folders: favourites, and
// what they opened or changed last.
//
// Invariants:
//   - both name nodes by ID, so that they follow what moves, and are resolved and
//     decided about when they are read: what the caller may not read, or is
//     deleted, is neither shown nor counted, and comes back with its rights;
//   - noting what was opened or changed costs the caller's way no read and no
//     write: it is kept in memory, bounded for each user, and written in batches,
//     one record a user (Run). A crash loses what was noted in the last seconds.
//
// It shows nothing that engine/access does not let the caller read.
package desk

import (
	"context"
	"sync"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/tree"
)

// The bounds.
const (
	MaxFavourites = 10_000 // of a user
	MaxPage       = 1000

	viewItems = 500 // decided about in one view
)

// Service keeps favourites and what was recent. Safe for concurrent use.
type Service struct {
	db  *meta.DB
	env engine.Env

	mu      sync.Mutex
	pending map[owner]*noted
	count   uint64 // of notes, ever: their order
}

type owner struct {
	tenant engine.TenantNo
	user   engine.ID
}

// New makes the service. Run must be running for anything noted to be stored.
func New(db *meta.DB, env engine.Env) *Service {
	return &Service{db: db, env: env, pending: map[owner]*noted{}}
}

// An Item is a file or folder with when it was marked, opened or changed.
type Item struct {
	*tree.Located
	At time.Time
}

// A Page is a part of a list. Total counts what the caller may see of all of it.
type Page struct {
	Items []Item
	Total int
}

// An entry is an item that is not decided about.
type entry struct {
	node engine.ID
	kind engine.NodeKind
	at   time.Time
}

func checkPage(limit, offset int) error {
	switch {
	case limit < 1 || limit > MaxPage:
		return engine.Invalid("limit", "limit is 1 to %d", MaxPage)
	case offset < 0:
		return engine.Invalid("offset", "offset is 0 or more")
	}
	return nil
}

// page decides about all entries and keeps those of the page.
func (s *Service) page(ctx context.Context, p *engine.Principal, list []entry, limit, offset int) (*Page, error) {
	out := &Page{}
	for len(list) > 0 {
		now := list[:min(viewItems, len(list))]
		list = list[len(now):]
		err := s.db.View(ctx, func(v *meta.View) error {
			for i := range now {
				sub, err := access.Check(v, p, now[i].node, engine.RightRead)
				if k := engine.KindOf(err); err != nil && (k == engine.KindNotFound || k == engine.KindGone) {
					continue
				}
				if err != nil {
					return err
				}
				if out.Total++; out.Total > offset && len(out.Items) < limit {
					out.Items = append(out.Items, Item{tree.Locate(sub), now[i].at})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

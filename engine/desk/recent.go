package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

const (
	writeEvery = 3 * time.Second
	writeUsers = 50               // in one mutation: at most 10,000 lines, some 400 KB
	lastWrite  = 10 * time.Second // for what is left at the end
)

// noted is what a user opened or changed since it was last written.
type noted struct{ byNode map[engine.ID]note }

type note struct {
	entry
	order uint64
}

// Touched notes what a user made or changed: a tree.Service's OnTouch.
func (s *Service) Touched(p *engine.Principal, list []tree.Touched) {
	if p.User.IsZero() {
		return
	}
	at := s.env.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.of(owner{p.Tenant, p.User})
	for _, t := range list {
		s.count++
		n.put(note{entry{t.Node, t.Kind, at}, s.count})
	}
}

// Opened notes that a user opened a file.
func (s *Service) Opened(p *engine.Principal, file engine.ID) {
	s.Touched(p, []tree.Touched{{Node: file, Kind: engine.KindFile}})
}

func (s *Service) of(who owner) *noted {
	n := s.pending[who]
	if n == nil {
		n = &noted{byNode: map[engine.ID]note{}}
		s.pending[who] = n
	}
	return n
}

// put keeps the newest note of a node, and not many more than are ever shown.
func (n *noted) put(one note) {
	if n.byNode[one.node].order > one.order {
		return
	}
	n.byNode[one.node] = one
	if len(n.byNode) < 2*engine.MaxRecent {
		return
	}
	for _, old := range n.newestFirst()[engine.MaxRecent:] {
		delete(n.byNode, old.node)
	}
}

func (n *noted) newestFirst() []note {
	list := make([]note, 0, len(n.byNode))
	for _, one := range n.byNode {
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b note) int { return cmp.Compare(b.order, a.order) })
	return list
}

// merge puts what was noted before what is stored: one line a node, the newest.
func merge(fresh []note, stored []engine.Recent) []engine.Recent {
	list := make([]engine.Recent, 0, engine.MaxRecent)
	seen := make(map[engine.ID]bool, engine.MaxRecent)
	add := func(r engine.Recent) {
		if len(list) < engine.MaxRecent && !seen[r.Node] {
			seen[r.Node] = true
			list = append(list, r)
		}
	}
	for i := range fresh {
		add(engine.Recent{Node: fresh[i].node, Kind: fresh[i].kind, At: fresh[i].at})
	}
	for i := range stored {
		add(stored[i])
	}
	return list
}

// Recent lists what the caller opened or changed last and may read, newest first,
// one line a file or folder, at most engine.MaxRecent.
func (s *Service) Recent(ctx context.Context, p *engine.Principal, limit, offset int) (*Page, error) {
	if err := checkPage(limit, offset); err != nil {
		return nil, err
	}
	// In this order: what is written in between is seen twice, and never missed.
	var fresh []note
	s.mu.Lock()
	if n := s.pending[owner{p.Tenant, p.User}]; n != nil {
		fresh = n.newestFirst()
	}
	s.mu.Unlock()
	var stored []engine.Recent
	err := s.db.View(ctx, func(v *meta.View) (err error) {
		stored, err = schema.GetRecents(v, p.Tenant, p.User)
		return err
	})
	if err != nil {
		return nil, engine.Wrap("desk.Recent", err)
	}
	var list []entry
	for _, r := range merge(fresh, stored) {
		list = append(list, entry{r.Node, r.Kind, r.At})
	}
	out, err := s.page(ctx, p, list, limit, offset)
	return out, engine.Wrap("desk.Recent", err)
}

// Run writes what was noted every few seconds until ctx ends, and then what is
// left. trouble, when not nil, is told of a write that failed; it is tried again.
func (s *Service) Run(ctx context.Context, trouble func(error)) {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
			defer cancel()
			if err := s.Write(last); err != nil && trouble != nil {
				trouble(err)
			}
			return
		case <-tick.C:
			if err := s.Write(ctx); err != nil && trouble != nil && ctx.Err() == nil {
				trouble(err)
			}
		}
	}
}

// Write writes what was noted. What can't be written stays noted.
func (s *Service) Write(ctx context.Context) error {
	var users []owner
	s.mu.Lock()
	for who := range s.pending {
		users = append(users, who)
	}
	s.mu.Unlock()
	var failed []error
	for group := range slices.Chunk(users, writeUsers) {
		if err := s.writeGroup(ctx, group); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (s *Service) writeGroup(ctx context.Context, users []owner) error {
	fresh := make([][]note, len(users))
	s.mu.Lock()
	for i, who := range users {
		if n := s.pending[who]; n != nil {
			fresh[i] = n.newestFirst()
		}
	}
	s.mu.Unlock()
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		for i, who := range users {
			stored, err := schema.GetRecents(tx, who.tenant, who.user)
			if err != nil && engine.KindOf(err) == engine.KindDamaged {
				fresh[i] = nil // theirs stays noted; the others' is written
				continue
			}
			if err != nil {
				return err
			}
			if err := schema.PutRecents(tx, who.tenant, who.user, merge(fresh[i], stored)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return engine.Wrap("write what was opened last", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, who := range users {
		s.written(who, fresh[i])
	}
	return nil
}

// written forgets what was written and not noted again meanwhile.
func (s *Service) written(who owner, list []note) {
	n := s.pending[who]
	if n == nil {
		return
	}
	for i := range list {
		if n.byNode[list[i].node].order == list[i].order {
			delete(n.byNode, list[i].node)
		}
	}
	if len(n.byNode) == 0 {
		delete(s.pending, who)
	}
}

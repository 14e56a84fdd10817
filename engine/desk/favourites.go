package desk

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// AddFavourite marks a file or folder that the caller may read. Marked again it
// keeps its place. A user has at most MaxFavourites; one more is KindConflict,
// after those of what was removed for good have been cleared away.
func (s *Service) AddFavourite(ctx context.Context, p *engine.Principal, node engine.ID, kind engine.NodeKind) error {
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		sub, err := access.Check(tx, p, node, engine.RightRead)
		if err != nil {
			return err
		}
		if sub.Node.Kind != kind || sub.Node.Parent.IsZero() {
			return access.NotFound()
		}
		has, err := schema.HasFavourite(tx, p.Tenant, p.User, node)
		if has || err != nil {
			return err
		}
		if err := makeRoom(tx, p); err != nil {
			return err
		}
		return schema.PutFavourite(tx, p.Tenant, &engine.Favourite{User: p.User, Node: node, Kind: kind, At: s.env.Now()})
	})
	return engine.Wrap("desk.AddFavourite", err)
}

// makeRoom makes sure that one more favourite fits.
func makeRoom(w schema.Writer, p *engine.Principal) error {
	var all []engine.ID
	err := schema.ScanFavourites(w, p.Tenant, p.User, engine.ID{}, func(f *engine.Favourite) (bool, error) {
		all = append(all, f.Node)
		return true, nil
	})
	if err != nil || len(all) < MaxFavourites {
		return err
	}
	left := len(all)
	for _, id := range all {
		_, err := schema.GetNode(w, p.Tenant, id)
		if err == nil {
			continue
		}
		if !errors.Is(err, schema.ErrNotFound) {
			return err
		}
		if err := schema.DeleteFavourite(w, p.Tenant, p.User, id); err != nil {
			return err
		}
		left--
	}
	if left >= MaxFavourites {
		return engine.E(engine.KindConflict, "There are %d favourites already, which is the most", left)
	}
	return nil
}

// RemoveFavourite takes a mark away. Where there is none it does nothing, whatever
// the ID names.
func (s *Service) RemoveFavourite(ctx context.Context, p *engine.Principal, node engine.ID) error {
	var has bool
	err := s.db.View(ctx, func(v *meta.View) (err error) {
		has, err = schema.HasFavourite(v, p.Tenant, p.User, node)
		return err
	})
	if err == nil && has {
		err = s.db.Update(ctx, func(tx *meta.Tx) error { return schema.DeleteFavourite(tx, p.Tenant, p.User, node) })
	}
	return engine.Wrap("desk.RemoveFavourite", err)
}

// Favourites lists what the caller has marked and may read, what was marked last
// first. It decides about all of a user's favourites, whatever the page.
func (s *Service) Favourites(ctx context.Context, p *engine.Principal, limit, offset int) (*Page, error) {
	if err := checkPage(limit, offset); err != nil {
		return nil, err
	}
	var list []entry
	err := s.db.View(ctx, func(v *meta.View) error {
		list = list[:0]
		return schema.ScanFavourites(v, p.Tenant, p.User, engine.ID{}, func(f *engine.Favourite) (bool, error) {
			list = append(list, entry{f.Node, f.Kind, f.At})
			return true, nil
		})
	})
	if err != nil {
		return nil, engine.Wrap("desk.Favourites", err)
	}
	slices.SortFunc(list, func(a, b entry) int {
		if c := b.at.Compare(a.at); c != 0 {
			return c
		}
		return bytes.Compare(b.node[:], a.node[:])
	})
	out, err := s.page(ctx, p, list, limit, offset)
	return out, engine.Wrap("desk.Favourites", err)
}

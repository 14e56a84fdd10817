package tree

import (
	"context"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

const (
	purgeWrites = 1000 // about so many records are written in one step
	purgePage   = 500  // orders or rows of the trash read in one view
	purgeRetry  = 10 * time.Second
)

// Run removes what was ordered to be removed for good, in short steps, until ctx
// ends. Orders are records: what one process leaves, the next one goes on with.
// trouble, when not nil, is told why an order could not be finished; it is tried
// again after a while.
func (s *Service) Run(ctx context.Context, trouble func(error)) {
	for ctx.Err() == nil {
		err := s.Prepare(ctx)
		if err == nil {
			err = s.RemovePurged(ctx)
		}
		if err != nil && ctx.Err() == nil && trouble != nil {
			trouble(err)
		}
		s.wait(ctx, err != nil)
	}
}

// wait returns when something is ordered, or, with again, after a while.
func (s *Service) wait(ctx context.Context, again bool) {
	timer := time.NewTimer(purgeRetry)
	defer timer.Stop()
	if !again {
		timer.Stop()
	}
	select {
	case <-ctx.Done():
	case <-s.ordered:
	case <-timer.C:
	}
}

func errNotPrepared() error {
	return engine.E(engine.KindUnavailable, "The trash is still being looked through after the start; try again in a moment")
}

// Prepare makes sure that everything in the trash is listed beside the folder it
// was deleted from: builds before the first that wrote such lists left none. Until
// it has come through, folders don't move to other shares and nothing is removed.
func (s *Service) Prepare(ctx context.Context) error {
	if s.prepared.Load() {
		return nil
	}
	err := s.eachShare(ctx, func(t engine.TenantNo, share engine.ID) error {
		var behind *engine.TrashItem
		for {
			page, lack, err := s.unlisted(ctx, t, share, behind)
			if err != nil {
				return err
			}
			if err := s.listTrashed(ctx, t, lack); err != nil {
				return err
			}
			if len(page) < purgePage {
				return nil
			}
			behind = page[len(page)-1]
		}
	})
	if err == nil {
		s.prepared.Store(true)
	}
	return err
}

// eachShare calls fn for all shares of all tenants, outside of views.
func (s *Service) eachShare(ctx context.Context, fn func(engine.TenantNo, engine.ID) error) error {
	type one struct {
		tenant engine.TenantNo
		share  engine.ID
	}
	var all []one
	err := s.eachTenant(ctx, func(t engine.TenantNo) error {
		return s.db.View(ctx, func(v *meta.View) error {
			return schema.ScanShares(v, t, engine.ID{}, func(sh *engine.Share) (bool, error) {
				all = append(all, one{t, sh.ID})
				return true, nil
			})
		})
	})
	for i := range all {
		if err == nil {
			err = fn(all[i].tenant, all[i].share)
		}
	}
	return err
}

func (s *Service) eachTenant(ctx context.Context, fn func(engine.TenantNo) error) error {
	var tenants []engine.TenantNo
	err := s.db.View(ctx, func(v *meta.View) error {
		return schema.ScanTenants(v, 0, func(t *engine.Tenant) (bool, error) {
			tenants = append(tenants, t.No)
			return true, nil
		})
	})
	for _, t := range tenants {
		if err == nil {
			err = fn(t)
		}
	}
	return err
}

// unlisted reads a page of a share's trash, and what of it lacks its list.
func (s *Service) unlisted(ctx context.Context, t engine.TenantNo, share engine.ID, behind *engine.TrashItem) (page []*engine.TrashItem, lack []engine.ID, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		page, lack = nil, nil
		return schema.ScanTrash(v, t, share, behind, func(i *engine.TrashItem) (bool, error) {
			page = append(page, i)
			n, err := schema.GetNode(v, t, i.Node)
			if errors.Is(err, schema.ErrNotFound) {
				return len(page) < purgePage, nil // damage, which verify names
			}
			if err != nil {
				return false, err
			}
			has, err := schema.HasTrashed(v, t, n.Parent, n.ID)
			if !has {
				lack = append(lack, n.ID)
			}
			return err == nil && len(page) < purgePage, err
		})
	})
	return page, lack, err
}

func (s *Service) listTrashed(ctx context.Context, t engine.TenantNo, lack []engine.ID) error {
	if len(lack) == 0 {
		return nil
	}
	return s.db.Update(ctx, func(tx *meta.Tx) error {
		for _, id := range lack {
			n, err := schema.GetNode(tx, t, id)
			if errors.Is(err, schema.ErrNotFound) || err == nil && n.DeletedAt.IsZero() {
				continue
			}
			if err == nil {
				err = schema.PutTrashed(tx, t, n.Parent, n.ID, n.Kind)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// RemovePurged removes what is ordered now and returns when it is gone. An order
// that fails does not keep the others from being done.
func (s *Service) RemovePurged(ctx context.Context) error {
	var failed []error
	err := s.eachTenant(ctx, func(t engine.TenantNo) error {
		var behind engine.ID
		for {
			var page []*engine.Purge
			err := s.db.View(ctx, func(v *meta.View) error {
				page = nil
				return schema.ScanPurges(v, t, behind, func(o *engine.Purge) (bool, error) {
					page = append(page, o)
					return len(page) < purgePage, nil
				})
			})
			if err != nil {
				return err
			}
			for _, o := range page {
				if err := s.removeAll(ctx, t, o); err != nil {
					failed = append(failed, err)
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
				behind = o.Node
			}
			if len(page) < purgePage {
				return nil
			}
		}
	})
	return errors.Join(append(failed, err)...)
}

func (s *Service) removeAll(ctx context.Context, t engine.TenantNo, o *engine.Purge) error {
	for {
		done, err := s.removeStep(ctx, t, o)
		if err != nil {
			return engine.Wrap("remove "+o.Node.Format("")+" for good", err)
		}
		if done {
			return nil
		}
	}
}

func (s *Service) removeStep(ctx context.Context, t engine.TenantNo, o *engine.Purge) (done bool, err error) {
	err = s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		done, err = (&removal{w: tx, t: t, order: o, left: purgeWrites}).step()
		return err
	})
	return done, err
}

// A removal is one step on the way to remove a node and all below it. Children go
// before their folder, and at the end of each step all counts are true.
type removal struct {
	w     schema.Writer
	t     engine.TenantNo
	order *engine.Purge
	root  *engine.Node
	share *engine.Share
	left  int // records to write yet
}

func (r *removal) step() (done bool, err error) {
	r.root, err = schema.GetNode(r.w, r.t, r.order.Node)
	if errors.Is(err, schema.ErrNotFound) {
		return true, schema.DeletePurge(r.w, r.t, r.order.Node)
	}
	if err != nil {
		return false, err
	}
	if r.share, err = schema.GetShare(r.w, r.t, r.order.Share); err != nil {
		return false, err
	}
	parent := r.root.Parent
	if done, err = r.remove(r.root); err != nil {
		return false, err
	}
	if done {
		if err := schema.DeleteTrashed(r.w, r.t, parent, r.order.Node); err != nil {
			return false, err
		}
		if err := schema.DeletePurge(r.w, r.t, r.order.Node); err != nil {
			return false, err
		}
	}
	return done, schema.PutShare(r.w, r.t, r.share)
}

// remove removes a node, its place aside; false: as much of it as the step has
// room for.
func (r *removal) remove(n *engine.Node) (bool, error) {
	all, err := r.content(n)
	if err == nil && all {
		all, err = r.annotations(n)
	}
	if err != nil {
		return false, err
	}
	if !all {
		return false, schema.PutNode(r.w, r.t, n)
	}
	if err := schema.UnindexException(r.w, r.t, r.share, n.ID); err != nil {
		return false, err
	}
	if n.Entries != (engine.Seal{}) {
		if err := schema.DeleteEntries(r.w, r.t, r.share.ID, n); err != nil {
			return false, err
		}
	}
	gone := engine.Holding{Files: 1}
	if n.Kind == engine.KindFolder {
		gone = engine.Holding{Folders: 1}
	}
	r.share.Count(gone, -1)
	r.left--
	return true, schema.DeleteNode(r.w, r.t, n.ID)
}

// content removes what a node holds and reports whether that was all.
func (r *removal) content(n *engine.Node) (bool, error) {
	if n.Kind == engine.KindFile {
		return r.versions(n)
	}
	if all, err := r.deleted(n); !all || err != nil {
		return false, err
	}
	for r.left > 0 {
		rows, err := children(r.w, r.t, n.ID, nil, r.left)
		if err != nil {
			return false, err
		}
		if len(rows) == 0 {
			return true, nil
		}
		for i := range rows {
			if r.left <= 0 {
				return false, nil
			}
			c, err := childNode(r.w, r.t, n.ID, &rows[i].Child)
			if err != nil {
				return false, err
			}
			if all, err := r.remove(c); !all || err != nil {
				return false, err
			}
			if err := schema.UnlinkChild(r.w, r.t, n, rows[i].key, &rows[i].Child); err != nil {
				return false, err
			}
			r.left--
		}
	}
	return false, nil
}

// deleted hands what was deleted from a folder by itself to the folder above all
// that is removed.
func (r *removal) deleted(n *engine.Node) (bool, error) {
	var list []deletedFrom
	err := schema.ScanTrashed(r.w, r.t, n.ID, engine.ID{}, func(id engine.ID) (bool, error) {
		list = append(list, deletedFrom{n.ID, id})
		return len(list) < r.left, nil
	})
	if err != nil {
		return false, err
	}
	for _, d := range list {
		if err := rehang(r.w, r.t, d, r.root.Parent); err != nil {
			return false, err
		}
		r.left -= 3
	}
	return r.left > 0, nil
}

// versions removes a file's versions, and their bytes from the share's count.
func (r *removal) versions(n *engine.Node) (bool, error) {
	var list []*engine.Version
	more := false
	err := schema.ScanVersions(r.w, r.t, n.ID, 0, func(v *engine.Version) (bool, error) {
		if more = len(list) >= r.left; more {
			return false, nil
		}
		list = append(list, v)
		return true, nil
	})
	if err != nil {
		return false, err
	}
	for _, v := range list {
		gone := engine.Holding{Bytes: v.Kept, VersionBytes: v.Kept}
		if v.Number == n.Version {
			gone = engine.Holding{Bytes: v.Content.Size}
		}
		if err := schema.DeleteVersion(r.w, r.t, n.ID, v.Number); err != nil {
			return false, err
		}
		r.share.Count(gone, -1)
		r.left--
	}
	return !more, nil
}

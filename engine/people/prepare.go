package people

import (
	"context"
	"fmt"

	"scaidrive/engine"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// prepareStep is how many records one mutation brings up to date.
const prepareStep = 500

// Prepare brings in line what a store of an older build does not have, and clears
// away what a deletion left behind. It is called before anybody is served, and may
// be called again.
func (s *Service) Prepare(ctx context.Context) error {
	var tenants []engine.TenantNo
	err := s.view(ctx, "people.Prepare", func(r schema.Reader) error {
		tenants = nil
		return schema.ScanTenants(r, 0, func(t *engine.Tenant) (bool, error) {
			if t.Directory < schema.DirectoryVersion {
				tenants = append(tenants, t.No)
			}
			return true, nil
		})
	})
	for _, t := range tenants {
		if err == nil {
			err = s.prepareTenant(ctx, t)
		}
	}
	if err != nil {
		return fmt.Errorf("bring users and shares up to date: %w", err)
	}
	return nil
}

func (s *Service) prepareTenant(ctx context.Context, t engine.TenantNo) error {
	err := s.update(ctx, "people.Prepare", func(w schema.Writer) error {
		tenant, err := schema.GetTenant(w, t)
		if err != nil {
			return err
		}
		tenant.People = engine.Headcount{} // counted again from nothing, also after a break
		return schema.PutTenant(w, tenant)
	})
	if err != nil {
		return err
	}
	if err := s.prepareGroups(ctx, t); err != nil {
		return err
	}
	err = s.each(ctx, func(w schema.Writer, behind engine.ID, n *int) (last engine.ID, err error) {
		var users []*engine.User
		err = schema.ScanUsers(w, t, behind, func(u *engine.User) (bool, error) {
			users, last = append(users, u), u.ID
			*n++
			return *n < prepareStep, nil
		})
		for _, u := range users {
			if err == nil {
				err = identity.Index(w, u)
			}
		}
		return last, err
	})
	if err != nil {
		return err
	}
	err = s.each(ctx, func(w schema.Writer, behind engine.ID, n *int) (last engine.ID, err error) {
		var shares []*engine.Share
		err = schema.ScanShares(w, t, behind, func(sh *engine.Share) (bool, error) {
			shares, last = append(shares, sh), sh.ID
			*n++
			return *n < prepareStep, nil
		})
		for _, sh := range shares {
			if err == nil {
				err = schema.ChangeShareRef(w, t, sh.Owner, sh.ID, func(ref *engine.ShareRef) { ref.Owner = true })
			}
		}
		return last, err
	})
	if err != nil {
		return err
	}
	return s.update(ctx, "people.Prepare", func(w schema.Writer) error {
		tenant, err := schema.GetTenant(w, t)
		if err != nil {
			return err
		}
		tenant.Directory = schema.DirectoryVersion
		return schema.PutTenant(w, tenant)
	})
}

// prepareGroups puts the words of a tenant's live groups in their place and counts them.
func (s *Service) prepareGroups(ctx context.Context, t engine.TenantNo) error {
	return s.each(ctx, func(w schema.Writer, behind engine.ID, n *int) (last engine.ID, err error) {
		var live []*engine.Group
		err = schema.ScanGroups(w, t, behind, func(g *engine.Group) (bool, error) {
			if last = g.ID; g.DeletedAt.IsZero() {
				live = append(live, g)
			}
			*n++
			return *n < prepareStep, nil
		})
		for _, g := range live {
			if err == nil {
				err = schema.MoveGroupWords(w, t, g.ID, names.Words(names.Key(g.Name)))
			}
		}
		if err == nil && len(live) > 0 {
			err = schema.CountGroups(w, t, int64(len(live)))
		}
		return last, err
	})
}

// each runs mutations over records behind each other until one sees less than a step.
func (s *Service) each(ctx context.Context, step func(w schema.Writer, behind engine.ID, n *int) (engine.ID, error)) error {
	var behind engine.ID
	for {
		n, next := 0, behind
		err := s.update(ctx, "people.Prepare", func(w schema.Writer) (err error) {
			n = 0
			next, err = step(w, behind, &n)
			return err
		})
		if err != nil || n < prepareStep {
			return err
		}
		behind = next
	}
}

// Clear goes on with what the deletion of groups left behind.
func (s *Service) Clear(ctx context.Context) error {
	type place struct {
		t engine.TenantNo
		g engine.ID
	}
	var left []place
	err := s.view(ctx, "people.Clear", func(r schema.Reader) error {
		left = nil
		return schema.ScanTenants(r, 0, func(t *engine.Tenant) (bool, error) {
			return true, schema.ScanGroups(r, t.No, engine.ID{}, func(g *engine.Group) (bool, error) {
				if !g.DeletedAt.IsZero() && (g.Members.Count > 0 || g.Groups.Count > 0) {
					left = append(left, place{t.No, g.ID})
				}
				return true, nil
			})
		})
	})
	for _, at := range left {
		if err == nil {
			err = s.clear(ctx, at.t, at.g)
		}
	}
	return err
}

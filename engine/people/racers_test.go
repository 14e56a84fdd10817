package people_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/people"
)

// However many take each other out of office at once, by whatever way, one of them
// stays: of a tenant, of a partner, and of the server.
func TestTheLastAdministratorOfManyRacers(t *testing.T) {
	const racers = 50
	for _, role := range []engine.AdminRole{engine.RoleTenantAdmin, engine.RolePartnerAdmin, engine.RoleSuperAdmin} {
		w := newWorld(t)
		ctx := t.Context()
		root := w.admin
		var all []*engine.User
		for i := range racers {
			u, _, err := w.CreateUser(ctx, root, people.UserSpec{Email: fmt.Sprintf("r%d@example.com", i), Name: "R", Password: "a password for tests", Role: role})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, u)
		}
		heads := func(t *testing.T) (n int) {
			t.Helper()
			err := w.DB.View(ctx, func(v *meta.View) error {
				return schema.ScanUsers(v, 1, engine.ID{}, func(u *engine.User) (bool, error) {
					if u.AdminRole == role && u.Status == engine.StatusActive {
						n++
					}
					return true, nil
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		targets := all
		if role == engine.RoleSuperAdmin {
			targets = append(targets, w.Admin)
		}
		var wg sync.WaitGroup
		var refused atomic.Int32
		for i, u := range targets {
			wg.Go(func() {
				// Another super_admin each, but none their own target.
				by := root
				if role == engine.RoleSuperAdmin {
					by = w.As(targets[(i+1)%len(targets)])
				}
				var err error
				none := engine.RoleNone
				switch i % 3 {
				case 0:
					_, err = w.EditUser(ctx, by, u.ID, people.UserChange{Role: &none})
				case 1:
					_, err = w.SuspendUser(ctx, by, u.ID)
				default:
					err = w.DeleteUser(ctx, by, u.ID, engine.PrincipalUser, w.User.ID)
				}
				if err != nil {
					// Who is out of office by then does nothing more.
					late := role == engine.RoleSuperAdmin && engine.KindOf(err) == engine.KindForbidden
					if engine.KindOf(err) != engine.KindConflict && !late {
						t.Errorf("role %d: %v", role, err)
					}
					refused.Add(1)
				}
			})
		}
		wg.Wait()
		n := heads(t)
		if role == engine.RoleSuperAdmin {
			if n == 0 {
				t.Errorf("no super_admin is left")
			}
			continue
		}
		// The super_admin that the world began with counts for its tenant, too.
		if want := map[engine.AdminRole]int{engine.RoleTenantAdmin: 0, engine.RolePartnerAdmin: 1}[role]; n != want {
			t.Errorf("role %d: %d are left, %d refused, want %d", role, n, refused.Load(), want)
		}
	}
}

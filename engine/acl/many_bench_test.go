//go:build unix

package acl_test

import (
	"fmt"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta"
	"scaidrive/engine/people"
)

// many fills a tenant up with users and groups.
func (d *deep) many(b *testing.B, users, groups int) *people.Service {
	b.Helper()
	s := people.New(d.w.DB, d.w.Env(), d.w.Identity, d.w.Shares)
	const batch = 1000
	for from := 0; from < users; from += batch {
		err := d.w.DB.Update(b.Context(), func(tx *meta.Tx) error {
			for i := from; i < min(from+batch, users); i++ {
				name := fmt.Sprintf("Person K%06d", i)
				u := &engine.User{
					ID: d.w.NewID(), Tenant: d.w.Tenant.No, Email: fmt.Sprintf("k%06d@example.com", i), Name: name, DisplayName: name,
					Status: engine.StatusActive, PasswordHash: d.w.User.PasswordHash, CreatedAt: d.w.Now(),
				}
				if err := identity.AddUser(tx, u); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	admin := d.w.As(d.w.Admin)
	for i := range groups {
		if _, err := s.CreateGroup(b.Context(), admin, fmt.Sprintf("Team T%06d", i), ""); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// What people do in a tenant of a hundred users and in one of 100,000 with 10,000
// groups: signing in, finding somebody, listing a folder with what decides in it, and
// a decision of which nothing is known yet.
func BenchmarkManyPeople(b *testing.B) {
	for _, size := range []struct{ users, groups int }{{100, 10}, {100_000, 10_000}} {
		b.Run(fmt.Sprint("users=", size.users), func(b *testing.B) {
			d := newDeep(b)
			s := d.many(b, size.users, size.groups)
			ctx, admin := b.Context(), d.w.As(d.w.Admin)
			for i := range 120 {
				if _, err := putFile(ctx, d.w, d.tree, admin, d.share, d.path[len(d.path)-1], fmt.Sprintf("%03d", i)); err != nil {
					b.Fatal(err)
				}
			}
			b.Run("signin", func(b *testing.B) {
				defer cpu(b)()
				for b.Loop() {
					if _, err := d.w.Identity.Login(ctx, "k000042@example.com", enginetest.Password, "127.0.0.1", "test"); err != nil {
						b.Fatal(err)
					}
				}
			})
			find := func(text string, users, groups int) func(*testing.B) {
				return func(b *testing.B) {
					defer cpu(b)()
					for b.Loop() {
						u, g, err := s.Find(ctx, d.who, text, 0, 20)
						if err != nil || len(u) != users || len(g) != groups {
							b.Fatal(len(u), len(g), err)
						}
					}
				}
			}
			b.Run("find/user", find("k000042", 1, 0))
			b.Run("find/group", find("t000007", 0, 1))
			b.Run("find/many", find("person k", 20, 0))
			b.Run("users", func(b *testing.B) {
				defer cpu(b)()
				for b.Loop() {
					page, err := s.Users(ctx, admin, people.UserQuery{Limit: 100})
					if err != nil || len(page.Items) != 100 {
						b.Fatal(err)
					}
				}
			})
			// The administration's list of those who have a word that everybody has: it is by
			// name, so that it reads all that it finds.
			b.Run("users/search", func(b *testing.B) {
				defer cpu(b)()
				for b.Loop() {
					page, err := s.Users(ctx, admin, people.UserQuery{Search: "person k", Limit: 100})
					if err != nil || len(page.Items) != 100 {
						b.Fatal(err)
					}
				}
			})
			for _, memo := range []string{"listing", "listing/cold"} {
				b.Run(memo, func(b *testing.B) {
					defer cpu(b)()
					d.who.Memo = &engine.Memo{}
					for b.Loop() {
						if memo != "listing" {
							d.who.Memo = &engine.Memo{}
						}
						page, err := d.tree.Children(ctx, d.who, d.path[len(d.path)-1], 100, 0, "")
						if err != nil || len(page.Items) != 100 {
							b.Fatal(len(page.Items), err)
						}
					}
				})
			}
		})
	}
}

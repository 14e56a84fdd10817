package schema_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/meta/schema/schematest"
)

func id(b ...byte) (i engine.ID) {
	copy(i[16-len(b):], b)
	return i
}

func isDamaged(t *testing.T, err error) {
	t.Helper()
	if engine.KindOf(err) != engine.KindDamaged {
		t.Errorf("error %v, want damaged", err)
	}
}

func TestRegistry(t *testing.T) {
	seen, names := map[schema.Table]bool{}, map[string]bool{}
	var last schema.Def
	for _, d := range schema.Tables() {
		if d.No == 0 || d.No >= 0xff00 || seen[d.No] || names[d.Name] {
			t.Errorf("%s: number or name taken or out of range", d.Name)
		}
		if d.Scope != schema.Global && d.Scope != schema.PerTenant {
			t.Errorf("%s: scope %d", d.Name, d.Scope)
		}
		if d.Class < last.Class || d.Class == last.Class && d.No <= last.No {
			t.Errorf("%s is out of order", d.Name)
		}
		seen[d.No], names[d.Name], last = true, true, d
		if got, ok := schema.Lookup(d.No); !ok || got != d || d.No.String() != d.Name {
			t.Errorf("Lookup(%d) = %v", d.No, got)
		}
	}
	if _, ok := schema.Lookup(0); ok {
		t.Error("table 0 exists")
	}
}

func TestAbsentRecordsAreNotFound(t *testing.T) {
	m := schematest.New()
	get := map[string]func() error{
		"partner": func() error { _, err := schema.GetPartner(m, id(1)); return err },
		"tenant":  func() error { _, err := schema.GetTenant(m, 1); return err },
		"number":  func() error { _, err := schema.GetTenantNo(m, id(1)); return err },
		"user":    func() error { _, err := schema.GetUser(m, 1, id(1)); return err },
		"email":   func() error { _, err := schema.GetUserByEmail(m, "a@example.com"); return err },
		"session": func() error { _, err := schema.GetSession(m, 1, id(1)); return err },
		"refresh": func() error { _, err := schema.GetRefreshToken(m, [32]byte{1}); return err },
		"share":   func() error { _, err := schema.GetShare(m, 1, id(1)); return err },
		"node":    func() error { _, err := schema.GetNode(m, 1, id(1)); return err },
		"child":   func() error { _, err := schema.GetChild(m, 1, id(1), []byte("a")); return err },
		"version": func() error { _, err := schema.GetVersion(m, 1, id(1), 1); return err },
		"change":  func() error { _, err := schema.GetChange(m, 1, id(1), 1); return err },
	}
	for name, fn := range get {
		if err := fn(); !errors.Is(err, schema.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeyPartsComeBack(t *testing.T) {
	m := schematest.New()
	at := time.UnixMicro(1_700_000_000_000_001).UTC()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	same := func(want, got any, err error) {
		t.Helper()
		must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	p := &engine.Partner{ID: id(1), Name: "P", CreatedAt: at}
	must(schema.PutPartner(m, p))
	gotP, err := schema.GetPartner(m, p.ID)
	same(p, gotP, err)

	ten := &engine.Tenant{No: 7, ID: id(2), Partner: p.ID, Settings: engine.DefaultTenantSettings()}
	must(schema.PutTenant(m, ten))
	gotT, err := schema.GetTenant(m, 7)
	same(ten, gotT, err)
	no, err := schema.GetTenantNo(m, ten.ID)
	same(ten.No, no, err)
	must(schema.ScanTenants(m, 0, func(g *engine.Tenant) (bool, error) { same(ten, g, nil); return true, nil }))

	u := &engine.User{ID: id(3), Tenant: 7, Email: "A@example.com"}
	must(schema.PutUser(m, u))
	gotU, err := schema.GetUser(m, 7, u.ID)
	same(u, gotU, err)
	must(schema.PutUserByEmail(m, "a@example.com", &schema.UserRef{Tenant: 7, User: u.ID}))
	ref, err := schema.GetUserByEmail(m, "a@example.com")
	same(&schema.UserRef{Tenant: 7, User: u.ID}, ref, err)

	s := &engine.Session{ID: id(4), User: u.ID, CreatedAt: at}
	must(schema.PutSession(m, 7, s))
	gotS, err := schema.GetSession(m, 7, s.ID)
	same(s, gotS, err)

	sh := &engine.Share{ID: id(5), Name: "S", QuotaBytes: -1}
	must(schema.PutShare(m, 7, sh))
	gotSh, err := schema.GetShare(m, 7, sh.ID)
	same(sh, gotSh, err)

	n := &engine.Node{ID: id(6), Kind: engine.KindFile, Name: "f", Size: 9}
	must(schema.PutNode(m, 7, n))
	gotN, err := schema.GetNode(m, 7, n.ID)
	same(n, gotN, err)
	_, err = schema.GetNode(m, 8, n.ID) // another tenant's
	if !errors.Is(err, schema.ErrNotFound) {
		t.Errorf("a node of tenant 7 in tenant 8: %v", err)
	}

	v := &engine.Version{ID: id(7), File: n.ID, Number: 3, Content: engine.Content{Size: 9, Inline: []engine.Chunk{{Size: 9}}}}
	must(schema.PutVersion(m, 7, v))
	gotV, err := schema.GetVersion(m, 7, n.ID, 3)
	same(v, gotV, err)

	c := &engine.Change{ID: id(8), Share: sh.ID, Seq: 5, Node: n.ID}
	must(schema.PutChange(m, 7, c))
	gotC, err := schema.GetChange(m, 7, sh.ID, 5)
	same(c, gotC, err)
}

// A scan sees its prefix only, in order, from behind where it was told.
func TestScansKeepToTheirPrefix(t *testing.T) {
	m := schematest.New()
	var last engine.ID
	for i := range last {
		last[i] = 0xff
	}
	for _, tn := range []engine.TenantNo{1, 2, 0xffffffff} {
		for _, sh := range []engine.ID{id(1), id(2), last} {
			if err := schema.PutShare(m, tn, &engine.Share{ID: sh, Name: fmt.Sprint(tn)}); err != nil {
				t.Fatal(err)
			}
			for i := range uint64(4) {
				_ = schema.PutChange(m, tn, &engine.Change{Share: sh, Seq: i + 1})
				_ = schema.PutVersion(m, tn, &engine.Version{File: sh, Number: i + 1})
				_ = schema.PutChild(m, tn, sh, []byte{'a' + byte(i)}, &engine.Child{Node: id(byte(i))})
				at := time.UnixMicro(int64(i) - 2).UTC() // around 1970
				_ = schema.PutTrash(m, tn, &engine.TrashItem{Share: sh, Node: id(9), DeletedAt: at})
			}
		}
	}
	for _, sh := range []engine.ID{id(1), last} {
		var got []string
		note := func(format string, args ...any) { got = append(got, fmt.Sprintf(format, args...)) }
		tn := engine.TenantNo(0xffffffff)
		err := errors.Join(
			schema.ScanChanges(m, tn, sh, 2, func(c *engine.Change) (bool, error) { note("c%d", c.Seq); return true, nil }),
			schema.ScanVersions(m, tn, sh, 0, func(v *engine.Version) (bool, error) { note("v%d", v.Number); return true, nil }),
			schema.ScanVersions(m, tn, sh, 3, func(v *engine.Version) (bool, error) { note("below%d", v.Number); return true, nil }),
			schema.ScanChildren(m, tn, sh, nil, func(k []byte, _ *engine.Child) (bool, error) { note("%s", k); return len(got) < 9, nil }),
			schema.ScanChildren(m, tn, sh, []byte("b"), func(k []byte, _ *engine.Child) (bool, error) { note("%s", k); return true, nil }),
			schema.ScanTrash(m, tn, sh, nil, func(i *engine.TrashItem) (bool, error) {
				note("t%d", i.DeletedAt.UnixMicro())
				return true, nil
			}),
			schema.ScanTrash(m, tn, sh, &engine.TrashItem{DeletedAt: time.UnixMicro(-1), Node: id(9)}, func(i *engine.TrashItem) (bool, error) {
				note("behind%d", i.DeletedAt.UnixMicro())
				return true, nil
			}),
		)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"c3", "c4", "v4", "v3", "v2", "v1", "below2", "below1", "a", "c", "d", "t1", "t0", "t-1", "t-2", "behind-2"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("share %x (-want +got):\n%s", sh, diff)
		}
	}
	var shares []engine.ID
	err := schema.ScanShares(m, 2, id(1), func(s *engine.Share) (bool, error) {
		shares = append(shares, s.ID)
		return s.Name == "2", nil
	})
	if err != nil || !slices.Equal(shares, []engine.ID{id(2), last}) {
		t.Errorf("shares %x, %v", shares, err)
	}
}

// A record that cannot be decoded is damage, named for the log and not for the
// caller, whose name keys it may hold.
func TestDamageIsNamed(t *testing.T) {
	m := schematest.New()
	key := schema.ChildKey(1, id(1), []byte("secret"))
	if err := m.Put(schema.Children, key, []byte{0xff}); err != nil {
		t.Fatal(err)
	}
	_, err := schema.GetChild(m, 1, id(1), []byte("secret"))
	isDamaged(t, err)
	var e *engine.Error
	if !errors.As(err, &e) || bytes.Contains([]byte(e.Msg), []byte("73656372")) {
		t.Errorf("message %q", e.Msg)
	}
	for _, part := range []string{"children", fmt.Sprintf("%x", key)} {
		if !bytes.Contains([]byte(err.Error()), []byte(part)) {
			t.Errorf("%q does not name %s", err, part)
		}
	}
	isDamaged(t, schema.ScanChildren(m, 1, id(1), nil, func([]byte, *engine.Child) (bool, error) { return true, nil }))

	if err := m.Put(schema.Changes, append(schema.ChangeKey(1, id(1), 1), 0), nil); err != nil {
		t.Fatal(err)
	}
	isDamaged(t, schema.ScanChanges(m, 1, id(1), 0, func(*engine.Change) (bool, error) { return true, nil }))
}

func TestFolderNoticesEveryChangeOfItsChildren(t *testing.T) {
	const tenant = 1
	folder := &engine.Node{ID: id(1), Kind: engine.KindFolder}
	m := schematest.New()
	link := func(name string, c *engine.Child) {
		t.Helper()
		if err := schema.LinkChild(m, tenant, folder, []byte(name), c); err != nil {
			t.Fatal(err)
		}
	}
	check := func() error {
		var y schema.Tally
		err := schema.ScanChildren(m, tenant, folder.ID, nil, func(k []byte, c *engine.Child) (bool, error) {
			y.Add(tenant, folder.ID, k, c)
			return true, nil
		})
		if err != nil {
			return err
		}
		return y.Check(tenant, folder)
	}
	if err := check(); err != nil {
		t.Fatalf("an empty folder: %v", err)
	}
	link("a", &engine.Child{Node: id(2), Kind: engine.KindFile})
	link("b", &engine.Child{Node: id(3), Kind: engine.KindFile})
	link("c", &engine.Child{Node: id(4), Kind: engine.KindFolder, Extra: engine.Extra{0x98, 0x06, 1}})
	if err := check(); err != nil || folder.LiveFiles != 2 || folder.LiveFolders != 1 {
		t.Fatalf("%v, %+v", err, folder)
	}
	whole := m.Rows[schema.Children]
	damages := map[string]func(rows map[string][]byte){
		"one missing": func(r map[string][]byte) { delete(r, string(schema.ChildKey(1, folder.ID, []byte("a")))) },
		"one more":    func(r map[string][]byte) { r[string(schema.ChildKey(1, folder.ID, []byte("d")))] = nil },
		"swapped": func(r map[string][]byte) {
			a, b := string(schema.ChildKey(1, folder.ID, []byte("a"))), string(schema.ChildKey(1, folder.ID, []byte("b")))
			r[a], r[b] = r[b], r[a]
		},
		"renamed": func(r map[string][]byte) {
			a := string(schema.ChildKey(1, folder.ID, []byte("a")))
			r[string(schema.ChildKey(1, folder.ID, []byte("x")))] = r[a]
			delete(r, a)
		},
		"of another folder": func(r map[string][]byte) {
			a := string(schema.ChildKey(1, folder.ID, []byte("a")))
			r[string(schema.ChildKey(1, id(9), []byte("a")))] = r[a]
			delete(r, a)
		},
	}
	for name, damage := range damages {
		rows := map[string][]byte{}
		for k, v := range whole {
			rows[k] = v
		}
		damage(rows)
		m.Rows[schema.Children] = rows
		t.Run(name, func(t *testing.T) { isDamaged(t, check()) })
	}
	m.Rows[schema.Children] = whole
	for _, name := range []string{"b", "a", "c"} {
		c, err := schema.GetChild(m, tenant, folder.ID, []byte(name))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.UnlinkChild(m, tenant, folder, []byte(name), c); err != nil {
			t.Fatal(err)
		}
		if err := check(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(&engine.Node{ID: id(1), Kind: engine.KindFolder}, folder); diff != "" {
		t.Errorf("an emptied folder:\n%s", diff)
	}
}

// The digest is part of the format: stored folders are compared with it.
func TestChildDigestIsFixed(t *testing.T) {
	got := schema.ChildDigest(1, id(1), []byte("a"), &engine.Child{Node: id(2), Kind: engine.KindFile})
	if want := (engine.Digest{0x6963058640e8c90a, 0x287b951da7a6e66e}); got != want {
		t.Errorf("digest %#x, want %#x", got, want)
	}
}

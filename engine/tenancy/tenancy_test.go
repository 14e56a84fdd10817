package tenancy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/meta/schema/schematest"
)

func testEnv() engine.Env {
	var n byte
	return engine.Env{
		Now: func() time.Time { return time.UnixMicro(1_800_000_000_000_000).UTC() },
		NewID: func() (id engine.ID) {
			n++
			id[15] = n
			return id
		},
	}
}

func TestBootstrapMakesOneTenantOnce(t *testing.T) {
	m := schematest.New()
	s := New(nil, testEnv())
	first, err := s.Bootstrap(m)
	if err != nil {
		t.Fatal(err)
	}
	if first.No != FirstTenant || first.Name != "Default" || first.Status != engine.StatusActive ||
		first.Settings != engine.DefaultTenantSettings() || first.ID.IsZero() {
		t.Errorf("%+v", first)
	}
	p, err := schema.GetPartner(m, first.Partner)
	if err != nil || p.Name != "Default" || p.Status != engine.StatusActive {
		t.Errorf("%+v, %v", p, err)
	}
	again, err := s.Bootstrap(m)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("a second bootstrap (-first +again):\n%s", diff)
	}
	if len(m.Rows[schema.Tenants]) != 1 || len(m.Rows[schema.Partners]) != 1 {
		t.Error("a second bootstrap made more")
	}
	if no, err := schema.GetTenantNo(m, first.ID); no != FirstTenant || err != nil {
		t.Errorf("%d, %v", no, err)
	}
}

// What looks like an empty store but is not gets no new tenant.
func TestBootstrapRefusesDamage(t *testing.T) {
	m := schematest.New()
	if err := schema.PutTenant(m, &engine.Tenant{No: 2, ID: engine.ID{1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := New(nil, testEnv()).Bootstrap(m); engine.KindOf(err) != engine.KindDamaged {
		t.Error(err)
	}
	m = schematest.New()
	if err := m.Put(schema.Tenants, schema.TenantKey(1), []byte{0xff}); err != nil {
		t.Fatal(err)
	}
	if _, err := New(nil, testEnv()).Bootstrap(m); engine.KindOf(err) != engine.KindDamaged {
		t.Error(err)
	}
}

package schema_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/meta/schema/schematest"
)

const tenant engine.TenantNo = 1

// restricted is a share with two nodes that have entries and one that is cut off.
func restricted(t *testing.T) (*schematest.Mem, *engine.Share, []*engine.Node, []engine.Entry) {
	t.Helper()
	m := schematest.New()
	s := &engine.Share{ID: id(1), Name: "S"}
	nodes := []*engine.Node{{ID: id(1), Kind: engine.KindFolder}, {ID: id(2)}, {ID: id(3)}, {ID: id(4)}}
	entries := []engine.Entry{
		{ID: id(20), Type: engine.EntryDeny, Kind: engine.PrincipalEveryone, Rights: engine.RightsAll, AppliesTo: engine.AppliesToThisOnly},
		{ID: id(21), Type: engine.EntryAllow, Kind: engine.PrincipalUser, Principal: id(30), Rights: engine.RightRead, CreatedAt: time.UnixMicro(5).UTC()},
	}
	err := errors.Join(
		schema.PutShare(m, tenant, s), schema.PutNode(m, tenant, nodes[0]), schema.PutNode(m, tenant, nodes[3]),
		schema.PutEntries(m, tenant, s, nodes[1], entries),
		schema.PutEntries(m, tenant, s, nodes[2], entries[:1]),
	)
	nodes[0].CutOff = true
	if err := errors.Join(err, schema.PutNode(m, tenant, nodes[0]), schema.IndexException(m, tenant, s, nodes[0])); err != nil {
		t.Fatal(err)
	}
	return m, s, nodes, entries
}

// exceptions reads the index through the share's stored record.
func exceptions(m *schematest.Mem) (map[engine.ID]engine.Exception, error) {
	s, err := schema.GetShare(m, tenant, id(1))
	if err != nil {
		return nil, err
	}
	got := map[engine.ID]engine.Exception{}
	err = schema.ScanExceptions(m, tenant, s, func(n engine.ID, e *engine.Exception) error {
		got[n] = *e
		return nil
	})
	return got, err
}

func TestEntriesComeBack(t *testing.T) {
	m, s, nodes, entries := restricted(t)
	for i, want := range [][]engine.Entry{nil, entries, entries[:1], nil} {
		n, err := schema.GetNode(m, tenant, nodes[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		got, err := schema.GetEntries(m, tenant, n)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("node %d (-want +got):\n%s", i, diff)
		}
	}
	got, err := exceptions(m)
	want := map[engine.ID]engine.Exception{id(1): {CutOff: true}, id(2): {Entries: true}, id(3): {Entries: true}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}

	// Taking everything back leaves nothing behind.
	nodes[0].CutOff = false
	err = errors.Join(schema.PutNode(m, tenant, nodes[0]), schema.IndexException(m, tenant, s, nodes[0]),
		schema.PutEntries(m, tenant, s, nodes[1], nil), schema.PutEntries(m, tenant, s, nodes[2], nil))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Rows[schema.Entries])+len(m.Rows[schema.Exceptions]) != 0 || s.Exceptions != (engine.Seal{}) || nodes[1].Entries != (engine.Seal{}) {
		t.Errorf("left behind: %v %+v", m.Rows, s)
	}
}

func TestMissingOrChangedEntriesAreDamage(t *testing.T) {
	damages := map[string]func(m *schematest.Mem, n *engine.Node){
		"missing": func(m *schematest.Mem, n *engine.Node) {
			delete(m.Rows[schema.Entries], string(schema.EntriesKey(tenant, n.ID)))
		},
		"emptied": func(m *schematest.Mem, n *engine.Node) {
			_ = m.Put(schema.Entries, schema.EntriesKey(tenant, n.ID), nil)
		},
		"garbage": func(m *schematest.Mem, n *engine.Node) {
			_ = m.Put(schema.Entries, schema.EntriesKey(tenant, n.ID), []byte{1})
		},
		"no seal":  func(_ *schematest.Mem, n *engine.Node) { n.Entries = engine.Seal{} },
		"no count": func(_ *schematest.Mem, n *engine.Node) { n.Entries.Count = 0 },
		"those of another node": func(m *schematest.Mem, n *engine.Node) {
			_ = m.Put(schema.Entries, schema.EntriesKey(tenant, n.ID), m.Rows[schema.Entries][string(schema.EntriesKey(tenant, id(3)))])
		},
		"those of another node, with its seal": func(m *schematest.Mem, n *engine.Node) {
			_ = m.Put(schema.Entries, schema.EntriesKey(tenant, n.ID), m.Rows[schema.Entries][string(schema.EntriesKey(tenant, id(3)))])
			o, _ := schema.GetNode(m, tenant, id(3))
			n.Entries = o.Entries
		},
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			m, s, nodes, entries := restricted(t)
			damage(m, nodes[1])
			_, err := schema.GetEntries(m, tenant, nodes[1])
			isDamaged(t, err)
			isDamaged(t, schema.PutEntries(m, tenant, s, nodes[1], entries))
		})
	}
}

func TestMissingOrChangedExceptionsAreDamage(t *testing.T) {
	m, _, _, _ := restricted(t)
	whole := m.Rows[schema.Exceptions]
	key := func(n engine.ID) string { return string(schema.ExceptionKey(tenant, id(1), n)) }
	damages := map[string]func(r map[string][]byte){
		"missing":    func(r map[string][]byte) { delete(r, key(id(2))) },
		"all":        func(r map[string][]byte) { clear(r) },
		"one more":   func(r map[string][]byte) { r[key(id(9))] = r[key(id(2))] },
		"swapped":    func(r map[string][]byte) { r[key(id(1))], r[key(id(2))] = r[key(id(2))], r[key(id(1))] },
		"other node": func(r map[string][]byte) { r[key(id(9))] = r[key(id(2))]; delete(r, key(id(2))) },
		"emptied":    func(r map[string][]byte) { r[key(id(2))] = nil },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			m.Rows[schema.Exceptions] = maps.Clone(whole)
			damage(m.Rows[schema.Exceptions])
			_, err := exceptions(m)
			isDamaged(t, err)
		})
	}
}

// What a later build restricts by is neither lost nor in the way.
func TestUnknownExceptionsStay(t *testing.T) {
	m, s, nodes, _ := restricted(t)
	unknown := []byte{0x10, 0x01, 0x98, 0x06, 0x01} // cut_off, and field 99
	if err := schema.IndexException(m, tenant, s, &engine.Node{ID: id(1)}); err != nil {
		t.Fatal(err)
	}
	delete(m.Rows[schema.Exceptions], string(schema.ExceptionKey(tenant, id(1), id(2))))
	delete(m.Rows[schema.Exceptions], string(schema.ExceptionKey(tenant, id(1), id(3))))
	s.Exceptions = engine.Seal{}
	nodes[0].CutOff = true
	if err := schema.IndexException(m, tenant, s, nodes[0]); err != nil {
		t.Fatal(err)
	}
	key := schema.ExceptionKey(tenant, id(1), id(1))
	if err := m.Put(schema.Exceptions, key, unknown); err != nil {
		t.Fatal(err)
	}
	nodes[0].CutOff = false
	if err := schema.IndexException(m, tenant, s, nodes[0]); err != nil {
		t.Fatal(err)
	}
	if got := m.Rows[schema.Exceptions][string(key)]; string(got) != "\x98\x06\x01" {
		t.Errorf("the exception is now %x", got)
	}
}

func TestTooManyEntries(t *testing.T) {
	m, s, nodes, _ := restricted(t)
	list := make([]engine.Entry, engine.MaxEntries+1)
	if err := schema.PutEntries(m, tenant, s, nodes[3], list); err == nil {
		t.Error("taken")
	}
	if err := schema.PutEntries(m, tenant, s, nodes[3], list[1:]); err != nil {
		t.Error(err)
	}
	if got, err := schema.GetEntries(m, tenant, nodes[3]); err != nil || len(got) != engine.MaxEntries {
		t.Errorf("%d entries, %v", len(got), err)
	}
}

// The seal is part of the format: stored nodes are compared with it.
func TestSealIsFixed(t *testing.T) {
	_, s, nodes, _ := restricted(t)
	if got := fmt.Sprintf("%d %x", nodes[1].Entries.Count, nodes[1].Entries.Digest); got != "2 adf01780fca84f7d8895ef9b20c62e8d" {
		t.Errorf("entries %s", got)
	}
	if got := fmt.Sprintf("%d %x", s.Exceptions.Count, s.Exceptions.Digest); got != "3 cf2384a5f330de7c0d6870094634d970" {
		t.Errorf("exceptions %s", got)
	}
}

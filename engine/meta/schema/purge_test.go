package schema_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/meta/schema/schematest"
)

func TestTrashByParentAndPurges(t *testing.T) {
	m := schematest.New()
	at := time.UnixMicro(7).UTC()
	for _, parent := range []engine.ID{id(1), id(2)} {
		for i := range byte(3) {
			if err := errors.Join(
				schema.PutTrashed(m, 1, parent, id(10+i), engine.KindFile),
				schema.PutPurge(m, 1, &engine.Purge{Node: id(10 + i), Share: id(3), By: id(4), At: at}),
				schema.PutTrash(m, 1, &engine.TrashItem{Share: id(3), Node: id(10 + i), DeletedAt: at, Kind: engine.KindFile}),
			); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := schema.DeleteTrashed(m, 1, id(1), id(11)); err != nil {
		t.Fatal(err)
	}
	var got []engine.ID
	err := schema.ScanTrashed(m, 1, id(1), engine.ID{}, func(n engine.ID) (bool, error) { got = append(got, n); return true, nil })
	if err != nil || !slices.Equal(got, []engine.ID{id(10), id(12)}) {
		t.Errorf("%x, %v", got, err)
	}
	for node, want := range map[engine.ID]bool{id(10): true, id(11): false} {
		if has, err := schema.HasTrashed(m, 1, id(1), node); err != nil || has != want {
			t.Errorf("HasTrashed %x: %v, %v", node, has, err)
		}
	}
	if i, err := schema.GetTrash(m, 1, id(3), at, id(10)); err != nil || i.Kind != engine.KindFile || i.Node != id(10) || !i.DeletedAt.Equal(at) {
		t.Errorf("%+v, %v", i, err)
	}
	if err := schema.DeletePurge(m, 1, id(10)); err != nil {
		t.Fatal(err)
	}
	if _, err := schema.GetPurge(m, 1, id(10)); !errors.Is(err, schema.ErrNotFound) {
		t.Errorf("an ended purge: %v", err)
	}
	p, err := schema.GetPurge(m, 1, id(11))
	if err != nil || p.Share != id(3) || p.By != id(4) || !p.At.Equal(at) || p.Node != id(11) {
		t.Errorf("%+v, %v", p, err)
	}
	var nodes []engine.ID
	err = schema.ScanPurges(m, 1, id(11), func(p *engine.Purge) (bool, error) { nodes = append(nodes, p.Node); return true, nil })
	if err != nil || !slices.Equal(nodes, []engine.ID{id(12)}) {
		t.Errorf("%x, %v", nodes, err)
	}
}

func TestUnindexException(t *testing.T) {
	m := schematest.New()
	sh := &engine.Share{ID: id(1)}
	for i := range byte(2) {
		if err := schema.IndexException(m, 1, sh, &engine.Node{ID: id(5 + i), CutOff: true}); err != nil {
			t.Fatal(err)
		}
	}
	for _, node := range []engine.ID{id(5), id(5), id(9)} {
		if err := schema.UnindexException(m, 1, sh, node); err != nil {
			t.Fatal(err)
		}
	}
	var left []engine.ID
	err := schema.ScanExceptions(m, 1, sh, func(n engine.ID, _ *engine.Exception) error { left = append(left, n); return nil })
	if err != nil || !slices.Equal(left, []engine.ID{id(6)}) || sh.Exceptions.Count != 1 {
		t.Errorf("%x, %+v, %v", left, sh.Exceptions, err)
	}
}

package meta_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

func openMem(t *testing.T, opts meta.Options) *meta.DB {
	t.Helper()
	db, err := meta.OpenMem(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return db
}

func mustUpdate(t *testing.T, db *meta.DB, fn func(tx *meta.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, db *meta.DB, table schema.Table, key string) (string, error) {
	t.Helper()
	var got string
	err := db.View(t.Context(), func(v *meta.View) error {
		b, err := v.Get(table, []byte(key))
		got = string(b)
		return err
	})
	return got, err
}

func scan(db *meta.DB, table schema.Table, from, to []byte) (out []string, err error) {
	err = db.View(context.Background(), func(v *meta.View) error {
		return v.Scan(table, from, to, func(k, val []byte) (bool, error) {
			out = append(out, string(k)+"="+string(val))
			return true, nil
		})
	})
	return out, err
}

func TestPutGetScanDelete(t *testing.T) {
	for name, opts := range map[string]meta.Options{
		"memory":    {},
		"bbolt":     {DBPath: filepath.Join(t.TempDir(), "meta.db")},
		"flushing":  {DBPath: filepath.Join(t.TempDir(), "meta2.db"), FlushBytes: 1},
		"flushing2": {FlushBytes: 1},
	} {
		t.Run(name, func(t *testing.T) {
			db := openMem(t, opts)
			for i := range 100 {
				mustUpdate(t, db, func(tx *meta.Tx) error {
					if i%3 == 0 {
						if err := tx.Delete(schema.Nodes, fmt.Appendf(nil, "k%02d", i/2)); err != nil {
							return err
						}
					}
					return tx.Put(schema.Nodes, fmt.Appendf(nil, "k%02d", i), fmt.Appendf(nil, "v%d", i))
				})
			}
			if _, err := get(t, db, schema.Nodes, "k01"); !errors.Is(err, schema.ErrNotFound) {
				t.Fatalf("deleted: %v", err)
			}
			if v, err := get(t, db, schema.Nodes, "k99"); err != nil || v != "v99" {
				t.Fatal(v, err)
			}
			rows, err := scan(db, schema.Nodes, []byte("k10"), []byte("k15"))
			if err != nil || fmt.Sprint(rows) != "[k11=v11 k14=v14]" {
				t.Fatal(rows, err)
			}
			boom := errors.New("boom")
			err = db.Update(t.Context(), func(tx *meta.Tx) error {
				if err := tx.Put(schema.Nodes, []byte("x"), []byte("y")); err != nil {
					return err
				}
				return boom
			})
			if err != boom {
				t.Fatal(err)
			}
			if _, err := get(t, db, schema.Nodes, "x"); !errors.Is(err, schema.ErrNotFound) {
				t.Fatal(err)
			}
			err = db.Update(t.Context(), func(tx *meta.Tx) error { panic("no") })
			if engine.KindOf(err) != engine.KindInternal {
				t.Fatal(err)
			}
		})
	}
}

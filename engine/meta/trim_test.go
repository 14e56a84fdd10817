package meta_test

import (
	"path/filepath"
	"testing"

	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

func TestTrimFlushes(t *testing.T) {
	dir := t.TempDir()
	db := openMem(t, meta.Options{DBPath: filepath.Join(dir, "meta.db"), FlushAge: -1})
	mustUpdate(t, db, func(tx *meta.Tx) error { return tx.Put(schema.Nodes, []byte("a"), []byte("1")) })
	if st := db.Status(); st.FileLSN == st.LSN {
		t.Fatal("flushed before it was asked")
	}
	recall := func() (known bool) {
		err := db.View(t.Context(), func(v *meta.View) error {
			known = v.Recall(schema.Nodes, []byte("a")) != nil
			v.Remember(schema.Nodes, []byte("a"), new(int))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return known
	}
	if recall() || !recall() {
		t.Fatal("a record is not remembered")
	}
	if err := db.Trim(); err != nil {
		t.Fatal(err)
	}
	if recall() {
		t.Error("a record is still remembered")
	}
	if st := db.Status(); st.FileLSN != st.LSN {
		t.Fatalf("the file is at %d, the log at %d", st.FileLSN, st.LSN)
	}
	if got, err := get(t, db, schema.Nodes, "a"); got != "1" || err != nil {
		t.Fatal(got, err)
	}
}

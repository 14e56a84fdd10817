package chunkstore_test

import (
	"testing"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/vfs"
)

// openings counts how often files are opened.
type openings struct {
	vfs.FS
	n int
}

func (o *openings) Open(name string) (vfs.File, error)   { o.n++; return o.FS.Open(name) }
func (o *openings) OpenRW(name string) (vfs.File, error) { o.n++; return o.FS.OpenRW(name) }

// A pack with many records is sealed by Close, and the next Open does not read
// it; one with few goes on.
func TestCloseSeals(t *testing.T) {
	for _, test := range []struct {
		name           string
		records, limit int
		packs          int // after one more chunk
		opened         bool
	}{
		{"under", 9, 10, 1, true},
		{"at", 10, 10, 2, false},
		{"never", 10, -1, 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := osOptions(t)
			o.SealRecords = test.limit
			files := &openings{FS: o.FS}
			o.FS = files
			s := open(t, o)
			var all [][]byte
			for i := range test.records {
				b, _ := chunk(uint64(i), 500+i)
				all = append(all, b)
				put(t, s, tenantA, b)
			}
			o.Marks = syncStore(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			files.n = 0
			s = open(t, o)
			if opened := files.n > 0; opened != test.opened {
				t.Errorf("Open opened %d packs", files.n)
			}
			more, _ := chunk(99, 700)
			put(t, s, tenantA, more)
			syncStore(t, s)
			for _, b := range append(all, more) {
				wantChunk(t, s, tenantA, b)
			}
			if n := s.Stats().Packs; n != test.packs {
				t.Errorf("%d packs", n)
			}
			if err := s.Verify(t.Context(), true, func(d chunkstore.Damage) { t.Errorf("verify: %v", d) }); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

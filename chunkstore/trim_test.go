package chunkstore_test

import (
	"sync"
	"testing"
)

// While chunks are put and read, Trim takes nothing but memory.
func TestTrim(t *testing.T) {
	o := osOptions(t)
	s := open(t, o)
	defer s.Close()
	var chunks [][]byte
	for i := range 200 {
		b, _ := chunk(uint64(i), 1000+i*37)
		chunks = append(chunks, b)
	}
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			for i := w; i < len(chunks); i += 2 {
				put(t, s, tenantA, chunks[i])
				wantChunk(t, s, tenantA, chunks[i])
				if i%20 == w {
					syncStore(t, s)
				}
			}
		})
	}
	for range 20 {
		if err := s.Trim(); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	syncStore(t, s)
	if err := s.Trim(); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Index.Fresh != 0 || st.Index.Folded != uint64(len(chunks)) {
		t.Fatalf("%d chunks folded and %d not, of %d", st.Index.Folded, st.Index.Fresh, len(chunks))
	}
	for _, b := range chunks {
		wantChunk(t, s, tenantA, b)
	}
}

package chunkstore_test

import (
	"testing"
	"time"
)

// TestCheckAfter: the check of the whole index waits as long as Options say, and the
// store takes and gives chunks meanwhile; after that it comes by itself.
func TestCheckAfter(t *testing.T) {
	o := osOptions(t)
	s := open(t, o)
	var all [][]byte
	for i := range 20 {
		b, _ := chunk(uint64(i), 500+i)
		all = append(all, b)
		put(t, s, tenantA, b)
	}
	o.Marks = syncStore(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, after := range []time.Duration{time.Hour, time.Millisecond} {
		o.CheckAfter = after
		s = open(t, o)
		for _, b := range all {
			wantChunk(t, s, tenantA, b)
		}
		more, _ := chunk(uint64(after), 700)
		put(t, s, tenantA, more)
		o.Marks = append(o.Marks, syncStore(t, s)...)
		if after == time.Hour && s.Stats().Index.Verified {
			t.Error("the index was checked at once")
		}
		for deadline := time.Now().Add(30 * time.Second); after < time.Hour && !s.Stats().Index.Verified; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the index was not checked")
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

package tree

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"scaidrive/engine"
)

func TestListingState(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	id := func() (id engine.ID) {
		for i := range id {
			id[i] = byte(rnd.Uint32())
		}
		return id
	}
	for levels := range 129 {
		l := &listing{root: id(), share: id(), cursor: rnd.Uint64(), seq: rnd.Uint64() >> rnd.IntN(64), seen: rnd.Uint64() >> rnd.IntN(64), exact: levels%2 == 0}
		for i := range levels {
			v := level{folder: id()}
			v.tally.files, v.tally.folders = int64(rnd.IntN(1000)), int64(rnd.IntN(1000))
			v.tally.digest = engine.Digest{rnd.Uint64(), rnd.Uint64()}
			if i%3 > 0 {
				v.after = bytes.Repeat([]byte{byte(i)}, 1+rnd.IntN(700))
			}
			l.levels = append(l.levels, v)
		}
		b := l.append(nil)
		got, ok := parseListing(b)
		if !ok || !reflect.DeepEqual(got, l) {
			t.Fatalf("%d levels: %+v came back as %+v", levels, l, got)
		}
		if _, ok := parseListing(b[:len(b)-1]); ok && levels > 0 {
			t.Errorf("%d levels, cut: it was read", levels)
		}
	}
}

// FuzzListing: no bytes crash the reader of a token's state, and what it takes it
// writes again as something that reads the same.
func FuzzListing(f *testing.F) {
	l := &listing{cursor: 300, seq: 5, exact: true, levels: []level{{after: []byte("key")}, {}}}
	f.Add(l.append(nil))
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0xff}, 80))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, ok := parseListing(b)
		if !ok {
			return
		}
		again, ok := parseListing(l.append(nil))
		if !ok || !reflect.DeepEqual(l, again) {
			t.Errorf("%+v came back as %+v", l, again)
		}
	})
}

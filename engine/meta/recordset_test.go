package meta

import (
	"fmt"
	"testing"

	"github.com/cespare/xxhash/v2"
)

// keysOfOneSet gives keys whose records share a set, short and long ones.
func keysOfOneSet(n int) (keys [][]byte) {
	for i := 0; len(keys) < n; i++ {
		k := fmt.Appendf(nil, "key %d", i)
		if len(keys)%2 == 1 {
			k = fmt.Appendf(k, " with %d more, so that it has a place of its own", i)
		}
		if xxhash.Sum64(k)%recordSets == 7 {
			keys = append(keys, k)
		}
	}
	return keys
}

// Records of one set stay beside each other; one more pushes out what nobody asked for
// since; what is forgotten is gone, it alone.
func TestRecordsOfOneSet(t *testing.T) {
	keys := keysOfOneSet(recordWays + 2)
	r := newRecords()
	kept := func() (list []int) {
		for i, k := range keys {
			if r.get(k, 1) != nil {
				list = append(list, i)
			}
		}
		return list
	}
	for i, k := range keys[:recordWays] {
		r.put(k, 1, i)
	}
	for i, k := range keys[:recordWays] {
		if got := r.get(k, 1); got != i {
			t.Fatalf("key %d of a full set: %v", i, got)
		}
		if r.get(k, 0) != nil || r.exact(k, 2) != nil {
			t.Fatalf("key %d is given to another state", i)
		}
	}
	r = newRecords()
	for i, k := range keys[:recordWays] {
		r.put(k, 1, i)
	}
	for _, k := range keys[1:recordWays] {
		r.get(k, 1)
	}
	r.put(keys[recordWays], 1, "one more")
	if r.get(keys[0], 1) != nil || len(kept()) != recordWays {
		t.Fatalf("kept are %v: 0, for which nobody asked, had to go", kept())
	}
	r.put(keys[recordWays], 3, "newer")
	if got := r.get(keys[recordWays], 3); got != "newer" {
		t.Errorf("written again: %v", got)
	}
	if n := len(kept()); n != recordWays-1 { // the newer one is not state 1's
		t.Errorf("%d are kept after one was written again", n)
	}
	r.forget(keys[1], 4)
	if r.get(keys[1], 9) != nil || r.get(keys[2], 9) == nil {
		t.Error("forgotten is another than was said")
	}
	if r.put(keys[1], 3, "of before"); r.get(keys[1], 9) != nil {
		t.Error("an older state brought a forgotten record back")
	}
	if r.clear(); len(kept()) > 0 {
		t.Error("something is left")
	}
}

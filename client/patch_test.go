package client_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// TestPatch: what a patch says is what the list of chunks is.
func TestPatch(t *testing.T) {
	chunk := func(c byte) wire.Chunk { return wire.Chunk{SHA256: wire.Hash{c}, Size: uint32(c)} }
	for _, tc := range []struct {
		base, now string
		runs      int // elements of the patch
	}{
		{"abcdef", "abcdef", 1}, {"abcdef", "abXdef", 3}, {"abc", "Xabc", 2}, {"abc", "abcX", 2}, {"abc", "", 0},
		{"", "abc", 3}, {"aab", "aaab", 3}, {"abab", "abab", 1}, {"abcabd", "abd", 2}, {"abc", "cba", 3}, {"abc", "xyz", 3},
	} {
		var base, now []wire.Chunk
		for _, c := range []byte(tc.base) {
			base = append(base, chunk(c))
		}
		for _, c := range []byte(tc.now) {
			now = append(now, chunk(c))
		}
		items, kept := client.Patch(base, now)
		var got []wire.Chunk
		n := 0
		for _, it := range items {
			if it.Keep != nil {
				got = append(got, base[it.Keep[0]:it.Keep[0]+it.Keep[1]]...)
				n += int(it.Keep[1])
			} else {
				got = append(got, wire.Chunk{SHA256: *it.SHA256, Size: it.Size})
			}
		}
		if d := cmp.Diff(now, got); d != "" {
			t.Errorf("%q to %q: %s", tc.base, tc.now, d)
		}
		if kept != n || len(items) != tc.runs {
			t.Errorf("%q to %q: %d kept (told %d), %d elements, want %d", tc.base, tc.now, n, kept, len(items), tc.runs)
		}
	}
}

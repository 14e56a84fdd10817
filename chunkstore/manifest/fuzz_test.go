package manifest

import (
	"bytes"
	"testing"
)

// FuzzNode: what is taken for a node is encoded to the same bytes again.
func FuzzNode(f *testing.F) {
	for level := range 3 {
		for _, n := range []int{1, 3} {
			entries := make([]child, n)
			for i := range entries {
				entries[i] = child{hash: [32]byte{byte(i), 7}, size: 40, chunks: 1, bytes: 40}
			}
			f.Add(appendNode(nil, level, entries), level)
		}
	}
	f.Add([]byte("SDML\x01"), 0)
	f.Fuzz(func(t *testing.T, b []byte, level int) {
		level = int(uint(level) % (maxLevel + 1))
		entries, err := decodeNode(b, level, nil)
		if err != nil {
			return
		}
		if got := appendNode(nil, level, entries); !bytes.Equal(got, b) {
			t.Errorf("%x is read and written as %x", b, got)
		}
	})
}

func FuzzHead(f *testing.F) {
	f.Add(appendHead(nil, [32]byte{1}, 0, child{hash: [32]byte{2}, size: 700, chunks: 17, bytes: 3000}))
	f.Add(appendHead(nil, [32]byte{1}, 2, child{hash: [32]byte{2}, size: 700, chunks: 1 << 30, bytes: 1 << 50}))
	f.Fuzz(func(t *testing.T, b []byte) {
		digest, level, top, err := decodeHead(b)
		if err != nil {
			return
		}
		if got := appendHead(nil, digest, level, top); !bytes.Equal(got, b) {
			t.Errorf("%x is read and written as %x", b, got)
		}
	})
}

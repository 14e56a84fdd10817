package manifest

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"
)

type store map[[32]byte][]byte

func (s store) GetManifest(_ context.Context, hash [32]byte, _ uint32) ([]byte, error) {
	return s[hash], nil
}

// put stores a node and gives its parent's entry.
func (s store) put(level int, entries ...child) child {
	b := appendNode(nil, level, entries)
	e := child{hash: sha256.Sum256(b), size: uint32(len(b))}
	for _, c := range entries {
		e.chunks += c.chunks
		e.bytes += c.bytes
	}
	s[e.hash] = b
	return e
}

// TestOneEncoding: trees that name the right chunks, but are cut otherwise or
// have a level too many, are refused.
func TestOneEncoding(t *testing.T) {
	var all []Chunk
	var entries []child
	for i := range 40 {
		c := Chunk{[32]byte{byte(i), 31: 1}, 10} // no hash ends a node
		all = append(all, c)
		entries = append(entries, chunkChild(c))
	}
	for _, tt := range []struct {
		name  string
		level int
		top   func(s store) child
		ok    bool
	}{
		{"as written", 0, func(s store) child { return s.put(0, entries...) }, true},
		{"cut too early", 1, func(s store) child { return s.put(1, s.put(0, entries[:35]...), s.put(0, entries[35:]...)) }, false},
		{"a level too many", 1, func(s store) child { return s.put(1, s.put(0, entries...)) }, false},
		{"level said wrong", 2, func(s store) child { return s.put(0, entries...) }, false},
	} {
		s := store{}
		top := tt.top(s)
		head := appendHead(nil, Digest(all), tt.level, top)
		l := List{Count: 40, Size: 400, Digest: Digest(all), Root: sha256.Sum256(head)}
		s[l.Root] = head
		n := 0
		err := Each(t.Context(), s, l, func(Chunk) error { n++; return nil })
		if tt.ok != (err == nil) || !tt.ok && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %d chunks, error %v", tt.name, n, err)
		}
	}
	// A node that goes on behind the place where its hashes end it.
	long := make([]child, 40)
	copy(long, entries)
	long[33].hash[31] = 0x80
	if _, err := decodeNode(appendNode(nil, 0, long), 0, nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("cut too late: %v", err)
	}
}

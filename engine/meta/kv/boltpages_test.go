package kv_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"scaidrive/engine/meta/kv"
)

// boltBytes is a file with several levels and free pages.
func boltBytes(t testing.TB) []byte {
	p := kv.BoltPlace{Path: filepath.Join(t.TempDir(), "x.db"), NoSync: true}
	err := p.Replace(func(s kv.Store) error {
		for round := range 4 {
			var ops []kv.Op
			for i := range 3000 {
				k := fmt.Appendf(nil, "\x00\x05%06d long enough for pages of few keys, so that the tree is deep", i)
				ops = append(ops, kv.Op{Key: k, Value: bytes.Repeat([]byte{byte(round)}, i%90), Delete: i%4 == round})
			}
			if err := s.Apply(fmt.Appendf(nil, "header %d", round), ops); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(p.Path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// FuzzBoltFile changes bytes of a file. Whatever they are, opening, reading and
// writing end, with ErrDamaged or without; keys that are given ascend.
func FuzzBoltFile(f *testing.F) {
	whole := boltBytes(f)
	dir := f.TempDir()
	f.Add([]byte{})
	f.Add([]byte{0, 0x20, 8, 3}) // a page's flags
	f.Add([]byte{0, 0x50, 24, 1, 0, 0x50, 40, 7})
	for page := range byte(16) { // the first child's number
		f.Add([]byte{0, page << 4, 24, 2})
	}
	f.Fuzz(func(t *testing.T, edits []byte) {
		b := bytes.Clone(whole)
		for ; len(edits) >= 4; edits = edits[4:] {
			at := int(edits[0])<<16 | int(edits[1])<<8 | int(edits[2])
			b[at%len(b)] ^= edits[3]
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.db", os.Getpid()))
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := kv.BoltPlace{Path: path, NoSync: true}.Open()
		if err != nil {
			return
		}
		walkAll(t, s)
		_ = s.Apply([]byte("new"), []kv.Op{put("\x00\x05000100", "x"), del("\x00\x05002000")})
		walkAll(t, s)
		_ = s.Close()
	})
}

func walkAll(t *testing.T, s kv.Store) {
	tx, err := s.Begin()
	if err != nil {
		if !errors.Is(err, kv.ErrDamaged) {
			t.Fatal(err)
		}
		return
	}
	defer tx.Close()
	_, _ = tx.Header()
	c := tx.Cursor()
	var last []byte
	for k, _, err := c.Seek([]byte{0, 1}); k != nil; k, _, err = c.Next() {
		if err != nil {
			break
		}
		if bytes.Compare(last, k) >= 0 {
			t.Fatalf("%q after %q", k, last)
		}
		last = bytes.Clone(k)
	}
	for i := range 60 {
		k := fmt.Appendf(nil, "\x00\x05%06d", i*50)
		_, _, _ = tx.Get(k)
		_, _, _ = tx.Cursor().Before(k)
	}
}

// TestCycleOfPages makes each branch page point to itself and to the root: bbolt
// would follow until its stack overflows.
func TestCycleOfPages(t *testing.T) {
	whole := boltBytes(t)
	cycles := 0
	for page := 2; page < len(whole)/4096; page++ {
		if whole[page*4096+8] != 1 || whole[page*4096+9] != 0 {
			continue
		}
		b := bytes.Clone(whole)
		count := int(b[page*4096+10]) | int(b[page*4096+11])<<8
		for i := range count {
			at := page*4096 + 16 + i*16 + 8
			copy(b[at:at+8], make([]byte, 8))
			b[at], b[at+1] = byte(page), byte(page>>8)
		}
		path := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := kv.BoltPlace{Path: path, NoSync: true}.Open()
		if err != nil {
			continue
		}
		walkAll(t, s)
		_ = s.Close()
		cycles++
	}
	if cycles == 0 {
		t.Fatal("no branch page was found")
	}
}

// Package chunkstoretest helps to test what is built on a chunk store, and
// holds the tests that try to break one: random operations against a plain map,
// with crashes at every call, failing calls, full disks and damaged bytes.
//
// Open gives a store that verifies itself on close. A Model is the plain map:
// it knows what a store was given and what it promised.
package chunkstoretest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/vfs"
)

// StoreID is the ID of the stores that Open makes.
var StoreID = [16]byte{'c', 'h', 'u', 'n', 'k', 's'}

// Open opens a store for a test: in memory where o.FS is nil, with StoreID
// where o has none. At the end of the test every byte of it is verified, and
// it is closed; anything damaged fails the test.
func Open(t testing.TB, o chunkstore.Options) *chunkstore.Store {
	t.Helper()
	if o.FS == nil {
		o.FS = vfs.NewMem()
	}
	if o.StoreID == ([16]byte{}) {
		o.StoreID = StoreID
	}
	s, err := chunkstore.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("open chunk store: %v", err)
	}
	t.Cleanup(func() {
		err := s.Verify(context.Background(), true, func(d chunkstore.Damage) { t.Errorf("chunk store: %v", d) })
		if err != nil && !errors.Is(err, chunkstore.ErrClosed) {
			t.Errorf("verify chunk store: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close chunk store: %v", err)
		}
	})
	return s
}

// A Name is what a chunk is found by.
type Name struct {
	Domain chunkstore.Domain
	Hash   chunkstore.Hash
}

// A Model knows what was put into a store and how much of it is promised.
type Model struct {
	Bytes   map[Name][]byte // everything ever put, whatever the answer
	Put     map[Name]bool   // put with success, since the last crash
	Durable map[Name]bool   // covered by a Sync that succeeded
	Marks   map[chunkstore.PackID]int64
}

// NewModel makes the model of an empty store.
func NewModel() *Model {
	return &Model{
		Bytes: make(map[Name][]byte), Put: make(map[Name]bool), Durable: make(map[Name]bool),
		Marks: make(map[chunkstore.PackID]int64),
	}
}

// Clone copies the model, as what is known at this moment.
func (m *Model) Clone() *Model {
	c := NewModel()
	for k, v := range m.Bytes {
		c.Bytes[k] = v
	}
	for k := range m.Put {
		c.Put[k] = true
	}
	for k := range m.Durable {
		c.Durable[k] = true
	}
	for k, v := range m.Marks {
		c.Marks[k] = v
	}
	return c
}

// MarkList gives the marks as Open takes them.
func (m *Model) MarkList() []chunkstore.Mark {
	var list []chunkstore.Mark
	for id, n := range m.Marks {
		list = append(list, chunkstore.Mark{Pack: id, Length: n})
	}
	return list
}

// Synced notes a Sync that succeeded: covered is what had been put before it.
func (m *Model) Synced(covered []Name, marks []chunkstore.Mark) {
	for _, n := range covered {
		m.Durable[n] = true
	}
	for _, k := range marks {
		m.Marks[k.Pack] = k.Length
	}
}

// Check compares a store with the model: what is promised is there, and what is
// there is right. strict says that everything put is promised.
func (m *Model) Check(s *chunkstore.Store, strict bool) error {
	ctx := context.Background()
	for n, want := range m.Bytes {
		has, err := s.Has(ctx, n.Domain, []chunkstore.Hash{n.Hash})
		if err != nil {
			return fmt.Errorf("has %s: %w", n.Hash, err)
		}
		got, err := s.Get(ctx, n.Domain, n.Hash, uint32(len(want)), nil)
		promised := m.Durable[n] || strict && m.Put[n]
		switch {
		case err == nil && !bytes.Equal(got, want):
			return fmt.Errorf("chunk %s: wrong bytes", n.Hash)
		case err == nil && !has[0]:
			return fmt.Errorf("chunk %s: Get finds it and Has does not", n.Hash)
		case err == nil:
		case !errors.Is(err, chunkstore.ErrNotFound):
			return fmt.Errorf("chunk %s: %w", n.Hash, err)
		case has[0]:
			return fmt.Errorf("chunk %s: Has finds it and Get does not", n.Hash)
		case promised:
			return fmt.Errorf("chunk %s of %d bytes was promised and is gone", n.Hash, len(want))
		}
	}
	if d := s.Damage(); len(d) > 0 {
		return fmt.Errorf("damage where there is none: %v", d)
	}
	return nil
}

// Verified runs a full Verify that must find nothing.
func Verified(s *chunkstore.Store) error {
	var found []chunkstore.Damage
	err := s.Verify(context.Background(), true, func(d chunkstore.Damage) { found = append(found, d) })
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("verify finds damage where there is none: %v", found)
	}
	return err
}

// RandomChunk draws a chunk of at most size bytes: noise, text, zeros, or one
// that looks like a pack.
func RandomChunk(rng *rand.Rand, size int) (Name, []byte) {
	b := make([]byte, rng.IntN(size+1))
	switch rng.IntN(4) {
	case 0, 1:
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
	case 2:
		word := byte('a' + rng.IntN(26))
		for i := range b {
			b[i] = word + byte(i%7)
		}
	default:
		for i := range b {
			b[i] = "SDRC\x01\x00\x01\x00"[i%8]
		}
		if len(b) > 16 {
			b[rng.IntN(len(b))] = byte(rng.Uint32())
		}
	}
	return Name{chunkstore.Domain{byte(1 + rng.IntN(2))}, sha256.Sum256(b)}, b
}

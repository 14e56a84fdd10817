package chunkstoretest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"scaidrive/chunkstore"
	. "scaidrive/chunkstore/chunkstoretest"
	"scaidrive/chunkstore/internal/record"
	"scaidrive/chunkstore/vfs"
)

// TestPlanted stores content that holds whole records, as somebody would who
// wants them taken for real when the record around them is damaged.
func TestPlanted(t *testing.T) {
	ctx := context.Background()
	var codec record.Codec
	victim := chunkstore.Domain{2}
	data := []byte("what the attacker wants the victim to have, or to lose")
	truth := sha256.Sum256(data)
	cases := []struct {
		name string
		salt func(real [8]byte) [8]byte
		hash [32]byte
	}{
		// Right bytes, in a domain that never had them.
		{"without the salt", func([8]byte) [8]byte { return [8]byte{1} }, truth},
		// The salt was guessed, but the bytes are not those of the hash.
		{"of another hash", func(s [8]byte) [8]byte { return s }, sha256.Sum256([]byte("the victim's own file"))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			disk := vfs.NewMem()
			o := options(disk, NewModel())
			o.PackSize = 1 << 20
			s, err := chunkstore.Open(ctx, o)
			if err != nil {
				t.Fatal(err)
			}
			w := &world{rng: rand.New(rand.NewPCG(1, 12)), s: s, m: NewModel()}
			if err := w.put(RandomChunk(w.rng, 100)); err != nil {
				t.Fatal(err)
			}
			name := "packs/00/00000001.pack"
			pack, err := vfs.ReadFile(disk, name)
			if err != nil {
				t.Fatal(err)
			}
			at := len(pack) // of the record that is damaged later
			h := record.Header{Kind: record.Data, Salt: c.salt([8]byte(pack[40:48])), Domain: victim, Hash: c.hash}
			plant := codec.Build(&h, data)
			h.Encode(*plant)
			content := slices.Concat(randomBytes(w.rng, 512), *plant, randomBytes(w.rng, 4096))
			outer := Name{chunkstore.Domain{1}, sha256.Sum256(content)}
			if err := w.put(outer, content); err != nil {
				t.Fatal(err)
			}
			n, b := RandomChunk(w.rng, 2000)
			if err := w.put(n, b); err != nil {
				t.Fatal(err)
			}
			marks, err := s.Sync(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if pack, err = vfs.ReadFile(disk, name); err != nil {
				t.Fatal(err)
			}
			pack[at+20] ^= 1
			if err := write(disk, name, pack); err != nil {
				t.Fatal(err)
			}
			o.Marks = marks
			if s, err = chunkstore.Open(ctx, o); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			has, err := s.Has(ctx, victim, []chunkstore.Hash{c.hash})
			if err != nil || has[0] {
				t.Errorf("the planted record is taken for real: %v, %v", has, err)
			}
			if got, err := s.Get(ctx, n.Domain, n.Hash, uint32(len(b)), nil); err != nil || !bytes.Equal(got, b) {
				t.Errorf("the record behind the damage: %v", err)
			}
			var de *chunkstore.DamagedError
			if _, err := s.Get(ctx, outer.Domain, outer.Hash, uint32(len(content)), nil); !errors.As(err, &de) {
				t.Errorf("the damaged record: %v", err)
			}
		})
	}
}

func randomBytes(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// TestParallelFaults lets writes fail while others are under way before and
// behind them: what a Sync covers is whole all the same.
func TestParallelFaults(t *testing.T) {
	seeds(t, 60, 5, func(seed uint64) error {
		disk := vfs.NewMem()
		f := vfs.NewFault(disk)
		o := options(f, NewModel())
		o.PackSize = 32 << 10
		s, err := chunkstore.Open(context.Background(), o)
		if err != nil {
			return err
		}
		defer s.Close()
		rng := rand.New(rand.NewPCG(seed, 13))
		for range 20 {
			f.Inject(vfs.Rule{Ops: vfs.OpWrite, N: 1 + rng.IntN(150), Short: rng.IntN(2) == 0, Err: vfs.ErrNoSpace})
		}
		var mu sync.Mutex
		m := NewModel()
		var first error
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(seed, uint64(100+i)))
				for range 25 {
					if err := shared(s, rng, &mu, m); err != nil {
						mu.Lock()
						first = errors.Join(first, err)
						mu.Unlock()
						return
					}
				}
			})
		}
		wg.Wait()
		if first != nil {
			return first
		}
		for _, c := range []*vfs.Mem{disk.CrashDurable(), disk.Crash(rng), disk.Kill()} {
			for _, marks := range []bool{true, false} {
				k := m.Clone()
				if !marks {
					clear(k.Marks)
				}
				if err := crashed(rng, c.Kill(), k).after(); err != nil {
					return fmt.Errorf("marks %v: %w", marks, err)
				}
			}
		}
		return nil
	})
}

// shared puts a chunk or syncs, in a model that several use. Full disks are
// expected.
func shared(s *chunkstore.Store, rng *rand.Rand, mu *sync.Mutex, m *Model) error {
	ctx := context.Background()
	if rng.IntN(4) > 0 {
		n, b := RandomChunk(rng, 700)
		mu.Lock()
		m.Bytes[n] = b
		mu.Unlock()
		_, err := s.Put(ctx, n.Domain, chunkstore.KindData, n.Hash, b)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			m.Put[n] = true
		} else if !errors.Is(err, chunkstore.ErrNoSpace) {
			return err
		}
		return nil
	}
	mu.Lock()
	var covered []Name
	for n := range m.Put {
		covered = append(covered, n)
	}
	mu.Unlock()
	marks, err := s.Sync(ctx)
	if errors.Is(err, chunkstore.ErrNoSpace) {
		return nil
	}
	if err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	for _, n := range covered {
		m.Durable[n] = true
	}
	for _, k := range marks {
		m.Marks[k.Pack] = max(m.Marks[k.Pack], k.Length)
	}
	return nil
}

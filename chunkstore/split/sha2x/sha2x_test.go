package sha2x

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
)

func noise(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// What the package promises: the results of crypto/sha256, whatever the lengths.
func TestSums(t *testing.T) {
	t.Logf("two at a time: %v", paired())
	const seed = 11
	rng := rand.New(rand.NewPCG(seed, 1))
	lengths := []int{0, 1, 55, 56, 63, 64, 65, 127, 128, 129, 191, 192, 1000, 4096, 100_001}
	for round := range 300 {
		messages := make([][]byte, rng.IntN(7))
		for i := range messages {
			messages[i] = noise(rng, lengths[rng.IntN(len(lengths))])
		}
		before := clone(messages)
		sums := make([][32]byte, len(messages)+1)
		Sums(sums, messages)
		for i, m := range messages {
			if sums[i] != sha256.Sum256(m) {
				t.Fatalf("round %d of seed %d: message %d of %d bytes: %x", round, seed, i, len(m), sums[i])
			}
			if !bytes.Equal(m, before[i]) {
				t.Fatalf("message %d was changed", i)
			}
		}
		if sums[len(messages)] != ([32]byte{}) {
			t.Fatal("a sum too many")
		}
	}
}

func clone(list [][]byte) [][]byte {
	out := make([][]byte, len(list))
	for i := range list {
		out[i] = bytes.Clone(list[i])
	}
	return out
}

// A stream in pieces of any length, cut into messages of any length beside it.
func TestStream(t *testing.T) {
	const seed = 12
	rng := rand.New(rand.NewPCG(seed, 1))
	for round := range 300 {
		whole := noise(rng, rng.IntN(20_000))
		s := NewStream()
		for left := whole; len(left) > 0; {
			p := left[:1+rng.IntN(min(len(left), 3000))]
			left = left[len(p):]
			var messages [][]byte
			for part := p; len(part) > 0 && rng.IntN(10) > 0; {
				n := 1 + rng.IntN(len(part))
				messages = append(messages, part[:n])
				part = part[n:]
			}
			if rng.IntN(5) == 0 { // more than the stream has beside them
				messages = append(messages, noise(rng, 5000), nil, noise(rng, 64))
			}
			sums := make([][32]byte, len(messages))
			s.WriteBeside(p, sums, messages)
			for i, m := range messages {
				if sums[i] != sha256.Sum256(m) {
					t.Fatalf("round %d of seed %d: message %d of %d bytes beside %d", round, seed, i, len(m), len(p))
				}
			}
			if rng.IntN(4) == 0 {
				more := noise(rng, rng.IntN(100))
				whole = append(bytes.Clone(whole[:len(whole)-len(left)]), append(bytes.Clone(more), left...)...)
				_, _ = s.Write(more)
				left = whole[len(whole)-len(left):]
			}
		}
		if s.Sum() != sha256.Sum256(whole) {
			t.Fatalf("round %d of seed %d: the stream of %d bytes", round, seed, len(whole))
		}
	}
}

// Two streams that have come unequally far take the same pieces, through states that
// are given away and taken up.
func TestWriteBoth(t *testing.T) {
	const seed = 13
	rng := rand.New(rand.NewPCG(seed, 1))
	for round := range 300 {
		all := noise(rng, rng.IntN(20_000))
		skip := rng.IntN(min(len(all), 200) + 1)
		s, u := NewStream(), NewStream()
		_, _ = s.Write(all[:skip])
		for rest := all[skip:]; len(rest) > 0; {
			n := min(len(rest), rng.IntN(1+rng.IntN(5000)))
			WriteBoth(s, u, rest[:n])
			rest = rest[n:]
			state, err := s.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			s = NewStream()
			if err := s.UnmarshalBinary(state); err != nil {
				t.Fatal(err)
			}
		}
		if s.Sum() != sha256.Sum256(all) || u.Sum() != sha256.Sum256(all[skip:]) {
			t.Fatalf("round %d of seed %d: %d bytes, %d of them before", round, seed, len(all), skip)
		}
	}
	if err := NewStream().UnmarshalBinary([]byte("no state")); err == nil {
		t.Fatal("what is no state was taken for one")
	}
}

func FuzzStream(f *testing.F) {
	f.Add([]byte("a message that is longer than one block of sixty-four bytes, and then some more of it for the second"), uint8(3), uint8(70))
	f.Fuzz(func(t *testing.T, data []byte, before, cut uint8) {
		s := NewStream()
		k := min(int(before), len(data))
		_, _ = s.Write(data[:k])
		p := data[k:]
		c := min(int(cut), len(p))
		var sums [2][32]byte
		s.WriteBeside(p, sums[:], [][]byte{p[:c], p[c:]})
		if s.Sum() != sha256.Sum256(data) || sums[0] != sha256.Sum256(p[:c]) || sums[1] != sha256.Sum256(p[c:]) {
			t.Fatal("another result than crypto/sha256's")
		}
	})
}

// Many lengths side by side.
func BenchmarkSums(b *testing.B) {
	for _, n := range []int{4 << 10, 192 << 10} {
		messages := make([][]byte, 16)
		for i := range messages {
			messages[i] = make([]byte, n)
		}
		sums := make([][32]byte, len(messages))
		b.Run(fmt.Sprintf("pairs/%d", n), func(b *testing.B) {
			b.SetBytes(int64(n * len(messages)))
			for b.Loop() {
				Sums(sums, messages)
			}
		})
		b.Run(fmt.Sprintf("single/%d", n), func(b *testing.B) {
			b.SetBytes(int64(n * len(messages)))
			for b.Loop() {
				for i, m := range messages {
					sums[i] = sha256.Sum256(m)
				}
			}
		})
	}
}

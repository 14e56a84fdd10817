package lz4

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/pierrec/lz4/v4"
)

// text is words of a vocabulary: n bytes that compress about as prose does.
func text(seed uint64, n int) []byte {
	rng := rand.New(rand.NewPCG(seed, 1))
	vocabulary := make([][]byte, 2000)
	for i := range vocabulary {
		w := make([]byte, 3+rng.IntN(10))
		for k := range w {
			w[k] = byte('a' + rng.IntN(26))
		}
		vocabulary[i] = append(w, ' ')
	}
	var b []byte
	for len(b) < n {
		b = append(b, vocabulary[rng.IntN(len(vocabulary))]...)
	}
	return b[:n]
}

// pieces are runs, repeats from near and far, and random bytes.
func pieces(seed uint64, n int) []byte {
	rng := rand.New(rand.NewPCG(seed, 2))
	b := make([]byte, 0, n+300000)
	for len(b) < n {
		length := 1 + rng.IntN(1<<rng.IntN(11))
		switch rng.IntN(3) {
		case 0:
			for range length {
				b = append(b, byte(rng.Uint32()))
			}
		case 1:
			b = append(b, bytes.Repeat([]byte{byte(rng.Uint32())}, length)...)
		case 2:
			if len(b) == 0 {
				continue
			}
			from := len(b) - 1 - rng.IntN(min(len(b), 80000))
			for i := range length { // may overlap what it writes
				b = append(b, b[from+i])
			}
		}
	}
	return b[:n]
}

// roundTrip compresses into dst and decodes by the library.
func roundTrip(t *testing.T, e *Encoder, src, dst []byte) int {
	t.Helper()
	n := e.Compress(dst, src)
	if n == 0 {
		return 0
	}
	back := make([]byte, len(src))
	m, err := lz4.UncompressBlock(dst[:n], back)
	if err != nil || m != len(src) || !bytes.Equal(back, src) {
		t.Fatalf("%d bytes as %d: decoded %d, %v", len(src), n, m, err)
	}
	return n
}

func TestDecodesToTheSource(t *testing.T) {
	var e Encoder // one for all: nothing of a source may stay for the next
	dst := make([]byte, 2<<20)
	for n := range 200 {
		for _, src := range [][]byte{text(uint64(n), n), pieces(uint64(n), n), make([]byte, n)} {
			if got := roundTrip(t, &e, src, dst); got == 0 {
				t.Fatalf("%d bytes do not fit into %d", n, len(dst))
			}
		}
	}
	for seed := range uint64(40) {
		for _, n := range []int{1 << 10, 65535, 65536, 65537, 200_000, 1 << 20} {
			if got := roundTrip(t, &e, pieces(seed, n), dst); got == 0 {
				t.Fatalf("seed %d: %d bytes do not fit into %d", seed, n, len(dst))
			}
		}
	}
}

func TestKeepsToItsRoom(t *testing.T) {
	var e Encoder
	for seed := range uint64(12) {
		for _, src := range [][]byte{pieces(seed, 700), text(seed, 300), make([]byte, 6000), pieces(seed, 3)} {
			fits := 0
			for room := range len(src) + len(src)/255 + 40 {
				dst := bytes.Repeat([]byte{0xa5}, room+16)
				n := roundTrip(t, &e, src, dst[:room:room])
				if n > room || !bytes.Equal(dst[room:], bytes.Repeat([]byte{0xa5}, 16)) {
					t.Fatalf("seed %d: %d bytes in a room of %d", seed, n, room)
				}
				if n > 0 {
					fits++
				} else if fits > 0 {
					t.Fatalf("seed %d: fits into less than %d, and not into that", seed, room)
				}
			}
			if fits == 0 {
				t.Fatalf("seed %d: never fits", seed)
			}
		}
	}
}

// TestSmallEnough holds the sizes against the library's.
func TestSmallEnough(t *testing.T) {
	var e Encoder
	dst := make([]byte, 1<<20)
	for _, n := range []int{4 << 10, 64 << 10, 192 << 10} {
		src := text(3, n)
		own := roundTrip(t, &e, src, dst)
		theirs, err := new(lz4.CompressorCCompat).CompressBlock(src, dst)
		if err != nil || own > theirs+theirs/50 {
			t.Errorf("%d bytes of text: %d, by the library %d (%v)", n, own, theirs, err)
		}
	}
	if n := roundTrip(t, &e, make([]byte, 1<<20), dst); n > 5000 {
		t.Errorf("a MiB of zeros is %d bytes", n)
	}
	// A match is as far away as the format can say, and one byte more.
	for far, most := range map[int]int{1<<16 - 1: 66_000, 1 << 16: 74_000} {
		rng := rand.New(rand.NewPCG(9, 9))
		src := make([]byte, far+8000)
		for i := range src[:far] {
			src[i] = byte(rng.Uint32())
		}
		copy(src[far:], src)
		if n := roundTrip(t, &e, src, dst); n > most || n < most-1000 {
			t.Errorf("%d bytes again after %d: %d", 8000, far, n)
		}
	}
}

func FuzzCompress(f *testing.F) {
	f.Add([]byte("a b a b a b a b a b a b a b a b a b a b a c a b a b"), 50)
	f.Add(pieces(1, 400), 300)
	f.Add(make([]byte, 33), 33)
	f.Fuzz(func(t *testing.T, src []byte, room int) {
		var e Encoder
		if room < 0 || room > 1<<20 {
			return
		}
		roundTrip(t, &e, src, make([]byte, room))
	})
}

func BenchmarkCompress(b *testing.B) {
	for _, n := range []int{4 << 10, 16 << 10, 192 << 10} {
		src, dst := text(5, n), make([]byte, 2*n)
		b.Run(fmt.Sprintf("own/%d", n), func(b *testing.B) {
			var e Encoder
			b.SetBytes(int64(n))
			for b.Loop() {
				e.Compress(dst, src)
			}
		})
		b.Run(fmt.Sprintf("library/%d", n), func(b *testing.B) {
			var z lz4.CompressorCCompat
			b.SetBytes(int64(n))
			for b.Loop() {
				z.CompressBlock(src, dst)
			}
		})
	}
}

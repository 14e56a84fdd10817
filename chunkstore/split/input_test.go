package split_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"testing"
)

// The inputs of the published vectors, by their formulas in
// docs/formats/chunking.md.
var formulas = map[string]func(size int) []byte{
	"zeros":   func(size int) []byte { return make([]byte, size) },
	"counter": counterBytes,
	"numbers": func(size int) []byte {
		b := make([]byte, 0, size+20)
		for i := int64(0); len(b) < size; i++ {
			b = append(strconv.AppendInt(b, i, 10), '\n')
		}
		return b[:size]
	},
	"period": func(size int) []byte {
		return bytes.Repeat(counterBytes(1000), size/1000+1)[:size]
	},
	"sparse": func(size int) []byte {
		b := counterBytes(size)
		for i := range b {
			if i/100000%2 == 1 {
				b[i] = 0
			}
		}
		return b
	},
}

// counterBytes is SHA-256 over 0, 1, 2 and so on, each as eight bytes big-endian.
func counterBytes(size int) []byte {
	b := make([]byte, 0, size+sha256.Size)
	var n [8]byte
	for i := uint64(0); len(b) < size; i++ {
		binary.BigEndian.PutUint64(n[:], i)
		sum := sha256.Sum256(n[:])
		b = append(b, sum[:]...)
	}
	return b[:size]
}

// random gives bytes by a seed.
func random(seed uint64, size int) []byte {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	b := make([]byte, size)
	_, _ = rand.NewChaCha8(key).Read(b)
	return b
}

func newRand(t testing.TB, seed uint64) *rand.Rand {
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, seed))
}

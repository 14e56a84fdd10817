package sha2x

// blocks2 takes n blocks of 64 bytes from p into the state a, and n from q into b.
//
//go:noescape
func blocks2(a, b *[8]uint32, p, q *byte, n int)

func cpuid(leaf, sub uint32) (eax, ebx, ecx uint32)

// capable reports whether the processor has the instructions of blocks2.
func capable() bool {
	const ssse3, sse41, sha = 1 << 9, 1 << 19, 1 << 29
	highest, _, _ := cpuid(0, 0)
	if highest < 7 {
		return false
	}
	_, _, features := cpuid(1, 0)
	_, more, _ := cpuid(7, 0)
	return features&(ssse3|sse41) == ssse3|sse41 && more&sha != 0
}

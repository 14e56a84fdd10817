//go:build !amd64

package sha2x

func blocks2(_, _ *[8]uint32, _, _ *byte, _ int) { panic("not made for this processor") }

func capable() bool { return false }

package lz4

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestReadsNothingElse compresses what lies between two pages that can't be read.
func TestReadsNothingElse(t *testing.T) {
	page := os.Getpagesize()
	const pages = 20
	mem, err := unix.Mmap(-1, 0, (pages+2)*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(mem)
	for _, at := range []int{0, (pages + 1) * page} {
		if err := unix.Mprotect(mem[at:at+page], unix.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	room := mem[page : (pages+1)*page]
	var e Encoder
	dst := make([]byte, 2*len(room))
	for n := range 400 {
		n := n
		if n > 300 {
			n = len(room) - (n - 301)
		}
		for _, src := range [][]byte{text(uint64(n), n), pieces(uint64(n), n), make([]byte, n)} {
			copy(room[len(room)-n:], src) // to the end
			roundTrip(t, &e, room[len(room)-n:], dst)
			copy(room, src) // from the beginning
			roundTrip(t, &e, room[:n], dst)
		}
	}
}

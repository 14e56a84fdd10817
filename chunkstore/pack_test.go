package chunkstore

import (
	"bytes"
	"errors"
	"testing"

	"scaidrive/chunkstore/internal/record"
)

func sampleEntries(n int) ([]packEntry, int64) {
	var list []packEntry
	at := int64(packHeadSize)
	for i := range n {
		e := packEntry{offset: at, raw: uint32(100 * i), stored: uint32(100 * i), kind: KindData, domain: Domain{1}, hash: Hash{byte(i)}}
		at = e.end()
		list = append(list, e)
	}
	return list, at
}

func TestPackNames(t *testing.T) {
	for id, want := range map[PackID]string{
		1: "packs/00/00000001.pack", 255: "packs/00/000000ff.pack",
		256: "packs/01/00000100.pack", 0xabcdef01: "packs/abcdef/abcdef01.pack",
	} {
		if got := packName(id); got != want {
			t.Errorf("pack %d is %s, want %s", id, got, want)
		}
		dir, name := want[len("packs/"):len(want)-len("/00000000.pack")], want[len(want)-len("00000000.pack"):]
		if got, ok := parsePackName(dir, name); !ok || got != id {
			t.Errorf("%s is pack %d, %v", want, got, ok)
		}
	}
	for _, bad := range [][2]string{
		{"00", "00000000.pack"}, {"01", "00000001.pack"}, {"00", "0000000A.pack"}, {"00", "1.pack"},
		{"00", "00000001.pack.tmp"}, {"00", "+0000001.pack"}, {"0", "00000001.pack"},
	} {
		if id, ok := parsePackName(bad[0], bad[1]); ok {
			t.Errorf("%v is taken for pack %d", bad, id)
		}
	}
}

// TestPackBits flips each bit of header, footer and trailer.
func TestPackBits(t *testing.T) {
	h := packHead{store: [16]byte{7}, pack: 3, salt: [8]byte{9}}
	b := h.encode()
	if got, err := decodePackHead(b); err != nil || got != h {
		t.Fatalf("%+v, %v", got, err)
	}
	for bit := range len(b) * 8 {
		c := bytes.Clone(b)
		c[bit/8] ^= 1 << (bit % 8)
		if _, err := decodePackHead(c); !errors.Is(err, errPackHeader) {
			t.Fatalf("header bit %d: %v", bit, err)
		}
	}
	list, end := sampleEntries(5)
	f := encodeFooter(3, h.salt, end, list)
	size := end + int64(len(f))
	if footerSpace(5) != int64(len(f)) {
		t.Fatalf("%d bytes of footer, %d planned", len(f), footerSpace(5))
	}
	decode := func(f []byte) ([]packEntry, bool) {
		tr, ok := decodeTrailer(f[len(f)-trailerSize:], size)
		if !ok {
			return nil, false
		}
		list, err := decodeFooter(f, tr)
		return list, err == nil
	}
	got, ok := decode(f)
	if !ok || len(got) != 5 || got[4] != list[4] {
		t.Fatalf("%+v, %v", got, ok)
	}
	for bit := range len(f) * 8 {
		c := bytes.Clone(f)
		c[bit/8] ^= 1 << (bit % 8)
		if _, ok := decode(c); ok {
			t.Fatalf("footer bit %d goes unnoticed", bit)
		}
	}
}

// TestLaterVersion: a pack of a later format is refused, not taken for damage.
func TestLaterVersion(t *testing.T) {
	for _, at := range []int{8, 12, 36, 50} {
		h := packHead{pack: 1}
		b := h.encode()
		b[at] ^= 2
		sum := record.Checksum(b[:60])
		b[60], b[61], b[62], b[63] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
		if _, err := decodePackHead(b); !errors.Is(err, ErrFormat) {
			t.Errorf("byte %d: %v", at, err)
		}
	}
}

// FuzzPack: decoding header, trailer and footer never panics, and what is
// valid encodes to itself.
func FuzzPack(f *testing.F) {
	list, end := sampleEntries(3)
	h := packHead{store: [16]byte{7}, pack: 3, salt: [8]byte{9}}
	f.Add(h.encode(), encodeFooter(3, h.salt, end, list), end)
	f.Add(h.encode(), encodeFooter(3, h.salt, packHeadSize, nil), int64(packHeadSize))
	f.Fuzz(func(t *testing.T, head, foot []byte, end int64) {
		if h, err := decodePackHead(head); err == nil && !bytes.Equal(h.encode(), head[:packHeadSize]) {
			t.Error("a valid header encodes to other bytes")
		}
		if len(foot) < trailerSize || end < 0 || end > 1<<40 {
			return
		}
		tr, ok := decodeTrailer(foot[len(foot)-trailerSize:], end+int64(len(foot)))
		if !ok || tr.footer != end {
			return
		}
		list, err := decodeFooter(foot, tr)
		if err == nil && !bytes.Equal(encodeFooter(tr.pack, tr.salt, end, list), foot) {
			t.Error("a valid footer encodes to other bytes")
		}
	})
}

func TestCut(t *testing.T) {
	refs := []Ref{{Size: 10}, {Size: 0}, {Size: 5}, {Size: 7}}
	cases := []struct {
		off, length int64
		want        []piece
	}{
		{0, 0, nil},
		{22, 0, nil},
		{0, 10, []piece{{refs[0], 0, 10}}},
		{9, 2, []piece{{refs[0], 9, 10}, {refs[2], 0, 1}}},
		{10, 5, []piece{{refs[2], 0, 5}}},
		{0, 22, []piece{{refs[0], 0, 10}, {refs[2], 0, 5}, {refs[3], 0, 7}}},
	}
	for _, c := range cases {
		got, err := cut(refs, c.off, c.length)
		var want []piece
		for _, p := range got {
			if p.ref.Size > 0 {
				want = append(want, p)
			}
		}
		if err != nil || len(want) != len(c.want) {
			t.Fatalf("%d+%d: %v, %v", c.off, c.length, got, err)
		}
		for i := range want {
			if want[i] != c.want[i] {
				t.Errorf("%d+%d: %v, want %v", c.off, c.length, want[i], c.want[i])
			}
		}
	}
	for _, c := range [][2]int64{{-1, 1}, {0, -1}, {0, 23}, {22, 1}, {23, 0}, {1 << 62, 1 << 62}} {
		if _, err := cut(refs, c[0], c[1]); err == nil && c != [2]int64{23, 0} {
			t.Errorf("%v is accepted", c)
		}
	}
}

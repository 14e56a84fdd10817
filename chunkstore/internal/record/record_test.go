package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"testing"
)

// sample makes a record of data as it lies in a pack.
func sample(t testing.TB, c *Codec, kind uint8, data []byte) (Header, []byte) {
	t.Helper()
	h := Header{Kind: kind, Salt: [8]byte{1, 2}, Domain: [16]byte{3}, Hash: sha256.Sum256(data)}
	buf := c.Build(&h, data)
	h.Encode(*buf)
	return h, *buf
}

func noise(n int) []byte {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	var c Codec
	text := bytes.Repeat([]byte("a file server keeps files. "), 40000)
	cases := []struct {
		name  string
		data  []byte
		codec uint8
	}{
		{"empty", nil, Raw},
		{"one byte", []byte{7}, Raw},
		{"short text", text[:63], Raw},
		{"text", text[:5000], LZ4},
		{"zeros", make([]byte, 1<<20), LZ4},
		{"noise", noise(100000), Raw},
		{"long text", text, LZ4},
		{"the longest", append(noise(MaxRaw-1), 1), Raw},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			h, rec := sample(t, &c, Data, k.data)
			if h.Codec != k.codec {
				t.Errorf("codec %d, want %d", h.Codec, k.codec)
			}
			if int64(len(rec)) != Space(h.Stored) || len(rec)%Align != 0 {
				t.Errorf("%d bytes for %d stored ones", len(rec), h.Stored)
			}
			if h.Codec == LZ4 && int(h.Stored) > len(k.data)-len(k.data)/16 {
				t.Errorf("%d bytes stored for %d", h.Stored, len(k.data))
			}
			got, err := Decode(rec)
			if err != nil || got != h {
				t.Fatalf("header %+v, %v, want %+v", got, err, h)
			}
			if !h.Padded(rec) {
				t.Error("padding is not zero")
			}
			data, err := c.Unpack(&got, rec[HeaderSize:HeaderSize+h.Stored], nil)
			if err != nil || !bytes.Equal(data, k.data) {
				t.Fatalf("unpack: %v", err)
			}
			if sha256.Sum256(data) != h.Hash {
				t.Error("other bytes")
			}
		})
	}
}

// TestHeaderBits flips each bit of a header, with and without mending its
// checksum: nothing that changes is taken for valid unless it is.
func TestHeaderBits(t *testing.T) {
	var c Codec
	h, rec := sample(t, &c, Manifest, noise(1000))
	for bit := range HeaderSize * 8 {
		b := bytes.Clone(rec[:HeaderSize])
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := Decode(b); !errors.Is(err, ErrHeader) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
	for _, at := range []int{0, 4, 5, 6, 7, 35, 36, 44, 47, 80, 103, 104, 119, 120, 123} {
		b := bytes.Clone(rec[:HeaderSize])
		b[at] ^= 0x40
		mend(b)
		if _, err := Decode(b); !errors.Is(err, ErrHeader) {
			t.Errorf("byte %d with a right checksum: %v", at, err)
		}
	}
	if _, err := Decode(rec[:HeaderSize-1]); !errors.Is(err, ErrHeader) {
		t.Errorf("short: %v", err)
	}
	for _, bad := range []Header{
		{Kind: Data, Codec: LZ4, Raw: 5, Stored: 5}, {Kind: Data, Codec: LZ4, Raw: 5},
		{Kind: Data, Raw: MaxRaw + 1, Stored: MaxRaw + 1}, {Kind: Data, Codec: 2, Raw: 5, Stored: 4},
		{Kind: Footer, Raw: 64, Stored: 64, Domain: h.Domain}, {Kind: Void, Raw: 1}, {Kind: Void, Hash: h.Hash},
		{Kind: Void, Stored: 2*MaxRaw + 1}, {Kind: 3, Raw: 1, Stored: 1},
	} {
		b := make([]byte, HeaderSize)
		bad.Encode(b)
		if _, err := Decode(b); !errors.Is(err, ErrHeader) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// mend makes the checksum of a header right.
func mend(b []byte) {
	sum := Checksum(b[:124])
	b[124], b[125], b[126], b[127] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
}

// TestVector pins the bytes of format version 1.
func TestVector(t *testing.T) {
	h := Header{
		Kind: Data, Codec: LZ4, Salt: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}, Domain: [16]byte{0: 0xd0, 15: 0xdf},
		Raw: 0x00102030, Stored: 0x00001020, CRC: 0xa0b0c0d0, Hash: [32]byte{0: 0x11, 31: 0x22},
	}
	b := make([]byte, HeaderSize)
	h.Encode(b)
	want := "53445243010101000102030405060708d00000000000000000000000000000df" +
		"3020100020100000d0c0b0a00000000011000000000000000000000000000000" +
		"0000000000000000000000000000002200000000000000000000000000000000" +
		"00000000000000000000000000000000000000000000000000000000fb133e0b"
	if got := hex.EncodeToString(b); got != want {
		t.Errorf("header\n%s, want\n%s", got, want)
	}
	if Checksum([]byte("123456789")) != 0xe3069283 {
		t.Error("not CRC-32C")
	}
}

func TestUnpackRefuses(t *testing.T) {
	var c Codec
	h, rec := sample(t, &c, Data, bytes.Repeat([]byte("abcdefgh"), 100))
	stored := rec[HeaderSize : HeaderSize+h.Stored]
	for bit := range len(stored) * 8 {
		b := bytes.Clone(stored)
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := c.Unpack(&h, b, nil); !errors.Is(err, ErrStored) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
	if _, err := c.Unpack(&h, stored[1:], nil); !errors.Is(err, ErrStored) {
		t.Errorf("short: %v", err)
	}
	if _, err := Inflate(LZ4, h.Raw+1, stored, nil); !errors.Is(err, ErrStored) {
		t.Errorf("another length: %v", err)
	}
	if _, err := Inflate(LZ4, MaxRaw+1, stored, nil); !errors.Is(err, ErrStored) {
		t.Errorf("too long: %v", err)
	}
}

// FuzzRecord: whatever lies in a pack, decoding it neither panics nor gives
// bytes of another length, and a valid header encodes to itself.
func FuzzRecord(f *testing.F) {
	var c Codec
	for _, data := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("ab"), 300), noise(200)} {
		_, rec := sample(f, &c, Data, data)
		f.Add(rec, true)
	}
	v := Header{Kind: Void, Stored: 40}
	b := make([]byte, Space(40))
	v.Encode(b)
	f.Add(b, false)
	f.Fuzz(func(t *testing.T, rec []byte, fix bool) {
		if fix && len(rec) >= HeaderSize {
			rec = bytes.Clone(rec)
			mend(rec)
		}
		h, err := Decode(rec)
		if err != nil {
			return
		}
		again := make([]byte, HeaderSize)
		h.Encode(again)
		if !bytes.Equal(again, rec[:HeaderSize]) {
			t.Fatal("a valid header encodes to other bytes")
		}
		if Space(h.Stored) > int64(len(rec)) || h.Kind == Void {
			return
		}
		stored := rec[HeaderSize : HeaderSize+h.Stored]
		if data, err := Inflate(h.Codec, h.Raw, stored, nil); err == nil && len(data) != int(h.Raw) {
			t.Fatalf("%d bytes of %d", len(data), h.Raw)
		}
		if data, err := c.Unpack(&h, stored, nil); err == nil && len(data) != int(h.Raw) {
			t.Fatalf("%d bytes of %d", len(data), h.Raw)
		}
		h.Padded(rec)
	})
}

func TestLooksRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	random := make([]byte, 96<<10)
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	var text, base64, words []byte
	for len(text) < len(random) {
		text = append(text, "the quick brown fox "...)
		base64 = append(base64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[rng.IntN(64)])
		words = append(words, random[len(words)], 0)
	}
	halves := append(bytes.Clone(random[:len(random)/2]), make([]byte, len(random)/2)...)
	tenth := append(bytes.Clone(random[:len(random)/10*9]), text[:len(random)/10]...)
	for _, c := range []struct {
		name string
		data []byte
		want bool
	}{
		{"random", random, true}, {"text", text, false}, {"base64", base64, false}, {"16-bit numbers", words, false},
		{"half of it zeros", halves, false}, {"a tenth of it text", tenth, false}, {"short", random[:16<<10], false},
	} {
		if got := looksRandom(c.data); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

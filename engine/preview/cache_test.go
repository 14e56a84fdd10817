package preview

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scaidrive/engine/preview/render"
)

type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newCache(t *testing.T, maxBytes int64) (*cache, *clock) {
	k := &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	return &cache{dir: t.TempDir(), max: maxBytes, now: k.now}, k
}

func numbered(n int) key {
	return key{content: [32]byte{byte(n), byte(n >> 8), 7}, page: 1, size: SizeIcon}
}

func made(n int) answer {
	return answer{media: render.JPEG, pages: uint32(n + 1), payload: bytes.Repeat([]byte{byte(n)}, 3000)}
}

// TestCacheKeepsApart: each part of a key counts.
func TestCacheKeepsApart(t *testing.T) {
	c, _ := newCache(t, 1<<20)
	k := numbered(1)
	c.put(k, made(5))
	other := k
	other.content[31] = 1
	for _, miss := range []key{other, {k.content, 2, k.size}, {k.content, 1, SizeTile}} {
		if _, ok := c.get(miss); ok {
			t.Errorf("%v is found", miss.name())
		}
	}
	if a, ok := c.get(k); !ok || !bytes.Equal(a.payload, made(5).payload) || a.pages != 6 || a.media != render.JPEG {
		t.Fatalf("%v %v", a, ok)
	}
}

// TestCacheChecks: every flipped bit, every cut and a file under another's name are
// misses, and gone afterwards.
func TestCacheChecks(t *testing.T) {
	c, _ := newCache(t, 1<<20)
	k := numbered(1)
	c.put(k, made(5))
	path := filepath.Join(c.dir, k.name())
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := func(what string, b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, ok := c.get(k); ok {
			t.Errorf("%s: taken", what)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: still there", what)
		}
	}
	for i := range 60 {
		b := bytes.Clone(good)
		b[i] ^= 4
		bad("flip", b)
		bad("cut", good[:i*len(good)/60])
	}
	bad("longer", append(bytes.Clone(good), 0))
	c.put(numbered(2), made(6))
	b, err := os.ReadFile(filepath.Join(c.dir, numbered(2).name()))
	if err != nil {
		t.Fatal(err)
	}
	bad("another's", b)
}

// TestCacheEvicts keeps the bound and drops what was not used, across a restart.
func TestCacheEvicts(t *testing.T) {
	const room = 40 * 4096
	c, clk := newCache(t, room)
	for n := range 30 {
		c.put(numbered(n), made(n))
		clk.t = clk.t.Add(time.Minute)
	}
	clk.t = clk.t.Add(time.Hour)
	for n := range 10 { // used again: the first ten
		if _, ok := c.get(numbered(n)); !ok {
			t.Fatalf("%d is gone already", n)
		}
	}
	c = &cache{dir: c.dir, max: room, now: clk.now}
	half := filepath.Join(c.dir, numbered(1).name()+".3"+tempSuffix)
	if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for n := 30; n < 45; n++ {
		clk.t = clk.t.Add(time.Minute)
		c.put(numbered(n), made(n))
		var total int64
		for _, f := range c.files() {
			total += f.size
		}
		if total > room || total != c.total {
			t.Fatalf("%d bytes on disk, %d counted, room %d", total, c.total, room)
		}
	}
	for n := range 45 {
		_, ok := c.get(numbered(n))
		if used := n < 10 || n >= 30; used && !ok {
			t.Errorf("%d was used lately and is gone", n)
		}
	}
	if _, ok := c.get(numbered(10)); ok {
		t.Error("what was used longest ago is there")
	}
	if _, err := os.Stat(half); err == nil {
		t.Error("a half-written file stays")
	}
}

// TestCacheWithoutDisk: no place, no room, all deleted: misses, never more.
func TestCacheWithoutDisk(t *testing.T) {
	c, _ := newCache(t, 1<<20)
	c.put(numbered(1), made(1))
	if err := os.RemoveAll(c.dir); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.get(numbered(1)); ok {
		t.Error("found in nothing")
	}
	c.put(numbered(1), made(1))
	if _, ok := c.get(numbered(1)); !ok {
		t.Error("not made again")
	}
	c.room = func() error { return os.ErrInvalid }
	c.put(numbered(2), made(2))
	if _, ok := c.get(numbered(2)); ok {
		t.Error("written though there is no room")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c = &cache{dir: file, max: 1 << 20, now: time.Now}
	c.put(numbered(1), made(1))
	if _, ok := c.get(numbered(1)); ok {
		t.Error("found below a file")
	}
}

// FuzzAnswer: what a child writes is taken only as it stands.
func FuzzAnswer(f *testing.F) {
	var b bytes.Buffer
	_ = answer{media: render.PNG, pages: 3, payload: []byte("picture")}.writeTo(&b)
	f.Add(b.Bytes())
	b.Reset()
	_ = answer{reason: render.Damaged, payload: []byte("why")}.writeTo(&b)
	f.Add(b.Bytes())
	f.Add([]byte(strings.Repeat("S", 20)))
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := parseAnswer(in, 1<<10)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := a.writeTo(&out); err != nil || !bytes.Equal(out.Bytes(), in) {
			t.Fatalf("%x became %x", in, out.Bytes())
		}
	})
}

// FuzzEntry: no bytes are a rendition but those that were written.
func FuzzEntry(f *testing.F) {
	f.Add(encodeEntry(numbered(1), made(1)))
	f.Add(encodeEntry(numbered(2), answer{reason: render.TooSlow}))
	f.Fuzz(func(t *testing.T, in []byte) {
		a, ok := decodeEntry(numbered(1), in)
		if ok && !bytes.Equal(encodeEntry(numbered(1), a), in) {
			t.Fatalf("%x is taken as %v", in, a)
		}
	})
}

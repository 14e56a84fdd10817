package meta

import (
	"bytes"
	"testing"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/oplog"
	"scaidrive/engine/meta/schema"
)

func envelope(k, payload []byte) []byte {
	return appendEnvelope(nil, checkOf(tableOf(k), k[2:], payload), payload)
}

// TestEnvelopeVector pins the format of version 1.
func TestEnvelopeVector(t *testing.T) {
	c := checkOf(schema.Nodes, []byte("key"), []byte("payload"))
	want := check{0xbc03ee028aea2d6b, 0xd5e0622346a8b64}
	if c != want {
		t.Errorf("check %#x, want %#x", c, want)
	}
}

// TestEnvelopeBinds: a value holds for its own table and key only, and for none
// with any bit changed.
func TestEnvelopeBinds(t *testing.T) {
	k := fullKey(nil, schema.Nodes, []byte("some key"))
	raw := envelope(k, []byte("some payload"))
	if _, _, err := openEnvelope(k, raw); err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(raw) {
		b := bytes.Clone(raw)
		b[bit/8] ^= 1 << (bit % 8)
		if _, _, err := openEnvelope(k, b); err == nil {
			t.Errorf("value: bit %d", bit)
		}
	}
	for bit := range 8 * len(k) {
		b := bytes.Clone(k)
		b[bit/8] ^= 1 << (bit % 8)
		if _, _, err := openEnvelope(b, raw); err == nil {
			t.Errorf("key: bit %d", bit)
		}
	}
	for n := range raw {
		if _, _, err := openEnvelope(k, raw[:n]); err == nil {
			t.Errorf("cut to %d bytes", n)
		}
	}
}

// TestTallyIsNotLinear: two records that change their values with each other are
// noticed, as is one that replaces another twice.
func TestTallyIsNotLinear(t *testing.T) {
	of := func(pairs ...string) (ta Tally) {
		for i := 0; i < len(pairs); i += 2 {
			ta.add(checkOf(schema.Nodes, []byte(pairs[i]), []byte(pairs[i+1])))
		}
		return ta
	}
	if of("a", "1", "b", "2") == of("a", "2", "b", "1") {
		t.Error("swapped values")
	}
	if of("a", "1", "a", "1", "b", "2", "b", "2") == of("a", "1", "a", "1", "a", "1", "b", "2") {
		t.Error("doubled records")
	}
	x := of("a", "1", "b", "2")
	x.remove(checkOf(schema.Nodes, []byte("a"), []byte("1")))
	if x != of("b", "2") {
		t.Error("removing is not the inverse of adding")
	}
}

func testHeader() *header {
	h := &header{store: [16]byte{1}, pos: oplog.Position{LSN: 5, Chain: oplog.Chain{2}}}
	h.tallies.of(7).add(check{1, 2})
	h.tallies.of(3).add(check{3, 4})
	return h
}

func FuzzDecodeHeader(f *testing.F) {
	f.Add(testHeader().encode())
	f.Add((&header{}).encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := decodeHeader(b); err == nil && !bytes.Equal(h.encode(), b) {
			t.Fatalf("%+v", h)
		}
	})
}

func TestHeaderSurvivesEveryFlip(t *testing.T) {
	b := testHeader().encode()
	for bit := range 8 * len(b) {
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := decodeHeader(b); err == nil {
			t.Errorf("bit %d", bit)
		}
		b[bit/8] ^= 1 << (bit % 8)
	}
}

// snapshotBytes is a small snapshot with records, changes and an end.
func snapshotBytes(t testing.TB) []byte {
	m := vfs.NewMem()
	f, err := m.Create("s")
	if err != nil {
		t.Fatal(err)
	}
	h := &header{store: [16]byte{1}, pos: oplog.Position{LSN: 9}}
	w, err := newSnapWriter(f, h.store)
	if err != nil {
		t.Fatal(err)
	}
	a, b := fullKey(nil, 3, []byte("a")), fullKey(nil, 3, []byte("b"))
	w.record(a, envelope(a, []byte("1")))
	w.record(b, envelope(b, []byte("2")))
	w.change(&entry{key: a, value: []byte("3"), check: checkOf(3, a[2:], []byte("3")), base: checkOf(3, a[2:], []byte("1")), hasBase: true})
	w.change(&entry{key: b, del: true, base: checkOf(3, b[2:], []byte("2")), hasBase: true})
	h.tallies.of(3).add(checkOf(3, a[2:], []byte("3")))
	if err := w.end(h); err != nil {
		t.Fatal(err)
	}
	f.Close()
	out, err := vfs.ReadFile(m, "s")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSnapshotCodec(t *testing.T) {
	b := snapshotBytes(t)
	got := make(map[string]string)
	h, err := readSnapshot(bytes.NewReader(b), int64(len(b)), [16]byte{1}, func(ops []kv.Op) error {
		for _, op := range ops {
			if op.Delete {
				delete(got, string(op.Key))
			} else {
				got[string(op.Key)] = string(op.Value[envelopeSize:])
			}
		}
		return nil
	})
	if err != nil || h.pos.LSN != 9 || len(got) != 1 || got["\x00\x03a"] != "3" {
		t.Fatal(h, got, err)
	}
	for n := range b {
		if _, err := readSnapshot(bytes.NewReader(b[:n]), int64(n), [16]byte{1}, nil); err == nil {
			t.Errorf("cut to %d bytes", n)
		}
	}
	for bit := range 8 * len(b) {
		c := bytes.Clone(b)
		c[bit/8] ^= 1 << (bit % 8)
		if _, err := readSnapshot(bytes.NewReader(c), int64(len(c)), [16]byte{1}, nil); err == nil {
			t.Errorf("bit %d of byte %d", bit%8, bit/8)
		}
	}
}

// FuzzSnapshotBlock feeds the payload of a block, behind its check.
func FuzzSnapshotBlock(f *testing.F) {
	f.Add(byte(blockRecords), uint32(1), []byte{0, 0, 0, 3, 0, 0, 0, 1, 0, 3, 'a', 'x'})
	f.Add(byte(blockChanges), uint32(1), make([]byte, 40))
	f.Fuzz(func(t *testing.T, kind byte, count uint32, b []byte) {
		s := snapReader{}
		_, _ = s.items(kind, count%1000, b) // must not panic
	})
}

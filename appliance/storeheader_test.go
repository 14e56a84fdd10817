package appliance

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/chunkstore/vfs"
)

func sampleHeader() *storeHeader {
	return &storeHeader{
		StoreID: [16]byte{1, 2, 3, 15: 16}, Created: time.UnixMicro(1795310000123456).UTC(), Epoch: 70000,
		Chunking: "gear-g1-64k-128k-512k", State: stateStopped, StopLSN: 42,
		Crashes: [3]time.Time{time.UnixMicro(1795310000999999).UTC()},
	}
}

func TestHeaderRoundTrip(t *testing.T) {
	h := sampleHeader()
	got, readOnly, err := decodeHeader(h.encode())
	if err != nil || readOnly {
		t.Fatal(readOnly, err)
	}
	if d := cmp.Diff(h, got); d != "" {
		t.Error(d)
	}
}

// TestHeaderBits flips every bit: none is taken for a good header.
func TestHeaderBits(t *testing.T) {
	good := sampleHeader().encode()
	for i := range len(good) * 8 {
		b := append([]byte(nil), good...)
		b[i/8] ^= 1 << (i % 8)
		if _, _, err := decodeHeader(b); !errors.Is(err, errHeaderDamaged) {
			t.Fatalf("bit %d flipped: %v", i, err)
		}
	}
	for n := range good {
		if _, _, err := decodeHeader(good[:n]); err == nil {
			t.Fatalf("the first %d bytes are taken for a header", n)
		}
	}
}

func TestHeaderFeatures(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(*storeHeader)
		readOnly bool
		want     string
	}{
		{"class 1 is ignored", func(h *storeHeader) { h.FeaturesIgnore = 1 << 63 }, false, ""},
		{"class 2 opens read-only", func(h *storeHeader) { h.FeaturesRO = 1 }, true, ""},
		{"class 3 refuses", func(h *storeHeader) { h.FeaturesRefuse = 2 }, false, "newer version"},
		{"epoch 0", func(h *storeHeader) { h.Epoch = 0 }, false, "damaged"},
		{"epoch at its limit", func(h *storeHeader) { h.Epoch = maxEpoch }, false, ""},
		{"epoch over its limit", func(h *storeHeader) { h.Epoch = maxEpoch + 1 }, false, "damaged"},
		{"unknown state", func(h *storeHeader) { h.State = 9 }, false, "damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := sampleHeader()
			c.change(h)
			_, readOnly, err := decodeHeader(h.encode())
			if c.want == "" && (err != nil || readOnly != c.readOnly) {
				t.Errorf("read-only %v, %v", readOnly, err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func FuzzHeader(f *testing.F) {
	f.Add(sampleHeader().encode())
	f.Add([]byte(headerMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, _, err := decodeHeader(b)
		if err == nil && string(h.encode()) != string(b) {
			t.Errorf("%x decodes to %+v, which encodes otherwise", b, h)
		}
	})
}

// TestHeaderReplace crashes at every step of writing a header: the old or the
// new one is there.
func TestHeaderReplace(t *testing.T) {
	h := sampleHeader()
	mem := vfs.NewMem()
	if err := h.write(mem); err != nil {
		t.Fatal(err)
	}
	next := *h
	next.State = stateInUse
	crashes := 0
	mem.OnOp = func(vfs.Op) {
		crashes++
		got, _, err := readHeader(mem.CrashDurable())
		if err != nil || got.State != stateStopped && got.State != stateInUse {
			t.Errorf("crash %d: %+v, %v", crashes, got, err)
		}
	}
	if err := next.write(mem); err != nil {
		t.Fatal(err)
	}
	if crashes < 4 {
		t.Errorf("only %d steps seen", crashes)
	}
}

func TestRepairNeeded(t *testing.T) {
	now := time.UnixMicro(1795310000000000).UTC()
	at := func(minutes ...int) (c [3]time.Time) {
		for i, m := range minutes {
			c[i] = now.Add(-time.Duration(m) * time.Minute)
		}
		return c
	}
	for _, c := range []struct {
		name    string
		crashed bool
		crashes [3]time.Time
		want    bool
	}{
		{"first crash", true, at(), false},
		{"second crash", true, at(1), false},
		{"third crash in nine minutes", true, at(1, 9), true},
		{"third crash in eleven minutes", true, at(1, 11), false},
		{"killed, after two crashes", false, at(1, 2), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &dataDir{crashed: c.crashed, header: &storeHeader{Crashes: c.crashes}}
			if got := d.repairNeeded(now); got != c.want {
				t.Errorf("repair needed: %v", got)
			}
		})
	}
}

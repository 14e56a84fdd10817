package wire

import (
	"bytes"
	"testing"
)

func TestFileFrame(t *testing.T) {
	for _, f := range []FileFrame{{}, {Index: 7, Status: 200, Version: 1 << 60, Size: 12}, {Status: 200, Size: FetchFilesBytes},
		{Index: FetchFilesMax - 1, Status: 404}, {Status: 410}, {Status: 500}} {
		b := f.AppendTo(nil)
		if len(b) != FileFrameSize {
			t.Fatalf("%d bytes", len(b))
		}
		got, err := ParseFileFrame(b)
		if f.Status == 0 {
			if err == nil {
				t.Error("nothing is taken for a head")
			}
			continue
		}
		if err != nil || got != f {
			t.Errorf("%+v became %+v, %v", f, got, err)
		}
		if _, err := ParseFileFrame(b[:FileFrameSize-1]); err == nil {
			t.Error("a cut head is taken")
		}
	}
	for _, f := range []FileFrame{{Status: 200, Size: FetchFilesBytes + 1}, {Status: 200, Size: -1}, {Status: 404, Size: 1},
		{Status: 404, Version: 1}, {Status: 201}, {Index: FetchFilesMax, Status: 200}} {
		if got, err := ParseFileFrame(f.AppendTo(nil)); err == nil {
			t.Errorf("%+v is taken as %+v", f, got)
		}
	}
}

func FuzzFileFrame(f *testing.F) {
	f.Add(FileFrame{Index: 1, Status: 200, Version: 2, Size: 3}.AppendTo(nil))
	f.Add(FileFrame{Index: 999, Status: 500}.AppendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseFileFrame(b)
		if err == nil && !bytes.Equal(h.AppendTo(nil), b[:FileFrameSize]) {
			t.Errorf("% x became %+v", b, h)
		}
	})
}

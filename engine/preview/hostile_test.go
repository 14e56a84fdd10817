package preview

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
)

// document is a PDF with so many pages, each with a black square.
func document(pages int) []byte {
	return pdf(pages, "0 0 612 792", "0 0 0 rg 100 100 300 300 re f")
}

// pdf builds a document by hand.
func pdf(pages int, box, content string) []byte {
	var b bytes.Buffer
	var at []int
	obj := func(s string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), s)
	}
	b.WriteString("%PDF-1.7\n")
	obj("<< /Type /Catalog /Pages 2 0 R >>")
	var kids strings.Builder
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 4+i)
	}
	obj(fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", pages, kids.String()))
	obj(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content))
	for range pages {
		obj("<< /Type /Page /Parent 2 0 R /MediaBox [" + box + "] /Contents 3 0 R /Resources << /XObject << /X 3 0 R >> >> >>")
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

// pngFile has a header of the given size and pixel form, and data of its own.
func pngFile(w, h uint32, depth, form byte, data []byte) []byte {
	var b bytes.Buffer
	chunk := func(name string, body []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(body)))
		part := append([]byte(name), body...)
		b.Write(part)
		_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(part))
	}
	b.WriteString("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	chunk("IHDR", append(head, depth, form, 0, 0, 0))
	chunk("IDAT", data)
	chunk("IEND", nil)
	return b.Bytes()
}

// deflated is n zero bytes, compressed a thousandfold.
func deflated(n int64) []byte {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	zero := make([]byte, 1<<20)
	for ; n > 0; n -= int64(len(zero)) {
		_, _ = w.Write(zero[:min(n, int64(len(zero)))])
	}
	_ = w.Close()
	return b.Bytes()
}

// jpegHeader is a JPEG that says its size and then ends.
func jpegHeader(marker byte, w, h uint16) []byte {
	b := []byte{0xff, 0xd8, 0xff, marker, 0, 17, 8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), 3,
		1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0}
	return append(b, 0xff, 0xd9)
}

// webpLossless has a frame whose size its envelope does not tell.
func webpLossless(envelope, frame uint32) []byte {
	size := func(n uint32) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16)} }
	x := append([]byte{0x10, 0, 0, 0}, append(size(envelope-1), size(envelope-1)...)...)
	bits := frame - 1 | (frame-1)<<14
	l := append([]byte{0x2f, byte(bits), byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)}, make([]byte, 4095)...)
	body := []byte("WEBPVP8X")
	body = append(binary.LittleEndian.AppendUint32(body, 10), x...)
	body = append(binary.LittleEndian.AppendUint32(append(body, "VP8L"...), uint32(len(l))), l...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// tiffFile has one strip, of a size that the header makes up.
func tiffFile(w, h uint32, compression uint16, strip []byte) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00")
	type entry struct {
		tag, kind uint16
		n, v      uint32
	}
	const count = 10
	data := uint32(8 + 2 + 12*count + 4)
	entries := []entry{{256, 4, 1, w}, {257, 4, 1, h}, {258, 3, 1, 8}, {259, 3, 1, uint32(compression)},
		{262, 3, 1, 1}, {273, 4, 1, data}, {277, 3, 1, 1}, {278, 4, 1, h}, {279, 4, 1, uint32(len(strip))}, {284, 3, 1, 1}}
	b = binary.LittleEndian.AppendUint16(b, count)
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint16(b, e.tag)
		b = binary.LittleEndian.AppendUint16(b, e.kind)
		b = binary.LittleEndian.AppendUint32(b, e.n)
		b = binary.LittleEndian.AppendUint32(b, e.v)
	}
	return append(append(b, 0, 0, 0, 0), strip...)
}

// TestHostilePictures: refused or drawn, within the limits, and the next file is
// drawn as ever.
func TestHostilePictures(t *testing.T) {
	s := newService(t, Options{})
	sound := photo(500, 400)
	gif := []byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x00;")
	bmp := append([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"),
		binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, 60000), 60000)...)
	bmp = append(bmp, 1, 0, 24, 0, 0, 0, 0, 0)
	bmp = append(bmp, make([]byte, 20)...)
	for _, c := range []struct {
		name string
		file []byte
		msg  string // of KindInvalid; "": drawn
	}{
		{"png 100000 x 100000", pngFile(100000, 100000, 8, 2, deflated(1000)), "too large"},
		{"png of 2^31-1", pngFile(1<<31-1, 1<<31-1, 8, 6, nil), ""},
		{"png above the pixels", pngFile(30000, 30000, 8, 0, deflated(1e6)), "too large"},
		{"png bomb within the pixels", pngFile(7000, 7000, 8, 0, deflated(7001*7000)), "drawn"},
		{"png bomb of 16 bits", pngFile(9000, 9000, 16, 6, deflated(1e6)), "too large"},
		{"png with more data than pixels", pngFile(10, 10, 8, 0, deflated(50e6)), ""},
		{"jpeg 65535 x 65535", jpegHeader(0xc0, 65535, 65535), "too large"},
		{"jpeg progressive 9000 x 9000", jpegHeader(0xc2, 9000, 9000), "too large"},
		{"jpeg without data", jpegHeader(0xc0, 8000, 8000), "damaged"},
		{"gif 65535 x 65535", gif, "too large"},
		{"webp 16384 x 16384", webpLossless(16384, 16384), "too large"},
		{"webp with a lying envelope", webpLossless(10, 16384), ""},
		{"bmp 60000 x 60000", bmp, "too large"},
		{"tiff 100000 x 100000", tiffFile(100000, 100000, 8, deflated(1000)), "too large"},
		{"tiff bomb", tiffFile(10, 10, 8, deflated(200e6)), ""},
		{"tiff of 4 G", tiffFile(1<<32-1, 1<<32-1, 1, nil), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			r, err := page(t, s, c.file, 1, SizeTile)
			t.Logf("%d bytes: %v, %d bytes, %v", len(c.file), time.Since(start).Round(time.Millisecond), len(r.Bytes), err)
			switch {
			case c.msg == "drawn":
				if err != nil {
					t.Fatal(err)
				}
			case c.msg != "":
				wantKind(t, err, engine.KindInvalid, c.msg)
			case err != nil:
				wantKind(t, err, engine.KindInvalid, "")
			}
		})
	}
	if _, err := page(t, s, sound, 1, SizeTile); err != nil {
		t.Fatalf("a sound picture afterwards: %v", err)
	}
}

// TestDamagedPictures: files cut and flipped anywhere give a picture or KindInvalid.
func TestDamagedPictures(t *testing.T) {
	s := newService(t, Options{Workers: 2})
	file := photo(200, 150)
	for i := range 24 {
		b := bytes.Clone(file)
		if i%2 == 0 {
			b = b[:len(b)*(i+1)/26]
		} else {
			for j := range 8 {
				b[(i*7919+j*104729)%len(b)] ^= byte(1 << j)
			}
		}
		if _, err := page(t, s, b, 1, SizeIcon); err != nil {
			wantKind(t, err, engine.KindInvalid, "")
		}
	}
}

// TestPages: a document's pages, their number, and the end of them.
func TestPages(t *testing.T) {
	skipSlowEngine(t)
	s := newService(t, Options{})
	doc := document(3)
	for n := 1; n <= 3; n++ {
		r, err := page(t, s, doc, n, SizeTile)
		if err != nil || r.Pages != 3 || r.MediaType != "image/jpeg" {
			t.Fatalf("page %d: %d pages, %s, %v", n, r.Pages, r.MediaType, err)
		}
	}
	_, err := page(t, s, doc, 4, SizeTile)
	wantKind(t, err, engine.KindNotFound, "no such page")
	if n := s.prepares.Load(); n != 1 {
		t.Errorf("the engine was compiled %d times", n)
	}
	// Derived data may go at any time, or go bad.
	if err := os.RemoveAll(s.engine); err != nil {
		t.Fatal(err)
	}
	if _, err := page(t, s, doc, 1, SizeIcon); err != nil {
		t.Fatalf("after the engine was deleted: %v", err)
	}
	n := 0
	err = filepath.Walk(s.engine, func(path string, st os.FileInfo, err error) error {
		if err != nil || st.IsDir() || st.Size() < 1000 {
			return err
		}
		n++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b[len(b)/2] ^= 1
		return os.WriteFile(path, b, 0o600)
	})
	if err != nil || n != 1 {
		t.Fatalf("%d files of the engine, %v", n, err)
	}
	if _, err := page(t, s, doc, 1, SizeScreen); err != nil {
		t.Fatalf("after a bit of the engine flipped: %v", err)
	}
}

// TestHostileDocuments are drawn or refused, within the limits.
func TestHostileDocuments(t *testing.T) {
	s := newPDFService(t, Options{})
	long := func(n int, what string) string { return strings.Repeat(what, n) }
	loop := []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n" +
		"2 0 obj\n<< /Type /Pages /Count 9 /Kids [2 0 R 2 0 R] /Parent 2 0 R >>\nendobj\n" +
		"trailer\n<< /Size 3 /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF\n")
	for _, c := range []struct {
		name string
		file []byte
	}{
		{"empty", []byte("%PDF-1.7\n")},
		{"pages in a circle", loop},
		{"page of no size", pdf(1, "0 0 0 0", "")},
		{"page of a hair", pdf(1, "0 0 0.001 14400", "")},
		{"page beyond numbers", pdf(1, "0 0 1e38 1e38", "")},
		{"page of no number", pdf(1, "a b c d", "")},
		{"saves without an end", pdf(1, "0 0 612 792", long(200000, "q "))},
		{"arrays in arrays", pdf(1, "0 0 612 792", long(100000, "["))},
		{"form that draws itself", recursive()},
		{"many pages", pdf(4000, "0 0 612 792", "")},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			r, err := page(t, s, c.file, 1, SizeTile)
			t.Logf("%d bytes: %v, %d bytes, %v", len(c.file), time.Since(start).Round(time.Millisecond), len(r.Bytes), err)
			if err != nil {
				wantKind(t, err, engine.KindInvalid, "")
			}
		})
	}
	if _, err := page(t, s, document(1), 1, SizeTile); err != nil {
		t.Fatalf("a sound document afterwards: %v", err)
	}
}

// recursive is a page whose form XObject invokes itself twice.
func recursive() []byte {
	b := pdf(1, "0 0 612 792", "/X Do")
	return bytes.Replace(b, []byte("<< /Length 5 >>"),
		[]byte("<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 3 0 R >> >> /Length 5 >>"), 1)
}

// TestDocumentZoo draws the odd documents that the engine's module brings for its
// own tests, where they are; a fifth of them, or all in a long run.
func TestDocumentZoo(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/klippa-app/go-pdfium").Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Skip("the module's sources are not there")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "shared_tests", "testdata", "*.pdf"))
	if len(files) == 0 {
		t.Skip("the module came without its test documents")
	}
	s := newPDFService(t, Options{Workers: 2})
	drawn, tried := 0, 0
	for i, f := range files {
		if os.Getenv("SCAIDRIVE_LONG") == "" && i%5 != 0 {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		tried++
		r, err := page(t, s, b, 1, SizeTile)
		if err != nil {
			t.Logf("%s: %v", filepath.Base(f), err)
			wantKind(t, err, engine.KindInvalid, "")
			continue
		}
		drawn++
		if len(r.Bytes) == 0 || r.Pages < 1 {
			t.Errorf("%s: %d bytes, %d pages", filepath.Base(f), len(r.Bytes), r.Pages)
		}
	}
	t.Logf("%d of %d drawn", drawn, tried)
	if drawn*10 < tried*7 {
		t.Errorf("only %d of %d drawn", drawn, tried)
	}
}

// TestTooSlow: processor time is the kernel's to stop, and the refusal is kept so
// that the file does not occupy a worker again.
func TestTooSlow(t *testing.T) {
	clock := time.Now()
	s := newPDFService(t, Options{Now: func() time.Time { return clock },
		Limits: limits(func(l *Limits) { l.CPU = time.Second })})
	slow := slowDocument()
	start := time.Now()
	_, err := page(t, s, slow, 1, SizeScreen)
	wantKind(t, err, engine.KindInvalid, "too long")
	t.Logf("stopped after %v", time.Since(start).Round(time.Millisecond))
	before := s.renders.Load()
	_, err = page(t, s, slow, 1, SizeScreen)
	wantKind(t, err, engine.KindInvalid, "too long")
	if s.renders.Load() != before {
		t.Error("tried again at once")
	}
	clock = clock.Add(refusalLife + time.Second)
	_, err = page(t, s, slow, 1, SizeScreen)
	wantKind(t, err, engine.KindInvalid, "too long")
	if s.renders.Load() != before+1 {
		t.Error("not tried again after the refusal's life")
	}
}

// slowDocument fills the page with transparent shapes very often.
func slowDocument() []byte {
	var b strings.Builder
	for i := range 300000 {
		fmt.Fprintf(&b, "%d %d m 600 %d 0 %d 300 %d c b*\n", i%600, i%700, i%790, i%511, i%333)
	}
	return pdf(1, "0 0 612 792", b.String())
}

// TestWallClock: a child that waits is ended, and nothing is held against the file.
func TestWallClock(t *testing.T) {
	s := newService(t, Options{Limits: limits(func(l *Limits) { l.Wall = 300 * time.Millisecond })})
	file := photo(600, 600)
	_, err := s.Page(t.Context(), [32]byte{1}, 1, SizeIcon, func(w io.Writer) error {
		for { // slower than a child may wait
			if _, err := w.Write(file[:2000]); err != nil {
				return err
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	wantKind(t, err, engine.KindUnavailable, "too long")
}

// TestMemory: what passes the header's limits is stopped by the process's.
func TestMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's memory is above every limit")
	}
	bomb := pngFile(9000, 9000, 8, 6, deflated(9000*(4*9000+1))) // 324 MB of pixels
	for _, c := range []struct {
		name   string
		change func(*Limits)
	}{
		{"resident, by the parent", func(l *Limits) { l.Resident, l.Mapped = 96<<20, 0 }},
		{"mapped, by the kernel", func(l *Limits) { l.Mapped = 300 << 20 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newService(t, Options{Limits: limits(func(l *Limits) { l.Render.Decode = 1 << 30; c.change(l) })})
			_, err := page(t, s, bomb, 1, SizeIcon)
			wantKind(t, err, engine.KindInvalid, "too much memory")
		})
	}
}

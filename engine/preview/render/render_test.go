package render

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

func testLimits() Limits {
	return Limits{Input: 1 << 20, Side: 4096, Pixels: 1 << 20, Decode: 8 << 20, Pages: 10, Output: 1 << 20}
}

// quarters is a picture of four colours, so that turning it shows.
func quarters(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [4]color.NRGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}}
			m.SetNRGBA(x, y, c[y*2/h*2+x*2/w])
		}
	}
	return m
}

// corners names the colours of the corners: top left, top right, bottom left,
// bottom right.
func corners(m image.Image) string {
	b := m.Bounds()
	name := func(x, y int) byte {
		r, g, bl, _ := m.At(x, y).RGBA()
		switch {
		case r > 0x8000 && g > 0x8000 && bl > 0x8000:
			return 'w'
		case r > 0x8000:
			return 'r'
		case g > 0x8000:
			return 'g'
		}
		return 'b'
	}
	return string([]byte{name(b.Min.X+1, b.Min.Y+1), name(b.Max.X-2, b.Min.Y+1),
		name(b.Min.X+1, b.Max.Y-2), name(b.Max.X-2, b.Max.Y-2)})
}

// exifBlock has the orientation behind another entry.
func exifBlock(order binary.AppendByteOrder, v uint16) []byte {
	b := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	for _, e := range [][2]uint16{{0x0100, 7}, {0x0112, v}} {
		b = order.AppendUint16(b, e[0])
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, e[1])
		b = order.AppendUint16(b, 0)
	}
	return b
}

func jpegWith(m image.Image, exif []byte) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, &jpeg.Options{Quality: 100})
	out := append([]byte{}, b.Bytes()[:2]...)
	if exif != nil {
		n := len(exif) + 8
		out = append(out, 0xff, 0xe1, byte(n>>8), byte(n))
		out = append(append(out, "Exif\x00\x00"...), exif...)
	}
	return append(out, b.Bytes()[2:]...)
}

func render(t *testing.T, file []byte, job Job, lim Limits) (image.Image, Rendition, error) {
	t.Helper()
	r, err := Render(NewInput(file), Sniff(file), job, lim, nil)
	if err != nil {
		return nil, r, err
	}
	m, _, err := image.Decode(bytes.NewReader(r.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	return m, r, nil
}

// TestFormats: each format comes out, upright and of the right size.
func TestFormats(t *testing.T) {
	m := quarters(200, 100)
	files := map[string][]byte{"jpeg": jpegWith(m, nil)}
	add := func(name string, f func(*bytes.Buffer) error) {
		var b bytes.Buffer
		if err := f(&b); err != nil {
			t.Fatal(err)
		}
		files[name] = b.Bytes()
	}
	add("png", func(b *bytes.Buffer) error { return png.Encode(b, m) })
	add("gif", func(b *bytes.Buffer) error { return gif.Encode(b, m, nil) })
	add("bmp", func(b *bytes.Buffer) error { return bmp.Encode(b, m) })
	add("tiff", func(b *bytes.Buffer) error { return tiff.Encode(b, m, &tiff.Options{Compression: tiff.Deflate}) })
	add("webp", func(b *bytes.Buffer) error { _, err := b.Write(tinyWebP()); return err })
	for name, file := range files {
		got, r, err := render(t, file, Job{1, 50}, testLimits())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if name == "webp" {
			continue // one pixel: that it is decoded is what there is to see
		}
		if got.Bounds().Size() != image.Pt(50, 25) || corners(got) != "rgbw" || r.Media != JPEG || r.Pages != 1 {
			t.Errorf("%s: %v %s %v", name, got.Bounds(), corners(got), r.Media)
		}
	}
}

// tinyWebP is one lossless pixel: five prefix codes of one symbol each.
func tinyWebP() []byte {
	l := []byte{0x2f, 0, 0, 0, 0, 0x88, 0x88, 0x08, 0, 0, 0, 0}
	body := append([]byte("WEBPVP8L"), binary.LittleEndian.AppendUint32(nil, uint32(len(l)))...)
	body = append(body, l...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// TestOrientation: the eight ways a camera is held, in both byte orders.
func TestOrientation(t *testing.T) {
	m := quarters(200, 100)
	for v, want := range map[uint16]string{0: "rgbw", 1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg",
		5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb", 9: "rgbw"} {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			got, _, err := render(t, jpegWith(m, exifBlock(order, v)), Job{1, 50}, testLimits())
			if err != nil {
				t.Fatal(err)
			}
			size := image.Pt(50, 25)
			if v >= 5 && v <= 8 {
				size = image.Pt(25, 50)
			}
			if corners(got) != want || got.Bounds().Size() != size {
				t.Errorf("orientation %d: %s %v, want %s %v", v, corners(got), got.Bounds(), want, size)
			}
		}
	}
}

// TestOrientationElsewhere: where the other formats keep it.
func TestOrientationElsewhere(t *testing.T) {
	exif := exifBlock(binary.LittleEndian, 6)
	chunk := func(order binary.AppendByteOrder, name string, b []byte, tail int) []byte {
		n := order.AppendUint32(nil, uint32(len(b)))
		var out []byte
		if order == binary.AppendByteOrder(binary.BigEndian) {
			out = append(n, name...)
		} else {
			out = append([]byte(name), n...)
		}
		return append(append(out, b...), make([]byte, tail)...)
	}
	big, little := binary.AppendByteOrder(binary.BigEndian), binary.AppendByteOrder(binary.LittleEndian)
	for _, c := range []struct {
		name string
		kind Kind
		file []byte
		want int
	}{
		{"png", KindPNG, append(append(make([]byte, 8), chunk(big, "IHDR", make([]byte, 13), 4)...), chunk(big, "eXIf", exif, 4)...), 6},
		{"png after the data", KindPNG, append(append(make([]byte, 8), chunk(big, "IDAT", nil, 4)...), chunk(big, "eXIf", exif, 4)...), 1},
		{"png cut", KindPNG, append(make([]byte, 8), chunk(big, "eXIf", exif, 4)...)[:24], 1},
		{"webp", KindWebP, append(append(make([]byte, 12), chunk(little, "VP8 ", make([]byte, 3), 1)...), chunk(little, "EXIF", exif, 0)...), 6},
		{"webp with a name in front", KindWebP, append(make([]byte, 12), chunk(little, "EXIF", append([]byte("Exif\x00\x00"), exif...), 0)...), 6},
		{"tiff", KindTIFF, exif, 6},
		{"gif", KindGIF, exif, 1},
		{"nothing", KindJPEG, nil, 1},
	} {
		if got := orientation(bytes.NewReader(c.file), int64(len(c.file)), c.kind); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func reason(err error) Reason {
	r, _ := errors.AsType[*Refusal](err)
	if r == nil {
		return 0
	}
	return r.Reason
}

// TestLimits: one more than allowed is refused, and the reason is the right one.
func TestLimits(t *testing.T) {
	file := jpegWith(quarters(200, 100), nil)
	for _, c := range []struct {
		name   string
		change func(*Limits)
		job    Job
		want   Reason
	}{
		{"all as it is", func(*Limits) {}, Job{1, 50}, 0},
		{"input", func(l *Limits) { l.Input = int64(len(file)) - 1 }, Job{1, 50}, TooLarge},
		{"input, just", func(l *Limits) { l.Input = int64(len(file)) }, Job{1, 50}, 0},
		{"side", func(l *Limits) { l.Side = 199 }, Job{1, 50}, TooLarge},
		{"side, just", func(l *Limits) { l.Side = 200 }, Job{1, 50}, 0},
		{"pixels", func(l *Limits) { l.Pixels = 19999 }, Job{1, 50}, TooLarge},
		{"pixels, just", func(l *Limits) { l.Pixels = 20000 }, Job{1, 50}, 0},
		{"decoding", func(l *Limits) { l.Decode = 29999 }, Job{1, 50}, TooLarge},
		{"decoding, just", func(l *Limits) { l.Decode = 30000 }, Job{1, 50}, 0}, // 4:2:0: 1.5 bytes a pixel
		{"output", func(l *Limits) { l.Output = 10 }, Job{1, 50}, TooLarge},
		{"second page", func(*Limits) {}, Job{2, 50}, NoPage},
		{"page past the limit", func(*Limits) {}, Job{11, 50}, NoPage},
		{"no size", func(*Limits) {}, Job{1, 0}, Failed},
	} {
		lim := testLimits()
		c.change(&lim)
		if _, err := Render(NewInput(file), KindJPEG, c.job, lim, nil); reason(err) != c.want {
			t.Errorf("%s: %v, want %d", c.name, err, c.want)
		}
	}
	// Without the data that follows, only the header can have told.
	head := file[:len(file)*3/4]
	for name, lim := range map[string]Limits{
		"side":     {Input: 1 << 20, Side: 199, Pixels: 1 << 20, Decode: 8 << 20, Pages: 1, Output: 1 << 20},
		"pixels":   {Input: 1 << 20, Side: 4096, Pixels: 19999, Decode: 8 << 20, Pages: 1, Output: 1 << 20},
		"decoding": {Input: 1 << 20, Side: 4096, Pixels: 1 << 20, Decode: 29999, Pages: 1, Output: 1 << 20},
	} {
		if _, err := Render(NewInput(head), KindJPEG, Job{1, 50}, lim, nil); reason(err) != TooLarge {
			t.Errorf("%s, by the header: %v", name, err)
		}
	}
	if _, err := Render(NewInput([]byte("%PDF-1.7")), KindPDF, Job{1, 50}, testLimits(), nil); reason(err) != Unprepared {
		t.Errorf("a document without the engine: %v", err)
	}
}

// TestDecodeBytes: what is expected to be held, form by form.
func TestDecodeBytes(t *testing.T) {
	head := func(marker byte, hv ...byte) []byte {
		b := []byte{0xff, 0xd8, 0xff, marker, 0, byte(8 + 3*len(hv)), 8, 0, 100, 0, 100, byte(len(hv))}
		for i, f := range hv {
			b = append(b, byte(i), f, 0)
		}
		return b
	}
	cfg := image.Config{Width: 100, Height: 100, ColorModel: color.YCbCrModel}
	for _, c := range []struct {
		name string
		file []byte
		want int64
	}{
		{"grey", head(0xc0, 0x11), 10000},
		{"4:4:4", head(0xc0, 0x11, 0x11, 0x11), 30000},
		{"4:2:0", head(0xc0, 0x22, 0x11, 0x11), 15000},
		{"4:2:0 progressive", head(0xc2, 0x22, 0x11, 0x11), 75000},
		{"four parts", head(0xc0, 0x11, 0x11, 0x11, 0x11), 80000},
		{"no header", []byte{0xff, 0xd8}, 200000},
		{"factors of nothing", head(0xc0, 0, 0, 0), 200000},
	} {
		if got := decodeBytes(NewInput(c.file), KindJPEG, cfg); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// TestAverage against the sum of the pixels, for factors that do and do not divide.
func TestAverage(t *testing.T) {
	m := image.NewGray(image.Rect(3, 5, 3+301, 5+97)) // does not begin at 0
	for i := range m.Pix {
		m.Pix[i] = byte(i * i >> 3)
	}
	for _, f := range [][2]int{{1, 1}, {2, 2}, {7, 3}, {301, 97}, {301, 1}, {1, 97}, {300, 96}} {
		got := average(m, f[0], f[1])
		b := got.Bounds()
		for y := range b.Dy() {
			for x := range b.Dx() {
				var sum, n int
				for sy := y * f[1]; sy < min((y+1)*f[1], 97); sy++ {
					for sx := x * f[0]; sx < min((x+1)*f[0], 301); sx++ {
						sum += int(m.GrayAt(3+sx, 5+sy).Y)
						n++
					}
				}
				if want := byte((sum + n/2) / n); got.RGBAAt(x, y).G != want {
					t.Fatalf("factors %v at %d,%d: %d, want %d", f, x, y, got.RGBAAt(x, y).G, want)
				}
			}
		}
	}
}

func TestFit(t *testing.T) {
	for _, c := range [][5]int{{10, 20, 64, 10, 20}, {64, 64, 64, 64, 64}, {65, 64, 64, 64, 63},
		{65535, 1, 64, 64, 1}, {1, 65535, 64, 1, 64}, {4000, 3000, 256, 256, 192}, {3000, 4000, 256, 192, 256}} {
		if w, h := fit(c[0], c[1], c[2]); w != c[3] || h != c[4] {
			t.Errorf("%v: %d x %d", c, w, h)
		}
	}
	for _, c := range []struct {
		w, h float64
		size [2]int
		ok   bool
	}{
		{612, 792, [2]int{198, 256}, true}, {792, 612, [2]int{256, 198}, true}, {1, 1, [2]int{256, 256}, true},
		{0.001, 14400, [2]int{1, 256}, true}, {0, 1, [2]int{}, false}, {-1, 1, [2]int{}, false},
		{math.NaN(), 1, [2]int{}, false}, {math.Inf(1), 1, [2]int{}, false}, {1, 1e9, [2]int{}, false},
	} {
		if w, h, ok := pageFit(c.w, c.h, 256); ok != c.ok || w != c.size[0] || h != c.size[1] {
			t.Errorf("%v x %v: %d x %d %v", c.w, c.h, w, h, ok)
		}
	}
}

// TestInput reads across the blocks.
func TestInput(t *testing.T) {
	b := make([]byte, 2*blockSize+100)
	for i := range b {
		b[i] = byte(i % 251)
	}
	in, err := ReadInput(bytes.NewReader(b), int64(len(b)))
	if err != nil || in.Size() != int64(len(b)) {
		t.Fatal(in.Size(), err)
	}
	for _, off := range []int{0, blockSize - 5, 2*blockSize - 1, len(b) - 10} {
		p := make([]byte, 10)
		if n, err := in.ReadAt(p, int64(off)); n != 10 || err != nil && off+10 < len(b) || !bytes.Equal(p, b[off:off+10]) {
			t.Errorf("at %d: %d %v", off, n, err)
		}
	}
	if n, err := in.ReadAt(make([]byte, 10), int64(len(b)-3)); n != 3 || err == nil {
		t.Errorf("past the end: %d %v", n, err)
	}
	if _, err := in.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("before the beginning")
	}
	if in, err := ReadInput(bytes.NewReader(b), 1000); err != nil || in.Size() != 1001 {
		t.Errorf("over the limit: %d %v", in.Size(), err)
	}
}

// FuzzOrientation: any bytes give 1 to 8.
func FuzzOrientation(f *testing.F) {
	small := jpegWith(quarters(8, 8), exifBlock(binary.BigEndian, 6))
	for k := KindJPEG; k <= KindTIFF; k++ {
		f.Add(byte(k), small)
		f.Add(byte(k), exifBlock(binary.LittleEndian, 8))
		f.Add(byte(k), append(make([]byte, 12), "EXIF\xff\xff\xff\xff"...))
	}
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		if v := orientation(bytes.NewReader(b), int64(len(b)), Kind(kind)); v < 1 || v > 8 {
			t.Fatalf("orientation %d", v)
		}
	})
}

// FuzzRender sends any bytes through the dispatcher, with limits so small that no
// input is slow: a rendition fits, an error is a Refusal.
func FuzzRender(f *testing.F) {
	m := quarters(20, 10)
	var p, g, b, tf bytes.Buffer
	_ = png.Encode(&p, m)
	_ = gif.Encode(&g, m, nil)
	_ = bmp.Encode(&b, m)
	_ = tiff.Encode(&tf, m, nil)
	for _, s := range [][]byte{jpegWith(m, exifBlock(binary.BigEndian, 5)), p.Bytes(), g.Bytes(), b.Bytes(), tf.Bytes(), tinyWebP(), []byte("%PDF-1.7\n")} {
		f.Add(s)
	}
	lim := Limits{Input: 1 << 16, Side: 256, Pixels: 1 << 14, Decode: 1 << 18, Pages: 1, Output: 1 << 16}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Render(NewInput(b), Sniff(b), Job{1, 16}, lim, nil)
		if err != nil {
			if reason(err) == 0 {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		c, _, err := image.DecodeConfig(bytes.NewReader(r.Bytes))
		if err != nil || c.Width > 16 || c.Height > 16 {
			t.Fatalf("%d x %d, %v", c.Width, c.Height, err)
		}
	})
}

package render

import (
	"image"

	"golang.org/x/image/draw"
)

// stripPixels is how many pixels are brought into one form at a time.
const stripPixels = 1 << 16

// fit gives the edges of a picture whose longer one is size; nothing grows.
func fit(w, h, size int) (int, int) {
	if w <= size && h <= size {
		return w, h
	}
	if w >= h {
		return size, max(1, (h*size+w/2)/w)
	}
	return max(1, (w*size+h/2)/h), size
}

// shrink makes the picture fit. It first averages whole blocks of pixels, which is
// fast and lets nothing flicker, until less than a factor of two is left for the
// slower filter that ends sharp.
func shrink(m image.Image, size int) *image.RGBA {
	b := m.Bounds()
	w, h := fit(b.Dx(), b.Dy(), size)
	mid := average(m, max(1, b.Dx()/w), max(1, b.Dy()/h))
	if mid.Bounds().Dx() == w && mid.Bounds().Dy() == h {
		return mid
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(out, out.Bounds(), mid, mid.Bounds(), draw.Src, nil)
	return out
}

// average makes one pixel of each block of fx by fy pixels; at the right and lower
// edge blocks may be smaller.
func average(m image.Image, fx, fy int) *image.RGBA {
	b := m.Bounds()
	w := b.Dx()
	out := image.NewRGBA(image.Rect(0, 0, (w+fx-1)/fx, (b.Dy()+fy-1)/fy))
	if fx == 1 && fy == 1 {
		draw.Draw(out, out.Bounds(), m, b.Min, draw.Src)
		return out
	}
	rows := max(1, stripPixels/w)
	strip := image.NewRGBA(image.Rect(0, 0, w, min(rows, b.Dy())))
	sums := make([]uint64, 4*out.Bounds().Dx())
	for y := range b.Dy() {
		if y%rows == 0 {
			draw.Draw(strip, strip.Bounds(), m, b.Min.Add(image.Pt(0, y)), draw.Src)
		}
		addRow(sums, strip.Pix[(y%rows)*strip.Stride:][:4*w], fx)
		if y%fy == fy-1 || y == b.Dy()-1 {
			flush(out.Pix[(y/fy)*out.Stride:], sums, w, fx, y%fy+1)
		}
	}
	return out
}

// addRow adds the pixels of a row to the sums of their blocks.
func addRow(sums []uint64, row []byte, fx int) {
	for len(row) > 0 {
		n := min(4*fx, len(row))
		var r, g, b, a uint32 // 255 x 65,535 fits
		for p := row[:n]; len(p) >= 4; p = p[4:] {
			r += uint32(p[0])
			g += uint32(p[1])
			b += uint32(p[2])
			a += uint32(p[3])
		}
		s := sums[:4:4]
		s[0] += uint64(r)
		s[1] += uint64(g)
		s[2] += uint64(b)
		s[3] += uint64(a)
		sums, row = sums[4:], row[n:]
	}
}

// flush writes the averages of a row of blocks and clears their sums.
func flush(out []byte, sums []uint64, w, fx, rows int) {
	for x := 0; x < w; x += fx {
		n := uint64(min(fx, w-x)) * uint64(rows)
		for i := range 4 {
			out[i] = byte((sums[i] + n/2) / n)
			sums[i] = 0
		}
		out, sums = out[4:], sums[4:]
	}
}

// upright turns and mirrors by an EXIF orientation.
func upright(m *image.RGBA, orient int) *image.RGBA {
	if orient <= 1 || orient > 8 {
		return m
	}
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	ow, oh := w, h
	if orient >= 5 {
		ow, oh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		for x := range ow {
			sx, sy := source(orient, x, y, w, h)
			copy(out.Pix[out.PixOffset(x, y):][:4], m.Pix[m.PixOffset(sx, sy):][:4])
		}
	}
	return out
}

// source is where the pixel at x, y of the upright picture is in the stored one,
// which is w by h.
func source(orient, x, y, w, h int) (int, int) {
	switch orient {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	default: // 8
		return w - 1 - y, x
	}
}

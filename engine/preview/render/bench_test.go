package render

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"
)

func photo12() *image.YCbCr {
	m := image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range m.Y {
		m.Y[i] = byte(i%4000/16) ^ byte(rnd.Uint32()&15)
	}
	return m
}

func BenchmarkDecode12MP(b *testing.B) {
	var out bytes.Buffer
	_ = jpeg.Encode(&out, photo12(), &jpeg.Options{Quality: 90})
	for b.Loop() {
		_, _ = jpeg.Decode(bytes.NewReader(out.Bytes()))
	}
}

func BenchmarkShrink12MP(b *testing.B) {
	m := photo12()
	for b.Loop() {
		shrink(m, 256)
	}
}

func BenchmarkShrink12MPTo1024(b *testing.B) {
	m := photo12()
	for b.Loop() {
		shrink(m, 1024)
	}
}

package render

import (
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

type codec struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// codecOf gives the decoder of a picture; of an animation it decodes the first frame.
func codecOf(kind Kind) (codec, bool) {
	switch kind {
	case KindJPEG:
		return codec{jpeg.DecodeConfig, jpeg.Decode}, true
	case KindPNG:
		return codec{png.DecodeConfig, png.Decode}, true
	case KindGIF:
		return codec{gif.DecodeConfig, gif.Decode}, true
	case KindWebP:
		return codec{webp.DecodeConfig, webp.Decode}, true
	case KindTIFF:
		return codec{tiff.DecodeConfig, tiff.Decode}, true
	case KindBMP:
		return codec{bmp.DecodeConfig, bmp.Decode}, true
	}
	return codec{}, false
}

// picture decodes, shrinks and turns upright.
func picture(in *Input, kind Kind, size int, lim Limits) (*image.RGBA, error) {
	c, ok := codecOf(kind)
	if !ok {
		return nil, refuse(Unsupported, "kind %d", kind)
	}
	cfg, err := c.config(in.Reader())
	if err != nil {
		return nil, err
	}
	if err := admit(in, kind, cfg, lim); err != nil {
		return nil, err
	}
	m, err := c.decode(in.Reader())
	if err != nil {
		return nil, err
	}
	// The header may have lied about what the frame then was.
	if b := m.Bounds(); b.Dx() > lim.Side || b.Dy() > lim.Side || int64(b.Dx())*int64(b.Dy()) > lim.Pixels {
		return nil, refuse(TooLarge, "%v after decoding", b)
	}
	if m.Bounds().Empty() {
		return nil, refuse(Damaged, "no pixels")
	}
	return upright(shrink(m, size), orientation(in, in.Size(), kind)), nil
}

// admit checks a picture's header against the limits, before decoding.
func admit(in *Input, kind Kind, cfg image.Config, lim Limits) error {
	if cfg.Width < 1 || cfg.Height < 1 {
		return refuse(Damaged, "%d x %d pixels", cfg.Width, cfg.Height)
	}
	pixels := int64(cfg.Width) * int64(cfg.Height)
	if cfg.Width > lim.Side || cfg.Height > lim.Side || pixels > lim.Pixels {
		return refuse(TooLarge, "%d x %d pixels", cfg.Width, cfg.Height)
	}
	if need := decodeBytes(in, kind, cfg); need > lim.Decode {
		return refuse(TooLarge, "%d x %d pixels need %d bytes", cfg.Width, cfg.Height, need)
	}
	return nil
}

// decodeBytes is what decoding will hold at its peak beside the input: the pixels
// in the form that the decoder gives, and what the form of the file adds.
func decodeBytes(in *Input, kind Kind, cfg image.Config) int64 {
	pixels := int64(cfg.Width) * int64(cfg.Height)
	each := modelBytes(cfg.ColorModel)
	switch kind {
	case KindJPEG:
		return jpegBytes(in, pixels)
	case KindPNG:
		var interlace [1]byte
		if readAt(in, interlace[:], 28) && interlace[0] != 0 {
			return pixels * each * 3 / 2 // each pass is a picture first
		}
		return pixels * each
	case KindWebP:
		return pixels * 8 // pixels, and those that a lossless transform reads
	case KindTIFF:
		return pixels * each * 2 // strips may be as long as the picture
	default:
		return pixels * each
	}
}

func modelBytes(m color.Model) int64 {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	return 4
}

// jpegBytes: a sample takes one byte, in a progressive picture four more for its
// coefficient; CMYK is spread to four bytes a pixel at the end.
func jpegBytes(in *Input, pixels int64) int64 {
	total := pixels * 20 // the most there is, should there be no header to read
	jpegSegments(in, in.Size(), func(marker byte, off, n int64) bool {
		if marker < 0xc0 || marker > 0xc2 {
			return false
		}
		var h [6]byte
		if !readAt(in, h[:], off) {
			return true
		}
		parts := make([]byte, 3*min(int(h[5]), 4))
		if !readAt(in, parts, off+6) {
			return true
		}
		var samples, most int64
		for i := 0; i < len(parts); i += 3 {
			f := int64(parts[i+1]>>4) * int64(parts[i+1]&15)
			samples += f
			most = max(most, f)
		}
		if most == 0 || most > 16 {
			return true
		}
		each := int64(1)
		if marker == 0xc2 {
			each = 5
		}
		total = pixels * samples * each / most
		if h[5] == 4 {
			total += 4 * pixels
		}
		return true
	})
	return total
}

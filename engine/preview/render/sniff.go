package render

import "github.com/gabriel-vasile/mimetype"

// Kind is a kind of file that there is a renderer for.
type Kind uint8

// The kinds. KindNone is every other one.
const (
	KindNone Kind = iota
	KindJPEG
	KindPNG
	KindGIF
	KindWebP
	KindTIFF
	KindBMP
	KindPDF
)

// HeadSize is how many bytes of the beginning decide the kind.
const HeadSize = 1024

// Sniff tells the kind by the first HeadSize bytes, or all if there are fewer.
// What the looked-up library cannot stand is of no kind.
func Sniff(head []byte) (kind Kind) {
	defer func() {
		if recover() != nil {
			kind = KindNone
		}
	}()
	for m := mimetype.Detect(head[:min(len(head), HeadSize)]); m != nil; m = m.Parent() {
		switch m.String() {
		case "image/jpeg":
			return KindJPEG
		case "image/png":
			return KindPNG
		case "image/gif":
			return KindGIF
		case "image/webp":
			return KindWebP
		case "image/tiff":
			return KindTIFF
		case "image/bmp":
			return KindBMP
		case "application/pdf":
			return KindPDF
		}
	}
	return KindNone
}

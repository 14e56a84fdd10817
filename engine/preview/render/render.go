// Package render turns the bytes of one file into one small picture.
//
// It is what runs inside the child process of package preview: decoders that are
// memory-safe (Go, or WebAssembly for PDF), each behind a look at the header that
// refuses what would take too much before anything is decoded. The kind of file
// is recognised by its content; nothing here knows a name.
//
// Invariants: the longest edge of a rendition is the size that was asked for or
// less; a rendition is a JPEG, or a PNG when something shows through; no file is
// opened but the compiled PDF engine, no connection is made. What hostile bytes can
// still do, take time and memory, and bring a decoder to panic, is the business of
// the process around it: package render alone does not bound them.
package render

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
)

// A Reason says why there is no rendition. The values are what parent and child
// tell each other and what the cache keeps: they are never given a new meaning.
type Reason uint8

// The reasons.
const (
	Unsupported Reason = 1  // a kind of file without a renderer
	Damaged     Reason = 2  // it cannot be decoded
	TooLarge    Reason = 3  // more bytes, pixels or memory than allowed
	Protected   Reason = 4  // a password is needed
	NoPage      Reason = 5  // the file has fewer pages
	TooSlow     Reason = 6  // it took more processor time than allowed
	Crashed     Reason = 7  // the child ended without an answer
	Unprepared  Reason = 8  // the PDF engine is not compiled yet
	Failed      Reason = 9  // the child could not do its work, whatever the file
	Exhausted   Reason = 10 // it took more memory than allowed
)

// A Refusal is the error for a file that has no rendition. Detail is for logs.
type Refusal struct {
	Reason Reason
	Detail string
}

func (r *Refusal) Error() string { return fmt.Sprintf("refused (%d): %s", r.Reason, r.Detail) }

func refuse(reason Reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// Limits are what one rendition may take. Zero in a field allows nothing.
type Limits struct {
	Input  int64 // bytes of the file
	Side   int   // pixels of a picture's longer edge
	Pixels int64 // pixels of a picture
	Decode int64 // bytes that decoding is expected to hold, from the header
	Pages  int   // the last page of a document that is drawn
	Output int   // bytes of the rendition
}

// A Job says which rendition is wanted: of which page (from 1; a picture has one),
// with which longest edge in pixels.
type Job struct {
	Page int
	Size int
}

// A Rendition is the result.
type Rendition struct {
	Media Media
	Bytes []byte
	Pages int // of the whole file
}

// Media is the form of a rendition.
type Media uint8

// The forms.
const (
	JPEG Media = 1
	PNG  Media = 2
)

// Type gives the media type.
func (m Media) Type() string {
	if m == PNG {
		return "image/png"
	}
	return "image/jpeg"
}

// jpegQuality is where a small picture stops getting visibly better.
const jpegQuality = 84

// Render makes the rendition of a file of the given kind. pdf is needed for
// documents only. Errors are *Refusal; a panic of a decoder is one too.
func Render(in *Input, kind Kind, job Job, lim Limits, pdf *PDF) (r Rendition, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = Rendition{}, refuse(Damaged, "decoder panicked: %v", p)
		}
	}()
	if job.Size < 1 || job.Page < 1 {
		return Rendition{}, refuse(Failed, "size %d, page %d", job.Size, job.Page)
	}
	if in.Size() > lim.Input {
		return Rendition{}, refuse(TooLarge, "more than %d bytes", lim.Input)
	}
	if job.Page > lim.Pages {
		return Rendition{}, refuse(NoPage, "page %d is past the limit of %d", job.Page, lim.Pages)
	}
	var small *image.RGBA
	pages := 1
	switch {
	case kind == KindNone:
		return Rendition{}, refuse(Unsupported, "no renderer for it")
	case kind == KindPDF:
		if pdf == nil {
			return Rendition{}, refuse(Unprepared, "no PDF engine")
		}
		small, pages, err = pdf.page(in, job)
	case job.Page > 1:
		return Rendition{}, refuse(NoPage, "a picture has one page")
	default:
		small, err = picture(in, kind, job.Size, lim)
	}
	if err != nil {
		return Rendition{}, asRefusal(err)
	}
	if b := small.Bounds(); b.Dx() > job.Size || b.Dy() > job.Size || b.Empty() {
		return Rendition{}, refuse(Failed, "came out as %v", b)
	}
	media, out, err := encode(small)
	if err != nil {
		return Rendition{}, refuse(Failed, "encode: %v", err)
	}
	if len(out) > lim.Output {
		return Rendition{}, refuse(TooLarge, "the rendition takes %d bytes", len(out))
	}
	return Rendition{Media: media, Bytes: out, Pages: pages}, nil
}

func asRefusal(err error) error {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	return refuse(Damaged, "%v", err)
}

func encode(m *image.RGBA) (Media, []byte, error) {
	var b bytes.Buffer
	if m.Opaque() {
		err := jpeg.Encode(&b, m, &jpeg.Options{Quality: jpegQuality})
		return JPEG, b.Bytes(), err
	}
	err := png.Encode(&b, m)
	return PNG, b.Bytes(), err
}

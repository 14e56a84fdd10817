package render

import (
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"golang.org/x/image/draw"
)

// engineVersion names the compiled engine that a directory holds; it changes with
// the modules that make it.
const engineVersion = "pdfium-1.18.0-wazero-1.11.0"

// A PDF is an instance of the engine: PDFium as WebAssembly, which sees its own
// memory and nothing of the file system. It serves one document.
type PDF struct {
	pool     pdfium.Pool
	instance pdfium.Pdfium
}

func marker(dir string) string { return filepath.Join(dir, engineVersion+".ready") }

// Prepare compiles the engine into dir, which takes seconds of processor time. What
// was there before is removed.
func Prepare(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("prepare PDF engine: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("prepare PDF engine: %w", err)
	}
	p, err := load(dir)
	if err != nil {
		return fmt.Errorf("prepare PDF engine: %w", err)
	}
	p.Close()
	if err := os.WriteFile(marker(dir), nil, 0o600); err != nil {
		return fmt.Errorf("prepare PDF engine: %w", err)
	}
	return nil
}

// LoadPDF loads what Prepare compiled, which it only reads. An error is a *Refusal
// with reason Unprepared.
func LoadPDF(dir string) (*PDF, error) {
	if _, err := os.Stat(marker(dir)); err != nil {
		return nil, refuse(Unprepared, "%v", err)
	}
	p, err := load(dir)
	if err != nil {
		return nil, refuse(Unprepared, "%v", err)
	}
	return p, nil
}

func load(dir string) (p *PDF, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("load: %v", r)
		}
	}()
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return nil, err
	}
	pool, err := webassembly.Init(webassembly.Config{
		MaxIdle: 1, MaxTotal: 1,
		FSConfig:      wazero.NewFSConfig(), // nothing is mounted
		RuntimeConfig: wazero.NewRuntimeConfig().WithCompilationCache(cache),
		Stdout:        io.Discard, Stderr: io.Discard,
	})
	if err != nil {
		return nil, err
	}
	instance, err := pool.GetInstance(time.Minute)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return &PDF{pool: pool, instance: instance}, nil
}

// Close frees the engine.
func (p *PDF) Close() {
	_ = p.instance.Close()
	_ = p.pool.Close()
}

// maxPoints is the longest edge of a page that is drawn, in points of 1/72 inch.
// The format's own limit is 14,400, more with a unit of its own.
const maxPoints = 1 << 20

// page draws a page on white and gives the number of all.
func (p *PDF) page(in *Input, job Job) (*image.RGBA, int, error) {
	doc, err := p.instance.OpenDocument(&requests.OpenDocument{
		FileReader: in.Reader(), FileReaderSize: in.Size()})
	switch {
	case errors.Is(err, pdferrors.ErrPassword):
		return nil, 0, refuse(Protected, "%v", err)
	case errors.Is(err, pdferrors.ErrSecurity):
		return nil, 0, refuse(Protected, "%v", err)
	case err != nil:
		return nil, 0, fmt.Errorf("open: %w", err)
	}
	count, err := p.instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	if err != nil {
		return nil, 0, fmt.Errorf("count pages: %w", err)
	}
	if count.PageCount < 1 {
		return nil, 0, refuse(Damaged, "no pages")
	}
	if job.Page > count.PageCount {
		return nil, 0, refuse(NoPage, "page %d of %d", job.Page, count.PageCount)
	}
	page := requests.Page{ByIndex: &requests.PageByIndex{Document: doc.Document, Index: job.Page - 1}}
	size, err := p.instance.GetPageSize(&requests.GetPageSize{Page: page})
	if err != nil {
		return nil, 0, fmt.Errorf("size of page: %w", err)
	}
	w, h, ok := pageFit(size.Width, size.Height, job.Size)
	if !ok {
		return nil, 0, refuse(Damaged, "a page of %g x %g points", size.Width, size.Height)
	}
	drawn, err := p.instance.RenderPageInPixels(&requests.RenderPageInPixels{
		Page: page, Width: w, Height: h, RenderForm: true, Document: &doc.Document,
		RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT | enums.FPDF_RENDER_FLAG_RENDER_LIMITEDIMAGECACHE})
	if err != nil {
		return nil, 0, fmt.Errorf("draw: %w", err)
	}
	defer drawn.Cleanup()
	return onWhite(drawn.Result.Image, job.Size), count.PageCount, nil
}

// pageFit gives the pixels of a page whose edges are in points; pages grow to the
// size that is asked for, unlike pictures.
func pageFit(w, h float64, size int) (int, int, bool) {
	sound := func(v float64) bool { return !math.IsNaN(v) && v > 0 && v <= maxPoints }
	if !sound(w) || !sound(h) {
		return 0, 0, false
	}
	scale := float64(size) / max(w, h)
	edge := func(v float64) int { return min(size, max(1, int(math.Round(v*scale)))) }
	return edge(w), edge(h), true
}

// onWhite lays what the engine drew, whose colours are not multiplied by alpha
// though its type says so, on white paper. It copies: the pixels are the engine's.
func onWhite(m *image.RGBA, size int) *image.RGBA {
	b := m.Bounds().Intersect(image.Rect(0, 0, size, size))
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	plain := &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
	draw.Draw(out, out.Bounds(), plain, b.Min, draw.Over)
	return out
}

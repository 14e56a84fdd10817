package preview

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"scaidrive/engine"
)

// probeCommand makes the test binary the subject of TestConfinement.
const probeCommand = "probe"

// TestMain lets the test binary be the child of its own tests.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == Command {
		os.Exit(RunChild(os.Stdin, os.Stdout, os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == probeCommand {
		os.Exit(probe(os.Stdout, os.Args[2:]))
	}
	dir, err := os.MkdirTemp("", "preview")
	if err != nil {
		panic(err)
	}
	compiled.dir = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// compiled is the PDF engine, compiled once for all tests that do not compile it
// themselves.
var compiled struct {
	sync.Mutex
	dir  string
	done bool
}

// newPDFService is newService with the PDF engine compiled.
func newPDFService(t testing.TB, opts Options) *Service {
	t.Helper()
	skipSlowEngine(t)
	compiled.Lock()
	defer compiled.Unlock()
	if !compiled.done {
		s := newServiceAt(t, compiled.dir, Options{})
		if err := s.prepare(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		compiled.done = true
	}
	s := newService(t, opts)
	if err := os.CopyFS(s.engine, os.DirFS(filepath.Join(compiled.dir, "engine"))); err != nil {
		t.Fatal(err)
	}
	return s
}

// newService makes a Service whose children are this binary.
func newService(t testing.TB, opts Options) *Service {
	t.Helper()
	return newServiceAt(t, t.TempDir(), opts)
}

func newServiceAt(t testing.TB, dir string, opts Options) *Service {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if raceEnabled {
		// The detector's own memory is far above every limit.
		opts.unconfined = true
		l := DefaultLimits()
		l.CPU, l.Wall = 8*l.CPU, 8*l.Wall // it is many times slower, too
		if opts.Limits != nil {
			l = *opts.Limits
		}
		l.Mapped, l.Resident = 0, 4<<30
		opts.Limits = &l
	}
	s := New(dir, exe, opts)
	t.Cleanup(s.Close)
	return s
}

// skipSlowEngine leaves documents out under the race detector, which would watch
// the child compile for minutes: what it is for is the parent.
func skipSlowEngine(t testing.TB) {
	t.Helper()
	if raceEnabled {
		t.Skip("documents are for the ordinary build")
	}
}

// limits are the default ones, changed.
func limits(change func(*Limits)) *Limits {
	l := DefaultLimits()
	change(&l)
	return &l
}

// from streams bytes as a caller would, in pieces.
func from(b []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		for p := b; len(p) > 0; {
			n := min(len(p), 64<<10)
			if _, err := w.Write(p[:n]); err != nil {
				return fmt.Errorf("stream: %w", err)
			}
			p = p[n:]
		}
		return nil
	}
}

func page(t testing.TB, s *Service, b []byte, n, size int) (Rendition, error) {
	t.Helper()
	return s.Page(context.Background(), sha256.Sum256(b), n, size, from(b))
}

// wantKind fails unless err is an engine.Error of the kind with words for people.
func wantKind(t testing.TB, err error, want engine.Kind, msg string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want kind %d (%s)", want, msg)
	}
	if k := engine.KindOf(err); k != want {
		t.Fatalf("kind %d, want %d: %v", k, want, err)
	}
	var e *engine.Error
	if e = asEngine(err); e == nil || !bytes.Contains([]byte(e.Msg), []byte(msg)) {
		t.Fatalf("message %q, want %q; %v", e.Msg, msg, err)
	}
}

// photo is a picture with detail, as a JPEG.
func photo(w, h int) []byte {
	m := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	rnd := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			m.Y[y*m.YStride+x] = byte(x*255/w) ^ byte(rnd.Uint32()&15)
		}
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = byte(i>>8), byte(i>>10)
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, &jpeg.Options{Quality: 90})
	return b.Bytes()
}

// plain is a picture of one colour, as a PNG.
func plain(w, h int, c color.Color) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	for i := 0; i < len(m.Pix); i += 4 {
		m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = n.R, n.G, n.B, n.A
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m)
	return b.Bytes()
}

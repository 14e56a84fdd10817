package test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	be "encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// picture is one of two colours, so that its preview can be told from another's.
func picture(w, h int, c color.Color) *image.Paletted {
	m := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{c, color.White})
	for i := range w {
		m.Set(i, i*h/w, color.White)
	}
	return m
}

func encoded(t *testing.T, encode func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// onePage is a PDF by hand, with so many pages.
func onePage(pages int) []byte {
	var b bytes.Buffer
	var at []int
	obj := func(s string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), s)
	}
	b.WriteString("%PDF-1.7\n")
	obj("<< /Type /Catalog /Pages 2 0 R >>")
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 4+i)
	}
	obj(fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", pages, kids))
	ink := "0 0 0 rg 100 100 300 300 re f"
	obj(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(ink), ink))
	for range pages {
		obj("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 3 0 R >>")
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

// bomb is a PNG whose few bytes become gigabytes of pixels.
func bomb(side uint32) []byte {
	var data bytes.Buffer
	w, _ := zlib.NewWriterLevel(&data, zlib.BestSpeed)
	zero := make([]byte, 1<<20)
	for range 256 {
		w.Write(zero)
	}
	w.Close()
	var b bytes.Buffer
	chunk := func(name string, body []byte) {
		be.Write(&b, be.BigEndian, uint32(len(body)))
		part := append([]byte(name), body...)
		b.Write(part)
		be.Write(&b, be.BigEndian, crc32.ChecksumIEEE(part))
	}
	b.WriteString("\x89PNG\r\n\x1a\n")
	head := be.BigEndian.AppendUint32(be.BigEndian.AppendUint32(nil, side), side)
	chunk("IHDR", append(head, 8, 2, 0, 0, 0))
	chunk("IDAT", data.Bytes())
	chunk("IEND", nil)
	return b.Bytes()
}

// preview asks for a preview, with further headers.
func (a *api) preview(t *testing.T, file, query string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequest("GET", a.url+"/api/v1/files/"+file+"/preview"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := a.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, b
}

func (a *api) put(t *testing.T, share, name string, data []byte) string {
	t.Helper()
	o, code, err := a.post(share, "", name, data)
	if err != nil || code != 201 {
		t.Fatal(code, err)
	}
	return o.ID
}

// confinable says whether this system can confine the child; elsewhere there are
// other words for it (docs/decisions/0007-previews.md).
func confinable(t *testing.T) { need(t, runtime.GOOS == "linux", "Linux") }

// TestPreviews has the built binary draw what it can draw, through HTTP.
func TestPreviews(t *testing.T) {
	confinable(t)
	data := t.TempDir()
	s := start(t, data)
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := a.share(t, "pictures")
	red := color.RGBA{200, 0, 0, 255}
	webp, _ := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	shown := map[string][]byte{
		"a.jpg":  encoded(t, func(w io.Writer) error { return jpeg.Encode(w, picture(2000, 1000, red), nil) }),
		"a.png":  encoded(t, func(w io.Writer) error { return png.Encode(w, picture(2000, 1000, red)) }),
		"a.gif":  encoded(t, func(w io.Writer) error { return gif.Encode(w, picture(2000, 1000, red), nil) }),
		"a.webp": webp,
		"a.pdf":  onePage(3),
	}
	ids := map[string]string{}
	for name, b := range shown {
		ids[name] = a.put(t, share, name, b)
		res, body := a.preview(t, ids[name], "?size=256")
		if res.StatusCode != 200 {
			t.Errorf("%s: %d %s", name, res.StatusCode, body)
			continue
		}
		m, _, err := image.Decode(bytes.NewReader(body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if size := m.Bounds().Size(); max(size.X, size.Y) > 256 || name != "a.webp" && max(size.X, size.Y) != 256 {
			t.Errorf("%s: %v", name, size)
		}
		if r, g, _, _ := m.At(200, 10).RGBA(); strings.Contains("a.jpg a.png a.gif", name) && (r < 0xa000 || g > 0x4000) {
			t.Errorf("%s: another picture", name)
		}
		for k, v := range map[string]string{
			"Content-Type": "image/", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox",
			"Cache-Control": "private", "Etag": `"ver_`, "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if !strings.HasPrefix(res.Header.Get(k), v) {
				t.Errorf("%s: %s is %q", name, k, res.Header.Get(k))
			}
		}
		if again, _ := a.preview(t, ids[name], "?size=256", "If-None-Match", res.Header.Get("Etag")); again.StatusCode != 304 {
			t.Errorf("%s: with its ETag: %d", name, again.StatusCode)
		}
	}
	ids["text"] = a.put(t, share, "a.txt", []byte("only words"))
	ids["empty"] = a.put(t, share, "empty", nil)
	for _, q := range []struct {
		file, query string
		status      int
		pages       string
	}{
		{"a.pdf", "?page=3", 200, "3"}, {"a.pdf", "?page=4", 404, ""}, {"a.pdf", "", 200, "3"}, {"a.png", "?page=2", 404, ""},
		{"a.png", "?page=0", 422, ""}, {"a.png", "?page=x", 422, ""}, {"a.png", "?size=257", 422, ""}, {"a.png", "?size=0", 422, ""}, {"a.png", "?size=64", 200, "1"},
		{"text", "", 422, ""}, {"empty", "", 422, ""},
	} {
		res, body := a.preview(t, ids[q.file], q.query)
		if res.StatusCode != q.status || res.Header.Get("X-Page-Count") != q.pages {
			t.Errorf("%s%s: %d, %q pages, %.200s", q.file, q.query, res.StatusCode, res.Header.Get("X-Page-Count"), body)
		}
	}
	if res, _ := a.preview(t, "fil_00000000000000000000000000", ""); res.StatusCode != 404 {
		t.Error("an unknown file:", res.StatusCode)
	}
	if kept, _ := filepath.Glob(filepath.Join(data, "derived", "previews", "renditions", "*", "*")); len(kept) < 5 {
		t.Errorf("%d renditions are kept", len(kept))
	}
	// What is derived may be deleted at any time.
	if err := os.RemoveAll(filepath.Join(data, "derived", "previews")); err != nil {
		t.Fatal(err)
	}
	if res, body := a.preview(t, ids["a.png"], "?size=256"); res.StatusCode != 200 {
		t.Errorf("without the directory: %d %s", res.StatusCode, body)
	}
	if code, err := a.call("DELETE", "/files/"+ids["a.png"], nil, nil); code != 204 {
		t.Fatal(code, err)
	}
	if res, _ := a.preview(t, ids["a.png"], "?size=256"); res.StatusCode != 410 {
		t.Errorf("in the trash: %d", res.StatusCode)
	}
	s.stop()
}

// TestThumbnails asks for many at once: files that can be drawn, that cannot, and
// that are not there.
func TestThumbnails(t *testing.T) {
	confinable(t)
	s := start(t, t.TempDir())
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := a.share(t, "pictures")
	small := encoded(t, func(w io.Writer) error { return png.Encode(w, picture(300, 300, color.Black)) })
	good, text := a.put(t, share, "a.png", small), a.put(t, share, "a.txt", []byte("words"))
	unknown := "fil_00000000000000000000000000"
	ids := []string{good, text, unknown, good}
	ask := func(ids any) (int, string, []byte) {
		t.Helper()
		var b []byte
		code, err := a.call("POST", "/files/thumbnails", map[string]any{"ids": ids, "size": 64}, &b)
		if code == 0 {
			t.Fatal(err)
		}
		return code, string(b), b
	}
	code, _, b := ask(ids)
	if code != 200 {
		t.Fatal(code)
	}
	edge, _, _ := strings.Cut(strings.TrimPrefix(string(b), "--"), "\r\n")
	if _, _, err := mime.ParseMediaType("multipart/mixed; boundary=" + edge); err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(bytes.NewReader(b), edge)
	for i, want := range []string{"200", "422", "404", "200"} {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(i, err)
		}
		body, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		if p.Header.Get("X-Status") != want || p.Header.Get("Content-Id") != "<"+ids[i]+">" || p.Header.Get("Content-Length") != fmt.Sprint(len(body)) {
			t.Errorf("part %d: %v", i, p.Header)
		}
		if want != "200" {
			if want == "404" && string(body) != `{"detail":"Not found"}` {
				t.Errorf("part %d: %s", i, body)
			}
			continue
		}
		if m, _, err := image.Decode(bytes.NewReader(body)); err != nil || m.Bounds().Dx() != 64 || p.Header.Get("Etag") == "" {
			t.Errorf("part %d: %v", i, err)
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Error("more than that:", err)
	}
	many := make([]string, 101)
	for i := range many {
		many[i] = good
	}
	if code, _, _ := ask(many[:100]); code != 200 {
		t.Error("a hundred:", code)
	}
	for what, ids := range map[string]any{"over a hundred": many, "none": []string{}, "not IDs": []string{"x"}, "folders": []string{"fld_00000000000000000000000000"}} {
		if code, body, _ := ask(ids); code != 422 {
			t.Errorf("%s: %d %s", what, code, body)
		}
	}
	s.stop()
}

// TestHostilePreviews sends files that are made to do harm, a hundred requests at
// a time, while others work.
func TestHostilePreviews(t *testing.T) {
	confinable(t)
	s := start(t, t.TempDir())
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := a.share(t, "hostile")
	whole := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, picture(1000, 1000, color.Black), nil) })
	files := map[string]string{}
	for name, b := range map[string][]byte{
		"bomb.png": bomb(60000), "hidden bomb.png": bomb(9000), "cut.jpg": whole[:len(whole)/2], "head.png": []byte("\x89PNG\r\n\x1a\n"),
		"cut.pdf": onePage(2)[:200], "lies.pdf": []byte(strings.Replace(string(onePage(1)), "/Count 1", "/Count 999999999", 1)),
		"noise.gif": append([]byte("GIF89a"), bytes.Repeat([]byte{0xff, 0x07, 0x2c}, 10_000)...),
	} {
		files[name] = a.put(t, share, name, b)
	}
	answered := make(chan time.Duration, 10_000)
	stop := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			began := time.Now()
			if code, err := a.call("GET", "/shares/"+share, nil, nil); code != 200 {
				t.Error("another request:", code, err)
				return
			}
			select {
			case answered <- time.Since(began):
			default:
			}
			time.Sleep(5 * time.Millisecond) // the pace of somebody else's work
		}
	})
	var wg sync.WaitGroup
	for name, id := range files {
		for range 100/len(files) + 1 {
			wg.Go(func() {
				res, body := a.preview(t, id, "?size=256")
				switch {
				case res.StatusCode == 422:
				case name == "cut.jpg" && res.StatusCode == 200: // it may be drawn as far as it goes
				case name == "lies.pdf" && (res.StatusCode == 200 || res.StatusCode == 404):
				default:
					t.Errorf("%s: %d %.200s", name, res.StatusCode, body)
				}
			})
		}
	}
	wg.Wait()
	close(stop)
	others.Wait()
	close(answered)
	var worst time.Duration
	n := 0
	for d := range answered {
		worst, n = max(worst, d), n+1
	}
	t.Logf("%d other requests meanwhile, the slowest took %v", n, worst)
	if n == 0 || worst > 5*time.Second {
		t.Errorf("others waited %v", worst)
	}
	var checks map[string]any
	if code, err := a.call("GET", "/ready", nil, &checks); code != 200 {
		t.Error("ready:", code, err)
	}
	s.stop()
}

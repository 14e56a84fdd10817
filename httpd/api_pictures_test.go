package httpd

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"scaidrive/engine/preview"
	"scaidrive/engine/transfer/transfertest"
)

// pictured is a server that makes pictures, with one in {pic} and what is none in {text}.
func pictured(t *testing.T) *api {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stack := transfertest.Memory(t)
	a := serveWith(t, stack, func(o *Options) { o.Previews = preview.New(t.TempDir(), exe, preview.Options{Now: stack.Env().Now}) })
	m := image.NewPaletted(image.Rect(0, 0, 400, 100), color.Palette{color.Black, color.White})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	a.run([]step{
		{name: "a picture", method: "POST", path: "/files", body: upload("pic.png", b.String()), status: 201, keep: "pic=id"},
		{name: "no picture", method: "POST", path: "/files", body: upload("text.txt", "text"), status: 201, keep: "text=id"},
	})
	return a
}

// decoded gives the width of a picture.
func decoded(t *testing.T, what string, b []byte) int {
	t.Helper()
	c, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	return c.Width
}

// Pictures, and that the caller has them already, as the document tells.
func TestPictures(t *testing.T) {
	a := pictured(t)
	got := a.step(step{name: "picture", method: "GET", path: "/files/{pic}/preview?size=64", status: 200, has: []string{"Content-Type: image/jpeg", "X-Page-Count: 1", `Etag: "ver_`, "Cache-Control: private, no-cache", "Content-Security-Policy: sandbox"}})
	if w := decoded(t, "the picture", []byte(got)); w != 64 {
		t.Errorf("the picture is %d wide", w)
	}
	res, _ := a.do("GET", "/api/v1"+a.fill("/files/{pic}/preview?size=64"), "", "Authorization", "Bearer "+a.vars["user"])
	a.run([]step{
		{name: "known already", method: "GET", path: "/files/{pic}/preview?size=64", head: []string{"If-None-Match", res.Header.Get("Etag")}, status: 304, has: []string{"Etag: "}},
		{name: "of another size", method: "GET", path: "/files/{pic}/preview?size=256", head: []string{"If-None-Match", res.Header.Get("Etag")}, status: 200},
		{name: "head", method: "HEAD", path: "/files/{pic}/preview?size=64", status: 200, has: []string{"X-Page-Count: 1"}},
		{name: "no such page", method: "GET", path: "/files/{pic}/preview?page=2", status: 404},
		{name: "no such size", method: "GET", path: "/files/{pic}/preview?size=65", status: 422},
		{name: "of what is none", method: "GET", path: "/files/{text}/preview", status: 422},
		{name: "a stranger", as: "stranger", method: "GET", path: "/files/{pic}/preview", status: 404, has: []string{`{"detail":"Not found"}`}},
	})
}

// Thumbnails: whole parts in the order asked, each with the head that the document tells
// of, pictures and errors.
func TestThumbnails(t *testing.T) {
	a := pictured(t)
	res, body := a.do("POST", "/api/v1/files/thumbnails", a.fill(`{"ids":["{text}","{pic}","fil_{nobody}"],"size":64}`), "Authorization", "Bearer "+a.vars["user"], "Content-Type", "application/json")
	base, params, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if res.StatusCode != 200 || base != "multipart/mixed" || err != nil {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	c, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for r := multipart.NewReader(strings.NewReader(body), params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		status := p.Header.Get("X-Status")
		parts = append(parts, p.Header.Get("Content-ID")+" "+status+" "+p.Header.Get("Content-Type"))
		if status == "200" {
			if w := decoded(t, "a part", b); w != 64 || http.Header(p.Header).Get("Etag") == "" {
				t.Errorf("a part %d wide with %v", w, p.Header)
			}
			continue
		}
		schema := map[string]string{"422": "FieldProblem", "404": "Problem"}[status]
		if err := c.Body("/components/schemas/"+schema, "a part", string(b)); err != nil {
			t.Error(err)
		}
	}
	want := []string{a.fill("<{text}> 422 application/json"), a.fill("<{pic}> 200 image/jpeg"), a.fill("<fil_{nobody}> 404 application/json")}
	if !slices.Equal(parts, want) {
		t.Errorf("parts: %q, want %q", parts, want)
	}
	for _, broken := range []string{body[:len(body)-4], strings.Replace(body, "Content-Length: ", "Content-Length: 1", 1)} {
		if c.Check(res.Request, a.fill(`{"ids":["{text}"]}`), res, broken) == nil {
			t.Error("a broken body passes")
		}
	}
	res.Header.Set("Content-Type", "text/plain")
	if c.Check(res.Request, a.fill(`{"ids":["{text}"]}`), res, body) == nil {
		t.Error("another media type passes")
	}
}

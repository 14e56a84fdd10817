package webui

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPageAndItsFiles(t *testing.T) {
	s := New()
	for _, path := range []string{"/", "/login", "/files/shr_1", "/files/shr_1/fld_2", "/my", "/admin", "/admin/", "/admin/users", "/share/token"} {
		page, ok := s.Open(path, "n0nce")
		if !ok || !s.IsPage(path) || page.Type != "text/html; charset=utf-8" || page.Cache != "no-store" || page.ETag != "" {
			t.Errorf("%s: %v %q %q %q", path, ok, page.Type, page.Cache, page.ETag)
		}
		if !bytes.Contains(page.Body, []byte(`content="n0nce"`)) || bytes.Contains(page.Body, []byte(nonceMark)) {
			t.Errorf("%s has not its nonce", path)
		}
	}
	page, _ := s.Open("/", "")
	refs := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllSubmatch(page.Body, -1)
	if len(refs) < 3 {
		t.Fatalf("the page names %d files", len(refs))
	}
	for _, ref := range refs {
		f, ok := s.Open(string(ref[1]), "")
		if !ok {
			t.Errorf("%s is named by the page and not there", ref[1])
			continue
		}
		if inAssets := strings.HasPrefix(string(ref[1]), "/assets/"); strings.Contains(f.Cache, "immutable") != inAssets || f.ETag == "" || len(f.Body) == 0 {
			t.Errorf("%s: cache %q, tag %q, %d bytes", ref[1], f.Cache, f.ETag, len(f.Body))
		}
	}
	for _, path := range []string{"", "index.html", "/index.html", "/app.js", "/assets/", "/assets/app.js", "/assets/../embed.go", "//files", "/fil", "/unknown/x"} {
		if _, ok := s.Open(path, ""); ok || s.Has(path) {
			t.Errorf("%q is served", path)
		}
	}
}

// TestFilesNameEachOther follows what scripts and styles load: a name that is
// wrong would leave a view empty.
func TestFilesNameEachOther(t *testing.T) {
	s := New()
	names := regexp.MustCompile(`["'(]\.?/?(?:assets/)?([A-Za-z0-9_.-]+-[A-Za-z0-9_-]{8}\.(?:js|css|svg))["')]`)
	found := 0
	for path, file := range s.files {
		f := file()
		if !strings.HasSuffix(path, ".js") && !strings.HasSuffix(path, ".css") {
			continue
		}
		for _, m := range names.FindAllSubmatch(f.Body, -1) {
			found++
			if _, ok := s.files["/assets/"+string(m[1])]; !ok {
				t.Errorf("%s names %s, which is not there", path, m[1])
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d names were found", found)
	}
}

// TestHoldsThePolicy finds what the content policy would stop.
func TestHoldsThePolicy(t *testing.T) {
	s := New()
	for _, bad := range []string{" style=", "<style", " onclick", " onload", "<script>", "http://", "https://", "javascript:"} {
		if bytes.Contains(s.page, []byte(bad)) {
			t.Errorf("the page holds %s", bad)
		}
	}
	for path, file := range s.files {
		f := file()
		forbidden := []string{"eval(", "new Function(", "document.write("}
		if strings.HasPrefix(f.Type, "text/css") {
			forbidden = []string{"@import", "http:", "https:", "url(data:"}
		}
		for _, bad := range forbidden {
			if bytes.Contains(f.Body, []byte(bad)) {
				t.Errorf("%s holds %s", path, bad)
			}
		}
	}
	for _, part := range strings.Split(Policy("x"), "; ") {
		if strings.Contains(part, "unsafe") || strings.HasPrefix(part, "script-src") && part != "script-src 'self'" {
			t.Errorf("the policy has %s", part)
		}
	}
}

func TestCompressed(t *testing.T) {
	for path, file := range New().files {
		f := file()
		z := f.Gzip()
		if z == nil {
			continue
		}
		r, err := gzip.NewReader(bytes.NewReader(z))
		if err != nil {
			t.Fatal(path, err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, f.Body) {
			t.Errorf("%s: %v, %d bytes for %d", path, err, len(got), len(f.Body))
		}
	}
}

func TestWhatIsServed(t *testing.T) {
	base := func() fstest.MapFS {
		return fstest.MapFS{
			"dist/index.html": {Data: []byte(`{{nonce}}`)}, "dist/assets/a-12345678.js": {Data: []byte("a")}, "dist/sw.js": {Data: []byte("b")},
		}
	}
	s, err := load(base())
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := s.Open("/sw.js", ""); !ok || f.Cache != "no-cache" || s.IsPage("/sw.js") {
		t.Errorf("a file beside the page: %v %q", ok, f.Cache)
	}
	for _, bad := range []string{"dist/assets/c.exe", "dist/assets/dir/c.js", "dist/dir/c.js", "dist/assets/c.js.map"} {
		fsys := base()
		fsys[bad] = &fstest.MapFile{Data: []byte("x")}
		if _, err := load(fsys); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	fsys := base()
	delete(fsys, "dist/index.html")
	if _, err := load(fsys); err == nil {
		t.Error("no page, and no error")
	}
}

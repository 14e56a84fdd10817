package webui

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPageAndItsFiles(t *testing.T) {
	s := New()
	page, ok := s.Open("/")
	if !ok || page.Type != "text/html; charset=utf-8" || page.Cache != "no-cache" {
		t.Fatalf("page: %v %q %q", ok, page.Type, page.Cache)
	}
	refs := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllSubmatch(page.Body, -1)
	if len(refs) < 3 {
		t.Fatalf("the page names %d files", len(refs))
	}
	for _, ref := range refs {
		f, ok := s.Open(string(ref[1]))
		if !ok {
			t.Errorf("%s is named by the page and not there", ref[1])
			continue
		}
		if !strings.Contains(f.Cache, "immutable") || f.ETag == "" || len(f.Body) == 0 {
			t.Errorf("%s: cache %q, tag %q, %d bytes", ref[1], f.Cache, f.ETag, len(f.Body))
		}
	}
	for _, path := range []string{"", "index.html", "/index.html", "/app.js", "/assets/", "/assets/0/app.js", "/assets/../embed.go"} {
		if _, ok := s.Open(path); ok {
			t.Errorf("%q is served", path)
		}
	}
}

// TestImportsResolve follows what the modules import: a name that is wrong would
// leave the page empty.
func TestImportsResolve(t *testing.T) {
	s := New()
	imports := regexp.MustCompile(`(?m)^import .* from '\./([a-z]+\.js)';$`)
	known := map[string]bool{}
	for path := range s.files {
		known[path[strings.LastIndexByte(path, '/')+1:]] = true
	}
	for path, f := range s.files {
		if !strings.HasSuffix(path, ".js") {
			continue
		}
		for _, m := range imports.FindAllSubmatch(f.Body, -1) {
			if !known[string(m[1])] {
				t.Errorf("%s imports %s, which is not there", path, m[1])
			}
		}
		if n, m := bytes.Count(f.Body, []byte("\nimport ")), len(imports.FindAll(f.Body, -1)); n > m {
			t.Errorf("%s: %d of its imports have another form", path, n-m)
		}
	}
}

// TestHoldsThePolicy finds what the content policy would stop, and what would
// read a name as markup.
func TestHoldsThePolicy(t *testing.T) {
	for path, f := range New().files {
		lines := bytes.Split(f.Body, []byte("\n"))
		forbidden := []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "javascript:", "https://", "cssText"}
		if strings.HasPrefix(f.Type, "text/html") {
			forbidden = append(forbidden, " style=", "<style", " onclick", " onload", "<script>", "http://")
		}
		if strings.HasPrefix(f.Type, "text/css") {
			forbidden = append(forbidden, "@import", "url(", "http:")
		}
		for n, line := range lines {
			for _, bad := range forbidden {
				if bytes.Contains(line, []byte(bad)) {
					t.Errorf("%s:%d holds %s", path, n+1, bad)
				}
			}
		}
	}
}

func TestVersionNamesAllContent(t *testing.T) {
	base := func() fstest.MapFS {
		return fstest.MapFS{
			"static/index.html": {Data: []byte(`<script src="{{assets}}/a.js">`)},
			"static/a.js":       {Data: []byte("a")}, "static/b.css": {Data: []byte("b")},
		}
	}
	addresses := func(fsys fstest.MapFS) []string {
		s, err := load(fsys)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for path := range s.files {
			list = append(list, path)
		}
		slices.Sort(list)
		return list
	}
	first := addresses(base())
	if !slices.Equal(first, addresses(base())) {
		t.Error("the addresses differ between two loads")
	}
	for name := range base() {
		changed := base()
		changed[name] = &fstest.MapFile{Data: []byte("other {{assets}}")}
		if slices.Equal(first, addresses(changed)) {
			t.Errorf("another %s has the same address", name)
		}
	}
	for _, bad := range []string{"static/c.png", "static/dir/c.js"} {
		fsys := base()
		fsys[bad] = &fstest.MapFile{Data: []byte("x")}
		if _, err := load(fsys); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	fsys := base()
	delete(fsys, "static/index.html")
	if _, err := load(fsys); err == nil {
		t.Error("no page, and no error")
	}
}

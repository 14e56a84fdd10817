// Package webui holds the page that a browser gets: sign in, shares, folders,
// upload, download. It is written by hand as plain HTML, CSS and JavaScript
// modules, and there is no build step: the files in static/ are what is served.
//
// Invariants: nothing is loaded from anywhere but the server itself; no script or
// style stands inside the HTML, so that a strict content policy holds; every file
// but the page has an address that names the content of all of them together, so
// that browsers may keep it for ever and never mix two versions.
//
// It knows no HTTP library and no other package of ours: it gives files as values.
package webui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
)

//go:embed static
var static embed.FS

// The lifetimes of files in caches.
const (
	keepForever = "public, max-age=31536000, immutable"
	askAlways   = "no-cache"
)

// Policy is the content policy that all files are made for.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// A File is what an address gives. Body is shared and must not be changed.
type File struct {
	Body  []byte
	Type  string // the media type
	ETag  string // in its quotes
	Cache string // the value of Cache-Control
}

// A Site is the set of files. It does not change; any goroutine may use it.
type Site struct {
	files map[string]File // by the path of the address
}

// mediaType goes by the ending; "" is a kind of file that is not served.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return ""
}

// New makes the site of the embedded files. It panics when they are not what the
// package was built to hold, which a test excludes.
func New() *Site {
	s, err := load(static)
	if err != nil {
		panic("webui: " + err.Error())
	}
	return s
}

// load makes a site of the folder "static" of a file system.
func load(fsys fs.FS) (*Site, error) {
	entries, err := fs.ReadDir(fsys, "static") // sorted by name
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	bodies := map[string][]byte{}
	all := sha256.New()
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || mediaType(name) == "" {
			return nil, fmt.Errorf("%s can't be served", name)
		}
		b, err := fs.ReadFile(fsys, "static/"+name)
		if err != nil {
			return nil, fmt.Errorf("read a file: %w", err)
		}
		bodies[name] = b
		fmt.Fprintf(all, "%d %s %d\n", len(name), name, len(b))
		all.Write(b)
	}
	index, ok := bodies["index.html"]
	if !ok {
		return nil, fmt.Errorf("index.html is not there")
	}
	assets := "/assets/" + hex.EncodeToString(all.Sum(nil)[:10])
	s := &Site{files: map[string]File{}}
	for name, b := range bodies {
		if name != "index.html" {
			s.files[assets+"/"+name] = fileOf(name, b, keepForever)
		}
	}
	s.files["/"] = fileOf("index.html", bytes.ReplaceAll(index, []byte("{{assets}}"), []byte(assets)), askAlways)
	return s, nil
}

func fileOf(name string, body []byte, cache string) File {
	sum := sha256.Sum256(body)
	return File{Body: body, Type: mediaType(name), ETag: `"` + hex.EncodeToString(sum[:16]) + `"`, Cache: cache}
}

// Open gives the file of an address's path: "/" is the page.
func (s *Site) Open(path string) (File, bool) {
	f, ok := s.files[path]
	return f, ok
}

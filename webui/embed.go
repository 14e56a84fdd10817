// Package webui holds the web client that a browser gets. Its source is in src/
// (TypeScript and React); what is served is dist/, which `make ui` builds from it
// and which is committed, so that Go alone builds the product. docs/webui.md tells
// how the source is laid out.
//
// Invariants: nothing is loaded from anywhere but the server itself; no script or
// style stands inside the HTML, so that a strict content policy holds; the name of
// every file but the page holds a hash of its content, so that browsers may keep
// it for ever and never mix two versions; the kinds of files are a closed set.
//
// It knows no HTTP library and no other package of ours: it gives files as values.
package webui

//go:generate go run gen/main.go

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed all:dist
var dist embed.FS

// The lifetimes of files in caches.
const (
	keepForever = "public, max-age=31536000, immutable"
	askAlways   = "no-cache"
	keepNothing = "no-store"
)

// nonceMark stands in the page where each answer has its own nonce.
const nonceMark = "{{nonce}}"

// Policy is the content policy that all files are made for. The page's own answer
// adds a nonce to style-src, for the few rules that its libraries make while they
// run; scripts have no such way in.
func Policy(nonce string) string {
	if nonce != "" {
		nonce = " 'nonce-" + nonce + "'"
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'" + nonce + "; img-src 'self' data: blob:; " +
		"media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src 'self' blob:; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
}

// A File is what an address gives. Body and what Gzip gives are shared and must
// not be changed.
type File struct {
	Body  []byte
	Type  string // the media type
	ETag  string // in its quotes; empty for the page, which is another with each nonce
	Cache string // the value of Cache-Control
	// Gzip gives the body compressed, nil if that is not worth it. The first
	// call compresses; any goroutine may call it.
	Gzip func() []byte
}

// A Site is the set of files. It does not change; any goroutine may use it.
type Site struct {
	page  []byte
	files map[string]func() File // by the path of the address; made when it is asked for
}

// mediaType goes by the ending; "" is a kind of file that is not served.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".json":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".wasm":
		return "application/wasm"
	case ".woff2":
		return "font/woff2"
	case ".bcmap", ".pfb", ".ttf", ".icc":
		return "application/octet-stream" // what a reader of documents loads by itself
	}
	return ""
}

// places are the first segments of the client's own addresses: whatever lies at
// and below them is answered with the page. src/views/table.ts has the views.
var places = map[string]bool{
	"": true, "login": true, "setup": true, "activate": true, "device": true,
	"files": true, "my": true, "favourites": true, "recent": true, "shared": true, "links": true, "invitations": true,
	"conflicts": true, "trash": true, "search": true, "versions": true, "moment": true, "preview": true, "edit": true,
	"activity": true, "jobs": true, "notices": true,
	"settings": true, "help": true, "admin": true, "share": true, "s": true, "receive": true,
}

// New makes the site of the embedded files. It panics when they are not what the
// package was built to hold, which a test excludes.
func New() *Site {
	s, err := load(dist)
	if err != nil {
		panic("webui: " + err.Error())
	}
	return s
}

// load makes a site of the folder "dist" of a file system.
func load(fsys fs.FS) (*Site, error) {
	s := &Site{files: map[string]func() File{}}
	err := fs.WalkDir(fsys, "dist", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		address := strings.TrimPrefix(name, "dist")
		if mediaType(name) == "" {
			return fmt.Errorf("%s can't be served", address)
		}
		switch {
		case address == "/index.html":
			s.page, err = fs.ReadFile(fsys, name)
			return err
		case strings.HasPrefix(address, "/assets/") && strings.Count(address, "/") == 2:
			s.files[address] = fileOf(fsys, name, keepForever)
		case strings.Count(address, "/") == 1:
			s.files[address] = fileOf(fsys, name, askAlways)
		default:
			return fmt.Errorf("%s has no address", address)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the files: %w", err)
	}
	if s.page == nil {
		return nil, fmt.Errorf("index.html is not there")
	}
	return s, nil
}

// fileOf gives a file, which is read once: to read and hash all of them at the
// start took longer than the rest of building the server. Its file system is one
// that lies in memory, where reading does not fail.
func fileOf(fsys fs.FS, name, cache string) func() File {
	return sync.OnceValue(func() File {
		body, err := fs.ReadFile(fsys, name)
		if err != nil {
			panic("webui: " + err.Error())
		}
		sum := sha256.Sum256(body)
		return File{
			Body: body, Type: mediaType(name), ETag: `"` + hex.EncodeToString(sum[:16]) + `"`, Cache: cache,
			Gzip: sync.OnceValue(func() []byte { return compressed(body) }),
		}
	})
}

// compressed gives nil where compressing saves less than a tenth.
func compressed(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(body); err != nil || w.Close() != nil || b.Len() > len(body)*9/10 {
		return nil
	}
	return b.Bytes()
}

// Has reports whether a path is a file or one of the client's own addresses.
func (s *Site) Has(address string) bool {
	if _, ok := s.files[address]; ok {
		return true
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(address, "/"), "/")
	return strings.HasPrefix(address, "/") && places[first] && !strings.HasPrefix(address, "//")
}

// Open gives the file of an address's path; the client's own addresses give the
// page, which carries the nonce.
func (s *Site) Open(address, nonce string) (File, bool) {
	if f, ok := s.files[address]; ok {
		return f(), true
	}
	if !s.Has(address) {
		return File{}, false
	}
	body := bytes.ReplaceAll(s.page, []byte(nonceMark), []byte(nonce))
	return File{
		Body: body, Type: mediaType("index.html"), Cache: keepNothing,
		Gzip: func() []byte { return nil },
	}, true
}

// IsPage reports whether an address gives the page.
func (s *Site) IsPage(address string) bool {
	_, file := s.files[address]
	return !file && s.Has(address)
}

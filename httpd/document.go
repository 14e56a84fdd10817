package httpd

import (
	"crypto/sha256"
	"encoding/hex"

	"scaidrive/httpd/openapi"
)

// What the page at /docs may load: its style from here, and nothing else.
const docsPolicy = "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// Document gives the OpenAPI document of a server of this version of the product.
func Document(version string) ([]byte, error) { return document(version, routes()).JSON() }

// document describes the routes of a table.
func document(version string, table []route) *openapi.Document {
	in := openapi.Input{Version: version, Tags: tags()}
	for i := range table {
		in.Routes = append(in.Routes, table[i].described())
	}
	return openapi.New(in)
}

// described are the files that the document becomes, made when they are first
// asked for.
type described struct{ json, page, style docFile }

// A docFile is a file that stays the same while the server runs.
type docFile struct {
	mediaType string
	body      []byte
	tag       string
}

func newDocFile(mediaType string, body []byte) docFile {
	sum := sha256.Sum256(body)
	return docFile{mediaType, body, `"` + hex.EncodeToString(sum[:16]) + `"`}
}

func (s *Server) describe() (*described, error) {
	d := document(s.o.Version, s.table)
	text, err := d.JSON()
	if err != nil {
		return nil, err
	}
	page, err := d.Page("/docs/style.css", "/api/v1/openapi.json")
	if err != nil {
		return nil, err
	}
	return &described{
		json:  newDocFile("application/json", text),
		page:  newDocFile("text/html; charset=utf-8", page),
		style: newDocFile("text/css; charset=utf-8", openapi.Style()),
	}, nil
}

// getDocument gives the OpenAPI document.
func getDocument(c *call) error { return c.docFile(func(d *described) docFile { return d.json }) }

// getDocs gives the same to read; it runs no script.
func getDocs(c *call) error { return c.docFile(func(d *described) docFile { return d.page }) }

func getDocsStyle(c *call) error { return c.docFile(func(d *described) docFile { return d.style }) }

func (c *call) docFile(which func(*described) docFile) error {
	d, err := c.s.docs()
	if err != nil {
		return err
	}
	f := which(d)
	c.setHeader("Content-Security-Policy", docsPolicy)
	c.setHeader("Cross-Origin-Resource-Policy", "same-origin")
	c.setHeader("Referrer-Policy", "no-referrer")
	c.setHeader("Cache-Control", "no-cache")
	c.setHeader("ETag", f.tag)
	if h := c.header("If-None-Match"); h != "" && etagListed(h, f.tag, true) {
		return c.noContent(304)
	}
	return c.blob(200, f.mediaType, f.body)
}

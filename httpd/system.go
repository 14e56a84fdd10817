package httpd

import (
	_ "embed"
	"html"
	"strings"

	"scaidrive/engine/transfer/session"
	"scaidrive/httpd/wire"
)

func getConfig(c *call) error {
	return c.json(200, wire.Config{
		Version:  c.s.o.Version,
		Chunking: c.s.o.Chunking,
		TestMode: c.s.o.TestMode,
		Limits: wire.Limits{
			MaxFileSizeBytes:        c.s.maxFileSize(c.ctx),
			MaxUploadChunkSizeBytes: session.MaxPart,
		},
	})
}

func getHealth(c *call) error {
	return c.json(200, wire.Health{Status: "healthy", Version: c.s.o.Version})
}

func getReady(c *call) error {
	checks, ok := c.s.o.Ready()
	if ok {
		return c.json(200, wire.Ready{Status: "ready", Checks: checks})
	}
	c.setHeader("Retry-After", "5")
	return c.json(503, wire.Ready{Status: "not_ready", Checks: checks})
}

//go:embed page.html
var homePage string

//go:embed page.css
var homeStyle string

const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageHome says what runs here, until the pages of the web client come.
func pageHome(c *call) error {
	mode := ""
	if c.s.o.TestMode {
		mode = `<p class="warn">This server runs in test mode: its clock follows a test.</p>`
	}
	page := strings.NewReplacer(
		"{{address}}", html.EscapeString(c.issuer()),
		"{{version}}", html.EscapeString(c.s.o.Version),
		"{{mode}}", mode,
	).Replace(homePage)
	c.setHeader("Content-Security-Policy", pagePolicy)
	c.setHeader("Referrer-Policy", "no-referrer")
	c.setHeader("Cache-Control", "no-store")
	return c.blob(200, "text/html; charset=utf-8", []byte(page))
}

func pageStyle(c *call) error {
	c.setHeader("Cache-Control", "max-age=3600")
	return c.blob(200, "text/css; charset=utf-8", []byte(homeStyle))
}

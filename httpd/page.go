package httpd

import (
	"encoding/base64"
	"io"
	"strconv"
	"strings"

	"scaidrive/webui"
)

// getPage gives the page of the web client, at each of the client's own addresses,
// and the few files that stand beside it. Every answer with the page has a nonce of
// its own, which the page tells its libraries; so no cache keeps it.
func getPage(c *call) error {
	path, _, _ := c.target()
	if !c.s.site.IsPage(path) {
		return c.asset(path, "")
	}
	var b [16]byte
	if _, err := io.ReadFull(c.s.env.Rand, b[:]); err != nil {
		return err
	}
	return c.asset(path, base64.RawURLEncoding.EncodeToString(b[:]))
}

func getAsset(c *call) error { return c.asset("/assets/"+c.values[0], "") }

func (c *call) asset(path, nonce string) error {
	f, ok := c.s.site.Open(path, nonce)
	if !ok {
		return notFound()
	}
	c.setHeader("Content-Security-Policy", webui.Policy(nonce))
	c.setHeader("Cross-Origin-Resource-Policy", "same-origin")
	c.setHeader("Referrer-Policy", "no-referrer")
	c.setHeader("Cache-Control", f.Cache)
	if nonce != "" {
		c.setHeader("Cross-Origin-Opener-Policy", "same-origin")
		return c.blob(200, f.Type, f.Body)
	}
	c.setHeader("Vary", "Accept-Encoding")
	body, tag := f.Body, f.ETag
	if takesGzip(c.header("Accept-Encoding")) {
		if z := f.Gzip(); z != nil {
			body, tag = z, strings.TrimSuffix(f.ETag, `"`)+`-gzip"` // a tag names the bytes as they are sent
			c.setHeader("Content-Encoding", "gzip")
		}
	}
	c.setHeader("ETag", tag)
	if h := c.header("If-None-Match"); h != "" && etagListed(h, tag, true) {
		return c.noContent(304)
	}
	return c.blob(200, f.Type, body)
}

// takesGzip reads an Accept-Encoding.
func takesGzip(header string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		key, value, ok := strings.Cut(strings.TrimSpace(params), "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(key), "q") {
			return true
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		return err == nil && q > 0
	}
	return false
}

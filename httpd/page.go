package httpd

import "scaidrive/webui"

// getPage gives the page of the web client. Whoever has it may ask for it again at
// every visit; what it loads lies below /assets/ at addresses that change with
// the content.
func getPage(c *call) error { return c.asset("/") }

func getAsset(c *call) error { return c.asset("/assets/" + c.values[0] + "/" + c.values[1]) }

func (c *call) asset(path string) error {
	f, ok := c.s.site.Open(path)
	if !ok {
		return notFound()
	}
	c.setHeader("Content-Security-Policy", webui.Policy)
	c.setHeader("Cross-Origin-Resource-Policy", "same-origin")
	c.setHeader("Referrer-Policy", "no-referrer")
	c.setHeader("Cache-Control", f.Cache)
	c.setHeader("ETag", f.ETag)
	if h := c.header("If-None-Match"); h != "" && etagListed(h, f.ETag, true) {
		return c.noContent(304)
	}
	return c.blob(200, f.Type, f.Body)
}

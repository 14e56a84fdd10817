package httpd

import (
	"net/url"
	"slices"
	"strings"

	"scaidrive/httpd/wire"
)

// Pages of other origins may call the API where the setting cors_origins names their
// origin: with a token, never with the cookie of our own page (ownPage refuses it, and a
// browser is not told that it may send one). Nothing else of the server is for them.

// What a page of another origin may send and read, beside what every page may.
const (
	crossSends = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Range, X-Chunk-SHA256, X-Request-Id"
	crossReads = "Accept-Ranges, Content-Disposition, Content-Range, ETag, Location, Retry-After, WWW-Authenticate, " +
		"X-Page-Count, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id, X-Sync-Gone"
	crossAge = "600" // seconds for which a browser need not ask again
)

// A preflight is a browser's question whether a page may make a call. It stands in no
// table: it is answered for every address of the API.
var preflight = route{method: "OPTIONS", path: "preflight", handler: answerPreflight, who: anyone, kind: quick, cost: costGet}

// cross adds what a browser needs to hand an answer, whatever it will be, to a page of an
// origin that may have it. What is cached for one origin is not for another.
func (c *call) cross(path string) {
	if len(c.set.CORSOrigins) == 0 || !strings.HasPrefix(path, wire.Prefix+"/") {
		return
	}
	c.setHeader("Vary", "Origin")
	if origin := c.crossOrigin(); origin != "" {
		c.setHeader("Access-Control-Allow-Origin", origin)
		c.setHeader("Access-Control-Expose-Headers", crossReads)
	}
}

// crossOrigin is the origin of the page that calls, if it is one of those that may.
func (c *call) crossOrigin() string {
	if len(c.set.CORSOrigins) == 0 {
		return ""
	}
	given := c.rc.Request.Header.PeekAll("Origin")
	if len(given) != 1 || !slices.Contains(c.set.CORSOrigins, string(given[0])) {
		return ""
	}
	return string(given[0])
}

// preflights gives the route that answers a preflight for what is at path, nil where it
// is none or its page may not call.
func (c *call) preflights(path string) (*route, []string) {
	if c.method != "OPTIONS" || c.crossOrigin() == "" || c.header("Access-Control-Request-Method") == "" || !strings.HasPrefix(path, wire.Prefix+"/") {
		return nil, nil
	}
	methods := c.s.router.methods(path)
	if methods == nil {
		return nil, nil
	}
	return &preflight, methods
}

func answerPreflight(c *call) error {
	c.setHeader("Access-Control-Allow-Methods", strings.Join(c.values, ", "))
	c.setHeader("Access-Control-Allow-Headers", crossSends)
	c.setHeader("Access-Control-Max-Age", crossAge)
	c.setHeader("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
	return c.noContent(204)
}

// sameHost reports whether an Origin header names the host by which the server was
// reached.
func (c *call) sameHost(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, c.host())
}

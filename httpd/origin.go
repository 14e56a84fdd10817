package httpd

import (
	"net"
	"net/netip"
	"strings"

	"scaidrive/httpd/wire"
)

// trusts reports whether an address is one of a proxy that is believed.
func trusts(proxies []netip.Prefix, a netip.Addr) bool {
	for _, p := range proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// An origin is where a call comes from, and how the server was reached.
type origin struct {
	addr    netip.Addr
	secure  bool
	proxied bool // by one of our proxies
}

// findOrigin finds where a call comes from. Of a chain of proxies the client is the
// rightmost address that is none of ours: what stands left of it anybody can
// have written.
func (c *call) findOrigin() {
	c.origin = origin{addr: c.conn.addr, secure: c.conn.secure()}
	proxies := c.set.TrustedProxies
	if len(proxies) == 0 || !trusts(proxies, c.conn.addr) {
		return
	}
	c.origin.proxied = true
	hops := c.forwarded("X-Forwarded-For")
	for i := len(hops) - 1; i >= 0; i-- {
		a, ok := parseHop(hops[i])
		if !ok {
			break
		}
		c.origin.addr = a
		if !trusts(proxies, a) {
			break
		}
	}
	if protos := c.forwarded("X-Forwarded-Proto"); len(protos) > 0 {
		switch strings.ToLower(protos[len(protos)-1]) {
		case "https":
			c.origin.secure = true
		case "http":
			c.origin.secure = false
		}
	}
}

// host is the name by which the server was reached, with the port if one was
// named; if that is not sane, the address that was reached.
func (c *call) host() string {
	if c.origin.proxied {
		if hosts := c.forwarded("X-Forwarded-Host"); len(hosts) > 0 {
			if host := saneHost(hosts[len(hosts)-1]); host != "" {
				return host
			}
		}
	}
	if host := saneHost(string(c.rc.Request.Header.Host())); host != "" {
		return host
	}
	return c.conn.LocalAddr().String()
}

// reachable refuses a name by which the server may not be reached. RFC 9110
// calls a request that came to a server which does not answer for its target
// misdirected. Who only asks how the server is may use any name: probes come by
// address.
func (c *call) reachable() error {
	if len(c.set.AllowedHosts) == 0 || c.route != nil && (c.route.path == wire.Prefix+"/health" || c.route.path == wire.Prefix+"/ready") {
		return nil
	}
	if !answersFor(c.set.AllowedHosts, c.host()) {
		return fail(421, "This server does not answer for the name in Host")
	}
	return nil
}

// forwarded gives the items of a header that proxies append to, from all its
// lines.
func (c *call) forwarded(name string) []string {
	var list []string
	for _, line := range c.rc.Request.Header.PeekAll(name) {
		for item := range strings.SplitSeq(string(line), ",") {
			list = append(list, strings.Trim(item, " \t"))
		}
	}
	return list
}

// parseHop reads an address, with or without a port.
func parseHop(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return a, false
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone(""), true
}

// saneHost gives a host, with its port, that can be part of an address, else "".
func saneHost(host string) string {
	for _, r := range host {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-:[]_", r)) {
			return ""
		}
	}
	if len(host) > 255 {
		return ""
	}
	return host
}

// answersFor reports whether the server may be reached by a name, when it answers for
// names alone.
func answersFor(names []string, host string) bool {
	if len(names) == 0 {
		return true
	}
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	for _, name := range names {
		if below, ok := strings.CutPrefix(name, "*"); ok && strings.HasPrefix(below, ".") && len(host) > len(below) && strings.HasSuffix(host, below) {
			return true
		}
		if host == name && host != "" {
			return true
		}
	}
	return false
}

// counted16 is an address in the form that counters take.
func counted16(a netip.Addr) [16]byte {
	if !a.IsValid() {
		return [16]byte{}
	}
	return a.As16()
}

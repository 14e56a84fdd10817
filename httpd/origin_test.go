package httpd

import (
	"strings"
	"testing"

	"scaidrive/engine/settings"
)

func whereFrom(c *call) error {
	return c.json(200, map[string]any{"from": c.address(), "issuer": c.issuer()})
}

// What proxies say counts only of a call that comes from one of them, and of a
// chain only so far as ours go.
func TestForwardedHeaders(t *testing.T) {
	direct := startRig(t, Options{}, oneRoute("GET", "/x", whereFrom, 0))
	behind := startRig(t, told(t, settings.TrustedProxies, "127.0.0.0/8,10.0.0.0/8,2001:db8:1::/48"), oneRoute("GET", "/x", whereFrom, 0))
	other := startRig(t, told(t, settings.TrustedProxies, "10.0.0.0/8"), oneRoute("GET", "/x", whereFrom, 0))
	for _, c := range []struct {
		name   string
		head   string
		from   string // through the proxy; direct is 127.0.0.1
		issuer string
	}{
		{"nothing", "", "127.0.0.1", "http://h"},
		{"one hop", "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1", "http://h"},
		{"spoofed", "X-Forwarded-For: 1.1.1.1, 192.0.2.1\r\n", "192.0.2.1", "http://h"},
		{"our chain", "X-Forwarded-For: 1.1.1.1, 192.0.2.1, 10.1.2.3\r\n", "192.0.2.1", "http://h"},
		{"our chain in lines", "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 10.1.2.3\r\n", "192.0.2.1", "http://h"},
		{"all are ours", "X-Forwarded-For: 10.9.9.9,10.1.2.3\r\n", "10.9.9.9", "http://h"},
		{"with ports", "X-Forwarded-For: 192.0.2.1:4711, 10.1.2.3:80\r\n", "192.0.2.1", "http://h"},
		{"IPv6", "X-Forwarded-For: 2001:db8:2::1, [2001:db8:1::7]:443\r\n", "2001:db8:2::1", "http://h"},
		{"in IPv6's clothes", "X-Forwarded-For: 192.0.2.1, ::ffff:10.0.0.1\r\n", "192.0.2.1", "http://h"},
		{"unknown", "X-Forwarded-For: 192.0.2.1, unknown\r\n", "127.0.0.1", "http://h"},
		{"unknown behind ours", "X-Forwarded-For: 192.0.2.1, nonsense, 10.0.0.1\r\n", "10.0.0.1", "http://h"},
		{"empty", "X-Forwarded-For: \r\n", "127.0.0.1", "http://h"},
		{"proto and host", "X-Forwarded-Proto: https\r\nX-Forwarded-Host: drive.example.com\r\n", "127.0.0.1", "https://drive.example.com"},
		{"the nearest proxy's", "X-Forwarded-Proto: http, HTTPS\r\nX-Forwarded-Host: evil.example.com, drive.example.com:8443\r\n", "127.0.0.1", "https://drive.example.com:8443"},
		{"nonsense", "X-Forwarded-Proto: gopher\r\nX-Forwarded-Host: a/b\r\n", "127.0.0.1", "http://h"},
	} {
		raw := "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + c.head + "\r\n"
		for _, r := range []*rig{direct, other} {
			if _, bodies, _ := r.exchange(t, raw); len(bodies) != 1 || bodies[0] != `{"from":"127.0.0.1","issuer":"http://h"}` {
				t.Errorf("%s, not from a proxy: %q", c.name, bodies)
			}
		}
		want := `{"from":"` + c.from + `","issuer":"` + c.issuer + `"}`
		if _, bodies, _ := behind.exchange(t, raw); len(bodies) != 1 || bodies[0] != want {
			t.Errorf("%s: %q, want %s", c.name, bodies, want)
		}
	}
	if !strings.Contains(behind.log.String(), "from=192.0.2.1") {
		t.Error("the log does not name the client")
	}
}

func TestAllowedHosts(t *testing.T) {
	table := []route{
		{method: "GET", path: "/x", handler: ignore, who: anyone, cost: 1},
		{method: "GET", path: "/api/v1/health", handler: ignore, who: anyone, cost: 1},
		{method: "GET", path: "/y", handler: ignore, who: reader, cost: 1},
	}
	o := told(t, settings.AllowedHosts, "Drive.example.com,*.example.org,192.0.2.7,[2001:db8::1]", settings.TrustedProxies, "127.0.0.1/32")
	r := startRig(t, o, table)
	for _, c := range []struct {
		path, head string
		status     int
	}{
		{"/x", "Host: drive.example.com", 200},
		{"/x", "Host: DRIVE.EXAMPLE.COM:8000", 200},
		{"/x", "Host: drive.example.com.", 200},
		{"/x", "Host: a.b.example.org", 200},
		{"/x", "Host: example.org", 421},
		{"/x", "Host: evilexample.org", 421},
		{"/x", "Host: .example.org", 421},
		{"/x", "Host: 192.0.2.7:80", 200},
		{"/x", "Host: [2001:db8::1]:80", 200},
		{"/x", "Host: [2001:db8::2]:80", 421},
		{"/x", "Host: drive.example.com.evil.example", 421},
		{"/x", "Host: evil.example", 421},
		{"/x", "Host: 127.0.0.1", 421},
		{"/nothing", "Host: evil.example", 421},
		{"/y", "Host: evil.example", 421},
		{"/y", "Host: drive.example.com", 401},
		{"/x", "Host: drive.example.com\r\nX-Forwarded-Host: evil.example", 421},
		{"/x", "Host: evil.example\r\nX-Forwarded-Host: drive.example.com", 200},
		{"/api/v1/health", "Host: 10.0.0.1", 200},
	} {
		answers, bodies, _ := r.exchange(t, "GET "+c.path+" HTTP/1.1\r\n"+c.head+"\r\nConnection: close\r\n\r\n")
		if len(answers) != 1 || answers[0].StatusCode != c.status {
			t.Errorf("%s %q: %q, want %d", c.path, c.head, bodies, c.status)
		}
	}
	open := startRig(t, Options{}, table)
	if res, body := open.call(t, "GET", "/x", ""); res.StatusCode != 200 {
		t.Errorf("without a list: %d %s", res.StatusCode, body)
	}
}

// Behind a proxy all connections have one address: the bound of an address is
// for others.
func TestConnectionsOfAProxy(t *testing.T) {
	for name, proxies := range map[string]string{"a proxy": "127.0.0.1/32", "no proxy": ""} {
		o := told(t, settings.TrustedProxies, proxies)
		o.Limits.ConnsPerAddr = 2
		r := startRig(t, o, oneRoute("GET", "/x", ignore, 0))
		for i := range 5 {
			nc := r.dial(t)
			if _, err := nc.Write([]byte("GET /x HTTP/1.1\r\nHost: h\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			want := 200
			if proxies == "" && i >= 2 {
				want = 503
			}
			if got := readStatuses(t, nc, 1); got[0] != want {
				t.Errorf("%s, connection %d: %d, want %d", name, i, got[0], want)
			}
		}
	}
}

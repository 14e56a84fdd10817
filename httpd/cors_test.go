package httpd

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"scaidrive/engine/enginetest"
	"scaidrive/engine/settings"
)

func rawExchange(t *testing.T, addr, raw string) string {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(nc, raw); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(nc)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a page of an origin gets, by what the setting names.
func TestPagesOfOtherOrigins(t *testing.T) {
	table := []route{
		{"GET", "/api/v1/x/{id}", ignore, reader, 0, quick, 1, op{}},
		{"PATCH", "/api/v1/x/{id}", ignore, writer, 0, quick, 1, op{}},
		{"DELETE", "/api/v1/x/me", ignore, writer, 0, quick, 1, op{}},
		{"GET", "/page", ignore, anyone, 0, quick, 1, op{}},
	}
	const app = "https://app.example.com"
	named := startRig(t, told(t, settings.CORSOrigins, app+",http://localhost:3000"), table)
	none := startRig(t, Options{}, table)
	ask := []string{"Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization,content-type"}
	for _, c := range []struct {
		name         string
		r            *rig
		method, path string
		origin       string
		head         []string
		status       int
		allowed      bool // the page may read it
		vary         string
	}{
		{"a call", named, "GET", "/api/v1/x/1", app, []string{"Authorization", "Bearer good"}, 200, true, "Origin"},
		{"of the other", named, "GET", "/api/v1/x/1", "http://localhost:3000", []string{"Authorization", "Bearer good"}, 200, true, "Origin"},
		{"refused", named, "GET", "/api/v1/x/1", app, nil, 401, true, "Origin"},
		{"unknown", named, "GET", "/api/v1/y", app, nil, 404, true, "Origin"},
		{"wrong method", named, "PUT", "/api/v1/x/1", app, nil, 405, true, "Origin"},
		{"no origin", named, "GET", "/api/v1/x/1", "", []string{"Authorization", "Bearer good"}, 200, false, "Origin"},
		{"another origin", named, "GET", "/api/v1/x/1", "https://evil.example.com", []string{"Authorization", "Bearer good"}, 200, false, "Origin"},
		{"its beginning", named, "GET", "/api/v1/x/1", "https://app.example.com.evil.example", []string{"Authorization", "Bearer good"}, 200, false, "Origin"},
		{"its end", named, "GET", "/api/v1/x/1", "https://evil-app.example.com", []string{"Authorization", "Bearer good"}, 200, false, "Origin"},
		{"another scheme", named, "GET", "/api/v1/x/1", "http://app.example.com", []string{"Authorization", "Bearer good"}, 200, false, "Origin"},
		{"another port", named, "GET", "/api/v1/x/1", app + ":8443", []string{"Authorization", "Bearer good"}, 200, false, "Origin"},
		{"null", named, "GET", "/api/v1/x/1", "null", []string{"Authorization", "Bearer good"}, 200, false, "Origin"},
		{"a page of ours", named, "GET", "/page", app, nil, 200, false, ""},
		{"nobody is named", none, "GET", "/api/v1/x/1", app, []string{"Authorization", "Bearer good"}, 200, false, ""},

		{"preflight", named, "OPTIONS", "/api/v1/x/1", app, ask, 204, true, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"},
		{"preflight of nothing", named, "OPTIONS", "/api/v1/y", app, ask, 404, true, "Origin"},
		{"preflight of a page of ours", named, "OPTIONS", "/page", app, ask, 405, false, ""},
		{"preflight of another", named, "OPTIONS", "/api/v1/x/1", "https://evil.example.com", ask, 405, false, "Origin"},
		{"preflight without a method", named, "OPTIONS", "/api/v1/x/1", app, nil, 405, true, "Origin"},
		{"preflight where nobody is named", none, "OPTIONS", "/api/v1/x/1", app, ask, 405, false, ""},
	} {
		head := c.head
		if c.origin != "" {
			head = append([]string{"Origin", c.origin}, head...)
		}
		res, body := c.r.call(t, c.method, c.path, "", head...)
		allow := map[bool]string{true: c.origin}[c.allowed]
		h := res.Header
		if res.StatusCode != c.status || h.Get("Access-Control-Allow-Origin") != allow || h.Get("Vary") != c.vary || len(h.Values("Access-Control-Allow-Origin")) > 1 {
			t.Errorf("%s: %d %v %s", c.name, res.StatusCode, h, body)
		}
		if h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: a browser may send cookies", c.name)
		}
		if (h.Get("Access-Control-Allow-Methods") != "") != (c.status == 204) || c.status == 204 && body != "" {
			t.Errorf("%s: %v %s", c.name, h, body)
		}
		if c.allowed && c.status != 204 && !strings.Contains(h.Get("Access-Control-Expose-Headers"), "ETag") {
			t.Errorf("%s: the page sees no ETag: %v", c.name, h)
		}
	}
	res, _ := named.call(t, "OPTIONS", "/api/v1/x/me", "", append([]string{"Origin", app}, ask...)...)
	if got := res.Header.Get("Access-Control-Allow-Methods"); got != "DELETE, GET, HEAD, PATCH" {
		t.Errorf("methods %s", got)
	}
	for _, name := range []string{"Authorization", "Content-Type", "If-Match", "Range", "Idempotency-Key", "X-Chunk-SHA256"} {
		if !strings.Contains(res.Header.Get("Access-Control-Allow-Headers"), name) {
			t.Errorf("a page may not send %s", name)
		}
	}
	twice := rawExchange(t, named.addr, "GET /api/v1/x/1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nOrigin: "+app+"\r\nOrigin: https://evil.example.com\r\nConnection: close\r\n\r\n")
	if strings.Contains(twice, "Allow-Origin") {
		t.Errorf("two origins:\n%s", twice)
	}
	if !strings.Contains(named.log.String(), "route=preflight") {
		t.Error("a preflight is not in the log")
	}
}

// A cookie does not count for a page of another origin, named or not; a socket with a
// ticket is for those that are.
func TestOtherOriginsHaveNoCookie(t *testing.T) {
	a := newAPI(t)
	const app = "https://app.example.com"
	a.step(step{name: "name it", as: "admin", method: "PATCH", path: "/admin/settings", body: `{"cors_origins":["` + app + `"]}`, status: 200})
	sign := `{"email":"user@example.com","password":"` + enginetest.Password + `"}`
	res, _ := a.do("POST", "/api/v1/auth/session", sign, "Content-Type", "application/json", "Origin", app, "X-Requested-With", "scaidrive")
	if res.StatusCode != 403 || res.Header.Get("Set-Cookie") != "" {
		t.Errorf("a page of another origin signs in: %d", res.StatusCode)
	}
	a.openPage("user@example.com", false)
	for _, head := range [][]string{{"Origin", app}, {"Origin", app, "Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "cross-site", "Origin", app}} {
		res, _ := a.do("GET", "/api/v1/users/me", "", append(head, "Cookie", "scaidrive_session="+a.vars["page"])...)
		if res.StatusCode != 403 {
			t.Errorf("with a cookie from %v: %d", head, res.StatusCode)
		}
	}
	for origin, want := range map[string]int{app: 101, "https://evil.example.com": 403} {
		req, _ := http.NewRequest("GET", "http://"+a.addr+"/api/v1/realtime/ws", nil)
		for k, v := range map[string]string{"Origin": origin, "Authorization": "Bearer " + a.vars["user"], "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} {
			req.Header.Set(k, v)
		}
		res, err := a.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("a socket from %s: %d, want %d", origin, res.StatusCode, want)
		}
	}
}

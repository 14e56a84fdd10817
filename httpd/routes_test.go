package httpd

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"scaidrive/engine"
	"scaidrive/httpd/wire"
)

func TestRouteTable(t *testing.T) {
	seen := map[string]bool{}
	public := map[string]bool{
		"GET /api/v1/sync/ws/{device_id}": true, "GET /api/v1/realtime/ws": true, // they close with 4401
		"GET /docs": true, "GET /docs/style.css": true, "GET /api/v1/openapi.json": true,
		"GET /": true, "GET /assets/{name}": true, "GET /api/v1/config": true, "GET /api/v1/health": true,
		"GET /api/v1/ready": true, "POST /api/v1/auth/login": true, "POST /api/v1/auth/session": true, "POST /api/v1/auth/token": true,
		"GET /api/v1/archives/{ticket}": true, // which is a token
		"POST /api/v1/auth/activate":    true, // whose body is one
	}
	asks := map[string]bool{ // they take a list, and change nothing
		"/sync/chunks/fetch": true, "/sync/files/fetch": true, "/archives": true, "/files/thumbnails": true,
		"/permissions/check": true, "/permissions/check/batch": true,
	}
	for _, rt := range routes() {
		name := rt.method + " " + rt.path
		if seen[name] {
			t.Errorf("%s stands twice", name)
		}
		seen[name] = true
		if (rt.who == anyone) != public[name] {
			t.Errorf("%s: may anyone call it? %v", name, rt.who == anyone)
		}
		if rt.cost < 1 || rt.handler == nil {
			t.Errorf("%s: cost %d", name, rt.cost)
		}
		if !strings.HasPrefix(rt.path, wire.Prefix+"/") && rt.who != anyone && rt.path != "/metrics" {
			t.Errorf("%s lies outside of the API", name)
		}
		if rt.method != "GET" && rt.who == reader && !asks[strings.TrimPrefix(rt.path, wire.Prefix)] {
			t.Errorf("%s changes something with files:read", name)
		}
		if rt.limit == anyBody && rt.kind != bulk {
			t.Errorf("%s takes any body in a minute", name)
		}
	}
	for name := range public {
		if !seen[name] {
			t.Errorf("%s is not there", name)
		}
	}
}

// TestEveryRouteIsGuarded calls each route in every wrong way; no handler runs:
// there is no service behind the server.
func TestEveryRouteIsGuarded(t *testing.T) {
	r := startRig(t, Options{}, routes())
	for _, rt := range routes() {
		path := strings.NewReplacer("{id}", engine.ID{9}.Format(engine.PrefixFile), "{file_id}", engine.ID{9}.Format(engine.PrefixFile)).Replace(rt.path)
		if res, _ := r.call(t, "PROPFIND", path, "{}"); res.StatusCode != 405 || !strings.Contains(res.Header.Get("Allow"), rt.method) {
			t.Errorf("PROPFIND %s: %d, Allow %q", rt.path, res.StatusCode, res.Header.Get("Allow"))
		}
		if rt.who == anyone {
			continue
		}
		for token, header := range map[string]string{"no": "", "a bad": "Bearer bad", "a basic": "Basic Z29vZDpnb29k", "an empty": "Bearer "} {
			res, body := r.call(t, rt.method, path, "", "Authorization", header)
			if res.StatusCode != 401 || res.Header.Get("WWW-Authenticate") != "Bearer" || !strings.HasPrefix(body, `{"detail":"`) {
				t.Errorf("%s %s with %s token: %d %s", rt.method, rt.path, token, res.StatusCode, body)
			}
		}
		if rt.who == writer {
			res, body := r.call(t, rt.method, path, "", "Authorization", "Bearer readonly")
			if res.StatusCode != 403 || !strings.Contains(body, "files:write") || res.Header.Get("X-RateLimit-Limit") == "" {
				t.Errorf("%s %s with files:read: %d %s", rt.method, rt.path, res.StatusCode, body)
			}
		}
		if roles := rt.who.roles(); roles != nil {
			for _, token := range []string{"good", "readonly", "roleless"} {
				res, body := r.call(t, rt.method, path, "", "Authorization", "Bearer "+token)
				if res.StatusCode != 403 || strings.Contains(body, "scope") != (token != "roleless") {
					t.Errorf("%s %s with the token %s: %d %s", rt.method, rt.path, token, res.StatusCode, body)
				}
			}
			for _, role := range []engine.AdminRole{engine.RoleNone, engine.RoleTenantAdmin, engine.RolePartnerAdmin, engine.RoleSuperAdmin} {
				p := testUser()
				p.Role, p.Scopes = role, append(p.Scopes, "tenant:admin", "partner:admin", "admin:*")
				if (rt.who.allowed(p) == nil) != slices.Contains(roles, role) {
					t.Errorf("%s %s: role %d", rt.method, rt.path, role)
				}
			}
		}
		if strings.Contains(rt.path, "/admin/") && rt.who.roles() == nil {
			t.Errorf("%s %s: who may call it?", rt.method, rt.path)
		}
		if rt.limit > 0 && rt.who != anyone {
			answers, bodies, _ := r.exchange(t, rt.method+" "+path+" HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer admin\r\nContent-Length: 99999999999\r\n\r\n{")
			if len(answers) != 1 || answers[0].StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("%s %s with a huge body: %q", rt.method, rt.path, bodies)
			}
		}
	}
	for _, path := range []string{"/api", "/api/", "/api/v1", "/api/v2/files", "/api/v1/nothing", "/favicon.ico"} {
		if res, body := r.call(t, "GET", path, ""); res.StatusCode != 404 || body != `{"detail":"Not found"}` {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}

package httpd

import (
	"encoding/binary"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// A naming is a request that names a thing by its ID, {x}: once of, which is there and
// is the user's, and once an ID that nothing has.
type naming struct {
	url, body string // {x} stands for the ID
	of        string // a variable; its value's form is the form of what is unknown
	status    int    // for who may not see it; 0: 404
}

// namings are what each route can be asked about; none: it names nothing that is
// anybody's, or only what who asks made.
func namings() map[string][]naming {
	m := map[string][]naming{}
	row := func(route string, n ...naming) { m[route] = n }
	for _, route := range []string{
		"GET /", "GET /assets/{name}", "GET /docs", "GET /docs/style.css", "GET /openapi.json", "GET /metrics", "GET /config", "GET /health", "GET /ready",
		"POST /auth/login", "POST /auth/session", "POST /auth/token", "POST /auth/logout", "GET /auth/tokens", "POST /auth/tokens", "POST /auth/activate", "POST /auth/ticket",
		"GET /users/me", "GET /users/me/shares", "GET /users/me/favorites", "GET /users/me/recent", "GET /users/me/quota", "GET /users/me/stats",
		"GET /users/me/join-requests", "GET /users/me/invitations", "GET /notices", "POST /notices/read", "GET /shares", "POST /shares", "GET /shares/search/principals", "GET /shares/discoverable",
		"GET /admin/dashboard", "GET /admin/tenant", "PATCH /admin/tenant", "GET /admin/settings", "PATCH /admin/settings", "GET /admin/partners", "POST /admin/partners", "GET /admin/users", "POST /admin/users",
		"GET /admin/groups", "POST /admin/groups", "GET /tags", "GET /archives/{ticket}", "GET /jobs", "POST /sync/chunks/fetch",
		"GET /sync/ws/{device_id}", "GET /realtime/ws", "GET /sync/devices", "POST /sync/devices",
	} {
		row(route)
	}
	for _, kind := range []string{"file", "folder"} {
		at := "/" + kind + "s/{x}"
		for route, body := range map[string]string{
			"GET ": "", "PATCH ": `{"name":"new"}`, "DELETE ": "", "POST /restore": "", "POST /move": `{"target_folder_id":"{b}"}`, "POST /copy": `{"target_folder_id":"{b}"}`,
			"GET /comments": "", "POST /comments": `{"text":"x"}`, "GET /tags": "", "PUT /tags": `{"tags":["x"]}`,
		} {
			method, rest, _ := strings.Cut(route, " ")
			row(method+" /"+kind+"s/{id}"+rest, naming{url: at + rest, body: body, of: kind})
		}
	}
	row("GET /files/{id}/content", naming{url: "/files/{x}/content", of: "file"})
	row("GET /files/{id}/preview", naming{url: "/files/{x}/preview", of: "file"})
	row("GET /files/{id}/versions", naming{url: "/files/{x}/versions", of: "file"})
	row("POST /files/{id}/versions/{version}/restore", naming{url: "/files/{x}/versions/1/restore", of: "file"})
	row("POST /files/thumbnails", naming{url: "/files/thumbnails", body: `{"ids":["{x}"]}`, of: "file", status: 200})
	row("GET /sync/manifest/{file_id}", naming{url: "/sync/manifest/{x}", of: "file"})
	row("GET /sync/download/{file_id}", naming{url: "/sync/download/{x}", of: "file"})
	row("POST /sync/files/fetch", naming{url: "/sync/files/fetch", body: `{"files":[{"file_id":"{x}","version":1}]}`, of: "file", status: 200})
	row("GET /folders/{id}/children", naming{url: "/folders/{x}/children?share_id={share}", of: "folder"}, naming{url: "/folders/root/children?share_id={x}", of: "share"})
	row("GET /folders/{id}/archive", naming{url: "/folders/{x}/archive", of: "folder"}, naming{url: "/folders/root/archive?share_id={x}", of: "share"})
	row("POST /folders", naming{url: "/folders", body: `{"share_id":"{share}","parent_id":"{x}","name":"new"}`, of: "folder"}, naming{url: "/folders", body: `{"share_id":"{x}","name":"new"}`, of: "share"})
	row("POST /files", naming{url: "/files", body: upload("new", "x", "folder_id", "{x}"), of: "folder"}, naming{url: "/files", body: part("share_id", "{x}") + filePartText("new", "x") + endOfForm, of: "share"})
	row("POST /users/me/favorites", naming{url: "/users/me/favorites", body: `{"resource_type":"file","resource_id":"{x}"}`, of: "file"})
	row("DELETE /users/me/favorites", naming{url: "/users/me/favorites", body: `{"resource_type":"file","resource_id":"{x}"}`, of: "file", status: 204})
	row("DELETE /auth/tokens/{id}", naming{url: "/auth/tokens/{x}", of: "token"})
	for route, body := range map[string]string{
		"GET ": "", "PATCH ": `{"name":"new"}`, "DELETE ": "", "GET /members": "", "POST /members": `{"principal_id":"{me}","role":"reader"}`,
		"GET /invitations": "", "POST /invitations": `{"email":"new@example.com","role":"reader"}`, "GET /join-requests": "", "POST /join-requests": `{}`,
	} {
		method, rest, _ := strings.Cut(route, " ")
		row(method+" /shares/{id}"+rest, naming{url: "/shares/{x}" + rest, body: body, of: "share"})
	}
	row("PATCH /shares/{id}/members/{principal_id}", naming{url: "/shares/{x}/members/{member}", body: `{"role":"reader"}`, of: "share"})
	row("DELETE /shares/{id}/members/{principal_id}", naming{url: "/shares/{x}/members/{member}", of: "share"}, naming{url: "/shares/{share}/members/{x}", of: "member"})
	row("DELETE /shares/{id}/invitations/{invitation_id}", naming{url: "/shares/{x}/invitations/{invitation}", of: "share"}, naming{url: "/shares/{share}/invitations/{x}", of: "invitation"})
	row("DELETE /shares/{id}/join-requests/{user_id}", naming{url: "/shares/{x}/join-requests/{member}", of: "share"})
	row("POST /shares/{id}/join-requests/{user_id}/accept", naming{url: "/shares/{x}/join-requests/{member}/accept", body: `{}`, of: "share"})
	row("POST /shares/{id}/join-requests/{user_id}/refuse", naming{url: "/shares/{x}/join-requests/{member}/refuse", of: "share"})
	row("POST /users/me/invitations/{id}/accept", naming{url: "/users/me/invitations/{x}/accept", of: "invitation"})
	row("POST /users/me/invitations/{id}/decline", naming{url: "/users/me/invitations/{x}/decline", of: "invitation"})
	row("POST /permissions/ownership/share/{id}/transfer", naming{url: "/permissions/ownership/share/{x}/transfer", body: `{"new_owner_id":"{me}"}`, of: "share"})
	row("POST /permissions/ownership/{resource_type}/{id}/transfer", naming{url: "/permissions/ownership/file/{x}/transfer", body: `{"new_owner_id":"{me}"}`, of: "file"})
	row("GET /permissions/check", naming{url: "/permissions/check?resource_type=file&resource_id={x}&permission=READ", of: "file", status: 200})
	row("POST /permissions/check", naming{url: "/permissions/check", body: `{"resource_type":"folder","resource_id":"{x}","permission":"READ"}`, of: "folder", status: 200})
	row("POST /permissions/check/batch", naming{url: "/permissions/check/batch", body: `{"checks":[{"resource_type":"share","resource_id":"{x}","permission":"READ"}]}`, of: "share", status: 200})
	row("GET /permissions/effective", naming{url: "/permissions/effective?resource_type=file&resource_id={x}&explain=true", of: "file"})
	entry := ace("everyone", "everyone", "deny", "READ")
	for _, kind := range []string{"file", "folder", "share"} {
		at := "/permissions/acl/" + kind + "/{x}"
		add := func(route string, n naming) { m[route] = append(m[route], n) }
		add("GET /permissions/acl/{resource_type}/{id}", naming{url: at, of: kind})
		add("POST /permissions/acl/{resource_type}/{id}", naming{url: at, body: entry, of: kind})
		add("PUT /permissions/acl/{resource_type}/{id}", naming{url: at, body: `{"entries":[]}`, of: kind})
		add("DELETE /permissions/acl/{resource_type}/{id}", naming{url: at, body: `{"principal_type":"everyone","ace_type":"deny"}`, of: kind})
		if kind != "share" {
			add("PUT /permissions/acl/{resource_type}/{id}/inheritance", naming{url: at + "/inheritance", body: `{"inherit_from_parent":true}`, of: kind})
		}
	}
	row("PATCH /comments/{id}", naming{url: "/comments/{x}", body: `{"text":"new"}`, of: "comment"})
	row("DELETE /comments/{id}", naming{url: "/comments/{x}", of: "comment"})
	row("GET /tagged", naming{url: "/tagged?tag=x&share_id={x}", of: "share"})
	row("GET /activity", naming{url: "/activity?share_id={x}", of: "share"})
	row("POST /archives", naming{url: "/archives", body: `{"items":[{"id":"{x}"}]}`, of: "file"})
	row("GET /trash", naming{url: "/trash?share_id={x}", of: "share"})
	row("DELETE /trash", naming{url: "/trash?share_id={x}", of: "share"})
	row("POST /trash/groups/{id}/restore", naming{url: "/trash/groups/{x}/restore", of: "job"})
	row("POST /jobs", naming{url: "/jobs", body: `{"kind":"delete","items":[{"id":"{x}"}]}`, of: "file", status: 202})
	row("GET /jobs/{id}", naming{url: "/jobs/{x}", of: "job"})
	row("POST /jobs/{id}/undo", naming{url: "/jobs/{x}/undo", of: "job"})
	row("POST /jobs/{id}/cancel", naming{url: "/jobs/{x}/cancel", of: "job"})
	row("POST /uploads", naming{url: "/uploads", body: `{"share_id":"{x}","file_name":"new","file_size":65536,"chunk_size":65536}`, of: "share"})
	row("GET /uploads/{id}", naming{url: "/uploads/{x}", of: "upload"})
	row("DELETE /uploads/{id}", naming{url: "/uploads/{x}", of: "upload"})
	row("PUT /uploads/{id}/chunks/{i}", naming{url: "/uploads/{x}/chunks/0", body: strings.Repeat("a", 65536), of: "upload"})
	row("PUT /uploads/{id}/content", naming{url: "/uploads/{x}/content", body: strings.Repeat("a", 65536), of: "upload"})
	row("POST /uploads/{id}/complete", naming{url: "/uploads/{x}/complete", of: "upload"})
	row("GET /sync/tree", naming{url: "/sync/tree?share_id={x}", of: "share"}, naming{url: "/sync/tree?share_id={share}&folder_id={x}", of: "folder"})
	row("POST /sync/chunks/query", naming{url: "/sync/chunks/query", body: `{"share_id":"{x}","chunks":[]}`, of: "share"})
	row("POST /sync/chunks", naming{url: "/sync/chunks?share_id={x}", of: "share"})
	row("PUT /sync/manifests/{sha256}", naming{url: "/sync/manifests/" + sumOf("x") + "?share_id={x}&total=1&first=0", body: strings.Repeat("a", 32) + "\x00\x00\x00\x01", of: "share"})
	row("GET /sync/conflicts", naming{url: "/sync/conflicts?share_id={x}", of: "share"})
	row("POST /sync/conflicts/{id}/resolve", naming{url: "/sync/conflicts/{x}/resolve?resolution=keep_server", of: "conflict"})
	row("GET /sync/conflicts/{id}/content", naming{url: "/sync/conflicts/{x}/content", of: "conflict"})
	row("GET /sync/changes", naming{url: "/sync/changes?share_id={x}&cursor=0", of: "share"})
	row("GET /sync/status", naming{url: "/sync/status?share_id={x}&device_id=the-laptop", of: "share"})
	row("POST /sync/status", naming{url: "/sync/status?share_id={x}&device_id=the-laptop", body: `{"phase":"idle"}`, of: "share"})
	row("POST /sync/status/allow-deletes", naming{url: "/sync/status/allow-deletes?share_id={x}&device_id=the-laptop", of: "share"})
	row("POST /sync/status/resync", naming{url: "/sync/status/resync?share_id={x}&device_id=the-laptop", of: "share"})
	row("POST /sync/cursor", naming{url: "/sync/cursor?share_id={x}&device_id=the-laptop&position=1", of: "share"})
	row("GET /sync/preferences", naming{url: "/sync/preferences?share_id={x}&device_id=the-laptop", of: "share"})
	row("PUT /sync/preferences", naming{url: "/sync/preferences?share_id={x}&device_id=the-laptop", body: `{}`, of: "share"})
	row("PATCH /sync/devices/{device_id}", naming{url: "/sync/devices/{x}", body: `{"device_name":"new"}`, of: "device"})
	row("DELETE /sync/devices/{device_id}", naming{url: "/sync/devices/{x}", of: "device"})
	row("POST /sync/apply", naming{url: "/sync/apply", body: `{"device_id":"the-laptop","share_id":"{x}","changes":[{"resource_type":"file","change_type":"deleted","resource_id":"{file}"}]}`, of: "share"})
	for _, route := range []string{"GET ", "PATCH ", "DELETE ", "POST /suspend", "POST /activate", "POST /reset-password", "POST /resync"} {
		method, rest, _ := strings.Cut(route, " ")
		body := map[string]string{"PATCH": `{"name":"new"}`}[method]
		if rest == "/reset-password" {
			body = `{}`
		}
		row(method+" /admin/users/{id}"+rest, naming{url: "/admin/users/{x}" + rest, body: body, of: "member"})
	}
	for route, body := range map[string]string{"GET ": "", "PATCH ": `{"name":"new"}`, "DELETE ": "", "GET /members": "", "POST /members": `{"user_id":"{me}"}`} {
		method, rest, _ := strings.Cut(route, " ")
		row(method+" /admin/groups/{id}"+rest, naming{url: "/admin/groups/{x}" + rest, body: body, of: "group"})
	}
	row("DELETE /admin/groups/{id}/members/{principal_id}", naming{url: "/admin/groups/{x}/members/{member}", of: "group"})
	for route, body := range map[string]string{
		"POST /suspend": "", "POST /activate": "", "GET /tenants": "", "POST /tenants": `{"name":"new"}`,
		"POST /tenants/{tenant_id}/suspend": "", "POST /tenants/{tenant_id}/activate": "",
	} {
		method, rest, _ := strings.Cut(route, " ")
		row(method+" /admin/partners/{id}"+rest, naming{url: strings.ReplaceAll("/admin/partners/{x}"+rest, "{tenant_id}", "{tenant}"), body: body, of: "partner", status: -1})
	}
	return m
}

// Every route as every kind of caller: who is nobody, or not any more, is told nothing
// (401, or that the account is suspended); whose token or role does not go that far neither (403); and who may not see a
// thing gets the very answer, header by header, that they get for an ID that nothing
// has. Whoever adds a route says above what it can be asked about.
func TestEveryRouteAsEveryCaller(t *testing.T) {
	a := newAPI(t)
	a.tree()
	a.vars["folder"], a.vars["device"], a.vars["partner"], a.vars["tenant"] = a.vars["a"], "the-laptop", "prt_{nobody}", "tnt_{nobody}"
	a.vars["conflict"] = "cnf_" + a.vars["nobody"]
	a.vars["partner"], a.vars["tenant"] = a.fill(a.vars["partner"]), a.fill(a.vars["tenant"])
	member := a.AddUser(t, "member@example.com")
	a.vars["member"] = member.ID.Format(engine.PrefixUser)
	a.AddUser(t, "ended@example.com")
	late := a.AddUser(t, "suspended@example.com")
	a.vars["late"] = late.ID.Format(engine.PrefixUser)
	a.vars["suspended"], a.vars["ended"] = a.signIn("suspended@example.com").AccessToken, a.signIn("ended@example.com").AccessToken
	a.run([]step{
		{name: "a member", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{member}","role":"reader"}`, status: 201},
		{name: "an invitation", method: "POST", path: "/shares/{share}/invitations", body: `{"email":"guest@example.com","role":"reader"}`, status: 201, keep: "invitation=id"},
		{name: "a comment", method: "POST", path: "/files/{file}/comments", body: `{"text":"x"}`, status: 201, keep: "comment=id"},
		{name: "a token", method: "POST", path: "/auth/tokens", body: `{"name":"r","scopes":["files:read"]}`, status: 201, keep: "token=id"},
		{name: "one that reads", method: "POST", path: "/auth/tokens", body: `{"name":"r","scopes":["files:read"]}`, status: 201, keep: "readonly=token"},
		{name: "one that writes", method: "POST", path: "/auth/tokens", body: `{"name":"w","scopes":["files:write"]}`, status: 201, keep: "writeonly=token"},
		{name: "a device", method: "POST", path: "/sync/devices", body: `{"device_id":"the-laptop","device_name":"D"}`, status: 201},
		{name: "an upload", method: "POST", path: "/uploads", body: create("u.bin", 65536, ""), status: 201, keep: "upload=session_id"},
		{name: "a job", method: "POST", path: "/jobs", body: `{"kind":"delete","items":[{"id":"{b}"}]}`, status: 202, keep: "job=id"},
		{name: "a group", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"G"}`, status: 201, keep: "group=id"},
		{name: "staff", as: "admin", method: "POST", path: "/admin/users", body: `{"email":"staff@example.com","name":"Staff","admin_role":"partner_admin","password":"a password for tests"}`, status: 201},
		{name: "suspended", as: "admin", method: "POST", path: "/admin/users/{late}/suspend", status: 200},
		{name: "ended", as: "ended", method: "POST", path: "/auth/logout", status: 204},
	})
	a.vars["staff"] = a.signIn("staff@example.com").AccessToken
	known, asked := namings(), 0
	nobody := func(rt route, path, body string, callers ...string) {
		for _, who := range callers {
			head := []string{"Authorization", "Bearer " + a.vars[who]}
			switch who {
			case "":
				head = nil
			case "malformed":
				head[1] = "Bearer x"
			}
			res, got := a.do(rt.method, "/api/v1"+path, body, head...)
			if who == "suspended" { // whose token is known
				if res.StatusCode != 403 || got != `{"detail":"The account is suspended"}` {
					t.Errorf("%s %s as %q: %d %s", rt.method, path, who, res.StatusCode, cut(got))
				}
			} else if res.StatusCode != 401 || res.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s %s as %q: %d %s", rt.method, path, who, res.StatusCode, cut(got))
			}
		}
	}
	each := func(do func(rt route, n naming)) {
		for _, rt := range routes() {
			name := rt.method + " " + strings.TrimPrefix(rt.path, "/api/v1")
			list, listed := known[name]
			if !listed {
				t.Errorf("%s has no line in namings: what can it be asked about?", name)
			}
			if list == nil {
				list = []naming{{}}
			}
			for _, n := range list {
				do(rt, n)
			}
		}
	}
	each(func(rt route, n naming) {
		if rt.who == anyone || rt.path == "/metrics" {
			return
		}
		url := n.url
		if url == "" {
			url = strings.TrimPrefix(rt.path, "/api/v1")
			url = strings.ReplaceAll(url, "{id}", "x")
		}
		real := a.vars[n.of]
		body, head := a.fill(strings.ReplaceAll(n.body, "{x}", real)), []string{}
		nobody(rt, a.fill(strings.ReplaceAll(url, "{x}", real)), body, "", "malformed", "suspended", "ended")
		switch {
		case strings.HasPrefix(body, "{"):
			head = append(head, "Content-Type", "application/json")
		case strings.HasPrefix(body, "--"):
			head = append(head, "Content-Type", "multipart/form-data; boundary="+edge)
		}
		lacking := map[who]string{reader: "writeonly", writer: "readonly", tenantAdmin: "user", partnerAdmin: "user", superAdmin: "staff"}[rt.who]
		if lacking != "" {
			if res, got := a.do(rt.method, "/api/v1"+a.fill(strings.ReplaceAll(url, "{x}", real)), body, append(head, "Authorization", "Bearer "+a.vars[lacking])...); res.StatusCode != 403 {
				t.Errorf("%s %s as %s: %d %s", rt.method, url, lacking, res.StatusCode, cut(got))
			}
		}
		if n.of == "" {
			return
		}
		roles := rt.who.roles()
		for who, role := range map[string]engine.AdminRole{"stranger": engine.RoleNone, "staff": engine.RolePartnerAdmin, "foreigner": engine.RoleTenantAdmin} {
			if roles != nil && n.of == "partner" && slices.Contains(roles, role) {
				continue // their own partner is theirs
			}
			var first string
			for _, id := range []string{real, unknownLike(real)} {
				a.vars["me"] = a.vars["member"]
				to := func(s string) string { return a.fill(strings.ReplaceAll(s, "{x}", id)) }
				res, got := a.do(rt.method, "/api/v1"+to(url), to(n.body), append(head, "Authorization", "Bearer "+a.vars[who])...)
				asked++
				want := n.status
				if want == 0 {
					want = 404
				}
				if roles != nil && !slices.Contains(roles, role) {
					want = 403
				}
				if want > 0 && res.StatusCode != want || want < 0 && res.StatusCode >= 500 {
					t.Errorf("%s %s as %s: %d %s, want %d", rt.method, to(url), who, res.StatusCode, cut(got), want)
				}
				h := maps.Clone(res.Header)
				for _, own := range []string{"X-Request-Id", "Date", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"} {
					delete(h, own)
				}
				all := ofRequest.ReplaceAllString(strings.ReplaceAll(fmt.Sprint(res.StatusCode, h, got), id, "ID"), "REQUEST")
				if first == "" {
					first = all
				} else if all != first {
					t.Errorf("%s %s as %s: what is there answers\n%s\nand what is not\n%s", rt.method, url, who, cut(first), cut(all))
				}
			}
		}
	})
	for name := range known {
		method, path, _ := strings.Cut(name, " ")
		if !slices.ContainsFunc(routes(), func(rt route) bool {
			return rt.method == method && strings.TrimPrefix(rt.path, "/api/v1") == path
		}) {
			t.Errorf("%s is no route", name)
		}
	}
	if asked < 500 {
		t.Errorf("only %d requests", asked)
	}
	a.tenantKeys()
	a.Pass(2 * time.Hour)
	each(func(rt route, n naming) {
		if rt.who != anyone && rt.path != "/metrics" && n.url != "" {
			nobody(rt, a.fill(strings.ReplaceAll(n.url, "{x}", a.vars[n.of])), "", "user")
		}
	})
}

// ofRequest are the IDs that an answer has of the request: its own, and the job's that
// it ordered.
var ofRequest = regexp.MustCompile("(job|req)_[0-9A-Z]{26}")

// unknownLike is an ID of the same form that nothing has.
func unknownLike(id string) string {
	if len(id) < 26 {
		return id + "z"
	}
	return id[:len(id)-26] + engine.ID{0xff, 1}.Format("")
}

// tenantKeys looks at every stored record of a tenant: its key begins with the number
// of a tenant.
func (a *api) tenantKeys() {
	a.t.Helper()
	err := a.DB.View(a.t.Context(), func(v *meta.View) error {
		for _, d := range schema.Tables() {
			if d.Scope != schema.PerTenant {
				continue
			}
			err := v.Scan(d.No, nil, nil, func(k, _ []byte) (bool, error) {
				if len(k) < 4 || binary.BigEndian.Uint32(k) == 0 || binary.BigEndian.Uint32(k) > 2 {
					a.t.Errorf("%s has the key %x", d.Name, k)
				}
				return true, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		a.t.Error(err)
	}
}

package httpd

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"scaidrive/engine/enginetest"
)

// openPage signs a page in and gives its cookies by name.
func (a *api) openPage(email string, stay bool, head ...string) map[string]*http.Cookie {
	a.t.Helper()
	body := `{"email":"` + email + `","password":"` + enginetest.Password + `"}`
	if stay {
		body = strings.Replace(body, "}", `,"stay":true}`, 1)
	}
	res, got := a.do("POST", "/api/v1/auth/session", body, append([]string{"Content-Type", "application/json", "X-Requested-With", "scaidrive"}, head...)...)
	if res.StatusCode != 200 {
		a.t.Fatalf("sign a page in: %d %s", res.StatusCode, got)
	}
	cookies := map[string]*http.Cookie{}
	for _, c := range res.Cookies() {
		cookies[c.Name] = c
	}
	if s := cookies["scaidrive_session"]; s == nil || strings.Contains(got, s.Value) {
		a.t.Fatalf("no session, or it is in the body: %v %s", cookies, got)
	}
	a.vars["page"] = cookies["scaidrive_session"].Value
	return cookies
}

func TestPageSession(t *testing.T) {
	a := newAPI(t)
	login := `{"email":"user@example.com","password":"` + enginetest.Password + `"}`
	a.run([]step{
		{name: "not by another's form", as: "nobody", method: "POST", path: "/auth/session", body: login, status: 403, has: []string{"X-Requested-With"}},
		{name: "nor from another origin", as: "nobody", method: "POST", path: "/auth/session", body: login, head: []string{"X-Requested-With", "scaidrive", "Origin", "http://evil.example.com"}, status: 403},
		{name: "wrong password", as: "nobody", method: "POST", path: "/auth/session", body: `{"email":"user@example.com","password":"x"}`, head: []string{"X-Requested-With", "scaidrive"}, status: 401},
		{name: "a code", as: "nobody", method: "POST", path: "/auth/session", body: strings.Replace(login, "}", `,"totp":"1"}`, 1), head: []string{"X-Requested-With", "scaidrive"}, status: 422},
		{name: "in", as: "nobody", method: "POST", path: "/auth/session", body: login, head: []string{"X-Requested-With", "scaidrive"}, status: 200, has: []string{`"user_id":"usr_`, "HttpOnly", "SameSite=Strict"}, lacks: []string{"pst_\"", "Max-Age", "Secure"}},
	})
	cookies := a.openPage("user@example.com", false)
	s, u := cookies["scaidrive_session"], cookies["scaidrive_user"]
	if !s.HttpOnly || s.SameSite != http.SameSiteStrictMode || s.Path != "/" || s.MaxAge != 0 || s.Secure || s.Domain != "" {
		t.Errorf("the session's cookie: %v", s)
	}
	if u == nil || u.HttpOnly || u.Value != a.User.ID.Format("usr_") || u.SameSite != http.SameSiteStrictMode {
		t.Errorf("the user's cookie: %v", u)
	}

	page := func(head ...string) []string {
		return append([]string{"Cookie", "scaidrive_user=x; scaidrive_session={page}"}, head...)
	}
	own := []string{"X-Requested-With", "scaidrive"}
	folder := func(name string) string { return `{"share_id":"{share}","name":"` + name + `"}` }
	a.run([]step{
		{name: "read", as: "nobody", method: "GET", path: "/users/me", head: page(), status: 200, has: []string{"user@example.com", `"scopes":["files:read","files:write"]`, "X-Ratelimit-Limit: "}},
		{name: "read, same origin", as: "nobody", method: "GET", path: "/users/me", head: page("Sec-Fetch-Site", "same-origin"), status: 200},
		{name: "typed", as: "nobody", method: "GET", path: "/users/me", head: page("Sec-Fetch-Site", "none"), status: 200},
		{name: "a page of a sibling", as: "nobody", method: "GET", path: "/users/me", head: page("Sec-Fetch-Site", "same-site"), status: 403},
		{name: "another page", as: "nobody", method: "GET", path: "/users/me", head: page("Sec-Fetch-Site", "cross-site"), status: 403},
		{name: "another origin", as: "nobody", method: "GET", path: "/users/me", head: page("Origin", "http://evil.example.com"), status: 403},
		{name: "no origin that can be told", as: "nobody", method: "GET", path: "/users/me", head: page("Origin", "null"), status: 403},
		{name: "another port", as: "nobody", method: "GET", path: "/users/me", head: page("Origin", "http://127.0.0.1:1"), status: 403},

		{name: "write", as: "nobody", method: "POST", path: "/folders", body: folder("a"), head: page(own...), status: 201},
		{name: "write, own origin", as: "nobody", method: "POST", path: "/folders", body: folder("b"), head: page(append(own, "Origin", "http://"+a.addr)...), status: 201},
		{name: "without the header", as: "nobody", method: "POST", path: "/folders", body: folder("c"), head: page(), status: 403, has: []string{"X-Requested-With"}},
		{name: "without it, own origin", as: "nobody", method: "POST", path: "/folders", body: folder("c"), head: page("Origin", "http://"+a.addr), status: 403},
		{name: "with another's", as: "nobody", method: "POST", path: "/folders", body: folder("c"), head: page("X-Requested-With", "XMLHttpRequest"), status: 403},
		{name: "typed writes", as: "nobody", method: "POST", path: "/folders", body: folder("c"), head: page(append(own, "Sec-Fetch-Site", "none")...), status: 403},
		{name: "sibling writes", as: "nobody", method: "POST", path: "/folders", body: folder("c"), head: page(append(own, "Sec-Fetch-Site", "same-site")...), status: 403},
		{name: "a form", as: "nobody", method: "POST", path: "/files", body: upload("f", "x"), head: page(own...), status: 201, keep: "f=id"},
		{name: "bytes", as: "nobody", method: "GET", path: "/files/{f}/content", head: page("Sec-Fetch-Site", "same-origin"), status: 200},
		{name: "a ticket for sockets", as: "nobody", method: "POST", path: "/auth/ticket", head: page(own...), status: 201, keep: "ticket=ticket"},

		{name: "a token comes first", as: "stranger", method: "GET", path: "/users/me", head: page("Sec-Fetch-Site", "cross-site"), status: 200, has: []string{"stranger@example.com"}},
		{name: "a bad token is not made good", as: "page", method: "GET", path: "/users/me", head: page(), status: 401},
		{name: "an access token is no cookie", as: "nobody", method: "GET", path: "/users/me", head: []string{"Cookie", "scaidrive_session={user}"}, status: 401},
		{name: "garbage", as: "nobody", method: "GET", path: "/users/me", head: []string{"Cookie", "scaidrive_session=pst_x"}, status: 401, has: []string{"Max-Age=0"}},
		{name: "nor is it a refresh token", as: "nobody", method: "POST", path: "/auth/token", body: "grant_type=refresh_token&refresh_token={page}", head: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 401},
		{name: "public calls pass it over", as: "nobody", method: "GET", path: "/config", head: page("Sec-Fetch-Site", "cross-site"), status: 200},
	})
	// A socket is opened with a ticket, never with the cookie.
	if res, _ := a.do("GET", "/api/v1/realtime/ws", "", "Cookie", "scaidrive_session="+a.vars["page"]); res.StatusCode == 101 {
		t.Error("a socket opens by cookie")
	}
	a.run([]step{
		{name: "out", as: "nobody", method: "POST", path: "/auth/logout", head: page(own...), status: 204, has: []string{"scaidrive_session=;", "Max-Age=0"}},
		{name: "over", as: "nobody", method: "GET", path: "/users/me", head: page(), status: 401},
		{name: "the others are not", method: "GET", path: "/users/me", status: 200},
	})
	if log := a.log.String(); strings.Contains(log, a.vars["page"]) || strings.Contains(log, "pst_") {
		t.Error("a session is in the log")
	}
}

func TestPageSessionLives(t *testing.T) {
	a := newAPI(t)
	get := func() *http.Response {
		res, _ := a.do("GET", "/api/v1/users/me", "", "Cookie", "scaidrive_session="+a.vars["page"])
		return res
	}
	renewed := func(res *http.Response) bool { return len(res.Cookies()) > 0 }

	a.openPage("user@example.com", false)
	if res := get(); res.StatusCode != 200 || renewed(res) {
		t.Errorf("at once: %d %v", res.StatusCode, res.Cookies())
	}
	a.Pass(23 * time.Hour)
	if res := get(); res.StatusCode != 200 || !renewed(res) {
		t.Errorf("within a day: %d %v", res.StatusCode, res.Cookies())
	}
	a.Pass(23 * time.Hour)
	if res := get(); res.StatusCode != 200 {
		t.Errorf("within a day of the last call: %d", res.StatusCode)
	}
	a.Pass(25 * time.Hour)
	if res := get(); res.StatusCode != 401 || len(res.Cookies()) != 2 || res.Cookies()[0].MaxAge >= 0 {
		t.Errorf("a day later: %d %v", res.StatusCode, res.Cookies())
	}

	cookies := a.openPage("user@example.com", true)
	if c := cookies["scaidrive_session"]; c.MaxAge != 30*24*3600 {
		t.Errorf("to stay: %v", c)
	}
	a.Pass(29 * 24 * time.Hour)
	res := get()
	if res.StatusCode != 200 || !renewed(res) || res.Cookies()[0].MaxAge != 30*24*3600 {
		t.Errorf("after 29 days: %d %v", res.StatusCode, res.Cookies())
	}
	a.Pass(29 * 24 * time.Hour)
	if res := get(); res.StatusCode != 200 {
		t.Errorf("29 days after that: %d", res.StatusCode)
	}
}

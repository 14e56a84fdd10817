package httpd

import (
	"strings"
	"testing"
)

func TestServiceTokens(t *testing.T) {
	a := newAPI(t)
	key := []string{"Idempotency-Key", "k"}
	body := `{"name":"backup","scopes":["files:read"],"expires_at":"2026-11-23T00:00:00Z"}`
	a.run([]step{
		{name: "none", method: "GET", path: "/auth/tokens", status: 200, has: []string{`{"tokens":[],"total":0}`}},
		{name: "make", method: "POST", path: "/auth/tokens", body: body, head: key, status: 201, keep: "sdt=token", has: []string{`"id":"tok_`, `"name":"backup"`, `"scopes":["files:read"]`, `"expires_at":"2026-11-23T00:00:00Z"`, `"token":"sdt_`}},
		{name: "a repeat does not tell it again", method: "POST", path: "/auth/tokens", body: body, head: key, status: 409, lacks: []string{"{sdt}"}},
		{name: "list", method: "GET", path: "/auth/tokens", status: 200, has: []string{`"total":1`, `"last_used_at":null`}, lacks: []string{"sdt_"}},
		{name: "another", method: "POST", path: "/auth/tokens", body: `{"name":"second","scopes":["files:read","files:write"]}`, status: 201, keep: "second=id", has: []string{`"expires_at":null`}},
		{name: "a page", method: "GET", path: "/auth/tokens?limit=1&offset=1", status: 200, has: []string{`"total":2`, `{second}`}, lacks: []string{"backup"}},
		{name: "behind the end", method: "GET", path: "/auth/tokens?limit=1&offset=7", status: 200, has: []string{`{"tokens":[],"total":2}`}},
		{name: "stranger's", as: "stranger", method: "GET", path: "/auth/tokens", status: 200, has: []string{`"total":0`}},

		{name: "no name", method: "POST", path: "/auth/tokens", body: `{"scopes":["files:read"]}`, status: 422, has: []string{`["body","name"]`}},
		{name: "no scopes", method: "POST", path: "/auth/tokens", body: `{"name":"x","scopes":[]}`, status: 422, has: []string{`["body","scopes"]`}},
		{name: "unknown scope", method: "POST", path: "/auth/tokens", body: `{"name":"x","scopes":["files:read","x"]}`, status: 422, has: []string{`["body","scopes",1]`}},
		{name: "too much", method: "POST", path: "/auth/tokens", body: `{"name":"x","scopes":["tenant:admin"]}`, status: 403},
		{name: "past", method: "POST", path: "/auth/tokens", body: `{"name":"x","scopes":["files:read"],"expires_at":"2020-01-01T00:00:00Z"}`, status: 422, has: []string{`["body","expires_at"]`}},
		{name: "unknown field", method: "POST", path: "/auth/tokens", body: `{"name":"x","scopes":["files:read"],"user_id":"x"}`, status: 422},
		{name: "not signed in", as: "nobody", method: "POST", path: "/auth/tokens", body: body, status: 401},

		{name: "used", as: "sdt", method: "GET", path: "/users/me", status: 200, has: []string{`"scopes":["files:read"]`, "user@example.com", "X-Ratelimit-Limit: "}},
		{name: "its use is told", method: "GET", path: "/auth/tokens", status: 200, has: []string{`"last_used_at":"2026-11-22T12:00:00Z"`}},
		{name: "it reads", as: "sdt", method: "GET", path: "/shares/{share}", status: 200},
		{name: "but does not write", as: "sdt", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"x"}`, status: 403, has: []string{"files:write"}},
		{name: "nor makes tokens", as: "sdt", method: "POST", path: "/auth/tokens", body: body, status: 403},
		{name: "nor ends others", as: "sdt", method: "DELETE", path: "/auth/tokens/{second}", status: 403},
		{name: "nor signs out", as: "sdt", method: "POST", path: "/auth/logout", status: 403},

		{name: "not the stranger's to end", as: "stranger", method: "DELETE", path: "/auth/tokens/{second}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "unknown", method: "DELETE", path: "/auth/tokens/tok_{nobody}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "ill-formed", method: "DELETE", path: "/auth/tokens/x", status: 404},
		{name: "end", method: "DELETE", path: "/auth/tokens/{second}", head: key, status: 204},
		{name: "end again, with the key", method: "DELETE", path: "/auth/tokens/{second}", head: key, status: 204},
		{name: "end again", method: "DELETE", path: "/auth/tokens/{second}", status: 404},
	})
	a.Pass(12 * 3600e9)
	a.step(step{name: "expired", as: "sdt", method: "GET", path: "/users/me", status: 401})
	if strings.Contains(a.log.String(), "sdt_") {
		t.Error("a token is in the log")
	}
}

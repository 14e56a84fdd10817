package httpd

import (
	"strings"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/settings"
	"scaidrive/engine/transfer/transfertest"
)

func TestServerSettings(t *testing.T) {
	a := serveAPI(t, transfertest.Memory(t),
		settings.Given{Name: settings.ChangelogDays, Text: "120", Source: settings.Environment, From: "SCAIDRIVE_CHANGELOG_DAYS"},
		settings.Given{Name: settings.Listen, Text: ":9000", Source: settings.File, From: "f.json"})
	a.vars["root"] = a.Admin.ID.Format(engine.PrefixUser)
	a.vars["host"], _, _ = strings.Cut(a.addr, ":")
	const at = "/admin/settings"
	for _, s := range []step{
		{name: "as they are", method: "GET", path: at, status: 200, has: []string{
			`{"name":"cors_origins","kind":"list","value":[],"default":[],"source":"default","from":null,"locked":false,"restart":false,"about":"`,
			`"name":"changelog_days","kind":"int","value":120,"default":90,"source":"environment","from":"SCAIDRIVE_CHANGELOG_DAYS","locked":true,"restart":false,"minimum":90,"maximum":36500,`,
			`"name":"listen","kind":"text","value":":9000","default":":8000","source":"file","from":"f.json","locked":true,"restart":true,`,
			`"name":"rate_limit_profile","kind":"choice","value":"appliance","default":"appliance","source":"default","from":null,"locked":false,"restart":false,"choices":["appliance","public"],`,
			`"changed_by":null,"changed_at":null`}},
		{name: "store", method: "PATCH", path: at, body: `{"cors_origins":["https://App.example.com"],"rate_limit_profile":"public","log_requests":false,"changelog_rows":2000000,"trusted_proxies":["10.0.0.1"]}`, status: 200, has: []string{
			`"name":"cors_origins","kind":"list","value":["https://app.example.com"],"default":[],"source":"stored"`, `"changed_by":"{root}","changed_at":"`,
			`"value":"public"`, `"name":"log_requests","kind":"bool","value":false`, `"value":2000000`, `"value":["10.0.0.1/32"]`}},
		{name: "the public budgets at once", method: "GET", path: at, status: 200, has: []string{"X-Ratelimit-Limit: 1000", `"source":"stored"`}},
		{name: "the default again", method: "PATCH", path: at, body: `{"rate_limit_profile":null,"changelog_rows":null}`, status: 200, has: []string{`"value":"appliance","default":"appliance","source":"default"`, `"value":["https://app.example.com"]`}},
		{name: "the budgets of an appliance", method: "GET", path: at, status: 200, has: []string{"X-Ratelimit-Limit: 10000000"}},
		{name: "nothing", method: "PATCH", path: at, body: `{}`, status: 200, has: []string{`"value":["https://app.example.com"]`}},
		{name: "what is locked", method: "PATCH", path: at, body: `{"changelog_days":100}`, status: 409, has: []string{"changelog_days is fixed by SCAIDRIVE_CHANGELOG_DAYS"}},
		{name: "the default of what is locked", method: "PATCH", path: at, body: `{"changelog_days":null,"cors_origins":null}`, status: 409},
		{name: "all or nothing", method: "GET", path: at, status: 200, has: []string{`"value":["https://app.example.com"]`}},
		{name: "what can't be stored", method: "PATCH", path: at, body: `{"listen":":1"}`, status: 422, has: []string{`["body","listen"]`, "extra_forbidden"}},
		{name: "no setting", method: "PATCH", path: at, body: `{"nothing":null}`, status: 422, has: []string{`["body","nothing"]`}},
		{name: "any origin", method: "PATCH", path: at, body: `{"cors_origins":["https://a.example.com","*"]}`, status: 422, has: []string{`["body","cors_origins",1]`, "one by one"}},
		{name: "of another kind", method: "PATCH", path: at, body: `{"log_requests":"false"}`, status: 422, has: []string{`["body","log_requests"]`}},
		{name: "too little", method: "PATCH", path: at, body: `{"changelog_rows":5}`, status: 422, has: []string{`["body","changelog_rows"]`}},
		{name: "no profile", method: "PATCH", path: at, body: `{"rate_limit_profile":"none"}`, status: 422},
		{name: "not JSON", method: "PATCH", path: at, body: `[`, status: 422},
		{name: "hosts without this one", method: "PATCH", path: at, body: `{"allowed_hosts":["drive.example.com"]}`, status: 409, has: []string{a.vars["host"]}},
		{name: "and with it", method: "PATCH", path: at, body: `{"allowed_hosts":["drive.example.com","{host}"]}`, status: 200},
		{name: "they count", method: "GET", path: "/config", head: []string{"X-Request-Id", "here"}, status: 200},
	} {
		s.as = "admin"
		a.step(s)
	}
	a.run([]step{
		{name: "a token of the server's", as: "admin", method: "POST", path: "/auth/tokens", body: `{"name":"ops","scopes":["admin:*"]}`, status: 201, keep: "ops=token"},
		{name: "lists", as: "ops", method: "GET", path: at, status: 200},
		{name: "stores", as: "ops", method: "PATCH", path: at, body: `{"log_requests":true}`, status: 200},
		{name: "a token of a tenant's", as: "admin", method: "POST", path: "/auth/tokens", body: `{"name":"tenant","scopes":["tenant:admin"]}`, status: 201, keep: "tenantly=token"},
		{name: "does not", as: "tenantly", method: "GET", path: at, status: 403},
		{name: "nor store", as: "tenantly", method: "PATCH", path: at, body: `{"log_requests":true}`, status: 403},
		{name: "a user", method: "GET", path: at, status: 403},
		{name: "nobody", as: "nobody", method: "GET", path: at, status: 401},
	})
}

// Another name than those of allowed_hosts is refused from the next call on, and lines of
// the log go as the setting says.
func TestStoredSettingsCountAtOnce(t *testing.T) {
	a := newAPI(t)
	host, _, _ := strings.Cut(a.addr, ":")
	asked := func(id string) bool {
		a.do("GET", "/api/v1/health", "", "X-Request-Id", id)
		return strings.Contains(a.log.String(), "id="+id)
	}
	if !asked("one") {
		t.Error("a call is not in the log")
	}
	a.step(step{name: "store", as: "admin", method: "PATCH", path: "/admin/settings", body: `{"allowed_hosts":["` + host + `"],"log_requests":false}`, status: 200})
	if asked("two") {
		t.Error("a call is in the log")
	}
	status := func(host string) string {
		t.Helper()
		_, answer, _ := strings.Cut(rawExchange(t, a.addr, "GET /api/v1/config HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"), " ")
		return answer[:3]
	}
	if got := status("elsewhere.example.com") + " " + status(host); got != "421 200" {
		t.Error(got)
	}
	a.step(step{name: "any name", as: "admin", method: "PATCH", path: "/admin/settings", body: `{"allowed_hosts":null}`, status: 200})
	if got := status("elsewhere.example.com"); got != "200" {
		t.Error(got)
	}
}

package httpd

import (
	"encoding/json"
	"strings"
	"testing"

	"scaidrive/engine"
)

func TestUsersOfATenant(t *testing.T) {
	a := newAPI(t)
	key := []string{"Idempotency-Key", "k"}
	as := func(s step) step { s.as = "admin"; return s }
	a.vars["root"] = a.Admin.ID.Format(engine.PrefixUser)
	a.vars["usr"] = a.User.ID.Format(engine.PrefixUser)
	a.vars["theirs"] = a.Foreigner.User.Format(engine.PrefixUser)
	body := `{"email":"New@example.com","name":"New One","password":"a password for tests"}`
	for _, s := range []step{
		{name: "make", method: "POST", path: "/admin/users", body: body, head: key, status: 201, keep: "new=id", has: []string{`"email":"New@example.com"`, `"display_name":"New One"`, `"status":"active"`, `"is_active":true`, `"is_admin":false`, `"admin_role":null`, `"quota_bytes":null`, `"last_login_at":null`}, lacks: []string{"invite", "password"}},
		{name: "again with the key", method: "POST", path: "/admin/users", body: body, head: key, status: 409},
		{name: "taken", method: "POST", path: "/admin/users", body: strings.ToUpper(body[:26]) + body[26:], status: 422},
		{name: "taken, without case", method: "POST", path: "/admin/users", body: `{"email":"NEW@EXAMPLE.COM","name":"x"}`, status: 409},
		{name: "taken in another tenant", method: "POST", path: "/admin/users", body: `{"email":"admin@example.org","name":"x"}`, status: 409},
		{name: "no address", method: "POST", path: "/admin/users", body: `{"email":"x","name":"x"}`, status: 422, has: []string{`["body","email"]`}},
		{name: "no name", method: "POST", path: "/admin/users", body: `{"email":"x@example.com","name":""}`, status: 422, has: []string{`["body","name"]`}},
		{name: "a name of lines", method: "POST", path: "/admin/users", body: `{"email":"x@example.com","name":"a\nb"}`, status: 422},
		{name: "short password", method: "POST", path: "/admin/users", body: `{"email":"x@example.com","name":"x","password":"short"}`, status: 422, has: []string{`["body","password"]`}},
		{name: "no role", method: "POST", path: "/admin/users", body: `{"email":"x@example.com","name":"x","admin_role":"king"}`, status: 422, has: []string{`["body","admin_role"]`}},
		{name: "quota of nothing", method: "POST", path: "/admin/users", body: `{"email":"x@example.com","name":"x","quota_bytes":0}`, status: 422},
		{name: "more", method: "POST", path: "/admin/users", body: `{"email":"x@example.com","name":"x","status":"active"}`, status: 422},
		{name: "invited", method: "POST", path: "/admin/users", body: `{"email":"later@example.com","name":"Later","quota_bytes":7}`, status: 201, keep: "later=id", has: []string{`"status":"pending"`, `"is_active":false`, `"quota_bytes":7`, `"invite":{"token":"`, `/#activate=`}},
		{name: "show", method: "GET", path: "/admin/users/{later}", status: 200, has: []string{`"status":"pending"`}, lacks: []string{"invite"}},
		{name: "list", method: "GET", path: "/admin/users?limit=2", status: 200, keep: "token=next_page_token", has: []string{`"total":5`, `"total_exact":true`, `"admin_role":"super_admin"`}},
		{name: "next page", method: "GET", path: "/admin/users?limit=50&page_token={token}", status: 200, has: []string{"later@example.com"}, lacks: []string{"next_page_token", "admin@example.com"}},
		{name: "a broken token", method: "GET", path: "/admin/users?page_token=x", status: 422, has: []string{`["query","page_token"]`}},
		{name: "search", method: "GET", path: "/admin/users?search=NEW", status: 200, has: []string{`"total":1`, "New@example.com"}},
		{name: "by state", method: "GET", path: "/admin/users?status=pending", status: 200, has: []string{`"total":1`, "later@example.com"}},
		{name: "administrators", method: "GET", path: "/admin/users?is_admin=true", status: 200, has: []string{`"total":1`, "admin@example.com"}},
		{name: "no state", method: "GET", path: "/admin/users?status=x", status: 422},
		{name: "change", method: "PATCH", path: "/admin/users/{new}", body: `{"display_name":"Renamed","admin_role":"tenant_admin","quota_bytes":9}`, status: 200, has: []string{`"display_name":"Renamed"`, `"admin_role":"tenant_admin"`, `"quota_bytes":9`}},
		{name: "and back", method: "PATCH", path: "/admin/users/{new}", body: `{"admin_role":"none","quota_bytes":0}`, status: 200, has: []string{`"admin_role":null`, `"quota_bytes":null`}},
		{name: "the last administrator", method: "PATCH", path: "/admin/users/{root}", body: `{"admin_role":"none"}`, status: 409},
		{name: "suspend oneself", method: "POST", path: "/admin/users/{root}/suspend", status: 409},
		{name: "delete oneself", method: "DELETE", path: "/admin/users/{root}", status: 409},
	} {
		a.step(as(s))
	}
	a.vars["newuser"] = a.signIn("new@example.com").AccessToken
	// Whoever is unknown, foreign or ill-formed is answered alike.
	for _, id := range []string{"usr_{nobody}", "{theirs}", "x", "{share}"} {
		for _, s := range []step{
			{method: "GET", path: ""}, {method: "PATCH", path: "", body: `{"name":"x"}`}, {method: "DELETE", path: ""},
			{method: "POST", path: "/suspend"}, {method: "POST", path: "/activate"}, {method: "POST", path: "/reset-password", body: `{"password":"a password for tests"}`},
			{method: "POST", path: "/resync"},
		} {
			s.name, s.path, s.status = "not here: "+id, "/admin/users/"+id+s.path, 404
			a.step(as(s))
		}
	}
	for _, s := range []step{
		{name: "suspend", method: "POST", path: "/admin/users/{new}/suspend", status: 200, has: []string{`"status":"suspended"`}},
		{name: "to be listed anew", method: "POST", path: "/admin/users/{new}/resync", status: 204},
		{name: "suspend again", method: "POST", path: "/admin/users/{new}/suspend", status: 200},
		{name: "the suspended asks", as: "newuser", method: "GET", path: "/users/me", status: 403, has: []string{"suspended"}},
		{name: "the suspended is not found", method: "GET", path: "/shares/search/principals?q=renamed", status: 200, has: []string{`"users":[]`}},
		{name: "activate", method: "POST", path: "/admin/users/{new}/activate", status: 200, has: []string{`"status":"active"`}},
		{name: "the old token", as: "newuser", method: "GET", path: "/users/me", status: 401},
		{name: "new password", method: "POST", path: "/admin/users/{new}/reset-password", body: `{"password":"another password"}`, status: 200, lacks: []string{"invite"}},
		{name: "link", method: "POST", path: "/admin/users/{later}/reset-password", body: `{}`, status: 200, has: []string{`"invite":{"token":"`}},
		{name: "no heir", method: "DELETE", path: "/admin/users/{new}?heir_id=usr_{nobody}", status: 422, has: []string{`"heir_id"`}},
		{name: "a foreign heir", method: "DELETE", path: "/admin/users/{new}?heir_id={theirs}", status: 422},
		{name: "delete", method: "DELETE", path: "/admin/users/{new}?heir_id={usr}", status: 204},
		{name: "delete again", method: "DELETE", path: "/admin/users/{new}", status: 404},
		{name: "show the deleted", method: "GET", path: "/admin/users/{new}", status: 200, has: []string{`"status":"deleted"`}},
		{name: "change the deleted", method: "PATCH", path: "/admin/users/{new}", body: `{"name":"x"}`, status: 404},
		{name: "list the deleted", method: "GET", path: "/admin/users?status=deleted", status: 200, has: []string{`"total":1`}},
		{name: "the others", method: "GET", path: "/admin/users", status: 200, has: []string{`"total":4`}},
		{name: "the heir's", as: "user", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"name":"Personal (Renamed)","type":"project"`}},
		{name: "made again", method: "POST", path: "/admin/users", body: body, status: 201, keep: "again=id"},
	} {
		if s.as == "" {
			s.as = "admin"
		}
		a.step(s)
	}
	if a.vars["again"] == a.vars["new"] {
		t.Error("a user made again has the ID of before")
	}
	_, other := a.do("POST", "/api/v1/auth/activate", `{"token":"AAAA","password":"a password for tests"}`, "Content-Type", "application/json")
	if !strings.Contains(other, "not valid or has been used") {
		t.Error(other)
	}
}

func TestInvitedUserSetsAPassword(t *testing.T) {
	a := newAPI(t)
	a.run([]step{
		{name: "invite", as: "admin", method: "POST", path: "/admin/users", body: `{"email":"later@example.com","name":"Later"}`, status: 201, keep: "tok=invite.token"},
		{name: "too short", as: "nobody", method: "POST", path: "/auth/activate", body: `{"token":"{tok}","password":"short"}`, status: 422, has: []string{`["body","password"]`}},
		{name: "set", as: "nobody", method: "POST", path: "/auth/activate", body: `{"token":"{tok}","password":"a password for tests"}`, status: 204},
		{name: "again", as: "nobody", method: "POST", path: "/auth/activate", body: `{"token":"{tok}","password":"a password for tests"}`, status: 410},
	})
	a.vars["later"] = a.signIn("later@example.com").AccessToken
	a.step(step{name: "signed in", as: "later", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"type":"personal"`}})
	if strings.Contains(a.log.String(), a.vars["tok"]) {
		t.Error("the secret is in the log")
	}
}

func TestGroupsOfATenant(t *testing.T) {
	a := newAPI(t)
	a.vars["usr"] = a.User.ID.Format(engine.PrefixUser)
	a.vars["theirs"] = a.Foreigner.User.Format(engine.PrefixUser)
	key := []string{"Idempotency-Key", "k"}
	first := a.step(step{name: "make", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"Sales","description":"Who sells"}`, head: key, status: 201, keep: "g=id", has: []string{`"member_count":0`}})
	again := a.step(step{name: "again with the key", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"Sales","description":"Who sells"}`, head: key, status: 201})
	if first != again {
		t.Errorf("%s\n%s", first, again)
	}
	for _, s := range []step{
		{name: "the same name", method: "POST", path: "/admin/groups", body: `{"name":"SALES"}`, status: 409},
		{name: "no name", method: "POST", path: "/admin/groups", body: `{"name":""}`, status: 422},
		{name: "another", method: "POST", path: "/admin/groups", body: `{"name":"World"}`, status: 201, keep: "w=id"},
		{name: "add", method: "POST", path: "/admin/groups/{g}/members", body: `{"user_id":"{usr}"}`, status: 201, has: []string{`"principal_type":"user"`, `"principal_id":"{usr}"`, `"email":"user@example.com"`}},
		{name: "add again", method: "POST", path: "/admin/groups/{g}/members", body: `{"user_id":"{usr}"}`, status: 409},
		{name: "add a group", method: "POST", path: "/admin/groups/{w}/members", body: `{"group_id":"{g}"}`, status: 201, has: []string{`"principal_type":"group"`, `"name":"Sales"`, `"email":null`}},
		{name: "a circle", method: "POST", path: "/admin/groups/{g}/members", body: `{"group_id":"{w}"}`, status: 201},
		{name: "both", method: "POST", path: "/admin/groups/{g}/members", body: `{"user_id":"{usr}","group_id":"{w}"}`, status: 422},
		{name: "none", method: "POST", path: "/admin/groups/{g}/members", body: `{}`, status: 422},
		{name: "a foreigner", method: "POST", path: "/admin/groups/{g}/members", body: `{"user_id":"{theirs}"}`, status: 422, has: []string{`["body","user_id"]`}},
		{name: "nobody", method: "POST", path: "/admin/groups/{g}/members", body: `{"user_id":"usr_{nobody}"}`, status: 422, has: []string{`["body","user_id"]`}},
		{name: "members", method: "GET", path: "/admin/groups/{g}/members", status: 200, has: []string{`"total":2`}},
		{name: "who I am", as: "user", method: "GET", path: "/users/me", status: 200, has: []string{`"groups":["{g}","{w}"]`}},
		{name: "found", as: "user", method: "GET", path: "/shares/search/principals?q=sal", status: 200, has: []string{`"groups":[{"id":"{g}","name":"Sales"}]`, `"users":[]`}},
		{name: "found, users only", as: "user", method: "GET", path: "/shares/search/principals?q=sal&principal_type=user", status: 200, has: []string{`"groups":[]`}},
		{name: "rename", method: "PATCH", path: "/admin/groups/{g}", body: `{"name":"Sellers"}`, status: 200, has: []string{`"name":"Sellers"`, `"description":"Who sells"`, `"member_count":2`}},
		{name: "to a taken name", method: "PATCH", path: "/admin/groups/{g}", body: `{"name":"world"}`, status: 409},
		{name: "show", method: "GET", path: "/admin/groups/{g}", status: 200, has: []string{`"name":"Sellers"`}},
		{name: "list", method: "GET", path: "/admin/groups", status: 200, has: []string{`"total":2`, `"total_exact":true`}},
		{name: "search", method: "GET", path: "/admin/groups?search=sell", status: 200, has: []string{`"total":1`}},
		{name: "unknown", method: "GET", path: "/admin/groups/grp_{nobody}", status: 404, has: []string{`{"detail":"Group not found"}`}},
		{name: "remove who is not in it", method: "DELETE", path: "/admin/groups/{w}/members/{usr}", status: 404},
		{name: "remove", method: "DELETE", path: "/admin/groups/{g}/members/{usr}", status: 204},
		{name: "remove again", method: "DELETE", path: "/admin/groups/{g}/members/{usr}", status: 404},
		{name: "who I am now", as: "user", method: "GET", path: "/users/me", status: 200, has: []string{`"groups":[]`}},
		{name: "delete", method: "DELETE", path: "/admin/groups/{g}", status: 204},
		{name: "delete again", method: "DELETE", path: "/admin/groups/{g}", status: 404},
		{name: "its members", method: "GET", path: "/admin/groups/{g}/members", status: 404},
	} {
		if s.as == "" {
			s.as = "admin"
		}
		a.step(s)
	}
}

// Every row of administration refuses who lacks scope or role, and answers alike
// what is unknown and what is another tenant's.
func TestAdministrationIsForAdministrators(t *testing.T) {
	a := newAPI(t)
	for _, rt := range routes() {
		if rt.who.roles() == nil {
			continue
		}
		path := strings.NewReplacer("/api/v1", "", "{id}", "usr_{nobody}", "{principal_id}", "usr_{nobody}").Replace(rt.path)
		a.step(step{name: "a user", method: rt.method, path: path, body: bodyOf(rt), status: 403})
		a.step(step{name: "nobody", as: "none", method: rt.method, path: path, body: bodyOf(rt), status: 401})
	}
}

func bodyOf(rt route) string {
	if rt.limit == noBody {
		return ""
	}
	return "{}"
}

func TestTenantsAndPartners(t *testing.T) {
	a := newAPI(t)
	a.vars["prt"] = a.Tenant.Partner.Format(engine.PrefixPartner)
	a.vars["tnt"] = a.Tenant.ID.Format(engine.PrefixTenant)
	a.vars["theirs"] = a.Foreigner.TenantID.Format(engine.PrefixTenant)
	as := func(who string, steps ...step) {
		t.Helper()
		for _, s := range steps {
			s.as = who
			a.step(s)
		}
	}
	const tenants = "/admin/partners/{p}/tenants"
	as("admin",
		step{name: "settings", method: "GET", path: "/admin/tenant", status: 200, has: []string{`"id":"{tnt}"`, `"status":"active"`, `"max_file_size_bytes":1099511627776`, `"default_share_quota_bytes":null`, `"version_retention_days":null`, `"vectorization_enabled":true`, `"require_mfa":false`, `"share_creation":"admins"`, `"invitations":true`, `"password_min_length":12`}},
		step{name: "change", method: "PATCH", path: "/admin/tenant", body: `{"display_name":"Ours","default_share_quota_bytes":7,"share_creation":"members","invitations":false,"vectorization_enabled":false,"trash_retention_days":9}`, status: 200, has: []string{`"display_name":"Ours"`, `"default_share_quota_bytes":7`, `"share_creation":"members"`, `"invitations":false`, `"vectorization_enabled":false`, `"trash_retention_days":9`, `"password_min_length":12`}},
		step{name: "too short", method: "PATCH", path: "/admin/tenant", body: `{"password_min_length":7}`, status: 422, has: []string{`["body","password_min_length"]`}},
		step{name: "no factors", method: "PATCH", path: "/admin/tenant", body: `{"require_mfa":true}`, status: 422, has: []string{`["body","require_mfa"]`}},
		step{name: "no choice", method: "PATCH", path: "/admin/tenant", body: `{"share_creation":"all"}`, status: 422},
		step{name: "its state", method: "PATCH", path: "/admin/tenant", body: `{"status":"suspended"}`, status: 422},
	)
	as("user",
		step{name: "a default quota", method: "POST", path: "/shares", body: `{"name":"C","share_type":"central"}`, status: 201, has: []string{`"quota_bytes":7`}},
		step{name: "no invitations", method: "POST", path: "/shares/{share}/invitations", body: `{"email":"x@example.com","role":"reader"}`, status: 403},
	)
	as("admin",
		step{name: "take the quota away", method: "PATCH", path: "/admin/tenant", body: `{"default_share_quota_bytes":0}`, status: 200, has: []string{`"default_share_quota_bytes":null`}},
		step{name: "a partner", method: "POST", path: "/admin/partners", body: `{"name":"Partner"}`, status: 201, keep: "p=id", has: []string{`"display_name":"Partner"`}},
		step{name: "again", method: "POST", path: "/admin/partners", body: `{"name":"PARTNER"}`, status: 409},
		step{name: "no name", method: "POST", path: "/admin/partners", body: `{"name":" "}`, status: 422},
		step{name: "partners", method: "GET", path: "/admin/partners", status: 200, has: []string{`"total":2`}},
		step{name: "a tenant", method: "POST", path: tenants, body: `{"name":"first","admin_email":"first@example.com"}`, status: 201, keep: "first=id", has: []string{`"partner_id":"{p}"`, `"invite":{"token":"`, `"admin_user_id":"usr_`}},
		step{name: "again", method: "POST", path: tenants, body: `{"name":"First","admin_email":"other@example.com"}`, status: 409},
		step{name: "a taken address", method: "POST", path: tenants, body: `{"name":"x","admin_email":"user@example.com"}`, status: 409},
		step{name: "no address", method: "POST", path: tenants, body: `{"name":"x","admin_email":"x"}`, status: 422, has: []string{`["body","admin_email"]`}},
		step{name: "of nobody", method: "POST", path: "/admin/partners/prt_{nobody}/tenants", body: `{"name":"x","admin_email":"x@example.com"}`, status: 404},
		step{name: "nothing of them is left", method: "GET", path: tenants, status: 200, has: []string{`"total":1`}},
		step{name: "its second", method: "POST", path: tenants, body: `{"name":"second","admin_email":"second@example.com"}`, status: 201, keep: "tok=invite.token"},
		step{name: "one's own partner", method: "POST", path: "/admin/partners/{prt}/suspend", status: 409},
		step{name: "an unknown partner", method: "POST", path: "/admin/partners/prt_{nobody}/suspend", status: 404},
		step{name: "a partner is shut out", method: "POST", path: "/admin/partners/{p}/suspend", status: 200, has: []string{`"status":"suspended"`}},
		step{name: "and let in", method: "POST", path: "/admin/partners/{p}/activate", status: 200, has: []string{`"status":"active"`}},
		step{name: "one's own", method: "POST", path: "/admin/partners/{prt}/tenants/{tnt}/suspend", status: 409},
		step{name: "another partner's", method: "POST", path: "/admin/partners/{p}/tenants/{tnt}/suspend", status: 404},
		step{name: "unknown", method: "POST", path: "/admin/partners/{p}/tenants/tnt_{nobody}/suspend", status: 404},
	)
	a.step(step{name: "its administrator", as: "nobody", method: "POST", path: "/auth/activate", body: `{"token":"{tok}","password":"a password for tests"}`, status: 204})
	second := a.signIn("second@example.com")
	a.vars["second"] = second.AccessToken
	as("second",
		step{name: "administers it", method: "GET", path: "/admin/users", status: 200, has: []string{`"total":1`}},
		step{name: "makes staff of the partner", method: "POST", path: "/admin/users", body: `{"email":"s@example.com","name":"S","admin_role":"partner_admin","password":"a password for tests"}`, status: 403},
		step{name: "and nothing beyond", method: "GET", path: "/shares/{share}", status: 404},
		step{name: "no partners", method: "GET", path: "/admin/partners", status: 403},
		step{name: "no tenants", method: "GET", path: tenants, status: 403},
	)
	// The staff of our partner: sees its tenants and nothing in them.
	as("admin",
		step{name: "staff", method: "POST", path: "/admin/users", body: `{"email":"staff@example.com","name":"Staff","admin_role":"partner_admin","password":"a password for tests"}`, status: 201},
	)
	a.vars["staff"] = a.signIn("staff@example.com").AccessToken
	as("staff",
		step{name: "its partner", method: "GET", path: "/admin/partners", status: 200, has: []string{`"total":1`, `"id":"{prt}"`}},
		step{name: "its tenants", method: "GET", path: "/admin/partners/{prt}/tenants", status: 200, has: []string{`"id":"{tnt}"`}},
		step{name: "not another's", method: "GET", path: tenants, status: 404, has: []string{`{"detail":"Partner not found"}`}},
		step{name: "nor an unknown one", method: "GET", path: "/admin/partners/prt_{nobody}/tenants", status: 404, has: []string{`{"detail":"Partner not found"}`}},
		step{name: "nor suspends there", method: "POST", path: "/admin/partners/{p}/tenants/{first}/suspend", status: 404},
		step{name: "makes no partner", method: "POST", path: "/admin/partners", body: `{"name":"x"}`, status: 403},
		step{name: "no users", method: "GET", path: "/admin/users", status: 403},
		step{name: "no content", method: "GET", path: "/shares/{share}", status: 404},
		step{name: "no list of shares", method: "GET", path: "/shares?all=true", status: 403},
		step{name: "a tenant", method: "POST", path: "/admin/partners/{prt}/tenants", body: `{"name":"third","admin_email":"third@example.com"}`, status: 201, keep: "third=id"},
	)
	as("admin", step{name: "suspend", method: "POST", path: tenants + "/{secondid}/suspend", status: 404})
	a.vars["secondid"] = a.tenantOf("second@example.com")
	as("admin", step{name: "suspend", method: "POST", path: tenants + "/{secondid}/suspend", status: 200, has: []string{`"status":"suspended"`}})
	as("second", step{name: "suspended", method: "GET", path: "/users/me", status: 403, has: []string{"The tenant is suspended"}})
	as("nobody",
		step{name: "no sign-in", method: "POST", path: "/auth/login", body: `{"email":"second@example.com","password":"a password for tests"}`, status: 403})
	as("admin", step{name: "activate", method: "POST", path: tenants + "/{secondid}/activate", status: 200, has: []string{`"status":"active"`}})
	a.step(step{name: "in again", as: "second", method: "GET", path: "/users/me", status: 200})
}

// tenantOf gives the ID of the tenant of an address.
func (a *api) tenantOf(email string) string {
	var me struct {
		TenantID string `json:"tenant_id"`
	}
	_, body := a.do("GET", "/api/v1/users/me", "", "Authorization", "Bearer "+a.signIn(email).AccessToken)
	if err := json.Unmarshal([]byte(body), &me); err != nil {
		a.t.Fatal(err)
	}
	return me.TenantID
}

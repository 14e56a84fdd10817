package httpd

import (
	"fmt"
	"testing"
	"time"
)

// again signs everybody in anew, after the clock has moved.
func (a *api) again() {
	for who, email := range map[string]string{"user": "user@example.com", "stranger": "stranger@example.com", "third": "third@example.com", "admin": "admin@example.com"} {
		a.vars[who] = a.signIn(email).AccessToken
	}
}

func TestSharesThatArchiveThemselves(t *testing.T) {
	a := peopled(t)
	end := a.Now().Add(time.Hour).Format(time.RFC3339)
	const path = "/shares/{share}"
	a.run([]step{
		{name: "at first", method: "GET", path: path, status: 200, has: []string{`"archive_at":null`, `"is_archived":false`}},
		{name: "a contributor", method: "POST", path: path + "/members", body: `{"principal_id":"{sid}","role":"contributor"}`, status: 201},
		{name: "who may not", as: "stranger", method: "PATCH", path: path, body: `{"archive_at":"` + end + `"}`, status: 403},
		{name: "out of sight", as: "third", method: "PATCH", path: path, body: `{"is_archived":true}`, status: 404},
		{name: "on its date", method: "PATCH", path: path, body: `{"archive_at":"` + end + `"}`, status: 200, has: []string{`"archive_at":"` + end, `"is_archived":false`}},
		{name: "still written", as: "stranger", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"n"}`, status: 201, keep: "n=id"},
		{name: "an upload begun", method: "POST", path: "/uploads", body: create("u.bin", 65536, ""), status: 201, keep: "up=session_id"},
		{name: "a comment", as: "stranger", method: "POST", path: "/files/{file}/comments", body: `{"text":"x"}`, status: 201, keep: "c=id"},
		{name: "both", method: "PATCH", path: path, body: `{"archive_at":"` + end + `","is_archived":true}`, status: 422},
		{name: "a central one", as: "admin", method: "POST", path: "/shares", body: `{"name":"C","share_type":"central","archive_at":"` + end + `"}`, status: 422, has: []string{`["body","archive_at"]`}},
		{name: "made with a date", method: "POST", path: "/shares", body: `{"name":"P","share_type":"project","archive_at":"` + end + `"}`, status: 201, has: []string{`"archive_at":"` + end}},
		{name: "made over", method: "POST", path: "/shares", body: `{"name":"P","share_type":"project","archive_at":"2020-01-01T00:00:00Z"}`, status: 422},
	})
	a.Pass(time.Hour)
	a.again()
	read := []step{
		{name: "shown", method: "GET", path: path, status: 200, has: []string{`"is_archived":true`}},
		{name: "listed", as: "stranger", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"is_archived":true`}},
		{name: "read", as: "stranger", method: "GET", path: "/files/{file}/content", status: 200, has: []string{"one"}},
	}
	for _, who := range []string{"user", "stranger", "admin"} {
		read = append(read, []step{
			{name: "make", as: who, method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"m"}`, status: 403},
			{name: "upload", as: who, method: "POST", path: "/files", body: upload("m.txt", "m"), status: 403},
			{name: "rename", as: who, method: "PATCH", path: "/files/{file}", body: `{"name":"x"}`, status: 403},
			{name: "delete", as: who, method: "DELETE", path: "/files/{file}", status: 403},
			{name: "tag", as: who, method: "PUT", path: "/files/{file}/tags", body: `{"tags":["x"]}`, status: 403},
			{name: "comment", as: who, method: "POST", path: "/files/{file}/comments", body: `{"text":"y"}`, status: 403},
			{name: "change a comment", as: "stranger", method: "PATCH", path: "/comments/{c}", body: `{"text":"y"}`, status: 403},
			{name: "empty the trash", as: who, method: "DELETE", path: "/trash?share_id={share}", status: 403},
			{name: "move out", as: who, method: "POST", path: "/files/{file}/move", body: `{"target_folder_id":"{n}"}`, status: 403},
		}...)
	}
	a.run(append(read, []step{
		{name: "a part of what was begun", method: "PUT", path: "/uploads/{up}/chunks/0", body: string(make([]byte, 65536)), status: 403, has: []string{"archived"}},
		{name: "does not end", method: "POST", path: "/uploads/{up}/complete", status: 403},
		{name: "members come", method: "POST", path: path + "/members", body: `{"principal_id":"{thirdid}","role":"reader"}`, status: 201},
		{name: "and go", method: "DELETE", path: path + "/members/{thirdid}", status: 204},
		{name: "opened by who may not", as: "stranger", method: "PATCH", path: path, body: `{"is_archived":false}`, status: 403},
		{name: "opened", method: "PATCH", path: path, body: `{"is_archived":false}`, status: 200, has: []string{`"archive_at":null`, `"is_archived":false`}},
		{name: "written", as: "stranger", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"m"}`, status: 201},
		{name: "archived by hand", as: "admin", method: "PATCH", path: path, body: `{"is_archived":true}`, status: 200, has: []string{`"is_archived":true`}},
		{name: "not written", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"o"}`, status: 403},
		{name: "deleted with all", method: "DELETE", path: path, status: 204},
	}...))
}

func TestSlugs(t *testing.T) {
	a := peopled(t)
	slug := func(s string) string { return fmt.Sprintf(`{"slug":%q}`, s) }
	steps := []step{
		{name: "none", method: "GET", path: "/shares/{share}", status: 200, has: []string{`"slug":null`}},
		{name: "no such", method: "GET", path: "/shares/work", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "given", method: "PATCH", path: "/shares/{share}", body: slug("work"), status: 200, has: []string{`"slug":"work"`}},
		{name: "by it", method: "GET", path: "/shares/work", status: 200, has: []string{`"id":"{share}"`}},
		{name: "members by it", method: "GET", path: "/shares/work/members", status: 200, has: []string{`"total":1`}},
		{name: "a member by it", method: "POST", path: "/shares/work/members", body: `{"principal_id":"{thirdid}","role":"reader"}`, status: 201},
		{name: "not again", method: "DELETE", path: "/shares/work/members/{thirdid}", status: 204},
		{name: "invitations by it", method: "GET", path: "/shares/work/invitations", status: 200},
		{name: "of my shares", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"slug":"work"`}},
		{name: "out of sight", as: "stranger", method: "GET", path: "/shares/work", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "foreign", as: "foreigner", method: "GET", path: "/shares/work", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "taken", method: "POST", path: "/shares", body: `{"name":"W","share_type":"project","slug":"work"}`, status: 409},
		{name: "taken by what is out of sight", as: "stranger", method: "POST", path: "/shares", body: `{"name":"W","share_type":"project","slug":"work"}`, status: 409, lacks: []string{"Work", "{share}"}},
		{name: "of another tenant", as: "foreigner", method: "POST", path: "/shares", body: `{"name":"W","share_type":"project","slug":"work"}`, status: 201, keep: "foreign=id"},
		{name: "still ours", method: "GET", path: "/shares/work", status: 200, has: []string{`"id":"{share}"`}},
		{name: "renamed by itself", method: "PATCH", path: "/shares/work", body: slug("work-2"), status: 200, has: []string{`"slug":"work-2"`}},
		{name: "the old one is free", method: "GET", path: "/shares/work", status: 404},
		{name: "for another", method: "PATCH", path: "/shares/{other}", body: slug("work"), status: 200},
		{name: "which is it", method: "GET", path: "/shares/work", status: 200, has: []string{`"id":"{other}"`}},
		{name: "the same again", method: "PATCH", path: "/shares/{other}", body: slug("work"), status: 200},
		{name: "deleted", method: "DELETE", path: "/shares/work", status: 204},
		{name: "is in the trash", method: "GET", path: "/shares/work", status: 410},
		{name: "and keeps it", method: "PATCH", path: "/shares/{share}", body: slug("work"), status: 409},
		{name: "back", method: "PATCH", path: "/shares/work", body: `{"is_deleted":false}`, status: 200, has: []string{`"slug":"work"`}},
		{name: "none any more", method: "PATCH", path: "/shares/work", body: slug(""), status: 200, has: []string{`"slug":null`}},
	}
	for _, bad := range []string{"Work", "-a", "a-", "a_b", "a b", "ä", "search", "discoverable", "shr_x", "a/b", fmt.Sprintf("%065d", 1)} {
		steps = append(steps, step{name: "bad " + bad, method: "PATCH", path: "/shares/{share}", body: slug(bad), status: 422, has: []string{`["body","slug"]`}})
	}
	a.run(append(steps, step{name: "64", method: "PATCH", path: "/shares/{share}", body: slug(fmt.Sprintf("%064d", 1)), status: 200}))
}

func TestJoining(t *testing.T) {
	a := peopled(t)
	const path = "/shares/{share}/join-requests"
	a.run([]step{
		{name: "private", as: "stranger", method: "POST", path: path, body: `{}`, status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "unknown", as: "stranger", method: "POST", path: "/shares/shr_{nobody}/join-requests", body: `{}`, status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "not listed", as: "stranger", method: "GET", path: "/shares/discoverable", status: 200, has: []string{`{"shares":[],"total":0}`}},
		{name: "discoverable", method: "PATCH", path: "/shares/{share}", body: `{"visibility":"discoverable"}`, status: 200, has: []string{`"visibility":"discoverable"`}},
		{name: "a bad one", method: "PATCH", path: "/shares/{share}", body: `{"visibility":"public"}`, status: 422},
		{name: "listed", as: "stranger", method: "GET", path: "/shares/discoverable", status: 200, has: []string{`"id":"{share}"`, `"owner_name":"user@example.com"`, `"joined":false`, `"request":null`, `"total":1`}, lacks: []string{"used_bytes"}},
		{name: "not elsewhere", as: "foreigner", method: "GET", path: "/shares/discoverable", status: 200, has: []string{`"total":0`}},
		{name: "nor to be asked", as: "foreigner", method: "POST", path: path, body: `{}`, status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "it is not open", as: "stranger", method: "GET", path: "/shares/{share}", status: 404},
		{name: "nor in a list", as: "stranger", method: "GET", path: "/shares", status: 200, lacks: []string{"{share}"}},
		{name: "ask", as: "stranger", method: "POST", path: path, body: `{"role":"contributor","message":"Let me in"}`, status: 201, has: []string{`"status":"open"`, `"user_id":"{sid}"`, `"share_name":"Work"`, `"message":"Let me in"`, `"answered_by":null`}},
		{name: "again", as: "stranger", method: "POST", path: path, body: `{}`, status: 409},
		{name: "to own", as: "third", method: "POST", path: path, body: `{"role":"owner"}`, status: 422},
		{name: "the owner", method: "POST", path: path, body: `{}`, status: 409},
		{name: "mine", as: "stranger", method: "GET", path: "/users/me/join-requests", status: 200, has: []string{`"share_id":"{share}"`, `"total":1`}},
		{name: "not theirs", as: "third", method: "GET", path: "/users/me/join-requests", status: 200, has: []string{`"total":0`}},
		{name: "listed with it", as: "stranger", method: "GET", path: "/shares/discoverable", status: 200, has: []string{`"request":"open"`}},
		{name: "for the owner", method: "GET", path: path, status: 200, has: []string{`"email":"stranger@example.com"`, `"total":1`}},
		{name: "not for others", as: "third", method: "GET", path: path, status: 404},
		{name: "answered by who asks", as: "stranger", method: "POST", path: path + "/{sid}/accept", body: `{}`, status: 404},
		{name: "of who did not ask", method: "POST", path: path + "/{thirdid}/accept", body: `{}`, status: 404},
		{name: "accept with less", method: "POST", path: path + "/{sid}/accept", body: `{"role":"reader"}`, status: 200, has: []string{`"status":"accepted"`, `"role":"reader"`, `"answered_by":"{uid}"`}},
		{name: "again", method: "POST", path: path + "/{sid}/accept", body: `{}`, status: 409},
		{name: "refuse then", method: "POST", path: path + "/{sid}/refuse", status: 409},
		{name: "in", as: "stranger", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"id":"{share}"`, `"role":"reader"`}},
		{name: "a reader does not answer", as: "stranger", method: "GET", path: path, status: 403},
		{name: "asks to be more", as: "stranger", method: "POST", path: path, body: `{"role":"admin"}`, status: 409},
		{name: "the third asks", as: "third", method: "POST", path: path, body: `{}`, status: 201},
		{name: "refused", as: "admin", method: "POST", path: path + "/{thirdid}/refuse", status: 200, has: []string{`"status":"refused"`}},
		{name: "knows", as: "third", method: "GET", path: "/users/me/join-requests", status: 200, has: []string{`"status":"refused"`}},
		{name: "asks again at once", as: "third", method: "POST", path: path, body: `{}`, status: 409, has: []string{"after a day"}},
		{name: "nor by way of withdrawing", as: "third", method: "DELETE", path: path + "/{thirdid}", status: 409},
		{name: "it is cleared away", method: "DELETE", path: path + "/{thirdid}", status: 204},
		{name: "asks again", as: "third", method: "POST", path: path, body: `{}`, status: 201},
		{name: "another's is not withdrawn", as: "stranger", method: "DELETE", path: path + "/{thirdid}", status: 403},
		{name: "withdraws", as: "third", method: "DELETE", path: path + "/{thirdid}", status: 204},
		{name: "twice", as: "third", method: "DELETE", path: path + "/{thirdid}", status: 404},
		{name: "asks again", as: "third", method: "POST", path: path, body: `{}`, status: 201},
		{name: "is deleted", as: "admin", method: "DELETE", path: "/admin/users/{thirdid}", status: 204},
		{name: "with the request", method: "GET", path: path, status: 200, has: []string{`"total":1`}, lacks: []string{"{thirdid}"}},
		{name: "private again", method: "PATCH", path: "/shares/{share}", body: `{"visibility":"private"}`, status: 200},
		{name: "not listed", as: "stranger", method: "GET", path: "/shares/discoverable", status: 200, has: []string{`"total":0`}},
		{name: "a personal one", method: "GET", path: "/users/me/shares", status: 200},
	})
	a.vars["personal"] = a.UserShare.ID.Format("shr_")
	a.run([]step{
		{name: "a personal one", method: "PATCH", path: "/shares/{personal}", body: `{"visibility":"discoverable"}`, status: 422, has: []string{`["body","visibility"]`}},
		{name: "nor archived", method: "PATCH", path: "/shares/{personal}", body: `{"is_archived":true}`, status: 422},
		{name: "made so", method: "POST", path: "/shares", body: `{"name":"Open","share_type":"project","visibility":"discoverable","slug":"open"}`, status: 201, keep: "open=id", has: []string{`"visibility":"discoverable"`, `"slug":"open"`}},
		{name: "asked by its slug", as: "stranger", method: "POST", path: "/shares/open/join-requests", body: `{}`, status: 201},
		{name: "archived", method: "PATCH", path: "/shares/open", body: `{"is_archived":true}`, status: 200},
		{name: "not listed", as: "admin", method: "GET", path: "/shares/discoverable", status: 200, has: []string{`"total":0`}},
		{name: "not asked", as: "admin", method: "POST", path: "/shares/open/join-requests", body: `{}`, status: 404},
		{name: "settings", method: "PATCH", path: "/shares/{share}", body: `{"settings":{"conflict_resolution":"MANUAL"}}`, status: 200, has: []string{`"settings":{"conflict_resolution":"MANUAL","trash_retention_days":null}`}},
		{name: "days in its trash", method: "PATCH", path: "/shares/{share}", body: `{"settings":{"trash_retention_days":7}}`, status: 200, has: []string{`"settings":{"conflict_resolution":"MANUAL","trash_retention_days":7}`}},
		{name: "no end", method: "PATCH", path: "/shares/{share}", body: `{"settings":{"trash_retention_days":0}}`, status: 200, has: []string{`"trash_retention_days":0`}},
		{name: "as the tenant says", method: "PATCH", path: "/shares/{share}", body: `{"settings":{"trash_retention_days":-1}}`, status: 200, has: []string{`"trash_retention_days":null`}},
		{name: "too many days", method: "PATCH", path: "/shares/{share}", body: `{"settings":{"trash_retention_days":36501}}`, status: 422, has: []string{`["body","settings","trash_retention_days"]`}},
		{name: "bad settings", method: "PATCH", path: "/shares/{share}", body: `{"settings":{"conflict_resolution":"LUCK"}}`, status: 422},
	})
}

// How much a share may hold is changed by who rules it, and beyond what the tenant gives
// each by an administrator of the tenant.
func TestShareQuota(t *testing.T) {
	a := peopled(t)
	set := func(n string) string { return `{"quota_bytes":` + n + `}` }
	a.run([]step{
		{name: "a member", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{sid}","role":"contributor"}`, status: 201},
		{name: "set", method: "PATCH", path: "/shares/{share}", body: set("10"), status: 200, has: []string{`"quota_bytes":10,`}},
		{name: "it holds", as: "stranger", method: "POST", path: "/files", body: upload("f", "0123456789abc"), status: 507, has: []string{"level share"}},
		{name: "not by a contributor", as: "stranger", method: "PATCH", path: "/shares/{share}", body: set("1000"), status: 403},
		{name: "nor out of sight", as: "third", method: "PATCH", path: "/shares/{share}", body: set("1000"), status: 404},
		{name: "below nothing", method: "PATCH", path: "/shares/{share}", body: set("-2"), status: 422, has: []string{`["body","quota_bytes"]`}},
		{name: "less than it holds", method: "PATCH", path: "/shares/{share}", body: set("0"), status: 200, has: []string{`"quota_bytes":0,`}},
		{name: "any amount", method: "PATCH", path: "/shares/{share}", body: set("-1"), status: 200, has: []string{`"quota_bytes":null`}},
		{name: "fits", as: "stranger", method: "POST", path: "/files", body: upload("f", "0123456789abc"), status: 201},
		{name: "the tenant gives", as: "admin", method: "PATCH", path: "/admin/tenant", body: `{"default_share_quota_bytes":100}`, status: 200},
		{name: "no more than that", method: "PATCH", path: "/shares/{share}", body: set("101"), status: 403, has: []string{"more than 100 bytes"}},
		{name: "nor for a new one", method: "POST", path: "/shares", body: `{"name":"N","share_type":"project","quota_bytes":101}`, status: 403},
		{name: "that much", method: "PATCH", path: "/shares/{share}", body: set("100"), status: 200},
		{name: "what it gives", method: "PATCH", path: "/shares/{share}", body: set("-1"), status: 200, has: []string{`"quota_bytes":100,`}},
		{name: "an administrator gives more", as: "admin", method: "PATCH", path: "/shares/{share}", body: set("101"), status: 200, has: []string{`"quota_bytes":101,`}},
		{name: "archived", method: "PATCH", path: "/shares/{share}", body: `{"is_archived":true}`, status: 200},
		{name: "which is said", method: "POST", path: "/files", body: upload("late", "x"), status: 403, has: []string{"The share is archived and can only be read: share/{share}"}},
		{name: "to a member, too", as: "stranger", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"late"}`, status: 403, has: []string{"archived"}},
		{name: "and an administrator", as: "admin", method: "DELETE", path: "/folders/{a}", status: 403, has: []string{"archived"}},
		{name: "but not to who sees nothing", as: "third", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"late"}`, status: 404, lacks: []string{"archived"}},
	})
}

// What a user's shares count together is bounded: at uploads, copies and moves, not
// when something that was there comes back.
func TestUserQuota(t *testing.T) {
	a := peopled(t)
	ten := "0123456789"
	a.run([]step{
		{name: "no quota", method: "GET", path: "/users/me/quota", status: 200, has: []string{`"used_bytes":3`, `"quota_bytes":null`, `"percent_used":null`}},
		{name: "set", as: "admin", method: "PATCH", path: "/admin/users/{uid}", body: `{"quota_bytes":23}`, status: 200},
		{name: "told", method: "GET", path: "/users/me/quota", status: 200, has: []string{`"quota_bytes":23`, `"percent_used":13`}},
		{name: "under", method: "POST", path: "/files", body: upload("u1", ten), status: 201, keep: "u1=id"},
		{name: "at", method: "POST", path: "/files", body: part("share_id", "{other}") + filePartText("u2", ten) + endOfForm, status: 201, keep: "u2=id"},
		{name: "over, in another share", method: "POST", path: "/files", body: upload("u3", "x"), status: 507, has: []string{"Quota exceeded at level user: 23 of 23 bytes are used, 1 more are needed"}},
		{name: "a session", method: "POST", path: "/uploads", body: create("u.bin", 65536, ""), status: 507, has: []string{"level user"}},
		{name: "a copy", method: "POST", path: "/files/{u1}/copy", body: `{"target_share_id":"{share}","name":"c"}`, status: 507, has: []string{"level user"}},
		{name: "a move within", method: "POST", path: "/files/{u2}/move", body: `{"target_share_id":"{share}"}`, status: 200},
		{name: "an empty file", method: "POST", path: "/files", body: upload("empty", ""), status: 201},
		{name: "to the trash", method: "DELETE", path: "/files/{u1}", status: 204},
		{name: "still counts", method: "POST", path: "/files", body: upload("u4", "x"), status: 507},
		{name: "less", as: "admin", method: "PATCH", path: "/admin/users/{uid}", body: `{"quota_bytes":1}`, status: 200},
		{name: "comes back", method: "POST", path: "/files/{u1}/restore", status: 200},
		{name: "told over", method: "GET", path: "/users/me/quota", status: 200, has: []string{`"percent_used":2300`}},
		{name: "the tenant's", as: "admin", method: "PATCH", path: "/admin/tenant", body: `{"default_user_quota_bytes":24}`, status: 200},
		{name: "not for who has their own", method: "POST", path: "/files", body: upload("u5", "x"), status: 507},
		{name: "without their own", as: "admin", method: "PATCH", path: "/admin/users/{uid}", body: `{"quota_bytes":0}`, status: 200},
		{name: "it holds", method: "POST", path: "/files", body: upload("u5", "xx"), status: 507, has: []string{"23 of 24"}},
		{name: "up to it", method: "POST", path: "/files", body: upload("u5", "x"), status: 201, keep: "u5=id"},
		{name: "a member writes on the owner's account", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{sid}","role":"contributor"}`, status: 201},
		{name: "and is refused by it", as: "stranger", method: "POST", path: "/files", body: upload("u6", "x"), status: 507, has: []string{"level user"}},
		{name: "not in theirs", as: "stranger", method: "POST", path: "/shares", body: `{"name":"Mine","share_type":"project"}`, status: 201, keep: "mine=id"},
		{name: "which has room", as: "stranger", method: "POST", path: "/files", body: part("share_id", "{mine}") + filePartText("m", ten) + endOfForm, status: 201, keep: "m=id"},
		{name: "from there it can't come", as: "stranger", method: "POST", path: "/files/{m}/move", body: `{"target_share_id":"{share}"}`, status: 507, has: []string{"level user"}},
		{name: "a group owns", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"G"}`, status: 201, keep: "g=id"},
		{name: "it", method: "POST", path: "/permissions/ownership/share/{share}/transfer", body: `{"new_owner_id":"{g}"}`, status: 200},
		{name: "no user's quota", method: "POST", path: "/files", body: upload("u7", ten), status: 201},
		{name: "negative", as: "admin", method: "PATCH", path: "/admin/tenant", body: `{"default_user_quota_bytes":-1}`, status: 422},
	})
}

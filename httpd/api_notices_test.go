package httpd

import (
	"encoding/json"
	"strings"
	"testing"

	"scaidrive/httpd/wire"
)

// told gives the kinds of a caller's notices, the newest first; "-" stands before one that
// is read.
func (a *api) told(who string) string {
	a.t.Helper()
	var out wire.Notices
	if err := json.Unmarshal([]byte(a.step(step{name: "notices", as: who, method: "GET", path: "/notices", status: 200})), &out); err != nil {
		a.t.Fatal(err)
	}
	var kinds []string
	for _, n := range out.Notices {
		if n.ReadAt != nil {
			n.Kind = "-" + n.Kind
		}
		kinds = append(kinds, n.Kind)
	}
	return strings.Join(kinds, " ")
}

func (a *api) isTold(who, want string) {
	a.t.Helper()
	if got := a.told(who); got != want {
		a.t.Errorf("%s is told %q, want %q", who, got, want)
	}
}

func TestNotices(t *testing.T) {
	a := peopled(t)
	const at = "/notices"
	a.run([]step{
		{name: "none", as: "stranger", method: "GET", path: at, status: 200, has: []string{`{"notices":[],"total":0,"unread":0}`}},
		{name: "added", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{sid}","role":"reader"}`, status: 201},
		{name: "told", as: "stranger", method: "GET", path: at, status: 200, keep: "n=notices.0.id", has: []string{
			`"kind":"share_added"`, `"read_at":null`, `"by_id":"{uid}"`, `"by_name":"user@example.com"`, `"share_id":"{share}"`, `"share_name":"Work"`,
			`"resource_id":null`, `"role":"reader"`, `"ends_at":null`, `"total":1,"unread":1}`}, lacks: []string{"join_request"}},
		{name: "not the foreigner", as: "foreigner", method: "GET", path: at, status: 200, has: []string{`"total":0`}},
		{name: "changed", method: "PATCH", path: "/shares/{share}/members/{sid}", body: `{"role":"contributor","expires_at":"2027-01-01T00:00:00Z"}`, status: 200},
		{name: "told", as: "stranger", method: "GET", path: at + "?limit=1", status: 200, has: []string{`"kind":"role_changed"`, `"role":"contributor"`, `"ends_at":"2027-01-01T00:00:00Z"`, `"total":2,"unread":2`}, keep: "token=next_page_token"},
		{name: "go on", as: "stranger", method: "GET", path: at + "?limit=1&page_token={token}", status: 200, has: []string{`"kind":"share_added"`, `"total":2`}, lacks: []string{"next_page_token"}},
		{name: "by another", method: "GET", path: at + "?page_token={token}", status: 422},
		{name: "no token", as: "stranger", method: "GET", path: at + "?page_token=x", status: 422, has: []string{"page_token"}},
		{name: "both", as: "stranger", method: "GET", path: at + "?offset=1&page_token={token}", status: 422},
		{name: "an offset", as: "stranger", method: "GET", path: at + "?offset=1", status: 200, has: []string{`"kind":"share_added"`}, lacks: []string{"role_changed"}},
		{name: "no truth", as: "stranger", method: "GET", path: at + "?unread=maybe", status: 422},
		{name: "too many", as: "stranger", method: "GET", path: at + "?limit=1001", status: 422},
		{name: "another reads it", method: "POST", path: at + "/read", body: `{"ids":["{n}"]}`, status: 200, has: []string{`{"unread":0}`}},
		{name: "read", as: "stranger", method: "POST", path: at + "/read", body: `{"ids":["{n}","ntc_{nobody}"]}`, status: 200, has: []string{`{"unread":1}`}},
		{name: "again", as: "stranger", method: "POST", path: at + "/read", body: `{"ids":["{n}"]}`, status: 200, has: []string{`{"unread":1}`}},
		{name: "unread", as: "stranger", method: "GET", path: at + "?unread=true", status: 200, has: []string{`"total":1,"unread":1`, `"role_changed"`}, lacks: []string{"share_added"}},
		{name: "before", as: "stranger", method: "POST", path: at + "/read", body: `{"until":"2020-01-01T00:00:00Z"}`, status: 200, has: []string{`{"unread":1}`}},
		{name: "all", as: "stranger", method: "POST", path: at + "/read", body: `{"until":"2100-01-01T00:00:00Z"}`, status: 200, has: []string{`{"unread":0}`}},
		{name: "nothing", as: "stranger", method: "POST", path: at + "/read", body: `{}`, status: 422, has: []string{`["body","ids"]`}},
		{name: "both", as: "stranger", method: "POST", path: at + "/read", body: `{"ids":["{n}"],"until":"2100-01-01T00:00:00Z"}`, status: 422},
		{name: "no ID", as: "stranger", method: "POST", path: at + "/read", body: `{"ids":["{share}"]}`, status: 422, has: []string{`["body","ids",0]`}},
		{name: "more", as: "stranger", method: "POST", path: at + "/read", body: `{"ids":["{n}"],"x":1}`, status: 422},
		{name: "500", as: "stranger", method: "POST", path: at + "/read", body: `{"ids":["{n}"` + strings.Repeat(`,"{n}"`, 499) + `]}`, status: 200},
		{name: "501", as: "stranger", method: "POST", path: at + "/read", body: `{"ids":["{n}"` + strings.Repeat(`,"{n}"`, 500) + `]}`, status: 422},
		{name: "removed", method: "DELETE", path: "/shares/{share}/members/{sid}", status: 204},
		{name: "nothing but that", as: "stranger", method: "GET", path: at, status: 200, has: []string{`"kind":"share_removed"`, `"share_id":null`, `"share_name":null`, `"by_id":null`, `"total":1,"unread":1`}, lacks: []string{"Work", "{share}", "{uid}", "user@example.com"}},
	})
	a.isTold("user", "")
}

// Invitations and requests to join, as those are told whom they concern.
func TestNoticesOfJoining(t *testing.T) {
	a := peopled(t)
	a.run([]step{
		{name: "invite", method: "POST", path: "/shares/{share}/invitations", body: `{"email":"Third@example.com","role":"reader","message":"Come"}`, status: 201, keep: "inv=id"},
		{name: "invite who is no user", method: "POST", path: "/shares/{share}/invitations", body: `{"email":"guest@example.com","role":"reader"}`, status: 201},
		{name: "told", as: "third", method: "GET", path: "/notices", status: 200, has: []string{`"kind":"invited"`, `"share_name":"Work"`, `"subject_id":"{inv}"`, `"role":"reader"`, `"by_name":"user@example.com"`, `"total":1`}},
		{name: "accepts", as: "third", method: "POST", path: "/users/me/invitations/{inv}/accept", status: 200},
		{name: "told", method: "GET", path: "/notices", status: 200, has: []string{`"kind":"invitation_accepted"`, `"by_name":"Third"`, `"share_id":"{share}"`}},
		{name: "a manager", method: "PATCH", path: "/shares/{share}/members/{thirdid}", body: `{"role":"admin"}`, status: 200},
		{name: "discoverable", method: "PATCH", path: "/shares/{share}", body: `{"visibility":"discoverable"}`, status: 200},
	})
	a.isTold("third", "role_changed")
	a.run([]step{
		{name: "ask", as: "stranger", method: "POST", path: "/shares/{share}/join-requests", body: `{"role":"contributor","message":"Let me in"}`, status: 201},
		{name: "told", as: "third", method: "GET", path: "/notices?limit=1", status: 200, has: []string{`"kind":"join_request"`, `"join_request":{"share_id":"{share}"`, `"message":"Let me in"`, `"email":"stranger@example.com"`}},
	})
	a.isTold("user", "join_request invitation_accepted")
	a.step(step{name: "no manager any more", method: "PATCH", path: "/shares/{share}/members/{thirdid}", body: `{"role":"reader"}`, status: 200})
	a.step(step{name: "who manages permissions is none", method: "POST", path: "/permissions/acl/share/{share}", body: ace("user", "{thirdid}", "allow", "READ MANAGE_PERMISSIONS"), status: 201})
	a.isTold("third", "role_changed role_changed")
	a.step(step{name: "refuse", method: "POST", path: "/shares/{share}/join-requests/{sid}/refuse", status: 200})
	a.isTold("user", "invitation_accepted")
	a.step(step{name: "told", as: "stranger", method: "GET", path: "/notices", status: 200, has: []string{`"kind":"join_refused"`, `"share_name":"Work"`, `"total":1`}})
	a.step(step{name: "hidden", method: "PATCH", path: "/shares/{share}", body: `{"visibility":"private"}`, status: 200})
	a.isTold("stranger", "")
	a.run([]step{
		{name: "discoverable", method: "PATCH", path: "/shares/{share}", body: `{"visibility":"discoverable"}`, status: 200},
		{name: "cleared", method: "DELETE", path: "/shares/{share}/join-requests/{sid}", status: 204},
		{name: "ask", as: "stranger", method: "POST", path: "/shares/{share}/join-requests", body: `{}`, status: 201},
		{name: "accept", method: "POST", path: "/shares/{share}/join-requests/{sid}/accept", body: `{}`, status: 200},
		{name: "told", as: "stranger", method: "GET", path: "/notices?limit=1", status: 200, has: []string{`"kind":"join_accepted"`, `"role":"reader"`, `"by_id":"{uid}"`}},
		{name: "archived", method: "PATCH", path: "/shares/{share}", body: `{"archive_at":"2020-01-01T00:00:00Z"}`, status: 200},
		{name: "told", as: "third", method: "GET", path: "/notices?limit=1", status: 200, has: []string{`"kind":"share_archived"`, `"ends_at":"`, `"share_name":"Work"`}},
		{name: "no more", method: "PATCH", path: "/shares/{share}", body: `{"is_archived":false}`, status: 200},
	})
	a.isTold("third", "role_changed role_changed")
	a.step(step{name: "given away", as: "admin", method: "POST", path: "/permissions/ownership/share/{share}/transfer", body: `{"new_owner_id":"{sid}"}`, status: 200})
	a.step(step{name: "the new owner", as: "stranger", method: "GET", path: "/notices?limit=1", status: 200, has: []string{`"kind":"share_added"`, `"role":"owner"`}})
	a.isTold("user", "share_removed")
}

func TestNoticesOfComments(t *testing.T) {
	a := peopled(t)
	const comments = "/files/{file}/comments"
	a.run([]step{
		{name: "one's own", method: "POST", path: comments, body: `{"text":"Mine, @user@example.com, (@stranger@example.com), @admin@example.org"}`, status: 201},
		{name: "a reader", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{thirdid}","role":"reader"}`, status: 201},
		{name: "asks", as: "third", method: "POST", path: comments, body: `{"text":"Is it done?"}`, status: 201},
		{name: "told", method: "GET", path: "/notices", status: 200, has: []string{`"kind":"comment"`, `"by_name":"Third"`, `"resource_type":"file"`, `"resource_id":"{file}"`, `"name":"f.txt"`, `"path":"/a/f.txt"`, `"count":1`, `"total":1`}},
		{name: "asks again", as: "third", method: "POST", path: comments, body: `{"text":"Is it?"}`, status: 201, keep: "c=id"},
		{name: "one notice", method: "GET", path: "/notices", status: 200, has: []string{`"count":2`, `"subject_id":"{c}"`, `"total":1`}},
		{name: "answers", method: "POST", path: comments, body: `{"text":"It is, @third@example.com."}`, status: 201},
	})
	a.isTold("stranger", "") // who may not read it: not now, and not later
	a.isTold("foreigner", "")
	a.isTold("third", "mention share_added")
	a.run([]step{
		{name: "another", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{sid}","role":"reader"}`, status: 201},
		{name: "joins in", as: "stranger", method: "POST", path: comments, body: `{"text":"Thank you"}`, status: 201, keep: "s=id"},
	})
	a.isTold("third", "comment mention share_added") // who wrote there is told of answers
	a.isTold("stranger", "share_added")
	a.step(step{name: "taken back", as: "stranger", method: "DELETE", path: "/comments/{s}", status: 204})
	a.isTold("third", "mention share_added")
	a.step(step{name: "denied", method: "POST", path: "/permissions/acl/file/{file}", body: ace("user", "{thirdid}", "deny", "READ"), status: 201})
	a.isTold("third", "share_added")
	a.step(step{name: "to the trash", method: "DELETE", path: "/files/{file}", status: 204})
	a.isTold("user", "")
	a.step(step{name: "back", method: "POST", path: "/files/{file}/restore", status: 200})
	a.isTold("user", "comment")
}

func TestNoticesOfWork(t *testing.T) {
	a := peopled(t)
	a.step(step{name: "a job", method: "POST", path: "/jobs", body: `{"kind":"move","items":[{"id":"{a}"},{"id":"{b}"}],"target":"{a}"}`, status: 202, keep: "job=id"})
	a.work()
	a.over("user", "job")
	a.step(step{name: "told", method: "GET", path: "/notices", status: 200, has: []string{`"kind":"job_failed"`, `"subject_id":"{job}"`, `"job_kind":"move"`, `"count":1`, `"total":1`}})
	a.step(step{name: "a good one", method: "POST", path: "/jobs", body: `{"kind":"delete","items":[{"id":"{b}"}]}`, status: 202, keep: "good=id"})
	a.over("user", "good")
	a.isTold("user", "job_failed")

	octets := []string{"Content-Type", "application/octet-stream"}
	for _, name := range []string{"base", "mine", "theirs"} {
		a.vars[name] = sumOf("content " + name)
	}
	a.step(step{name: "send", method: "POST", path: "/sync/chunks?share_id={share}", body: frames("content base", "content mine", "content theirs"), head: octets, status: 200})
	apply := func(strategy, change, sum string) string {
		return `{"device_id":"d","share_id":"{share}","conflict_resolution":"` + strategy + `","changes":[{"resource_type":"file",` + change + `,"content":{"size":` + itoa(len("content ")+len(sum)) +
			`,"checksum_sha256":"{` + sum + `}","chunks":[{"sha256":"{` + sum + `}","size":` + itoa(len("content ")+len(sum)) + `}]}}]}`
	}
	var r wire.ApplyResult
	if err := json.Unmarshal([]byte(a.step(step{name: "make", method: "POST", path: "/sync/apply", body: apply("MANUAL", `"change_type":"created","name":"c.txt"`, "base"), status: 200})), &r); err != nil {
		t.Fatal(err)
	}
	a.vars["f"], a.vars["v"] = r.Applied[0].Resource.ID, r.Applied[0].Resource.VersionID
	edit := `"change_type":"updated","resource_id":"{f}","base_version_id":"{v}"`
	a.step(step{name: "theirs", method: "POST", path: "/sync/apply", body: apply("MANUAL", edit, "theirs"), status: 200, has: []string{`"conflicts":[]`}})
	a.step(step{name: "mine", method: "POST", path: "/sync/apply", body: apply("MANUAL", edit, "mine"), status: 200, has: []string{`"status":"open"`}, keep: "cfl=conflicts.0.conflict.id"})
	a.step(step{name: "told", method: "GET", path: "/notices?limit=1", status: 200, has: []string{`"kind":"conflict"`, `"subject_id":"{cfl}"`, `"name":"c.txt"`, `"share_id":"{share}"`}})
	a.step(step{name: "settle", method: "POST", path: "/sync/conflicts/{cfl}/resolve?resolution=SERVER_WINS", status: 200})
	a.isTold("user", "job_failed")
}

// A page hears of notices as they come, and that they are read elsewhere.
func TestNoticesLive(t *testing.T) {
	a := peopled(t)
	page, _ := a.dial("/realtime/ws", "Authorization", "Bearer "+a.vars["stranger"])
	page.expect(`"event_type":"connected"`)
	a.step(step{name: "added", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{sid}","role":"reader"}`, status: 201})
	got := ""
	for !strings.Contains(got, `"notice"`) { // the list of shares has changed, too
		got = page.next()
	}
	for _, part := range []string{`"event_type":"notice"`, `"type":"notice"`, `"kind":"share_added"`, `"share_name":"Work"`, a.fill(`"share_id":"{share}"`)} {
		if !strings.Contains(got, part) {
			t.Errorf("the frame %s lacks %s", got, part)
		}
	}
	a.step(step{name: "read", as: "stranger", method: "POST", path: "/notices/read", body: `{"until":"2100-01-01T00:00:00Z"}`, status: 200, has: []string{`{"unread":0}`}})
	for got = page.next(); !strings.Contains(got, `"notice"`); got = page.next() {
	}
	if got != `{"event_type":"notice","type":"notice"}` {
		t.Errorf("read elsewhere: %s", got)
	}
}

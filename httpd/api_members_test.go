package httpd

import (
	"fmt"
	"testing"
	"time"

	"scaidrive/engine"
)

// peopled is an api with the IDs of its people, and a third user.
func peopled(t *testing.T) *api {
	a := newAPI(t)
	a.tree()
	a.step(step{name: "a third", as: "admin", method: "POST", path: "/admin/users", body: `{"email":"third@example.com","name":"Third","password":"a password for tests"}`, status: 201, keep: "thirdid=id"})
	a.vars["third"] = a.signIn("third@example.com").AccessToken
	for name, id := range map[string]engine.ID{"uid": a.User.ID, "sid": a.Stranger.User, "fid": a.Foreigner.User, "aid": a.Admin.ID} {
		a.vars[name] = id.Format(engine.PrefixUser)
	}
	return a
}

func TestMembersOfAShare(t *testing.T) {
	a := peopled(t)
	member := func(who, role string) string {
		return `{"principal_id":"` + who + `","role":"` + role + `"}`
	}
	const path = "/shares/{share}/members"
	a.run([]step{
		{name: "the owner alone", method: "GET", path: path, status: 200, has: []string{`"total":1`, `"role":"owner"`, `"principal_id":"{uid}"`}},
		{name: "unseen", as: "stranger", method: "GET", path: "/shares/{share}", status: 404},
		{name: "add", method: "POST", path: path, body: member("{sid}", "reader"), status: 201, has: []string{`"principal_type":"user"`, `"role":"reader"`, `"expires_at":null`, `"added_by":"{uid}"`, `"email":"stranger@example.com"`}},
		{name: "add again", method: "POST", path: path, body: member("{sid}", "admin"), status: 409},
		{name: "the owner", method: "POST", path: path, body: member("{uid}", "reader"), status: 409},
		{name: "another owner", method: "POST", path: path, body: member("{thirdid}", "owner"), status: 422, has: []string{`["body","role"]`}},
		{name: "no role", method: "POST", path: path, body: member("{thirdid}", "king"), status: 422},
		{name: "a foreigner", method: "POST", path: path, body: member("{fid}", "reader"), status: 422, has: []string{`["body","principal_id"]`}},
		{name: "nobody", method: "POST", path: path, body: member("usr_{nobody}", "reader"), status: 422, has: []string{`["body","principal_id"]`}},
		{name: "no group", method: "POST", path: path, body: member("grp_{nobody}", "reader"), status: 422},
		{name: "wrong type", method: "POST", path: path, body: `{"principal_type":"group","principal_id":"{thirdid}","role":"reader"}`, status: 422},
		{name: "past", method: "POST", path: path, body: `{"principal_id":"{thirdid}","role":"reader","expires_at":"2020-01-01T00:00:00Z"}`, status: 422, has: []string{`["body","expires_at"]`}},

		{name: "seen", as: "stranger", method: "GET", path: "/shares/{share}", status: 200},
		{name: "listed", as: "stranger", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"id":"{share}"`, `"role":"reader"`}},
		{name: "sees who", as: "stranger", method: "GET", path: path, status: 200, has: []string{`"total":2`}},
		{name: "a reader adds", as: "stranger", method: "POST", path: path, body: member("{thirdid}", "reader"), status: 403},
		{name: "a reader promotes", as: "stranger", method: "PATCH", path: path + "/{sid}", body: `{"role":"admin"}`, status: 403},
		{name: "a reader invites", as: "stranger", method: "POST", path: "/shares/{share}/invitations", body: `{"email":"x@example.com","role":"reader"}`, status: 403},
		{name: "a reader writes", as: "stranger", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"x"}`, status: 403},
		{name: "promoted", method: "PATCH", path: path + "/{sid}", body: `{"role":"contributor"}`, status: 200, has: []string{`"role":"contributor"`}},
		{name: "a contributor writes", as: "stranger", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"x"}`, status: 201},
		{name: "a contributor adds", as: "stranger", method: "POST", path: path, body: member("{thirdid}", "reader"), status: 403},
		{name: "promoted again", method: "PATCH", path: path + "/{sid}", body: `{"role":"admin"}`, status: 200},
		{name: "an administrator adds", as: "stranger", method: "POST", path: path, body: member("{thirdid}", "reader"), status: 201},
		{name: "but does not delete", as: "stranger", method: "DELETE", path: "/shares/{share}", status: 403},
		{name: "nor give it away", as: "stranger", method: "POST", path: "/permissions/ownership/share/{share}/transfer", body: `{"new_owner_id":"{sid}"}`, status: 403},
		{name: "nor remove the owner", as: "stranger", method: "DELETE", path: path + "/{uid}", status: 404},
		{name: "to owner", as: "stranger", method: "PATCH", path: path + "/{sid}", body: `{"role":"owner"}`, status: 422},
		{name: "nobody's role", method: "PATCH", path: path + "/usr_{nobody}", body: `{"role":"reader"}`, status: 404},
		{name: "leave", as: "third", method: "DELETE", path: path + "/{thirdid}", status: 204},
		{name: "left", as: "third", method: "GET", path: "/shares/{share}", status: 404},
		{name: "leave again", as: "third", method: "DELETE", path: path + "/{thirdid}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "remove", method: "DELETE", path: path + "/{sid}", status: 204},
		{name: "removed", as: "stranger", method: "GET", path: "/shares/{share}", status: 404},
		{name: "not listed", as: "stranger", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"total":0`}, lacks: []string{"{share}"}},
		{name: "remove again", method: "DELETE", path: path + "/{sid}", status: 404},
		{name: "members, out of sight", as: "stranger", method: "GET", path: path, status: 404},
		{name: "members, foreign", as: "foreigner", method: "GET", path: path, status: 404},
		{name: "add, foreign", as: "foreigner", method: "POST", path: path, body: member("{fid}", "reader"), status: 404},
	})
	// A membership with an end ends by itself.
	end := a.Now().Add(time.Hour).Format(time.RFC3339)
	a.run([]step{
		{name: "for an hour", method: "POST", path: path, body: `{"principal_id":"{sid}","role":"reader","expires_at":"` + end + `"}`, status: 201, has: []string{`"expires_at":"2026`}},
		{name: "seen", as: "stranger", method: "GET", path: "/shares/{share}", status: 200},
	})
	a.Pass(time.Hour)
	for _, who := range []string{"user", "stranger", "third", "admin"} {
		a.vars[who] = a.signIn(map[string]string{"user": "user@example.com", "stranger": "stranger@example.com", "third": "third@example.com", "admin": "admin@example.com"}[who]).AccessToken
	}
	a.run([]step{
		{name: "over", as: "stranger", method: "GET", path: "/shares/{share}", status: 404},
		{name: "over, list", as: "stranger", method: "GET", path: "/users/me/shares", status: 200, lacks: []string{"{share}"}},
		{name: "still told", method: "GET", path: path, status: 200, has: []string{`"total":2`}},
		{name: "given again", method: "POST", path: path, body: member("{sid}", "reader"), status: 201, has: []string{`"expires_at":null`}},
		{name: "with an end", method: "PATCH", path: path + "/{sid}", body: `{"expires_at":"2030-01-01T00:00:00Z"}`, status: 200, has: []string{`"expires_at":"2030`}},
		{name: "without", method: "PATCH", path: path + "/{sid}", body: `{"unlimited":true}`, status: 200, has: []string{`"expires_at":null`}},
	})
}

func TestGroupsInShares(t *testing.T) {
	a := peopled(t)
	a.run([]step{
		{name: "a group", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"G"}`, status: 201, keep: "g=id"},
		{name: "in it", as: "admin", method: "POST", path: "/admin/groups/{g}/members", body: `{"user_id":"{sid}"}`, status: 201},
		{name: "a member", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{g}","role":"contributor"}`, status: 201, has: []string{`"principal_type":"group"`, `"name":"G"`, `"email":null`}},
		{name: "seen by it", as: "stranger", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"id":"{share}"`, `"role":"contributor"`}},
		{name: "out of it", as: "admin", method: "DELETE", path: "/admin/groups/{g}/members/{sid}", status: 204},
		{name: "unseen", as: "stranger", method: "GET", path: "/shares/{share}", status: 404},
		{name: "in again", as: "admin", method: "POST", path: "/admin/groups/{g}/members", body: `{"user_id":"{sid}"}`, status: 201},
		{name: "seen, with the same token", as: "stranger", method: "GET", path: "/shares/{share}", status: 200},
		{name: "delete the group", as: "admin", method: "DELETE", path: "/admin/groups/{g}", status: 204},
		{name: "unseen", as: "stranger", method: "GET", path: "/shares/{share}", status: 404},
		{name: "made again", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"G"}`, status: 201, keep: "h=id"},
		{name: "in the new one", as: "admin", method: "POST", path: "/admin/groups/{h}/members", body: `{"user_id":"{sid}"}`, status: 201},
		{name: "which gives nothing", as: "stranger", method: "GET", path: "/shares/{share}", status: 404},

		// Owned by a group.
		{name: "to the group", method: "POST", path: "/permissions/ownership/share/{share}/transfer", body: `{"new_owner_id":"{h}"}`, status: 200, has: []string{`"owner_id":"{h}"`}},
		{name: "whoever is in it owns it", as: "stranger", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"id":"{share}"`, `"role":"owner"`}},
		{name: "who gave it is an administrator", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"id":"{share}"`, `"role":"admin"`}},
		{name: "and may not take it back", method: "POST", path: "/permissions/ownership/share/{share}/transfer", body: `{"new_owner_id":"{uid}"}`, status: 403},
		{name: "the owner deletes", as: "stranger", method: "DELETE", path: "/shares/{share}", status: 204},
		{name: "and brings back", as: "stranger", method: "PATCH", path: "/shares/{share}", body: `{"is_deleted":false}`, status: 200},
		{name: "the group goes", as: "admin", method: "DELETE", path: "/admin/groups/{h}?heir_id={thirdid}", status: 204},
		{name: "its heir", as: "third", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"id":"{share}"`, `"role":"owner"`}},
		{name: "not the others", as: "stranger", method: "GET", path: "/shares/{share}", status: 404},
	})
	a.vars["personal"] = a.UserShare.ID.Format("shr_")
	a.run([]step{
		{name: "a personal share", method: "POST", path: "/permissions/ownership/share/{personal}/transfer", body: `{"new_owner_id":"{sid}"}`, status: 409},
		{name: "to nobody", as: "admin", method: "POST", path: "/permissions/ownership/share/{share}/transfer", body: `{"new_owner_id":"usr_{nobody}"}`, status: 422, has: []string{`["body","new_owner_id"]`}},
		{name: "to a foreigner", as: "admin", method: "POST", path: "/permissions/ownership/share/{share}/transfer", body: `{"new_owner_id":"{fid}"}`, status: 422},
		{name: "by administrators", as: "admin", method: "POST", path: "/permissions/ownership/share/{share}/transfer", body: `{"new_owner_id":"{uid}"}`, status: 200},
		{name: "who had it has nothing", as: "third", method: "GET", path: "/shares/{share}", status: 404},
		{name: "unseen", as: "stranger", method: "POST", path: "/permissions/ownership/share/{share}/transfer", body: `{"new_owner_id":"{sid}"}`, status: 404},
		{name: "a share of a group's", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"Owners"}`, status: 201, keep: "o=id"},
		{name: "made for it", as: "admin", method: "POST", path: "/shares", body: `{"name":"Central","share_type":"central","owner_id":"{o}"}`, status: 201, has: []string{`"owner_id":"{o}"`}},
	})
}

func TestInvitations(t *testing.T) {
	a := peopled(t)
	const path = "/shares/{share}/invitations"
	body := func(email, role string) string {
		return fmt.Sprintf(`{"email":%q,"role":%q,"message":"Join us"}`, email, role)
	}
	a.run([]step{
		{name: "invite", method: "POST", path: path, body: body("STRANGER@example.com", "contributor"), status: 201, keep: "i=id", has: []string{`"share_name":"Work"`, `"message":"Join us"`, `"status":"open"`, `"role":"contributor"`, `/#invitation=inv_`}},
		{name: "again", method: "POST", path: path, body: body("stranger@example.com", "reader"), status: 409},
		{name: "owner", method: "POST", path: path, body: body("x@example.com", "owner"), status: 422},
		{name: "no address", method: "POST", path: path, body: body("x", "reader"), status: 422, has: []string{`["body","email"]`}},
		{name: "who owns it", method: "POST", path: path, body: body("user@example.com", "reader"), status: 409},
		{name: "another tenant's user", method: "POST", path: path, body: body("admin@example.org", "reader"), status: 201, keep: "f=id"},
		{name: "list", method: "GET", path: path, status: 200, has: []string{`"total":2`}},
		{name: "list, out of sight", as: "stranger", method: "GET", path: path, status: 404},
		{name: "not theirs", as: "foreigner", method: "GET", path: "/users/me/invitations", status: 200, has: []string{`{"invitations":[],"total":0}`}},
		{name: "nor to accept", as: "foreigner", method: "POST", path: "/users/me/invitations/{f}/accept", status: 404},
		{name: "take back", method: "DELETE", path: path + "/{f}", status: 204},
		{name: "take back again", method: "DELETE", path: path + "/{f}", status: 404},
		{name: "mine", as: "stranger", method: "GET", path: "/users/me/invitations", status: 200, has: []string{`"id":"{i}"`, `"share_id":"{share}"`, `"invited_by":"{uid}"`}},
		{name: "not another's", as: "third", method: "POST", path: "/users/me/invitations/{i}/accept", status: 404},
		{name: "unknown", as: "third", method: "POST", path: "/users/me/invitations/inv_{nobody}/accept", status: 404},
		{name: "accept", as: "stranger", method: "POST", path: "/users/me/invitations/{i}/accept", status: 200, has: []string{`{"share_id":"{share}","role":"contributor"}`}},
		{name: "accept again", as: "stranger", method: "POST", path: "/users/me/invitations/{i}/accept", status: 409},
		{name: "decline then", as: "stranger", method: "POST", path: "/users/me/invitations/{i}/decline", status: 409},
		{name: "a member", as: "stranger", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"id":"{share}"`, `"role":"contributor"`}},
		{name: "invite a member", method: "POST", path: path, body: body("stranger@example.com", "reader"), status: 409},
		{name: "invite the third", method: "POST", path: path, body: body("third@example.com", "reader"), status: 201, keep: "t=id"},
		{name: "decline", as: "third", method: "POST", path: "/users/me/invitations/{t}/decline", status: 204},
		{name: "decline again", as: "third", method: "POST", path: "/users/me/invitations/{t}/decline", status: 409},
		{name: "no member", as: "third", method: "GET", path: "/shares/{share}", status: 404},
		{name: "invite who is to come", method: "POST", path: path, body: body("new@example.com", "reader"), status: 201, keep: "n=id"},
		{name: "they come", as: "admin", method: "POST", path: "/admin/users", body: `{"email":"new@example.com","name":"New","password":"a password for tests"}`, status: 201, keep: "nid=id"},
		{name: "and go", as: "admin", method: "DELETE", path: "/admin/users/{nid}", status: 204},
		{name: "somebody else comes", as: "admin", method: "POST", path: "/admin/users", body: `{"email":"new@example.com","name":"New","password":"a password for tests"}`, status: 201},
		{name: "for a minute", method: "POST", path: path, body: `{"email":"third@example.com","role":"reader","expires_at":"2026-11-22T12:01:00Z"}`, status: 201, keep: "m=id"},
	})
	a.vars["new"] = a.signIn("new@example.com").AccessToken
	a.step(step{name: "and is not invited", as: "new", method: "GET", path: "/users/me/invitations", status: 200, has: []string{`"total":0`}})
	a.Pass(time.Minute)
	a.run([]step{
		{name: "over", as: "third", method: "POST", path: "/users/me/invitations/{m}/accept", status: 410},
		{name: "not listed", as: "third", method: "GET", path: "/users/me/invitations", status: 200, has: []string{`"total":0`}},
	})
}

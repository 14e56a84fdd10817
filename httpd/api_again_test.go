package httpd

import "testing"

// A user and a group who are deleted and made again under the same address and name are
// somebody else: of roles, entries, groups, requests and what they owned nothing is left.
func TestWhoIsMadeAgainHasNothing(t *testing.T) {
	a := peopled(t)
	const person = `{"email":"twice@example.com","name":"Twice","password":"a password for tests"}`
	a.run([]step{
		{name: "a person", as: "admin", method: "POST", path: "/admin/users", body: person, status: 201, keep: "p=id"},
		{name: "a group", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"Twice"}`, status: 201, keep: "g=id"},
		{name: "in it", as: "admin", method: "POST", path: "/admin/groups/{g}/members", body: `{"user_id":"{p}"}`, status: 201},
		{name: "the third, too", as: "admin", method: "POST", path: "/admin/groups/{g}/members", body: `{"user_id":"{thirdid}"}`, status: 201},
		{name: "role of the group", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{g}","role":"contributor"}`, status: 201},
		{name: "role of the person", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{p}","role":"admin"}`, status: 201},
		{name: "entry of the person", method: "POST", path: "/permissions/acl/file/{file}", body: ace("user", "{p}", "allow", "READ WRITE"), status: 201},
		{name: "entry of the group", method: "POST", path: "/permissions/acl/file/{file}", body: ace("group", "{g}", "allow", "READ"), status: 201},
		{name: "the third reads", as: "third", method: "GET", path: "/files/{file}", status: 200},
	})
	a.vars["before"] = a.signIn("twice@example.com").AccessToken
	a.run([]step{
		{name: "reads", as: "before", method: "GET", path: "/files/{file}", status: 200},
		{name: "a share of theirs", as: "before", method: "POST", path: "/shares", body: `{"name":"Owned","share_type":"project"}`, status: 201, keep: "owned=id"},
		{name: "the person goes", as: "admin", method: "DELETE", path: "/admin/users/{p}", status: 204},
		{name: "the group goes", as: "admin", method: "DELETE", path: "/admin/groups/{g}", status: 204},
		{name: "the third reads no more", as: "third", method: "GET", path: "/files/{file}", status: 404},
		{name: "the person comes", as: "admin", method: "POST", path: "/admin/users", body: person, status: 201, keep: "p2=id", lacks: []string{"{p}"}},
		{name: "the group comes", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"Twice"}`, status: 201, keep: "g2=id", lacks: []string{"{g}"}},
		{name: "in it", as: "admin", method: "POST", path: "/admin/groups/{g2}/members", body: `{"user_id":"{p2}"}`, status: 201},
		{name: "the third", as: "admin", method: "POST", path: "/admin/groups/{g2}/members", body: `{"user_id":"{thirdid}"}`, status: 201},
		{name: "the old token", as: "before", method: "GET", path: "/users/me", status: 401},
	})
	a.vars["after"] = a.signIn("twice@example.com").AccessToken
	for _, who := range []string{"after", "third"} {
		a.run([]step{
			{name: "nothing to read", as: who, method: "GET", path: "/files/{file}", status: 404},
			{name: "no share", as: who, method: "GET", path: "/shares/{share}", status: 404},
			{name: "not what was theirs", as: who, method: "GET", path: "/shares/{owned}", status: 404},
			{name: "no list", as: who, method: "GET", path: "/users/me/shares", status: 200, lacks: []string{"{share}", "{owned}"}},
			{name: "no change", as: who, method: "GET", path: "/sync/changes?share_id={share}", status: 404},
		})
	}
	a.run([]step{
		{name: "who was is somebody else", method: "GET", path: "/permissions/acl/file/{file}", status: 200, lacks: []string{"{p2}", "{g2}"}},
		{name: "no role is left", method: "GET", path: "/shares/{share}/members", status: 200, lacks: []string{"{p2}", "{g2}"}},
		{name: "nobody can name who was", method: "POST", path: "/permissions/acl/file/{file}", body: ace("user", "{p}", "allow", "READ"), status: 422},
		{name: "nor the group", method: "POST", path: "/permissions/acl/file/{file}", body: ace("group", "{g}", "allow", "READ"), status: 422},
		{name: "nor in a group", as: "admin", method: "POST", path: "/admin/groups/{g2}/members", body: `{"group_id":"{g}"}`, status: 422},
		{name: "an empty set", method: "POST", path: "/permissions/acl/file/{file}", body: `{"principal_type":"user","principal_id":"{p2}","ace_type":"allow","permissions":[]}`, status: 422},
	})
}

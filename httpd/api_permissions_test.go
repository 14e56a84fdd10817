package httpd

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"scaidrive/httpd/wire"
)

// ace is the body of an entry; more are further members.
func ace(kind, who, typ, rights string, more ...string) string {
	b := fmt.Sprintf(`{"principal_type":%q,"principal_id":%q,"ace_type":%q,"permissions":["%s"]`, kind, who, typ, strings.ReplaceAll(rights, " ", `","`))
	for _, m := range more {
		b += "," + m
	}
	return b + "}"
}

// grouped is a peopled api with a group {g}, in it the group {in}, in it the stranger.
func grouped(t *testing.T) *api {
	a := peopled(t)
	a.run([]step{
		{name: "a group", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"Outer"}`, status: 201, keep: "g=id"},
		{name: "a group in it", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"Inner"}`, status: 201, keep: "in=id"},
		{name: "nested", as: "admin", method: "POST", path: "/admin/groups/{g}/members", body: `{"group_id":"{in}"}`, status: 201},
		{name: "and back: a circle", as: "admin", method: "POST", path: "/admin/groups/{in}/members", body: `{"group_id":"{g}"}`, status: 201},
		{name: "in it", as: "admin", method: "POST", path: "/admin/groups/{in}/members", body: `{"user_id":"{sid}"}`, status: 201},
	})
	return a
}

func TestEntries(t *testing.T) {
	a := grouped(t)
	const acl = "/permissions/acl/folder/{a}"
	a.run([]step{
		{name: "none", method: "GET", path: acl, status: 200, has: []string{`"inherit_from_parent":true`, `"entries":[]`, `"owner_id":"{uid}"`, `Etag: "acl-`}},
		{name: "out of sight", as: "stranger", method: "GET", path: acl, status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "foreign", as: "foreigner", method: "GET", path: acl, status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "add", method: "POST", path: acl, body: ace("user", "{sid}", "allow", "READ WRITE"), status: 201, keep: "e=id",
			has: []string{`"id":"ace_`, `"principal_type":"user"`, `"principal_id":"{sid}"`, `"principal_email":"stranger@example.com"`, `"permissions":["READ","WRITE"]`, `"ace_type":"allow"`, `"applies_to":"this_and_descendants"`, `"inherit_to_children":true`, `"inherited_from":null`, `"created_by":"{uid}"`}},
		{name: "counts at once", as: "stranger", method: "GET", path: "/folders/{a}", status: 200},
		{name: "below, too", as: "stranger", method: "GET", path: "/files/{file}", status: 200},
		{name: "beside it: not", as: "stranger", method: "GET", path: "/folders/{b}", status: 404},
		{name: "the share is listed, without a role", as: "stranger", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"id":"{share}"`, `"role":null`, `"total":1`}},
		{name: "but entries are not theirs to read", as: "stranger", method: "GET", path: acl, status: 403, has: []string{"MANAGE_PERMISSIONS on folder/"}},
		{name: "nor to write", as: "stranger", method: "POST", path: acl, body: ace("user", "{sid}", "allow", "DELETE"), status: 403},
		{name: "nor to put", as: "stranger", method: "PUT", path: acl, body: `{"entries":[]}`, status: 403},
		{name: "nor to remove", as: "stranger", method: "DELETE", path: acl, body: `{"principal_type":"user","principal_id":"{sid}","ace_type":"allow"}`, status: 403},
		{name: "nor to cut", as: "stranger", method: "PUT", path: acl + "/inheritance", body: `{"inherit_from_parent":false}`, status: 403},
		{name: "nor to take", as: "stranger", method: "POST", path: "/permissions/ownership/folder/{a}/transfer", body: `{"new_owner_id":"{sid}"}`, status: 403},
		{name: "the same again replaces", method: "POST", path: acl, body: ace("user", "{sid}", "allow", "READ"), status: 200, has: []string{`"id":"{e}"`, `"permissions":["READ"]`}},
		{name: "less", as: "stranger", method: "PATCH", path: "/files/{file}", body: `{"name":"x"}`, status: 403},
		{name: "another scope is another entry", method: "POST", path: acl, body: ace("user", "{sid}", "allow", "WRITE", `"inherit_to_children":false`), status: 201, has: []string{`"applies_to":"this_only"`, `"inherit_to_children":false`}},
		{name: "applies_to goes before", method: "POST", path: acl, body: ace("group", "{g}", "allow", "READ", `"inherit_to_children":false`, `"applies_to":"files_only"`, `"one_level":true`), status: 201, has: []string{`"applies_to":"files_only"`, `"one_level":true`, `"principal_name":"Outer"`, `"principal_email":null`}},
		{name: "a denial comes first", method: "POST", path: acl, body: ace("everyone", "everyone", "deny", "DELETE"), status: 201, has: []string{`"principal_type":"everyone"`, `"principal_id":"everyone"`, `"principal_name":null`}},
		{name: "in order", method: "GET", path: acl, status: 200, keep: "x=resource_id", has: []string{`"entries":[{"id":"ace_`}},
		{name: "of the file below", method: "GET", path: "/permissions/acl/file/{file}", status: 200, has: []string{`"inherited_from":{"resource_type":"folder","resource_id":"{a}","path":"/a"}`, `"applies_to":"this_only"`}},
		{name: "removed by principal and type", method: "DELETE", path: acl, body: `{"principal_type":"user","principal_id":"{sid}","ace_type":"allow","applies_to":"this_only"}`, status: 204},
		{name: "again", method: "DELETE", path: acl, body: `{"principal_type":"user","principal_id":"{sid}","ace_type":"allow","applies_to":"this_only"}`, status: 404},
		{name: "everyone's", method: "DELETE", path: acl, body: `{"principal_type":"everyone","ace_type":"deny"}`, status: 204},
		{name: "all", method: "DELETE", path: acl, body: `{"principal_type":"user","principal_id":"{sid}","ace_type":"allow"}`, status: 204},
		{name: "the group's stays", as: "stranger", method: "GET", path: "/files/{file}", status: 200},
		{name: "the group goes", method: "DELETE", path: acl, body: `{"principal_type":"group","principal_id":"{g}","ace_type":"allow"}`, status: 204},
		{name: "gone at once", as: "stranger", method: "GET", path: "/files/{file}", status: 404},
		{name: "the share is not listed", as: "stranger", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"total":0`}},

		// On the share, and on a file.
		{name: "on the share", method: "POST", path: "/permissions/acl/share/{share}", body: ace("everyone", "", "allow", "READ"), status: 201},
		{name: "everyone of the tenant reads", as: "third", method: "GET", path: "/files/{file}", status: 200},
		{name: "and lists it", as: "third", method: "GET", path: "/shares", status: 200, has: []string{`"id":"{share}"`}},
		{name: "another tenant does not", as: "foreigner", method: "GET", path: "/files/{file}", status: 404},
		{name: "told as inherited from the share", method: "GET", path: acl, status: 200, has: []string{`"inherited_from":{"resource_type":"share","resource_id":"{share}","path":"/"}`}},
		{name: "a denial on the file", method: "POST", path: "/permissions/acl/file/{file}", body: ace("user", "{thirdid}", "deny", "READ"), status: 201},
		{name: "shuts out", as: "third", method: "GET", path: "/files/{file}", status: 404},
		{name: "the share of nobody", method: "GET", path: "/permissions/acl/share/shr_{nobody}", status: 404},
		{name: "deleted", method: "DELETE", path: "/files/{file}", status: 204},
		{name: "is gone", method: "GET", path: "/permissions/acl/file/{file}", status: 410},
	})
}

// What is wrong is told with the field.
func TestBadEntries(t *testing.T) {
	a := grouped(t)
	const acl = "/permissions/acl/folder/{a}"
	good := ace("user", "{sid}", "allow", "READ")
	type bad struct{ name, body, loc string }
	for _, b := range []bad{
		{"no principal", `{"principal_type":"user","ace_type":"allow","permissions":["READ"]}`, `["body","principal_id"]`},
		{"an unknown user", ace("user", "usr_{nobody}", "allow", "READ"), `["body","principal_id"]`},
		{"a foreign user", ace("user", "{fid}", "allow", "READ"), `["body","principal_id"]`},
		{"an unknown group", ace("group", "grp_{nobody}", "deny", "READ"), `["body","principal_id"]`},
		{"an ID of something else", ace("user", "{a}", "allow", "READ"), `["body","principal_id"]`},
		{"a group as a user", ace("user", "{g}", "allow", "READ"), `["body","principal_type"]`},
		{"a kind of principal", ace("robot", "{sid}", "allow", "READ"), `["body","principal_type"]`},
		{"somebody as everyone", ace("everyone", "{sid}", "allow", "READ"), `["body","principal_id"]`},
		{"no rights", `{"principal_type":"user","principal_id":"{sid}","ace_type":"allow","permissions":[]}`, `["body","permissions"]`},
		{"no list of rights", `{"principal_type":"user","principal_id":"{sid}","ace_type":"allow"}`, `["body","permissions"]`},
		{"an unknown right", ace("user", "{sid}", "allow", "READ EXECUTE"), `["body","permissions",1]`},
		{"a right as a number", `{"principal_type":"user","principal_id":"{sid}","ace_type":"allow","permissions":[1]}`, `["body","permissions",0]`},
		{"a type", ace("user", "{sid}", "audit", "READ"), `["body","ace_type"]`},
		{"a choice", ace("user", "{sid}", "allow", "READ", `"applies_to":"grandchildren"`), `["body","applies_to"]`},
		{"one level of nothing", ace("user", "{sid}", "allow", "READ", `"applies_to":"this_only","one_level":true`), `["body","one_level"]`},
		{"a field too much", ace("user", "{sid}", "allow", "READ", `"expires_at":"2030-01-01T00:00:00Z"`), `["body","expires_at"]`},
	} {
		a.step(step{name: b.name, method: "POST", path: acl, body: b.body, status: 422, has: []string{b.loc}})
	}
	for _, b := range []bad{
		{"not in canonical order", `{"entries":[` + good + `,` + ace("group", "{g}", "deny", "WRITE") + `]}`, `["body","entries",1,"ace_type"]`},
		{"twice", `{"entries":[` + good + `,` + ace("user", "{sid}", "allow", "WRITE") + `]}`, `["body","entries",1,"applies_to"]`},
		{"an empty set", `{"entries":[` + good + `,{"principal_type":"everyone","ace_type":"allow","permissions":[]}]}`, `["body","entries",1,"permissions"]`},
		{"a foreigner", `{"entries":[` + ace("user", "{fid}", "allow", "READ") + `]}`, `["body","entries",0,"principal_id"]`},
		{"an unknown right", `{"entries":[` + ace("user", "{sid}", "allow", "READ X") + `]}`, `["body","entries",0,"permissions",1]`},
		{"no entries", `{}`, `["body","entries"]`},
	} {
		a.step(step{name: b.name, method: "PUT", path: acl, body: b.body, status: 422, has: []string{b.loc}})
	}
	many := strings.TrimSuffix(strings.Repeat(good+",", 1001), ",")
	a.run([]step{
		{name: "too many", method: "PUT", path: acl, body: `{"entries":[` + many + `]}`, status: 422, has: []string{`["body","entries"]`}},
		{name: "below a file", method: "POST", path: "/permissions/acl/file/{file}", body: ace("user", "{sid}", "allow", "READ", `"applies_to":"files_only"`), status: 422, has: []string{`["body","applies_to"]`}},
		{name: "one level of a file", method: "POST", path: "/permissions/acl/file/{file}", body: ace("user", "{sid}", "allow", "READ", `"one_level":true`), status: 422, has: []string{`["body","one_level"]`}},
		{name: "cut a share", method: "PUT", path: "/permissions/acl/share/{share}/inheritance", body: `{"inherit_from_parent":false}`, status: 422, has: []string{`["body","inherit_from_parent"]`}},
		{name: "cut a share by its list", method: "PUT", path: "/permissions/acl/share/{share}", body: `{"entries":[],"inherit_from_parent":false}`, status: 422, has: []string{`["body","inherit_from_parent"]`}},
		{name: "cut its root folder", method: "PUT", path: "/permissions/acl/folder/{root}/inheritance", body: `{"inherit_from_parent":false}`, status: 404},
		{name: "copy and inherit", method: "PUT", path: acl + "/inheritance", body: `{"inherit_from_parent":true,"copy_inherited":true}`, status: 422, has: []string{`["body","copy_inherited"]`}},
		{name: "of a job", method: "GET", path: "/permissions/acl/job/{a}", status: 404},
		{name: "a file as a folder", method: "GET", path: "/permissions/acl/folder/{file}", status: 404},
		{name: "not an ID", method: "GET", path: "/permissions/acl/folder/1", status: 404},
		{name: "a deleted user", as: "admin", method: "DELETE", path: "/admin/users/{thirdid}", status: 204},
		{name: "gets nothing", method: "POST", path: acl, body: ace("user", "{thirdid}", "allow", "READ"), status: 422, has: []string{`["body","principal_id"]`}},
		{name: "nothing was written", method: "GET", path: acl, status: 200, has: []string{`"entries":[]`}},
	})
}

func TestPutEntries(t *testing.T) {
	a := grouped(t)
	const acl = "/permissions/acl/folder/{a}"
	tag := func() string {
		res, _ := a.do("GET", "/api/v1"+a.fill(acl), "", "Authorization", "Bearer "+a.vars["user"])
		return res.Header.Get("ETag")
	}
	a.vars["tag"] = tag()
	both := `{"entries":[` + ace("group", "{g}", "deny", "WRITE") + `,` + ace("user", "{sid}", "allow", "READ WRITE") + `]}`
	a.run([]step{
		{name: "put", method: "PUT", path: acl, body: both, head: []string{"If-Match", "{tag}"}, status: 200, has: []string{`"ace_type":"deny"`, `"ace_type":"allow"`, `Etag: "acl-`}},
		{name: "from an old state", method: "PUT", path: acl, body: `{"entries":[]}`, head: []string{"If-Match", "{tag}"}, status: 412},
		{name: "add from an old state", method: "POST", path: acl, body: ace("user", "{sid}", "deny", "READ"), head: []string{"If-Match", "{tag}"}, status: 412},
		{name: "remove from an old state", method: "DELETE", path: acl, body: `{"principal_type":"group","principal_id":"{g}","ace_type":"deny"}`, head: []string{"If-Match", "{tag}"}, status: 412},
		{name: "cut from an old state", method: "PUT", path: acl + "/inheritance", body: `{"inherit_from_parent":false}`, head: []string{"If-Match", "{tag}"}, status: 412},
		{name: "reads, does not write", as: "stranger", method: "PATCH", path: "/files/{file}", body: `{"name":"x"}`, status: 403},
	})
	first := a.step(step{name: "list", method: "GET", path: acl, status: 200})
	a.vars["tag"] = tag()
	again := a.step(step{name: "the same again", method: "PUT", path: acl, body: both, head: []string{"If-Match", "{tag}"}, status: 200, has: []string{"Etag: {tag}"}})
	if first != again {
		t.Errorf("the same list put again:\n%s\n%s", first, again)
	}
	a.run([]step{
		{name: "any", method: "PUT", path: acl, body: `{"entries":[],"inherit_from_parent":false}`, head: []string{"If-Match", "*"}, status: 200, has: []string{`"entries":[]`, `"inherit_from_parent":false`}},
		{name: "gone", as: "stranger", method: "GET", path: "/files/{file}", status: 404},
	})
}

func TestInheritance(t *testing.T) {
	a := grouped(t)
	a.run([]step{
		{name: "inner", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"{a}","name":"inner"}`, status: 201, keep: "inner=id"},
		{name: "file", method: "POST", path: "/files", body: upload("deep.txt", "x", "folder_id", "{inner}"), status: 201, keep: "deep=id"},
		{name: "at the top", method: "POST", path: "/permissions/acl/share/{share}", body: ace("user", "{sid}", "allow", "READ WRITE"), status: 201},
		{name: "a denial below", method: "POST", path: "/permissions/acl/folder/{a}", body: ace("group", "{g}", "deny", "WRITE", `"applies_to":"descendants_only"`), status: 201},
		{name: "reads", as: "stranger", method: "GET", path: "/files/{deep}", status: 200},
		{name: "does not write", as: "stranger", method: "PATCH", path: "/files/{deep}", body: `{"name":"x"}`, status: 403},
		{name: "what inner inherits", method: "GET", path: "/permissions/acl/folder/{inner}", status: 200, has: []string{`"resource_id":"{a}"`, `"resource_id":"{share}"`, `"applies_to":"this_and_descendants"`}, lacks: []string{"descendants_only"}},
		{name: "cut with a copy", method: "PUT", path: "/permissions/acl/folder/{inner}/inheritance", body: `{"inherit_from_parent":false,"copy_inherited":true}`, status: 200, has: []string{`{"resource_type":"folder","resource_id":"{inner}","inherit_from_parent":false}`}},
		{name: "again", method: "PUT", path: "/permissions/acl/folder/{inner}/inheritance", body: `{"inherit_from_parent":false}`, status: 200},
		{name: "explicit now", method: "GET", path: "/permissions/acl/folder/{inner}", status: 200, has: []string{`"inherit_from_parent":false`, `"ace_type":"deny"`, `"ace_type":"allow"`}, lacks: []string{`"resource_id":"{share}"`}},
		{name: "still reads", as: "stranger", method: "GET", path: "/files/{deep}", status: 200},
		{name: "still does not write", as: "stranger", method: "PATCH", path: "/files/{deep}", body: `{"name":"x"}`, status: 403},
		{name: "above it goes", method: "DELETE", path: "/permissions/acl/share/{share}", body: `{"principal_type":"user","principal_id":"{sid}","ace_type":"allow"}`, status: 204},
		{name: "the copy stays", as: "stranger", method: "GET", path: "/files/{deep}", status: 200},
		{name: "above it does not", as: "stranger", method: "GET", path: "/files/{file}", status: 404},
		{name: "no copies", method: "PUT", path: "/permissions/acl/folder/{inner}", body: `{"entries":[]}`, status: 200},
		{name: "out of reach", as: "stranger", method: "GET", path: "/files/{deep}", status: 404},
		{name: "a role is not cut off", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{sid}","role":"contributor"}`, status: 201},
		{name: "nor is what it gives", as: "stranger", method: "PATCH", path: "/files/{deep}", body: `{"name":"y"}`, status: 200},
		{name: "inherit again", method: "PUT", path: "/permissions/acl/folder/{inner}/inheritance", body: `{"inherit_from_parent":true}`, status: 200},
		{name: "the denial counts again", as: "stranger", method: "PATCH", path: "/files/{deep}", body: `{"name":"z"}`, status: 403},
	})
}

func TestOwnership(t *testing.T) {
	a := grouped(t)
	const give = "/permissions/ownership/file/{mine}/transfer"
	a.run([]step{
		{name: "a contributor", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{sid}","role":"contributor"}`, status: 201},
		{name: "a reader", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{thirdid}","role":"reader"}`, status: 201},
		{name: "their file", as: "stranger", method: "POST", path: "/files", body: upload("mine.txt", "x"), status: 201, keep: "mine=id"},
		{name: "which they manage", as: "stranger", method: "POST", path: "/permissions/acl/file/{mine}", body: ace("user", "{thirdid}", "allow", "READ WRITE MANAGE_PERMISSIONS"), status: 201},
		{name: "but may not grant what they lack", as: "stranger", method: "POST", path: "/permissions/acl/file/{mine}", body: ace("user", "{thirdid}", "allow", "SHARE"), status: 403, has: []string{"SHARE"}},
		{name: "nor in a list", as: "stranger", method: "PUT", path: "/permissions/acl/file/{mine}", body: `{"entries":[` + ace("everyone", "", "allow", "SHARE") + `]}`, status: 403},
		{name: "denying what they lack is fine", as: "stranger", method: "POST", path: "/permissions/acl/file/{mine}", body: ace("everyone", "", "deny", "SHARE DELETE"), status: 201},
		{name: "taking that back would lift it", as: "stranger", method: "DELETE", path: "/permissions/acl/file/{mine}", body: `{"principal_type":"everyone","ace_type":"deny"}`, status: 403},
		{name: "the share's owner may", method: "DELETE", path: "/permissions/acl/file/{mine}", body: `{"principal_type":"everyone","ace_type":"deny"}`, status: 204},
		{name: "what is not theirs", as: "stranger", method: "GET", path: "/permissions/acl/file/{file}", status: 403},
		{name: "give it", as: "stranger", method: "POST", path: give, body: `{"new_owner_id":"{uid}"}`, status: 200, has: []string{`{"resource_type":"file","resource_id":"{mine}","owner_id":"{uid}"}`}},
		{name: "told", method: "GET", path: "/files/{mine}", status: 200, has: []string{`"owner_id":"{uid}"`}},
		{name: "not theirs any more", as: "stranger", method: "GET", path: "/permissions/acl/file/{mine}", status: 403},
		{name: "who manages takes it", as: "third", method: "POST", path: give, body: `{"new_owner_id":"{thirdid}"}`, status: 200},
		{name: "and gives it on as the owner", as: "third", method: "POST", path: give, body: `{"new_owner_id":"{sid}"}`, status: 200},
		{name: "but does not give what is another's", as: "third", method: "POST", path: give, body: `{"new_owner_id":"{uid}"}`, status: 403},
		{name: "the share's owner does", method: "POST", path: give, body: `{"new_owner_id":"{thirdid}"}`, status: 200},
		{name: "the tenant's administrator does", as: "admin", method: "POST", path: give, body: `{"new_owner_id":"{sid}"}`, status: 200},
		{name: "to nobody", method: "POST", path: give, body: `{"new_owner_id":"usr_{nobody}"}`, status: 422, has: []string{`["body","new_owner_id"]`}},
		{name: "to a foreigner", method: "POST", path: give, body: `{"new_owner_id":"{fid}"}`, status: 422, has: []string{`["body","new_owner_id"]`}},
		{name: "to a group", method: "POST", path: give, body: `{"new_owner_id":"{g}"}`, status: 422, has: []string{`["body","new_owner_id"]`}},
		{name: "out of sight", as: "foreigner", method: "POST", path: give, body: `{"new_owner_id":"{fid}"}`, status: 404},
		{name: "a folder", method: "POST", path: "/permissions/ownership/folder/{a}/transfer", body: `{"new_owner_id":"{sid}"}`, status: 200, has: []string{`"resource_type":"folder"`}},
		{name: "owning a folder is not owning what is in it", as: "stranger", method: "GET", path: "/permissions/acl/file/{file}", status: 403},

		// Shut out of what they own.
		{name: "everybody is shut out", method: "POST", path: "/permissions/acl/folder/{b}", body: ace("everyone", "", "deny", "READ WRITE DELETE CREATE SHARE MANAGE_PERMISSIONS"), status: 201},
		{name: "the owner, too", method: "GET", path: "/folders/{b}", status: 404},
		{name: "who lets themself in again", method: "DELETE", path: "/permissions/acl/folder/{b}", body: `{"principal_type":"everyone","ace_type":"deny"}`, status: 204},
		{name: "is in", method: "GET", path: "/folders/{b}", status: 200},

		// Whoever owned the share keeps nothing of its root.
		{name: "the share goes to another", method: "POST", path: "/permissions/ownership/share/{share}/transfer", body: `{"new_owner_id":"{thirdid}"}`, status: 200},
		{name: "who makes them a reader", as: "third", method: "PATCH", path: "/shares/{share}/members/{uid}", body: `{"role":"reader"}`, status: 200},
		{name: "who manages nothing", method: "GET", path: "/permissions/acl/share/{share}", status: 403},
	})
}

func TestChecks(t *testing.T) {
	a := grouped(t)
	check := func(typ, id, right string) string {
		return fmt.Sprintf(`{"resource_type":%q,"resource_id":%q,"permission":%q}`, typ, id, right)
	}
	query := func(typ, id, right string) string {
		return "/permissions/check?resource_type=" + typ + "&resource_id=" + id + "&permission=" + right
	}
	const yes, no = `{"allowed":true}`, `{"allowed":false}`
	a.run([]step{
		{name: "yes", method: "GET", path: query("file", "{file}", "READ"), status: 200, has: []string{yes}},
		{name: "by POST", method: "POST", path: "/permissions/check", body: check("share", "{share}", "MANAGE_PERMISSIONS"), status: 200, has: []string{yes}},
		{name: "CREATE on a file", method: "GET", path: query("file", "{file}", "CREATE"), status: 200, has: []string{yes}},
		{name: "out of sight", as: "stranger", method: "GET", path: query("file", "{file}", "READ"), status: 200, has: []string{no}},
		{name: "foreign", as: "foreigner", method: "GET", path: query("file", "{file}", "READ"), status: 200, has: []string{no}},
		{name: "unknown", method: "POST", path: "/permissions/check", body: check("file", "fil_{nobody}", "READ"), status: 200, has: []string{no}},
		{name: "an unknown right", method: "GET", path: query("file", "{file}", "FLY"), status: 422, has: []string{`["query","permission"]`}},
		{name: "an unknown type", method: "GET", path: query("link", "{file}", "READ"), status: 422, has: []string{`["query","resource_type"]`}},
		{name: "another type", method: "POST", path: "/permissions/check", body: check("folder", "{file}", "READ"), status: 422, has: []string{`["body","resource_id"]`}},
		{name: "nothing", method: "GET", path: "/permissions/check?resource_type=file&permission=READ", status: 422, has: []string{`["query","resource_id"]`}},
		{name: "none", method: "POST", path: "/permissions/check/batch", body: `{"checks":[]}`, status: 200, has: []string{`{"results":[]}`}},
		{name: "some", as: "stranger", method: "POST", path: "/permissions/check/batch", body: `{"checks":[` + check("file", "{file}", "READ") + `,` + check("share", "shr_{nobody}", "WRITE") + `]}`, status: 200,
			has: []string{`{"results":[{"resource_type":"file","resource_id":"{file}","permission":"READ","allowed":false},{"resource_type":"share","resource_id":"shr_{nobody}","permission":"WRITE","allowed":false}]}`}},
		{name: "a wrong one", method: "POST", path: "/permissions/check/batch", body: `{"checks":[` + check("file", "{file}", "READ") + `,` + check("file", "{file}", "X") + `]}`, status: 422, has: []string{`["body","checks",1,"permission"]`}},
	})
	hundred := strings.TrimSuffix(strings.Repeat(check("file", "{file}", "READ")+",", 100), ",")
	a.run([]step{
		{name: "a hundred", method: "POST", path: "/permissions/check/batch", body: `{"checks":[` + hundred + `]}`, status: 200},
		{name: "one more", method: "POST", path: "/permissions/check/batch", body: `{"checks":[` + hundred + "," + check("file", "{file}", "READ") + `]}`, status: 422, has: []string{`["body","checks"]`}},
		{name: "deleted", method: "DELETE", path: "/files/{file}", status: 204},
		{name: "is not", method: "GET", path: query("file", "{file}", "READ"), status: 200, has: []string{no}},
	})
}

func TestEffectiveAndWhy(t *testing.T) {
	a := grouped(t)
	const of = "/permissions/effective?resource_type=file&resource_id={file}"
	a.run([]step{
		{name: "the owner's", method: "GET", path: of, status: 200, has: []string{`"can_read":true`, `"can_manage_permissions":true`, `"permissions":63`, `"permission_names":["READ","WRITE","DELETE","CREATE","SHARE","MANAGE_PERMISSIONS"]`, `"principal_id":"{uid}"`}, lacks: []string{"explain"}},
		{name: "out of sight", as: "stranger", method: "GET", path: of, status: 404},
		{name: "foreign", as: "foreigner", method: "GET", path: of, status: 404},
		{name: "another's", method: "GET", path: of + "&principal_id={sid}", status: 200, has: []string{`"permissions":0`, `"permission_names":[]`, `"principal_type":"user"`}},
		{name: "an administrator's", method: "GET", path: of + "&principal_id={aid}&explain=true", status: 200, has: []string{`"permissions":63`, `"decided_by":"administrator"`}},
		{name: "nobody's", method: "GET", path: of + "&principal_id=usr_{nobody}", status: 422, has: []string{`["query","principal_id"]`}},
		{name: "a foreigner's", method: "GET", path: of + "&principal_id={fid}", status: 422, has: []string{`["query","principal_id"]`}},
		{name: "a text's", method: "GET", path: of + "&principal_id=me", status: 422},
		{name: "of nothing", method: "GET", path: "/permissions/effective?resource_type=file", status: 422, has: []string{`["query","resource_id"]`}},

		{name: "a role of the outer group", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{g}","role":"reader"}`, status: 201},
		{name: "an entry of the inner group", method: "POST", path: "/permissions/acl/folder/{a}", body: ace("group", "{in}", "allow", "WRITE"), status: 201},
		{name: "a denial for everyone", method: "POST", path: "/permissions/acl/share/{share}", body: ace("everyone", "", "deny", "DELETE"), status: 201},
	})
	got := a.step(step{name: "why", method: "GET", path: of + "&principal_id={sid}&explain=true", status: 200, has: []string{`"permissions":3`}})
	var e wire.Effective
	if err := json.Unmarshal([]byte(got), &e); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, x := range e.Explain {
		s := fmt.Sprintf("%s %v %s", x.Permission, x.Allowed, x.DecidedBy)
		if x.Entry != nil {
			s += " " + x.Entry.ACEType + " " + x.Entry.PrincipalType + " on " + x.On.ResourceType + " " + *x.On.Path
		}
		if x.RoleOf != nil {
			s += " " + x.Role + " of " + x.RoleOf.Name
		}
		for _, g := range x.Via {
			s += " > " + g.Name
		}
		said = append(said, s)
	}
	want := []string{
		"READ true role reader of Outer > Inner > Outer",
		"WRITE true entry allow group on folder /a > Inner",
		"DELETE false entry deny everyone on share /",
		"CREATE false nothing", "SHARE false nothing", "MANAGE_PERMISSIONS false nothing",
	}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
	a.run([]step{
		{name: "a group's", method: "GET", path: of + "&principal_id={in}&explain=true", status: 200, has: []string{`"permissions":3`, `"principal_type":"group"`, `"via":[{"id":"{g}","name":"Outer"}]`}},
		{name: "everyone's", method: "GET", path: of + "&principal_id=everyone", status: 200, has: []string{`"permissions":0`, `"principal_id":"everyone"`}},
		{name: "their own", as: "stranger", method: "GET", path: of + "&explain=true", status: 200, has: []string{`"permissions":3`}},
		{name: "another's is not theirs to know", as: "stranger", method: "GET", path: of + "&principal_id={uid}", status: 403},
		{name: "suspended", as: "admin", method: "POST", path: "/admin/users/{sid}/suspend", status: 200},
		{name: "may do nothing", method: "GET", path: of + "&principal_id={sid}&explain=true", status: 200, has: []string{`"permissions":0`, `"decided_by":"inactive"`}},
		{name: "active", as: "admin", method: "POST", path: "/admin/users/{sid}/activate", status: 200},
	})
	a.Pass(time.Second)
	a.vars["stranger"] = a.signIn("stranger@example.com").AccessToken
	// Names of places that the asker may not see are left out.
	a.run([]step{
		{name: "a secret folder", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"secret plans"}`, status: 201, keep: "secret=id"},
		{name: "a file in it", method: "POST", path: "/files", body: upload("open.txt", "x", "folder_id", "{secret}"), status: 201, keep: "open=id"},
		{name: "theirs", method: "POST", path: "/permissions/ownership/file/{open}/transfer", body: `{"new_owner_id":"{sid}"}`, status: 200},
		{name: "but shut", method: "POST", path: "/permissions/acl/folder/{secret}", body: ace("user", "{sid}", "deny", "READ"), status: 201},
		{name: "out of sight", as: "stranger", method: "GET", path: "/files/{open}", status: 404},
		{name: "entries", as: "stranger", method: "GET", path: "/permissions/acl/file/{open}", status: 200, has: []string{`"inherited_from":{"resource_type":"folder","resource_id":"{secret}","path":null}`}, lacks: []string{"secret plans"}},
		{name: "why", as: "stranger", method: "GET", path: "/permissions/effective?resource_type=file&resource_id={open}&explain=true", status: 200, has: []string{`"path":null`, `"decided_by":"ownership"`}, lacks: []string{"secret plans"}},
		{name: "for who sees it", method: "GET", path: "/permissions/acl/file/{open}", status: 200, has: []string{`"path":"/secret plans"`}},
	})
}

// A group or a user that is deleted and made again under the same name gets nothing
// of what the old one had.
func TestMadeAgainHasNothing(t *testing.T) {
	a := grouped(t)
	a.run([]step{
		{name: "to the group", method: "POST", path: "/permissions/acl/folder/{a}", body: ace("group", "{in}", "allow", "READ"), status: 201},
		{name: "to the third", method: "POST", path: "/permissions/acl/folder/{a}", body: ace("user", "{thirdid}", "allow", "READ"), status: 201},
		{name: "reads", as: "stranger", method: "GET", path: "/files/{file}", status: 200},
		{name: "the group goes", as: "admin", method: "DELETE", path: "/admin/groups/{in}", status: 204},
		{name: "reads no more", as: "stranger", method: "GET", path: "/files/{file}", status: 404},
		{name: "made again", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"Inner"}`, status: 201, keep: "in2=id"},
		{name: "in it", as: "admin", method: "POST", path: "/admin/groups/{in2}/members", body: `{"user_id":"{sid}"}`, status: 201},
		{name: "reads nothing", as: "stranger", method: "GET", path: "/files/{file}", status: 404},
		{name: "the third goes", as: "admin", method: "DELETE", path: "/admin/users/{thirdid}", status: 204},
		{name: "and comes again", as: "admin", method: "POST", path: "/admin/users", body: `{"email":"third@example.com","name":"Third","password":"a password for tests"}`, status: 201, keep: "thirdid=id"},
	})
	a.vars["third"] = a.signIn("third@example.com").AccessToken
	a.run([]step{
		{name: "with nothing", as: "third", method: "GET", path: "/files/{file}", status: 404},
		{name: "nor a share", as: "third", method: "GET", path: "/users/me/shares", status: 200, lacks: []string{"{share}"}},
		{name: "the old entries have no name", method: "GET", path: "/permissions/acl/folder/{a}", status: 200, has: []string{`"principal_name":null`}, lacks: []string{"Inner", "third@example.com"}},
		{name: "and can be taken away", method: "DELETE", path: "/permissions/acl/folder/{a}", body: `{"principal_type":"group","principal_id":"{in}","ace_type":"allow"}`, status: 204},
	})
}

// A folder that somebody may only drop things into: made there by its ID, told
// nothing more, and not found in any other way.
func TestDropFolder(t *testing.T) {
	a := peopled(t)
	a.run([]step{
		{name: "a folder", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"hidden"}`, status: 201, keep: "up=id"},
		{name: "a box", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"{up}","name":"box"}`, status: 201, keep: "box=id"},
		{name: "a file in it", method: "POST", path: "/files", body: upload("there.txt", "x", "folder_id", "{box}"), status: 201, keep: "there=id"},
		{name: "drop", method: "POST", path: "/permissions/acl/folder/{box}", body: ace("user", "{sid}", "allow", "CREATE"), status: 201},
		{name: "a file", as: "stranger", method: "POST", path: "/files", body: upload("mine.txt", "mine", "folder_id", "{box}"), status: 201, has: []string{`"path":"/…/mine.txt"`}, lacks: []string{"hidden", "box"}, keep: "mine=id"},
		{name: "a folder in it", as: "stranger", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"{box}","name":"in"}`, status: 201, lacks: []string{"hidden", `"box"`}},
		{name: "a taken name", as: "stranger", method: "POST", path: "/files", body: upload("there.txt", "y", "folder_id", "{box}"), status: 409, lacks: []string{"{there}"}},
		{name: "asked", as: "stranger", method: "GET", path: "/permissions/check?resource_type=folder&resource_id={box}&permission=CREATE", status: 200, has: []string{`"allowed":true`}},
		{name: "it is not found", as: "stranger", method: "GET", path: "/folders/{box}", status: 404},
		{name: "nor listed", as: "stranger", method: "GET", path: "/folders/{box}/children?share_id={share}", status: 404},
		{name: "nor what was dropped", as: "stranger", method: "GET", path: "/files/{mine}", status: 404},
		{name: "nor changed", as: "stranger", method: "PATCH", path: "/folders/{box}", body: `{"name":"other"}`, status: 404},
		{name: "nor deleted", as: "stranger", method: "DELETE", path: "/folders/{box}", status: 404},
		{name: "nor anything above", as: "stranger", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"{up}","name":"x"}`, status: 404},
		{name: "in the trash", method: "DELETE", path: "/folders/{box}", status: 204},
		{name: "it takes nothing there", as: "stranger", method: "POST", path: "/files", body: upload("late.txt", "x", "folder_id", "{box}"), status: 404},
		{name: "delete alone", method: "POST", path: "/permissions/acl/folder/{up}", body: ace("user", "{sid}", "allow", "DELETE"), status: 201},
		{name: "asked, too", as: "stranger", method: "GET", path: "/permissions/check?resource_type=folder&resource_id={up}&permission=DELETE", status: 200, has: []string{`"allowed":false`}},
		{name: "and done", as: "stranger", method: "DELETE", path: "/folders/{up}", status: 404},
	})
}

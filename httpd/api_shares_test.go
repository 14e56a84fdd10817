package httpd

import "testing"

func TestShareLifeCycle(t *testing.T) {
	a := newAPI(t)
	a.tree()
	a.run([]step{
		{name: "rename", method: "PATCH", path: "/shares/{other}", body: `{"name":"Renamed","description":"What it is for"}`, status: 200, has: []string{`"name":"Renamed"`, `"description":"What it is for"`}},
		{name: "nothing", method: "PATCH", path: "/shares/{other}", body: `{}`, status: 200, has: []string{`"name":"Renamed"`}},
		{name: "no description", method: "PATCH", path: "/shares/{other}", body: `{"description":""}`, status: 200, has: []string{`"description":""`, `"name":"Renamed"`}},
		{name: "empty name", method: "PATCH", path: "/shares/{other}", body: `{"name":""}`, status: 422, has: []string{`["body","name"]`}},
		{name: "a colon", method: "PATCH", path: "/shares/{other}", body: `{"name":"a:b"}`, status: 422, has: []string{`["body","name"]`}},
		{name: "more", method: "PATCH", path: "/shares/{other}", body: `{"used_bytes":1}`, status: 422},
		{name: "deleting so", method: "PATCH", path: "/shares/{other}", body: `{"is_deleted":true}`, status: 422},
		{name: "stranger", as: "stranger", method: "PATCH", path: "/shares/{other}", body: `{"name":"x"}`, status: 404},
		{name: "stranger deletes", as: "stranger", method: "DELETE", path: "/shares/{other}", status: 404},
		{name: "foreigner deletes", as: "foreigner", method: "DELETE", path: "/shares/{other}", status: 404},
		{name: "unknown", method: "DELETE", path: "/shares/shr_{nobody}", status: 404},
		{name: "a file in it", method: "POST", path: "/files", body: "--" + edge + "\r\nContent-Disposition: form-data; name=\"share_id\"\r\n\r\n{other}\r\n" + filePartText("in.txt", "12345") + endOfForm, status: 201, keep: "inside=id"},
		{name: "an upload to it", method: "POST", path: "/uploads", body: `{"share_id":"{other}","file_name":"u","file_size":3}`, status: 201, keep: "session=session_id"},
		{name: "quota", method: "GET", path: "/users/me/quota", status: 200, has: []string{`"used_bytes":8`, `"quota_bytes":null`, `"percent_used":null`}},
		{name: "stats", method: "GET", path: "/users/me/stats", status: 200, has: []string{`"total":3`, `"share_name":"Renamed"`, `"used_bytes":5`, `"share_count":3`, `"file_count":1`, `"folder_count":0`, `"trash_bytes":0`, `"version_bytes":0`, `"calculated_at":"`}, lacks: []string{"null"}},

		{name: "delete", method: "DELETE", path: "/shares/{other}", status: 204},
		{name: "again", method: "DELETE", path: "/shares/{other}", status: 410},
		{name: "the share", method: "GET", path: "/shares/{other}", status: 410},
		{name: "for an administrator", as: "admin", method: "GET", path: "/shares/{other}", status: 410},
		{name: "for a stranger", as: "stranger", method: "GET", path: "/shares/{other}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "renaming it", method: "PATCH", path: "/shares/{other}", body: `{"name":"x"}`, status: 410},
		{name: "its file", method: "GET", path: "/files/{inside}", status: 404},
		{name: "its content", method: "GET", path: "/files/{inside}/content", status: 404},
		{name: "its root", method: "GET", path: "/folders/root/children?share_id={other}", status: 404},
		{name: "its trash", method: "GET", path: "/trash?share_id={other}", status: 404},
		{name: "its tree", method: "GET", path: "/sync/tree?share_id={other}", status: 404},
		{name: "the upload", method: "PUT", path: "/uploads/{session}/chunks/0", body: "abc", status: 410, has: []string{"was deleted"}},
		{name: "its end", method: "POST", path: "/uploads/{session}/complete", status: 410},
		{name: "listed", method: "GET", path: "/shares", status: 200, has: []string{`"total":2`}, lacks: []string{"{other}"}},
		{name: "listed with the trash", method: "GET", path: "/shares?include_trashed=true", status: 200, has: []string{`"total":3`, "{other}", `"is_deleted":true`}},
		{name: "mine", method: "GET", path: "/users/me/shares", status: 200, lacks: []string{"{other}"}},
		{name: "the stranger's", as: "stranger", method: "GET", path: "/shares?include_trashed=true", status: 200, has: []string{`"total":0`}},
		{name: "all", as: "admin", method: "GET", path: "/shares?include_trashed=true&all=true", status: 200, has: []string{"{other}"}},
		{name: "all, by a user", method: "GET", path: "/shares?all=true", status: 403},
		{name: "it counts on", method: "GET", path: "/users/me/quota", status: 200, has: []string{`"used_bytes":8`}},
		{name: "also in the totals", method: "GET", path: "/users/me/stats", status: 200, has: []string{`"total":2`, `"share_count":3`, `"used_bytes":8`}, lacks: []string{"Renamed"}},

		{name: "stranger brings back", as: "stranger", method: "PATCH", path: "/shares/{other}", body: `{"is_deleted":false}`, status: 404},
		{name: "bring back", method: "PATCH", path: "/shares/{other}", body: `{"is_deleted":false,"name":"Back"}`, status: 200, has: []string{`"is_deleted":false`, `"name":"Back"`}},
		{name: "its file again", method: "GET", path: "/files/{inside}/content", status: 200, has: []string{"12345"}},
		{name: "the upload again", method: "PUT", path: "/uploads/{session}/chunks/0", body: "abc", status: 204},
		{name: "administrator deletes", as: "admin", method: "DELETE", path: "/shares/{other}", status: 204},
		{name: "and brings back", as: "admin", method: "PATCH", path: "/shares/{other}", body: `{"is_deleted":false}`, status: 200},

		{name: "limit", method: "GET", path: "/shares?limit=101", status: 422},
		{name: "most", method: "GET", path: "/users/me/shares?limit=100&offset=9900", status: 200, has: []string{`"shares":[]`}},
		{name: "limit of mine", method: "GET", path: "/users/me/shares?limit=101", status: 422},
	})
	personal := a.step(step{name: "personal", method: "GET", path: "/shares", status: 200, has: []string{`"share_type":"personal"`}})
	_ = personal
	a.vars["personal"] = a.UserShare.ID.Format("shr_")
	a.step(step{name: "delete the personal share", method: "DELETE", path: "/shares/{personal}", status: 403})
}

func TestSearchPrincipals(t *testing.T) {
	a := newAPI(t)
	find := func(q string, status int, has ...string) step {
		return step{name: q, as: "stranger", method: "GET", path: "/shares/search/principals?" + q, status: status, has: has}
	}
	a.run([]step{
		find("q=USER", 200, `"email":"user@example.com"`, `"groups":[]`),
		find("q=stra", 200, `"email":"stranger@example.com"`),
		find("q=tranger", 200, `"users":[]`),
		find("q=example&limit=1", 200, `"users":[{"id":"usr_`),
		find("q=user&principal_type=group", 200, `"users":[]`),
		find("q=user&principal_type=user", 200, `"email":"user@example.com"`),
		find("q=user&principal_type=robot", 422, `["query","principal_type"]`),
		find("q=", 422, `["query","q"]`), find("", 422, `["query","q"]`),
		find("q=a&limit=51", 422, `["query","limit"]`), find("q=a&limit=0", 422), find("q=a&limit=50", 200),
		{name: "of another tenant", as: "foreigner", method: "GET", path: "/shares/search/principals?q=user", status: 200, lacks: []string{"user@example.com"}},
	})
}

package httpd

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
)

// What nobody but its owner may see: in names, contents, comments and tags.
const secret = "zqxsecret"

// leaky is a share full of secrets beside what is told: {reader} has a role and is
// denied some of it, {way} may read one file deep inside and nothing else, {stranger}
// nothing; {staff} is the partner's.
func leaky(t *testing.T) *api {
	a := newAPI(t)
	for _, who := range []string{"reader", "way"} {
		u := a.AddUser(t, who+"@example.com")
		a.vars[who+"_id"] = u.ID.Format(engine.PrefixUser)
		a.vars[who] = a.signIn(who + "@example.com").AccessToken
	}
	folder := func(name, parent, keep string) step {
		return step{name: name, method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"` + parent + `","name":"` + name + `"}`, status: 201, keep: keep + "=id"}
	}
	file := func(name, folder, keep string) step {
		return step{name: name, method: "POST", path: "/files", body: upload(name, strings.TrimPrefix(name, "told.txt")+" content", "folder_id", folder), status: 201, keep: keep + "=id"}
	}
	a.run([]step{
		{name: "a reader", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{reader_id}","role":"contributor"}`, status: 201},
		{name: "about", method: "PATCH", path: "/shares/{share}", body: `{"description":"about it"}`, status: 200},
		folder("open", "{share}", "open"), folder("corridor", "{share}", "corridor"), folder("inner", "{corridor}", "inner"),
		folder(secret+" dir", "{open}", "dir"), folder(secret+" below", "{dir}", "below"),
		folder(secret+" beside", "{corridor}", "beside"), folder(secret+" target", "{share}", "target"),
		file(secret+".txt", "{open}", "file"), file(secret+" in.txt", "{dir}", "in"), file("told.txt", "{inner}", "told"),
		file(secret+" sibling.txt", "{inner}", "sibling"), file(secret+" trashed.txt", "{open}", "trashed"),
		file(secret+" purged.txt", "{open}", "purged"), file(secret+" moved.txt", "{open}", "moved"), file(secret+" deep.txt", "{below}", "deep"),
		{name: "comment", method: "POST", path: "/files/{file}/comments", body: `{"text":"` + secret + `"}`, status: 201},
		{name: "tag", method: "PUT", path: "/files/{file}/tags", body: `{"tags":["` + secret + `"]}`, status: 200},
		{name: "a device", as: "reader", method: "POST", path: "/sync/devices", body: `{"device_id":"d","device_name":"D"}`, status: 201},
		{name: "a device", as: "way", method: "POST", path: "/sync/devices", body: `{"device_id":"d","device_name":"D"}`, status: 201},
		{name: "mark", as: "reader", method: "POST", path: "/users/me/favorites", body: `{"resource_type":"file","resource_id":"{file}"}`, status: 204},
		{name: "mark", as: "reader", method: "POST", path: "/users/me/favorites", body: `{"resource_type":"folder","resource_id":"{dir}"}`, status: 204},
		{name: "open", as: "reader", method: "GET", path: "/files/{file}/content", status: 200},
		// Notices about what they will not see.
		{name: "mention", method: "POST", path: "/files/{file}/comments", body: `{"text":"@reader@example.com"}`, status: 201},
		{name: "theirs", as: "reader", method: "POST", path: "/files/{file}/comments", body: `{"text":"told to the owner"}`, status: 201},
		{name: "another share", method: "POST", path: "/shares", body: `{"name":"` + secret + ` share","share_type":"project"}`, status: 201, keep: "shut=id"},
		{name: "in it", method: "POST", path: "/shares/{shut}/members", body: `{"principal_id":"{reader_id}","role":"reader"}`, status: 201},
		{name: "changed", method: "PATCH", path: "/shares/{shut}/members/{reader_id}", body: `{"role":"contributor"}`, status: 200},
		{name: "and out", method: "DELETE", path: "/shares/{shut}/members/{reader_id}", status: 204},
	})
	for _, what := range []string{"folder/{dir}", "folder/{target}", "folder/{beside}", "file/{file}", "file/{sibling}", "file/{trashed}", "file/{purged}", "file/{moved}"} {
		a.step(step{name: "deny " + what, method: "POST", path: "/permissions/acl/" + what, body: ace("user", "{reader_id}", "deny", "READ"), status: 201})
	}
	a.run([]step{
		{name: "allow", method: "POST", path: "/permissions/acl/file/{told}", body: ace("user", "{way_id}", "allow", "READ"), status: 201},
		{name: "renamed", method: "PATCH", path: "/files/{file}", body: `{"name":"` + secret + ` again.txt"}`, status: 200},
		{name: "moved", method: "POST", path: "/files/{moved}/move", body: `{"target_folder_id":"{dir}"}`, status: 200},
		{name: "trashed", method: "DELETE", path: "/files/{trashed}", status: 204},
		{name: "purged", method: "DELETE", path: "/files/{purged}?permanent=true", status: 204},
		{name: "moved below", method: "POST", path: "/folders/{below}/move", body: `{"target_folder_id":"{target}"}`, status: 200},
		{name: "staff", as: "admin", method: "POST", path: "/admin/users", body: `{"email":"staff@example.com","name":"Staff","admin_role":"partner_admin","password":"a password for tests"}`, status: 201},
	})
	a.vars["staff"] = a.signIn("staff@example.com").AccessToken
	a.run([]step{
		{name: "a job", method: "POST", path: "/jobs", body: `{"kind":"copy","items":[{"id":"{in}"}],"target":"{dir}"}`, status: 202, keep: "job=id"},
		{name: "an upload", method: "POST", path: "/uploads", body: `{"share_id":"{share}","folder_id":"{dir}","file_name":"` + secret + ` up.bin","file_size":5}`, status: 201, keep: "upload=session_id"},
		{name: "a device", method: "POST", path: "/sync/devices", body: `{"device_id":"own","device_name":"` + secret + `"}`, status: 201},
		{name: "a token", method: "POST", path: "/auth/tokens", body: `{"name":"` + secret + `","scopes":["files:read"]}`, status: 201},
		{name: "a group", as: "admin", method: "POST", path: "/admin/groups", body: `{"name":"G"}`, status: 201, keep: "group=id"},
		// What the reader ordered meets what is hidden from them.
		{name: "a reader's job", as: "reader", method: "POST", path: "/jobs", body: `{"kind":"rewind","dry_run":true,"items":[{"id":"{share}"}],"at":"2026-11-22T12:00:00Z"}`, status: 202, keep: "readers_job=id"},
		{name: "a reader's copy", as: "reader", method: "POST", path: "/jobs", body: `{"kind":"copy","items":[{"id":"{corridor}"}],"target":"{open}"}`, status: 202, keep: "readers_copy=id"},
		{name: "an archive", as: "reader", method: "POST", path: "/archives", body: `{"items":[{"id":"{open}"},{"id":"{corridor}"}]}`, status: 201, keep: "archive=url"},
	})
	a.work()
	for _, id := range []string{"readers_job", "readers_copy"} {
		a.over("reader", id)
	}
	a.vars["archive"] = strings.TrimPrefix(a.vars["archive"], "/api/v1")
	return a
}

// over waits until a job has ended somehow.
func (a *api) over(who, job string) {
	a.t.Helper()
	for range 2000 {
		_, body := a.do("GET", "/api/v1/jobs/"+a.vars[job], "", "Authorization", "Bearer "+a.vars[who])
		if !strings.Contains(body, `"state":"queued"`) && !strings.Contains(body, `"state":"running"`) {
			return
		}
		time.Sleep(2 * time.Millisecond) // poll interval
	}
	a.t.Fatalf("the job %s never ends", job)
}

// surfaces are what is asked by each route that answers with something stored: "" is
// for a route that names nothing of a share's.
func surfaces() map[string][]string {
	every := []string{"{file}", "{in}", "{sibling}", "{trashed}", "{purged}", "{moved}", "{deep}", "{told}"}
	folders := []string{"{dir}", "{below}", "{beside}", "{target}", "{corridor}", "{inner}", "{open}"}
	each := func(path string, ids []string) (list []string) {
		for _, id := range ids {
			list = append(list, strings.ReplaceAll(path, "ID", id))
		}
		return list
	}
	lists := []string{"root"}
	lists = append(lists, folders...)
	start := fmt.Sprint(int64(1) << 36)
	m := map[string][]string{
		"/users/me/shares": {"/users/me/shares"}, "/users/me/favorites": {"/users/me/favorites"}, "/users/me/recent": {"/users/me/recent"},
		"/users/me/quota": {"/users/me/quota"}, "/users/me/stats": {"/users/me/stats"}, "/users/me/invitations": {"/users/me/invitations"},
		"/notices": {"/notices", "/notices?unread=true&limit=1"},
		"/shares":  {"/shares", "/shares?include_trashed=true"}, "/shares/{id}": {"/shares/{share}"},
		"/shares/{id}/members": {"/shares/{share}/members"}, "/shares/{id}/invitations": {"/shares/{share}/invitations"},
		"/shares/discoverable": {"/shares/discoverable"}, "/users/me/join-requests": {"/users/me/join-requests"},
		"/shares/{id}/join-requests":            {"/shares/{share}/join-requests"},
		"/permissions/check":                    each("/permissions/check?resource_type=file&resource_id=ID&permission=READ", every),
		"/permissions/effective":                each("/permissions/effective?resource_type=file&resource_id=ID&explain=true", every),
		"/permissions/acl/{resource_type}/{id}": append(each("/permissions/acl/file/ID", every), each("/permissions/acl/folder/ID", folders)...),
		"/folders/{id}":                         each("/folders/ID", folders),
		"/folders/{id}/archive":                 append(each("/folders/ID/archive", folders), "/folders/root/archive?share_id={share}"),
		"/folders/{id}/comments":                each("/folders/ID/comments", folders),
		"/folders/{id}/tags":                    each("/folders/ID/tags", folders),
		"/files/{id}":                           each("/files/ID", every[:7]),
		"/files/{id}/content":                   each("/files/ID/content", every[:7]),
		"/files/{id}/preview":                   each("/files/ID/preview", every[:7]),
		"/files/{id}/versions":                  each("/files/ID/versions", every),
		"/files/{id}/comments":                  each("/files/ID/comments", every),
		"/files/{id}/tags":                      each("/files/ID/tags", every),
		"/tags":                                 {"/tags"},
		"/tagged":                               {"/tagged?tag=zqx", "/tagged?tag=zqx&share_id={share}"},
		"/activity":                             {"/activity", "/activity?share_id={share}"},
		"/trash":                                {"/trash?share_id={share}"},
		"/jobs":                                 {"/jobs"},
		"/sync/tree":                            append(each("/sync/tree?share_id={share}&folder_id=ID", folders), "/sync/tree?share_id={share}"),
		"/sync/changes":                         {"/sync/changes?share_id={share}&cursor=" + start, "/sync/changes?share_id={share}&cursor=" + start + "&limit=1"},
		"/sync/status":                          {"/sync/status?share_id={share}&device_id=d"},
		"/sync/preferences":                     {"/sync/preferences?share_id={share}&device_id=d"},
		"/sync/conflicts":                       {"/sync/conflicts?share_id={share}&include_resolved=true"},
		"/sync/manifest/{file_id}":              each("/sync/manifest/ID", every[:7]),
		"/sync/download/{file_id}":              each("/sync/download/ID", every[:7]),
		"/shares/search/principals":             {"/shares/search/principals?q=zqx"},
		"/admin/dashboard":                      {"/admin/dashboard"},
		"/admin/users":                          {"/admin/users"},
		"/admin/groups":                         {"/admin/groups"},
		"/admin/partners":                       {"/admin/partners"},
		"/admin/partners/{id}/tenants":          {"/admin/partners/prt_{nobody}/tenants"},
		"/sync/devices":                         {"/sync/devices"},
	}
	for _, sort := range []string{"name", "size", "modified_at", "type"} {
		m["/folders/{id}/children"] = append(m["/folders/{id}/children"],
			each("/folders/ID/children?share_id={share}&include_deleted=true&sort="+sort, lists)...)
	}
	m["/folders/{id}/children"] = append(m["/folders/{id}/children"], each("/folders/ID/children?share_id={share}&filter=zqx", lists)...)
	for route, urls := range map[string][]string{
		"/config": nil, "/health": nil, "/ready": nil, "/openapi.json": nil, "/users/me": nil, "/auth/tokens": nil, "/admin/tenant": nil, "/admin/settings": nil,
		"/admin/users/{id}": {"/admin/users/{reader_id}"}, "/admin/groups/{id}": {"/admin/groups/{group}"},
		"/admin/groups/{id}/members": {"/admin/groups/{group}/members"},
		"/jobs/{id}":                 {"/jobs/{job}", "/jobs/{readers_job}", "/jobs/{readers_copy}"},
		"/uploads/{id}":              {"/uploads/{upload}"}, "/archives/{ticket}": {"{archive}"},
		"/sync/conflicts/{id}/content": nil,                      // TestATakenNameTellsNothing
		"/sync/ws/{device_id}":         nil, "/realtime/ws": nil, // TestNothingLeaksLive
	} {
		if urls == nil && !strings.Contains(route, "{") {
			urls = []string{route}
		}
		m[route] = urls
	}
	return m
}

// No answer of any route that reads has a byte of what the caller may not see, for a
// reader who is denied it, for who may read one thing deep inside, for who may read
// nothing, for another tenant's administrator and for the partner's staff.
func TestNothingLeaks(t *testing.T) {
	a := leaky(t)
	known := surfaces()
	for _, rt := range routes() {
		path, in := strings.CutPrefix(rt.path, "/api/v1")
		if rt.method != "GET" || !in {
			continue
		}
		asked, listed := known[path]
		if !listed {
			t.Errorf("%s has no line in surfaces: what could it tell of what is hidden?", rt.path)
		}
		for _, url := range asked {
			for _, who := range []string{"reader", "way", "stranger", "foreigner", "staff"} {
				res, body := a.do("GET", "/api/v1"+a.fill(url), "", "Authorization", "Bearer "+a.vars[who])
				if res.StatusCode >= 500 {
					t.Errorf("%s as %s: %d %s", url, who, res.StatusCode, cut(body))
				}
				if who == "way" && strings.Contains(url, "{told}") {
					continue // theirs to read, with its content
				}
				all := body + fmt.Sprint(res.Header)
				if at := strings.Index(all, secret); at >= 0 {
					t.Errorf("%s as %s tells: …%s…", url, who, all[max(0, at-200):min(len(all), at+60)])
				}
			}
		}
	}
	// The owner sees all of it, or the test shows nothing.
	seen := 0
	for _, urls := range known {
		for _, url := range urls {
			_, body := a.do("GET", "/api/v1"+a.fill(url), "", "Authorization", "Bearer "+a.vars["user"])
			if strings.Contains(body, secret) {
				seen++
			}
		}
	}
	if seen < 40 {
		t.Errorf("the owner saw secrets in %d answers only", seen)
	}
}

// What is a way is seen by its name and nothing else.
func TestWaysInTheAPI(t *testing.T) {
	a := leaky(t)
	dates := []string{"modified_at", "created_at", "owner_id"}
	a.run([]step{
		{name: "the share", as: "way", method: "GET", path: "/shares/{share}", status: 200, has: []string{`"bare":true`, `"used_bytes":0`, `"description":""`}, lacks: dates},
		{name: "my shares", as: "way", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"role":null`, `"bare":true`, `"id":"{share}"`}},
		{name: "its root", as: "way", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, has: []string{`"name":"corridor"`, `"bare":true`, `"total":1,"total_exact":true`}, lacks: dates},
		{name: "in it", as: "way", method: "GET", path: "/folders/{corridor}/children?share_id={share}", status: 200, has: []string{`"name":"inner"`, `"path":"/corridor"`, `"total":1,`}, lacks: dates},
		{name: "at the end", as: "way", method: "GET", path: "/folders/{inner}/children?share_id={share}", status: 200, has: []string{`"name":"told.txt"`, `"bare":false`, `"total":1,`}},
		{name: "the tree", as: "way", method: "GET", path: "/sync/tree?share_id={share}", status: 200, has: []string{`"name":"corridor"`, `"name":"inner"`, `"name":"told.txt"`}},
		{name: "the file", as: "way", method: "GET", path: "/files/{told}", status: 200, has: []string{`"path":"/corridor/inner/told.txt"`}},
		{name: "a way is not read", as: "way", method: "GET", path: "/folders/{corridor}", status: 404},
		{name: "nor written into", as: "way", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"{corridor}","name":"x"}`, status: 404},
		{name: "members are not theirs", as: "way", method: "GET", path: "/shares/{share}/members", status: 404},
		{name: "what is hidden is not listed", as: "reader", method: "GET", path: "/folders/{open}/children?share_id={share}", status: 200, has: []string{`"items":[],`, `"total":0,`}},
		{name: "a taken name says no more", as: "reader", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"{open}","name":"` + secret + ` dir"}`, status: 409, has: []string{`{"detail":"The name is already taken in this folder"}`}},
	})
}

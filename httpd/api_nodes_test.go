package httpd

import (
	"sync"
	"sync/atomic"
	"testing"
)

// tree makes two folders and a file with two contents in the scenario's share.
func (a *api) tree() {
	a.t.Helper()
	a.run([]step{
		{name: "folder a", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"a"}`, status: 201, keep: "a=id"},
		{name: "folder b", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"b"}`, status: 201, keep: "b=id"},
		{name: "file", method: "POST", path: "/files", body: upload("f.txt", "one", "folder_id", "{a}"), status: 201, keep: "file=id"},
		{name: "other share", method: "POST", path: "/shares", body: `{"name":"Other","share_type":"project"}`, status: 201, keep: "other=id"},
	})
	a.vars["sum"] = sumOf("one")
	a.step(step{name: "version", method: "GET", path: "/files/{file}", status: 200, keep: "version=version_id"})
}

func TestRenameAndMove(t *testing.T) {
	a := newAPI(t)
	a.tree()
	a.run([]step{
		{name: "rename", method: "PATCH", path: "/files/{file}", body: `{"name":"F.md"}`, status: 200, has: []string{`"name":"F.md"`, `"path":"/a/F.md"`, `"mime_type":"text/markdown"`, `"version":1`, `Etag: "{version}"`}},
		{name: "case only", method: "PATCH", path: "/files/{file}", body: `{"name":"f.MD"}`, head: []string{"If-Match", `"{version}"`}, status: 200, has: []string{`"name":"f.MD"`}},
		{name: "time and attributes", method: "PATCH", path: "/files/{file}", body: `{"modified_at":"2020-02-03T04:05:06Z","attributes":{"executable":true}}`, status: 200, has: []string{`"modified_at":"2020-02-03T04:05:06Z"`, `"executable":true`, `"version":1`}},
		{name: "nothing", method: "PATCH", path: "/files/{file}", body: `{}`, status: 200, has: []string{`"name":"f.MD"`}},
		{name: "empty name", method: "PATCH", path: "/files/{file}", body: `{"name":""}`, status: 422, has: []string{`["body","name"]`}},
		{name: "bad name", method: "PATCH", path: "/files/{file}", body: `{"name":"a/b"}`, status: 422, has: []string{`["body","name"]`}},
		{name: "unknown field", method: "PATCH", path: "/files/{file}", body: `{"size":1}`, status: 422, has: []string{`["body","size"]`}},
		{name: "is_deleted true", method: "PATCH", path: "/files/{file}", body: `{"is_deleted":true}`, status: 422},
		{name: "other version", method: "PATCH", path: "/files/{file}", body: `{"name":"x"}`, head: []string{"If-Match", `"ver_{nobody}"`}, status: 412},
		{name: "weak", method: "PATCH", path: "/files/{file}", body: `{"name":"x"}`, head: []string{"If-Match", `W/"{version}"`}, status: 412},
		{name: "stranger", as: "stranger", method: "PATCH", path: "/files/{file}", body: `{"name":"x"}`, status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "foreigner", as: "foreigner", method: "PATCH", path: "/folders/{a}", body: `{"name":"x"}`, status: 404},
		{name: "as a folder", method: "PATCH", path: "/folders/{file}", body: `{"name":"x"}`, status: 404},
		{name: "folder", method: "PATCH", path: "/folders/{a}", body: `{"name":"A2"}`, status: 200, has: []string{`"name":"A2"`, `"path":"/A2"`}},
		{name: "folder with a tag", method: "PATCH", path: "/folders/{a}", body: `{"name":"A3"}`, head: []string{"If-Match", `"x"`}, status: 412},
		{name: "folder, taken", method: "PATCH", path: "/folders/{a}", body: `{"name":"B"}`, status: 409},

		{name: "move", method: "POST", path: "/files/{file}/move", body: `{"target_folder_id":"{b}"}`, status: 200, has: []string{`"path":"/b/f.MD"`, `"folder_id":"{b}"`}},
		{name: "move to the root", method: "POST", path: "/files/{file}/move", body: `{"target_share_id":"{share}","name":"f"}`, status: 200, has: []string{`"path":"/f"`, `"folder_id":null`}},
		{name: "no target", method: "POST", path: "/files/{file}/move", body: `{"name":"x"}`, status: 422, has: []string{`exactly one of`}},
		{name: "two targets", method: "POST", path: "/files/{file}/move", body: `{"target_folder_id":"{b}","target_share_id":"{share}"}`, status: 422},
		{name: "ill-formed target", method: "POST", path: "/files/{file}/move", body: `{"target_folder_id":"{share}"}`, status: 422, has: []string{`["body","target_folder_id"]`}},
		{name: "unknown target", method: "POST", path: "/files/{file}/move", body: `{"target_folder_id":"fld_{nobody}"}`, status: 404},
		{name: "other version", method: "POST", path: "/files/{file}/move", body: `{"target_folder_id":"{b}"}`, head: []string{"If-Match", `"ver_{nobody}"`}, status: 412},
		{name: "into itself", method: "POST", path: "/folders/{a}/move", body: `{"target_folder_id":"{a}"}`, status: 409},
		{name: "folder", method: "POST", path: "/folders/{a}/move", body: `{"target_folder_id":"{b}"}`, status: 200, has: []string{`"path":"/b/A2"`, `"parent_id":"{b}"`}},
		{name: "below itself", method: "POST", path: "/folders/{b}/move", body: `{"target_folder_id":"{a}"}`, status: 409},
		{name: "file to the other share", method: "POST", path: "/files/{file}/move", body: `{"target_share_id":"{other}"}`, status: 200, has: []string{`"share_id":"{other}"`, `"path":"/f"`}},
		{name: "its bytes went", method: "GET", path: "/shares/{share}", status: 200, has: []string{`"used_bytes":0`}},
		{name: "and came", method: "GET", path: "/shares/{other}", status: 200, has: []string{`"used_bytes":3`}},
		{name: "folder to the other share", method: "POST", path: "/folders/{b}/move", body: `{"target_share_id":"{other}"}`, status: 200, has: []string{`"share_id":"{other}"`, `"path":"/b"`}},
		{name: "what is in it too", method: "GET", path: "/folders/{a}", status: 200, has: []string{`"share_id":"{other}"`, `"path":"/b/A2"`}},
		{name: "nothing is left", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, has: []string{`"total":0`}},
	})
}

func TestCopy(t *testing.T) {
	a := newAPI(t)
	a.tree()
	a.run([]step{
		{name: "taken", method: "POST", path: "/files/{file}/copy", body: `{"target_folder_id":"{a}"}`, status: 409},
		{name: "other version", method: "POST", path: "/files/{file}/copy", body: `{"target_folder_id":"{b}"}`, head: []string{"If-Match", `"x"`}, status: 412},
		{name: "stranger", as: "stranger", method: "POST", path: "/files/{file}/copy", body: `{"target_folder_id":"{b}"}`, status: 404},
		{name: "file", method: "POST", path: "/files/{file}/copy", body: `{"target_folder_id":"{a}","name":"g.txt"}`, status: 201, has: []string{`"path":"/a/g.txt"`, `"version":1`, `"checksum_sha256":"{sum}"`}, lacks: []string{`"id":"{file}"`, `"version_id":"{version}"`}, keep: "copy=id"},
		{name: "content", method: "GET", path: "/files/{copy}/content", status: 200, has: []string{"one"}},
		{name: "folder", method: "POST", path: "/folders/{a}/copy", body: `{"target_share_id":"{other}","name":"A"}`, status: 201, has: []string{`"path":"/A"`, `"share_id":"{other}"`}, keep: "copied=id"},
		{name: "its files", method: "GET", path: "/folders/{copied}/children?share_id={other}", status: 200, has: []string{`"total":2`, `"f.txt"`, `"g.txt"`}, lacks: []string{"{file}", "{copy}"}},
		{name: "into itself", method: "POST", path: "/folders/{a}/copy", body: `{"target_folder_id":"{a}"}`, status: 409},
		{name: "counted here", method: "GET", path: "/shares/{share}", status: 200, has: []string{`"used_bytes":6`}},
		{name: "and there", method: "GET", path: "/shares/{other}", status: 200, has: []string{`"used_bytes":6`}},
	})
}

func TestTrash(t *testing.T) {
	a := newAPI(t)
	a.tree()
	a.run([]step{
		{name: "no share", method: "GET", path: "/trash", status: 422, has: []string{`["query","share_id"]`}},
		{name: "empty", method: "GET", path: "/trash?share_id={share}", status: 200, has: []string{`"items":[]`, `"total":0`, `"total_exact":true`}},
		{name: "delete the file", method: "DELETE", path: "/files/{file}", status: 204},
		{name: "delete its folder", method: "DELETE", path: "/folders/{a}", status: 204},
		{name: "trash", method: "GET", path: "/trash?share_id={share}&limit=1", status: 200, has: []string{`"id":"{a}"`, `"type":"folder"`, `"path":"/a"`, `"total":2`, `"deleted_at":"`, `"deleted_by":"usr_`, `"group_id":null`}, keep: "token=next_page_token"},
		{name: "next page", method: "GET", path: "/trash?share_id={share}&limit=1&page_token={token}", status: 200, has: []string{`"id":"{file}"`, `"path":"/a/f.txt"`, `"size":3`}, lacks: []string{"next_page_token"}},
		{name: "token of another share", method: "GET", path: "/trash?share_id={other}&page_token={token}", status: 422, has: []string{`page_token`}},
		{name: "stranger", as: "stranger", method: "GET", path: "/trash?share_id={share}", status: 404},
		{name: "restore, stranger", as: "stranger", method: "POST", path: "/files/{file}/restore", status: 404},
		{name: "restore, other version", method: "POST", path: "/files/{file}/restore", head: []string{"If-Match", `"ver_{nobody}"`}, status: 412},
		{name: "move out of the trash", method: "POST", path: "/files/{file}/move", body: `{"target_folder_id":"{b}"}`, status: 410},
		{name: "into the trash", method: "POST", path: "/folders/{b}/move", body: `{"target_folder_id":"{a}"}`, status: 410},
		{name: "restore", method: "POST", path: "/files/{file}/restore", status: 200, has: []string{`"path":"/f.txt"`, `"is_deleted":false`, `Etag: "{version}"`}},
		{name: "restore again", method: "POST", path: "/files/{file}/restore", status: 200, has: []string{`"path":"/f.txt"`}},
		{name: "restore by a flag, with a name", method: "PATCH", path: "/folders/{a}", body: `{"is_deleted":false,"name":"back"}`, status: 200, has: []string{`"path":"/back"`}},

		{name: "delete", method: "DELETE", path: "/files/{file}", status: 204},
		{name: "same name", method: "POST", path: "/files", body: upload("F.TXT", "two"), status: 201, keep: "second=id"},
		{name: "restore beside it", method: "POST", path: "/files/{file}/restore", status: 200, has: []string{`"path":"/f (restored).txt"`}},
		{name: "delete for good", method: "DELETE", path: "/files/{second}?permanent=true", status: 204},
		{name: "it is absent", method: "GET", path: "/files/{second}", status: 404},
		{name: "and does not come back", method: "POST", path: "/files/{second}/restore", status: 404},
		{name: "delete", method: "DELETE", path: "/files/{file}", status: 204},
		{name: "empty the trash, stranger", as: "stranger", method: "DELETE", path: "/trash?share_id={share}", status: 404},
		{name: "empty the trash", method: "DELETE", path: "/trash?share_id={share}", status: 204},
		{name: "it is empty", method: "GET", path: "/trash?share_id={share}", status: 200, has: []string{`"total":0`}},
		{name: "what was in it is absent", method: "GET", path: "/files/{file}", status: 404},
	})
	if err := a.Tree.RemovePurged(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.step(step{name: "nothing is counted", method: "GET", path: "/shares/{share}", status: 200, has: []string{`"used_bytes":0`}})
}

func TestRestoreOfVersions(t *testing.T) {
	a := newAPI(t)
	a.tree()
	a.run([]step{
		{name: "unknown", method: "POST", path: "/files/{file}/versions/2/restore", status: 404},
		{name: "zero", method: "POST", path: "/files/{file}/versions/0/restore", status: 404},
		{name: "ill-formed", method: "POST", path: "/files/{file}/versions/x/restore", status: 404},
		{name: "stranger", as: "stranger", method: "POST", path: "/files/{file}/versions/1/restore", status: 404},
		{name: "other version", method: "POST", path: "/files/{file}/versions/1/restore", head: []string{"If-Match", `"ver_{nobody}"`}, status: 412},
		{name: "restore", method: "POST", path: "/files/{file}/versions/1/restore", head: []string{"If-Match", `"{version}"`}, status: 200, has: []string{`"id":"{file}"`, `"version":2`, `"restored_from":1`}},
		{name: "it is the current one", method: "GET", path: "/files/{file}", status: 200, has: []string{`"version":2`, `"checksum_sha256":"{sum}"`}, lacks: []string{"{version}"}, keep: "second=version_id"},
		{name: "all are kept", method: "GET", path: "/files/{file}/versions", status: 200, has: []string{`"total":2`, "{version}", "{second}"}},
	})
	racers(t, 412, func() int {
		res, _ := a.do("POST", a.fill("/api/v1/files/{file}/versions/1/restore"), "", "Authorization", "Bearer "+a.vars["user"], "If-Match", a.fill(`"{second}"`))
		return res.StatusCode
	})
	racers(t, 409, func() int {
		res, _ := a.do("POST", a.fill("/api/v1/folders/{a}/copy"), a.fill(`{"target_folder_id":"{b}","name":"one"}`), "Authorization", "Bearer "+a.vars["user"], "Content-Type", "application/json")
		return res.StatusCode
	})
	a.step(step{name: "one copy", method: "GET", path: "/folders/{b}/children?share_id={share}", status: 200, has: []string{`"total":1`}})
}

// racers makes a call 50 times at once: exactly one succeeds, the others are
// refused with one status.
func racers(t *testing.T, refused int, call func() int) {
	t.Helper()
	var wg sync.WaitGroup
	var won atomic.Int32
	for range 50 {
		wg.Go(func() {
			switch got := call(); {
			case got >= 200 && got < 300:
				won.Add(1)
			case got != refused:
				t.Errorf("a racer got %d", got)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d racers won", won.Load())
	}
}

package httpd

import (
	"encoding/json"
	"strings"
	"testing"

	"scaidrive/httpd/wire"
)

func (a *api) desk(path, who string) (string, wire.Desk) {
	a.t.Helper()
	got := a.step(step{name: path, as: who, method: "GET", path: path, status: 200})
	var out wire.Desk
	if err := json.Unmarshal([]byte(got), &out); err != nil {
		a.t.Fatal(err)
	}
	paths := make([]string, len(out.Items))
	for i := range out.Items {
		paths[i] = out.Items[i].Path
	}
	return strings.Join(paths, " "), out
}

func TestFavourites(t *testing.T) {
	a := newAPI(t)
	a.tree()
	const at = "/users/me/favorites"
	mark := `{"resource_type":"file","resource_id":"{file}"}`
	a.run([]step{
		{name: "none", method: "GET", path: at, status: 200, has: []string{`{"items":[],"total":0}`}},
		{name: "mark", method: "POST", path: at, body: mark, status: 204},
		{name: "again", method: "POST", path: at, body: mark, status: 204},
		{name: "folder", method: "POST", path: at, body: `{"resource_type":"folder","resource_id":"{b}"}`, status: 204},
		{name: "one", method: "GET", path: at + "?limit=1", status: 200, has: []string{`"total":2`, `"at":"`, `"share_id":"{share}"`}},
		{name: "too many", method: "GET", path: at + "?limit=1001", status: 422},
		{name: "stranger", as: "stranger", method: "POST", path: at, body: mark, status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "nothing", method: "POST", path: at, body: `{"resource_type":"file","resource_id":"fil_{nobody}"}`, status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "wrong type", method: "POST", path: at, body: `{"resource_type":"share","resource_id":"{share}"}`, status: 422, has: []string{`["body","resource_type"]`}},
		{name: "wrong ID", method: "POST", path: at, body: `{"resource_type":"folder","resource_id":"{file}"}`, status: 422, has: []string{`["body","resource_id"]`}},
		{name: "more", method: "POST", path: at, body: `{"resource_type":"file","resource_id":"{file}","x":1}`, status: 422},
		{name: "no body", method: "DELETE", path: at, status: 422},
		{name: "of nothing", method: "DELETE", path: at, body: `{"resource_type":"file","resource_id":"fil_{nobody}"}`, status: 204},
		{name: "the stranger's", as: "stranger", method: "DELETE", path: at, body: mark, status: 204},
		{name: "rename", method: "PATCH", path: "/files/{file}", body: `{"name":"g.txt"}`, status: 200},
	})
	if got, _ := a.desk(at, ""); got != "/b /a/g.txt" && got != "/a/g.txt /b" {
		t.Errorf("favourites: %s", got)
	}
	a.run([]step{
		{name: "delete", method: "DELETE", path: "/folders/{a}", status: 204},
		{name: "one is gone", method: "GET", path: at, status: 200, has: []string{`"total":1`}, lacks: []string{"{file}"}},
		{name: "mark what is deleted", method: "POST", path: at, body: mark, status: 410},
		{name: "unmark", method: "DELETE", path: at, body: `{"resource_type":"folder","resource_id":"{b}"}`, status: 204},
		{name: "none", method: "GET", path: at, status: 200, has: []string{`"total":0`}},
	})
}

func TestRecent(t *testing.T) {
	a := newAPI(t)
	a.tree()
	const at = "/users/me/recent"
	if got, _ := a.desk(at, ""); got != "/a/f.txt /b /a" {
		t.Errorf("what was made: %s", got)
	}
	a.run([]step{
		{name: "another", method: "POST", path: "/files", body: upload("z.txt", "zzz"), status: 201, keep: "z=id"},
		{name: "its end only", method: "GET", path: "/files/{file}/content", head: []string{"Range", "bytes=1-"}, status: 206},
	})
	if got, _ := a.desk(at, ""); got != "/z.txt /a/f.txt /b /a" {
		t.Errorf("a later range: %s", got)
	}
	a.run([]step{
		{name: "head", method: "HEAD", path: "/files/{file}/content", status: 200},
		{name: "known already", method: "GET", path: "/files/{file}/content", head: []string{"If-None-Match", "*"}, status: 304},
		{name: "by who may not", as: "stranger", method: "GET", path: "/files/{file}/content", status: 404},
	})
	if got, _ := a.desk(at, ""); got != "/z.txt /a/f.txt /b /a" {
		t.Errorf("no content: %s", got)
	}
	a.step(step{name: "opened", method: "GET", path: "/files/{file}/content", head: []string{"Range", "bytes=0-1"}, status: 206})
	if got, p := a.desk(at, ""); got != "/a/f.txt /z.txt /b /a" || p.Total != 4 || p.Items[0].Size == nil || p.Items[0].At.IsZero() {
		t.Errorf("opened: %s %+v", got, p)
	}
	if got, _ := a.desk(at, "stranger"); got != "" {
		t.Errorf("the stranger's: %s", got)
	}
	if got, p := a.desk(at+"?limit=1&offset=1", ""); got != "/z.txt" || p.Total != 4 {
		t.Errorf("a page: %s", got)
	}
}

package httpd

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/archive"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/httpd/wire"
)

// unzipped reads an archive: folders end in a slash.
func unzipped(t *testing.T, b string) map[string]string {
	t.Helper()
	zr, err := zip.NewReader(strings.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range zr.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name] = string(content)
	}
	return got
}

// archived makes a folder with two files.
func (a *api) archived() {
	a.run([]step{
		{name: "folder", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"Plän"}`, status: 201, keep: "folder=id"},
		{name: "file", method: "POST", path: "/files", body: upload("a.txt", "hello", "folder_id", "{folder}"), status: 201, keep: "file=id"},
		{name: "large file", method: "POST", path: "/files", body: upload("b.bin", noise(9, 3<<20), "folder_id", "{folder}"), status: 201},
		{name: "beside", method: "POST", path: "/files", body: upload("A.txt", "other"), status: 201, keep: "beside=id"},
	})
}

func TestArchives(t *testing.T) {
	a := newAPI(t)
	a.archived()
	want := map[string]string{"Plän/": "", "Plän/a.txt": "hello", "Plän/b.bin": noise(9, 3<<20)}
	same := func(got map[string]string) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%d entries", len(got))
		}
		for name, content := range want {
			if got[name] != content {
				t.Errorf("%s has %d bytes", name, len(got[name]))
			}
		}
	}
	head := []string{"Content-Type: application/zip", "Cache-Control: private, no-store", "Content-Security-Policy: sandbox", "Accept-Ranges: none",
		`Content-Disposition: attachment; filename="Pl_n.zip"; filename*=UTF-8''Pl%C3%A4n.zip`, "Content-Length: "}
	same(unzipped(t, a.step(step{name: "folder", method: "GET", path: "/folders/{folder}/archive", status: 200, has: head})))
	const items = `{"items":[{"resource_type":"folder","id":"{folder}"}]}`
	a.run([]step{
		{name: "head", method: "HEAD", path: "/folders/{folder}/archive", status: 200, has: head},
		{name: "of a stranger", as: "stranger", method: "GET", path: "/folders/{folder}/archive", status: 404, has: []string{`{"detail":"Not found"}`}, lacks: []string{"zip"}},
		{name: "of a foreigner", as: "foreigner", method: "GET", path: "/folders/{folder}/archive", status: 404},
		{name: "of a file", method: "GET", path: "/folders/{file}/archive", status: 404},
		{name: "without a token", as: "nobody", method: "GET", path: "/folders/{folder}/archive", status: 401},

		{name: "ask", method: "POST", path: "/archives", body: items, status: 201, has: []string{`"url":"/api/v1/archives/`, `"expires_at":"2026-11-22T12:01:00Z"`}, keep: "url=url"},
		{name: "ask as a stranger", as: "stranger", method: "POST", path: "/archives", body: items, status: 404},
		{name: "ask for a file and a share", method: "POST", path: "/archives", body: `{"items":[{"id":"{file}"},{"id":"{beside}"},{"resource_type":"share","id":"{share}"}]}`, status: 201, keep: "url3=url"},
		{name: "nothing", method: "POST", path: "/archives", body: `{"items":[]}`, status: 422, has: []string{`["body","items"]`}},
		{name: "no items", method: "POST", path: "/archives", body: `{}`, status: 422, has: []string{`["body","items"]`}},
		{name: "another type", method: "POST", path: "/archives", body: `{"items":[{"resource_type":"file","id":"{folder}"}]}`, status: 422, has: []string{`["body","items",0,"resource_type"]`}},
		{name: "no ID", method: "POST", path: "/archives", body: `{"items":[{"id":"{file}"},{"id":"x"}]}`, status: 422, has: []string{`["body","items",1,"id"]`}},
		{name: "unknown", method: "POST", path: "/archives", body: `{"items":[{"id":"{file}"},{"id":"fil_00000000000000000000000000"}]}`, status: 404},
		{name: "unknown field", method: "POST", path: "/archives", body: `{"items":[{"id":"{file}"}],"name":"x"}`, status: 422},
		{name: "too many", method: "POST", path: "/archives", body: `{"items":[` + strings.Repeat(`{"id":"{file}"},`, archive.MaxItems) + `{"id":"{file}"}]}`, status: 422},
		{name: "as many as can be", method: "POST", path: "/archives", body: `{"items":[` + strings.Repeat(`{"id":"{file}"},`, archive.MaxItems-1) + `{"id":"{file}"}]}`, status: 201},
	})
	a.vars["ticket"] = strings.TrimPrefix(a.vars["url"], wire.Prefix)
	a.vars["ticket3"] = strings.TrimPrefix(a.vars["url3"], wire.Prefix)
	a.run([]step{
		{name: "another user's", as: "admin", method: "GET", path: "{ticket}", status: 404},
		{name: "with a bad token", as: "nonsense", method: "GET", path: "{ticket}", status: 401},
		{name: "looked at", as: "nobody", method: "HEAD", path: "{ticket}", status: 200, has: head},
	})
	same(unzipped(t, a.step(step{name: "fetch", as: "nobody", method: "GET", path: "{ticket}", status: 200, has: append(head, "Referrer-Policy: no-referrer")})))
	got := unzipped(t, a.step(step{name: "several, with a token", method: "GET", path: "{ticket3}", status: 200, has: []string{`filename="archive.zip"`}}))
	if got["a.txt"] != "hello" || got["A (2).txt"] != "other" || got["Work/Plän/a.txt"] != "hello" || len(got) != 7 {
		t.Errorf("%d entries, %q", len(got), got["A (2).txt"])
	}
	a.run([]step{
		{name: "again", as: "nobody", method: "GET", path: "{ticket}", status: 410},
		{name: "unknown ticket", as: "nobody", method: "GET", path: "/archives/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "trash", method: "DELETE", path: "/folders/{folder}", status: 204},
		{name: "of the trash", method: "GET", path: "/folders/{folder}/archive", status: 410},
		{name: "asked for in the trash", method: "POST", path: "/archives", body: items, status: 410},
	})
	for _, secret := range []string{strings.TrimPrefix(a.vars["ticket"], "/archives/"), strings.TrimPrefix(a.vars["ticket3"], "/archives/"), "a.txt"} {
		if strings.Contains(a.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if !strings.Contains(a.log.String(), "route=/api/v1/archives/{ticket} status=200") {
		t.Error("the use of a ticket is not in the log")
	}
}

// TestTicketOfWhoMayNoLonger has a ticket's user lose what the ticket was given on.
func TestTicketOfWhoMayNoLonger(t *testing.T) {
	for _, test := range []struct {
		name   string
		lose   func(a *api)
		status int
	}{
		{"signed out", func(a *api) { a.step(step{name: "sign out", method: "POST", path: "/auth/logout", status: 204}) }, 401},
		{"suspended", func(a *api) {
			err := a.DB.Update(t.Context(), func(tx *meta.Tx) error {
				u, err := schema.GetUser(tx, a.Tenant.No, a.User.ID)
				if err != nil {
					return err
				}
				u.Status = engine.StatusSuspended
				return schema.PutUser(tx, u)
			})
			if err != nil {
				t.Fatal(err)
			}
		}, 403},
		{"deleted what it holds", func(a *api) { a.step(step{name: "trash", method: "DELETE", path: "/folders/{folder}", status: 204}) }, 410},
		{"expired", func(a *api) { a.Pass(time.Minute) }, 410},
		{"a year later", func(a *api) { a.Pass(365 * 24 * time.Hour) }, 410},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAPI(t)
			a.archived()
			a.step(step{name: "ask", method: "POST", path: "/archives", body: `{"items":[{"id":"{folder}"}]}`, status: 201, keep: "url=url"})
			a.vars["ticket"] = strings.TrimPrefix(a.vars["url"], wire.Prefix)
			test.lose(a)
			a.step(step{name: "use", as: "nobody", method: "GET", path: "{ticket}", status: test.status, lacks: []string{"hello", "Content-Disposition"}})
		})
	}
}

// TestDamagedArchive flips a bit of a file in the middle: the answer breaks off,
// and before the first byte it is a 500 that names the file.
func TestDamagedArchive(t *testing.T) {
	stack := transfertest.Memory(t)
	a := serveAPI(t, stack)
	a.step(step{name: "folder", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"p"}`, status: 201, keep: "folder=id"})
	good, bad := noise(1, 2<<20), noise(2, 3<<20)
	a.step(step{name: "good", method: "POST", path: "/files", body: upload("a", good, "folder_id", "{folder}"), status: 201})
	a.step(step{name: "bad", method: "POST", path: "/files", body: upload("b", bad, "folder_id", "{folder}"), status: 201, keep: "bad=id"})
	_, parts := transfertest.Split([]byte(bad))
	damage(t, stack.FS, parts[len(parts)-1][100:140])
	get := func(path string) (int, string, error) {
		req, _ := http.NewRequest("GET", "http://"+a.addr+"/api/v1"+a.fill(path), nil)
		req.Header.Set("Authorization", "Bearer "+a.vars["user"])
		res, err := a.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		return res.StatusCode, string(b), err
	}
	status, body, err := get("/folders/{folder}/archive")
	if status != 200 || err == nil || !strings.Contains(body, good[:1000]) {
		t.Errorf("%d, %d bytes, %v: it ended as if it were whole", status, len(body), err)
	}
	if !strings.Contains(a.log.String(), a.vars["bad"]) {
		t.Error("the log does not name the file")
	}
	a.step(step{name: "a small damaged file", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"q"}`, status: 201, keep: "q=id"})
	small := noise(3, 40_000)
	a.step(step{name: "small", method: "POST", path: "/files", body: upload("s", small, "folder_id", "{q}"), status: 201, keep: "small=id"})
	damage(t, stack.FS, []byte(small[100:140]))
	a.step(step{name: "before the first byte", method: "GET", path: "/folders/{q}/archive", status: 500, has: []string{"{small}"}, lacks: []string{"Content-Disposition"}})
}

func TestNoPreviews(t *testing.T) {
	a := newAPI(t)
	a.archived()
	a.run([]step{
		{name: "preview", method: "GET", path: "/files/{file}/preview", status: 503, has: []string{"Retry-After: "}},
		{name: "of a stranger", as: "stranger", method: "GET", path: "/files/{file}/preview", status: 404},
		{name: "ready", method: "GET", path: "/ready", status: 200},
	})
	got := a.step(step{name: "thumbnails", method: "POST", path: "/files/thumbnails", body: `{"ids":["{file}"]}`, status: 200, has: []string{"X-Status: 503", "Content-ID: <{file}>"}})
	var p wire.Problem
	if i := strings.Index(got, "{"); i < 0 || json.Unmarshal([]byte(got[i:strings.LastIndex(got, "}")+1]), &p) != nil {
		t.Error(got)
	}
}

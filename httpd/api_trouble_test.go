package httpd

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/transfer/transfertest"
)

func noise(seed uint64, n int) string {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed)})
	_, _ = r.Read(b)
	return string(b)
}

// TestDamagedContentOverHTTP flips a bit in a pack: found before the first byte
// it is a 500 that names file and version; after it the answer breaks; a range
// that does not touch it is whole.
func TestDamagedContentOverHTTP(t *testing.T) {
	stack := transfertest.Memory(t)
	a := serveAPI(t, stack)
	content := noise(1, 4<<20)
	a.step(step{name: "upload", method: "POST", path: "/files", body: upload("f", content), status: 201, keep: "file=id"})
	_, parts := transfertest.Split([]byte(content))
	victim := len(parts) / 2
	before := 0
	for _, p := range parts[:victim] {
		before += len(p)
	}
	damage(t, stack.FS, parts[victim][1000:1040])

	names := []string{"{file}", "version 1"}
	a.step(step{name: "range in it", method: "GET", path: "/files/{file}/content", head: []string{"Range", rangeHeader(before, before+10)}, status: 500, has: names, lacks: []string{"Content-Range", "Etag"}})
	a.step(step{name: "long range from it", method: "GET", path: "/files/{file}/content", head: []string{"Range", rangeHeader(before, len(content))}, status: 500, has: names})
	a.step(step{name: "fetch", method: "POST", path: "/sync/chunks/fetch", body: `{"file_id":"{file}","chunks":["` + sumOf(string(parts[victim])) + `"]}`, status: 500, has: names})
	if got := a.step(step{name: "range before it", method: "GET", path: "/files/{file}/content", head: []string{"Range", rangeHeader(0, before)}, status: 206}); got != content[:before] {
		t.Error("other bytes before the damage")
	}
	if got := a.step(step{name: "range behind it", method: "GET", path: "/files/{file}/content", head: []string{"Range", rangeHeader(before+len(parts[victim]), len(content))}, status: 206}); got != content[before+len(parts[victim]):] {
		t.Error("other bytes behind the damage")
	}
	for _, path := range []string{"/files/{file}/content"} {
		req, _ := http.NewRequest("GET", "http://"+a.addr+"/api/v1"+a.fill(path), nil)
		req.Header.Set("Authorization", "Bearer "+a.vars["user"])
		res, err := a.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 200 || err == nil || !strings.HasPrefix(content, string(got)) || len(got) > before {
			t.Errorf("%s: status %d, %d bytes, error %v", path, res.StatusCode, len(got), err)
		}
	}
	a.step(step{name: "metadata is whole", method: "GET", path: "/files/{file}", status: 200})
}

// damage flips a bit of a stretch of bytes wherever it lies in the packs.
func damage(t *testing.T, fsys vfs.FS, needle []byte) {
	t.Helper()
	found := false
	var search func(dir string)
	search = func(dir string) {
		list, err := fsys.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if e.Dir {
				search(dir + "/" + e.Name)
			} else if damageFile(t, fsys, dir+"/"+e.Name, e.Size, needle) {
				found = true
			}
		}
	}
	search("packs")
	if !found {
		t.Fatal("the bytes are in no pack")
	}
}

func damageFile(t *testing.T, fsys vfs.FS, name string, size int64, needle []byte) bool {
	t.Helper()
	f, err := fsys.OpenRW(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := make([]byte, size)
	if _, err := f.ReadAt(all, 0); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	i := bytes.Index(all, needle)
	if i < 0 {
		return false
	}
	if _, err := f.WriteAt([]byte{needle[0] ^ 1}, int64(i)); err != nil {
		t.Fatal(err)
	}
	return true
}

// TestFullStorage fills the volume: 507 names this server's storage, reading and
// signing in go on, and writing works again when there is room.
func TestFullStorage(t *testing.T) {
	mem := vfs.NewMem()
	a := serveAPI(t, transfertest.OnFS(t, mem))
	content := noise(2, 200_000)
	a.step(step{name: "upload", method: "POST", path: "/files", body: upload("f", content), status: 201, keep: "file=id"})
	mem.SetCapacity(mem.Used() + 1000)
	big := noise(3, 40<<20)
	a.run([]step{
		{name: "upload, full", method: "POST", path: "/files", body: upload("g", big), status: 507, has: []string{"storage of this server"}},
		{name: "content", method: "GET", path: "/files/{file}/content", status: 200, has: []string{content}},
		{name: "list", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, has: []string{`"total":1`}},
	})
	mem.SetCapacity(1 << 40)
	a.signIn("user@example.com")
	a.step(step{name: "upload, room again", method: "POST", path: "/files", body: upload("g", big), status: 201})
}

// TestQuota is the other 507.
func TestQuota(t *testing.T) {
	a := newAPI(t)
	a.vars["share"] = a.NewShare(t, 1000).Format(engine.PrefixShare)
	a.run([]step{
		{name: "within", method: "POST", path: "/files", body: upload("f", noise(4, 600)), status: 201},
		{name: "over", method: "POST", path: "/files", body: upload("g", noise(5, 600)), status: 507, has: []string{"level share"}, lacks: []string{"storage of this server"}},
		{name: "nothing half", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, has: []string{`"total":1`}},
		{name: "counted", method: "GET", path: "/shares/{share}", status: 200, has: []string{`"used_bytes":600`}},
	})
}

// TestFailedSync: after the first failed sync no write is acknowledged, with
// Retry-After; reading goes on.
func TestFailedSync(t *testing.T) {
	fault := vfs.NewFault(vfs.NewMem())
	a := serveAPI(t, transfertest.OnFS(t, fault))
	content := noise(6, 1000)
	a.step(step{name: "upload", method: "POST", path: "/files", body: upload("f", content), status: 201, keep: "file=id"})
	fault.Inject(vfs.Rule{Ops: vfs.OpSync})
	a.run([]step{
		{name: "upload, the sync fails", method: "POST", path: "/files", body: upload("g", noise(7, 1000)), status: 503, has: []string{"Retry-After: "}},
		{name: "no write any more", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"x"}`, status: 503, has: []string{"Retry-After: "}},
		{name: "no deletion", method: "DELETE", path: "/files/{file}", status: 503},
		{name: "no apply", method: "POST", path: "/sync/apply", body: `{"share_id":"{share}","changes":[{"resource_type":"folder","change_type":"created","name":"x"}]}`, status: 503},
		{name: "content", method: "GET", path: "/files/{file}/content", status: 200, has: []string{content}},
		{name: "list", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, has: []string{`"total":1`}},
	})
}

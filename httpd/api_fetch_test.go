package httpd

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"scaidrive/engine/transfer/transfertest"
	"scaidrive/httpd/wire"
)

// A want is a file's frame: its status, version and content.
type want struct {
	status  int
	version uint64
	content string
}

// contents makes the answer of POST /sync/files/fetch.
func contents(list ...want) string {
	var b []byte
	for i, w := range list {
		b = wire.FileFrame{Index: i, Status: w.status, Version: w.version, Size: int64(len(w.content))}.AppendTo(b)
		b = append(b, w.content...)
	}
	return string(b)
}

func askFiles(list ...string) string { return `{"files":[` + strings.Join(list, ",") + `]}` }

func fileAt(id string, version int) string {
	if version == 0 {
		return `{"file_id":"` + id + `"}`
	}
	return fmt.Sprintf(`{"file_id":%q,"version":%d}`, id, version)
}

func TestFetchFiles(t *testing.T) {
	a := newAPI(t)
	small, middle, large := noise(1, 1000), noise(2, 300_000), noise(3, 3<<20)
	const path = "/sync/files/fetch"
	a.run([]step{
		{name: "small", method: "POST", path: "/files", body: upload("small", small), status: 201, keep: "small=id"},
		{name: "middle", method: "POST", path: "/files", body: upload("middle", middle), status: 201, keep: "middle=id"},
		{name: "large", method: "POST", path: "/files", body: upload("large", large), status: 201, keep: "large=id"},
		{name: "empty", method: "POST", path: "/files", body: upload("empty", ""), status: 201, keep: "empty=id"},
		{name: "trashed", method: "POST", path: "/files", body: upload("trashed", small), status: 201, keep: "trashed=id"},
		{name: "trash it", method: "DELETE", path: "/files/{trashed}", status: 204},
		{name: "folder", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"dir"}`, status: 201, keep: "dir=id"},
	})
	foreign := strings.Replace(a.fill("{dir}"), "fld_", "fil_", 1)
	unknown := want{404, 0, ""}
	for _, s := range []struct {
		name, as string
		ask      []string
		want     []want
	}{
		{"all sizes", "", []string{fileAt("{large}", 1), fileAt("{small}", 1), fileAt("{empty}", 0), fileAt("{middle}", 0), fileAt("{small}", 0)},
			[]want{{200, 1, large}, {200, 1, small}, {200, 1, ""}, {200, 1, middle}, {200, 1, small}}},
		{"what is not there", "", []string{fileAt("fil_{nobody}", 0), fileAt("{small}", 2), fileAt(foreign, 0), fileAt("{trashed}", 0), fileAt("{empty}", 1)},
			[]want{unknown, unknown, unknown, {410, 0, ""}, {200, 1, ""}}},
		{"a stranger", "stranger", []string{fileAt("{small}", 1), fileAt("{trashed}", 0), fileAt("fil_{nobody}", 0)}, []want{unknown, unknown, unknown}},
		{"a foreigner", "foreigner", []string{fileAt("{small}", 1), fileAt("{large}", 1)}, []want{unknown, unknown}},
		{"as many as may be", "", repeat(fileAt("{empty}", 1), 1000), wants(want{200, 1, ""}, 1000)},
		{"as much as may be", "", append(repeat(fileAt("{large}", 1), 21), fileAt("{mebi}", 1)), append(wants(want{200, 1, large}, 21), want{200, 1, noise(4, 1<<20)})},
	} {
		if strings.Contains(s.ask[len(s.ask)-1], "{mebi}") {
			a.step(step{name: "mebi", method: "POST", path: "/files", body: upload("mebi", noise(4, 1<<20)), status: 201, keep: "mebi=id"})
		}
		if got := a.step(step{name: s.name, as: s.as, method: "POST", path: path, body: askFiles(s.ask...), status: 200}); got != contents(s.want...) {
			t.Errorf("%s: %d bytes, other than the frames asked for", s.name, len(got))
		}
	}
	a.step(step{name: "one byte", method: "POST", path: "/files", body: upload("byte", "x"), status: 201, keep: "byte=id"})
	a.run([]step{
		{name: "nothing", method: "POST", path: path, body: askFiles(), status: 200},
		{name: "too many", method: "POST", path: path, body: askFiles(repeat(fileAt("{empty}", 1), 1001)...), status: 422, has: []string{"1000", `["body","files"]`}},
		{name: "too much", method: "POST", path: path, body: askFiles(append(repeat(fileAt("{large}", 1), 21), fileAt("{mebi}", 1), fileAt("{byte}", 1))...), status: 413},
		{name: "too much for a stranger is nothing", as: "stranger", method: "POST", path: path, body: askFiles(repeat(fileAt("{large}", 1), 22)...), status: 200},
		{name: "no list", method: "POST", path: path, body: `{}`, status: 422, has: []string{`["body","files"]`}},
		{name: "not an ID", method: "POST", path: path, body: askFiles(fileAt("{small}", 0), fileAt("{dir}", 0)), status: 422, has: []string{`["body","files",1,"file_id"]`}},
		{name: "unknown field", method: "POST", path: path, body: `{"files":[{"file_id":"{small}","x":1}]}`, status: 422, has: []string{`"x"`}},
		{name: "nobody", as: "nobody", method: "POST", path: path, body: askFiles(fileAt("{small}", 0)), status: 401},
	})
}

func wants(w want, n int) []want {
	out := make([]want, n)
	for i := range out {
		out[i] = w
	}
	return out
}

// TestFetchDamagedFiles: damage found before the first byte of a file is told in its
// frame, and the others come; found later, the answer breaks off before it.
func TestFetchDamagedFiles(t *testing.T) {
	stack := transfertest.Memory(t)
	a := serveAPI(t, stack)
	good, bad, first, later := noise(1, 5000), noise(2, 5000), noise(3, 3<<20), noise(4, 3<<20)
	for name, content := range map[string]string{"good": good, "bad": bad, "first": first, "later": later} {
		a.step(step{name: name, method: "POST", path: "/files", body: upload(name, content), status: 201, keep: name + "=id"})
	}
	damage(t, stack.FS, []byte(bad[1000:1040]))
	damage(t, stack.FS, []byte(first[1000:1040]))
	_, parts := transfertest.Split([]byte(later))
	last := parts[len(parts)-1]
	damage(t, stack.FS, last[len(last)/2:len(last)/2+40])

	got := a.step(step{name: "told", method: "POST", path: "/sync/files/fetch",
		body: askFiles(fileAt("{good}", 1), fileAt("{bad}", 1), fileAt("{good}", 1), fileAt("{first}", 1), fileAt("{good}", 0)), status: 200})
	if got != contents(want{200, 1, good}, want{500, 0, ""}, want{200, 1, good}, want{500, 0, ""}, want{200, 1, good}) {
		t.Errorf("%d bytes, other than the frames expected", len(got))
	}

	req, _ := http.NewRequest("POST", "http://"+a.addr+"/api/v1/sync/files/fetch",
		strings.NewReader(a.fill(askFiles(fileAt("{good}", 1), fileAt("{later}", 1), fileAt("{good}", 1)))))
	req.Header.Set("Authorization", "Bearer "+a.vars["user"])
	req.Header.Set("Content-Type", "application/json")
	res, err := a.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	whole := contents(want{200, 1, good}, want{200, 1, later})
	if res.StatusCode != 200 || err == nil || !strings.HasPrefix(whole, string(b)) || len(b) > len(whole)-len(last) {
		t.Errorf("status %d, %d bytes, error %v", res.StatusCode, len(b), err)
	}
}

package httpd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scaidrive/engine/once"
)

// unkeyed are the routes that change something and pass an Idempotency-Key over,
// with the reason.
var unkeyed = map[string]string{
	"POST /api/v1/auth/login":                                       "nobody is signed in yet",
	"POST /api/v1/auth/session":                                     "nobody is signed in yet",
	"POST /api/v1/auth/token":                                       "nobody is signed in; the refresh token is used once by itself",
	"POST /api/v1/auth/logout":                                      "ends what is ended",
	"PUT /api/v1/uploads/{id}/chunks/{i}":                           "names the part and its bytes",
	"PUT /api/v1/uploads/{id}/content":                              "names the upload and its bytes",
	"POST /api/v1/sync/chunks/query":                                "changes nothing",
	"POST /api/v1/sync/chunks":                                      "chunks are named by their content",
	"POST /api/v1/sync/status":                                      "replaces",
	"POST /api/v1/sync/status/allow-deletes":                        "the same again changes nothing",
	"POST /api/v1/sync/status/resync":                               "asking again changes nothing",
	"POST /api/v1/admin/users/{id}/resync":                          "asking again changes nothing",
	"PUT /api/v1/sync/manifests/{sha256}":                           "a list is named by its content",
	"POST /api/v1/sync/chunks/fetch":                                "changes nothing",
	"POST /api/v1/sync/files/fetch":                                 "changes nothing",
	"POST /api/v1/files/thumbnails":                                 "changes nothing",
	"POST /api/v1/users/me/favorites":                               "marks what is marked",
	"DELETE /api/v1/users/me/favorites":                             "names what it unmarks",
	"POST /api/v1/shares/{id}/join-requests":                        "an open request is a conflict",
	"DELETE /api/v1/shares/{id}/join-requests/{user_id}":            "names what it takes away",
	"POST /api/v1/shares/{id}/join-requests/{user_id}/accept":       "has effect once by itself",
	"POST /api/v1/shares/{id}/join-requests/{user_id}/refuse":       "has effect once by itself",
	"PATCH /api/v1/comments/{id}":                                   "the same text again changes nothing",
	"DELETE /api/v1/comments/{id}":                                  "names what it takes away",
	"PUT /api/v1/files/{id}/tags":                                   "replaces them",
	"PUT /api/v1/folders/{id}/tags":                                 "replaces them",
	"POST /api/v1/archives":                                         "an address more does nothing until it is used",
	"POST /api/v1/sync/apply":                                       "a device names its changes itself, and each has one effect",
	"POST /api/v1/auth/ticket":                                      "gives a secret",
	"POST /api/v1/sync/cursor":                                      "the same position again changes nothing",
	"POST /api/v1/sync/devices":                                     "names the device itself",
	"PATCH /api/v1/sync/devices/{device_id}":                        "the same name again changes nothing",
	"DELETE /api/v1/sync/devices/{device_id}":                       "names what it removes",
	"PUT /api/v1/sync/preferences":                                  "replaces them",
	"POST /api/v1/shares/{id}/members":                              "who has a role is a conflict",
	"PATCH /api/v1/shares/{id}/members/{principal_id}":              "the same change again changes nothing",
	"DELETE /api/v1/shares/{id}/members/{principal_id}":             "names whom it removes",
	"POST /api/v1/shares/{id}/invitations":                          "an open invitation for the address is a conflict",
	"DELETE /api/v1/shares/{id}/invitations/{invitation_id}":        "names what it takes back",
	"POST /api/v1/users/me/invitations/{id}/accept":                 "has effect once by itself",
	"POST /api/v1/users/me/invitations/{id}/decline":                "has effect once by itself",
	"POST /api/v1/permissions/ownership/share/{id}/transfer":        "the same owner again changes nothing",
	"PATCH /api/v1/admin/settings":                                  "the same change again changes nothing",
	"POST /api/v1/notices/read":                                     "what is read stays so",
	"PATCH /api/v1/admin/tenant":                                    "the same change again changes nothing",
	"POST /api/v1/admin/partners":                                   "a taken name is a conflict",
	"POST /api/v1/admin/partners/{id}/suspend":                      "what is suspended stays so",
	"POST /api/v1/admin/partners/{id}/activate":                     "what is active stays so",
	"POST /api/v1/admin/partners/{id}/tenants":                      "a taken name is a conflict; the answer holds a secret",
	"POST /api/v1/admin/partners/{id}/tenants/{tenant_id}/suspend":  "what is suspended stays so",
	"POST /api/v1/admin/partners/{id}/tenants/{tenant_id}/activate": "what is active stays so",
	"POST /api/v1/auth/activate":                                    "nobody is signed in; the link is used once by itself",
	"PATCH /api/v1/admin/users/{id}":                                "the same change again changes nothing",
	"DELETE /api/v1/admin/users/{id}":                               "deletes in steps; the same call goes on",
	"POST /api/v1/admin/users/{id}/suspend":                         "who is suspended stays so",
	"POST /api/v1/admin/users/{id}/activate":                        "who is active stays so",
	"POST /api/v1/admin/users/{id}/reset-password":                  "gives a secret",
	"PATCH /api/v1/admin/groups/{id}":                               "the same change again changes nothing",
	"DELETE /api/v1/admin/groups/{id}":                              "names what it deletes",
	"POST /api/v1/admin/groups/{id}/members":                        "who is in it is a conflict",
	"DELETE /api/v1/admin/groups/{id}/members/{principal_id}":       "names whom it removes",
	"POST /api/v1/sync/conflicts/{id}/resolve":                      "what is resolved stays so",

	"POST /api/v1/permissions/check":                                   "changes nothing",
	"POST /api/v1/permissions/check/batch":                             "changes nothing",
	"POST /api/v1/permissions/acl/{resource_type}/{id}":                "the same entry again changes nothing",
	"PUT /api/v1/permissions/acl/{resource_type}/{id}":                 "replaces them",
	"DELETE /api/v1/permissions/acl/{resource_type}/{id}":              "names what it takes away",
	"PUT /api/v1/permissions/acl/{resource_type}/{id}/inheritance":     "the same again changes nothing",
	"POST /api/v1/permissions/ownership/{resource_type}/{id}/transfer": "the same owner again changes nothing",
}

// Whoever adds a route that changes something decides here about keys: it is
// named in keyedRoutes (and its service calls once.Keep), or above with a reason.
func TestKeysAreDecidedForAll(t *testing.T) {
	keyed := keyedRoutes()
	for _, rt := range routes() {
		name := rt.method + " " + rt.path
		_, takes := keyed[name]
		delete(keyed, name)
		switch {
		case rt.method == "GET" && takes:
			t.Errorf("%s takes a key and changes nothing", name)
		case rt.method != "GET" && takes == (unkeyed[name] != ""):
			t.Errorf("%s: does it take an Idempotency-Key or not?", name)
		case takes && rt.who == anyone:
			t.Errorf("%s takes a key from whom?", name)
		}
	}
	for name := range keyed {
		t.Errorf("%s takes a key and is not there", name)
	}
}

// keyedStep is a request of a scenario that is sent twice with one key.
type keyedStep struct {
	step
	other string // another body, or "" where there is none
}

// Every route that takes a key: a repeat has no effect and gets the first
// answer, another body is refused, and without the key there would be an effect.
func TestEveryKeyedRouteTwice(t *testing.T) {
	a := newAPI(t)
	a.tree()
	p0 := strings.Repeat("a", 65536)
	steps := []keyedStep{
		{step{method: "POST", path: "/shares", body: `{"name":"S","share_type":"project"}`, status: 201}, `{"name":"T","share_type":"project"}`},
		{step{method: "PATCH", path: "/shares/{other}", body: `{"name":"Renamed"}`, status: 200}, `{"name":"Again"}`},
		{step{method: "DELETE", path: "/shares/{other}", status: 204}, ""},
		{step{method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"n"}`, status: 201, keep: "n=id"}, `{"share_id":"{share}","name":"m"}`},
		{step{method: "PATCH", path: "/folders/{n}", body: `{"name":"n2"}`, status: 200}, `{"name":"n3"}`},
		{step{method: "POST", path: "/folders/{n}/copy", body: `{"target_share_id":"{share}","name":"n4"}`, status: 201, keep: "n4=id"}, `{"target_share_id":"{share}","name":"n5"}`},
		{step{method: "POST", path: "/folders/{n4}/move", body: `{"target_folder_id":"{b}"}`, status: 200}, `{"target_folder_id":"{a}"}`},
		{step{method: "DELETE", path: "/folders/{n4}", status: 204}, ""},
		{step{method: "POST", path: "/folders/{n4}/restore", status: 200}, ""},
		{step{method: "POST", path: "/files", body: upload("k.txt", "first"), status: 201, keep: "k=id"}, upload("k.txt", "other")},
		{step{method: "POST", path: "/files", body: upload("long.txt", strings.Repeat("long", 1<<19)), status: 201, keep: "long=id"}, upload("long.txt", strings.Repeat("lung", 1<<19))},
		{step{method: "PATCH", path: "/files/{k}", body: `{"name":"k2.txt"}`, status: 200}, `{"name":"k3.txt"}`},
		{step{method: "POST", path: "/files/{k}/versions/1/restore", status: 200}, ""},
		{step{method: "POST", path: "/files/{k}/copy", body: `{"target_folder_id":"{a}","name":"c.txt"}`, status: 201, keep: "c=id"}, `{"target_folder_id":"{b}","name":"c.txt"}`},
		{step{method: "POST", path: "/files/{c}/move", body: `{"target_folder_id":"{b}"}`, status: 200}, `{"target_folder_id":"{a}"}`},
		{step{method: "POST", path: "/files/{c}/comments", body: `{"text":"x"}`, status: 201}, `{"text":"y"}`},
		{step{method: "POST", path: "/folders/{a}/comments", body: `{"text":"x"}`, status: 201}, `{"text":"y"}`},
		{step{method: "DELETE", path: "/files/{c}", status: 204}, ""},
		{step{method: "POST", path: "/files/{c}/restore", status: 200}, ""},
		{step{method: "DELETE", path: "/trash?share_id={share}", status: 204}, ""},
		{step{method: "POST", path: "/jobs", body: `{"kind":"delete","items":[{"id":"{k}"}]}`, status: 202, keep: "job=id"}, `{"kind":"delete","items":[{"id":"{c}"}]}`},
		{step{method: "POST", path: "/jobs/{job}/cancel", status: 202}, ""},
		{step{method: "POST", path: "/jobs/{job}/undo", status: 202}, ""},
		{step{method: "POST", path: "/jobs", body: `{"kind":"delete","items":[{"id":"{c}"}]}`, status: 202, keep: "group=id"}, ""},
		{step{method: "POST", path: "/jobs/{group}/cancel", status: 202}, ""},
		{step{method: "POST", path: "/trash/groups/{group}/restore", status: 202}, ""},
		{step{method: "POST", path: "/uploads", body: create("u.bin", 65536, ""), status: 201, keep: "up=session_id"}, create("v.bin", 65536, "")},
		{step{method: "POST", path: "/uploads/{up}/complete", status: 200, keep: "u=file_id"}, ""},
		{step{method: "DELETE", path: "/uploads/{up}", status: 204}, ""},
	}
	seen := map[string]bool{}
	for i, s := range steps {
		if strings.HasSuffix(s.path, "/complete") {
			a.step(step{name: "part", method: "PUT", path: "/uploads/{up}/chunks/0", body: p0, status: 204})
		}
		s.name = fmt.Sprint("first ", i)
		s.head = []string{"Idempotency-Key", fmt.Sprint("key-", i)}
		first := a.step(s.step)
		before := a.sequences()
		s.name, s.keep = fmt.Sprint("again ", i), ""
		if again := a.step(s.step); again != first {
			t.Errorf("%s %s: the repeat got %s, the first %s", s.method, s.path, cut(again), cut(first))
		}
		s.name = fmt.Sprint("spaces ", i)
		if strings.HasPrefix(s.body, "{") && a.step(step{name: s.name, method: s.method, path: s.path, head: s.head, status: s.status, body: "{ " + s.body[1:]}) != first {
			t.Errorf("%s %s: another form of the same body got another answer", s.method, s.path)
		}
		if s.other != "" {
			a.step(step{name: fmt.Sprint("other ", i), method: s.method, path: s.path, body: s.other, head: s.head, status: 422, has: []string{`["header","Idempotency-Key"]`}})
		}
		if got := a.sequences(); got != before {
			t.Errorf("%s %s: the repeats had an effect: %s, before %s", s.method, s.path, got, before)
		}
		rt, _, err := newRouter(routes()).find(s.method, "/api/v1"+strings.Split(a.fill(s.path), "?")[0])
		if err != nil {
			t.Fatal(err)
		}
		seen[rt.method+" "+rt.path] = true
	}
	for name := range keyedRoutes() {
		if !seen[name] && !strings.Contains(name, "/auth/") && !strings.Contains(name, "/admin/") { // see api_admin_test.go
			t.Errorf("%s is not in this test", name)
		}
	}
	// The keys were needed: without them some of these repeats have effects.
	n := a.sequences()
	a.step(step{name: "without", method: "POST", path: "/shares", body: `{"name":"S","share_type":"project"}`, status: 201})
	if a.sequences() == n {
		t.Error("a second share without a key changes nothing?")
	}
}

// sequences says how much has happened: shares, the rows of the share's log and
// upload sessions.
func (a *api) sequences() string {
	a.t.Helper()
	_, total, err := a.Shares.List(context.Background(), a.Owner, false, 1, 0)
	if err != nil {
		a.t.Fatal(err)
	}
	sh := a.GetShare(a.t, a.Share)
	return fmt.Sprint(total, " shares, ", sh.Seq, " rows, ", sh.UsedBytes, " bytes")
}

// keyed makes one request of the user with a key.
func (a *api) keyed(key, method, path, body string) (int, string, http.Header) {
	a.t.Helper()
	head := []string{"Authorization", "Bearer " + a.vars["user"], "Idempotency-Key", key, "Content-Type", "application/json"}
	if strings.HasPrefix(body, "--") {
		head[5] = "multipart/form-data; boundary=" + edge
	}
	res, got := a.do(method, "/api/v1"+a.fill(path), a.fill(body), head...)
	return res.StatusCode, got, res.Header
}

// 50 racers on one key: one effect; the others get its answer, or are told that
// it is under way.
func TestRacersOnOneKey(t *testing.T) {
	a := newAPI(t)
	a.tree()
	long := strings.Repeat("0123456789abcdef", 1<<17)
	for i, c := range []struct{ method, path, body, id string }{
		{"POST", "/shares", `{"name":"R","share_type":"project"}`, "id"},
		{"POST", "/files/{file}/versions/1/restore", "", "id"},
		{"POST", "/uploads", create("r.bin", 5, ""), "session_id"},
		{"POST", "/files", upload("r.txt", "racing"), "id"},
		{"POST", "/files", upload("r2.txt", long), "id"},
		{"DELETE", "/trash?share_id={share}", "", ""},
	} {
		before := a.sequences()
		var wg sync.WaitGroup
		var mu sync.Mutex
		ids := map[string]int{}
		var busy atomic.Int32
		for range 50 {
			wg.Go(func() {
				status, body, head := a.keyed(fmt.Sprint("race-", i), c.method, c.path, c.body)
				switch {
				case status == 409 && head.Get("Retry-After") != "":
					busy.Add(1)
				case status >= 300:
					t.Errorf("%s %s: a racer got %d %s", c.method, c.path, status, body)
				default:
					var m map[string]any
					_ = json.Unmarshal([]byte(body), &m)
					mu.Lock()
					ids[fmt.Sprint(m[c.id])]++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(ids) != 1 {
			t.Errorf("%s %s: %d different effects: %v, from %s to %s", c.method, c.path, len(ids), ids, before, a.sequences())
		}
		t.Logf("%s %s: answers %v, told to wait %d", c.method, c.path, ids, busy.Load())
	}
	if got := a.sequences(); !strings.HasPrefix(got, "4 shares") { // personal, the scenario's, Other, R
		t.Errorf("after the races: %s", got)
	}
}

func TestKeysAndTheirEnds(t *testing.T) {
	a := newAPI(t)
	body := `{"name":"K","share_type":"project"}`
	key := []string{"Idempotency-Key", "k"}
	a.run([]step{
		{name: "first", method: "POST", path: "/shares", body: body, head: key, status: 201, keep: "first=id"},
		{name: "again", method: "POST", path: "/shares", body: body, head: key, status: 201, has: []string{"{first}"}},
		{name: "another route", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"x"}`, head: key, status: 201},
		{name: "another user", as: "stranger", method: "POST", path: "/shares", body: body, head: key, status: 201, lacks: []string{"{first}"}},
		{name: "another tenant", as: "foreigner", method: "POST", path: "/shares", body: body, head: key, status: 201, lacks: []string{"{first}"}},
		{name: "the same user's other token", as: "user", method: "POST", path: "/shares", body: body, head: key, status: 201, has: []string{"{first}"}},

		{name: "refused", method: "POST", path: "/shares", body: `{"name":"","share_type":"project"}`, head: []string{"Idempotency-Key", "f"}, status: 422},
		{name: "is not kept", method: "POST", path: "/shares", body: body, head: []string{"Idempotency-Key", "f"}, status: 201, lacks: []string{"{first}"}},
		{name: "too short", method: "POST", path: "/shares", body: body, head: []string{"Idempotency-Key", ""}, status: 422, has: []string{`["header","Idempotency-Key"]`}},
		{name: "longest", method: "POST", path: "/shares", body: body, head: []string{"Idempotency-Key", strings.Repeat("x", 255)}, status: 201},
		{name: "too long", method: "POST", path: "/shares", body: body, head: []string{"Idempotency-Key", strings.Repeat("x", 256)}, status: 422},
		{name: "not visible", method: "POST", path: "/shares", body: body, head: []string{"Idempotency-Key", "a b"}, status: 422},
		{name: "on a GET", method: "GET", path: "/shares/{first}", head: key, status: 200},

		{name: "file", method: "POST", path: "/files", body: upload("f.txt", "one"), head: key, status: 201, keep: "file=id"},
		{name: "its fields differ", method: "POST", path: "/files", body: upload("g.txt", "one"), head: key, status: 422},
		{name: "query differs", method: "DELETE", path: "/files/{file}", head: []string{"Idempotency-Key", "d"}, status: 204},
		{name: "query differs", method: "DELETE", path: "/files/{file}?permanent=true", head: []string{"Idempotency-Key", "d"}, status: 422},
		{name: "what was made is in the trash", method: "POST", path: "/files", body: upload("f.txt", "one"), head: key, status: 410},
		{name: "and not made anew", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, lacks: []string{"f.txt"}},
	})
	trash := []string{"Idempotency-Key", "t"}
	a.run([]step{
		{name: "empty the trash", method: "DELETE", path: "/trash?share_id={share}", head: trash, status: 204},
		{name: "file", method: "POST", path: "/files", body: upload("later.txt", "one"), status: 201, keep: "later=id"},
		{name: "delete it", method: "DELETE", path: "/files/{later}", status: 204},
		{name: "the repeat is about the trash of then", method: "DELETE", path: "/trash?share_id={share}", head: trash, status: 204},
		{name: "so this is left", method: "POST", path: "/files/{later}/restore", status: 200},
	})
	a.Pass(once.Lifetime - time.Second)
	a.vars["user"] = a.signIn("user@example.com").AccessToken
	a.step(step{name: "the last second", method: "POST", path: "/shares", body: body, head: key, status: 201, has: []string{"{first}"}})
	a.Pass(time.Second)
	a.step(step{name: "over", method: "POST", path: "/shares", body: body, head: key, status: 201, lacks: []string{"{first}"}, keep: "second=id"})
	a.step(step{name: "and kept again", method: "POST", path: "/shares", body: body, head: key, status: 201, has: []string{"{second}"}})
}

// An announced hash spares the bytes: the answer comes before the body has.
func TestRepeatedUploadIsAnsweredEarly(t *testing.T) {
	a := newAPI(t)
	content := strings.Repeat("early", 1<<19) // 2.5 MiB
	body := a.fill(upload("e.bin", content, "checksum_sha256", sumOf(content)))
	status, first, _ := a.keyed("early", "POST", "/files", body)
	if status != 201 {
		t.Fatal(status, first)
	}
	pr, pw := io.Pipe()
	defer pw.Close()
	req, err := http.NewRequest("POST", "http://"+a.addr+"/api/v1/files", pr)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = int64(len(body))
	for k, v := range map[string]string{"Authorization": "Bearer " + a.vars["user"], "Idempotency-Key": "early", "Content-Type": "multipart/form-data; boundary=" + edge} {
		req.Header.Set(k, v)
	}
	go func() { _, _ = io.WriteString(pw, body[:3<<19]) }() // the rest never comes
	res, err := a.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	if res.StatusCode != 201 || string(b) != first || !res.Close {
		t.Errorf("%d %s, close %v", res.StatusCode, cut(string(b)), res.Close)
	}
	other := a.fill(upload("e.bin", content, "checksum_sha256", sumOf("other")))
	if status, got, _ := a.keyed("early", "POST", "/files", other); status != 422 {
		t.Errorf("another announced hash: %d %s", status, got)
	}
}

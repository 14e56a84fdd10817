package httpd

import (
	"encoding/json"
	"strings"
	"testing"

	"scaidrive/httpd/wire"
)

// Conflicts over the wire: made, listed, read and resolved; who may not see the
// share gets what is not there.
func TestConflictRoutes(t *testing.T) {
	a := newAPI(t)
	for _, name := range []string{"base", "mine", "theirs", "more"} {
		a.vars[name] = sumOf("the content " + name)
	}
	apply := func(device, strategy string, changes ...string) string {
		if strategy == "" {
			strategy = "KEEP_BOTH"
		}
		return `{"device_id":"` + device + `","share_id":"{share}","conflict_resolution":"` + strategy + `","client_now":"2026-11-22T12:00:00Z","round_id":"one","changes":[` + strings.Join(changes, ",") + `]}`
	}
	content := func(name string) string {
		n := itoa(len("the content " + name))
		return `"content":{"size":` + n + `,"checksum_sha256":"{` + name + `}","chunks":[{"sha256":"{` + name + `}","size":` + n + `}]}`
	}
	edit := func(ref, name string) string {
		return `{"client_ref":"` + ref + `","resource_type":"file","change_type":"updated","resource_id":"{f}","base_version_id":"{v}","seen_at":"2026-11-22T11:59:00Z",` + content(name) + `}`
	}
	octets := []string{"Content-Type", "application/octet-stream"}
	frames := frames("the content base", "the content mine", "the content theirs", "the content more")
	a.step(step{name: "send", method: "POST", path: "/sync/chunks?share_id={share}", body: frames, head: octets, status: 200})
	one := func(answer string) wire.ApplyResult {
		t.Helper()
		var r wire.ApplyResult
		if err := json.Unmarshal([]byte(answer), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := one(a.step(step{name: "make", method: "POST", path: "/sync/apply", status: 200,
		body: apply("d", "", `{"resource_type":"file","change_type":"created","name":"f.txt",`+content("base")+`}`)}))
	a.vars["f"], a.vars["v"] = r.Applied[0].Resource.ID, r.Applied[0].Resource.VersionID
	a.step(step{name: "edit", method: "POST", path: "/sync/apply", body: apply("d", "", edit("1", "theirs")), status: 200, has: []string{`"conflicts":[]`}})

	r = one(a.step(step{name: "keep both", method: "POST", path: "/sync/apply", body: apply("e", "", edit("1", "mine")), status: 200,
		has: []string{`"applied":[]`, `"errors":[]`, `"conflict_type":"edit_edit"`, `"strategy":"KEEP_BOTH"`, `"status":"resolved"`, `"resolution":"KEEP_BOTH"`,
			`"copy_id":"fil_`, `"path":"/f.txt"`, `"base_version_id":"{v}"`, `"device_id":"e"`, `"change_type":"updated"`, `"resolved_by":null`}}))
	a.vars["both"] = r.Conflicts[0].Conflict.ID
	a.vars["copy"] = *r.Conflicts[0].Conflict.CopyID
	a.run([]step{
		{name: "keep both, again", method: "POST", path: "/sync/apply", body: apply("e", "", edit("1", "mine")), status: 200, has: []string{`"id":"{both}"`, `"copy_id":"{copy}"`}},
		{name: "the copy", method: "GET", path: "/files/{copy}", status: 200, has: []string{`.txt"`, `(conflict, `, `, 2026-11-22 12-00-00Z).txt`}},
		{name: "its bytes", method: "GET", path: "/files/{copy}/content", status: 200, has: []string{"the content mine"}},
		{name: "the name", method: "GET", path: "/files/{f}/content", status: 200, has: []string{"the content theirs"}},
		{name: "none is open", method: "GET", path: "/sync/conflicts?share_id={share}", status: 200, has: []string{"[]"}},
		{name: "resolved ones", method: "GET", path: "/sync/conflicts?share_id={share}&include_resolved=true", status: 200, has: []string{`"id":"{both}"`, `"tenant_id":"tnt_`}},
	})
	a.step(step{name: "the device has a name", method: "POST", path: "/sync/devices", body: `{"device_id":"e","device_name":"Erika's laptop","platform":"linux"}`, status: 201})
	r = one(a.step(step{name: "manual", method: "POST", path: "/sync/apply", body: apply("e", "MANUAL", edit("2", "more")), status: 200,
		has: []string{`"status":"open"`, `"device_name":"Erika's laptop"`, `"changed_by":"usr_`, `"resolution":null`, `"copy_id":null`, `"checksum_sha256":"{more}"`}}))
	a.vars["open"] = r.Conflicts[0].Conflict.ID
	a.run([]step{
		{name: "open ones", method: "GET", path: "/sync/conflicts?share_id={share}&device_id=e", status: 200, has: []string{`"id":"{open}"`}, lacks: []string{"{both}"}},
		{name: "of all shares", method: "GET", path: "/sync/conflicts?device_id=e", status: 200, has: []string{`"id":"{open}"`}},
		{name: "of all shares and devices", method: "GET", path: "/sync/conflicts?include_resolved=true", status: 200, has: []string{`"id":"{open}"`, `"id":"{both}"`}},
		{name: "not of who sees none", as: "stranger", method: "GET", path: "/sync/conflicts?include_resolved=true", status: 200, has: []string{"[]"}},
		{name: "of another device", method: "GET", path: "/sync/conflicts?share_id={share}&device_id=d", status: 200, has: []string{"[]"}},
		{name: "what waits", method: "GET", path: "/sync/conflicts/{open}/content", status: 200, has: []string{"the content more"}, lacks: []string{"theirs"}},
		{name: "nothing waits", method: "GET", path: "/sync/conflicts/{both}/content", status: 404},
		{name: "list, as a stranger", as: "stranger", method: "GET", path: "/sync/conflicts?share_id={share}", status: 404},
		{name: "read, as a stranger", as: "stranger", method: "GET", path: "/sync/conflicts/{open}/content", status: 404},
		{name: "resolve, as a stranger", as: "stranger", method: "POST", path: "/sync/conflicts/{open}/resolve?resolution=CLIENT_WINS", status: 404},
		{name: "resolve, as a foreigner", as: "foreigner", method: "POST", path: "/sync/conflicts/{open}/resolve?resolution=CLIENT_WINS", status: 404},
		{name: "resolve how", method: "POST", path: "/sync/conflicts/{open}/resolve", status: 422, has: []string{`["query","resolution"]`}},
		{name: "resolve by nothing", method: "POST", path: "/sync/conflicts/{open}/resolve?resolution=MANUAL", status: 422},
		{name: "resolve what is not there", method: "POST", path: "/sync/conflicts/cfl_{nobody}/resolve?resolution=CLIENT_WINS", status: 404},
		{name: "resolve", method: "POST", path: "/sync/conflicts/{open}/resolve?resolution=CLIENT_WINS", status: 200, has: []string{`"status":"resolved"`, `"resolution":"CLIENT_WINS"`, `"resolved_by":"usr_`}},
		{name: "resolve again", method: "POST", path: "/sync/conflicts/{open}/resolve?resolution=CLIENT_WINS", status: 200},
		{name: "resolve otherwise", method: "POST", path: "/sync/conflicts/{open}/resolve?resolution=SERVER_WINS", status: 409},
		{name: "mine has won", method: "GET", path: "/files/{f}/content", status: 200, has: []string{"the content more"}},
		{name: "theirs is a version", method: "GET", path: "/files/{f}/content?version=2", status: 200, has: []string{"the content theirs"}},
		{name: "a version that never was current", method: "POST", path: "/sync/apply", body: apply("e", "SERVER_WINS", edit("3", "base"), edit("4", "mine")), status: 200, has: []string{`"kept_version":4`}},
		{name: "is listed", method: "GET", path: "/files/{f}/versions", status: 200, has: []string{`"version_number":4`, `"total":4`}},
		{name: "is read", method: "GET", path: "/files/{f}/content?version=4", status: 200, has: []string{"the content mine"}},
		{name: "and can be made current", method: "POST", path: "/files/{f}/versions/4/restore", status: 200, has: []string{`"version":5`, `"restored_from":4`}},
		{name: "delete", method: "POST", path: "/sync/apply", body: apply("e", "", `{"client_ref":"5","resource_type":"file","change_type":"deleted","resource_id":"{copy}"}`), status: 200, has: []string{`"errors":[]`, `"change_id":"chg_`}},
		{name: "a cursor of another store", method: "POST", path: "/sync/apply", body: strings.Replace(apply("e", "", edit("6", "mine")), `"device_id"`, `"base_cursor":9007199254740991,"device_id"`, 1), status: 410, has: []string{"X-Sync-Gone: foreign"}},
		{name: "a cursor without an epoch", method: "POST", path: "/sync/apply", body: strings.Replace(apply("e", "", edit("6", "mine")), `"device_id"`, `"base_cursor":3,"device_id"`, 1), status: 410, has: []string{"X-Sync-Gone: rewound"}},
	})
}

package httpd

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"scaidrive/httpd/wire"
)

// A client follows a share: devices, cursors, rows, and what is refused.
func TestFeedRoutes(t *testing.T) {
	a := newAPI(t)
	feed := func(answer string) (c wire.Changes) {
		t.Helper()
		if err := json.Unmarshal([]byte(answer), &c); err != nil {
			t.Fatal(err)
		}
		a.vars["cursor"], a.vars["epoch"] = itoa(int(c.Cursor)), c.Epoch
		return c
	}
	feed(a.step(step{name: "from now", method: "GET", path: "/sync/changes?share_id={share}", status: 200, has: []string{`"changes":[]`, `"has_more":false`, `"share_id":"{share}"`}}))
	a.vars["first"], a.vars["firstepoch"] = a.vars["cursor"], a.vars["epoch"]
	a.run([]step{
		{name: "no devices", method: "GET", path: "/sync/devices", status: 200, has: []string{"[]"}},
		{name: "register", method: "POST", path: "/sync/devices", body: `{"device_id":"my/device","device_name":"Desk","platform":"linux","client_version":"1","colour":"red"}`, status: 201, has: []string{`"device_name":"Desk"`, `"last_seen_at":"`, `"user_id":"usr_`}},
		{name: "register again", method: "POST", path: "/sync/devices", body: `{"device_id":"my/device","device_name":"Desk 2","platform":"linux","client_version":"2"}`, status: 201, has: []string{`"device_name":"Desk 2"`}},
		{name: "register nothing", method: "POST", path: "/sync/devices", body: `{"device_id":""}`, status: 422, has: []string{`["body","device_id"]`}},
		{name: "register too much", method: "POST", path: "/sync/devices", body: `{"device_id":"` + strings.Repeat("x", 129) + `"}`, status: 422},
		{name: "devices", method: "GET", path: "/sync/devices", status: 200, has: []string{`"device_id":"my/device"`, `"client_version":"2"`}},
		{name: "devices of another", as: "admin", method: "GET", path: "/sync/devices", status: 200, has: []string{"[]"}},
		{name: "rename", method: "PATCH", path: "/sync/devices/my%2Fdevice", body: `{"device_name":"Desk 3"}`, status: 200, has: []string{`"device_name":"Desk 3"`}},
		{name: "rename another's", as: "admin", method: "PATCH", path: "/sync/devices/my%2Fdevice", body: `{"device_name":"Mine"}`, status: 404},
		{name: "status", method: "GET", path: "/sync/status?share_id={share}&device_id=my/device", status: 200, has: []string{`"cursor_position":{cursor}`, `"last_sync_at":null`, `"pending_changes":0`, `"has_conflicts":false`}},
		{name: "to be listed anew", method: "POST", path: "/sync/status/resync?share_id={share}&device_id=my/device", status: 204},
		{name: "another user's device, anew", as: "admin", method: "POST", path: "/sync/status/resync?share_id={share}&device_id=my/device", status: 404},
		{name: "a share out of sight, anew", as: "stranger", method: "POST", path: "/sync/status/resync?share_id={share}&device_id=my/device", status: 404},
		{name: "no device, anew", method: "POST", path: "/sync/status/resync?share_id={share}&device_id=x", status: 404},
		{name: "nothing to allow", method: "POST", path: "/sync/status/allow-deletes?share_id={share}&device_id=my/device", status: 409},
		{name: "report", method: "POST", path: "/sync/status?share_id={share}&device_id=my/device", body: `{"phase":"idle","held":{"items":60,"of":100},"waiting":[{"path":"a/b?","reason":"its name"}],"waiting_total":7}`, status: 200, has: []string{`"reported_at":"`, `"held":{"items":60,"of":100}`, `"waiting":[{"path":"a/b?","reason":"its name"}]`, `"waiting_total":7`, `"deletes_allowed":false`}},
		{name: "as a stranger", as: "stranger", method: "POST", path: "/sync/status?share_id={share}&device_id=my/device", body: `{"phase":"idle","waiting_total":0}`, status: 404},
		{name: "another user's device", as: "admin", method: "POST", path: "/sync/status/allow-deletes?share_id={share}&device_id=my/device", status: 404},
		{name: "100 named", method: "POST", path: "/sync/status?share_id={share}&device_id=my/device", body: `{"phase":"idle","held":{"items":1,"of":1},"waiting":[` + strings.Repeat(`{"path":"p","reason":"r"},`, 99) + `{"path":"p","reason":"r"}],"waiting_total":101}`, status: 200},
		{name: "101 named", method: "POST", path: "/sync/status?share_id={share}&device_id=my/device", body: `{"phase":"idle","waiting":[` + strings.Repeat(`{"path":"p","reason":"r"},`, 100) + `{"path":"p","reason":"r"}],"waiting_total":101}`, status: 422},
		{name: "counts", method: "POST", path: "/sync/status?share_id={share}&device_id=my/device", body: `{"phase":"idle","waiting":[{"path":"p","reason":"r"}],"waiting_total":0}`, status: 422},
		{name: "allow", method: "POST", path: "/sync/status/allow-deletes?share_id={share}&device_id=my/device", status: 204},
		{name: "allowed", method: "GET", path: "/sync/status?share_id={share}&device_id=my/device", status: 200, has: []string{`"deletes_allowed":true`, `"held":{"items":1,"of":1}`}},
		{name: "nothing held", method: "POST", path: "/sync/status?share_id={share}&device_id=my/device", body: `{"phase":"idle","waiting_total":0}`, status: 200, has: []string{`"deletes_allowed":false`}, lacks: []string{`"held"`}},
		{name: "status of no device", method: "GET", path: "/sync/status?share_id={share}&device_id=x", status: 404},
		{name: "status without one", method: "GET", path: "/sync/status?share_id={share}", status: 422, has: []string{`["query","device_id"]`}},
		{name: "status as a stranger", as: "stranger", method: "GET", path: "/sync/status?share_id={share}&device_id=my/device", status: 404},
		{name: "preferences", method: "GET", path: "/sync/preferences?share_id={share}&device_id=my/device", status: 200, has: []string{`"excluded_folder_ids":[]`, `"paused":false`, `"updated_at":null`}},
		{name: "make", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"A"}`, status: 201, keep: "a=id"},
		{name: "set preferences", method: "PUT", path: "/sync/preferences?share_id={share}&device_id=my/device", body: `{"excluded_folder_ids":["{a}"],"paused":true}`, status: 200, has: []string{`"excluded_folder_ids":["{a}"]`, `"paused":true`}},
		{name: "set wrong preferences", method: "PUT", path: "/sync/preferences?share_id={share}&device_id=my/device", body: `{"excluded_folder_ids":["fil_1"]}`, status: 422, has: []string{`["body","excluded_folder_ids",0]`}},
		{name: "set another's preferences", as: "admin", method: "PUT", path: "/sync/preferences?share_id={share}&device_id=my/device", body: `{}`, status: 404},
		{name: "preferences are kept", method: "GET", path: "/sync/preferences?share_id={share}&device_id=my/device", status: 200, has: []string{`["{a}"]`}},
		{name: "below", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"{a}","name":"B"}`, status: 201, keep: "b=id"},
		{name: "status counts", method: "GET", path: "/sync/status?share_id={share}&device_id=my/device", status: 200, has: []string{`"pending_changes":2`}},
		{name: "rename a folder", method: "PATCH", path: "/folders/{a}", body: `{"name":"C"}`, status: 200},
	})
	a.step(step{name: "file", method: "POST", path: "/files", body: upload("f.txt", "0123456789"), status: 201, keep: "f=id"})
	a.step(step{name: "move", method: "POST", path: "/files/{f}/move", body: `{"target_folder_id":"{b}","name":"g.txt"}`, status: 200})
	c := feed(a.step(step{name: "rows", method: "GET", path: "/sync/changes?share_id={share}&cursor={first}&epoch={firstepoch}", status: 200}))
	var got []string
	for _, r := range c.Changes {
		from, to := "-", "-"
		if r.OldPath != nil {
			from = *r.OldPath
		}
		if r.NewPath != nil {
			to = *r.NewPath
		}
		got = append(got, r.ChangeType+" "+r.ResourceType+" "+from+" "+to)
	}
	if want := "created folder - /A|created folder - /C/B|renamed folder /A /C|created file - /f.txt|moved file /f.txt /C/B/g.txt"; strings.Join(got, "|") != want || c.HasMore {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "|"), want)
	}
	if m := c.Changes[4].Metadata; m.Name != "g.txt" || m.ParentID == nil || *m.ParentID != a.vars["b"] || *m.Size != 10 || m.Version != 1 || m.MIMEType == "" || m.Attributes == nil {
		t.Errorf("metadata %+v", m)
	}
	if m := c.Changes[3].Metadata; m.ParentID != nil || m.ChecksumSHA256.String() != sumOf("0123456789") {
		t.Errorf("metadata %+v", m)
	}
	a.run([]step{
		{name: "a page", method: "GET", path: "/sync/changes?share_id={share}&cursor={first}&limit=2", status: 200, has: []string{`"has_more":true`, `"new_path":"/A"`}, lacks: []string{"renamed"}},
		{name: "as a stranger", as: "stranger", method: "GET", path: "/sync/changes?share_id={share}&cursor={first}", status: 404},
		{name: "as a foreigner", as: "foreigner", method: "GET", path: "/sync/changes?share_id={share}", status: 404},
		{name: "no share", method: "GET", path: "/sync/changes", status: 422},
		{name: "limit", method: "GET", path: "/sync/changes?share_id={share}&limit=5001", status: 422},
		{name: "wait too long", method: "GET", path: "/sync/changes?share_id={share}&wait=56", status: 422},
		{name: "a bad cursor", method: "GET", path: "/sync/changes?share_id={share}&cursor=-1", status: 422},
		{name: "a naked cursor", method: "GET", path: "/sync/changes?share_id={share}&cursor=0", status: 410, has: []string{"X-Sync-Gone: rewound"}},
		{name: "beyond the end", method: "GET", path: "/sync/changes?share_id={share}&cursor=68719477000", status: 410, has: []string{"X-Sync-Gone: rewound"}},
		{name: "another row", method: "GET", path: "/sync/changes?share_id={share}&cursor={cursor}&epoch=e1.00000000000000ff", status: 410, has: []string{"X-Sync-Gone: rewound"}},
		{name: "another epoch", method: "GET", path: "/sync/changes?share_id={share}&cursor={cursor}&epoch=e9.00", status: 410, has: []string{"X-Sync-Gone: foreign"}},
		{name: "nothing of ours", method: "GET", path: "/sync/changes?share_id={share}&cursor={cursor}&epoch=x", status: 410, has: []string{"X-Sync-Gone: foreign"}},
		{name: "another store", method: "GET", path: "/sync/changes?share_id={share}&cursor=687194770000", status: 410, has: []string{"X-Sync-Gone: foreign"}},
		{name: "note", method: "POST", path: "/sync/cursor?share_id={share}&device_id=my/device&position={cursor}&epoch={epoch}", status: 200, has: []string{`"cursor_position":{cursor}`, `"last_sync_at":"`}},
		{name: "noted", method: "GET", path: "/sync/status?share_id={share}&device_id=my/device", status: 200, has: []string{`"cursor_position":{cursor}`, `"pending_changes":0`, `"last_sync_at":"`}},
		{name: "note nothing", method: "POST", path: "/sync/cursor?share_id={share}&device_id=my/device", status: 422, has: []string{`["query","position"]`}},
		{name: "note what is not there", method: "POST", path: "/sync/cursor?share_id={share}&device_id=my/device&position=1", status: 410},
		{name: "note another's", as: "admin", method: "POST", path: "/sync/cursor?share_id={share}&device_id=my/device&position={cursor}", status: 404},

		{name: "download", method: "GET", path: "/sync/download/{f}", status: 200, has: []string{"0123456789", "Accept-Ranges: bytes"}},
		{name: "download a version", method: "GET", path: "/sync/download/{f}?version=1", status: 200, has: []string{"0123456789"}},
		{name: "download a part", method: "GET", path: "/sync/download/{f}?range_start=2&range_end=4", status: 206, has: []string{"234", "Content-Range: bytes 2-4/10"}, lacks: []string{"0123"}},
		{name: "download from", method: "GET", path: "/sync/download/{f}?range_start=7", status: 206, has: []string{"789"}},
		{name: "download by header", method: "GET", path: "/sync/download/{f}", head: []string{"Range", "bytes=0-1"}, status: 206, has: []string{"01"}},
		{name: "download beyond", method: "GET", path: "/sync/download/{f}?range_start=10", status: 416, has: []string{"bytes */10"}},
		{name: "download backwards", method: "GET", path: "/sync/download/{f}?range_start=5&range_end=4", status: 422},
		{name: "download as a stranger", as: "stranger", method: "GET", path: "/sync/download/{f}", status: 404},

		{name: "delete", method: "DELETE", path: "/folders/{a}", status: 204},
		{name: "told", method: "GET", path: "/sync/changes?share_id={share}&cursor={cursor}&epoch={epoch}", status: 200, has: []string{`"change_type":"deleted"`, `"resource_id":"{a}"`, `"old_path":"/C"`, `"recursive":true`, `"new_path":null`}},
		{name: "what is gone is told as gone only", method: "GET", path: "/sync/changes?share_id={share}&cursor={first}", status: 200, has: []string{`"deleted"`}, lacks: []string{"created", "moved"}},
	})

	// A waiting call is answered by the change it waits for.
	feed(a.step(step{name: "now", method: "GET", path: "/sync/changes?share_id={share}", status: 200}))
	done := make(chan string)
	go func() {
		done <- a.step(step{name: "wait", method: "GET", path: "/sync/changes?share_id={share}&cursor={cursor}&wait=50", status: 200, has: []string{`"name":"W"`}})
	}()
	begin := time.Now()
	a.step(step{name: "change", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"W"}`, status: 201})
	<-done
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("the answer took %v", took)
	}
	a.run([]step{
		{name: "remove another's device", as: "admin", method: "DELETE", path: "/sync/devices/my%2Fdevice", status: 404},
		{name: "remove", method: "DELETE", path: "/sync/devices/my%2Fdevice", status: 204},
		{name: "its session is over", method: "GET", path: "/sync/devices", status: 401},
	})
}

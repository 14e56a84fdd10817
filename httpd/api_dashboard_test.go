package httpd

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/httpd/wire"
)

func (a *api) dashboard(who string) wire.Dashboard {
	a.t.Helper()
	_, body := a.do("GET", "/api/v1/admin/dashboard", "", "Authorization", "Bearer "+a.vars[who])
	var out wire.Dashboard
	if err := json.Unmarshal([]byte(body), &out); err != nil || out.Storage == nil || out.Users == nil || out.Activities == nil {
		a.t.Fatalf("%v: %s", err, body)
	}
	return out
}

func TestDashboard(t *testing.T) {
	a := newAPI(t)
	const path = "/admin/dashboard"
	a.run([]step{
		{name: "a file", method: "POST", path: "/files", body: upload("a.txt", "12345"), status: 201, keep: "a=id"},
		{name: "its second version", method: "POST", path: "/uploads", body: `{"share_id":"{share}","file_name":"a.txt","file_size":7,"replace_file_id":"{a}"}`, status: 201, keep: "up=session_id"},
		{name: "sent", method: "PUT", path: "/uploads/{up}/chunks/0", body: "1234567", status: 204},
		{name: "stored", method: "POST", path: "/uploads/{up}/complete", status: 200},
		{name: "a file for the trash", method: "POST", path: "/files", body: upload("b.txt", "123"), status: 201, keep: "b=id"},
		{name: "there", method: "DELETE", path: "/files/{b}", status: 204},
		{name: "the administrator's own file", as: "admin", method: "POST", path: "/shares", body: `{"name":"Own","share_type":"project"}`, status: 201, keep: "own=id"},
		{name: "a folder", as: "admin", method: "POST", path: "/folders", body: `{"share_id":"{own}","name":"Told"}`, status: 201},

		{name: "of the server", as: "admin", method: "GET", path: path, status: 200, has: []string{
			`"storage":{"used_bytes":15,"file_bytes":7,"version_bytes":5,"trash_bytes":3,"file_count":1,"folder_count":1,`,
			`"largest_shares":[{"share_id":"{share}"`, `"used_bytes":15,"quota_bytes":null}`,
			`"disk_bytes":null,"saved_bytes":null`, // another tenant shares the store
			`"new_path":"/Told"`, `"share_name":"Own"`,
			`"health":[{"name":"storage","state":"act","reason":"read_only"`, `"causes":["/data is gone"]`, `"remedy":"Look at the disk`,
			`{"name":"database","state":"good","reason":"works","detail":"Works.","remedy":"","causes":[]}`,
			`"process":{"version":"test"`, `"tenant_count":2`, `"used_bytes":15,"disk_bytes":3,"saved_bytes":12,"chunk_count":1,"database_bytes":0,"free_bytes":5,"volume_bytes":10`,
		}, lacks: []string{"a.txt", "b.txt"}}, // in a share that they are no member of
		{name: "of another tenant", as: "foreigner", method: "GET", path: path, status: 200, has: []string{
			`"used_bytes":0`, `"largest_shares":[]`, `"activities":[]`, `"process":null`, `"reason":"read_only"`, `"causes":[]`,
		}, lacks: []string{"/data", "{share}", "Own"}},
		{name: "not a user's", method: "GET", path: path, status: 403},
	})

	// Three people signed in and called today; a service token is nobody.
	a.step(step{name: "a third", as: "stranger", method: "GET", path: "/users/me", status: 200})
	a.step(step{name: "a token", method: "POST", path: "/auth/tokens", as: "admin", body: `{"name":"x","scopes":["files:read","tenant:admin"]}`, status: 201, keep: "tok=token"})
	u := a.dashboard("admin").Users
	if u.SeenToday != 3 || u.SeenIn7Days != 3 || u.SeenIn30Days != 3 || len(u.Days) != 30 || u.Days[29] != (wire.Day{Date: "2026-11-22", Seen: 3}) {
		t.Errorf("today: %+v", u)
	}
	if u.ActiveAccounts != 3 {
		t.Errorf("accounts: %+v", u)
	}
	if f := a.dashboard("foreigner").Users; f.SeenToday != 1 {
		t.Errorf("another tenant: %+v", f)
	}
	a.Pass(24 * time.Hour)
	if p := a.dashboard("tok"); p.Process != nil || p.Users.SeenToday != 0 || p.Users.SeenIn7Days != 3 || p.Users.Days[28].Seen != 3 {
		t.Errorf("by a token, the next day: %+v %+v", p.Process, p.Users)
	}
}

// What can't be read is left out, and the rest is told.
func TestDashboardOfADamagedStore(t *testing.T) {
	a := newAPI(t)
	err := a.DB.Update(t.Context(), func(tx *meta.Tx) error {
		if err := tx.Put(schema.PresenceDays, schema.PresenceKey(1, engine.DayOf(a.Env().Now())), []byte{0xff}); err != nil {
			return err
		}
		return tx.Put(schema.Shares, schema.ShareKey(1, engine.ID{0xfe}), []byte{0xff})
	})
	if err != nil {
		t.Fatal(err)
	}
	a.step(step{name: "told", as: "admin", method: "GET", path: "/admin/dashboard", status: 200, has: []string{
		`"storage":null,"users":null,"activities":[`, `"health":[{"name":"storage"`, `"process":null`,
	}})
	if log := a.log.String(); !strings.Contains(log, "the dashboard lacks a part") {
		t.Error("the log does not say so")
	}
}

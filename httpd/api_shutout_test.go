package httpd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/httpd/wire"
)

// Who is shut out, by themself, with their tenant or with its partner, loses sockets
// and long polls at once, and every kind of token is refused.
func TestShutOutAtOnce(t *testing.T) {
	for what, shut := range map[string]func(a *api, tx *meta.Tx) error{
		"the tenant": func(a *api, tx *meta.Tx) error {
			tn, err := schema.GetTenant(tx, a.Tenant.No)
			if err != nil {
				return err
			}
			tn.Status = engine.StatusSuspended
			tn.PrincipalGen++
			return schema.PutTenant(tx, tn)
		},
		"the partner": func(a *api, tx *meta.Tx) error {
			pt, err := schema.GetPartner(tx, a.Tenant.Partner)
			if err != nil {
				return err
			}
			pt.Status = engine.StatusSuspended
			return schema.PutPartner(tx, pt)
		},
		"the user": nil,
	} {
		t.Run(what, func(t *testing.T) {
			a := peopled(t)
			a.run([]step{
				{name: "member", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{thirdid}","role":"reader"}`, status: 201},
				{name: "device", as: "third", method: "POST", path: "/sync/devices", body: `{"device_id":"d","device_name":"D"}`, status: 201},
				{name: "token", as: "third", method: "POST", path: "/auth/tokens", body: `{"name":"t","scopes":["files:read"]}`, status: 201, keep: "svc=token"},
				{name: "with it", as: "svc", method: "GET", path: "/users/me", status: 200},
				{name: "where it stands", as: "third", method: "GET", path: "/sync/tree?share_id={share}", status: 200, keep: "epoch=epoch"},
			})
			page, _ := a.dial("/realtime/ws?token=" + a.vars["third"])
			page.expect("connected")
			device, _ := a.dial("/sync/ws/d?token=" + a.vars["third"])
			device.send(`{"type":"subscribe"}`)
			device.expect("subscribed")
			polled := make(chan int)
			go func() {
				req, _ := http.NewRequest("GET", "http://"+a.addr+a.fill("/api/v1/sync/changes?share_id={share}&wait=50"), nil)
				req.Header.Set("Authorization", "Bearer "+a.vars["third"])
				res, err := a.client.Do(req)
				if err != nil {
					polled <- 0
					return
				}
				_ = res.Body.Close()
				polled <- res.StatusCode
			}()
			time.Sleep(50 * time.Millisecond) // it may begin; either way it is refused
			began := time.Now()
			if shut == nil {
				a.step(step{name: "suspend", as: "admin", method: "POST", path: "/admin/users/{thirdid}/suspend", status: 200})
			} else if err := a.DB.Update(t.Context(), func(tx *meta.Tx) error { return shut(a, tx) }); err != nil {
				t.Fatal(err)
			}
			for _, p := range []*peer{page, device} {
				if code := p.closed(); code != closeUnauthorized {
					t.Errorf("a socket is closed with %d", code)
				}
			}
			if status := <-polled; status != 403 && status != 401 {
				t.Errorf("the long poll ends with %d", status)
			}
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("it took %v", took)
			}
			for _, as := range []string{"third", "svc"} {
				for _, path := range []string{"/users/me", "/sync/changes?share_id={share}", "/folders/root/children?share_id={share}"} {
					got := a.step(step{name: "shut out", as: as, method: "GET", path: path, status: 403, has: []string{"suspended"}})
					if strings.Contains(got, `"a"`) {
						t.Errorf("%s", got)
					}
				}
			}
		})
	}
}

// A client that comes back with its epoch learns what no row tells: that a role was
// given, taken or is over, and that it joined a group or left it. The moment a role
// ends, it gives nothing.
func TestStandingsAreTold(t *testing.T) {
	a := grouped(t)
	follow := func(name, as string, told bool) {
		t.Helper()
		s := step{name: name, as: as, method: "GET", path: "/sync/changes?share_id={share}&cursor={cursor}&epoch={epoch}", status: 200}
		if told {
			s.has = []string{`"resource_type":"share"`, `"access_changed":true`}
		} else {
			s.lacks = []string{`"resource_type":"share"`}
		}
		var got wire.Changes
		if err := json.Unmarshal([]byte(a.step(s)), &got); err != nil {
			t.Fatal(err)
		}
		a.vars["cursor"], a.vars["epoch"] = fmt.Sprint(got.Cursor), got.Epoch
	}
	a.run([]step{
		{name: "member", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{thirdid}","role":"reader"}`, status: 201},
		{name: "an entry", method: "POST", path: "/permissions/acl/folder/{a}", body: ace("group", "{g}", "deny", "READ"), status: 201},
		{name: "the tree", as: "third", method: "GET", path: "/sync/tree?share_id={share}", status: 200, keep: "epoch=epoch", has: []string{`"name":"a"`}},
	})
	a.vars["cursor"] = "68719476736" // the beginning
	follow("as it was", "third", false)
	a.step(step{name: "into the group", as: "admin", method: "POST", path: "/admin/groups/{g}/members", body: `{"user_id":"{thirdid}"}`, status: 201})
	follow("denied by a group", "third", true)
	follow("told once", "third", false)
	a.step(step{name: "out of it", as: "admin", method: "DELETE", path: "/admin/groups/{g}/members/{thirdid}", status: 204})
	follow("back", "third", true)
	a.step(step{name: "another role", method: "PATCH", path: "/shares/{share}/members/{thirdid}", body: `{"role":"admin","expires_at":"` + a.Now().Add(30*time.Minute).UTC().Format(time.RFC3339) + `"}`, status: 200})
	follow("another role", "third", true)
	a.step(step{name: "beside the role", method: "POST", path: "/permissions/acl/folder/{b}", body: ace("user", "{thirdid}", "allow", "READ"), status: 201})
	a.Pass(30*time.Minute - time.Second)
	a.step(step{name: "a second before", as: "third", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, has: []string{`"bare":false`}, lacks: []string{`"bare":true`}})
	a.Pass(time.Second)
	a.step(step{name: "at its end", as: "third", method: "GET", path: "/shares/{share}", status: 200, has: []string{`"bare":true`}})
	follow("at its end", "third", true)
}

// Who followed a share and may not see it any more is told so, to their own cursor and
// epoch only; everything else is as if there were no such share.
func TestWithdrawnIsTold(t *testing.T) {
	a := grouped(t)
	a.run([]step{
		{name: "member", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{thirdid}","role":"reader"}`, status: 201},
		{name: "begins", as: "third", method: "GET", path: "/sync/tree?share_id={share}", status: 200, keep: "epoch=epoch"},
	})
	var got wire.Changes
	if err := json.Unmarshal([]byte(a.step(step{name: "follows", as: "third", method: "GET", path: "/sync/changes?share_id={share}&cursor=68719476736&epoch={epoch}", status: 200})), &got); err != nil {
		t.Fatal(err)
	}
	a.vars["cursor"], a.vars["epoch"], a.vars["other"] = fmt.Sprint(got.Cursor), got.Epoch, fmt.Sprint(got.Cursor-1)
	of := "/sync/changes?share_id={share}&cursor={cursor}"
	none := []string{"X-Sync-Gone"}
	body := `{"detail":"Not found"}`
	hidden := func(name, as, path string) step {
		return step{name: name, as: as, method: "GET", path: path, status: 404, has: []string{body}, lacks: none}
	}
	told := step{name: "withdrawn", as: "third", method: "GET", path: of + "&epoch={epoch}", status: 404, has: []string{body, "X-Sync-Gone: withdrawn"}}
	a.run([]step{
		{name: "removed", method: "DELETE", path: "/shares/{share}/members/{thirdid}", status: 204},
		told,
		hidden("without an epoch", "third", of),
		hidden("without the tag", "third", of+"&epoch=e1"),
		hidden("another tag", "third", of+"&epoch=e1.0123456789abcdef"),
		hidden("another cursor", "third", "/sync/changes?share_id={share}&cursor={other}&epoch={epoch}"),
		hidden("of no share", "third", "/sync/changes?share_id=shr_01JZX3Q9QX8N7B2K4M5T6V8W9Y&cursor={cursor}&epoch={epoch}"),
		hidden("another tenant", "foreigner", told.path),
		{name: "deleted", method: "DELETE", path: "/shares/{share}", status: 204},
		hidden("of a deleted share", "third", told.path),
	})
}

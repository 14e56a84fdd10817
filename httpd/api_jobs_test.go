package httpd

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"scaidrive/engine/job"
)

// work runs jobs as long as the test.
func (a *api) work() {
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() { a.jobs.Run(ctx); close(over) }()
	a.t.Cleanup(func() { cancel(); <-over })
}

// until waits for the job {job} to be in a state.
func (a *api) until(state string) {
	a.t.Helper()
	for range 2000 {
		_, body := a.do("GET", "/api/v1/jobs/"+a.vars["job"], "", "Authorization", "Bearer "+a.vars["user"])
		if strings.Contains(body, `"state":"`+state+`"`) {
			return
		}
		time.Sleep(2 * time.Millisecond) // poll interval
	}
	a.t.Fatalf("the job never is %s", state)
}

func TestJobs(t *testing.T) {
	a := newAPI(t)
	a.tree()
	a.work()
	order := func(name, body string) step {
		return step{name: name, method: "POST", path: "/jobs", body: body, status: 202, has: []string{`{"id":"job_`, "Location: /api/v1/jobs/job_"}, keep: "job=id"}
	}
	a.run([]step{order("move", `{"kind":"move","items":[{"id":"{file}"},{"id":"{a}","resource_type":"folder"},{"id":"fil_{nobody}"}],"target":"{b}"}`)})
	a.until("done")
	a.run([]step{
		{name: "its report", method: "GET", path: "/jobs/{job}", status: 200, has: []string{
			`"kind":"move"`, `"done":3`, `"total":3`, `"error_count":1`, `"target":"{b}"`, `"undo_until":"20`, `"dry_run":false`,
			`"errors":[{"resource_type":"file","id":"fil_{nobody}","status":404,"detail":"Not found"}]`}},
		{name: "moved", method: "GET", path: "/files/{file}", status: 200, has: []string{`"path":"/b/f.txt"`}},
		{name: "moved too", method: "GET", path: "/folders/{a}", status: 200, has: []string{`"path":"/b/a"`}},
		{name: "listed", method: "GET", path: "/jobs", status: 200, has: []string{`"total":1`, `{job}`, `"errors":[]`}},
		{name: "the stranger's", as: "stranger", method: "GET", path: "/jobs", status: 200, has: []string{`{"jobs":[],"total":0}`}},
		{name: "of another", as: "stranger", method: "GET", path: "/jobs/{job}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "of another tenant", as: "foreigner", method: "POST", path: "/jobs/{job}/undo", status: 404},
		{name: "of another, by an administrator", as: "admin", method: "POST", path: "/jobs/{job}/cancel", status: 404},
		{name: "unknown", method: "GET", path: "/jobs/job_{nobody}", status: 404},
		{name: "ill-formed", method: "GET", path: "/jobs/x", status: 404},
		{name: "cancel what is over", method: "POST", path: "/jobs/{job}/cancel", status: 409},
		{name: "no group", method: "POST", path: "/trash/groups/{job}/restore", status: 404},
		{name: "undo", method: "POST", path: "/jobs/{job}/undo", status: 202, has: []string{`{job}`}},
	})
	a.until("undone")
	a.run([]step{
		{name: "back", method: "GET", path: "/files/{file}", status: 200, has: []string{`"path":"/a/f.txt"`}},
		{name: "no second undo", method: "POST", path: "/jobs/{job}/undo", status: 409},
		order("delete", `{"kind":"delete","items":[{"id":"{file}"},{"id":"{b}"}]}`),
	})
	a.until("done")
	a.run([]step{
		{name: "in the trash", method: "GET", path: "/files/{file}", status: 410},
		{name: "of one group", method: "GET", path: "/trash?share_id={share}", status: 200, has: []string{`"group_id":"{job}"`}, lacks: []string{`"group_id":null`}},
		{name: "restore the group", as: "stranger", method: "POST", path: "/trash/groups/{job}/restore", status: 404},
		{name: "restore the group", method: "POST", path: "/trash/groups/{job}/restore", status: 202},
	})
	a.until("undone")
	a.run([]step{
		{name: "out of the trash", method: "GET", path: "/files/{file}", status: 200, has: []string{`"path":"/a/f.txt"`}},
		order("rename", `{"kind":"rename","items":[{"id":"{file}","name":"g.md"},{"id":"{b}","name":"a"}]}`),
	})
	a.until("done")
	a.run([]step{
		{name: "one did, one did not", method: "GET", path: "/jobs/{job}", status: 200, has: []string{`"error_count":1`, `"id":"{b}","status":409`}},
		{name: "renamed", method: "GET", path: "/files/{file}", status: 200, has: []string{`"path":"/a/g.md"`}},
		order("copy", `{"kind":"copy","items":[{"id":"{a}"}],"target":"{share}"}`),
	})
	a.until("done")
	a.run([]step{
		{name: "taken", method: "GET", path: "/jobs/{job}", status: 200, has: []string{`"status":409`, `"target":"{share}"`}},
		order("copy", `{"kind":"copy","items":[{"id":"{a}","name":"c"}],"target":"{other}"}`),
	})
	a.until("done")
	a.run([]step{
		{name: "copied", method: "GET", path: "/folders/root/children?share_id={other}", status: 200, has: []string{`"total":1`, `"name":"c"`}},
		order("restore what is not in the trash", `{"kind":"restore","items":[{"id":"{a}"}]}`),
	})
	a.until("done")
}

func TestRefusedJobs(t *testing.T) {
	a := newAPI(t)
	a.tree()
	future := time.Now().Add(time.Hour * 24 * 3650).UTC().Format(time.RFC3339)
	many := func(n int) string {
		return `{"kind":"delete","items":[` + strings.TrimSuffix(strings.Repeat(`{"id":"{file}"},`, n), ",") + `]}`
	}
	cases := []struct{ name, body, has string }{
		{"no kind", `{"items":[{"id":"{file}"}]}`, `["body","kind"]`},
		{"unknown kind", `{"kind":"burn","items":[{"id":"{file}"}]}`, `["body","kind"]`},
		{"no items", `{"kind":"delete"}`, `["body","items"]`},
		{"empty items", `{"kind":"delete","items":[]}`, `["body","items"]`},
		{"too many items", many(job.MaxItems + 1), `more than 10000`},
		{"not an ID", `{"kind":"delete","items":[{"id":"{file}"},{"id":"x"}]}`, `["body","items",1,"id"]`},
		{"of another type", `{"kind":"delete","items":[{"id":"{file}","resource_type":"folder"}]}`, `["body","items",0,"resource_type"]`},
		{"unknown field", `{"kind":"delete","items":[{"id":"{file}"}],"force":true}`, `["body","force"]`},
		{"unknown field of an item", `{"kind":"delete","items":[{"id":"{file}","x":1}]}`, `["body","items",0,"x"]`},
		{"no target", `{"kind":"move","items":[{"id":"{file}"}]}`, `["body","target"]`},
		{"a target too many", `{"kind":"delete","items":[{"id":"{file}"}],"target":"{b}"}`, `["body","target"]`},
		{"a file as target", `{"kind":"move","items":[{"id":"{file}"}],"target":"{file}"}`, `["body","target"]`},
		{"no name", `{"kind":"rename","items":[{"id":"{file}"}]}`, `["body","items",0,"name"]`},
		{"a name too many", `{"kind":"delete","items":[{"id":"{file}","name":"x"}]}`, `["body","items",0,"name"]`},
		{"no moment", `{"kind":"rewind","items":[{"id":"{a}"}]}`, `["body","at"]`},
		{"a moment too many", `{"kind":"delete","items":[{"id":"{a}"}],"at":"2020-01-01T00:00:00Z"}`, `["body","at"]`},
		{"the future", `{"kind":"rewind","items":[{"id":"{a}"}],"at":"` + future + `"}`, `["body","at"]`},
		{"before its time", `{"kind":"rewind","items":[{"id":"{a}"}],"at":"2001-01-01T00:00:00Z"}`, `["body","at"]`},
		{"two folders", `{"kind":"rewind","items":[{"id":"{a}"},{"id":"{b}"}],"at":"2001-01-01T00:00:00Z"}`, `["body","items"]`},
		{"a file", `{"kind":"rewind","items":[{"id":"{file}"}],"at":"2001-01-01T00:00:00Z"}`, `["body","items",0,"id"]`},
		{"dry run of a deletion", `{"kind":"delete","items":[{"id":"{a}"}],"dry_run":true}`, `["body","dry_run"]`},
	}
	for _, tc := range cases {
		a.step(step{name: tc.name, method: "POST", path: "/jobs", body: tc.body, status: 422, has: []string{tc.has}})
	}
	a.run([]step{
		{name: "unknown target", method: "POST", path: "/jobs", body: `{"kind":"move","items":[{"id":"{file}"}],"target":"fld_{nobody}"}`, status: 404},
		{name: "a stranger's target", as: "stranger", method: "POST", path: "/jobs", body: `{"kind":"move","items":[{"id":"{file}"}],"target":"{b}"}`, status: 404},
		{name: "a stranger's rewind", as: "stranger", method: "POST", path: "/jobs", body: `{"kind":"rewind","items":[{"id":"{share}"}],"at":"2026-11-22T12:00:00Z"}`, status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "none was ordered", method: "GET", path: "/jobs", status: 200, has: []string{`"total":0`}},
		{name: "as many as may be", method: "POST", path: "/jobs", body: many(job.MaxItems), status: 202},
		{name: "with a key", method: "POST", path: "/jobs", body: many(1), head: []string{"Idempotency-Key", "k"}, status: 202, keep: "job=id"},
		{name: "again", method: "POST", path: "/jobs", body: many(1), head: []string{"Idempotency-Key", "k"}, status: 202, has: []string{"{job}"}},
		{name: "two", method: "GET", path: "/jobs", status: 200, has: []string{`"total":2`}},
		{name: "undo what is not over", method: "POST", path: "/jobs/{job}/undo", status: 409},
		{name: "cancel", method: "POST", path: "/jobs/{job}/cancel", status: 202},
		{name: "cancelled", method: "GET", path: "/jobs/{job}", status: 200, has: []string{`"state":"cancelled"`}},
	})
	for i := 1; i < job.MaxOpen; i++ {
		a.step(step{name: fmt.Sprint("job ", i), method: "POST", path: "/jobs", body: many(1), status: 202})
	}
	a.step(step{name: "a job too many", method: "POST", path: "/jobs", body: many(1), status: 429})
}

func TestRewindJob(t *testing.T) {
	a := newAPI(t)
	a.tree()
	a.work()
	a.Pass(time.Minute)
	a.vars["then"] = a.Now().Format(time.RFC3339)
	a.Pass(time.Minute)
	a.run([]step{
		{name: "delete", method: "DELETE", path: "/folders/{b}", status: 204},
		{name: "rename", method: "PATCH", path: "/files/{file}", body: `{"name":"x.locked"}`, status: 200},
		{name: "new", method: "POST", path: "/files", body: upload("ransom.txt", "pay", "folder_id", "{a}"), status: 201, keep: "new=id"},
	})
	for _, dry := range []string{"true", "false"} {
		a.run([]step{{name: "rewind", method: "POST", path: "/jobs", body: `{"kind":"rewind","items":[{"id":"{share}"}],"at":"{then}","dry_run":` + dry + `}`, status: 202, keep: "job=id"}})
		a.until("done")
		a.run([]step{{name: "plan", method: "GET", path: "/jobs/{job}", status: 200, has: []string{
			`"at":"{then}"`, `"dry_run":` + dry,
			`"trashed":{"count":1,"items":[{"resource_type":"file","id":"{new}","path":"/a/ransom.txt"}]}`,
			`"restored":{"count":1,"items":[{"resource_type":"folder","id":"{b}","path":"/b"}]}`,
			`"moved":{"count":1,"items":[{"resource_type":"file","id":"{file}","path":"/a/f.txt","from":"/a/x.locked"}]}`,
			`"lost":{"count":0,"items":[]}`,
		}}})
		if dry == "true" {
			a.run([]step{
				{name: "nothing was done", method: "GET", path: "/files/{file}", status: 200, has: []string{`"path":"/a/x.locked"`}},
				{name: "nothing to undo", method: "POST", path: "/jobs/{job}/undo", status: 409},
			})
		}
	}
	a.run([]step{
		{name: "the name is back", method: "GET", path: "/files/{file}", status: 200, has: []string{`"path":"/a/f.txt"`}},
		{name: "the folder is back", method: "GET", path: "/folders/{b}", status: 200},
		{name: "the new one is gone", method: "GET", path: "/files/{new}", status: 410},
		{name: "undo", method: "POST", path: "/jobs/{job}/undo", status: 202},
	})
	a.until("undone")
	a.run([]step{
		{name: "as before", method: "GET", path: "/files/{file}", status: 200, has: []string{`"path":"/a/x.locked"`}},
		{name: "deleted as before", method: "GET", path: "/folders/{b}", status: 410},
	})
}

// TestJobFrames: the pages of whoever has ordered a job are told how far it is, nobody
// else's.
func TestJobFrames(t *testing.T) {
	a := newAPI(t)
	a.tree()
	mine, _ := a.dial("/realtime/ws?token=" + a.vars["user"])
	mine.expect("connected")
	var others []*peer
	for _, who := range []string{"stranger", "admin", "foreigner"} {
		p, _ := a.dial("/realtime/ws?token=" + a.vars[who])
		p.expect("connected")
		others = append(others, p)
	}
	a.work()
	a.step(step{name: "copy", method: "POST", path: "/jobs", body: `{"kind":"copy","items":[{"id":"{file}"}],"target":"{b}"}`, status: 202, keep: "job=id"})
	for range 100 {
		got := mine.expect(`"event_type":"job"`, `"type":"job"`, `"kind":"copy"`, a.vars["job"])
		if strings.Contains(got, `"state":"done"`) {
			if !strings.Contains(got, `"done":1`) || !strings.Contains(got, `"total":1`) {
				t.Errorf("at its end: %s", got)
			}
			break
		}
	}
	for _, p := range others {
		p.send(`{"action":"ping"}`)
		p.expect("pong")
	}
}

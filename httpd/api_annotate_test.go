package httpd

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"scaidrive/httpd/wire"
)

func TestComments(t *testing.T) {
	a := peopled(t)
	const at = "/files/{file}/comments"
	long := strings.Repeat("x", 10_000)
	text := func(s string) string { return fmt.Sprintf(`{"text":%q}`, s) }
	a.run([]step{
		{name: "none", method: "GET", path: at, status: 200, has: []string{`{"comments":[],"total":0}`}},
		{name: "write", method: "POST", path: at, body: text("Please look"), status: 201, keep: "c=id", has: []string{`"created_by":"{uid}"`, `"created_by_name":"user@example.com"`, `"resource_type":"file"`, `"resource_id":"{file}"`, `"edited_at":null`}},
		{name: "at the limit", method: "POST", path: at, body: text(long), status: 201, keep: "l=id"},
		{name: "over it", method: "POST", path: at, body: text(long + "x"), status: 422, has: []string{`["body","text"]`}},
		{name: "empty", method: "POST", path: at, body: text(" \n"), status: 422},
		{name: "more", method: "POST", path: at, body: `{"text":"x","by":"y"}`, status: 422},
		{name: "list", method: "GET", path: at + "?limit=1", status: 200, has: []string{`"total":2`, `"text":"Please look"`, `"next_page_token":"{c}"`}},
		{name: "next", method: "GET", path: at + "?page_token={c}", status: 200, has: []string{`"total":2`, `"id":"{l}"`}, lacks: []string{"Please look", "next_page_token"}},
		{name: "bad token", method: "GET", path: at + "?page_token=x", status: 422},
		{name: "stranger lists", as: "stranger", method: "GET", path: at, status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "stranger writes", as: "stranger", method: "POST", path: at, body: text("x"), status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "stranger changes", as: "stranger", method: "PATCH", path: "/comments/{c}", body: text("x"), status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "stranger deletes", as: "stranger", method: "DELETE", path: "/comments/{c}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "foreigner deletes", as: "foreigner", method: "DELETE", path: "/comments/{c}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "of nothing", method: "DELETE", path: "/comments/cmt_{nobody}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "of another kind", method: "GET", path: "/folders/{a}/comments", status: 200, has: []string{`"total":0`}},
		{name: "on a folder", method: "POST", path: "/folders/{a}/comments", body: text("All of it"), status: 201, has: []string{`"resource_id":"{a}"`, `"resource_type":"folder"`}},
		{name: "with a key", method: "POST", path: at, body: text("Once"), head: []string{"Idempotency-Key", "k"}, status: 201, keep: "k=id"},
		{name: "again", method: "POST", path: at, body: text("Once"), head: []string{"Idempotency-Key", "k"}, status: 201, has: []string{`"id":"{k}"`}},
		{name: "a reader comes", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{sid}","role":"reader"}`, status: 201},
		{name: "reads", as: "stranger", method: "GET", path: at, status: 200, has: []string{`"total":3`}},
		{name: "writes", as: "stranger", method: "POST", path: at, body: text("I did"), status: 201, keep: "s=id"},
		{name: "changes another's", as: "stranger", method: "PATCH", path: "/comments/{c}", body: text("x"), status: 403},
		{name: "deletes another's", as: "stranger", method: "DELETE", path: "/comments/{c}", status: 403},
		{name: "changes theirs", as: "stranger", method: "PATCH", path: "/comments/{s}", body: text("I really did"), status: 200, has: []string{`"text":"I really did"`, `"edited_at":"2026`}},
		{name: "not even the owner changes", method: "PATCH", path: "/comments/{s}", body: text("x"), status: 403},
		{name: "the owner deletes", method: "DELETE", path: "/comments/{s}", status: 204},
		{name: "is gone", as: "stranger", method: "DELETE", path: "/comments/{s}", status: 404},
		{name: "to the trash", method: "DELETE", path: "/files/{file}", status: 204},
		{name: "in the trash", method: "GET", path: at, status: 410},
		{name: "change in the trash", method: "PATCH", path: "/comments/{c}", body: text("x"), status: 410},
		{name: "back", method: "POST", path: "/files/{file}/restore", status: 200},
		{name: "still there", method: "GET", path: at, status: 200, has: []string{`"total":3`}},
		{name: "a copy", method: "POST", path: "/files/{file}/copy", body: `{"target_share_id":"{share}","name":"copy"}`, status: 201, keep: "copy=id"},
		{name: "has none", method: "GET", path: "/files/{copy}/comments", status: 200, has: []string{`"total":0`}},
	})
}

func TestTags(t *testing.T) {
	a := peopled(t)
	const at = "/files/{file}/tags"
	many := make([]string, 51)
	for i := range many {
		many[i] = fmt.Sprintf("%q", fmt.Sprint("t", i))
	}
	tags := func(list ...string) string {
		b, _ := json.Marshal(wire.Tags{Tags: list})
		return string(b)
	}
	a.run([]step{
		{name: "none", method: "GET", path: at, status: 200, has: []string{`{"tags":[]}`}},
		{name: "set", method: "PUT", path: at, body: tags("Urgent", " Q3 ", "URGENT"), status: 200, has: []string{`{"tags":["Urgent","Q3"]}`}},
		{name: "on a folder", method: "PUT", path: "/folders/{b}/tags", body: tags("urgent"), status: 200},
		{name: "read", method: "GET", path: at, status: 200, has: []string{`["Urgent","Q3"]`}},
		{name: "read the folder's", method: "GET", path: "/folders/{b}/tags", status: 200, has: []string{`["urgent"]`}},
		{name: "50", method: "PUT", path: "/folders/{a}/tags", body: `{"tags":[` + strings.Join(many[:50], ",") + `]}`, status: 200},
		{name: "51", method: "PUT", path: "/folders/{a}/tags", body: `{"tags":[` + strings.Join(many, ",") + `]}`, status: 422, has: []string{`["body","tags"]`}},
		{name: "64 bytes", method: "PUT", path: "/folders/{a}/tags", body: tags(strings.Repeat("y", 64)), status: 200},
		{name: "65 bytes", method: "PUT", path: "/folders/{a}/tags", body: tags(strings.Repeat("y", 65)), status: 422},
		{name: "empty", method: "PUT", path: "/folders/{a}/tags", body: tags(" "), status: 422},
		{name: "control", method: "PUT", path: "/folders/{a}/tags", body: tags("a\x00b"), status: 422},
		{name: "no list", method: "PUT", path: "/folders/{a}/tags", body: `{}`, status: 422},
		{name: "a stranger", as: "stranger", method: "PUT", path: at, body: tags("x"), status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "in use", method: "GET", path: "/tags", status: 200, has: []string{`"Q3"`, `rgent`, strings.Repeat("y", 64)}, lacks: []string{`"t1"`}},
		{name: "that begin so", method: "GET", path: "/tags?prefix=UR", status: 200, has: []string{`{"tags":["`}, lacks: []string{"Q3"}},
		{name: "found", method: "GET", path: "/tagged?tag=urgent", status: 200, has: []string{`"{file}"`, `"{b}"`, `"path":"/a/f.txt"`, `"tags":["Urgent","Q3"]`}},
		{name: "below a folder", method: "GET", path: "/tagged?tag=URGENT&folder_id={a}", status: 200, has: []string{`"{file}"`}, lacks: []string{`"{b}"`}},
		{name: "in a share", method: "GET", path: "/tagged?tag=q3&share_id={share}", status: 200, has: []string{`"{file}"`}},
		{name: "one a page", method: "GET", path: "/tagged?tag=urgent&limit=1", status: 200, keep: "next=next_page_token"},
		{name: "the other", method: "GET", path: "/tagged?tag=urgent&limit=1&page_token={next}", status: 200, has: []string{`"id"`}},
		{name: "another question", method: "GET", path: "/tagged?tag=q3&page_token={next}", status: 422, has: []string{`["query","page_token"]`}},
		{name: "no tag", method: "GET", path: "/tagged", status: 422},
		{name: "in nothing", method: "GET", path: "/tagged?tag=q3&share_id=shr_{nobody}", status: 404},

		{name: "listed", method: "GET", path: "/folders/root/children?share_id={share}&include=permissions,tags", status: 200, has: []string{`"tags":["urgent"]`, `"permissions":63`}},
		{name: "listed with tags alone", method: "GET", path: "/folders/root/children?share_id={share}&include=tags", status: 200, has: []string{`"tags":["urgent"]`}, lacks: []string{`"permissions"`}},
		{name: "listed without", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, lacks: []string{`"tags"`}},

		// Nothing of it is told to who may not read.
		{name: "not in use for others", as: "stranger", method: "GET", path: "/tags", status: 200, has: []string{`{"tags":[]}`}},
		{name: "not found by others", as: "stranger", method: "GET", path: "/tagged?tag=urgent", status: 200, has: []string{`{"items":[]}`}},
		{name: "nor below a folder", as: "stranger", method: "GET", path: "/tagged?tag=urgent&folder_id={a}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "foreigners", as: "foreigner", method: "GET", path: "/tags", status: 200, has: []string{`{"tags":[]}`}},
		{name: "a reader comes", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{sid}","role":"reader"}`, status: 201},
		{name: "found by the reader", as: "stranger", method: "GET", path: "/tagged?tag=urgent", status: 200, has: []string{`"{file}"`, `"{b}"`}},
		{name: "not set by the reader", as: "stranger", method: "PUT", path: at, body: tags("x"), status: 403},
		{name: "to the trash", method: "DELETE", path: "/files/{file}", status: 204},
		{name: "not found", method: "GET", path: "/tagged?tag=urgent", status: 200, lacks: []string{`"{file}"`}},
		{name: "not in use", method: "GET", path: "/tags?prefix=q", status: 200, has: []string{`{"tags":[]}`}},
		{name: "none any more", method: "PUT", path: "/folders/{b}/tags", body: `{"tags":[]}`, status: 200, has: []string{`{"tags":[]}`}},
	})
	if got := a.step(step{name: "in use", method: "GET", path: "/tags", status: 200}); !strings.Contains(got, strings.Repeat("y", 64)) || strings.Contains(got, "rgent") {
		t.Errorf("in use: %s", got)
	}
}

func (a *api) activity(as, query string) string {
	a.t.Helper()
	var all []string
	for token := ""; ; {
		path := "/activity?limit=3" + query
		if token != "" {
			path += "&page_token=" + token
		}
		got := a.step(step{name: path, as: as, method: "GET", path: path, status: 200})
		var out wire.Activities
		if err := json.Unmarshal([]byte(got), &out); err != nil {
			a.t.Fatal(err)
		}
		for _, r := range out.Activities {
			path := "?"
			switch {
			case r.NewPath != nil:
				path = *r.NewPath
			case r.OldPath != nil:
				path = *r.OldPath
			}
			all = append(all, r.ChangeType+" "+path)
		}
		if token = out.NextPageToken; token == "" {
			return strings.Join(all, ", ")
		}
	}
}

func TestActivity(t *testing.T) {
	a := peopled(t)
	a.Pass(time.Minute)
	middle := a.Now().Format(time.RFC3339)
	a.run([]step{
		{name: "a second share", method: "POST", path: "/shares", body: `{"name":"Second","share_type":"project"}`, status: 201, keep: "second=id"},
		{name: "a folder there", method: "POST", path: "/folders", body: `{"share_id":"{second}","name":"s"}`, status: 201, keep: "s=id"},
		{name: "rename", method: "PATCH", path: "/files/{file}", body: `{"name":"g.txt"}`, status: 200},
		{name: "a reader", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{sid}","role":"contributor"}`, status: 201},
		{name: "who does something", as: "stranger", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"{b}","name":"theirs"}`, status: 201, keep: "theirs=id"},
		{name: "and undoes it", as: "stranger", method: "DELETE", path: "/folders/{theirs}", status: 204},
	})
	for _, tt := range []struct{ as, query, want string }{
		{"", "", "deleted /b/theirs, renamed /a/g.txt, created /s, created /a/f.txt, created /b, created /a"},
		{"", "&share_id={share}", "deleted /b/theirs, renamed /a/g.txt, created /a/f.txt, created /b, created /a"},
		{"", "&file_id={file}", "renamed /a/g.txt, created /a/f.txt"},
		{"", "&folder_id={a}", "renamed /a/g.txt, created /a/f.txt, created /a"},
		{"", "&folder_id={b}", "deleted /b/theirs, created /b"},
		{"", "&user_id={sid}", "deleted /b/theirs"},
		{"", "&user_id={thirdid}", ""},
		{"", "&from=" + middle, "deleted /b/theirs, renamed /a/g.txt, created /s"},
		{"", "&to=" + middle, "created /a/f.txt, created /b, created /a"},
		{"", "&to=2020-01-01T00:00:00Z", ""},
		{"stranger", "", "deleted /b/theirs, renamed /a/g.txt, created /a/f.txt, created /b, created /a"},
		{"third", "", ""},
		{"foreigner", "", ""},
	} {
		if got := a.activity(tt.as, a.fill(tt.query)); got != tt.want {
			t.Errorf("%s%s: %s, want %s", tt.as, tt.query, got, tt.want)
		}
	}
	a.run([]step{
		{name: "names", method: "GET", path: "/activity?limit=1", status: 200, has: []string{`"share_name":"Work"`, `"changed_by_name":"stranger@example.com"`}, keep: "next=next_page_token"},
		{name: "another's token", as: "stranger", method: "GET", path: "/activity?page_token={next}", status: 422},
		{name: "out of sight", as: "third", method: "GET", path: "/activity?share_id={share}", status: 404},
		{name: "unknown", as: "third", method: "GET", path: "/activity?share_id=shr_{nobody}", status: 404},
		{name: "a file out of sight", as: "third", method: "GET", path: "/activity?file_id={file}", status: 404},
		{name: "a folder as a file", method: "GET", path: "/activity?file_id={a}", status: 422},
		{name: "both", method: "GET", path: "/activity?file_id={file}&folder_id={a}", status: 422},
		{name: "no time", method: "GET", path: "/activity?from=yesterday", status: 422, has: []string{`["query","from"]`}},
		{name: "too many", method: "GET", path: "/activity?limit=501", status: 422},
		{name: "a file elsewhere", method: "GET", path: "/activity?file_id={file}&share_id={second}", status: 404},
	})
}

package httpd

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"scaidrive/httpd/wire"
)

// listing gives the names of a folder's entries by a query.
func (a *api) listing(query string) (string, wire.Children) {
	a.t.Helper()
	got := a.step(step{name: query, method: "GET", path: "/folders/root/children?share_id={share}&" + query, status: 200})
	var out wire.Children
	if err := json.Unmarshal([]byte(got), &out); err != nil {
		a.t.Fatal(err)
	}
	names := make([]string, len(out.Items))
	for i := range out.Items {
		names[i] = out.Items[i].Name
	}
	return strings.Join(names, " "), out
}

func TestListingQueries(t *testing.T) {
	a := newAPI(t)
	a.run([]step{
		{name: "folder", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"Plans"}`, status: 201, keep: "plans=id"},
		{name: "a", method: "POST", path: "/files", body: upload("annual report.txt", "12345", "modified_at", "2020-01-03T00:00:00Z"), status: 201},
		{name: "b", method: "POST", path: "/files", body: upload("B.pdf", "1", "modified_at", "2020-01-01T00:00:00Z"), status: 201},
		{name: "c", method: "POST", path: "/files", body: upload("report.csv", "123", "modified_at", "2020-01-02T00:00:00Z"), status: 201, keep: "csv=id"},
	})
	for query, want := range map[string]string{
		"":                                  "annual report.txt B.pdf Plans report.csv",
		"sort=name&order=desc":              "report.csv Plans B.pdf annual report.txt",
		"sort=size":                         "Plans B.pdf report.csv annual report.txt",
		"sort=size&order=desc":              "annual report.txt report.csv B.pdf Plans",
		"sort=modified_at&order=asc":        "B.pdf report.csv annual report.txt Plans",
		"sort=modified_at&order=desc":       "Plans annual report.txt report.csv B.pdf",
		"sort=type":                         "Plans report.csv B.pdf annual report.txt",
		"sort=folders":                      "Plans annual report.txt B.pdf report.csv",
		"sort=folders&order=desc":           "Plans report.csv B.pdf annual report.txt",
		"sort=folders&position=2&limit=1":   "B.pdf",
		"sort=folders&begins=REP":           "report.csv",
		"sort=folders&begins=x":             "",
		"sort=size&item={csv}":              "report.csv annual report.txt",
		"sort=folders&item={plans}&limit=1": "Plans",
		"filter=Rep":                        "annual report.txt report.csv",
		"filter=rep&sort=size":              "report.csv annual report.txt",
		"filter=&limit=2&offset=1":          "B.pdf Plans",
		"sort=size&limit=2&offset=1":        "B.pdf report.csv",
		"include_deleted=true&filter=plans": "Plans",
	} {
		if got, _ := a.listing(query); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
	if _, p := a.listing("include=permissions"); p.Items[0].Permissions == nil || *p.Items[0].Permissions != 63 || p.Total != 4 || !p.TotalExact {
		t.Errorf("permissions: %+v", p)
	}
	if _, p := a.listing(""); p.Items[0].Permissions != nil {
		t.Errorf("permissions that nobody asked for: %+v", p.Items[0])
	}
	if _, p := a.listing("sort=folders&position=2"); p.Position == nil || *p.Position != 2 || p.Total != 4 {
		t.Errorf("a position: %+v", p)
	}
	if _, p := a.listing("sort=name"); p.Position != nil {
		t.Errorf("a position by name: %+v", p)
	}
	_, p := a.listing("limit=1&sort=size")
	a.vars["token"] = url.QueryEscape(p.NextPageToken)
	if got, _ := a.listing("limit=1&sort=size&page_token={token}"); got != "B.pdf" {
		t.Errorf("the second page: %s", got)
	}
	bad := func(query, field string) step {
		return step{name: query, method: "GET", path: "/folders/root/children?share_id={share}&" + query, status: 422, has: []string{`["query","` + field + `"]`}}
	}
	a.run([]step{
		bad("limit=1&page_token={token}", "page_token"),
		bad("limit=1&sort=size&order=desc&page_token={token}", "page_token"),
		bad("limit=1&sort=size&filter=b&page_token={token}", "page_token"),
		bad("sort=size&page_token=abc", "page_token"),
		bad("sort=colour", "sort"), bad("order=up", "order"), bad("include=everything", "include"),
		bad("include_deleted=perhaps", "include_deleted"), bad("limit=0", "limit"), bad("limit=1001", "limit"),
		bad("limit=1000&offset=9001", "offset"), bad("position=1", "position"), bad("sort=folders&position=-1", "position"), bad("sort=size&position=1&offset=1", "position"),
		bad("sort=folders&begins="+strings.Repeat("x", 256), "begins"), bad("sort=folders&item=shr_1", "item"), bad("filter="+strings.Repeat("x", 256), "filter"),
		{name: "the most", method: "GET", path: "/folders/root/children?share_id={share}&limit=1000&offset=9000&filter=" + strings.Repeat("x", 255), status: 200},
		{name: "twice", method: "GET", path: "/folders/root/children?share_id={share}&sort=name&sort=size", status: 400},
		{name: "delete", method: "DELETE", path: "/files/{csv}", status: 204},
		{name: "another folder's token", method: "GET", path: "/folders/{plans}/children?share_id={share}&limit=1&sort=size&page_token={token}", status: 422},
		{name: "stranger", as: "stranger", method: "GET", path: "/folders/root/children?share_id={share}&sort=size", status: 404},
	})
	if got, p := a.listing("include_deleted=true"); got != "annual report.txt B.pdf Plans report.csv" || !p.Items[3].IsDeleted || p.Items[3].DeletedAt == nil || p.Items[0].IsDeleted {
		t.Errorf("with the trash: %s %+v", got, p)
	}
	if got, _ := a.listing("include_deleted=false"); got != "annual report.txt B.pdf Plans" {
		t.Errorf("without the trash: %s", got)
	}
}

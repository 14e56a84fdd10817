package httpd

import (
	"slices"
	"strings"
	"testing"

	"scaidrive/httpd/openapi"
)

// TestEveryRouteIsDescribed says what a row's description lacks.
func TestEveryRouteIsDescribed(t *testing.T) {
	names := map[string]string{}
	var groups []string
	for _, g := range tags() {
		groups = append(groups, g.Name)
	}
	for _, rt := range routes() {
		row, o := rt.method+" "+rt.path, rt.op
		lacks := func(format string, args ...any) {
			t.Helper()
			t.Errorf("the route %s: its op (see the top of routes.go) "+format, append([]any{row}, args...)...)
		}
		if o.Name == "" {
			lacks("is empty: the document would not have the route")
			continue
		}
		if other, twice := names[o.Name]; twice {
			lacks("has the Name %s of %s", o.Name, other)
		}
		names[o.Name] = row
		if !slices.Contains(groups, o.Tag) {
			lacks("has the Tag %q, which is not in tags()", o.Tag)
		}
		if o.Summary == "" || strings.HasSuffix(o.Summary, ".") {
			lacks("has the Summary %q; a line without a full stop is wanted", o.Summary)
		}
		var variables []string
		for _, s := range strings.Split(rt.path, "/") {
			if strings.HasPrefix(s, "{") {
				variables = append(variables, strings.Trim(s, "{}"))
			}
		}
		var told []string
		for _, p := range o.Path {
			told = append(told, p.Name)
			if !p.Required {
				lacks("has a Path parameter %s that may be left out", p.Name)
			}
		}
		if !slices.Equal(variables, told) {
			lacks("describes the Path parameters %q, the path has %q", told, variables)
		}
		for where, list := range map[string][]openapi.Param{"Path": o.Path, "Query": o.Query, "Header": o.Header} {
			for _, p := range list {
				if p.Schema == nil || !strings.HasSuffix(p.About, ".") {
					lacks("says too little of the %s parameter %s", where, p.Name)
				}
			}
		}
		if (o.Body == nil) != (rt.limit == noBody) {
			lacks("has the Body %T, the row the limit %d", o.Body, rt.limit)
		}
		if len(o.Answers) == 0 {
			lacks("has no Answers")
		}
		for _, a := range o.Answers {
			if a.About == "" || a.Status < 400 && slices.Contains(o.Fails, a.Status) {
				lacks("says too little of the answer %d, or it stands in Fails too", a.Status)
			}
			if bodiless := a.Status == 204 || a.Status == 304; bodiless != (a.Body == nil) {
				lacks("has the body %T in the answer %d", a.Body, a.Status)
			}
		}
	}
}

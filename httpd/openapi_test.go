package httpd

import (
	"bytes"
	"html"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"scaidrive/httpd/openapi/openapitest"
)

// documented gives the contract of the routes.
var documented = sync.OnceValues(func() (*openapitest.Contract, error) {
	text, err := Document("test")
	if err != nil {
		return nil, err
	}
	return openapitest.Read(text)
})

// held holds an exchange of a test against the document.
func held(t testing.TB, req *http.Request, sent string, res *http.Response, body string) {
	t.Helper()
	c, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(req, sent, res, body); err != nil {
		t.Errorf("%s %s, %d: against the document: %v", req.Method, req.URL.Path, res.StatusCode, err)
	}
}

func TestDocumentIsValid(t *testing.T) {
	c, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if !c.Doc.IsOpenAPI31OrLater() {
		t.Errorf("the version is %s", c.Doc.OpenAPI)
	}
	one, err1 := Document("test")
	two, err2 := Document("test")
	if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
		t.Errorf("made again, the document differs: %v, %v", err1, err2)
	}
}

// TestRoutesLeaveNothingOpen: every struct and field that goes over the wire has its
// name, its kind and a sentence.
func TestRoutesLeaveNothingOpen(t *testing.T) {
	for _, gap := range document("test", routes()).Gaps() {
		t.Errorf("%s (the comment of package wire says how; after a change there: go generate ./httpd/openapi)", gap)
	}
}

func TestDocumentHoldsEveryRoute(t *testing.T) {
	c, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]bool{}
	for _, rt := range routes() {
		table[rt.method+" "+rt.path] = true
		item := c.Doc.Paths.Value(rt.path)
		if item == nil || item.GetOperation(rt.method) == nil {
			t.Errorf("%s %s is not in the document", rt.method, rt.path)
			continue
		}
		o := item.GetOperation(rt.method)
		if open := len(*o.Security) == 0; open != (rt.who == anyone) {
			t.Errorf("%s %s: the document lets anyone call it: %v", rt.method, rt.path, open)
		}
		if rt.who != anyone && o.Responses.Value("401") == nil || rt.who.scope() != "" && o.Responses.Value("403") == nil {
			t.Errorf("%s %s: 401 or 403 is not told", rt.method, rt.path)
		}
	}
	n := 0
	for path, item := range c.Doc.Paths.Map() {
		for method := range item.Operations() {
			n++
			if !table[method+" "+path] {
				t.Errorf("the document has %s %s, which is no route", method, path)
			}
		}
	}
	if n != len(table) {
		t.Errorf("%d operations of %d routes", n, len(table))
	}
}

// TestContractNotices: what holds answers against the document sees what is wrong.
func TestContractNotices(t *testing.T) {
	c, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	const good = `{"status":"healthy","version":"1"}`
	for name, tc := range map[string]struct {
		method, path string
		status       int
		mediaType    string
		body         string
		wrong        string // "": nothing
	}{
		"good":               {"GET", "/api/v1/health", 200, "application/json", good, ""},
		"another status":     {"GET", "/api/v1/health", 201, "application/json", good, "does not document the status 201"},
		"another media type": {"GET", "/api/v1/health", 200, "text/plain", good, "media type"},
		"a field more":       {"GET", "/api/v1/health", 200, "application/json", `{"status":"healthy","version":"1","load":3}`, "load"},
		"a field less":       {"GET", "/api/v1/health", 200, "application/json", `{"status":"healthy"}`, "version"},
		"another type":       {"GET", "/api/v1/health", 200, "application/json", `{"status":"healthy","version":1}`, "version"},
		"not of the set":     {"GET", "/api/v1/health", 200, "application/json", `{"status":"fine","version":"1"}`, "status"},
		"no JSON":            {"GET", "/api/v1/health", 200, "application/json", `{`, "not JSON"},
		"deep":               {"GET", "/api/v1/config", 200, "application/json", `{"version":"1","chunking":"x","features":{"semantic_search":false,"external_sharing":false,"smb_connector":false,"sharepoint_connector":false},"limits":{"max_file_size_bytes":1,"max_upload_chunk_size_bytes":1,"x":1}}`, "limits"},
		"a sentence for 422": {"POST", "/api/v1/auth/login", 422, "application/json", `{"detail":"x"}`, "detail"},
		"a list for 401":     {"POST", "/api/v1/auth/login", 401, "application/json", `{"detail":[]}`, "detail"},
		"a body for 204":     {"DELETE", "/api/v1/files/x", 204, "", `{}`, "none is documented"},
		"unknown, fine":      {"GET", "/nowhere", 404, "application/json", `{"detail":"Not found"}`, ""},
		"unknown, served":    {"GET", "/nowhere", 200, "application/json", `{}`, "unknown address"},
	} {
		req, err := http.NewRequest(tc.method, "http://example.com"+tc.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res := &http.Response{StatusCode: tc.status, Header: http.Header{"X-Request-Id": {"x"}, "Content-Type": {tc.mediaType}, "Www-Authenticate": {"Bearer"}}}
		err = c.Check(req, "", res, tc.body)
		if (err == nil) != (tc.wrong == "") || err != nil && !strings.Contains(err.Error(), tc.wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDocsAreServed(t *testing.T) {
	r := startRig(t, Options{Version: "7.8.9"}, routes())
	for path, want := range map[string][]string{
		"/api/v1/openapi.json": {"application/json", `"openapi":"3.1.0"`, `"version":"7.8.9"`},
		"/docs":                {"text/html; charset=utf-8", "<h1>ScaiDrive API <small>7.8.9</small></h1>", "/docs/style.css", "/api/v1/openapi.json"},
		"/docs/style.css":      {"text/css; charset=utf-8", "prefers-color-scheme: dark"},
	} {
		res, body := r.call(t, "GET", path, "")
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != want[0] {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
		for _, w := range want[1:] {
			if !strings.Contains(body, w) {
				t.Errorf("%s lacks %s", path, w)
			}
		}
		held(t, res.Request, "", res, body)
		if p := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'; style-src 'self';") || strings.Contains(p, "unsafe") || strings.Contains(p, "script") {
			t.Errorf("%s: the policy is %q", path, p)
		}
		tag := res.Header.Get("ETag")
		if res, body = r.call(t, "GET", path, "", "If-None-Match", tag); res.StatusCode != 304 || body != "" || tag == "" {
			t.Errorf("%s again: %d", path, res.StatusCode)
		}
	}
}

// TestDocsHoldEveryOperation: each operation and schema stands on the page, each
// inner link leads somewhere, nothing needs a script, a style of its own or
// another host.
func TestDocsHoldEveryOperation(t *testing.T) {
	c, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	d, err := newServer(Options{Env: testEnv()}, routes()).describe()
	if err != nil {
		t.Fatal(err)
	}
	page := string(d.page.body)
	for _, rt := range routes() {
		for _, want := range []string{
			`id="` + rt.op.Name + `"`, `href="#` + rt.op.Name + `"`,
			`<span class="method ` + rt.method + `">` + rt.method + `</span> <code>` + rt.path + `</code>`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
	}
	for name := range c.Doc.Components.Schemas {
		if !strings.Contains(page, `id="schema-`+name+`"`) {
			t.Errorf("the page lacks the schema %s", name)
		}
	}
	for _, m := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		anchor, inner := strings.CutPrefix(m[1], "#")
		if inner && !strings.Contains(page, `id="`+anchor+`"`) || !inner && !strings.HasPrefix(m[1], "/") {
			t.Errorf("a link leads to %q", m[1])
		}
	}
	for _, bad := range []string{"<script", "<style", " style=", " onclick", "javascript:", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	if n := strings.Count(page, "<code>curl "); n != len(routes()) {
		t.Errorf("%d examples for %d routes", n, len(routes()))
	}
}

// TestExamplesAreTaken: the JSON of an example is what the document says a request
// may be.
func TestExamplesAreTaken(t *testing.T) {
	c, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	d, err := newServer(Options{Env: testEnv()}, routes()).describe()
	if err != nil {
		t.Fatal(err)
	}
	page := html.UnescapeString(string(d.page.body))
	n := 0
	for _, rt := range routes() {
		if rt.limit == noBody || c.Doc.Paths.Value(rt.path).GetOperation(rt.method).RequestBody.Value.Content["application/json"] == nil {
			continue
		}
		n++
		_, example, _ := strings.Cut(page, `id="`+rt.op.Name+`"`)
		_, example, _ = strings.Cut(example, "-d '")
		example, _, _ = strings.Cut(example, "}'")
		example += "}"
		at := "/paths/" + strings.ReplaceAll(rt.path, "/", "~1") + "/" + strings.ToLower(rt.method) + "/requestBody/content/application~1json/schema"
		if err := c.Body(at, "the example", example); err != nil {
			t.Errorf("%s: %v", rt.op.Name, err)
		}
	}
	if n < 10 {
		t.Errorf("only %d examples", n)
	}
}

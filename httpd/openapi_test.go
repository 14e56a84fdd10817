package httpd

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A contract holds requests and answers against the document that the server
// gives out. kin-openapi reads and checks the document; bodies are held against
// its schemas by the JSON Schema library that kin-openapi itself stands on, which
// compiles them once.
type contract struct {
	text    []byte
	gaps    []string // what the routes or package wire leave open
	doc     *openapi3.T
	router  *router
	schemas *jsonschema.Compiler
	mu      sync.Mutex
	ready   map[string]*jsonschema.Schema // by the pointer into the document
	shown   map[string]bool               // operations that were answered with success
}

// documented gives the contract of the real routes.
var documented = sync.OnceValues(func() (*contract, error) {
	d := newServer(Options{Version: "test", Env: testEnv()}, routes()).document()
	c := &contract{router: newRouter(routes()), gaps: d.Gaps(), ready: map[string]*jsonschema.Schema{}, shown: map[string]bool{}}
	var err error
	if c.text, err = d.JSON(); err != nil {
		return nil, err
	}
	if c.doc, err = openapi3.NewLoader().LoadFromData(c.text); err != nil {
		return nil, err
	}
	closed, err := jsonschema.UnmarshalJSON(bytes.NewReader(c.text))
	if err != nil {
		return nil, err
	}
	closeObjects(closed)
	c.schemas = jsonschema.NewCompiler()
	c.schemas.AssertFormat()
	return c, c.schemas.AddResource("doc.json", closed)
})

// closeObjects has every object with named members refuse all others. The
// document itself leaves answers open, so that they may get more fields one day;
// a test must see a field that is not documented.
func closeObjects(node any) {
	switch v := node.(type) {
	case map[string]any:
		if _, ok := v["properties"].(map[string]any); ok && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for _, child := range v {
			closeObjects(child)
		}
	case []any:
		for _, child := range v {
			closeObjects(child)
		}
	}
}

// check says what the document doesn't tell of an exchange.
func (c *contract) check(req *http.Request, sent string, res *http.Response, body string) error {
	rt, _, err := c.router.find(req.Method, req.URL.EscapedPath())
	if err != nil {
		if !slices.Contains([]int{400, 404, 405}, res.StatusCode) {
			return fmt.Errorf("an unknown address is answered with %d", res.StatusCode)
		}
		return c.body("/components/schemas/Problem", "the body", body)
	}
	at := "/paths/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(rt.path) + "/" + strings.ToLower(rt.method)
	o := c.doc.Paths.Value(rt.path).GetOperation(rt.method)
	ref := o.Responses.Value(strconv.Itoa(res.StatusCode))
	if ref == nil {
		return fmt.Errorf("%s does not document the status %d", o.OperationID, res.StatusCode)
	}
	if res.StatusCode < 400 {
		c.mu.Lock()
		c.shown[o.OperationID] = true
		c.mu.Unlock()
	}
	where := at + "/responses/" + strconv.Itoa(res.StatusCode)
	if ref.Ref != "" {
		where = strings.TrimPrefix(ref.Ref, "#")
	}
	errs := []error{c.answer(where, ref.Value, req.Method == "HEAD", res, body)}
	if res.StatusCode < 400 {
		errs = append(errs, c.request(at, o, req, sent))
	}
	return errors.Join(errs...)
}

func (c *contract) answer(at string, want *openapi3.Response, head bool, res *http.Response, body string) error {
	for name, h := range want.Headers {
		if h.Value.Required && res.Header.Get(name) == "" {
			return fmt.Errorf("the header %s is missing", name)
		}
	}
	if head {
		return nil
	}
	if len(want.Content) == 0 {
		if body != "" {
			return fmt.Errorf("there is a body, and none is documented: %s", cut(body))
		}
		return nil
	}
	got := res.Header.Get("Content-Type")
	base, _, _ := mime.ParseMediaType(got) // where no parameter is documented, any may stand
	for mediaType, m := range want.Content {
		if mediaType != got && mediaType != base && mediaType != "*/*" {
			continue
		}
		if m.Schema == nil {
			return nil
		}
		return c.body(at+"/content/"+strings.ReplaceAll(mediaType, "/", "~1")+"/schema", "the body", body)
	}
	return fmt.Errorf("the media type %q is not documented", got)
}

// request holds a request that was accepted against the document.
func (c *contract) request(at string, o *openapi3.Operation, req *http.Request, sent string) error {
	for name := range req.URL.Query() {
		if o.Parameters.GetByInAndName("query", name) == nil {
			return fmt.Errorf("the query takes %s, which is not documented", name)
		}
	}
	if o.RequestBody == nil {
		return nil
	}
	mediaType, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if o.RequestBody.Value.Content[mediaType] == nil {
		if mediaType == "" {
			return nil // JSON and parts may come without their type
		}
		return fmt.Errorf("the media type %q was taken and is not documented", mediaType)
	}
	if mediaType == "application/json" {
		return c.body(at+"/requestBody/content/application~1json/schema", "the accepted request", sent)
	}
	return nil
}

// body holds JSON against the schema at a place of the document.
func (c *contract) body(at, what, text string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.ready[at]
	if s == nil {
		var err error
		if s, err = c.schemas.Compile("doc.json#" + (&url.URL{Path: at}).EscapedPath()); err != nil {
			return err
		}
		c.ready[at] = s
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s is not JSON: %w", what, err)
	}
	if err := s.Validate(v); err != nil {
		return fmt.Errorf("%s is not as documented: %w", what, err)
	}
	return nil
}

// held holds an exchange of a test against the document.
func held(t testing.TB, req *http.Request, sent string, res *http.Response, body string) {
	t.Helper()
	c, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.check(req, sent, res, body); err != nil {
		t.Errorf("%s %s, %d: against the document: %v", req.Method, req.URL.Path, res.StatusCode, err)
	}
}

func TestDocumentIsValid(t *testing.T) {
	c, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if !c.doc.IsOpenAPI31OrLater() {
		t.Errorf("the version is %s", c.doc.OpenAPI)
	}
	again := newServer(Options{Version: "test", Env: testEnv()}, routes()).document()
	if text, err := again.JSON(); err != nil || !bytes.Equal(text, c.text) {
		t.Errorf("made again, the document differs: %v", err)
	}
	for name := range c.doc.Components.Schemas {
		if _, err := c.schemas.Compile("doc.json#/components/schemas/" + name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNothingIsLeftOpen: every struct and field that goes over the wire has its
// name, its kind and a sentence.
func TestNothingIsLeftOpen(t *testing.T) {
	c, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	for _, gap := range c.gaps {
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
		item := c.doc.Paths.Value(rt.path)
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
	for path, item := range c.doc.Paths.Map() {
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
		err = c.check(req, "", res, tc.body)
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
	d, err := newServer(Options{Version: "test", Env: testEnv()}, routes()).describe()
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
	for name := range c.doc.Components.Schemas {
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
	if n := strings.Count(page, "curl "); n != len(routes()) {
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
	d, err := newServer(Options{Version: "test", Env: testEnv()}, routes()).describe()
	if err != nil {
		t.Fatal(err)
	}
	page := html.UnescapeString(string(d.page.body))
	n := 0
	for _, rt := range routes() {
		if rt.limit == noBody || c.doc.Paths.Value(rt.path).GetOperation(rt.method).RequestBody.Value.Content["application/json"] == nil {
			continue
		}
		n++
		_, example, _ := strings.Cut(page, `id="`+rt.op.Name+`"`)
		_, example, _ = strings.Cut(example, "-d '")
		example, _, _ = strings.Cut(example, "}'")
		example += "}"
		at := "/paths/" + strings.ReplaceAll(rt.path, "/", "~1") + "/" + strings.ToLower(rt.method) + "/requestBody/content/application~1json/schema"
		if err := c.body(at, "the example", example); err != nil {
			t.Errorf("%s: %v", rt.op.Name, err)
		}
	}
	if n < 10 {
		t.Errorf("only %d examples", n)
	}
}

// Package openapitest holds requests and answers against an OpenAPI document, in
// tests. kin-openapi reads and validates the document; bodies are held against
// its schemas by the JSON Schema library that kin-openapi itself uses for OpenAPI
// 3.1: it compiles a schema once, and takes any place of the document.
//
// Only tests import it, so that neither library is in the product.
package openapitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A Contract is a document to hold exchanges against. Safe for concurrent use.
type Contract struct {
	Doc *openapi3.T

	schemas *jsonschema.Compiler
	mu      sync.Mutex
	ready   map[string]*jsonschema.Schema // by the pointer into the document
	shown   map[string]bool               // operations that were answered with success
}

// Read makes a contract of a document's text, which must be valid.
func Read(text []byte) (*Contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	closed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	closeObjects(closed)
	c := &Contract{Doc: doc, schemas: jsonschema.NewCompiler(), ready: map[string]*jsonschema.Schema{}, shown: map[string]bool{}}
	c.schemas.AssertFormat()
	return c, c.schemas.AddResource("doc.json", closed)
}

// Shown reports whether an operation was answered with success in a [Contract.Check].
func (c *Contract) Shown(operation string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shown[operation]
}

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

// find gives the operation of a method and a path, and its place. HEAD is GET's.
func (c *Contract) find(method, path string) (at string, o *openapi3.Operation) {
	if method == "HEAD" {
		method = "GET"
	}
	segments, best := strings.Split("/"+strings.Trim(path, "/"), "/"), -1
	for pattern, item := range c.Doc.Paths.Map() {
		literal, fits := 0, true
		parts := strings.Split(pattern, "/")
		if len(parts) != len(segments) {
			continue
		}
		for i, p := range parts {
			switch {
			case p == segments[i]:
				literal++
			case !strings.HasPrefix(p, "{") || segments[i] == "":
				fits = false
			}
		}
		if fits && literal > best && item.GetOperation(method) != nil {
			best, o = literal, item.GetOperation(method)
			at = "/paths/" + escape(pattern) + "/" + strings.ToLower(method)
		}
	}
	return at, o
}

// escape makes a member's name a part of a JSON pointer.
func escape(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// Check says what the document doesn't tell of an exchange: of its status,
// headers and body, and of a request that was accepted.
func (c *Contract) Check(req *http.Request, sent string, res *http.Response, body string) error {
	at, o := c.find(req.Method, req.URL.EscapedPath())
	if o == nil {
		if !slices.Contains([]int{400, 404, 405}, res.StatusCode) {
			return fmt.Errorf("an unknown address is answered with %d", res.StatusCode)
		}
		if req.Method == "HEAD" {
			return nil
		}
		return c.Body("/components/schemas/Problem", "the body", body)
	}
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

func (c *Contract) answer(at string, want *openapi3.Response, head bool, res *http.Response, body string) error {
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
			return fmt.Errorf("there is a body, and none is documented: %s", body[:min(len(body), 600)])
		}
		return nil
	}
	got := res.Header.Get("Content-Type")
	base, params, _ := mime.ParseMediaType(got) // where no parameter is documented, any may stand
	if strings.HasPrefix(base, "multipart/") {
		if err := parts(params["boundary"], body); err != nil {
			return fmt.Errorf("the body is no %s: %w", base, err)
		}
	}
	for mediaType, m := range want.Content {
		if mediaType != got && mediaType != base && mediaType != "*/*" {
			continue
		}
		if m.Schema == nil {
			return nil
		}
		return c.Body(at+"/content/"+escape(mediaType)+"/schema", "the body", body)
	}
	return fmt.Errorf("the media type %q is not documented", got)
}

// parts answers nil for a whole multipart body whose parts are as long as they say.
func parts(boundary, body string) error {
	if !strings.HasSuffix(body, "--"+boundary+"--\r\n") {
		return errors.New("it has no end")
	}
	r := multipart.NewReader(strings.NewReader(body), boundary)
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		b, err := io.ReadAll(p)
		if err != nil {
			return err
		}
		if said := p.Header.Get("Content-Length"); said != "" && said != strconv.Itoa(len(b)) {
			return fmt.Errorf("a part of %d bytes says that it has %s", len(b), said)
		}
	}
}

// Request says what the document doesn't tell of a request: its address, query and
// body.
func (c *Contract) Request(req *http.Request, sent string) error {
	at, o := c.find(req.Method, req.URL.EscapedPath())
	if o == nil {
		return fmt.Errorf("%s %s is not in the document", req.Method, req.URL.Path)
	}
	if o.RequestBody == nil && sent != "" {
		return fmt.Errorf("%s takes no body", o.OperationID)
	}
	return c.request(at, o, req, sent)
}

func (c *Contract) request(at string, o *openapi3.Operation, req *http.Request, sent string) error {
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
		return c.Body(at+"/requestBody/content/application~1json/schema", "the request", sent)
	}
	return nil
}

// Body holds JSON against the schema at a place of the document. what names the
// text in the error.
func (c *Contract) Body(at, what, text string) error {
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

package openapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

//go:generate go run gen/main.go

// Input is what a document is made of.
type Input struct {
	Version string // of the product
	Tags    []Tag
	Routes  []Route
}

// A Document describes an API. It does not change.
type Document struct {
	in      Input
	names   *schemas
	content root
}

// The types below are the objects of the specification, as far as we use them.
type (
	root struct {
		OpenAPI    string                `json:"openapi"`
		Info       info                  `json:"info"`
		Servers    []server              `json:"servers"`
		Security   []map[string][]string `json:"security"`
		Tags       []tagObject           `json:"tags"`
		Paths      ordered[*pathItem]    `json:"paths"`
		Components components            `json:"components"`
	}
	info struct {
		Title       string `json:"title"`
		Version     string `json:"version"`
		Summary     string `json:"summary"`
		Description string `json:"description"`
	}
	server struct {
		URL string `json:"url"`
	}
	tagObject struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	pathItem struct {
		operations ordered[*operation]
	}
	operation struct {
		Tags        []string              `json:"tags"`
		Summary     string                `json:"summary"`
		Description string                `json:"description,omitempty"`
		OperationID string                `json:"operationId"`
		Parameters  []parameter           `json:"parameters,omitempty"`
		RequestBody *requestBody          `json:"requestBody,omitempty"`
		Responses   ordered[*response]    `json:"responses"`
		Security    []map[string][]string `json:"security"`
		Scope       string                `json:"x-scope,omitempty"`
		Cost        int64                 `json:"x-cost"`
	}
	parameter struct {
		Name        string  `json:"name"`
		In          string  `json:"in"`
		Description string  `json:"description"`
		Required    bool    `json:"required"`
		Schema      *Schema `json:"schema"`
	}
	requestBody struct {
		Description string             `json:"description,omitempty"`
		Required    bool               `json:"required"`
		Content     ordered[mediaType] `json:"content"`
	}
	response struct {
		Ref         string             `json:"$ref,omitempty"`
		Description string             `json:"description,omitempty"`
		Headers     ordered[header]    `json:"headers,omitempty"`
		Content     ordered[mediaType] `json:"content,omitempty"`
	}
	header struct {
		Ref         string  `json:"$ref,omitempty"`
		Description string  `json:"description,omitempty"`
		Required    bool    `json:"required,omitempty"`
		Schema      *Schema `json:"schema,omitempty"`
	}
	mediaType struct {
		Schema *Schema `json:"schema,omitempty"`
	}
	components struct {
		Schemas         Properties                   `json:"schemas"`
		Responses       ordered[*response]           `json:"responses"`
		Headers         ordered[header]              `json:"headers"`
		SecuritySchemes map[string]map[string]string `json:"securitySchemes"`
	}
)

// ordered is an object whose members keep their order.
type ordered[T any] []named[T]

type named[T any] struct {
	name  string
	value T
}

func (o ordered[T]) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b = append(strconv.AppendQuote(b, m.name), ':')
		b = append(b, value...)
	}
	return append(b, '}'), nil
}

func (o *ordered[T]) add(name string, value T) { *o = append(*o, named[T]{name, value}) }

func (o ordered[T]) get(name string) (value T, ok bool) {
	for _, m := range o {
		if m.name == name {
			return m.value, true
		}
	}
	return value, false
}

func (p *pathItem) MarshalJSON() ([]byte, error) { return json.Marshal(p.operations) }

const about = "Identifiers are a prefix and 26 characters. Times are ISO 8601 in UTC. Sizes are bytes. " +
	"Every GET may be asked as HEAD. What does not exist and what the caller may not see are answered alike, with 404. " +
	"Every answer has X-Request-Id; answers to a token have its rate limit in X-RateLimit-Limit, -Remaining and -Reset."

// New makes the document.
func New(in Input) *Document {
	d := &Document{in: in, names: newSchemas()}
	d.content = root{
		OpenAPI:  "3.1.0",
		Info:     info{Title: "ScaiDrive", Version: in.Version, Summary: "Files, shared and in step.", Description: about},
		Servers:  []server{{URL: "/"}},
		Security: []map[string][]string{{"bearer": {}}, {"page": {}}},
	}
	for _, t := range in.Tags {
		d.content.Tags = append(d.content.Tags, tagObject{t.Name, t.About})
	}
	// Answers first: the plain name of a struct is that of its outward form.
	responses := make([]ordered[*response], len(in.Routes))
	for i := range in.Routes {
		responses[i] = d.responses(&in.Routes[i])
	}
	for i := range in.Routes {
		r := &in.Routes[i]
		item, ok := d.content.Paths.get(r.Address)
		if !ok {
			item = &pathItem{}
			d.content.Paths.add(r.Address, item)
		}
		item.operations.add(strings.ToLower(r.Method), d.operation(r, responses[i]))
	}
	d.content.Components = d.components()
	d.names.unused()
	return d
}

// Gaps names what the routes or package wire leave open: a test wants none.
func (d *Document) Gaps() []string { return d.names.gaps }

// JSON gives the document's text.
func (d *Document) JSON() ([]byte, error) { return json.Marshal(d.content) }

func (d *Document) operation(r *Route, responses ordered[*response]) *operation {
	o := &operation{
		Tags: []string{r.Tag}, Summary: r.Summary, Description: r.About, OperationID: r.Name,
		Responses: responses, Scope: r.Scope, Cost: r.Cost,
		Security: []map[string][]string{{"bearer": {}}, {"page": {}}},
	}
	if r.Public {
		o.Security = []map[string][]string{}
	}
	for _, in := range []struct {
		where string
		list  []Param
	}{{"path", r.Path}, {"query", r.Query}, {"header", r.Header}} {
		for _, p := range in.list {
			o.Parameters = append(o.Parameters, parameter{p.Name, in.where, p.About, p.Required, p.Schema})
		}
	}
	o.RequestBody = d.requestBody(r.Body)
	return o
}

func (d *Document) requestBody(body any) *requestBody {
	b := &requestBody{Required: true}
	switch v := body.(type) {
	case nil:
		return nil
	case Bytes:
		b.Description = v.About
		b.Content.add(v.Type, mediaType{})
	case Form:
		form := &Schema{Type: Types{"object"}}
		for _, f := range v.Fields {
			field := *f.Schema
			field.Description = f.About
			form.Properties = append(form.Properties, Property{f.Name, &field})
			if f.Required {
				form.Required = append(form.Required, f.Name)
			}
		}
		b.Content.add(v.Type, mediaType{form})
	case Lax:
		b.Content.add("application/json", mediaType{d.names.ref(reflect.TypeOf(v.Struct), lax)})
	default:
		b.Content.add("application/json", mediaType{d.names.ref(reflect.TypeOf(v), inward)})
	}
	return b
}

func (d *Document) responses(r *Route) (all ordered[*response]) {
	byStatus := map[int]*response{}
	for _, a := range r.Answers {
		out := &response{Description: a.About, Headers: d.usualHeaders(!r.Public)}
		for _, h := range a.Headers {
			out.Headers.add(h.Name, header{Description: h.About, Required: h.Required, Schema: h.Schema})
		}
		switch v := a.Body.(type) {
		case nil:
		case Bytes:
			for t := range strings.SplitSeq(cmp.Or(v.Type, "*/*"), ", ") {
				out.Content.add(t, mediaType{})
			}
		default:
			s := d.names.of(reflect.TypeOf(v), outward)
			if a.Status >= 400 {
				s = &Schema{AnyOf: []*Schema{s, d.names.problem()}}
			}
			out.Content.add("application/json", mediaType{s})
		}
		byStatus[a.Status] = out
	}
	for _, status := range r.Failures() {
		if byStatus[status] == nil {
			byStatus[status] = &response{Ref: "#/components/responses/" + refusalName(status)}
		}
	}
	for status := 100; status < 600; status++ {
		if a := byStatus[status]; a != nil {
			all.add(strconv.Itoa(status), a)
		}
	}
	return all
}

// The headers of all answers.
var usualHeaders = []Param{
	Need("X-Request-Id", Text(), "Names the request, in the server's log too; the caller's own if it sent one."),
	May("X-RateLimit-Limit", From(0), "The units that the token may spend in a minute."),
	May("X-RateLimit-Remaining", From(0), "The units that are left."),
	May("X-RateLimit-Reset", From(0), "The second since 1970 at which all units are there again."),
}

func (d *Document) usualHeaders(token bool) (all ordered[header]) {
	for i, h := range usualHeaders {
		if i == 0 || token {
			all.add(h.Name, header{Ref: "#/components/headers/" + h.Name})
		}
	}
	return all
}

// refusals are the statuses of errors, each with a sentence and the header that
// goes with it.
var refusals = []struct {
	status int
	name   string // of the component
	about  string
	header *Param
}{
	{400, "BadRequest", "The request cannot be read.", nil},
	{401, "Unauthorized", "Not signed in: the token is missing, wrong or ended.", new(Need("WWW-Authenticate", OneOf("Bearer"), "How to sign in."))},
	{403, "Forbidden", "The caller may not do that, or the token's scope does not reach.", nil},
	{404, "NotFound", "It does not exist, or the caller may not see it.", nil},
	{408, "Timeout", "The body came too slowly.", nil},
	{409, "Conflict", "It is in conflict with what is there.", nil},
	{410, "Gone", "It is in the trash, or over.", nil},
	{412, "PreconditionFailed", "If-Match does not fit.", nil},
	{413, "TooLarge", "It is larger than is taken.", nil},
	{415, "UnsupportedMediaType", "The body has another media type or coding.", nil},
	{416, "RangeNotSatisfiable", "The range lies beyond the end.", nil},
	{422, "Invalid", "A field or parameter is wrong.", nil},
	{429, "TooManyRequests", "Too many calls.", new(Need("Retry-After", From(1), "Seconds to wait."))},
	{500, "InternalError", "The server failed, or stored data is damaged.", nil},
	{503, "Unavailable", "Not available now.", new(Need("Retry-After", From(1), "Seconds to wait."))},
	{505, "VersionNotSupported", "The answer needs HTTP/1.1.", nil},
	{507, "NoSpace", "There is no room: a quota or the storage is full.", nil},
}

// refusalName gives the component of a status, "" if there is none.
func refusalName(status int) string {
	for _, r := range refusals {
		if r.status == status {
			return r.name
		}
	}
	return ""
}

func (d *Document) components() components {
	c := components{SecuritySchemes: map[string]map[string]string{
		"page":   {"type": "apiKey", "in": "cookie", "name": "scaidrive_session", "description": "The session of our own page, of POST /api/v1/auth/session. It counts for this server's own pages; calls that change something carry X-Requested-With: scaidrive."},
		"bearer": {"type": "http", "scheme": "bearer", "description": "An access token of POST /api/v1/auth/login."},
	}}
	for _, r := range refusals {
		out := &response{Description: r.about}
		out.Headers = d.usualHeaders(true)
		if r.header != nil {
			out.Headers.add(r.header.Name, header{Description: r.header.About, Required: true, Schema: r.header.Schema})
		}
		body := d.names.problem()
		if r.status == 422 {
			body = d.names.fieldProblem()
		}
		out.Content.add("application/json", mediaType{body})
		c.Responses.add(r.name, out)
	}
	for i := range d.in.Routes {
		for _, status := range d.in.Routes[i].Failures() {
			if refusalName(status) == "" {
				d.names.gaps = append(d.names.gaps, fmt.Sprintf("%s fails with %d, which has no sentence", d.in.Routes[i].Name, status))
			}
		}
	}
	for _, h := range usualHeaders {
		c.Headers.add(h.Name, header{Description: h.About, Required: h.Required, Schema: h.Schema})
	}
	c.Schemas = d.names.list
	return c
}

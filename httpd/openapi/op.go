// Package openapi makes the OpenAPI 3.1 document of the HTTP API and a readable
// page of the same content. Its input is the route table, each route with its
// [Op], and the structs of package wire, whose fields, tags and comments become
// the schemas.
//
// Invariants: the output depends on nothing but its input, to the byte; every
// route is an operation; nothing is described that the route table or package
// wire do not say. The comments of package wire are taken over by a generator
// (gen/main.go), because a binary doesn't hold them.
//
// It serves nothing and knows no HTTP library.
package openapi

import "slices"

// An Op is what the document says of a route beyond what its row says.
type Op struct {
	Name    string // of the operation, unique: "getFile"
	Tag     string // the group it stands in, one of the document's tags
	Summary string // a line
	About   string // more sentences; may be empty

	Path   []Param // the variable segments, in order
	Query  []Param
	Header []Param // of the request, that matter for this operation

	// Body is nil for none, a value of a struct of package wire for JSON that
	// holds exactly its fields, or one of [Lax], [Form], [Bytes].
	Body any

	Answers []Answer // of success and of conditions that hold
	// Fails are statuses of refusals that do not follow from the row; see
	// [Route.Failures] for those that do.
	Fails []int
}

// A Route is a row of the route table.
type Route struct {
	Method, Address string
	Public          bool   // needs no token
	Scope           string // that the token needs; "": any token will do
	BodyLimit       int64  // in bytes; 0: no body, -1: bounded by its use only
	Cost            int64  // of the rate limits, in units
	Op
}

// A Param is a variable part of a request outside of its body.
type Param struct {
	Name     string
	Schema   *Schema
	Required bool
	About    string // a sentence
}

// Need makes a parameter that must be given.
func Need(name string, s *Schema, about string) Param {
	return Param{Name: name, Schema: s, Required: true, About: about}
}

// May makes a parameter that may be left out.
func May(name string, s *Schema, about string) Param {
	return Param{Name: name, Schema: s, About: about}
}

// An Answer is an outcome.
type Answer struct {
	Status int
	About  string // a sentence
	// Body is nil for none, a value of a struct of package wire for JSON, or
	// [Bytes].
	Body    any
	Headers []Param // of the answer, that matter for this operation
}

// Gives makes an answer.
func Gives(status int, body any, about string, headers ...Param) Answer {
	return Answer{Status: status, Body: body, About: about, Headers: headers}
}

// Lax is a JSON body whose unknown fields are passed over.
type Lax struct{ Struct any }

// Bytes is a body that is not JSON, with its media type; "" is any.
type Bytes struct {
	Type  string // the media type, or of an answer several, with ", " between them; "": any
	About string
}

// A Form is a body of named fields.
type Form struct {
	Type   string // multipart/form-data or application/x-www-form-urlencoded
	Fields []Param
}

// A Tag is a group of operations.
type Tag struct{ Name, About string }

// Failures are all the statuses with which a route refuses: those of its op, and
// those that follow from its row.
func (r *Route) Failures() []int {
	all := []int{400, 429, 500, 503}
	add := func(when bool, statuses ...int) {
		if when {
			all = append(all, statuses...)
		}
	}
	add(!r.Public, 401, 403) // 403: who is suspended
	add(r.Scope != "", 403)
	id := false
	for _, p := range r.Path {
		id = id || p.Schema.Pattern != "" || p.Schema.AnyOf != nil
	}
	add(id, 404)
	add(len(r.Query) > 0, 422)
	add(r.Body != nil, 408, 413, 415)
	switch r.Body.(type) {
	case nil, Bytes:
	default:
		add(true, 422)
	}
	add(r.Method != "GET" && r.Scope != "files:read", 507)
	all = append(all, r.Fails...)
	slices.Sort(all)
	return slices.Compact(all)
}

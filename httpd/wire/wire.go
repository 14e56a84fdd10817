// Package wire holds the request and response bodies of the HTTP API, one
// struct for each, as the server writes them and the Go client reads them.
//
// Conventions that hold for all of them:
//   - an identifier is its prefix and 26 Crockford characters ("fil_01J…");
//   - a time is [Time], ISO 8601 in UTC with milliseconds when there are any;
//   - a size is an integer in bytes, a hash is [Hash], 64 lower-case hex digits;
//   - a pointer is a field that may be null or left out;
//   - the struct tag wire:"required" marks a field that a request must carry,
//     wire:"long" a list in a request that only the body's limit bounds (all
//     others hold at most 10,000 items);
//   - the struct tag is:"fil_" says that a string is an identifier with this
//     prefix, is:"file|folder" that it is one of a closed set (several prefixes
//     are set apart likewise; is:"text" means any string);
//   - the comments of structs and fields are shown to the API's users, in the
//     document at /api/v1/openapi.json: after a change run make gen. A field
//     without a comment must have a name that openapi/usual.go explains.
//
// The package imports the standard library only, knows no rules of the product
// and does no input or output.
package wire

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Prefix begins every path of the API.
const Prefix = "/api/v1"

// The values of resource_type and of a listing item's type.
const (
	TypeFile   = "file"
	TypeFolder = "folder"
	TypeShare  = "share"
)

// Time is a moment on the wire. Anything below a millisecond is cut off.
type Time struct{ time.Time }

// At makes the wire form of t.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Millisecond)} }

// AtPtr is At, nil for the zero time.
func AtPtr(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	w := At(t)
	return &w
}

const (
	layoutSeconds = "2006-01-02T15:04:05Z"
	layoutMillis  = "2006-01-02T15:04:05.000Z"
)

// String gives the wire form.
func (t Time) String() string {
	u := t.UTC().Truncate(time.Millisecond)
	if u.Nanosecond() == 0 {
		return u.Format(layoutSeconds)
	}
	return u.Format(layoutMillis)
}

// MarshalText gives the wire form.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalJSON gives the wire form as a JSON string.
func (t Time) MarshalJSON() ([]byte, error) { return []byte(`"` + t.String() + `"`), nil }

// UnmarshalText reads any RFC 3339 time of the years 1 to 9999 and turns it
// into UTC; finer digits than milliseconds are cut off.
func (t *Time) UnmarshalText(b []byte) error {
	p, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return fmt.Errorf("not a time of the form 2026-01-31T23:59:59.000Z")
	}
	p = p.UTC()
	if y := p.Year(); y < 1 || y > 9999 {
		return fmt.Errorf("a time outside the years 1 to 9999")
	}
	t.Time = p.Truncate(time.Millisecond)
	return nil
}

// UnmarshalJSON reads a JSON string as UnmarshalText does.
func (t *Time) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	return t.UnmarshalText([]byte(s))
}

// Hash is a SHA-256.
type Hash [32]byte

// String gives 64 lower-case hex digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether nothing was set.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText gives 64 lower-case hex digits.
func (h Hash) MarshalText() ([]byte, error) {
	b := make([]byte, 64)
	hex.Encode(b, h[:])
	return b, nil
}

// UnmarshalText reads 64 hex digits of either case.
func (h *Hash) UnmarshalText(b []byte) error {
	if len(b) != 64 {
		return fmt.Errorf("not a SHA-256 of 64 hex digits")
	}
	if _, err := hex.Decode(h[:], b); err != nil {
		return fmt.Errorf("not a SHA-256 of 64 hex digits")
	}
	return nil
}

// Problem is the body of every answer that is an error: {"detail": "a sentence"},
// or, with status 422, {"detail": [a field error, ...]}.
type Problem struct {
	Detail string
	Fields []FieldError
}

// FieldError says what is wrong with one field of a request. Loc begins with
// "body", "query", "path" or "header"; after it come field names and list
// indexes (strings and ints; read back they are strings and float64s).
type FieldError struct {
	Loc  []any  `json:"loc"`            // where: body, query, path or header, then names and indexes
	Msg  string `json:"msg"`            // what is wrong
	Type string `json:"type" is:"text"` // a short name of the kind of error
}

// Where gives Loc as a dotted path without its first element, "changes.3.name".
func (f FieldError) Where() string {
	var parts []string
	for i, l := range f.Loc {
		if i > 0 || len(f.Loc) == 1 {
			parts = append(parts, fmt.Sprint(l))
		}
	}
	return strings.Join(parts, ".")
}

// String gives one sentence for a person.
func (p Problem) String() string {
	if len(p.Fields) == 0 {
		return p.Detail
	}
	parts := make([]string, len(p.Fields))
	for i, f := range p.Fields {
		parts[i] = f.Where() + ": " + f.Msg
	}
	return strings.Join(parts, "; ")
}

// MarshalJSON gives one of the two forms.
func (p Problem) MarshalJSON() ([]byte, error) {
	if p.Fields != nil {
		return json.Marshal(struct {
			Detail []FieldError `json:"detail"`
		}{p.Fields})
	}
	return json.Marshal(struct {
		Detail string `json:"detail"`
	}{p.Detail})
}

// UnmarshalJSON reads either form.
func (p *Problem) UnmarshalJSON(b []byte) error {
	var raw struct {
		Detail json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*p = Problem{}
	if len(raw.Detail) > 0 && raw.Detail[0] == '[' {
		return json.Unmarshal(raw.Detail, &p.Fields)
	}
	return json.Unmarshal(raw.Detail, &p.Detail)
}

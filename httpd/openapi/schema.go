package openapi

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A Schema is as much of JSON Schema 2020-12 as the document uses.
type Schema struct {
	Ref         string     `json:"$ref,omitempty"`
	Type        Types      `json:"type,omitzero"`
	Description string     `json:"description,omitempty"`
	Format      string     `json:"format,omitempty"`
	Pattern     string     `json:"pattern,omitempty"`
	Enum        []any      `json:"enum,omitempty"`
	Minimum     *int64     `json:"minimum,omitempty"`
	Maximum     *int64     `json:"maximum,omitempty"`
	Default     any        `json:"default,omitempty"`
	MinItems    *int       `json:"minItems,omitempty"`
	MaxItems    *int       `json:"maxItems,omitempty"`
	Items       *Schema    `json:"items,omitempty"`
	Properties  Properties `json:"properties,omitempty"`
	Required    []string   `json:"required,omitempty"`
	// Additional is nil (not said), a bool or a *Schema.
	Additional any       `json:"additionalProperties,omitempty"`
	AnyOf      []*Schema `json:"anyOf,omitempty"`
	MediaType  string    `json:"contentMediaType,omitempty"`
}

// Types are the JSON types that a schema allows; none is all.
type Types []string

// MarshalJSON writes one type as a string, several as a list.
func (t Types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// Properties are the members of an object, in the order of the struct.
type Properties []Property

// A Property is a member of an object.
type Property struct {
	Name string
	*Schema
}

// MarshalJSON writes an object in the order of the list.
func (p Properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		s, err := json.Marshal(m.Schema)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(s)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// one is the pattern of a ULID in Crockford's alphabet.
const ulid = "[0-7][0-9A-HJKMNP-TV-Z]{25}"

// ID is the schema of an identifier with one of the prefixes ("fil_").
func ID(prefixes ...string) *Schema {
	prefix := prefixes[0]
	if len(prefixes) > 1 {
		prefix = "(" + strings.Join(prefixes, "|") + ")"
	}
	return &Schema{Type: Types{"string"}, Pattern: "^" + prefix + ulid + "$"}
}

// IDOrSlug is the schema of an ID, or of a slug that stands for it.
func IDOrSlug(prefix string) *Schema {
	return &Schema{Type: Types{"string"}, Pattern: "^(" + prefix + ulid + "|[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?)$"}
}

// Text is the schema of any string.
func Text() *Schema { return &Schema{Type: Types{"string"}} }

// Bool is the schema of true and false.
func Bool() *Schema { return &Schema{Type: Types{"boolean"}} }

// Moment is the schema of a time.
func Moment() *Schema { return &Schema{Type: Types{"string"}, Format: "date-time"} }

// SHA256 is the schema of a hash.
func SHA256() *Schema { return &Schema{Type: Types{"string"}, Pattern: "^[0-9a-f]{64}$"} }

// Int is the schema of a whole number within bounds.
func Int(low, high int64) *Schema {
	return &Schema{Type: Types{"integer"}, Minimum: &low, Maximum: &high}
}

// From is the schema of a whole number that is at least low.
func From(low int64) *Schema { return &Schema{Type: Types{"integer"}, Minimum: &low} }

// OneOf is the schema of a string of a closed set.
func OneOf(values ...string) *Schema {
	s := &Schema{Type: Types{"string"}}
	for _, v := range values {
		s.Enum = append(s.Enum, v)
	}
	return s
}

// Or gives a copy of s with a default.
func (s *Schema) Or(missing any) *Schema {
	c := *s
	c.Default = missing
	return &c
}

// IDOr is the schema of an identifier or a word in its place.
func IDOr(word string, prefixes ...string) *Schema {
	return &Schema{Type: Types{"string"}, AnyOf: []*Schema{{Enum: []any{word}}, {Pattern: ID(prefixes...).Pattern}}}
}

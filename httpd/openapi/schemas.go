package openapi

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"scaidrive/httpd/wire"
)

// A direction is which way a struct goes; what must be there depends on it.
type direction uint8

const (
	outward direction = iota // in an answer: all but what is left out when empty
	inward                   // in a request: what is tagged as required, and nothing else
	lax                      // in a request, with fields that are not known
)

// schemas turns structs of package wire into named schemas.
type schemas struct {
	names map[usage]string
	taken map[string]bool
	list  Properties
	gaps  []string // what package wire doesn't say
}

type usage struct {
	t   reflect.Type
	way direction
}

var (
	timeType  = reflect.TypeFor[wire.Time]()
	hashType  = reflect.TypeFor[wire.Hash]()
	fieldType = reflect.TypeFor[wire.FieldError]()
)

func newSchemas() *schemas { return &schemas{names: map[usage]string{}, taken: map[string]bool{}} }

// ref gives the reference to a struct's schema and makes that the first time.
func (s *schemas) ref(t reflect.Type, way direction) *Schema {
	use := usage{t, way}
	name, ok := s.names[use]
	if !ok {
		name = t.Name()
		for _, suffix := range []string{"", "Input", "LaxInput"} {
			if name = t.Name() + suffix; !s.taken[name] {
				break
			}
		}
		s.names[use], s.taken[name] = name, true
		at := len(s.list)
		s.list = append(s.list, Property{Name: name}) // before what it refers to
		about := typeComments[t.Name()]
		if about == "" {
			s.gap("%s has no comment", t.Name())
		}
		s.list[at].Schema = s.object(t, way)
		s.list[at].Description = about
	}
	return &Schema{Ref: "#/components/schemas/" + name}
}

func (s *schemas) gap(format string, args ...any) {
	s.gaps = append(s.gaps, "package wire: "+fmt.Sprintf(format, args...))
}

// unused finds structs of package wire that no route takes or gives.
func (s *schemas) unused() {
	for _, name := range slices.Sorted(maps.Keys(typeComments)) {
		if !s.taken[name] && name != timeType.Name() {
			s.gap("%s is not in the description of any route", name)
		}
	}
}

func (s *schemas) object(t reflect.Type, way direction) *Schema {
	o := &Schema{Type: Types{"object"}}
	s.members(o, t, way)
	switch way {
	case inward:
		o.Additional = false
	case lax:
		o.Additional = true
	}
	return o
}

func (s *schemas) members(o *Schema, t reflect.Type, way direction) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			s.members(o, f.Type, way)
			continue
		}
		if name == "" {
			s.gap("%s.%s has no json tag", t.Name(), f.Name)
			continue
		}
		if name == "-" {
			continue
		}
		member := s.member(t, f, name, way)
		switch {
		case way == outward && !strings.Contains(options, "omit"), way != outward && f.Tag.Get("wire") == "required":
			o.Required = append(o.Required, name)
			if f.Type.Kind() == reflect.Pointer {
				member = orNull(member)
			}
		case way != outward:
			member = orNull(member)
		}
		o.Properties = append(o.Properties, Property{Name: name, Schema: member})
	}
}

// member gives the schema of a field with its description.
func (s *schemas) member(t reflect.Type, f reflect.StructField, name string, way direction) *Schema {
	u := usual(name)
	is := f.Tag.Get("is")
	if is == "" && baseOf(f.Type).Kind() == reflect.String {
		if is = u.is; is == "" && (name == "id" || strings.HasSuffix(name, "_id") && name != "device_id" && name != "round_id") {
			s.gap(`%s.%s is an identifier without a tag like is:"fil_"`, t.Name(), f.Name)
		}
	}
	m := s.of(f.Type, way)
	if is != "" && is != "text" {
		m = restrict(m, is)
	}
	m.Description = fieldComments[t.Name()+"."+f.Name]
	if m.Description == "" {
		m.Description = u.about
	}
	if m.Description == "" {
		s.gap("%s.%s has no comment", t.Name(), f.Name)
	}
	return m
}

func baseOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// restrict makes a string one of a closed set, or an identifier.
func restrict(m *Schema, is string) *Schema {
	values := strings.Split(is, "|")
	if m.Items != nil {
		m.Items = restrict(m.Items, is)
		return m
	}
	if strings.HasSuffix(is, "_") {
		return ID(values...)
	}
	return OneOf(values...)
}

// of gives the schema of a Go type.
func (s *schemas) of(t reflect.Type, way direction) *Schema {
	switch t {
	case timeType:
		return Moment()
	case hashType:
		return SHA256()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem(), way)
	case reflect.Struct:
		return s.ref(t, way)
	case reflect.String:
		return Text()
	case reflect.Bool:
		return Bool()
	case reflect.Int, reflect.Int64:
		return &Schema{Type: Types{"integer"}, Format: "int64"}
	case reflect.Int32:
		return Int(math.MinInt32, math.MaxInt32)
	case reflect.Uint32:
		return Int(0, math.MaxUint32)
	case reflect.Uint, reflect.Uint64:
		return From(0)
	case reflect.Float64:
		return &Schema{Type: Types{"number"}}
	case reflect.Slice:
		return &Schema{Type: Types{"array"}, Items: s.of(t.Elem(), way)}
	case reflect.Array:
		n := t.Len()
		return &Schema{Type: Types{"array"}, Items: s.of(t.Elem(), way), MinItems: &n, MaxItems: &n}
	case reflect.Map:
		m := &Schema{Type: Types{"object"}}
		if t.Elem().Kind() != reflect.Interface {
			m.Additional = s.of(t.Elem(), way)
		}
		return m
	case reflect.Interface:
		return &Schema{}
	}
	s.gap("the type %s has no schema", t)
	return &Schema{}
}

// orNull allows null too.
func orNull(m *Schema) *Schema {
	switch {
	case m.Ref != "":
		return &Schema{Description: m.Description, AnyOf: []*Schema{{Ref: m.Ref}, {Type: Types{"null"}}}}
	case m.Enum != nil:
		m.Enum = append(m.Enum, nil)
	case m.Type == nil:
		return m
	}
	m.Type = append(m.Type, "null")
	return m
}

// problem is the body of a refusal: a sentence.
func (s *schemas) problem() *Schema {
	return s.named("Problem", "The body of every answer that is an error, but for 422.", &Schema{
		Type: Types{"object"}, Required: []string{"detail"},
		Properties: Properties{{Name: "detail", Schema: &Schema{Type: Types{"string"}, Description: usual("detail").about}}},
	})
}

// fieldProblem is the body of a 422: what is wrong with which field.
func (s *schemas) fieldProblem() *Schema {
	one := 1
	return s.named("FieldProblem", "The body of an answer with the status 422.", &Schema{
		Type: Types{"object"}, Required: []string{"detail"},
		Properties: Properties{{Name: "detail", Schema: &Schema{Type: Types{"array"}, MinItems: &one,
			Items: s.ref(fieldType, outward), Description: "What is wrong, field by field."}}},
	})
}

func (s *schemas) named(name, about string, m *Schema) *Schema {
	if !s.taken[name] {
		s.taken[name] = true
		m.Description = about
		s.list = append(s.list, Property{Name: name, Schema: m})
	}
	return &Schema{Ref: "#/components/schemas/" + name}
}

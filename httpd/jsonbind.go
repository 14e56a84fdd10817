package httpd

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"scaidrive/httpd/wire"
)

// maxFieldErrors is the most that one answer lists.
const maxFieldErrors = 100

// invalid is the error of a request that breaks the schema: 422 with a list.
type invalid struct{ fields []wire.FieldError }

func (e *invalid) Error() string { return wire.Problem{Fields: e.fields}.String() }

// badField makes an invalid about one field; loc begins with body, query, path
// or header.
func badField(kind, msg string, loc ...any) error {
	return &invalid{fields: []wire.FieldError{{Loc: loc, Msg: msg, Type: kind}}}
}

// decodeJSON reads a body into dst, a pointer to a struct of package wire, by
// the rules of the contract: exactly the fields of the struct (others are
// refused, or passed over if lax), the right types, all required fields. null is
// taken as absent where a field is not required, unless the field is a pointer to a
// pointer: then null says something. The error is an *invalid.
func decodeJSON(body []byte, dst any, lax bool) error {
	if len(strings.TrimSpace(string(body[:min(len(body), 64)]))) == 0 && len(body) <= 64 {
		return badField("missing", "Field required", "body")
	}
	b := &binder{scanner: scanner{b: body}, lax: lax, known: map[reflect.Type]*shape{}, loc: []any{"body"}}
	err := b.value(reflect.ValueOf(dst).Elem(), maxList)
	if err == nil {
		err = b.end()
	}
	var syntax *syntaxError
	switch {
	case errors.As(err, &syntax):
		return badField("json_invalid", "JSON decode error: "+syntax.msg, "body", syntax.at)
	case errors.Is(err, errTooMany), err == nil:
		if len(b.bad) > 0 {
			return &invalid{fields: b.bad}
		}
		return nil
	}
	return err
}

var errTooMany = errors.New("too many field errors")

// A binder puts a JSON text into Go values and gathers what does not fit.
type binder struct {
	scanner
	lax   bool
	known map[reflect.Type]*shape
	loc   []any
	bad   []wire.FieldError
}

// A shape is what a struct takes.
type shape struct {
	fields map[string]int
	list   []fieldShape
}

type fieldShape struct {
	name     string
	index    int
	required bool
	limit    int // of a list
}

func (b *binder) shapeOf(t reflect.Type) *shape {
	if sh := b.known[t]; sh != nil {
		return sh
	}
	sh := &shape{fields: make(map[string]int, t.NumField())}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		tag := f.Tag.Get("wire")
		fs := fieldShape{name: name, index: i, required: tag == "required", limit: maxList}
		if tag == "long" {
			fs.limit = math.MaxInt
		}
		sh.fields[name] = len(sh.list)
		sh.list = append(sh.list, fs)
	}
	b.known[t] = sh
	return sh
}

// misfit notes a field error at the current place and goes on.
func (b *binder) misfit(kind, format string, args ...any) error {
	loc := append([]any(nil), b.loc...)
	b.bad = append(b.bad, wire.FieldError{Loc: loc, Msg: fmt.Sprintf(format, args...), Type: kind})
	if len(b.bad) >= maxFieldErrors {
		return errTooMany
	}
	return nil
}

// wrong notes that the value that comes next is of another type, and skips it.
func (b *binder) wrong(kind, format string, args ...any) error {
	if err := b.skip(); err != nil {
		return err
	}
	return b.misfit(kind, format, args...)
}

// at runs f one step deeper in the location.
func (b *binder) at(step any, f func() error) error {
	b.loc = append(b.loc, step)
	err := f()
	b.loc = b.loc[:len(b.loc)-1]
	return err
}

func (b *binder) value(v reflect.Value, limit int) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return b.value(v.Elem(), limit)
	}
	if v.CanAddr() {
		if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
			return b.text(u)
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		return b.structure(v)
	case reflect.Slice:
		return b.slice(v, limit)
	case reflect.Map:
		return b.mapping(v)
	case reflect.String:
		if b.peek() != '"' {
			return b.wrong("string_type", "Input should be a valid string")
		}
		s, err := b.str()
		v.SetString(s)
		return err
	case reflect.Bool:
		switch b.peek() {
		case 't':
			v.SetBool(true)
			return b.word("true")
		case 'f':
			return b.word("false")
		}
		return b.wrong("bool_type", "Input should be a valid boolean")
	case reflect.Int, reflect.Int64, reflect.Uint32, reflect.Uint64:
		return b.integer(v)
	}
	return fmt.Errorf("httpd: a field of type %s cannot be decoded", v.Type())
}

func (b *binder) text(u encoding.TextUnmarshaler) error {
	if b.peek() != '"' {
		return b.wrong("string_type", "Input should be a valid string")
	}
	s, err := b.str()
	if err != nil {
		return err
	}
	if err := u.UnmarshalText([]byte(s)); err != nil {
		return b.misfit("value_error", "Value error, %s", err)
	}
	return nil
}

func (b *binder) structure(v reflect.Value) error {
	if b.peek() != '{' {
		return b.wrong("model_type", "Input should be an object")
	}
	sh := b.shapeOf(v.Type())
	var seen uint64 // by position; no struct of the wire has more than 64 fields
	err := b.object(func(name string) error {
		i, ok := sh.fields[name]
		if !ok {
			if b.lax {
				return b.skip()
			}
			return b.at(name, func() error { return b.wrong("extra_forbidden", "Extra inputs are not permitted") })
		}
		f := sh.list[i]
		if !f.required && b.peek() == 'n' {
			if t := v.Type().Field(f.index).Type; t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Pointer {
				v.Field(f.index).Set(reflect.New(t.Elem())) // where null says something
			}
			return b.word("null")
		}
		seen |= 1 << i
		b.loc = append(b.loc, name)
		err := b.value(v.Field(f.index), f.limit)
		b.loc = b.loc[:len(b.loc)-1]
		return err
	})
	if err != nil {
		return err
	}
	for i, f := range sh.list {
		if f.required && seen&(1<<i) == 0 {
			if err := b.at(f.name, func() error { return b.misfit("missing", "Field required") }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *binder) slice(v reflect.Value, limit int) error {
	if b.peek() != '[' {
		return b.wrong("list_type", "Input should be a valid list")
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	b.loc = append(b.loc, 0)
	at := len(b.loc) - 1
	err := b.list(limit, func(i int) error {
		b.loc[at] = i
		if v.Len() == v.Cap() {
			v.Grow(max(4, v.Len()))
		}
		v.SetLen(i + 1)
		return b.value(v.Index(i), maxList)
	})
	b.loc = b.loc[:at]
	return err
}

// mapping reads an object of values by free names.
func (b *binder) mapping(v reflect.Value) error {
	if b.peek() != '{' {
		return b.wrong("dict_type", "Input should be an object")
	}
	t := v.Type()
	v.Set(reflect.MakeMap(t))
	return b.object(func(name string) error {
		return b.at(name, func() error {
			e := reflect.New(t.Elem()).Elem()
			if err := b.value(e, maxList); err != nil {
				return err
			}
			v.SetMapIndex(reflect.ValueOf(name), e)
			return nil
		})
	})
}

// integer reads a whole number; a fraction or an exponent is not one.
func (b *binder) integer(v reflect.Value) error {
	if c := b.peek(); c != '-' && (c < '0' || c > '9') {
		return b.wrong("int_type", "Input should be a valid integer")
	}
	text, err := b.number()
	if err != nil {
		return err
	}
	if strings.ContainsAny(text, ".eE") {
		return b.misfit("int_from_float", "Input should be a valid integer")
	}
	if v.CanInt() {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || v.OverflowInt(n) {
			return b.misfit("int_out_of_range", "Input is out of range")
		}
		v.SetInt(n)
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || v.OverflowUint(n) {
		return b.misfit("int_out_of_range", "Input is out of range")
	}
	v.SetUint(n)
	return nil
}

package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"scaidrive/engine"
)

// MaxFile is the longest config file, in bytes.
const MaxFile = 1 << 20

// ParseFile reads a config file: one JSON object whose members are settings by name.
// What it does not know, what stands twice, and what breaks a rule is an error that
// names it.
func ParseFile(text []byte, from string, test bool) ([]Given, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("it is over %d bytes", MaxFile)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, notJSON(err, "it must be one JSON object")
	}
	var list []Given
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, notJSON(err, "")
		}
		name := t.(string) // of a member: nothing else is taken there
		var v any
		if err := d.Decode(&v); err != nil {
			return nil, notJSON(err, "")
		}
		g, err := fromFile(name, v, from, test)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list, func(o Given) bool { return o.Name == name }) {
			return nil, fmt.Errorf("%q stands twice", name)
		}
		list = append(list, g)
	}
	if _, err := d.Token(); err != nil { // the brace
		return nil, notJSON(err, "")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, notJSON(nil, "nothing may follow the object")
	}
	return list, nil
}

func notJSON(err error, rule string) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("it is not JSON: %w (byte %d)", err, syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends too early")
	case err != nil:
		return fmt.Errorf("it is not JSON: %w", err)
	}
	return errors.New(rule)
}

func fromFile(name string, v any, from string, test bool) (Given, error) {
	d, ok := Lookup(name)
	if !ok {
		names := []string{}
		for _, d := range Defs() {
			names = append(names, d.Name)
		}
		slices.Sort(names)
		return Given{}, fmt.Errorf("there is no setting %q; there are %s", name, strings.Join(names, ", "))
	}
	v, err := d.plain(v)
	if err == nil {
		v, err = d.Check(v, test)
	}
	if err != nil {
		return Given{}, said(err)
	}
	return Given{Name: name, Text: d.Format(v), Source: File, From: from}, nil
}

// plain turns a value of JSON into one of the setting's kind.
func (d *Def) plain(v any) (any, error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			return nil, d.wrong("Must be a whole number")
		}
		return n, nil
	case string:
		if d.Kind == Size {
			return d.Parse(v, false)
		}
		return v, nil
	case []any:
		list := []string{}
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return nil, d.wrong("Must be a list of texts")
			}
			list = append(list, s)
		}
		return list, nil
	}
	return nil, d.wrong("Must be a value of the kind %s", d.Kind)
}

// said puts the setting and the rule of an error into one sentence.
func said(err error) error {
	var e *engine.Error
	if errors.As(err, &e) && e.Field != "" {
		return fmt.Errorf("%s: %s", e.Field, lower(e.Msg))
	}
	return err
}

func lower(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}

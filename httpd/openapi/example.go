package openapi

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// Sample values. Nothing has these names.
const (
	sampleHost = "https://drive.example.com"
	sampleULID = "01JD5Q8Z3K7M2N4P6R8S0T1V3W"
	sampleHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // of no bytes
	sampleTime = "2026-01-31T12:00:00Z"
)

// curl gives a call of an operation with what it needs, for a shell.
func (d *Document) curl(path, method string, o *operation) string {
	query := url.Values{}
	for _, p := range o.Parameters {
		value := plain(d.sample(p.Name, p.Schema, 0))
		switch {
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", value)
		case p.In == "query" && p.Required:
			query.Set(p.Name, value)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	lines := []string{"curl"}
	if method != "GET" && !(method == "POST" && o.RequestBody != nil) {
		lines[0] += " -X " + method
	}
	lines[0] += " '" + sampleHost + path + "'"
	if len(o.Security) > 0 {
		lines = append(lines, `-H "Authorization: Bearer $TOKEN"`)
	}
	if o.RequestBody != nil {
		lines = append(lines, d.curlBody(o.RequestBody.Content[0])...)
	}
	for _, r := range o.Responses {
		if strings.HasPrefix(r.name, "2") && len(r.value.Content) > 0 && r.value.Content[0].value.Schema == nil {
			lines = append(lines, "-o answer")
			break
		}
	}
	return strings.Join(lines, " \\\n  ")
}

func (d *Document) curlBody(m named[mediaType]) (lines []string) {
	if m.value.Schema == nil {
		return []string{"-H 'Content-Type: " + m.name + "'", "--data-binary @bytes"}
	}
	if m.name == "application/json" {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if e.Encode(d.sample("", m.value.Schema, 0)) != nil {
			return nil
		}
		return []string{"-H 'Content-Type: application/json'", "-d '" + strings.TrimSpace(b.String()) + "'"}
	}
	flag := "-F"
	if m.name == "application/x-www-form-urlencoded" {
		flag = "-d"
	}
	s := m.value.Schema
	for _, f := range s.Properties {
		if strings.Contains(" "+strings.Join(s.Required, " ")+" ", " "+f.Name+" ") {
			lines = append(lines, flag+" '"+f.Name+"="+plain(d.sample(f.Name, f.Schema, 0))+"'")
		}
	}
	return lines
}

func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// sample makes a value that a schema allows: of an object what must be there, or
// its first member when nothing must.
func (d *Document) sample(name string, s *Schema, depth int) any {
	switch {
	case s.Ref != "":
		for _, c := range d.content.Components.Schemas {
			if refPrefix+c.Name == s.Ref {
				return d.sample(name, c.Schema, depth)
			}
		}
		return nil
	case s.Enum != nil:
		return s.Enum[0]
	case len(s.AnyOf) > 0:
		return d.sample(name, s.AnyOf[0], depth)
	case s.MediaType != "":
		return "@report.pdf"
	case s.Format == "date-time":
		return sampleTime
	case strings.Contains(s.Pattern, ulid):
		prefix, _, _ := strings.Cut(strings.Trim(strings.TrimSuffix(strings.TrimPrefix(s.Pattern, "^"), ulid+"$"), "()"), "|")
		return prefix + sampleULID
	case s.Pattern != "":
		return sampleHash
	case len(s.Type) == 0:
		return nil
	}
	switch s.Type[0] {
	case "object":
		return d.sampleObject(s, depth)
	case "array":
		if s.Items == nil || depth > 4 {
			return []any{}
		}
		return []any{d.sample(name, s.Items, depth+1)}
	case "integer":
		if s.Minimum != nil {
			return max(1, *s.Minimum)
		}
		return int64(1)
	case "boolean":
		return true
	}
	switch name {
	case "email":
		return "user@example.com"
	case "password", "refresh_token":
		return "..."
	case "name":
		return "Plans"
	case "file_name":
		return "report.pdf"
	}
	return "text"
}

func (d *Document) sampleObject(s *Schema, depth int) any {
	wanted := s.Required
	if len(wanted) == 0 && len(s.Properties) > 0 {
		wanted = []string{s.Properties[0].Name}
	}
	o := ordered[any]{}
	for _, p := range s.Properties {
		for _, w := range wanted {
			if p.Name == w {
				o.add(p.Name, d.sample(p.Name, p.Schema, depth+1))
			}
		}
	}
	return o
}

package openapi

import (
	"bytes"
	_ "embed"
	"html/template"
	"strconv"
	"strings"
)

//go:embed page.html
var pageText string

//go:embed style.css
var style []byte

// Style gives the style sheet of the page.
func Style() []byte { return style }

// The types below are what the page shows.
type (
	pageView struct {
		Title, Version, About string
		Style, JSON, Host     string // addresses
		Groups                []groupView
		Schemas               []schemaView
		Refusals              []answerView
	}
	groupView struct {
		Name, About, Anchor string
		Operations          []operationView
	}
	operationView struct {
		Name, Method, Path, Summary, About string
		Access, Limit                      string
		Parameters                         []fieldView
		Body                               *bodyView
		Answers                            []answerView
		Refusals                           []answerView
		Example                            string
	}
	bodyView struct {
		Type, About string
		Schema      []typePart
		Fields      []fieldView
	}
	answerView struct {
		Status       string
		About        string
		Type         string
		Schema       []typePart
		HeaderFields []fieldView
	}
	schemaView struct {
		Name, About string
		Fields      []fieldView
		Open        string // what is said of other fields
	}
	fieldView struct {
		Name, In, About string
		Required        bool
		Type            []typePart
	}
	// A typePart is a piece of a type's name, with the schema it leads to.
	typePart struct{ Text, Schema string }
)

// Page makes the readable page. The addresses are those of its style sheet and
// of the document.
func (d *Document) Page(styleAddress, jsonAddress string) ([]byte, error) {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, err
	}
	v := pageView{
		Title: d.content.Info.Title, Version: d.content.Info.Version, About: d.content.Info.Description,
		Style: styleAddress, JSON: jsonAddress, Host: sampleHost,
	}
	for _, tag := range d.content.Tags {
		g := groupView{Name: tag.Name, About: tag.Description, Anchor: strings.ToLower(strings.ReplaceAll(tag.Name, " ", "-"))}
		for _, path := range d.content.Paths {
			for _, o := range path.value.operations {
				if o.value.Tags[0] == tag.Name {
					g.Operations = append(g.Operations, d.operationView(path.name, strings.ToUpper(o.name), o.value))
				}
			}
		}
		if len(g.Operations) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	for _, s := range d.content.Components.Schemas {
		v.Schemas = append(v.Schemas, d.schemaView(s))
	}
	for _, r := range refusals {
		v.Refusals = append(v.Refusals, answerView{Status: strconv.Itoa(r.status), About: r.about})
	}
	var b bytes.Buffer
	err = t.Execute(&b, v)
	return b.Bytes(), err
}

func (d *Document) operationView(path, method string, o *operation) operationView {
	v := operationView{
		Name: o.OperationID, Method: method, Path: path, Summary: o.Summary, About: o.Description,
		Access: "Anyone may call it.", Limit: "It costs " + strconv.FormatInt(o.Cost, 10) + " of the rate limit.",
		Example: d.curl(path, method, o),
	}
	switch {
	case o.Scope != "":
		v.Access = "Needs a token with the scope " + o.Scope + "."
	case len(o.Security) > 0:
		v.Access = "Needs a token."
	}
	for _, p := range o.Parameters {
		v.Parameters = append(v.Parameters, fieldView{p.Name, p.In, p.Description, p.Required, typeParts(p.Schema)})
	}
	if o.RequestBody != nil {
		m := o.RequestBody.Content[0]
		v.Body = &bodyView{Type: m.name, About: o.RequestBody.Description}
		if s := m.value.Schema; s != nil && s.Ref != "" {
			v.Body.Schema = typeParts(s)
		} else if s != nil {
			v.Body.Fields = fields(s)
		}
	}
	for _, r := range o.Responses {
		if r.value.Ref != "" {
			status, _ := strconv.Atoi(r.name)
			v.Refusals = append(v.Refusals, answerView{Status: r.name, About: aboutRefusal(status)})
			continue
		}
		a := answerView{Status: r.name, About: r.value.Description}
		for _, m := range r.value.Content {
			a.Type = m.name
			if m.value.Schema != nil {
				a.Schema = typeParts(m.value.Schema)
			}
		}
		for _, h := range r.value.Headers {
			if h.value.Ref == "" {
				a.HeaderFields = append(a.HeaderFields, fieldView{Name: h.name, About: h.value.Description})
			}
		}
		v.Answers = append(v.Answers, a)
	}
	return v
}

func aboutRefusal(status int) string {
	for _, r := range refusals {
		if r.status == status {
			return r.about
		}
	}
	return ""
}

func (d *Document) schemaView(p Property) schemaView {
	v := schemaView{Name: p.Name, About: p.Description, Fields: fields(p.Schema)}
	switch p.Additional {
	case false:
		v.Open = "Other fields are refused."
	case true:
		v.Open = "Other fields are passed over."
	}
	return v
}

// fields lists the members of an object.
func fields(s *Schema) (all []fieldView) {
	required := map[string]bool{}
	for _, name := range s.Required {
		required[name] = true
	}
	for _, m := range s.Properties {
		all = append(all, fieldView{Name: m.Name, About: m.Description, Required: required[m.Name], Type: typeParts(m.Schema)})
	}
	return all
}

const refPrefix = "#/components/schemas/"

// typeParts says in words what a schema allows.
func typeParts(s *Schema) []typePart {
	switch {
	case s.Ref != "":
		name := strings.TrimPrefix(s.Ref, refPrefix)
		return []typePart{{name, name}}
	case len(s.AnyOf) > 0:
		var all []typePart
		for i, a := range s.AnyOf {
			if i > 0 {
				all = append(all, typePart{Text: " or "})
			}
			all = append(all, typeParts(a)...)
		}
		return all
	case s.Items != nil:
		all := append([]typePart{{Text: "list of "}}, typeParts(s.Items)...)
		if s.MinItems != nil && s.MaxItems != nil && *s.MinItems == *s.MaxItems {
			all[0].Text = strconv.Itoa(*s.MinItems) + " of "
		}
		if len(s.Type) > 1 {
			all = append(all, typePart{Text: " or null"})
		}
		return all
	}
	if inner, ok := s.Additional.(*Schema); ok {
		return append([]typePart{{Text: "object of "}}, typeParts(inner)...)
	}
	return []typePart{{Text: plainType(s)}}
}

func plainType(s *Schema) string {
	var text string
	switch {
	case s.Enum != nil:
		var values []string
		for _, v := range s.Enum {
			if w, ok := v.(string); ok {
				values = append(values, strconv.Quote(w))
			} else {
				values = append(values, "null")
			}
		}
		return strings.Join(values, ", ")
	case s.MediaType != "":
		return "bytes"
	case len(s.Type) == 0:
		return "any value"
	case s.Format == "date-time":
		text = "time"
	case strings.Contains(s.Pattern, ulid):
		text = "ID " + strings.Trim(strings.TrimSuffix(strings.TrimPrefix(s.Pattern, "^"), ulid+"$"), "()") + "…"
	case s.Pattern != "":
		text = "64 hex digits"
	default:
		text = s.Type[0]
	}
	if s.Minimum != nil && s.Maximum != nil {
		text += " from " + strconv.FormatInt(*s.Minimum, 10) + " to " + strconv.FormatInt(*s.Maximum, 10)
	} else if s.Minimum != nil && *s.Minimum > 0 {
		text += " from " + strconv.FormatInt(*s.Minimum, 10)
	}
	if len(s.Type) > 1 {
		text += " or null"
	}
	switch v := s.Default.(type) {
	case int:
		text += ", usually " + strconv.Itoa(v)
	case bool:
		text += ", usually " + strconv.FormatBool(v)
	}
	return text
}

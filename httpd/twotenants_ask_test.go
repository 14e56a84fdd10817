package httpd

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"scaidrive/httpd/openapi"
)

// A slot is a place of a request that can hold the name of something.
type slot struct {
	where string   // "path.id", "query.share_id", "head.If-Match", "body.items[].id"
	kinds []string // what belongs there, see twin.strings; nil: nothing of anybody's
}

// An ask is a request.
type ask struct {
	method, path, body string
	head               []string
}

// A maker puts requests for a route together, of what the document says of it.
type maker struct {
	doc   map[string]any
	fresh *int // makes names that no request had yet
	rt    route
	// pick says what a slot holds: nothing, a value, or with nil something plain.
	pick  func(s slot, required bool) (value any, in bool)
	slots []slot // all that pick was asked about
}

// ofOwn are the values that the own things of B have in routes where the usual one
// (own, below) would be refused: the route, the place, the value. A place that may be
// left out is then filled.
var ofOwn = map[string]map[string]string{
	"POST /notices/read":                               {"body.until": "2100-01-01T00:00:00Z"},
	"POST /shares/{id}/join-requests":                  {"path.id": "{b_other}"},
	"DELETE /shares/{id}/join-requests/{user_id}":      {"path.user_id": "{b_late_id}"},
	"POST /shares/{id}/join-requests/{user_id}/accept": {"path.user_id": "{b_asker_id}"},
	"POST /shares/{id}/join-requests/{user_id}/refuse": {"path.user_id": "{b_staff_id}"},
	"POST /users/me/invitations/{id}/accept":           {"path.id": "{b_offer}"},
	"POST /users/me/invitations/{id}/decline":          {"path.id": "{b_second_offer}"},
	"POST /files/{id}/restore":                         {"path.id": "{b_thrown}"},
	"POST /folders/{id}/restore":                       {"path.id": "{b_bin}"},
	"POST /files/{id}/move":                            {"body.target_folder_id": "{b_target}"},
	"POST /folders/{id}/move":                          {"path.id": "{b_below}", "body.target_folder_id": "{b_target}"},
	"POST /files/{id}/copy":                            {"body.target_share_id": "{b_share}"},
	"POST /folders/{id}/copy":                          {"body.target_share_id": "{b_share}", "body.name": "copied"},
	"POST /shares":                                     {"body.share_type": "project"},
	"POST /sync/status":                                {"query.device_id": "b-phone"},
	"POST /jobs/{id}/undo":                             {"path.id": "{b_second_job}"},
	"DELETE /shares/{id}":                              {"path.id": "{b_spare}"},
	"DELETE /admin/groups/{id}":                        {"path.id": "{b_inner}"},
	"POST /permissions/acl/{resource_type}/{id}":       {"body.principal_id": "{b_member_id}"},
	"DELETE /permissions/acl/{resource_type}/{id}":     {"body.principal_id": "{b_member_id}"},
	"POST /permissions/ownership/share/{id}/transfer":  {"body.new_owner_id": "{b_staff_id}"},
	"POST /files/{id}/versions/{version}/restore":      {"path.version": "1"},
	"POST /shares/{id}/members":                        {"body.principal_id": "{b_late_id}"},
	"POST /admin/groups/{id}/members":                  {"body.user_id": "{b_asker_id}"},
	"PATCH /admin/users/{id}":                          {"path.id": "{b_late_id}"},
	"DELETE /admin/users/{id}":                         {"path.id": "{b_late_id}", "query.heir_id": "{b_user_id}"},
	"POST /admin/users/{id}/suspend":                   {"path.id": "{b_late_id}"},
	"POST /admin/users/{id}/activate":                  {"path.id": "{b_late_id}"},
	"POST /admin/users/{id}/reset-password":            {"path.id": "{b_late_id}"},
	"POST /uploads":                                    {"body.chunk_size": "65536"},
	"PUT /uploads/{id}/chunks/{i}":                     {"body": strings.Repeat("u", 65536)},
	"PUT /uploads/{id}/content":                        {"body": strings.Repeat("u", 65536)},
	"POST /sync/chunks":                                {"body": frames("bee content of a chunk")},
	"PUT /sync/manifests/{sha256}":                     {"path.sha256": sumOf(aRecord), "query.total": "1", "query.first": "0", "body": aRecord},
	"POST /sync/apply":                                 {"body.changes[].change_type": "updated", "body.changes[].resource_id": "{b_file}", "body.changes[].content.chunks[].sha256": "{b_sum}"},
	"PUT /permissions/acl/{resource_type}/{id}":        {"path.id": "{b_file}", "body.entries[].principal_id": "{b_member_id}"},
	"POST /jobs":                                       {"body.kind": "copy", "body.target": "{b_target}"},
	"DELETE /shares/{id}/members/{principal_id}":       {"path.principal_id": "{b_inner}"},
	"POST /sync/cursor":                                {"query.position": strconv.FormatInt(1<<36, 10)},
	"POST /auth/token":                                 {"body.grant_type": "refresh_token"},
	"POST /sync/chunks/fetch":                          {"body.file_id": "{b_synced}"},
	"PATCH /admin/tenant":                              {"body.display_name": "bee"},
}

// aRecord is a chunk of B's as a list of chunks has it.
var aRecord = func() string {
	const text = "bee content of a chunk"
	sum := make([]byte, 32)
	for i := range sum {
		n, _ := strconv.ParseUint(sumOf(text)[2*i:2*i+2], 16, 8)
		sum[i] = byte(n)
	}
	return string(sum) + string([]byte{byte(len(text)), 0, 0, 0})
}()

// own gives B's own thing for a slot; "": there is none.
func own(s slot) string {
	for _, kind := range s.kinds {
		if v := map[string]string{
			"shr_": "{b_share}", "fld_": "{b_dir}", "fil_": "{b_file}", "ver_": "{b_version}", "usr_": "{b_member_id}", "grp_": "{b_group}", "tnt_": "{b_tenant}", "prt_": "{b_partner}",
			"upl_": "{b_upload}", "job_": "{b_job}", "cfl_": "{b_conflict}", "cmt_": "{b_comment}", "inv_": "{b_invitation}", "tok_": "{b_token}", "sha256": "{b_sum}", "device_id": "b-laptop",
		}[kind]; v != "" {
			return v
		}
	}
	return ""
}

// plain gives a value that names nothing of anybody's.
func (m *maker) plain(name string, s map[string]any) any {
	switch name {
	case "name", "file_name", "device_name", "display_name", "description", "message", "reason", "path":
		*m.fresh++
		return "n" + strconv.Itoa(*m.fresh)
	case "email", "admin_email":
		*m.fresh++
		return "n" + strconv.Itoa(*m.fresh) + "@example.net"
	case "slug":
		*m.fresh++
		return "slug-" + strconv.Itoa(*m.fresh)
	case "password":
		return "a long one for the tests"
	case "permissions":
		return "READ"
	case "scopes":
		return "files:read"
	case "phase":
		return "idle"
	case "resource_type":
		return "file"
	case "file_size", "chunk_size":
		return 65536
	case "size":
		return len("bee content of a chunk")
	case "expires_at", "archive_at", "at", "from", "to", "modified_at", "client_now", "seen_at":
		return "2026-11-22T12:00:00Z"
	case "items", "total":
		return 1
	}
	if values, ok := s["enum"].([]any); ok {
		return values[0]
	}
	types, _ := s["type"].([]any)
	kind, _ := s["type"].(string)
	if len(types) > 0 {
		kind, _ = types[0].(string)
	}
	switch kind {
	case "integer", "number":
		if low, ok := s["minimum"].(float64); ok {
			return int64(low)
		}
		return 1
	case "boolean":
		return true
	case "object":
		return map[string]any{}
	}
	return "x"
}

// what follows an ID: its kind as a word.
var wordOf = map[string]string{"fil_": "file", "fld_": "folder", "shr_": "share", "usr_": "user", "grp_": "group"}

// tie lets the words for kinds fit the IDs beside them.
func tie(o map[string]any) {
	for word, ids := range map[string][]string{"resource_type": {"resource_id", "id"}, "principal_type": {"principal_id"}} {
		for _, id := range ids {
			v, ok := o[id].(string)
			if _, told := o[word]; ok && told && len(v) > 4 && wordOf[v[:4]] != "" {
				o[word] = wordOf[v[:4]]
			}
		}
	}
}

func (m *maker) resolve(s map[string]any) map[string]any {
	for {
		if ref, ok := s["$ref"].(string); ok {
			s = m.doc["components"].(map[string]any)["schemas"].(map[string]any)[strings.TrimPrefix(ref, "#/components/schemas/")].(map[string]any)
			continue
		}
		either, ok := s["anyOf"].([]any)
		if !ok || either[0].(map[string]any)["$ref"] == nil {
			return s
		}
		s = either[0].(map[string]any)
	}
}

var prefixes = regexp.MustCompile(`[a-z]{2,3}_`)

// kinds are what a value of a schema is the name of.
func kinds(name string, s map[string]any) []string {
	pattern, _ := s["pattern"].(string)
	either, _ := s["anyOf"].([]any)
	for _, one := range either {
		p, _ := one.(map[string]any)["pattern"].(string)
		pattern += p
	}
	if strings.Contains(pattern, "0-9a-f]{64}") {
		return []string{"sha256"}
	}
	list := prefixes.FindAllString(pattern, -1)
	if strings.Contains(pattern, "[a-z0-9-]") {
		list = append(list, "slug")
	}
	switch name {
	case "page_token":
		return []string{"next_page_token"}
	case "device_id", "epoch", "cursor", "round_id", "client_ref", "slug", "ticket", "version":
		return []string{name}
	case "base_cursor", "position":
		return []string{"cursor"}
	case "item":
		return []string{"fil_", "fld_"}
	case "principal_id":
		return []string{"usr_", "grp_"}
	case "search", "q", "filter", "begins", "prefix", "tag":
		return []string{"name", "text"}
	case "If-Match", "If-None-Match", "If-Range":
		return []string{"etag"}
	}
	return list
}

// value makes what a schema wants.
func (m *maker) value(where, name string, s map[string]any, required bool) (any, bool) {
	s = m.resolve(s)
	properties, object := s["properties"].(map[string]any)
	items, array := s["items"].(map[string]any)
	if object || array {
		if _, in := m.pick(slot{where: where}, required); !in {
			return nil, false
		}
	}
	switch {
	case object:
		needed, _ := s["required"].([]any)
		o := map[string]any{}
		for _, field := range slices.Sorted(maps.Keys(properties)) {
			if v, in := m.value(where+"."+field, field, properties[field].(map[string]any), slices.Contains(needed, any(field))); in {
				o[field] = v
			}
		}
		tie(o)
		return o, true
	case array:
		if name == "tags" {
			name = "tag of a body"
		}
		v, _ := m.value(where+"[]", name, items, true)
		return []any{v}, true
	}
	sl := slot{where, kinds(name, s)}
	m.slots = append(m.slots, sl)
	v, in := m.pick(sl, required)
	if in && v == nil {
		v = m.plain(name, s)
	}
	return v, in
}

// name is that of the route in tables.
func (rt *route) name() string { return rt.method + " " + strings.TrimPrefix(rt.path, "/api/v1") }

func asMap(v any) (m map[string]any) {
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		panic(err)
	}
	return m
}

// make puts a request together.
func (m *maker) make() (ask, error) {
	a := ask{method: m.rt.method, path: m.rt.path}
	m.slots = nil
	params := func(where string, list []openapi.Param) map[string]any {
		o := map[string]any{}
		for _, p := range list {
			if v, in := m.value(where+"."+p.Name, p.Name, asMap(p.Schema), p.Required); in {
				o[p.Name] = v
			}
		}
		tie(o)
		return o
	}
	for name, v := range params("path", m.rt.op.Path) {
		a.path = strings.ReplaceAll(a.path, "{"+name+"}", fmt.Sprint(v))
	}
	q := url.Values{}
	for name, v := range params("query", m.rt.op.Query) {
		q.Set(name, fmt.Sprint(v))
	}
	if len(q) > 0 {
		// {names} of variables stay as they are.
		a.path += "?" + strings.NewReplacer("%7B", "{", "%7D", "}").Replace(q.Encode())
	}
	for name, v := range params("head", m.rt.op.Header) {
		a.head = append(a.head, name, fmt.Sprint(v))
	}
	switch b := m.rt.op.Body.(type) {
	case nil:
	case openapi.Bytes:
		a.head = append(a.head, "Content-Type", "application/octet-stream")
		a.body = ofOwn[m.rt.name()]["body"]
	case openapi.Form:
		fields := params("body", b.Fields)
		if b.Type == "multipart/form-data" {
			a.head = append(a.head, "Content-Type", b.Type+"; boundary="+edge)
			delete(fields, "file")
			for _, name := range slices.Sorted(maps.Keys(fields)) {
				a.body += part(name, fmt.Sprint(fields[name]))
			}
			*m.fresh++
			a.body += filePartText("n"+strconv.Itoa(*m.fresh), "x") + endOfForm
			break
		}
		a.head = append(a.head, "Content-Type", b.Type)
		form := url.Values{}
		for name, v := range fields {
			form.Set(name, fmt.Sprint(v))
		}
		a.body = form.Encode()
	default:
		a.head = append(a.head, "Content-Type", "application/json")
		of := m.doc["paths"].(map[string]any)[m.rt.path].(map[string]any)[strings.ToLower(m.rt.method)].(map[string]any)
		content := of["requestBody"].(map[string]any)["content"].(map[string]any)["application/json"].(map[string]any)
		v, _ := m.value("body", "", content["schema"].(map[string]any), true)
		text, err := json.Marshal(v)
		if err != nil {
			return a, err
		}
		a.body = string(text)
	}
	return a, nil
}

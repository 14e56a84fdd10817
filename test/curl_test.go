package test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// curl is an outsider with a terminal, who has read the public documentation.
type curl struct {
	t          *testing.T
	url, token string
	dir        string
}

// reply is what curl showed of an answer.
type reply struct {
	t      *testing.T
	what   string
	status int
	head   string
	body   []byte
}

// run calls curl for a path below /api/v1 with further arguments.
func (c *curl) run(path string, args ...string) *reply {
	c.t.Helper()
	head, body := filepath.Join(c.dir, "head"), filepath.Join(c.dir, "body")
	_ = os.WriteFile(body, nil, 0o600)
	all := []string{"-sS", "--max-time", "60", "-D", head, "-o", body, "-w", "%{http_code}"}
	if c.token != "" {
		all = append(all, "-H", "Authorization: Bearer "+c.token)
	}
	cmd := exec.Command("curl", append(append(all, args...), c.url+"/api/v1"+path)...)
	cmd.Dir = c.dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("curl %q %s: %v\n%s", args, path, err, errs.String())
	}
	r := &reply{t: c.t, what: strings.Join(args, " ") + " " + path}
	r.status, _ = strconv.Atoi(string(out))
	h, _ := os.ReadFile(head)
	r.head = string(h)
	r.body, _ = os.ReadFile(body)
	return r
}

// json calls with a JSON body.
func (c *curl) json(method, path, body string, args ...string) *reply {
	c.t.Helper()
	return c.run(path, append([]string{"-X", method, "-H", "Content-Type: application/json", "-d", body}, args...)...)
}

// is checks the status.
func (r *reply) is(status int) *reply {
	r.t.Helper()
	if r.status != status {
		r.t.Errorf("curl %s: %d, want %d\n%s%.2000s", r.what, r.status, status, r.head, r.body)
	}
	return r
}

// has checks a header by a regular expression.
func (r *reply) has(name, pattern string) *reply {
	r.t.Helper()
	m := regexp.MustCompile(`(?mi)^` + name + `: (.*)\r$`).FindStringSubmatch(r.head)
	if m == nil || !regexp.MustCompile("^(?:"+pattern+")$").MatchString(m[1]) {
		r.t.Errorf("curl %s: %s is %q, want %s", r.what, name, m, pattern)
	}
	return r
}

// at gives a value of the JSON body: names and indexes, dotted; "" where there is none.
func (r *reply) at(path string) string {
	r.t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		r.t.Fatalf("curl %s: no JSON: %v\n%.500s", r.what, err, r.body)
	}
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			got, ok := x[part]
			if !ok {
				return "(absent)"
			}
			v = got
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(x) {
				return "(absent)"
			}
			v = x[i]
		default:
			return "(absent)"
		}
	}
	switch x := v.(type) {
	case map[string]any:
		return "(object)"
	case []any:
		return fmt.Sprintf("(%d)", len(x))
	}
	return fmt.Sprint(v)
}

// says checks values: path, pattern, path, pattern …
func (r *reply) says(pairs ...string) *reply {
	r.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if got := r.at(pairs[i]); !regexp.MustCompile("^(?:" + pairs[i+1] + ")$").MatchString(got) {
			r.t.Errorf("curl %s: %s is %q, want %s\n%.1000s", r.what, pairs[i], got, pairs[i+1], r.body)
		}
	}
	return r
}

// detail checks that an error has the documented form.
func (r *reply) detail(status int) *reply {
	r.t.Helper()
	r.is(status).has("Content-Type", "application/json")
	if status == 422 {
		return r.says("detail", `\(\d+\)`, "detail.0.loc", `\(\d+\)`, "detail.0.msg", ".+", "detail.0.type", ".+")
	}
	return r.says("detail", `[^({].*`, "error", `\(absent\)`, "status", `\(absent\)`)
}

func (r *reply) equals(data []byte) *reply {
	r.t.Helper()
	if !bytes.Equal(r.body, data) {
		r.t.Errorf("curl %s: %d bytes that differ from the %d expected", r.what, len(r.body), len(data))
	}
	return r
}

func sumOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

const (
	isTime = `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`
	isULID = `[0-9A-HJKMNP-TV-Z]{26}`
)

// TestPublicClient makes the calls of the public documentation as it writes them.
func TestPublicClient(t *testing.T) {
	t.Parallel()
	_, err := exec.LookPath("curl")
	need(t, err == nil, "curl")
	s := start(t, t.TempDir())
	c := &curl{t: t, url: s.url, dir: t.TempDir()}
	file := func(name string, data []byte) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(c.dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}

	// Health, configuration, errors without a token.
	c.run("/health").is(200).says("status", "healthy", "version", ".+")
	c.run("/ready").is(200).says("status", "ready", "checks.database", "true", "checks.storage", "true", "checks.weaviate", `\(absent\)`)
	c.run("/config").is(200).says("version", ".+", "features", `\(object\)`, "limits.max_file_size_bytes", `\d+`, "limits.max_upload_chunk_size_bytes", `\d+`)
	c.run("/shares").detail(401).has("WWW-Authenticate", "Bearer")
	c.run("/files/fil_nothing", "-H", "Authorization: Bearer nonsense").detail(401)
	c.run("/nowhere").detail(404)
	c.json("POST", "/auth/login", `{"email":"`+adminEmail+`","password":"wrong"}`).detail(401)

	// Signing in, and going on with the refresh token, form-encoded.
	grant := c.json("POST", "/auth/login", `{"email":"`+adminEmail+`","password":"`+adminPassword+`"}`).is(200)
	grant.says("access_token", ".+", "token_type", "Bearer", "expires_in", "3600", "refresh_token", "rt_.+")
	again := c.run("/auth/token", "--data-urlencode", "grant_type=refresh_token", "--data-urlencode", "refresh_token="+grant.at("refresh_token")).is(200)
	again.says("access_token", ".+", "token_type", "Bearer", "expires_in", "3600", "refresh_token", "rt_.+")
	c.token = again.at("access_token")

	// Who am I; rate limits on every answer; request identifiers.
	me := c.run("/users/me", "-H", "X-Request-Id: from-curl-1").is(200).has("X-Request-Id", "from-curl-1")
	me.says("id", "usr_"+isULID, "email", adminEmail, "name", ".*", "display_name", ".*", "tenant_id", "tnt_.+", "partner_id", "prt_.+",
		"groups", `\(\d+\)`, "scopes", `\(\d+\)`, "is_admin", "true", "admin_role", ".+")
	me.has("X-RateLimit-Limit", `\d+`).has("X-RateLimit-Remaining", `\d+`).has("X-RateLimit-Reset", `\d{10}`)
	user := me.at("id")

	// A share.
	share := c.json("POST", "/shares", `{"name":"Engineering","share_type":"project","owner_id":"`+user+`","description":"drawings"}`).is(201)
	share.says("id", "shr_"+isULID, "tenant_id", "tnt_.+", "name", "Engineering", "description", "drawings", "share_type", "project", "owner_id", user,
		"is_public", "false", "is_deleted", "false", "quota_bytes", "<nil>", "used_bytes", "0", "settings", `\(object\)`, "created_at", isTime, "modified_at", isTime)
	sid := share.at("id")
	c.run("/shares/"+sid).is(200).says("id", sid)
	c.run("/shares?include_trashed=false&limit=100&offset=0").is(200).says("shares", `\(\d+\)`, "total", `\d+`)
	c.run("/users/me/shares?limit=100&offset=0").is(200).says("shares.0.id", "shr_.+", "shares.0.name", ".+", "shares.0.type", ".+", "shares.0.role", "owner",
		"shares.0.owner_id", ".+", "shares.0.used_bytes", `\d+`, "shares.0.created_at", isTime, "total", `\d+`)
	c.json("POST", "/shares", `{"share_type":"project"}`).detail(422)
	c.json("POST", "/shares", `{"name":"x","share_type":"nonsense"}`).detail(422)
	c.json("POST", "/shares", `{"name":`).is(422)

	// Folders.
	specs := c.json("POST", "/folders", `{"share_id":"`+sid+`","name":"Specs"}`).is(201)
	specs.says("id", "fld_"+isULID, "tenant_id", "tnt_.+", "share_id", sid, "parent_id", "<nil>", "name", "Specs", "path", "/Specs", "owner_id", user, "created_by", user,
		"created_at", isTime, "modified_at", isTime, "is_deleted", "false")
	fld := specs.at("id")
	sub := c.json("POST", "/folders", `{"share_id":"`+sid+`","parent_id":"`+fld+`","name":"2026"}`).is(201).says("parent_id", fld, "path", "/Specs/2026")
	c.json("POST", "/folders", `{"share_id":"`+sid+`","name":"SPECS"}`).detail(409)
	c.json("POST", "/folders", `{"share_id":"`+sid+`","name":"a/b"}`).detail(422)
	c.run("/folders/"+fld).is(200).says("name", "Specs")

	// A file by multipart, as curl -F sends it.
	data := noise(11, 3<<20+17)
	one := c.run("/files", "-F", "share_id="+sid, "-F", "folder_id="+fld, "-F", "name=spec.pdf", "-F", "file=@"+file("local.pdf", data)).is(201)
	one.says("id", "fil_"+isULID, "tenant_id", "tnt_.+", "share_id", sid, "folder_id", fld, "name", "spec.pdf", "path", "/Specs/spec.pdf", "mime_type", "application/pdf",
		"size", fmt.Sprint(len(data)), "checksum_sha256", sumOf(data), "version", "1", "owner_id", user, "created_by", user, "created_at", isTime, "modified_by", user, "modified_at", isTime, "is_deleted", "false",
		"vectorized_at", "<nil>")
	id := one.at("id")
	root := c.run("/files", "-F", "share_id="+sid, "-F", "file=@"+file("äöü file.txt", []byte("hello\n"))).is(201).says("folder_id", "<nil>", "name", "äöü file.txt", "path", "/äöü file.txt", "mime_type", "text/plain.*")
	c.run("/files", "-F", "share_id="+sid, "-F", "folder_id="+fld, "-F", "name=SPEC.pdf", "-F", "file=@local.pdf").detail(409)
	c.run("/files", "-F", "share_id="+sid).detail(422)
	c.json("POST", "/files", `{}`).is(415)
	c.run("/files/"+id).is(200).says("id", id, "path", "/Specs/spec.pdf")

	// Content, ranges, conditions.
	get := c.run("/files/" + id + "/content").is(200).equals(data)
	get.has("Content-Length", fmt.Sprint(len(data))).has("Accept-Ranges", "bytes").has("Content-Disposition", `attachment; filename="spec.pdf".*`).has("ETag", `"ver_.+"`)
	etag := regexp.MustCompile(`(?mi)^ETag: (.*)\r$`).FindStringSubmatch(get.head)[1]
	c.run("/files/"+id+"/content", "-H", "Range: bytes=1048576-2097151").is(206).equals(data[1<<20:2<<20]).has("Content-Range", fmt.Sprintf("bytes 1048576-2097151/%d", len(data)))
	c.run("/files/"+id+"/content", "-r", "-100").is(206).equals(data[len(data)-100:])
	c.run("/files/"+id+"/content", "-r", fmt.Sprint(len(data)-5)+"-").is(206).equals(data[len(data)-5:])
	c.run("/files/"+id+"/content", "-r", fmt.Sprint(len(data))+"-").is(416).has("Content-Range", fmt.Sprintf(`bytes \*/%d`, len(data)))
	c.run("/files/"+id+"/content", "-H", "If-None-Match: "+etag).is(304).equals(nil)
	c.run("/files/"+id+"/content", "-r", "0-9", "-H", "If-Range: "+etag).is(206).equals(data[:10])
	c.run("/files/"+id+"/content", "-r", "0-9", "-H", `If-Range: "ver_other"`).is(200).equals(data)
	c.run("/files/"+id+"/content", "-I").is(200).has("Content-Length", fmt.Sprint(len(data)))
	c.run("/files/" + id + "/content?version=1").is(200).equals(data)
	c.run("/files/" + id + "/content?version=2").detail(404)
	c.run("/files/fil_01ARZ3NDEKTSV4RRFFQ69G5FAV").detail(404)
	// A download that was cut off goes on.
	if err := os.WriteFile(filepath.Join(c.dir, "resumed"), data[:1<<20], 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("curl", "-sS", "-f", "-C", "-", "-H", "Authorization: Bearer "+c.token, "-o", filepath.Join(c.dir, "resumed"), s.url+"/api/v1/files/"+id+"/content")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("curl -C -: %v %s", err, out)
	}
	if got, _ := os.ReadFile(filepath.Join(c.dir, "resumed")); !bytes.Equal(got, data) {
		t.Error("the resumed download differs")
	}

	// Listings, and pages of them.
	c.run("/folders/root/children?share_id="+sid).is(200).says("items", `\(2\)`, "path", "/", "total", "2", "items.0.type", "folder", "items.0.name", "Specs")
	c.run("/folders/"+fld+"/children?share_id="+sid).is(200).says("path", "/Specs", "total", "2", "items.1.type", "file", "items.1.size", fmt.Sprint(len(data)),
		"items.1.mime_type", "application/pdf", "items.1.modified_at", isTime, "items.1.id", id)
	for i := range 7 {
		c.run("/files", "-F", "share_id="+sid, "-F", "folder_id="+sub.at("id"), "-F", fmt.Sprintf("name=n%d", i), "-F", "file=@-;filename=x").is(201)
	}
	seen := map[string]bool{}
	for off := 0; off < 7; off += 3 {
		page := c.run(fmt.Sprintf("/folders/%s/children?share_id=%s&limit=3&offset=%d", sub.at("id"), sid, off)).is(200).says("total", "7")
		for i := range 3 {
			if n := page.at(fmt.Sprintf("items.%d.name", i)); n != "(absent)" {
				seen[n] = true
			}
		}
	}
	if len(seen) != 7 {
		t.Errorf("pages by offset gave %v", seen)
	}
	clear(seen)
	for token, n := "", 0; n < 10; n++ {
		page := c.run("/folders/" + sub.at("id") + "/children?share_id=" + sid + "&limit=3" + token).is(200)
		for i := range 3 {
			if n := page.at(fmt.Sprintf("items.%d.name", i)); n != "(absent)" {
				seen[n] = true
			}
		}
		next := page.at("next_page_token")
		if next == "(absent)" || next == "<nil>" || next == "" {
			break
		}
		token = "&page_token=" + next
	}
	if len(seen) != 7 {
		t.Errorf("pages by token gave %v", seen)
	}
	c.run("/folders/" + fld + "/children").detail(422)
	c.run("/folders/" + fld + "/children?share_id=" + sid + "&limit=0").detail(422)

	// An upload session that replaces the content, its parts out of order.
	const part = 1 << 20
	second := noise(12, 2*part+part/2)
	made := c.json("POST", "/uploads", fmt.Sprintf(`{"share_id":%q,"folder_id":%q,"file_name":"spec.pdf","file_size":%d,"chunk_size":%d,"checksum_sha256":%q,"replace_file_id":%q}`,
		sid, fld, len(second), part, sumOf(second), id)).is(201).says("session_id", ".+", "chunk_size", fmt.Sprint(part), "total_chunks", "3", "expires_at", isTime)
	up := made.at("session_id")
	put := func(i int) *reply {
		t.Helper()
		piece := second[i*part : min((i+1)*part, len(second))]
		return c.run(fmt.Sprintf("/uploads/%s/chunks/%d", up, i), "-X", "PUT", "-H", "Content-Type: application/octet-stream", "--data-binary", "@"+file("piece", piece))
	}
	put(2).is(204)
	put(0).is(204)
	c.run("/uploads/"+up).is(200).says("received", `\(2\)`, "received_bytes", fmt.Sprint(part+part/2), "status", "open", "file_name", "spec.pdf", "file_size", fmt.Sprint(len(second)))
	c.run("/uploads/"+up+"/complete", "-X", "POST").detail(409)
	put(1).is(204)
	c.run("/uploads/"+up+"/complete", "-X", "POST").is(200).says("file_id", id, "file.version", "2", "file.checksum_sha256", sumOf(second))
	c.run("/files/" + id + "/content").is(200).equals(second)
	c.json("POST", "/uploads", fmt.Sprintf(`{"share_id":%q,"file_name":"x","file_size":1,"chunk_size":1000}`, sid)).detail(422)
	// -T sends a part as it is too, without knowing its length before.
	up2 := c.json("POST", "/uploads", fmt.Sprintf(`{"share_id":%q,"file_name":"streamed","file_size":%d}`, sid, 6)).is(201).at("session_id")
	c.run("/uploads/"+up2+"/chunks/0", "-T", file("six", []byte("sixsix")), "-H", "Transfer-Encoding: chunked").is(204)
	c.run("/uploads/"+up2+"/complete", "-X", "POST").is(200).says("file.size", "6", "file.name", "streamed")

	// Versions.
	c.run("/files/"+id+"/versions").is(200).says("total", "2", "versions.0.version_number", "2", "versions.1.version_number", "1", "versions.0.id", "ver_.+",
		"versions.1.size", fmt.Sprint(len(data)), "versions.1.checksum_sha256", sumOf(data), "versions.0.created_by", user, "versions.0.created_at", isTime)
	c.run("/files/"+id+"/versions/1/restore", "-X", "POST").is(200).says("id", "fil_.+", "version", "3", "restored_from", "1")
	c.run("/files/" + id + "/content").is(200).equals(data)
	c.run("/files/"+id+"/versions/9/restore", "-X", "POST").detail(404)

	// Rename, copy, move.
	c.json("PATCH", "/files/"+id, `{"name":"plan.pdf"}`).is(200).says("name", "plan.pdf", "path", "/Specs/plan.pdf", "id", id)
	c.json("PATCH", "/files/"+id, `{"name":"other.pdf"}`, "-H", `If-Match: "ver_other"`).detail(412)
	c.json("PATCH", "/folders/"+fld, `{"name":"Plans"}`).is(200).says("path", "/Plans")
	c.run("/files/"+id).is(200).says("path", "/Plans/plan.pdf")
	twin := c.json("POST", "/files/"+id+"/copy", `{"target_share_id":"`+sid+`"}`).is(201).says("id", "fil_.+", "version", "1", "folder_id", "<nil>", "path", "/plan.pdf", "checksum_sha256", sumOf(data))
	c.json("POST", "/files/"+id+"/copy", `{"target_share_id":"`+sid+`"}`).detail(409)
	c.json("POST", "/files/"+id+"/copy", `{"target_share_id":"`+sid+`","target_folder_id":"`+fld+`"}`).detail(422)
	c.json("POST", "/files/"+id+"/copy", `{}`).detail(422)
	c.json("POST", "/files/"+id+"/copy", `{"target_folder_id":"`+fld+`","name":"copy.pdf"}`).is(201).says("name", "copy.pdf", "folder_id", fld)
	c.json("POST", "/files/"+twin.at("id")+"/move", `{"target_folder_id":"`+sub.at("id")+`"}`).is(200).says("id", twin.at("id"), "path", "/Plans/2026/plan.pdf")
	c.json("POST", "/folders/"+fld+"/move", `{"target_folder_id":"`+sub.at("id")+`"}`).is(409)
	other := c.json("POST", "/shares", `{"name":"Archive","share_type":"project","owner_id":"`+user+`"}`).is(201).at("id")
	c.json("POST", "/folders/"+sub.at("id")+"/move", `{"target_share_id":"`+other+`"}`).is(200).says("share_id", other, "parent_id", "<nil>", "path", "/2026")
	c.run("/files/"+twin.at("id")).is(200).says("share_id", other, "path", "/2026/plan.pdf")
	c.json("POST", "/folders/"+sub.at("id")+"/copy", `{"target_share_id":"`+sid+`"}`).is(201).says("id", "fld_.+", "share_id", sid)

	// Trash.
	rid := root.at("id")
	c.run("/files/"+rid, "-X", "DELETE").is(204)
	c.run("/files/" + rid + "/content").detail(410)
	c.run("/files/" + rid).detail(410)
	c.run("/trash?share_id="+sid).is(200).says("items.0.id", rid, "total", "1")
	c.run("/folders/root/children?include_deleted=true&share_id=" + sid).is(200)
	c.run("/files/"+rid+"/restore", "-X", "POST").is(200).says("id", rid, "is_deleted", "false")
	c.run("/files/"+rid, "-X", "DELETE").is(204)
	c.json("PATCH", "/files/"+rid, `{"is_deleted":false}`).is(200).says("is_deleted", "false")
	c.run("/files/"+rid+"?permanent=true", "-X", "DELETE").is(204)
	c.run("/files/" + rid).detail(404)
	c.run("/folders/"+fld, "-X", "DELETE").is(204)
	c.run("/files/" + id + "/content").detail(410)
	c.run("/folders/"+fld+"/restore", "-X", "POST").is(200)
	c.run("/files/" + id + "/content").is(200).equals(data)
	c.run("/folders/"+fld+"?permanent=true", "-X", "DELETE").is(204)
	c.run("/files/" + id).detail(404)
	c.run("/trash?share_id="+sid, "-X", "DELETE").is(204)

	// The share's own life.
	c.json("PATCH", "/shares/"+sid, `{"name":"Drawings","description":"old ones"}`).is(200).says("name", "Drawings", "description", "old ones")
	c.run("/shares/"+sid, "-X", "DELETE").is(204)
	c.run("/shares/" + sid).detail(410)
	c.run("/shares", "-X", "PUT").is(405).has("Allow", ".*POST.*")
	c.run("/auth/logout", "-X", "POST").is(204)
	c.run("/users/me").detail(401)
}

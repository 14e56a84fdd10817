package httpd

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// create is the body of POST /uploads for a file of n bytes in the scenario's
// share.
func create(name string, n int, more string) string {
	return fmt.Sprintf(`{"share_id":"{share}","file_name":%q,"file_size":%d,"chunk_size":65536%s}`, name, n, more)
}

func TestUploadSessions(t *testing.T) {
	a := newAPI(t)
	p0, p1, p2 := strings.Repeat("a", 65536), strings.Repeat("b", 65536), strings.Repeat("c", 1000)
	whole := p0 + p1 + p2
	a.vars["sum"], a.vars["sum1"] = sumOf(whole), sumOf(p1)
	up, parts := "/uploads/{up}", "/uploads/{up}/chunks/"
	a.run([]step{
		{name: "create", method: "POST", path: "/uploads", body: create("long.bin", len(whole), `,"checksum_sha256":"{sum}","colour":"red","mime_type":"video/mp4","modified_at":"2020-01-02T03:04:05Z"`), status: 201, keep: "up=session_id",
			has: []string{`"session_id":"upl_`, `"chunk_size":65536`, `"total_chunks":3`, `"expires_at":"2026-11-23T12:00:00Z"`, "Location: /api/v1/uploads/upl_"}},
		{name: "nothing yet", method: "GET", path: up, status: 200, has: []string{`"received":[]`, `"received_bytes":0`, `"status":"open"`, `"file_name":"long.bin"`, `"file_size":132072`}, lacks: []string{"file_id"}},
		{name: "last first", method: "PUT", path: parts + "2", body: p2, status: 204},
		{name: "again", method: "PUT", path: parts + "2", body: p2, status: 204},
		{name: "with its hash", method: "PUT", path: parts + "1", body: p1, head: []string{"X-Chunk-SHA256", "{sum1}"}, status: 204},
		{name: "progress", method: "GET", path: up, status: 200, has: []string{`"received":[[1,2]]`, `"received_bytes":66536`}},
		{name: "missing", method: "POST", path: up + "/complete", status: 409, has: []string{"1 of 3 parts are missing: 0"}},

		{name: "another's hash", method: "PUT", path: parts + "0", body: p0, head: []string{"X-Chunk-SHA256", "{sum1}"}, status: 422, has: []string{`["header","X-Chunk-SHA256"]`}},
		{name: "no hash", method: "PUT", path: parts + "0", body: p0, head: []string{"X-Chunk-SHA256", "xyz"}, status: 422, has: []string{`["header","X-Chunk-SHA256"]`}},
		{name: "too short", method: "PUT", path: parts + "0", body: p2, status: 422},
		{name: "too long", method: "PUT", path: parts + "0", body: p0 + "x", status: 422},
		{name: "much too long", method: "PUT", path: parts + "2", body: p0 + p1, status: 422},
		{name: "empty", method: "PUT", path: parts + "0", status: 422},
		{name: "no such part", method: "PUT", path: parts + "3", body: p0, status: 422, has: []string{"There is no part 3"}},
		{name: "no number", method: "PUT", path: parts + "x", body: p0, status: 400},
		{name: "negative", method: "PUT", path: parts + "-1", body: p0, status: 400},
		{name: "compressed", method: "PUT", path: parts + "0", body: p0, head: []string{"Content-Encoding", "gzip"}, status: 415},
		{name: "not a session", method: "PUT", path: "/uploads/upl_{nobody}/chunks/0", body: p0, status: 404},
		{name: "not an ID", method: "GET", path: "/uploads/x", status: 404},
		{name: "stranger puts", as: "stranger", method: "PUT", path: parts + "0", body: p0, status: 404},
		{name: "admin looks", as: "admin", method: "GET", path: up, status: 404},
		{name: "foreigner completes", as: "foreigner", method: "POST", path: up + "/complete", status: 404},
		{name: "stranger deletes", as: "stranger", method: "DELETE", path: up, status: 404},

		{name: "other bytes", method: "PUT", path: parts + "0", body: p1, status: 204},
		{name: "another hash", method: "POST", path: up + "/complete", status: 422, has: []string{`["body","checksum_sha256"]`}},
		{name: "replaced", method: "PUT", path: parts + "0", body: p0, status: 204},
		{name: "new file, If-Match", method: "POST", path: up + "/complete", head: []string{"If-Match", "*"}, status: 412},
		{name: "complete", method: "POST", path: up + "/complete", status: 200, keep: "file=file_id",
			has: []string{`"file_id":"fil_`, `"file":{"id":"fil_`, `"name":"long.bin"`, `"mime_type":"video/mp4"`, `"modified_at":"2020-01-02T03:04:05Z"`, `"checksum_sha256":"{sum}"`, `"version":1`, "Etag: \"ver_"}},
		{name: "complete again", method: "POST", path: up + "/complete", status: 200, has: []string{`"file_id":"{file}"`, `"version":1`}},
		{name: "completed", method: "GET", path: up, status: 200, has: []string{`"status":"completed"`, `"received":[[0,2]]`, `"received_bytes":132072`, `"file_id":"{file}"`}},
		{name: "part after complete", method: "PUT", path: parts + "0", body: p0, status: 409},
		{name: "delete", method: "DELETE", path: up, status: 204},
		{name: "deleted", method: "GET", path: up, status: 404},
		{name: "the file stays", method: "GET", path: "/files/{file}", status: 200, has: []string{`"size":132072`}, keep: "version=version_id"},

		{name: "taken", method: "POST", path: "/uploads", body: create("LONG.bin", 1, ""), status: 409},
		{name: "empty file", method: "POST", path: "/uploads", body: create("empty", 0, ""), status: 201, has: []string{`"total_chunks":0`}, keep: "up=session_id"},
		{name: "it has no parts", method: "PUT", path: parts + "0", status: 422},
		{name: "it is complete", method: "POST", path: up + "/complete", status: 200, has: []string{`"size":0`}},

		{name: "new version", method: "POST", path: "/uploads", body: create("x", len(p2), `,"replace_file_id":"{file}"`), status: 201, keep: "up=session_id"},
		{name: "its part", method: "PUT", path: parts + "0", body: p2, status: 204},
		{name: "other version", method: "POST", path: up + "/complete", head: []string{"If-Match", `"ver_{nobody}"`}, status: 412},
		{name: "right version", method: "POST", path: up + "/complete", head: []string{"If-Match", `"x", "{version}"`}, status: 200, has: []string{`"file_id":"{file}"`, `"version":2`, `"name":"long.bin"`, `"size":1000`}},
		{name: "again", method: "POST", path: up + "/complete", head: []string{"If-Match", `"x", "{version}"`}, status: 200, has: []string{`"version":2`}},

		{name: "to come in one body", method: "POST", path: "/uploads", body: create("one body", len(whole), ""), status: 201, keep: "up=session_id"},
		{name: "another length", method: "PUT", path: up + "/content", body: p0 + p1, status: 422, has: []string{"The body has 131072 bytes; the file has 132072"}},
		{name: "compressed body", method: "PUT", path: up + "/content", body: whole, head: []string{"Content-Encoding", "gzip"}, status: 415},
		{name: "a stranger's body", as: "stranger", method: "PUT", path: up + "/content", body: whole, status: 404},
		{name: "nothing was taken", method: "GET", path: up, status: 200, has: []string{`"received":[]`}},
		{name: "a part before", method: "PUT", path: parts + "1", body: p0, status: 204},
		{name: "one body", method: "PUT", path: up + "/content", body: whole, status: 204},
		{name: "all its parts", method: "GET", path: up, status: 200, has: []string{`"received":[[0,2]]`}},
		{name: "complete", method: "POST", path: up + "/complete", status: 200, has: []string{`"checksum_sha256":"{sum}"`}},
		{name: "a body after complete", method: "PUT", path: up + "/content", body: whole, status: 409},

		{name: "default size of parts", method: "POST", path: "/uploads", body: `{"share_id":"{share}","file_name":"big","file_size":5000000000}`, status: 201, has: []string{`"chunk_size":4194304`, `"total_chunks":1193`}, keep: "up=session_id"},
		{name: "deleted at once", method: "DELETE", path: up, status: 204},
		{name: "gone at once", method: "DELETE", path: up, status: 404},
		{name: "stranger", as: "stranger", method: "POST", path: "/uploads", body: create("y", 1, ""), status: 404},
		{name: "no share", method: "POST", path: "/uploads", body: `{"file_name":"y","file_size":1}`, status: 422, has: []string{`"share_id"`}},
		{name: "no size", method: "POST", path: "/uploads", body: `{"share_id":"{share}","file_name":"y"}`, status: 422, has: []string{`"file_size"`}},
		{name: "negative size", method: "POST", path: "/uploads", body: create("y", -1, ""), status: 422, has: []string{`"file_size"`}},
		{name: "bad size of parts", method: "POST", path: "/uploads", body: `{"share_id":"{share}","file_name":"y","file_size":1,"chunk_size":100000}`, status: 422, has: []string{`"chunk_size"`}},
		{name: "no size of parts", method: "POST", path: "/uploads", body: `{"share_id":"{share}","file_name":"y","file_size":1,"chunk_size":0}`, status: 422},
		{name: "bad media type", method: "POST", path: "/uploads", body: create("y", 1, `,"mime_type":"a b"`), status: 422, has: []string{`"mime_type"`}},
		{name: "bad name", method: "POST", path: "/uploads", body: create("a/b", 1, ""), status: 422},
		{name: "larger than any", method: "POST", path: "/uploads", body: `{"share_id":"{share}","file_name":"y","file_size":99999999999999}`, status: 413},
		{name: "too large", method: "POST", path: "/uploads", body: `{"share_id":"{share}","file_name":"y","file_size":1099511627777}`, status: 413},
		{name: "config", as: "nobody", method: "GET", path: "/config", status: 200, has: []string{`"max_upload_chunk_size_bytes":67108864`}},

		{name: "to expire", method: "POST", path: "/uploads", body: create("y", len(whole), ""), status: 201, keep: "up=session_id"},
		{name: "with a part", method: "PUT", path: parts + "1", body: p1, status: 204},
	})
	a.Clock.Pass(25 * time.Hour)
	for who, email := range map[string]string{"user": "user@example.com", "stranger": "stranger@example.com"} {
		a.vars[who] = a.signIn(email).AccessToken
	}
	gone := []step{
		{name: "expired", method: "GET", path: up, status: 410},
		{name: "expired, part", method: "PUT", path: parts + "0", body: p0, status: 410},
		{name: "expired, complete", method: "POST", path: up + "/complete", status: 410},
		{name: "expired, delete", method: "DELETE", path: up, status: 410},
		{name: "expired, stranger", as: "stranger", method: "GET", path: up, status: 404},
	}
	a.run(gone)
	if err := a.Uploads.Expire(context.Background()); err != nil {
		t.Fatal(err)
	}
	a.run(gone)
}

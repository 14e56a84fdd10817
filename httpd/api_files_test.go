package httpd

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFiles(t *testing.T) {
	a := newAPI(t)
	content := "hello, world"
	a.vars["sum"] = sumOf(content)
	a.run([]step{
		{name: "upload", method: "POST", path: "/files", body: upload("a ä.txt", content, "modified_at", "2020-02-03T04:05:06.789Z", "checksum_sha256", "{sum}"), status: 201,
			has: []string{`"name":"a ä.txt"`, `"size":12`, `"checksum_sha256":"{sum}"`, `"checksum_state":"verified"`, `"version":1`, `"modified_at":"2020-02-03T04:05:06.789Z"`, `"folder_id":null`, `"path":"/a ä.txt"`, `"mime_type":"text/plain`, `"is_deleted":false`, `"vectorized_at":null`}, keep: "file=id"},
		{name: "metadata", method: "GET", path: "/files/{file}", status: 200, has: []string{`"id":"{file}"`, "Etag: \"ver_"}, keep: "version=version_id"},
		{name: "metadata as a stranger", as: "stranger", method: "GET", path: "/files/{file}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "metadata as a foreigner", as: "foreigner", method: "GET", path: "/files/{file}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "metadata as a folder", method: "GET", path: "/folders/{file}", status: 404},
		{name: "content", method: "GET", path: "/files/{file}/content", status: 200, has: []string{content, "Accept-Ranges: bytes", "Content-Length: 12", `Etag: "{version}"`, `Content-Disposition: attachment; filename="a _.txt"; filename*=UTF-8''a%20%C3%A4.txt`, "Content-Security-Policy: sandbox", "Content-Type: text/plain"}},
		{name: "content as a stranger", as: "stranger", method: "GET", path: "/files/{file}/content", status: 404, lacks: []string{"hello"}},
		{name: "content as a foreigner", as: "foreigner", method: "GET", path: "/files/{file}/content", status: 404},
		{name: "content without a token", as: "nobody", method: "GET", path: "/files/{file}/content", status: 401},
		{name: "head", method: "HEAD", path: "/files/{file}/content", status: 200, has: []string{"Content-Length: 12", `Etag: "{version}"`}},
		{name: "head of a range", method: "HEAD", path: "/files/{file}/content", head: []string{"Range", "bytes=0-4"}, status: 206, has: []string{"Content-Length: 5", "Content-Range: bytes 0-4/12"}},
		{name: "range", method: "GET", path: "/files/{file}/content", head: []string{"Range", "bytes=7-"}, status: 206, has: []string{"world", "Content-Range: bytes 7-11/12"}, lacks: []string{"hello"}},
		{name: "suffix", method: "GET", path: "/files/{file}/content", head: []string{"Range", "bytes=-3"}, status: 206, has: []string{"rld", "Content-Range: bytes 9-11/12"}},
		{name: "two ranges", method: "GET", path: "/files/{file}/content", head: []string{"Range", "bytes=0-1,3-4"}, status: 200, has: []string{content}},
		{name: "malformed range", method: "GET", path: "/files/{file}/content", head: []string{"Range", "bytes=9-3"}, status: 200, has: []string{content}},
		{name: "beyond", method: "GET", path: "/files/{file}/content", head: []string{"Range", "bytes=12-"}, status: 416, has: []string{"Content-Range: bytes */12"}},
		{name: "if-none-match", method: "GET", path: "/files/{file}/content", head: []string{"If-None-Match", `W/"{version}"`}, status: 304, has: []string{`Etag: "{version}"`}, lacks: []string{"hello"}},
		{name: "if-none-match other", method: "GET", path: "/files/{file}/content", head: []string{"If-None-Match", `"other"`}, status: 200},
		{name: "if-match other", method: "GET", path: "/files/{file}/content", head: []string{"If-Match", `"other"`}, status: 412},
		{name: "if-range", method: "GET", path: "/files/{file}/content", head: []string{"Range", "bytes=0-4", "If-Range", `"{version}"`}, status: 206},
		{name: "if-range other", method: "GET", path: "/files/{file}/content", head: []string{"Range", "bytes=0-4", "If-Range", `"other"`}, status: 200},
		{name: "if-range weak", method: "GET", path: "/files/{file}/content", head: []string{"Range", "bytes=0-4", "If-Range", `W/"{version}"`}, status: 200},
		{name: "if-range date", method: "GET", path: "/files/{file}/content", head: []string{"Range", "bytes=0-4", "If-Range", "Mon, 03 Feb 2020 04:05:06 GMT"}, status: 200},
		{name: "version 1", method: "GET", path: "/files/{file}/content?version=1", status: 200, has: []string{content}},
		{name: "version 2", method: "GET", path: "/files/{file}/content?version=2", status: 404},
		{name: "version 0", method: "GET", path: "/files/{file}/content?version=0", status: 422, has: []string{`["query","version"]`}},
		{name: "version x", method: "GET", path: "/files/{file}/content?version=x", status: 422},
		{name: "versions", method: "GET", path: "/files/{file}/versions", status: 200, has: []string{`"version_number":1`, `"total":1`, `"checksum_sha256":"{sum}"`}},
		{name: "versions as a stranger", as: "stranger", method: "GET", path: "/files/{file}/versions", status: 404},
		{name: "unknown", method: "GET", path: "/files/fil_{nobody}/content", status: 404},
		{name: "ill-formed", method: "GET", path: "/files/x/content", status: 404},

		{name: "taken name", method: "POST", path: "/files", body: upload("A Ä.TXT", content), status: 409},
		{name: "wrong checksum", method: "POST", path: "/files", body: upload("c", content, "checksum_sha256", sumOf("other")), status: 422, has: []string{`["body","checksum_sha256"]`}},
		{name: "ill-formed checksum", method: "POST", path: "/files", body: upload("c", content, "checksum_sha256", "xyz"), status: 422, has: []string{`["body","checksum_sha256"]`}},
		{name: "ill-formed time", method: "POST", path: "/files", body: upload("c", content, "modified_at", "noon"), status: 422, has: []string{`["body","modified_at"]`}},
		{name: "no file", method: "POST", path: "/files", body: part("share_id", "{share}") + endOfForm, status: 422, has: []string{`["body","file"]`}},
		{name: "no share", method: "POST", path: "/files", body: filePartText("c", content) + endOfForm, status: 422, has: []string{`["body","share_id"]`}},
		{name: "unknown share", method: "POST", path: "/files", body: part("share_id", "shr_{nobody}") + filePartText("c", content) + endOfForm, status: 404},
		{name: "unknown folder", method: "POST", path: "/files", body: upload("c", content, "folder_id", "fld_{nobody}"), status: 404},
		{name: "as a stranger", as: "stranger", method: "POST", path: "/files", body: upload("c", content), status: 404},
		{name: "as a foreigner", as: "foreigner", method: "POST", path: "/files", body: upload("c", content), status: 404},
		{name: "not multipart", method: "POST", path: "/files", body: "{}", status: 415},
		{name: "compressed", method: "POST", path: "/files", body: upload("c", content), head: []string{"Content-Encoding", "gzip"}, status: 415},
		{name: "other boundary", method: "POST", path: "/files", body: strings.ReplaceAll(upload("c", content), "edge", "egde"), head: []string{"Content-Type", "multipart/form-data; boundary=edge"}, status: 422},
		{name: "no boundary", method: "POST", path: "/files", body: upload("c", content), head: []string{"Content-Type", "multipart/form-data"}, status: 422},
		{name: "no end", method: "POST", path: "/files", body: strings.TrimSuffix(upload("c", content), endOfForm), status: 422},
		{name: "empty body", method: "POST", path: "/files", head: []string{"Content-Type", "multipart/form-data; boundary=edge"}, status: 422},
		{name: "long file without end", method: "POST", path: "/files", body: strings.TrimSuffix(upload("c", strings.Repeat(content, 300000)), endOfForm), status: 422},
		{name: "long file, field behind", method: "POST", path: "/files", body: strings.TrimSuffix(upload("c", strings.Repeat(content, 300000)), endOfForm) + part("name", "d") + endOfForm, status: 422, has: []string{`["body","name"]`}},
		{name: "unknown field is passed over", method: "POST", path: "/files", body: upload("html.html", "<script>", "colour", "red"), status: 201, keep: "html=id"},
		{name: "HTML is not HTML", method: "GET", path: "/files/{html}/content", status: 200, has: []string{"Content-Type: application/octet-stream", "Content-Disposition: attachment"}},
		{name: "empty file", method: "POST", path: "/files", body: upload("empty", ""), status: 201, has: []string{`"size":0`}, keep: "empty=id"},
		{name: "empty content", method: "GET", path: "/files/{empty}/content", status: 200, has: []string{"Content-Length: 0"}},
		{name: "empty range", method: "GET", path: "/files/{empty}/content", head: []string{"Range", "bytes=0-"}, status: 416, has: []string{"bytes */0"}},

		{name: "only what was taken is there", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, has: []string{`"total":3`, "a ä.txt", "html.html", "empty"}},
		{name: "and counted", method: "GET", path: "/shares/{share}", status: 200, has: []string{`"used_bytes":20`}},

		{name: "delete, other version", method: "DELETE", path: "/files/{file}", head: []string{"If-Match", `"ver_{nobody}"`}, status: 412},
		{name: "delete, no version", method: "DELETE", path: "/files/{file}", head: []string{"If-Match", `"x"`}, status: 412},
		{name: "delete, weak", method: "DELETE", path: "/files/{file}", head: []string{"If-Match", `W/"{version}"`}, status: 412},
		{name: "delete, stranger", as: "stranger", method: "DELETE", path: "/files/{file}", head: []string{"If-Match", `"x"`}, status: 404},
		{name: "delete for good, ill-formed", method: "DELETE", path: "/files/{file}?permanent=2", status: 422},
		{name: "delete, one of", method: "DELETE", path: "/files/{file}", head: []string{"If-Match", `"x", "{version}"`}, status: 204},
		{name: "gone", method: "GET", path: "/files/{file}", status: 410},
		{name: "content is gone", method: "GET", path: "/files/{file}/content", status: 410},
		{name: "gone for a stranger", as: "stranger", method: "GET", path: "/files/{file}", status: 404},
		{name: "delete again", method: "DELETE", path: "/files/{file}", status: 410},
		{name: "delete, any version", method: "DELETE", path: "/files/{html}", head: []string{"If-Match", "*"}, status: 204},
	})
}

// TestLongContent moves more than any buffer holds, in and out.
func TestLongContent(t *testing.T) {
	a := newAPI(t)
	var b strings.Builder
	for i := 0; b.Len() < 20<<20; i++ {
		b.WriteString(sumOf(string(rune(i))))
	}
	content := b.String()
	a.vars["sum"] = sumOf(content)
	a.step(step{name: "upload", method: "POST", path: "/files", body: upload("long", content, "checksum_sha256", "{sum}"), status: 201, has: []string{"{sum}"}, keep: "file=id"})
	if got := a.step(step{name: "content", method: "GET", path: "/files/{file}/content", status: 200}); got != content {
		t.Errorf("%d bytes came back, other than the %d sent", len(got), len(content))
	}
	for _, r := range [][2]int{{0, 1}, {1, 1 << 20}, {5 << 20, 12<<20 + 1}, {len(content) - 1, len(content)}, {1<<20 - 1, 1<<20 + 1}} {
		got := a.step(step{name: "range", method: "GET", path: "/files/{file}/content", head: []string{"Range", rangeHeader(r[0], r[1])}, status: 206})
		if got != content[r[0]:r[1]] {
			t.Errorf("range %v: %d bytes, other than asked", r, len(got))
		}
	}
}

func rangeHeader(from, to int) string {
	return "bytes=" + itoa(from) + "-" + itoa(to-1)
}

// TestBrokenUploads ends connections in the middle of a body: nothing is stored.
func TestBrokenUploads(t *testing.T) {
	a := newAPI(t)
	form := a.fill(upload("broken", strings.Repeat("0123456789", 400_000)))
	head := "POST /api/v1/files HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + a.vars["user"] + "\r\nContent-Type: multipart/form-data; boundary=edge\r\n"
	for name, raw := range map[string]string{
		"ends at once":       head + "Content-Length: " + itoa(len(form)) + "\r\n\r\n",
		"ends in the fields": head + "Content-Length: " + itoa(len(form)) + "\r\n\r\n" + form[:50],
		"ends in the file":   head + "Content-Length: " + itoa(len(form)) + "\r\n\r\n" + form[:3_000_000],
		"ends in the end":    head + "Content-Length: " + itoa(len(form)) + "\r\n\r\n" + form[:len(form)-1],
		"length too short":   head + "Content-Length: " + itoa(len(form)-10) + "\r\n\r\n" + form[:len(form)-10],
		"chunked, no end":    head + "Transfer-Encoding: chunked\r\n\r\n" + strings.TrimSuffix(chunked(form), "0\r\n\r\n"),
		"chunked, broken":    head + "Transfer-Encoding: chunked\r\n\r\n" + strings.TrimSuffix(chunked(form), "0\r\n\r\n") + "x\r\n",
	} {
		nc, err := net.Dial("tcp", a.addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = nc.SetDeadline(time.Now().Add(20 * time.Second))
		if _, err := io.WriteString(nc, raw); err != nil {
			t.Fatal(err)
		}
		_ = nc.(*net.TCPConn).CloseWrite()
		res, err := http.ReadResponse(bufio.NewReader(nc), nil)
		if err == nil && (res.StatusCode < 400 || res.StatusCode >= 500) {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
		if err != nil && name != "ends at once" {
			t.Errorf("%s: no answer: %v", name, err)
		}
		nc.Close()
		a.step(step{name: name + ": nothing is there", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, has: []string{`"total":0`}})
		a.step(step{name: name + ": nothing is counted", method: "GET", path: "/shares/{share}", status: 200, has: []string{`"used_bytes":0`}})
	}
}

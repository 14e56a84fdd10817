package httpd

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"scaidrive/chunkstore/split"
	"scaidrive/httpd/wire"
)

func itoa(n int) string { return strconv.Itoa(n) }

func zstdOf(s string, o ...zstd.EOption) string {
	w, err := zstd.NewWriter(nil, o...)
	if err != nil {
		panic(err)
	}
	return string(w.EncodeAll([]byte(s), nil))
}

func TestSync(t *testing.T) {
	a := newAPI(t)
	one, two, three := strings.Repeat("1", 100_000), strings.Repeat("2", 70_000), strings.Repeat("3", 80_000)
	for name, s := range map[string]string{"one": one, "two": two, "three": three, "onetwo": one + two, "onethree": one + three, "none": ""} {
		a.vars[name] = sumOf(s)
	}
	a.vars["set"] = split.Default().Name
	file := func(more string) string {
		return `{"device_id":"d","share_id":"{share}","new_field":1,"changes":[` + more + `]}`
	}
	created := `{"client_ref":"r1","resource_type":"file","change_type":"created","path":"/dir/f.bin","colour":"red","modified_at":"2021-01-01T00:00:00Z","attributes":{"executable":true},
		"content":{"size":170000,"checksum_sha256":"{onetwo}","chunking":"{set}","chunks":[{"sha256":"{one}","size":100000},{"sha256":"{two}","size":70000}]}}`
	dir := `{"resource_type":"folder","change_type":"created","path":"/dir"}`
	octets := []string{"Content-Type", "application/octet-stream"}
	a.run([]step{
		{name: "empty tree", method: "GET", path: "/sync/tree?share_id={share}", status: 200, has: []string{`"entries":[]`, `"cursor":`, `"epoch":"`}},
		{name: "query", method: "POST", path: "/sync/chunks/query", body: `{"share_id":"{share}","chunks":["{one}","{two}"]}`, status: 200, has: []string{`"missing":["{one}","{two}"]`, `"nonce":"`}},
		{name: "query as a stranger", as: "stranger", method: "POST", path: "/sync/chunks/query", body: `{"share_id":"{share}","chunks":[]}`, status: 404},
		{name: "query, unknown field", method: "POST", path: "/sync/chunks/query", body: `{"share_id":"{share}","chunks":[],"x":1}`, status: 422, has: []string{`["body","x"]`}},
		{name: "query, bad hash", method: "POST", path: "/sync/chunks/query", body: `{"share_id":"{share}","chunks":["{one}","zz"]}`, status: 422, has: []string{`["body","chunks",1]`}},
		{name: "apply without chunks", method: "POST", path: "/sync/apply", body: file(dir + "," + created), status: 200, has: []string{`"status":409`, `"missing_chunks":["{one}","{two}"]`, `"index":1`, `"client_ref":"r1"`}, keep: "x=cursor"},

		{name: "send", method: "POST", path: "/sync/chunks?share_id={share}", body: frames(one, two), head: octets, status: 200, has: []string{`{"sha256":"{one}","size":100000,"stored":true}`, `{"sha256":"{two}","size":70000,"stored":true}`}},
		{name: "send again, compressed", method: "POST", path: "/sync/chunks?share_id={share}", body: zstdOf(frames(one, three)), head: append([]string{"Content-Encoding", "zstd"}, octets...), status: 200, has: []string{`{"sha256":"{one}","size":100000,"stored":false}`, `{"sha256":"{three}","size":80000,"stored":true}`}},
		{name: "query knows", method: "POST", path: "/sync/chunks/query", body: `{"share_id":"{share}","chunks":["{one}","{two}"]}`, status: 200, has: []string{`"missing":[]`}},
		{name: "a stranger is not told", as: "admin", method: "POST", path: "/sync/chunks/query", body: `{"share_id":"{share}","chunks":["{one}"]}`, status: 200, has: []string{`"missing":["{one}"]`}},
		{name: "send nothing", method: "POST", path: "/sync/chunks?share_id={share}", head: octets, status: 200, has: []string{`"chunks":[]`}},
		{name: "send, no share", method: "POST", path: "/sync/chunks", body: frames(one), head: octets, status: 422, has: []string{`["query","share_id"]`}},
		{name: "send as a stranger", as: "stranger", method: "POST", path: "/sync/chunks?share_id={share}", body: frames(one), head: octets, status: 404},
		{name: "empty frame", method: "POST", path: "/sync/chunks?share_id={share}", body: frames(""), head: octets, status: 422},
		{name: "huge frame", method: "POST", path: "/sync/chunks?share_id={share}", body: "\xff\xff\xff\xffabc", head: octets, status: 422},
		{name: "cut frame", method: "POST", path: "/sync/chunks?share_id={share}", body: frames(one)[:500], head: octets, status: 422},
		{name: "cut length", method: "POST", path: "/sync/chunks?share_id={share}", body: frames(one) + "\x00\x00", head: octets, status: 422},
		{name: "gzip", method: "POST", path: "/sync/chunks?share_id={share}", body: "x", head: append([]string{"Content-Encoding", "gzip"}, octets...), status: 415, has: []string{"Accept-Encoding: zstd"}},
		{name: "no zstd", method: "POST", path: "/sync/chunks?share_id={share}", body: "hello", head: append([]string{"Content-Encoding", "zstd"}, octets...), status: 422, has: []string{"zstd"}},
		{name: "cut zstd", method: "POST", path: "/sync/chunks?share_id={share}", body: zstdOf(frames(one, two))[:20], head: append([]string{"Content-Encoding", "zstd"}, octets...), status: 422},
		{name: "zstd with a large window", method: "POST", path: "/sync/chunks?share_id={share}", body: zstdWindow(), head: append([]string{"Content-Encoding", "zstd"}, octets...), status: 422, has: []string{"window"}},
		{name: "zstd bomb", method: "POST", path: "/sync/chunks?share_id={share}", body: zstdOf(frames(repeat(strings.Repeat("x", 512<<10), 140)...)), head: append([]string{"Content-Encoding", "zstd"}, octets...), status: 413},

		{name: "apply", method: "POST", path: "/sync/apply", body: file(created), status: 200, has: []string{`"errors":[]`, `"conflicts":[]`, `"client_ref":"r1"`, `"path":"/dir/f.bin"`, `"executable":true`, `"change_id":"chg_`, `"version":1`}},
		{name: "sent again", method: "POST", path: "/sync/apply", body: file(created), status: 200, has: []string{`"errors":[]`, `"conflicts":[]`, `"path":"/dir/f.bin"`, `"change_id":"chg_`, `"version":1`}},
		{name: "another change of that reference", method: "POST", path: "/sync/apply", body: file(strings.Replace(created, "f.bin", "g.bin", 1)), status: 200, has: []string{`"applied":[]`, `"status":422`}},
		{name: "made by another device", method: "POST", path: "/sync/apply", body: strings.Replace(file(created), `"device_id":"d"`, `"device_id":"e"`, 1), status: 200, has: []string{`"errors":[]`, `"conflicts":[]`, `"path":"/dir/f.bin"`}, lacks: []string{"change_id"}},
		{name: "name in other letters", method: "POST", path: "/sync/apply", body: file(strings.Replace(strings.Replace(created, "f.bin", "F.BIN", 1), "r1", "r2", 1)), status: 200, has: []string{`"applied":[]`, `"status":409`, `"resource":{"resource_type":"file"`}},
		{name: "tree", method: "GET", path: "/sync/tree?share_id={share}", status: 200, has: []string{`"name":"dir"`, `"name":"f.bin"`, `"modified_at":"2021-01-01T00:00:00Z"`}},
		{name: "tree, paged", method: "GET", path: "/sync/tree?share_id={share}&limit=1", status: 200, has: []string{`"name":"dir"`}, lacks: []string{"f.bin"}, keep: "next=next_page_token"},
		{name: "tree, next page", method: "GET", path: "/sync/tree?share_id={share}&limit=1&page_token={next}", status: 200, has: []string{"f.bin"}},
		{name: "tree as a stranger", as: "stranger", method: "GET", path: "/sync/tree?share_id={share}", status: 404},
		{name: "tree, bad token", method: "GET", path: "/sync/tree?share_id={share}&page_token=x", status: 422},
		{name: "tree, bad limit", method: "GET", path: "/sync/tree?share_id={share}&limit=5001", status: 422},
		{name: "tree, no share", method: "GET", path: "/sync/tree", status: 422},
		{name: "tree, unknown folder", method: "GET", path: "/sync/tree?share_id={share}&folder_id=fld_{nobody}", status: 404},
	})
	var tree wire.Tree
	if err := json.Unmarshal([]byte(a.step(step{name: "tree", method: "GET", path: "/sync/tree?share_id={share}", status: 200})), &tree); err != nil {
		t.Fatal(err)
	}
	a.vars["f"], a.vars["base"], a.vars["dir"] = tree.Entries[1].ID, tree.Entries[1].VersionID, tree.Entries[0].ID
	update := func(base, content string) string {
		return file(`{"resource_type":"file","change_type":"updated","resource_id":"{f}","base_version_id":"` + base + `","content":` + content + `}`)
	}
	patch := `{"size":180000,"checksum_sha256":"{onethree}","chunking":"{set}","patch":[{"keep":[0,1]},{"sha256":"{three}","size":80000}]}`
	a.run([]step{
		{name: "update by patch", method: "POST", path: "/sync/apply", body: update("{base}", patch), status: 200, has: []string{`"errors":[]`, `"version":2`, `"size":180000`}},
		{name: "content", method: "GET", path: "/files/{f}/content", status: 200, has: []string{one + three}},
		{name: "old content", method: "GET", path: "/files/{f}/content?version=1", status: 200, has: []string{one + two}},
		{name: "old base, made already", method: "POST", path: "/sync/apply", body: update("{base}", patch), status: 200, has: []string{`"conflicts":[]`, `"errors":[]`, `"version":2`}, lacks: []string{"change_id"}},
		{name: "manifest", method: "GET", path: "/sync/manifest/{f}", status: 200, has: []string{`"version":2`, `"chunking":"{set}"`, `"chunks":[{"sha256":"{one}","size":100000},{"sha256":"{three}","size":80000}]`}, lacks: []string{"patch"}},
		{name: "manifest in records", method: "GET", path: "/sync/manifest/{f}?records=true", status: 200, has: []string{`"version":2`, `"records":"` + base64.StdEncoding.EncodeToString([]byte(records(one, 1, nil)+records(three, 1, nil))) + `"`}, lacks: []string{"chunks\""}},
		{name: "manifest in records, bad", method: "GET", path: "/sync/manifest/{f}?records=x", status: 422},
		{name: "manifest of a version", method: "GET", path: "/sync/manifest/{f}?version=1", status: 200, has: []string{`{"sha256":"{two}","size":70000}`}},
		{name: "manifest as a patch", method: "GET", path: "/sync/manifest/{f}?since_version=1", status: 200, has: []string{`"since_version":1`, `"patch":[{"keep":[0,1]},{"sha256":"{three}","size":80000}]`}, lacks: []string{"chunks"}},
		{name: "manifest as a patch of bytes", method: "GET", path: "/sync/manifest/{f}?since_version=1&bytes=true", status: 200, has: []string{`"patch":[{"keep":[0,1],"bytes":[0,100000]},{"sha256":"{three}","size":80000}]`}},
		{name: "manifest as a patch, bytes, bad", method: "GET", path: "/sync/manifest/{f}?since_version=1&bytes=x", status: 422},
		{name: "manifest, unknown version", method: "GET", path: "/sync/manifest/{f}?version=9", status: 404},
		{name: "manifest as a stranger", as: "stranger", method: "GET", path: "/sync/manifest/{f}", status: 404},
		{name: "fetch, unknown chunk", method: "POST", path: "/sync/chunks/fetch", body: `{"file_id":"{f}","version":2,"chunks":["{two}"]}`, status: 404},
		{name: "fetch as a stranger", as: "stranger", method: "POST", path: "/sync/chunks/fetch", body: `{"file_id":"{f}","chunks":["{one}"]}`, status: 404},
		{name: "fetch nothing", method: "POST", path: "/sync/chunks/fetch", body: `{"file_id":"{f}","chunks":[]}`, status: 200},
		{name: "touch", method: "POST", path: "/sync/apply", body: file(`{"resource_type":"file","change_type":"updated","resource_id":"{f}","attributes":{"executable":false},"modified_at":"2022-02-02T00:00:00Z"}`), status: 200, has: []string{`"errors":[]`, `"executable":false`, `"version":2`}},
		{name: "delete what is not there", method: "POST", path: "/sync/apply", body: file(`{"resource_type":"file","change_type":"deleted","resource_id":"fil_{nobody}"}`), status: 200, has: []string{`"applied":[]`, `"status":404`}},
		{name: "wrong sum", method: "POST", path: "/sync/apply", body: file(`{"resource_type":"file","change_type":"created","name":"w","content":{"size":170000,"checksum_sha256":"{onetwo}","chunking":"{set}","chunks":[{"sha256":"{one}","size":100000}]}}`), status: 200, has: []string{`"applied":[]`, `"status":422`}},
		{name: "bad name", method: "POST", path: "/sync/apply", body: file(`{"resource_type":"folder","change_type":"created","name":"a/b"},{"resource_type":"folder","change_type":"created","name":"ok"}`), status: 200, has: []string{`"status":422`, `"name":"ok"`}},
		{name: "atomic", method: "POST", path: "/sync/apply", body: strings.Replace(file(`{"resource_type":"folder","change_type":"created","name":"no"},{"resource_type":"folder","change_type":"created","name":".."}`), `"device_id"`, `"atomic":true,"device_id"`, 1), status: 200, has: []string{`"applied":[]`}},
		{name: "as a stranger", as: "stranger", method: "POST", path: "/sync/apply", body: file(dir), status: 404},
		{name: "as a foreigner", as: "foreigner", method: "POST", path: "/sync/apply", body: file(dir), status: 404},
		{name: "bad ID", method: "POST", path: "/sync/apply", body: file(`{"resource_type":"file","change_type":"updated","resource_id":"{dir}"}`), status: 422, has: []string{`["body","changes",0,"resource_id"]`}},
		{name: "bad type", method: "POST", path: "/sync/apply", body: file(`{"resource_type":"share","change_type":"updated"}`), status: 422, has: []string{`["body","changes",0,"resource_type"]`}},
		{name: "bad strategy", method: "POST", path: "/sync/apply", body: strings.Replace(file(dir), `"device_id"`, `"conflict_resolution":"MINE","device_id"`, 1), status: 422},
		{name: "bad patch", method: "POST", path: "/sync/apply", body: update("{base}", `{"size":1,"checksum_sha256":"{one}","patch":[{"keep":[0]}]}`), status: 422, has: []string{`["body","changes",0,"content","patch",0]`}},
		{name: "patch and chunks", method: "POST", path: "/sync/apply", body: update("{base}", `{"size":1,"checksum_sha256":"{one}","patch":[],"chunks":[]}`), status: 422},
		{name: "negative size", method: "POST", path: "/sync/apply", body: update("{base}", `{"size":-1,"checksum_sha256":"{one}","chunks":[]}`), status: 422},
		{name: "no changes", method: "POST", path: "/sync/apply", body: `{"share_id":"{share}"}`, status: 422, has: []string{`["body","changes"]`}},
		{name: "empty batch", method: "POST", path: "/sync/apply", body: file(``), status: 422, has: []string{`["body","changes"]`}},
		{name: "too many changes", method: "POST", path: "/sync/apply", body: file(strings.Repeat(dir+",", 1000) + dir), status: 422, has: []string{`["body","changes"]`}},
		{name: "too long", method: "POST", path: "/sync/apply", body: file(`{"client_ref":"` + strings.Repeat("x", 16<<20) + `"}`), status: 413},
		{name: "nothing else is there", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, has: []string{`"total":2`, `"name":"dir"`, `"name":"ok"`}},
	})
	got := a.step(step{name: "fetch", method: "POST", path: "/sync/chunks/fetch", body: `{"file_id":"{f}","version":2,"chunks":["{three}","{one}","{three}"]}`, status: 200})
	if got != frames(three, one, three) {
		t.Errorf("%d bytes, other than the frames asked for", len(got))
	}
}

func repeat(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}

// zstdWindow is a frame that needs 64 MiB of memory to be read.
func zstdWindow() string {
	w, err := zstd.NewWriter(nil, zstd.WithWindowSize(64<<20), zstd.WithSingleSegment(false))
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	w.Reset(&b)
	_, _ = w.Write(make([]byte, 1000))
	_ = w.Flush() // so that the frame does not shrink to its content
	_, _ = w.Write(make([]byte, 1000))
	_ = w.Close()
	return b.String()
}

func TestSystemRoutes(t *testing.T) {
	a := newAPI(t)
	a.run([]step{
		{name: "config", as: "nobody", method: "GET", path: "/config", status: 200, has: []string{`"version":"test"`, `"semantic_search":false`, `"max_file_size_bytes":1099511627776`, `"max_upload_chunk_size_bytes":`, `"chunking":"` + split.Default().Name}},
		{name: "health", as: "nobody", method: "GET", path: "/health", status: 200, has: []string{`{"status":"healthy","version":"test"}`}},
		{name: "ready", as: "nobody", method: "GET", path: "/ready", status: 200, has: []string{`{"status":"ready","checks":{"database":true,"storage":true}}`}},
		{name: "unknown", as: "nobody", method: "GET", path: "/nothing", status: 404},
		{name: "config by POST", as: "nobody", method: "POST", path: "/config", status: 405, has: []string{"Allow: GET, HEAD"}},
	})
}

package httpd

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"scaidrive/httpd/wire"
)

// records are the records of n times the same chunk.
func records(chunk string, n int, proof []byte) string {
	sum := sha256.Sum256([]byte(chunk))
	one := binary.LittleEndian.AppendUint32(bytes.Clone(sum[:]), uint32(len(chunk)))
	return strings.Repeat(string(append(one, proof...)), n)
}

// TestLongManifest: a content whose list of chunks is longer than any body goes up
// in pieces, becomes a version, and is told in pieces.
func TestLongManifest(t *testing.T) {
	a := newAPI(t)
	const n, most = 520_000, wire.ManifestPieceLimit / wire.ManifestRecord // 18 MiB of records, 52 GB
	one := strings.Repeat("1", 100_000)
	octets := []string{"Content-Type", "application/octet-stream"}
	a.vars["list"], a.vars["one"] = sumOf(records(one, n, nil)), sumOf(one)
	a.vars["short"] = sumOf(records(one, 2, nil))
	put := func(list, first string, body string) step {
		return step{name: "piece from " + first, method: "PUT", path: "/sync/manifests/{" + list + "}?share_id={share}&total=520000&first=" + first, body: body, head: octets, status: 200}
	}
	with := func(s step, status int, has ...string) step {
		s.status, s.has = status, has
		return s
	}
	apply := `{"device_id":"d","share_id":"{share}","changes":[{"client_ref":"REF","resource_type":"file","change_type":"created","name":"long","content":{"size":SIZE,"checksum_sha256":"{one}","manifest":"{list}"}}]}`
	asked := func(ref, size string) string {
		return strings.NewReplacer("REF", ref, "SIZE", size).Replace(apply)
	}
	const size = "52000000000"
	a.run([]step{
		with(put("list", "0", records(one, 10, nil)), 200, `{"received":0,"total":520000,"missing_chunks":["{one}"]}`),
		{name: "send", method: "POST", path: "/sync/chunks?share_id={share}", body: frames(one), head: octets, status: 200},
		with(put("list", "0", records(one, most+1, nil)), 413),
		with(put("list", "0", records(one, most, nil)), 200, `"received":`+itoa(most)),
		with(put("list", "0", records(one, most, nil)), 200, `"received":`+itoa(most)),
		with(put("list", itoa(most+1), records(one, 5, nil)), 200, `"received":`+itoa(most)),
		with(put("list", itoa(most), records(one, 3, nil)+"x"), 422, `["body"]`),
		with(put("list", itoa(most), records(strings.Repeat("2", 1000), 3, nil)), 422, "chunk of 1000 bytes"),
		with(put("list", itoa(most), records(strings.Repeat("2", 90_000), 1, nil)), 200, "missing_chunks"),
		{name: "not whole", method: "POST", path: "/sync/apply", body: asked("r0", size), status: 200, has: []string{`"missing_manifest":true`, `"status":409`, `"applied":[]`}},
		{name: "another total", method: "PUT", path: "/sync/manifests/{list}?share_id={share}&total=519999&first=0", body: records(one, 1, nil), head: octets, status: 422, has: []string{"total"}},
		{name: "no total", method: "PUT", path: "/sync/manifests/{list}?share_id={share}&first=0", body: records(one, 1, nil), head: octets, status: 422, has: []string{`["query","total"]`}},
		{name: "beyond the total", method: "PUT", path: "/sync/manifests/{short}?share_id={share}&total=2&first=1", body: records(one, 2, nil), head: octets, status: 422},
		{name: "as a stranger", as: "stranger", method: "PUT", path: "/sync/manifests/{list}?share_id={share}&total=2&first=0", body: records(one, 2, nil), head: octets, status: 404},
		{name: "bad name", method: "PUT", path: "/sync/manifests/zz?share_id={share}&total=2&first=0", body: records(one, 2, nil), head: octets, status: 404},
		{name: "wrong name", method: "PUT", path: "/sync/manifests/{one}?share_id={share}&total=2&first=0", body: records(one, 2, nil), head: octets, status: 422, has: []string{"digest"}},
		with(put("list", itoa(most-5), records(one, most, nil)), 200, `"received":`+itoa(2*most-5)),
		with(put("list", itoa(2*most-5), records(one, n-2*most+5, nil)), 200, `"received":520000`),
		{name: "wrong size", method: "POST", path: "/sync/apply", body: asked("r1", "52000000001"), status: 200, has: []string{`"status":422`, `"applied":[]`}},
		{name: "both", method: "POST", path: "/sync/apply", body: strings.Replace(asked("r1", size), `"manifest"`, `"chunks":[],"manifest"`, 1), status: 422, has: []string{"manifest"}},
		{name: "another user's", as: "admin", method: "POST", path: "/sync/apply", body: asked("r2", size), status: 200, has: []string{`"missing_manifest":true`}},
		{name: "apply", method: "POST", path: "/sync/apply", body: asked("r3", size), status: 200, has: []string{`"errors":[]`, `"size":` + size}},
		{name: "apply again", method: "POST", path: "/sync/apply", body: asked("r3", size), status: 200, has: []string{`"errors":[]`, `"version":1`}},
	})
	var tree wire.Tree
	if err := json.Unmarshal([]byte(a.step(step{name: "tree", method: "GET", path: "/sync/tree?share_id={share}", status: 200})), &tree); err != nil || len(tree.Entries) != 1 {
		t.Fatal(err, tree)
	}
	a.vars["f"] = tree.Entries[0].ID
	a.run([]step{
		{name: "the end of it", method: "GET", path: "/sync/download/{f}?range_start=51999999990", status: 206, has: []string{"1111111111"}},
		{name: "whole manifest", method: "GET", path: "/sync/manifest/{f}", status: 413},
		{name: "a piece", method: "GET", path: "/sync/manifest/{f}?first=519990&limit=9", status: 200, has: []string{`"next_chunk":519999`, `"chunk_count":520000`, `"manifest_sha256":"{list}"`}},
		{name: "the last piece", method: "GET", path: "/sync/manifest/{f}?first=519999&limit=9", status: 200, has: []string{`"chunks":[{"sha256":"{one}","size":100000}]`}, lacks: []string{"next_chunk"}},
		{name: "behind the end", method: "GET", path: "/sync/manifest/{f}?first=520001&limit=9", status: 422},
		{name: "too many", method: "GET", path: "/sync/manifest/{f}?limit=100001", status: 422},
		{name: "no difference in pieces", method: "GET", path: "/sync/manifest/{f}?limit=10&since_version=1", status: 422},
	})
}

// TestProvenManifest: chunks that another user has sent count with a proof only, and
// those of the base without one.
func TestProvenManifest(t *testing.T) {
	a := newAPI(t)
	one, two := strings.Repeat("1", 100_000), strings.Repeat("2", 70_000)
	octets := []string{"Content-Type", "application/octet-stream"}
	list := records(one, 1, nil) + records(two, 1, nil)
	for k, v := range map[string]string{"one": one, "two": two, "list": list, "whole": one + two} {
		a.vars[k] = sumOf(v)
	}
	created := `{"device_id":"d","share_id":"{share}","changes":[{"resource_type":"file","change_type":"created","name":"NAME","content":CONTENT}]}`
	of := func(name, content string) string {
		return strings.NewReplacer("NAME", name, "CONTENT", content).Replace(created)
	}
	a.run([]step{
		{name: "send", method: "POST", path: "/sync/chunks?share_id={share}", body: frames(one, two), head: octets, status: 200},
		{name: "apply", method: "POST", path: "/sync/apply", body: of("f", `{"size":100000,"checksum_sha256":"{one}","chunks":[{"sha256":"{one}","size":100000}]}`), status: 200, has: []string{`"errors":[]`}},
		{name: "another user", as: "admin", method: "PUT", path: "/sync/manifests/{list}?share_id={share}&total=2&first=0", body: list, head: octets, status: 200, has: []string{`"missing_chunks":["{one}","{two}"]`}},
		{name: "nonce", as: "admin", method: "POST", path: "/sync/chunks/query", body: `{"share_id":"{share}","chunks":[]}`, status: 200, keep: "nonce=nonce"},
	})
	prove := func(s string) []byte {
		m := hmac.New(sha256.New, []byte(a.vars["nonce"]))
		m.Write([]byte(s))
		return m.Sum(nil)
	}
	var tree wire.Tree
	if err := json.Unmarshal([]byte(a.step(step{name: "tree", method: "GET", path: "/sync/tree?share_id={share}", status: 200})), &tree); err != nil {
		t.Fatal(err)
	}
	a.vars["f"], a.vars["v"] = tree.Entries[0].ID, tree.Entries[0].VersionID
	none := make([]byte, 32)
	a.run([]step{
		{name: "a wrong proof", as: "admin", method: "PUT", path: "/sync/manifests/{list}?share_id={share}&total=2&first=0&proofs=true", body: records(one, 1, none) + records(two, 1, prove(one)), head: octets, status: 200, has: []string{`"missing_chunks":["{one}","{two}"]`, `"received":0`}},
		{name: "proven, one by the base", as: "admin", method: "PUT", path: "/sync/manifests/{list}?share_id={share}&total=2&first=0&proofs=true&file_id={f}&base_version_id={v}", body: records(one, 1, none) + records(two, 1, prove(two)), head: octets, status: 200, has: []string{`"received":2`}},
		{name: "as a new file", as: "admin", method: "POST", path: "/sync/apply", body: of("g", `{"size":170000,"checksum_sha256":"{whole}","manifest":"{list}"}`), status: 200, has: []string{`"status":422`, "another file"}},
		{name: "as an update", as: "admin", method: "POST", path: "/sync/apply", body: `{"device_id":"d","share_id":"{share}","changes":[{"resource_type":"file","change_type":"updated","resource_id":"{f}","base_version_id":"{v}","content":{"size":170000,"checksum_sha256":"{whole}","manifest":"{list}"}}]}`, status: 200, has: []string{`"errors":[]`, `"version":2`}},
		{name: "content", method: "GET", path: "/files/{f}/content", status: 200, has: []string{one + two}},
	})
}

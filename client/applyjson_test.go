package client

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/httpd/wire"
)

// applyAnswers are answers to three changes, as servers of ours and others may give
// them.
var applyAnswers = []string{
	`{"applied":[],"conflicts":[],"errors":[],"cursor":0,"epoch":"e1"}`,
	`{"applied":null,"conflicts":null,"errors":null,"cursor":68719476737,"epoch":"e1.ab","rows":2}`,
	`{"applied":[{"index":0,"client_ref":"a-1","resource":{"resource_type":"folder","id":"fld_1","parent_id":null,"name":"f","modified_at":"2026-11-22T00:34:02.123Z","path":"/f"},"change_id":"chg_1"},
	  {"index":1,"client_ref":"a-2","resource":{"resource_type":"file","id":"fil_1","parent_id":"fld_1","name":"\u00e9 \"x\"","version":3,"version_id":"ver_1","size":12,
	   "checksum_sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","modified_at":"2026-11-22T00:34:02Z","attributes":{"executable":true},"path":"/f/\u00e9"},"change_id":"chg_2"}],
	  "conflicts":[],"errors":[{"index":2,"status":409,"detail":"no","missing_chunks":["0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],"new":{"x":[1,2]}}],
	  "cursor":68719476739,"epoch":"e1.cd.ef","rows":2,"later":[{"a":1}]}`,
	`{"applied":[{"index":1,"resource":{"resource_type":"file","id":"fil_2","parent_id":"fld_1","name":"a","size":0,"modified_at":"2026-11-22T00:34:02Z"}},
	  {"index":0,"resource":{"resource_type":"file","id":"fil_3","parent_id":null,"name":"b","size":7,"modified_at":"2026-11-22T00:34:02Z"}}],
	  "conflicts":[{"index":2,"conflict":{"id":"cfl_1","share_id":"shr_1","status":"open"},"resource":{"resource_type":"file","id":"fil_4","parent_id":null,"name":"c"}}],"errors":[],"cursor":5,"epoch":""}`,
	`{"applied":[{"index":0},{"index":1},{"index":2},{"index":0},{"index":1}]}`,
	`{"applied":[{"index":0}],`, `[]`, `{"applied":[{"index":"0"}]}`, `{"errors":[{]}`, `{"cursor":1} x`,
}

func TestDecodeApply(t *testing.T) {
	for _, text := range applyAnswers {
		sameApply(t, []byte(text))
	}
	if _, err := decodeApply([]byte(applyAnswers[4]), 3); err == nil {
		t.Error("five answers to three changes were taken")
	}
}

// sameApply compares with encoding/json, for what both take.
func sameApply(t *testing.T, b []byte) {
	t.Helper()
	got, err := decodeApply(b, 10)
	var want wire.ApplyResult
	if werr := json.Unmarshal(b, &want); werr != nil {
		if err == nil && !json.Valid(b) {
			t.Errorf("%s was taken, which is no JSON", b)
		}
		return
	}
	if err != nil {
		return // it may ask for more
	}
	if len(want.Applied) == 0 {
		want.Applied, got.Applied = nil, nil
	}
	if d := cmp.Diff(&want, got); d != "" {
		t.Errorf("%s: (-encoding/json +decodeApply)\n%s", b, d)
	}
}

func FuzzDecodeApply(f *testing.F) {
	for _, text := range applyAnswers {
		f.Add([]byte(text))
	}
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = decodeApply(b, 3) })
}

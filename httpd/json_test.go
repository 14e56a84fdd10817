package httpd

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/httpd/wire"
)

func TestDecodeJSON(t *testing.T) {
	hash := strings.Repeat("ab", 32)
	for _, c := range []struct {
		name string
		body string
		dst  any
		lax  bool
		want string // type@where of each field error; "" for none
	}{
		{"whole", `{"email":"a@example.com","password":"x"}`, &wire.LoginRequest{}, false, ""},
		{"white space", " {\n\"email\" : \"a\",\t\"password\":\"x\"\r} ", &wire.LoginRequest{}, false, ""},
		{"empty body", ``, &wire.LoginRequest{}, false, "missing@body"},
		{"blank body", "  \n", &wire.LoginRequest{}, false, "missing@body"},
		{"missing", `{"email":"a"}`, &wire.LoginRequest{}, false, "missing@password"},
		{"all missing", `{}`, &wire.LoginRequest{}, false, "missing@email missing@password"},
		{"null for required", `{"email":null,"password":"x"}`, &wire.LoginRequest{}, false, "string_type@email"},
		{"null for optional", `{"email":"a","password":"x","totp":null}`, &wire.LoginRequest{}, false, ""},
		{"unknown", `{"email":"a","password":"x","admin":true}`, &wire.LoginRequest{}, false, "extra_forbidden@admin"},
		{"other case is unknown", `{"Email":"a","email":"a","password":"x"}`, &wire.LoginRequest{}, false, "extra_forbidden@Email"},
		{"unknown, lax", `{"email":"a","password":"x","admin":{"a":[1,2.5e3,null]}}`, &wire.LoginRequest{}, true, ""},
		{"number for string", `{"email":5,"password":"x"}`, &wire.LoginRequest{}, false, "string_type@email"},
		{"list for object", `[]`, &wire.LoginRequest{}, false, "model_type@body"},
		{"string for object", `"x"`, &wire.LoginRequest{}, false, "model_type@body"},
		{"duplicate", `{"email":"a","email":"b","password":"x"}`, &wire.LoginRequest{}, false, "json_invalid@*"},
		{"duplicate in passed over", `{"email":"a","password":"x","z":{"k":1,"k":2}}`, &wire.LoginRequest{}, true, "json_invalid@*"},
		{"duplicate by escape", `{"email":"a","\u0065mail":"b","password":"x"}`, &wire.LoginRequest{}, false, "json_invalid@*"},
		{"trailing", `{"email":"a","password":"x"} {}`, &wire.LoginRequest{}, false, "json_invalid@*"},
		{"cut", `{"email":"a","password":"x"`, &wire.LoginRequest{}, false, "json_invalid@*"},
		{"comma at the end", `{"email":"a","password":"x",}`, &wire.LoginRequest{}, false, "json_invalid@*"},
		{"comment", `{"email":"a",/**/"password":"x"}`, &wire.LoginRequest{}, false, "json_invalid@*"},
		{"byte order mark", "\ufeff{}", &wire.LoginRequest{}, false, "json_invalid@*"},
		{"NaN", `{"email":NaN,"password":"x"}`, &wire.LoginRequest{}, false, "json_invalid@*"},
		{"invalid UTF-8", "{\"email\":\"a\xff\",\"password\":\"x\"}", &wire.LoginRequest{}, false, "json_invalid@*"},
		{"invalid UTF-8 after an escape", "{\"email\":\"\\n\xff\",\"password\":\"x\"}", &wire.LoginRequest{}, false, "json_invalid@*"},
		{"overlong UTF-8", "{\"email\":\"\xc0\xaf\",\"password\":\"x\"}", &wire.LoginRequest{}, false, "json_invalid@*"},
		{"lone surrogate", `{"email":"\ud800","password":"x"}`, &wire.LoginRequest{}, false, "json_invalid@*"},
		{"swapped surrogates", `{"email":"\udc00\ud800","password":"x"}`, &wire.LoginRequest{}, false, "json_invalid@*"},
		{"pair", `{"email":"\ud83d\ude00","password":"x"}`, &wire.LoginRequest{}, false, ""},
		{"raw control", "{\"email\":\"a\nb\",\"password\":\"x\"}", &wire.LoginRequest{}, false, "json_invalid@*"},
		{"deep", `{"email":"a","password":"x","z":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, &wire.LoginRequest{}, true, "json_invalid@*"},
		{"deepest allowed", `{"email":"a","password":"x","z":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`, &wire.LoginRequest{}, true, ""},
		{"deep, never closed", strings.Repeat("[", 1<<20), &wire.LoginRequest{}, false, "json_invalid@*"},
		{"long list", `{"share_id":"s","chunks":[` + strings.Repeat(`"`+hash+`",`, 10000) + `"` + hash + `"]}`, &wire.ChunkQuery{}, false, "json_invalid@*"},
		{"longest list", `{"share_id":"s","chunks":[` + strings.Repeat(`"`+hash+`",`, 9999) + `"` + hash + `"]}`, &wire.ChunkQuery{}, false, ""},
		{"bad hash in a list", `{"share_id":"s","chunks":["` + hash + `","zz"]}`, &wire.ChunkQuery{}, false, "value_error@chunks.1"},
		{"integer", `{"name":"n","share_type":"project","quota_bytes":9223372036854775807}`, &wire.CreateShare{}, false, ""},
		{"huge integer", `{"name":"n","share_type":"project","quota_bytes":9223372036854775808}`, &wire.CreateShare{}, false, "int_out_of_range@quota_bytes"},
		{"fraction", `{"name":"n","share_type":"project","quota_bytes":1.0}`, &wire.CreateShare{}, false, "int_from_float@quota_bytes"},
		{"exponent", `{"name":"n","share_type":"project","quota_bytes":1e400}`, &wire.CreateShare{}, false, "int_from_float@quota_bytes"},
		{"leading zero", `{"name":"n","share_type":"project","quota_bytes":01}`, &wire.CreateShare{}, false, "json_invalid@*"},
		{"number as string", `{"name":"n","share_type":"project","quota_bytes":"1"}`, &wire.CreateShare{}, false, "int_type@quota_bytes"},
		{"negative for unsigned", `{"file_id":"f","version":-1,"chunks":[]}`, &wire.FetchChunks{}, false, "int_out_of_range@version"},
		{"bad time", `{"share_id":"s","changes":[],"client_now":"noon"}`, &wire.Apply{}, true, "value_error@client_now"},
		{"nested place", `{"share_id":"s","changes":[{"resource_type":"file","change_type":"created","content":{"size":1,"checksum_sha256":"` + hash + `","chunks":[{"sha256":"` + hash + `","size":-1}]}}]}`,
			&wire.Apply{}, true, "int_out_of_range@changes.0.content.chunks.0.size"},
		{"missing in nested", `{"share_id":"s","changes":[{"resource_type":"file"},5]}`, &wire.Apply{}, true, "missing@changes.0.change_type model_type@changes.1"},
		{"map", `{"share_id":"s","changes":[{"resource_type":"file","change_type":"created","content":{"size":1,"checksum_sha256":"` + hash + `","proofs":{"` + hash + `":"` + hash + `"}}}]}`,
			&wire.Apply{}, true, ""},
	} {
		err := decodeJSON([]byte(c.body), c.dst, c.lax)
		var got []string
		var inv *invalid
		if errors.As(err, &inv) {
			for _, f := range inv.fields {
				where := f.Where()
				if f.Type == "json_invalid" {
					where = "*"
				}
				got = append(got, f.Type+"@"+where)
			}
		} else if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.name, s, c.want)
		}
	}
}

func TestDecodeJSONStopsListingErrors(t *testing.T) {
	err := decodeJSON([]byte(`{"share_id":"s","changes":[`+strings.Repeat("1,", 5000)+`1]}`), &wire.Apply{}, true)
	var inv *invalid
	if !errors.As(err, &inv) || len(inv.fields) != maxFieldErrors {
		t.Fatalf("got %v", err)
	}
}

// FuzzDecodeJSON holds the decoder against the standard library: what we take it
// takes too, with the same result; nothing panics.
func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{
		`{"share_id":"s","changes":[{"resource_type":"file","change_type":"created","name":"\u00e4\ud83d\ude00","attributes":{"executable":true}}],"base_cursor":-5,"client_now":"2026-01-01T00:00:00Z"}`,
		`{"share_id":null}`, `[]`, `{"a":[[[[]]]]}`, `{"changes":[],"changes":[]}`, "{\"share_id\":\"\xff\"}",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, lax bool) {
		var ours, theirs wire.Apply
		if decodeJSON(body, &ours, lax) != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatal("we take what is no JSON")
		}
		// encoding/json folds the case of names, so in lax reading it may know more.
		if lax {
			return
		}
		if err := json.Unmarshal(body, &theirs); err != nil {
			t.Fatalf("we take what encoding/json refuses: %v", err)
		}
		if !reflect.DeepEqual(ours, theirs) {
			t.Fatal(cmp.Diff(theirs, ours))
		}
	})
}

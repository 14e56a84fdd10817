package wire

import (
	"encoding/json"
	"testing"
	"time"
)

func TestTimeOnTheWire(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"2026-11-22T00:34:02Z", "2026-11-22T00:34:02Z"},
		{"2026-11-22T00:34:02.5Z", "2026-11-22T00:34:02.500Z"},
		{"2026-11-22T01:34:02.123999+01:00", "2026-11-22T00:34:02.123Z"},
		{"1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"},
		{"yesterday", ""},
		{"2026-13-22T00:34:02Z", ""},
		{"0001-01-01T00:00:00+14:00", ""},
		{"", ""},
	} {
		var got Time
		err := got.UnmarshalText([]byte(c.in))
		if (err != nil) != (c.want == "") {
			t.Errorf("%q: error %v", c.in, err)
			continue
		}
		if err == nil && got.String() != c.want {
			t.Errorf("%q: got %s, want %s", c.in, got, c.want)
		}
	}
	if At(time.Unix(5, 999)).String() != "1970-01-01T00:00:05Z" || AtPtr(time.Time{}) != nil {
		t.Error("At, AtPtr")
	}
}

func TestHashOnTheWire(t *testing.T) {
	h := Hash{0xab, 31: 0x01}
	b, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var back Hash
	if err := json.Unmarshal(b, &back); err != nil || back != h {
		t.Fatalf("%s came back as %s, %v", h, back, err)
	}
	for _, bad := range []string{`""`, `"ab"`, `"` + h.String()[:63] + `g"`, `"` + h.String() + `00"`} {
		if json.Unmarshal([]byte(bad), &back) == nil {
			t.Errorf("took %s", bad)
		}
	}
}

func TestProblemForms(t *testing.T) {
	for _, c := range []struct {
		p          Problem
		want, text string
	}{
		{Problem{Detail: "Not found"}, `{"detail":"Not found"}`, "Not found"},
		{Problem{Fields: []FieldError{{Loc: []any{"body", "changes", 3, "name"}, Msg: "is empty", Type: "value_error"}}},
			`{"detail":[{"loc":["body","changes",3,"name"],"msg":"is empty","type":"value_error"}]}`, "changes.3.name: is empty"},
	} {
		b, err := json.Marshal(c.p)
		if err != nil || string(b) != c.want {
			t.Errorf("got %s, %v; want %s", b, err, c.want)
		}
		var back Problem
		if err := json.Unmarshal(b, &back); err != nil || back.String() != c.text {
			t.Errorf("read back: %q, %v; want %q", back.String(), err, c.text)
		}
	}
}

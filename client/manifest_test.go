package client

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/httpd/wire"
)

func TestReadRecords(t *testing.T) {
	want := []wire.Chunk{{SHA256: wire.Hash{1, 31: 2}, Size: 70_000}, {SHA256: wire.Hash{3}, Size: 1}}
	var b []byte
	for i := range want {
		b = AppendRecord(b, &want[i])
	}
	text := base64.StdEncoding.EncodeToString
	for _, tt := range []struct {
		name   string
		answer wire.Manifest
		want   []wire.Chunk
		bad    bool
	}{
		{"records", wire.Manifest{Records: text(b)}, want, false},
		{"chunks", wire.Manifest{Chunks: want}, want, false},
		{"neither", wire.Manifest{}, nil, false},
		{"both", wire.Manifest{Records: text(b), Chunks: want}, nil, true},
		{"cut off", wire.Manifest{Records: text(b[:71])}, nil, true},
		{"no base64", wire.Manifest{Records: "*"}, nil, true},
	} {
		m := tt.answer
		err := readRecords(&m)
		if (err != nil) != tt.bad {
			t.Errorf("%s: %v", tt.name, err)
		}
		if d := cmp.Diff(tt.want, m.Chunks); err == nil && (d != "" || m.Records != "") {
			t.Errorf("%s: %s %q", tt.name, d, m.Records)
		}
	}
}

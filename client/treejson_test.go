package client

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/httpd/wire"
)

// readTree decodes with copies of what an entry lends.
func readTree(b []byte) (*wire.Tree, error) {
	out := &wire.Tree{}
	p, err := decodeTree(b, func(e *wire.Entry) error {
		c := *e
		if e.ParentID != nil {
			p := *e.ParentID
			c.ParentID = &p
		}
		if e.Size != nil {
			n := *e.Size
			c.Size = &n
		}
		if e.ChecksumSHA256 != nil {
			h := *e.ChecksumSHA256
			c.ChecksumSHA256 = &h
		}
		if e.Attributes != nil {
			a := *e.Attributes
			c.Attributes = &a
		}
		out.Entries = append(out.Entries, c)
		return nil
	})
	out.NextPageToken = p.next
	return out, err
}

func TestDecodeTree(t *testing.T) {
	parent, size := "fld_1", int64(1<<40)
	tree := wire.Tree{NextPageToken: `to"ken\`, Cursor: 7, Epoch: "e1", Entries: []wire.Entry{
		{ResourceType: "folder", ID: "fld_1", Name: "a \"quoted\" \\ name <&>", ModifiedAt: wire.At(time.UnixMilli(1).UTC())},
		{ResourceType: "file", ID: "fil_1", ParentID: &parent, Name: "日本\u2028 é\x7f", Version: 1 << 60, VersionID: "ver_1", Size: &size,
			ChecksumSHA256: &wire.Hash{1, 2}, ModifiedAt: wire.At(time.Date(2026, 2, 28, 23, 59, 59, 0, time.UTC)),
			Attributes: &wire.Attributes{Executable: true}},
		{ResourceType: "file", ID: "fil_2", Name: "", Bare: true, ModifiedAt: wire.At(time.Date(1931, 1, 1, 0, 0, 0, 5e6, time.UTC))},
	}}
	for _, indent := range []string{"", "\t"} {
		b, err := json.MarshalIndent(tree, "", indent)
		if err != nil {
			t.Fatal(err)
		}
		if indent == "" {
			if b, err = json.Marshal(tree); err != nil {
				t.Fatal(err)
			}
		}
		got, err := readTree(b)
		if err != nil {
			t.Fatal(err)
		}
		got.Cursor, got.Epoch = 7, "e1"
		if d := cmp.Diff(&tree, got); d != "" {
			t.Error(d)
		}
	}
}

func TestDecodeTreeRefuses(t *testing.T) {
	for _, s := range []string{``, `{`, `[]`, `{"entries":{}}`, `{"entries":[1]}`, `{"entries":[{}`, `{"entries":[{"id":1}]}`,
		`{"entries":[{"size":"1"}]}`, `{"entries":[{"size":1.5}]}`, `{"entries":[{"checksum_sha256":"00"}]}`,
		`{"entries":[{"modified_at":"2026-02-31T00:00:00Z"}]}`, `{"entries":[{"modified_at":"yesterday"}]}`,
		`{"entries":[{"bare":1}]}`, `{"entries":[]} x`, `{"entries":[],}`, `{"x":nonsense}`, "{\"x\":\"\n\"}"} {
		if got, err := readTree([]byte(s)); err == nil {
			t.Errorf("%s: %+v", s, got)
		}
	}
}

// FuzzDecodeTree: what encoding/json reads, and is written again, is read the
// same; anything else may be refused, but nothing panics.
func FuzzDecodeTree(f *testing.F) {
	f.Add([]byte(`{"entries":[{"resource_type":"file","id":"fil_1","parent_id":null,"name":"a","size":3,"modified_at":"2026-01-02T03:04:05.678Z","attributes":{"executable":true},"x":[{"y":1e5}]}],"next_page_token":"t"}`))
	f.Add([]byte(`{"entries":[{"name":"\ud83d\ude00\u0000"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = readTree(b)
		_ = guessNext(b)
		var tree wire.Tree
		if json.Unmarshal(b, &tree) != nil {
			return
		}
		again, err := json.Marshal(tree)
		if err != nil {
			return
		}
		var want wire.Tree
		if err := json.Unmarshal(again, &want); err != nil {
			return
		}
		got, err := readTree(again)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if len(want.Entries) == 0 {
			want.Entries = nil
		}
		want.Cursor, want.Epoch = 0, ""
		for i := range want.Entries {
			want.Entries[i].Path = ""
		}
		if !reflect.DeepEqual(&want, got) {
			t.Fatalf("%s:\n%s", again, cmp.Diff(&want, got))
		}
	})
}

func BenchmarkDecodeTree(b *testing.B) {
	var tree wire.Tree
	parent, size := "fld_01M80HHQXRVG2VZE2CS2WC1QHG", int64(12345)
	for range 5000 {
		tree.Entries = append(tree.Entries, wire.Entry{ResourceType: "file", ID: "fil_01M80HHQXRVG2VZE2CS2WC1QHG", ParentID: &parent,
			Name: "some_name.go", Version: 1, VersionID: "ver_01M80HHQXRVG2VZE2CS2WC1QHG", Size: &size, ChecksumSHA256: &wire.Hash{1},
			ModifiedAt: wire.At(time.UnixMilli(1_700_000_000_123)), Attributes: &wire.Attributes{}})
	}
	page, err := json.Marshal(tree)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			if _, err := decodeTree(page, func(*wire.Entry) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			var out wire.Tree
			if err := json.Unmarshal(page, &out); err != nil {
				b.Fatal(err)
			}
		}
	})
}

package httpd

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
)

func TestParseRange(t *testing.T) {
	for _, c := range []struct {
		header string
		size   int64
		want   string // "off+length", "whole" or "416"
	}{
		{"bytes=0-0", 10, "0+1"},
		{"bytes=0-9", 10, "0+10"},
		{"bytes=0-100", 10, "0+10"},
		{"bytes=3-5", 10, "3+3"},
		{"bytes=9-", 10, "9+1"},
		{"bytes=0-", 10, "0+10"},
		{"bytes=-1", 10, "9+1"},
		{"bytes=-10", 10, "0+10"},
		{"bytes=-100", 10, "0+10"},
		{"Bytes=3-5", 10, "3+3"},
		{"bytes= 3-5 ", 10, "3+3"},
		{"bytes=3-99999999999999999999999", 10, "3+7"},
		{"bytes=10-", 10, "416"},
		{"bytes=10-20", 10, "416"},
		{"bytes=99999999999999999999999-", 10, "416"},
		{"bytes=-0", 10, "416"},
		{"bytes=0-", 0, "416"},
		{"bytes=-5", 0, "416"},
		{"bytes=5-3", 10, "whole"},
		{"bytes=", 10, "whole"},
		{"bytes=-", 10, "whole"},
		{"bytes=a-b", 10, "whole"},
		{"bytes=1", 10, "whole"},
		{"bytes=1-2-3", 10, "whole"},
		{"bytes=+1-2", 10, "whole"},
		{"bytes=1 - 2", 10, "whole"},
		{"bytes=0-1,3-4", 10, "whole"},
		{"bytes=0-1,", 10, "whole"},
		{"items=0-1", 10, "whole"},
		{"0-1", 10, "whole"},
		{"", 10, "whole"},
	} {
		s, ok, satisfiable := parseRange(c.header, c.size)
		got := fmt.Sprintf("%d+%d", s.off, s.length)
		if !ok {
			got = "whole"
		} else if !satisfiable {
			got = "416"
		}
		if got != c.want {
			t.Errorf("%q of %d: got %s, want %s", c.header, c.size, got, c.want)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	f.Add("bytes=0-5", int64(10))
	f.Add("bytes=-5", int64(0))
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}
		s, ok, satisfiable := parseRange(header, size)
		if ok && satisfiable && (s.off < 0 || s.length < 1 || s.off+s.length > size) {
			t.Fatalf("%+v of %d", s, size)
		}
	})
}

func TestETagListed(t *testing.T) {
	for _, c := range []struct {
		header       string
		strong, weak bool
	}{
		{`"a"`, true, true}, {`*`, true, true}, {`"b", "a"`, true, true}, {`W/"a"`, false, true},
		{`"b"`, false, false}, {`a`, false, false}, {``, false, false}, {`W/"b", W/"a"`, false, true},
	} {
		if got := etagListed(c.header, `"a"`, false); got != c.strong {
			t.Errorf("%s strongly: %v", c.header, got)
		}
		if got := etagListed(c.header, `"a"`, true); got != c.weak {
			t.Errorf("%s weakly: %v", c.header, got)
		}
	}
}

func TestAttachment(t *testing.T) {
	for name, want := range map[string]string{
		"a.txt":       `attachment; filename="a.txt"`,
		"a b.txt":     `attachment; filename="a b.txt"; filename*=UTF-8''a%20b.txt`,
		"ä\"\\%.html": `attachment; filename="____.html"; filename*=UTF-8''%C3%A4%22%5C%25.html`,
		"a\r\nX: y":   `attachment; filename="a__X: y"; filename*=UTF-8''a%0D%0AX%3A%20y`,
	} {
		if got := attachment(name); got != want {
			t.Errorf("%q: %s", name, got)
		}
	}
	for in, want := range map[string]string{
		"text/html": "application/octet-stream", "Text/HTML; charset=utf-8": "application/octet-stream",
		"image/svg+xml": "application/octet-stream", "application/xhtml+xml": "application/octet-stream",
		"text/javascript": "application/octet-stream", "": "application/octet-stream",
		"text/plain\r\nX: y": "application/octet-stream", "image/png": "image/png", "text/plain": "text/plain",
	} {
		if got := safeMediaType(in); got != want {
			t.Errorf("%q: %s", in, got)
		}
	}
}

func TestPatchOf(t *testing.T) {
	list := func(s string) (out []engine.Chunk) {
		for _, r := range s {
			out = append(out, engine.Chunk{Hash: [32]byte{byte(r)}, Size: uint32(r)})
		}
		return out
	}
	for _, c := range []struct {
		before, after string
		items         int
	}{
		{"", "", 0}, {"", "ab", 2}, {"ab", "", 0}, {"abcdef", "abcdef", 1}, {"abcdef", "abXdef", 3},
		{"abcdef", "defabc", 2}, {"aaaa", "aaaa", 1}, {"aab", "aabaab", 2}, {"abc", "XabcX", 3}, {"ab", "aXbXab", 5},
	} {
		before, after := list(c.before), list(c.after)
		patch := patchOf(before, after)
		var back []engine.Chunk
		for _, p := range patch {
			if p.Keep != nil {
				back = append(back, before[p.Keep[0]:p.Keep[0]+p.Keep[1]]...)
			} else {
				back = append(back, engine.Chunk{Hash: *p.SHA256, Size: p.Size})
			}
		}
		if d := cmp.Diff(after, back); d != "" {
			t.Errorf("%s to %s: %s", c.before, c.after, d)
		}
		if len(patch) != c.items {
			t.Errorf("%s to %s: %d items %v, want %d", c.before, c.after, len(patch), patch, c.items)
		}
	}
}

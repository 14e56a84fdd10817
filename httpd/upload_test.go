package httpd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"scaidrive/engine"
)

const edge = "edge"

func part(name, value string) string {
	return fmt.Sprintf("--%s\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", edge, name, value)
}

func filePartText(name string, value string) string {
	return fmt.Sprintf("--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=%q\r\nContent-Type: text/html\r\n\r\n%s\r\n", edge, name, value)
}

const endOfForm = "--" + edge + "--\r\n"

// TestForm reads forms of every order and fault, by the same steps as an upload.
func TestForm(t *testing.T) {
	share := engine.ID{7}.Format(engine.PrefixShare)
	folder := engine.ID{8}.Format(engine.PrefixFolder)
	long := strings.Repeat("0123456789abcdef", 1<<17) // 2 MiB
	for _, c := range []struct {
		name, body string
		want       string // "name:length" or the error
	}{
		{"plain", part("share_id", share) + filePartText("a.txt", "hello") + endOfForm, "a.txt:5"},
		{"empty file", part("share_id", share) + filePartText("a.txt", "") + endOfForm, "a.txt:0"},
		{"name given", part("share_id", share) + part("name", "b.txt") + filePartText("a.txt", "hello") + endOfForm, "b.txt:5"},
		{"name in UTF-8", part("share_id", share) + filePartText("ä b.txt", "hello") + endOfForm, "ä b.txt:5"},
		{"path in the file name", part("share_id", share) + filePartText("../x/a.txt", "hello") + endOfForm, "../x/a.txt:5"},
		{"folder", part("share_id", share) + part("folder_id", folder) + filePartText("a.txt", "x") + endOfForm, "a.txt:1"},
		{"fields behind a small file", filePartText("a.txt", "hello") + part("share_id", share) + part("name", "c.txt") + endOfForm, "c.txt:5"},
		{"unknown fields", part("x", "y") + part("share_id", share) + part("z", long[:1<<19]) + filePartText("a.txt", "hello") + part("w", "") + endOfForm, "a.txt:5"},
		{"long file", part("share_id", share) + filePartText("a.txt", long) + endOfForm, "a.txt:2097152"},
		{"long file, unknown field behind", part("share_id", share) + filePartText("a.txt", long) + part("x", "y") + endOfForm, "a.txt:2097152"},
		{"file of just 1 MiB, field behind", part("share_id", share) + filePartText("a.txt", long[:1<<20-1]) + part("name", "d") + endOfForm, "d:1048575"},
		{"no share, long file", filePartText("a.txt", long) + part("share_id", share) + endOfForm, "share_id: Field required, before the file when that is over 1 MiB"},
		{"field behind a long file", part("share_id", share) + filePartText("a.txt", long) + part("name", "c.txt") + endOfForm, "name: Value error, this field must stand before a file over 1 MiB"},
		{"no file", part("share_id", share) + endOfForm, "no file"},
		{"two files", part("share_id", share) + filePartText("a", "1") + filePartText("b", "2") + endOfForm, "file: Value error, there is more than one file"},
		{"second file behind a long one", part("share_id", share) + filePartText("a", long) + filePartText("b", "2") + endOfForm, "file: Value error, there is more than one file"},
		{"field twice", part("share_id", share) + part("share_id", share) + filePartText("a", "1") + endOfForm, "share_id: Value error, the field stands twice"},
		{"bad share", part("share_id", "x") + filePartText("a", "1") + endOfForm, "share_id: Value error, not an ID of the form shr_<26 characters>"},
		{"bad folder", part("share_id", share) + part("folder_id", "fld_") + filePartText("a", "1") + endOfForm, "folder_id: Value error, not an ID of the form fld_<26 characters>"},
		{"bad time", part("share_id", share) + part("modified_at", "noon") + filePartText("a", "1") + endOfForm, "modified_at: Value error, not a time of the form 2026-01-31T23:59:59.000Z"},
		{"bad checksum", part("share_id", share) + part("checksum_sha256", "abc") + filePartText("a", "1") + endOfForm, "checksum_sha256: Value error, not a SHA-256 of 64 hex digits"},
		{"bad UTF-8", part("share_id", share) + part("name", "\xff") + filePartText("a", "1") + endOfForm, "name: Value error, the field is not valid UTF-8"},
		{"long field", part("share_id", share) + part("name", long[:maxField+1]) + filePartText("a", "1") + endOfForm, "name: The field is over 16 KiB"},
		{"unknown fields without end", part("x", long) + part("share_id", share) + filePartText("a", "1") + endOfForm, "body: The unknown parts of the form are over 1 MiB"},
		{"too many parts", strings.Repeat(part("x", ""), maxParts+1) + endOfForm, "body: The form has too many parts"},
		{"no end", part("share_id", share) + filePartText("a", "hello"), "broken"},
		{"cut in the file", part("share_id", share) + strings.TrimSuffix(filePartText("a", long), "\r\n"), "broken"},
		{"cut behind a long file", part("share_id", share) + filePartText("a", long), "broken"},
		{"cut in the head of a part", part("share_id", share) + "--edge\r\nContent-Dispo", "broken"},
		{"no part at all", "hello", "broken"},
		{"empty", "", "broken"},
		{"something behind", part("share_id", share) + filePartText("a", "1") + endOfForm + "something", "a:1"},
		{"much behind", part("share_id", share) + filePartText("a", "1") + endOfForm + long, "body: What follows the form is over 1 MiB"},
		{"much behind a long file", part("share_id", share) + filePartText("a", long) + endOfForm + long, "body: What follows the form is over 1 MiB"},
	} {
		if got := readForm([]byte(c.body)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func readForm(b []byte) string {
	f := newForm(bytes.NewReader(b), edge)
	file, err := f.next()
	if err == nil && file == nil {
		return "no file"
	}
	var content io.Reader
	var fileName string
	if err == nil {
		fileName = file.FileName()
		content, err = f.content(file)
	}
	if err == nil {
		var spec struct{ name string }
		s, serr := f.spec(fileName)
		spec.name, err = s.Name, serr
		if err == nil {
			var n int64
			if n, err = io.Copy(io.Discard, content); err == nil {
				return fmt.Sprintf("%s:%d", spec.name, n)
			}
		}
	}
	var inv *invalid
	if errors.As(err, &inv) {
		return inv.Error()
	}
	return "broken"
}

func FuzzForm(f *testing.F) {
	f.Add([]byte(part("share_id", engine.ID{7}.Format(engine.PrefixShare)) + filePartText("a.txt", "hello") + endOfForm))
	f.Add([]byte("--edge\r\n\r\n\r\n--edge--"))
	f.Fuzz(func(t *testing.T, b []byte) { readForm(b) })
}

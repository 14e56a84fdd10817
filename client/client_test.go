package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/client"
	"scaidrive/client/clienttest"
	"scaidrive/httpd/wire"
)

// script answers with one status after the other; the last one stays. 0 closes
// the connection.
func script(t *testing.T, statuses ...int) (*client.Client, *atomic.Int64, *[]time.Duration) {
	var n atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		i := min(int(n.Add(1))-1, len(statuses)-1)
		switch s := statuses[i]; s {
		case 0:
			panic(http.ErrAbortHandler)
		case 200:
			_, _ = io.WriteString(w, `{"shares":[],"total":0,"applied":[],"errors":[]}`)
		default:
			w.Header().Set("Retry-After", "7")
			if s == 307 {
				w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
			}
			w.WriteHeader(s)
			_, _ = io.WriteString(w, `{"detail":"said\u001b[31m no"}`)
		}
	}))
	t.Cleanup(srv.Close)
	var waits []time.Duration
	c, err := client.New(srv.URL, client.Options{Credentials: client.Static("tok"), Attempts: 4,
		Jitter: func() float64 { return 1 },
		Sleep:  func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c, &n, &waits
}

func TestRepeats(t *testing.T) {
	read := func(c *client.Client) error { _, err := c.MyShares(t.Context()); return err }
	apply := func(c *client.Client) error { _, err := c.Apply(t.Context(), &wire.Apply{}); return err }
	create := func(c *client.Client) error {
		_, err := c.CreateShare(t.Context(), wire.CreateShare{Name: "x"})
		return err
	}
	for _, tc := range []struct {
		name     string
		do       func(*client.Client) error
		statuses []int
		asked    int64
		status   int // 0: success; -1: unreachable
	}{
		{"read at once", read, []int{200}, 1, 0},
		{"read after lost answers", read, []int{0, 0, 200}, 3, 0},
		{"read, server gone", read, []int{0}, 4, -1},
		{"read while unavailable", read, []int{503, 503, 200}, 3, 0},
		{"read, unavailable for good", read, []int{503}, 4, 503},
		{"batch after a lost answer", apply, []int{0, 200}, 2, 0},
		{"creation is not repeated", create, []int{0, 200}, 1, -1},
		{"creation while unavailable is not repeated", create, []int{503, 200}, 1, 503},
		{"creation over the rate", create, []int{429, 200}, 2, 0},
		{"not found", read, []int{404, 200}, 1, 404},
		{"a failure of the server", read, []int{500, 200}, 1, 500},
		{"a redirect is not followed", read, []int{307}, 1, 307},
		{"unauthorized without renewal", read, []int{401, 200}, 1, 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, n, waits := script(t, tc.statuses...)
			err := tc.do(c)
			var gone *client.Unreachable
			switch {
			case tc.status == 0 && err != nil, tc.status > 0 && client.StatusOf(err) != tc.status,
				tc.status == -1 && !errors.As(err, &gone):
				t.Errorf("got %v", err)
			}
			if n.Load() != tc.asked {
				t.Errorf("asked %d times, want %d", n.Load(), tc.asked)
			}
			if len(*waits) != int(tc.asked)-1 {
				t.Errorf("waited %v", *waits)
			}
			if tc.status > 0 && strings.Contains(err.Error(), "\x1b") {
				t.Errorf("a control character reaches the terminal: %q", err)
			}
		})
	}
}

func TestWaits(t *testing.T) {
	c, _, waits := script(t, 0, 0, 503, 200)
	if _, err := c.MyShares(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 7 * time.Second}, *waits); d != "" {
		t.Error(d)
	}
}

// TestFrames: the body is the same bytes in reads of any size.
func TestFrames(t *testing.T) {
	var got []byte
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 3)
		for {
			n, err := r.Body.Read(b)
			got = append(got, b[:n]...)
			if err != nil {
				break
			}
		}
		_, _ = io.WriteString(w, "{}")
	}))
	defer srv.Close()
	c, err := client.New(srv.URL, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	big := bytes.Repeat([]byte("x"), 100_000)
	if _, err := c.SendChunks(t.Context(), "shr", [][]byte{[]byte("ab"), big, []byte("c")}); err != nil {
		t.Fatal(err)
	}
	want := "\x00\x00\x00\x02ab\x00\x01\x86\xa0" + string(big) + "\x00\x00\x00\x01c"
	if string(got) != want {
		t.Errorf("%d bytes arrived, %d were meant", len(got), len(want))
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"http://Drive.Example.com:8000/": "http://drive.example.com:8000",
		"https://example.com/drive//":    "https://example.com/drive",
		"drive.example.com":              "",
		"localhost:8000":                 "",
		"ftp://example.com":              "",
		"http://user@example.com":        "",
		"http://example.com/?a=b":        "",
		"":                               "",
	} {
		got, err := client.CleanAddress(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for in, want := range map[string]bool{"http://localhost:1": false, "http://127.0.0.1": false, "http://[::1]:8": false,
		"http://example.com": true, "http://10.0.0.1": true, "https://example.com": false} {
		if got := client.PlainRemote(in); got != want {
			t.Errorf("PlainRemote(%q) = %v", in, got)
		}
	}
}

func TestRemotePaths(t *testing.T) {
	for in, want := range map[string]string{
		"Work:/":          "Work:/",
		"Work:":           "Work:/",
		"Work:/a/b":       "Work:/a/b",
		"Work:/a//b/":     "Work:/a/b",
		"My Share:/x y":   "My Share:/x y",
		"Work:/a:b":       "Work:/a:b",
		"Work:a":          "",
		"Work":            "",
		":/a":             "",
		"/local":          "",
		"Work:/a/../b":    "",
		"Work:/./b":       "",
		"Work:/a\x00b":    "",
		"":                "",
		"Work:/.hidden/…": "Work:/.hidden/…",
	} {
		got, err := client.ParseRemotePath(in)
		if want == "" {
			if !errors.Is(err, client.ErrUsage) {
				t.Errorf("%q: %v, %v", in, got, err)
			}
			continue
		}
		if err != nil || got.String() != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestFindShare(t *testing.T) {
	srv := clienttest.New(t)
	c, err := client.New(srv.URL, client.Options{Credentials: client.Static(srv.SignIn())})
	if err != nil {
		t.Fatal(err)
	}
	for range 120 { // more than a page
		srv.AddShare("filler")
	}
	one, twin1, twin2, lower := srv.AddShare("Work"), srv.AddShare("Twin"), srv.AddShare("Twin"), srv.AddShare("lower")
	for in, want := range map[string]string{"Work": one, one: one, "LOWER": lower, "work": one} {
		if got, err := c.FindShare(t.Context(), in); got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	_, err = c.FindShare(t.Context(), "Twin")
	if !errors.Is(err, client.ErrUsage) || !strings.Contains(err.Error(), twin1) || !strings.Contains(err.Error(), twin2) {
		t.Errorf("twins: %v", err)
	}
	if _, err = c.FindShare(t.Context(), "absent"); client.StatusOf(err) != 404 {
		t.Errorf("absent: %v", err)
	}
	if _, err = c.FindShare(t.Context(), "shr_0123456789ABCDEFGHJKMNPQRS"); client.StatusOf(err) != 404 {
		t.Errorf("absent ID: %v", err)
	}
}

func TestNames(t *testing.T) {
	for _, pair := range [][2]string{{"a.txt", "A.TXT"}, {"é", "e\u0301"}, {"É", "e\u0301"}, {"Å", "\u212b"}, {"k", "\u212a"}, {"ſ", "S"}, {"σ", "ς"}} {
		if client.NameKey(pair[0]) != client.NameKey(pair[1]) {
			t.Errorf("%q and %q are the same name", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"a", "b"}, {"ß", "ss"}, {"a", "a "}, {"ı", "i"}} {
		if client.NameKey(pair[0]) == client.NameKey(pair[1]) {
			t.Errorf("%q and %q are not the same name", pair[0], pair[1])
		}
	}
	for name, want := range map[string]bool{"a": true, "…": true, ".hidden": true, "a b": true, "": false, ".": false, "..": false,
		"a/b": false, `a\b`: false, "a\x00": false, "\n": false, "\x7f": false, "bad\xff": false,
		strings.Repeat("x", 255): true, strings.Repeat("x", 256): false} {
		if client.SafeName(name) != want {
			t.Errorf("SafeName(%q) = %v", name, !want)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"a", "..", "a/b", `..\x`, "\x00", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if client.SafeName(s) && (strings.ContainsAny(s, "/\\\x00") || s == ".." || s == "." || s == "") {
			t.Errorf("%q is taken for safe", s)
		}
		if k := client.NameKey(s); client.NameKey(k) != k {
			t.Errorf("the key of %q is not stable: %q, %q", s, k, client.NameKey(k))
		}
	})
}

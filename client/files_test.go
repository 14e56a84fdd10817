package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// fetching gives a client of a server that answers every fetch in one way.
func fetching(t *testing.T, answer http.HandlerFunc) *client.Client {
	t.Helper()
	srv := httptest.NewServer(answer)
	t.Cleanup(srv.Close)
	c, err := client.New(srv.URL, client.Options{Credentials: client.Static("tok"), Attempts: 2,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func frame(f wire.FileFrame, content string) []byte { return append(f.AppendTo(nil), content...) }

// TestFetchFilesAnswers: whatever the answer is, each gets what is whole of it and
// no more, and an answer that is not whole is an error.
func TestFetchFilesAnswers(t *testing.T) {
	one := frame(wire.FileFrame{Index: 0, Status: 200, Version: 3, Size: 5}, "hello")
	two := frame(wire.FileFrame{Index: 1, Status: 404}, "")
	three := frame(wire.FileFrame{Index: 2, Status: 200, Version: 1, Size: 5}, "world")
	whole := slices.Concat(one, two, three)
	type result struct {
		answer []byte
		got    []string
		broken bool
	}
	all := []string{"hello", "", "world"}
	cases := map[string]result{
		"whole":         {whole, all, false},
		"too much":      {append(slices.Clone(whole), 'x'), all, true},
		"another place": {slices.Concat(one, three), all[:1], true},
		"twice":         {slices.Concat(one, one), all[:1], true},
		"no head":       {slices.Concat(one, make([]byte, 24), three), all[:1], true},
		"no status":     {slices.Concat(one, frame(wire.FileFrame{Index: 1, Status: 302}, "")), all[:1], true},
		"negative size": {slices.Concat(one, frame(wire.FileFrame{Index: 1, Status: 200, Size: -1}, "")), all[:1], true},
		"huge size":     {slices.Concat(one, frame(wire.FileFrame{Index: 1, Status: 200, Size: 1 << 40}, "")), all[:1], true},
	}
	for n := range whole { // cut at every byte
		got := all[:0]
		if n >= len(one) {
			got = all[:1]
		}
		if n >= len(one)+len(two) {
			got = all[:2]
		}
		cases["cut"+string(rune('A'+n))] = result{whole[:n], got, true}
	}
	for name, r := range cases {
		c := fetching(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(r.answer) })
		var got []string
		err := c.FetchFiles(t.Context(), make([]wire.FileVersion, 3), func(_ wire.FileFrame, content io.Reader) error {
			b, err := io.ReadAll(content)
			if err == nil {
				got = append(got, string(b))
			}
			return nil // even so, the cut is told
		})
		if !slices.Equal(got, r.got) || errors.Is(err, client.ErrBrokenOff) != r.broken || (err != nil) != r.broken {
			t.Errorf("%s: got %q, error %v", name, got, err)
		}
	}
}

func TestFetchFilesUnread(t *testing.T) {
	answer := slices.Concat(frame(wire.FileFrame{Status: 200, Size: 5}, "hello"), frame(wire.FileFrame{Index: 1, Status: 200, Size: 2}, "ab"))
	c := fetching(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) })
	var last string
	err := c.FetchFiles(t.Context(), make([]wire.FileVersion, 2), func(f wire.FileFrame, content io.Reader) error {
		b := make([]byte, 2)
		_, err := io.ReadFull(content, b)
		last = string(b)
		return err
	})
	if err != nil || last != "ab" {
		t.Errorf("%q, %v", last, err)
	}
	stop := errors.New("stop")
	if err := c.FetchFiles(t.Context(), make([]wire.FileVersion, 2), func(wire.FileFrame, io.Reader) error { return stop }); err != stop {
		t.Errorf("each's error came back as %v", err)
	}
}

func TestFetchFilesCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := fetching(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write(frame(wire.FileFrame{Status: 200, Size: 5}, "hel"))
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	})
	err := c.FetchFiles(ctx, make([]wire.FileVersion, 1), func(_ wire.FileFrame, content io.Reader) error {
		_, err := io.ReadAll(content)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

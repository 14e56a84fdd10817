package runner

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"scaidrive/client"
	"scaidrive/client/setup"
)

// listings counts how often a share is listed.
type listings struct {
	n atomic.Int64
	h *happening
}

// RoundTrip implements http.RoundTripper.
func (l *listings) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/sync/tree") {
		l.n.Add(1)
		l.h.tell()
	}
	return resp, err
}

// TestAskedToResync: a device that somebody asks for it lists its share anew, once, and
// goes on as before.
func TestAskedToResync(t *testing.T) {
	url, token, share := serve(t)
	h := &happening{}
	by := &listings{h: h}
	dir, store, cfg := followBy(t, h, url, token, share, by)
	write(t, filepath.Join(dir, "one"), "one")
	other, _, _ := follow(t, h, url, token, share)
	eventually(t, h, "one", has(filepath.Join(other, "one"), "one"))
	api, err := client.New(url, client.Options{Credentials: client.Static(token)})
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	device, err := store.Device(func() string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	before := by.n.Load()
	if err := api.AskResync(t.Context(), share, device); err != nil {
		t.Fatal(err)
	}
	eventually(t, h, "the listing", func() bool { return by.n.Load() > before })
	write(t, filepath.Join(other, "two"), "two")
	eventually(t, h, "two", has(filepath.Join(dir, "two"), "two"))
	if n := by.n.Load() - before; n != 1 {
		t.Errorf("it was listed %d times", n)
	}

	// By hand: once, and what was set meanwhile stays.
	before = by.n.Load()
	if _, err := store.Change(cfg.ID, func(f *setup.Folder) { f.Resync, f.Up = true, 1<<40 }); err != nil {
		t.Fatal(err)
	}
	eventually(t, h, "the listing by hand", func() bool {
		f, err := store.Load(cfg.ID)
		return by.n.Load() > before && err == nil && !f.Resync && f.Up == 1<<40
	})
	write(t, filepath.Join(other, "three"), "three")
	eventually(t, h, "three", has(filepath.Join(dir, "three"), "three"))
	if n := by.n.Load() - before; n != 1 {
		t.Errorf("it was listed %d times by hand", n)
	}
}

package runner

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"scaidrive/appliance"
	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/setup"
	"scaidrive/client/worker"
	"scaidrive/httpd/wire"
)

const password = "a long enough passphrase 7"

// serve runs a server until the test ends.
func serve(t *testing.T) (url, token, share string) {
	cfg := appliance.Config{Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0",
		AdminEmail: "admin@example.com", AdminPassword: password, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(context.Background())
	started, over := make(chan net.Addr, 1), make(chan error, 1)
	go func() { over <- appliance.Serve(ctx, cfg, func(a net.Addr) { started <- a }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	select {
	case a := <-started:
		url = "http://" + a.String()
	case err := <-over:
		over <- nil
		t.Fatal(err)
	}
	api, err := client.New(url, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tok, err := api.Login(t.Context(), cfg.AdminEmail, password)
	if err != nil {
		t.Fatal(err)
	}
	api, err = client.New(url, client.Options{Credentials: client.Static(tok.AccessToken)})
	if err != nil {
		t.Fatal(err)
	}
	sh, err := api.CreateShare(t.Context(), wire.CreateShare{Name: "Work", ShareType: "project"})
	if err != nil {
		t.Fatal(err)
	}
	return url, tok.AccessToken, sh.ID
}

// A happening is told to whoever waits whenever a runner has done something.
type happening struct {
	mu   sync.Mutex
	more chan struct{}
}

func (h *happening) tell() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.more != nil {
		close(h.more)
		h.more = nil
	}
}

func (h *happening) next() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.more == nil {
		h.more = make(chan struct{})
	}
	return h.more
}

// an installation with one synced folder, followed until the test ends.
func follow(t *testing.T, h *happening, url, token, share string) (dir string, store *setup.Store, cfg *setup.Folder) {
	return followBy(t, h, url, token, share, nil)
}

// followBy is follow with what the server is asked by.
func followBy(t *testing.T, h *happening, url, token, share string, by http.RoundTripper) (dir string, store *setup.Store, cfg *setup.Folder) {
	dir, err := setup.Real(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	store = setup.NewStore(filepath.Join(t.TempDir(), "sync"))
	cfg = &setup.Folder{ID: "syn-" + RandomName(), Server: url, Share: share, Dir: dir, Added: time.Now()}
	if err := store.Add(cfg); err != nil {
		t.Fatal(err)
	}
	fsys, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Mark(fsys, cfg.ID); err != nil {
		t.Fatal(err)
	}
	fsys.Close()
	r := &Runner{Store: store, Now: time.Now, Connect: func(*setup.Folder) (*client.Client, error) {
		return client.New(url, client.Options{Credentials: client.Static(token), Transport: by})
	}}
	r.Event = func(*setup.Folder, worker.Event) { h.tell() }
	r.Report = func(*setup.Folder, Status) { h.tell() }
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- r.Live(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	return dir, store, cfg
}

// eventually waits for something that runners bring about, looking whenever one has
// done something.
func eventually(t *testing.T, h *happening, what string, fn func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	late := time.NewTimer(30 * time.Second)
	defer late.Stop()
	for {
		next := h.next()
		if fn() {
			return time.Since(began)
		}
		select {
		case <-next:
		case <-late.C:
			t.Fatalf("%s: not within 30 s", what)
		}
	}
}

func has(path, content string) func() bool {
	return func() bool {
		b, err := os.ReadFile(path)
		return err == nil && string(b) == content
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestLive: what happens in one folder is in the other shortly after, both ways,
// new folders and what is deep in them included; a paused folder waits.
func TestLive(t *testing.T) {
	url, token, share := serve(t)
	h := &happening{}
	a, _, _ := follow(t, h, url, token, share)
	b, store, cfg := follow(t, h, url, token, share)
	c, _, _ := follow(t, h, url, token, share)
	write(t, filepath.Join(a, "one"), "one")
	t.Logf("the first file took %v", eventually(t, h, "one", has(filepath.Join(b, "one"), "one")))
	write(t, filepath.Join(b, "x/y/z"), "deep")
	t.Logf("a new folder took %v", eventually(t, h, "deep", has(filepath.Join(a, "x/y/z"), "deep")))
	write(t, filepath.Join(a, "x/y/z"), "edited")
	t.Logf("an edit took %v", eventually(t, h, "edited", has(filepath.Join(b, "x/y/z"), "edited")))
	if err := os.Rename(filepath.Join(b, "x"), filepath.Join(b, "w")); err != nil {
		t.Fatal(err)
	}
	t.Logf("a move took %v", eventually(t, h, "moved", has(filepath.Join(a, "w/y/z"), "edited")))
	if err := os.Remove(filepath.Join(a, "one")); err != nil {
		t.Fatal(err)
	}
	eventually(t, h, "deleted", func() bool { _, err := os.Stat(filepath.Join(b, "one")); return os.IsNotExist(err) })

	var s Status
	if _, err := store.Change(cfg.ID, func(f *setup.Folder) { f.Paused = true }); err != nil {
		t.Fatal(err)
	}
	var was time.Time
	if store.Status(cfg, &s) == nil {
		was = s.Updated
	}
	eventually(t, h, "pausing", func() bool {
		return store.Status(cfg, &s) == nil && s.Updated.After(was.Add(time.Millisecond)) && s.PausedNow
	})
	write(t, filepath.Join(a, "later"), "later")
	eventually(t, h, "a folder that goes on", has(filepath.Join(c, "later"), "later"))
	if has(filepath.Join(b, "later"), "later")() {
		t.Error("a paused folder goes on")
	}
	if _, err := store.Change(cfg.ID, func(f *setup.Folder) { f.Paused = false }); err != nil {
		t.Fatal(err)
	}
	eventually(t, h, "resumed", has(filepath.Join(b, "later"), "later"))
	eventually(t, h, "the status", func() bool { return store.Status(cfg, &s) == nil && s.InStep && s.Live })
}

// TestLatency: an edit is in the other folder within two seconds in the median.
func TestLatency(t *testing.T) {
	url, token, share := serve(t)
	h := &happening{}
	a, _, _ := follow(t, h, url, token, share)
	b, _, _ := follow(t, h, url, token, share)
	var took []time.Duration
	for i := range 7 {
		text := fmt.Sprint("edit ", i)
		write(t, filepath.Join(a, "f"), text)
		took = append(took, eventually(t, h, text, has(filepath.Join(b, "f"), text)))
	}
	slices.Sort(took)
	t.Log(took)
	if took[3] > 2*time.Second {
		t.Errorf("median %v", took[3])
	}
}

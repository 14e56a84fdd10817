package runner

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
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

// an installation with one synced folder, followed until the test ends.
func follow(t *testing.T, url, token, share string) (dir string, store *setup.Store, cfg *setup.Folder) {
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
		return client.New(url, client.Options{Credentials: client.Static(token)})
	}}
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

// eventually waits for something that other goroutines bring about.
func eventually(t *testing.T, what string, fn func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !fn() {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("%s: not within 30 s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(began)
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
	a, _, _ := follow(t, url, token, share)
	b, store, cfg := follow(t, url, token, share)
	write(t, filepath.Join(a, "one"), "one")
	t.Logf("the first file took %v", eventually(t, "one", has(filepath.Join(b, "one"), "one")))
	write(t, filepath.Join(b, "x/y/z"), "deep")
	t.Logf("a new folder took %v", eventually(t, "deep", has(filepath.Join(a, "x/y/z"), "deep")))
	write(t, filepath.Join(a, "x/y/z"), "edited")
	t.Logf("an edit took %v", eventually(t, "edited", has(filepath.Join(b, "x/y/z"), "edited")))
	if err := os.Rename(filepath.Join(b, "x"), filepath.Join(b, "w")); err != nil {
		t.Fatal(err)
	}
	t.Logf("a move took %v", eventually(t, "moved", has(filepath.Join(a, "w/y/z"), "edited")))
	if err := os.Remove(filepath.Join(a, "one")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "deleted", func() bool { _, err := os.Stat(filepath.Join(b, "one")); return os.IsNotExist(err) })

	paused := *cfg
	paused.Paused = true
	if err := store.Save(&paused); err != nil {
		t.Fatal(err)
	}
	time.Sleep(lookAtSettings + 500*time.Millisecond)
	write(t, filepath.Join(a, "later"), "later")
	time.Sleep(time.Second)
	if has(filepath.Join(b, "later"), "later")() {
		t.Error("a paused folder goes on")
	}
	paused.Paused = false
	if err := store.Save(&paused); err != nil {
		t.Fatal(err)
	}
	eventually(t, "resumed", has(filepath.Join(b, "later"), "later"))
	var s Status
	eventually(t, "the status", func() bool { return store.Status(cfg, &s) == nil && s.InStep && s.Live })
}

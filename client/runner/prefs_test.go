package runner

import (
	"os"
	"path/filepath"
	"testing"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// TestPreferences: what somebody sets on the server for a device is done there:
// folders that it shall not keep go and come back, wherever they are moved, and it
// rests and goes on.
func TestPreferences(t *testing.T) {
	url, token, share := serve(t)
	h := &happening{}
	a, _, _ := follow(t, h, url, token, share)
	b, store, cfg := follow(t, h, url, token, share)
	write(t, filepath.Join(a, "out/deep/f"), "content")
	write(t, filepath.Join(a, "in/g"), "content")
	eventually(t, h, "the files", func() bool {
		return has(filepath.Join(b, "out/deep/f"), "content")() && has(filepath.Join(b, "in/g"), "content")()
	})
	api, err := client.New(url, client.Options{Credentials: client.Static(token)})
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	device, err := store.Device(func() string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	id := ""
	if _, err := api.TreeAt(t.Context(), share, "", func(e *wire.Entry) error {
		if e.Name == "out" {
			id = string([]byte(e.ID))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	set := func(p wire.SetSyncPreferences) {
		t.Helper()
		if _, err := api.SetPreferences(t.Context(), share, device, p); err != nil {
			t.Fatal(err)
		}
	}
	gone := func(name string) func() bool {
		return func() bool { _, err := os.Stat(filepath.Join(b, name)); return os.IsNotExist(err) }
	}
	set(wire.SetSyncPreferences{ExcludedFolderIDs: []string{id}})
	eventually(t, h, "the folder to go", gone("out"))
	if err := os.Rename(filepath.Join(a, "out"), filepath.Join(a, "in", "moved")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(a, "in/moved/h"), "later")
	write(t, filepath.Join(a, "in/after"), "after")
	eventually(t, h, "what is wanted", has(filepath.Join(b, "in/after"), "after"))
	if !gone("in/moved")() || !has(filepath.Join(a, "in/moved/deep/f"), "content")() {
		t.Error("an excluded folder came with a move, or went on the other disk")
	}
	set(wire.SetSyncPreferences{ExcludedFolderIDs: []string{}, Paused: true})
	eventually(t, h, "the pause", func() bool {
		var s Status
		return store.Status(cfg, &s) == nil && s.PausedThere && s.PausedNow
	})
	write(t, filepath.Join(a, "in/while"), "while")
	write(t, filepath.Join(b, "in/of b"), "of b")
	set(wire.SetSyncPreferences{ExcludedFolderIDs: []string{}})
	eventually(t, h, "all", func() bool {
		return has(filepath.Join(b, "in/moved/deep/f"), "content")() && has(filepath.Join(b, "in/moved/h"), "later")() &&
			has(filepath.Join(b, "in/while"), "while")() && has(filepath.Join(a, "in/of b"), "of b")()
	})
	f, err := os.Stat(filepath.Join(a, "in/moved/deep/f"))
	if err != nil {
		t.Fatal(err)
	}
	if g, err := os.Stat(filepath.Join(b, "in/moved/deep/f")); err != nil || g.ModTime().Sub(f.ModTime()).Abs() > 1e9 {
		t.Errorf("the time of what came back: %v, want %v", g.ModTime(), f.ModTime())
	}
	eventually(t, h, "the position", func() bool {
		s, err := api.SyncStatus(t.Context(), share, device)
		return err == nil && s.LastSyncAt != nil
	})
}

package runner

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"scaidrive/client"
	"scaidrive/client/worker"
)

// TestMirror: what a device holds back and what is not in step there is to be seen
// on the server, and allowing it there lets it go on.
func TestMirror(t *testing.T) {
	url, token, share := serve(t)
	h := &happening{}
	a, _, _ := follow(t, h, url, token, share)
	b, store, cfg := follow(t, h, url, token, share)
	for i := range 12 {
		write(t, filepath.Join(a, "d", fmt.Sprint("f", i)), "content")
	}
	var s Status
	eventually(t, h, "the files", func() bool {
		return has(filepath.Join(b, "d/f11"), "content")() && store.Status(cfg, &s) == nil && s.InStep && s.Files == 13
	})
	write(t, filepath.Join(b, "con"), "a name that the server refuses")
	// In one step, so that no round sees a part of it.
	if err := os.Rename(filepath.Join(b, "d"), filepath.Join(t.TempDir(), "d")); err != nil {
		t.Fatal(err)
	}
	api, err := client.New(url, client.Options{Credentials: client.Static(token)})
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	device, err := store.Device(func() string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, h, "what is held on the server", func() bool {
		got, err := api.SyncStatus(t.Context(), share, device)
		return err == nil && got.Held != nil && got.Held.Items == 13 && got.Phase == "idle"
	})
	if !has(filepath.Join(a, "d/f0"), "content")() {
		t.Fatal("the brake did not hold")
	}
	if err := api.AllowDeletes(t.Context(), share, device); err != nil {
		t.Fatal(err)
	}
	eventually(t, h, "the deletions", func() bool { _, err := os.Stat(filepath.Join(a, "d/f11")); return os.IsNotExist(err) })
	eventually(t, h, "what is not in step on the server", func() bool {
		got, err := api.SyncStatus(t.Context(), share, device)
		return err == nil && got.Held == nil && !got.DeletesAllowed && got.WaitingTotal == 1 && got.Waiting[0].Path == "con" && got.Waiting[0].Reason != ""
	})
}

// TestReportOf: what is ignored is not told, and of much only the beginning.
func TestReportOf(t *testing.T) {
	s := worker.Status{Waiting: []worker.Item{{Path: "a\x00\xff", Reason: "r"}, {Path: "i", Ignored: true}}}
	for i := range 200 {
		s.Waiting = append(s.Waiting, worker.Item{Path: fmt.Sprint(i)})
	}
	got := reportOf(&s)
	if got.WaitingTotal != 201 || len(got.Waiting) != 100 || got.Waiting[0].Path != "a??" || got.Waiting[1].Path != "0" {
		t.Errorf("%d, %d, %q", got.WaitingTotal, len(got.Waiting), got.Waiting[0].Path)
	}
}

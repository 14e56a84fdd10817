package setup_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"scaidrive/client/setup"
)

// TestFollowing: one process follows the folders; who looks does not take its place.
func TestFollowing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sync")
	store := setup.NewStore(dir)
	if store.Followed() {
		t.Error("followed before anybody was there")
	}
	unlock, err := store.LockFollowing()
	if err != nil {
		t.Fatal(err)
	}
	other := setup.NewStore(dir)
	if _, err := other.LockFollowing(); !errors.Is(err, setup.ErrBusy) {
		t.Errorf("a second one: %v", err)
	}
	if !other.Followed() {
		t.Error("it is not seen that the folders are followed")
	}
	unlock()
	if other.Followed() {
		t.Error("followed after the end")
	}
}

// TestChange: a change by one who has older settings keeps what another has changed.
func TestChange(t *testing.T) {
	store := setup.NewStore(t.TempDir())
	f := &setup.Folder{ID: "syn-1", Dir: filepath.Join(t.TempDir(), "docs"), AllowDeletes: true, Added: time.Now()}
	if err := store.Add(f); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Change(f.ID, func(f *setup.Folder) { f.Paused = true }); err != nil {
		t.Fatal(err)
	}
	got, err := store.Change(f.ID, func(f *setup.Folder) { f.AllowDeletes = false })
	if err != nil || !got.Paused || got.AllowDeletes {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = store.Load(f.ID); err != nil || !got.Paused || got.AllowDeletes {
		t.Errorf("kept: %+v, %v", got, err)
	}
	if _, err := store.Change("syn-2", func(*setup.Folder) {}); !errors.Is(err, setup.ErrNone) {
		t.Errorf("of a folder that is none: %v", err)
	}
}

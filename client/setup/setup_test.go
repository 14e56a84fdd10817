package setup_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
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

// TestChangesOfSeveral: what several processes, and several in one of them, change at
// once is all kept; one name of the device is made.
func TestChangesOfSeveral(t *testing.T) {
	const processes, each = 3, 40
	dir := os.Getenv("SCAIDRIVE_SETUP_DIR") // set: this is one of the processes
	if dir != "" {
		change(t, dir, os.Getenv("SCAIDRIVE_SETUP_NAME"), each)
		return
	}
	dir = filepath.Join(t.TempDir(), "sync")
	store := setup.NewStore(dir)
	f := &setup.Folder{ID: "syn-1", Dir: filepath.Join(t.TempDir(), "docs"), Added: time.Now()}
	if err := store.Add(f); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range processes {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run", "^TestChangesOfSeveral$", "-test.timeout", "30s")
			cmd.Env = append(os.Environ(), "SCAIDRIVE_SETUP_DIR="+dir, fmt.Sprint("SCAIDRIVE_SETUP_NAME=p", i))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
		wg.Go(func() { change(t, dir, fmt.Sprint("g", i), each) })
	}
	wg.Wait()
	got, err := store.Load(f.ID)
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(2 * processes * each); got.Up != want || len(got.Ignore) != int(want) {
		t.Errorf("%d changes and %d names are kept, want %d", got.Up, len(got.Ignore), want)
	}
}

// change makes changes of the one folder in dir.
func change(t *testing.T, dir, name string, n int) {
	store := setup.NewStore(dir)
	for i := range n {
		if _, err := store.Change("syn-1", func(f *setup.Folder) {
			f.Up++
			f.Ignore = append(f.Ignore, fmt.Sprint(name, i))
		}); err != nil {
			t.Error(err)
		}
	}
	if id, err := store.Device(func() string { return name }); err != nil || id == "" {
		t.Errorf("the device is %q, %v", id, err)
	}
	first, err := os.ReadFile(filepath.Join(dir, "device"))
	if id, err2 := store.Device(func() string { return name }); err != nil || err2 != nil || id != string(first) {
		t.Errorf("the device is %q, then %q; %v", first, id, errors.Join(err, err2))
	}
}

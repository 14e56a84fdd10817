package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scaidrive/client/disk"
	"scaidrive/client/planner"
)

// ordered is a file system that watches the order which durability needs: contents are
// durable before their names, and names before they are recorded.
type ordered struct {
	disk.FS
	t        *testing.T
	recorded func(each func(path string)) // what the records tell of
	writes   atomic.Int64
	begun    chan struct{} // takes one while something waits for a sync to begin

	mu      sync.Mutex
	written map[string]bool // temporary files; true: durable
	names   map[string]bool // places that the records did not tell of; true: durable
	nooks   map[string]bool
}

func (o *ordered) WriteWhole(p string, b []byte, exec bool, mtime int64) error {
	if o.writes.Add(1)%2 == 0 { // so that some are written while a sync is under way
		select {
		case <-o.begun:
		case <-time.After(20 * time.Millisecond):
		}
	}
	err := o.FS.WriteWhole(p, b, exec, mtime)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.written[p] = false
	o.nooks[filepath.Dir(p)] = true
	return err
}

func (o *ordered) Sync() error {
	o.mu.Lock()
	var written, names []string
	for p := range o.written {
		written = append(written, p)
	}
	for p := range o.names {
		names = append(names, p)
	}
	o.mu.Unlock()
	select {
	case o.begun <- struct{}{}:
		time.Sleep(time.Millisecond)
	default:
	}
	err := o.FS.Sync()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range written {
		o.written[p] = true
	}
	for _, p := range names {
		o.names[p] = true
	}
	return err
}

func (o *ordered) Place(from, to string) error {
	o.mu.Lock()
	o.look()
	if durable, ok := o.written[from]; ok {
		if !durable {
			o.t.Errorf("%s gets its name before its content is durable", to)
		}
		delete(o.written, from)
		o.names[to] = false
	}
	o.mu.Unlock()
	return o.FS.Place(from, to)
}

// look checks what has been recorded since the last look.
func (o *ordered) look() {
	o.recorded(func(p string) {
		if durable, ok := o.names[p]; ok && !durable {
			o.t.Errorf("%s is recorded before its name is durable", p)
		}
		delete(o.names, p)
	})
}

// TestOrder: whatever comes ahead, contents are durable before their names and names
// before the records tell of them; and one sync serves two.
func TestOrder(t *testing.T) {
	r := newRig(t)
	a := r.desk("a")
	const files, stretch = 120, 8
	for i := range files {
		a.write(fmt.Sprintf("d%d/f%03d", i%7, i), fmt.Sprint(i))
	}
	a.sync()

	b := r.desk("b")
	b.stretch = stretch
	o := &ordered{t: t, begun: make(chan struct{}), written: map[string]bool{}, names: map[string]bool{}, nooks: map[string]bool{}}
	o.recorded = func(each func(path string)) {
		b.folder.trees.Synced.All(func(n *planner.Node) {
			if b.folder.rec.Written(n.ID) != 0 {
				each(b.folder.path(n.ID))
			}
		})
	}
	b.disk = func() disk.FS { o.FS = osDisk(t, b.root); return o }
	b.start()
	b.sync()
	o.look()
	if len(b.tree()) != files+7 {
		t.Fatalf("%d files and folders have come", len(b.tree()))
	}
	if n := b.folder.rec.State().Written; n < files/stretch {
		t.Errorf("%d stretches were recorded: no stretch followed another", n)
	}
	if len(o.names) > 0 {
		t.Errorf("%d names are not recorded", len(o.names))
	}
	if len(o.nooks) < nooksMost-1 {
		t.Errorf("new files were written in %d folders", len(o.nooks))
	}
	left, err := os.ReadDir(b.path(tmpDir))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestNooksAfterCrash: what a run that did not end has left in the folders among its
// temporary files is removed if the server has it, else rescued.
func TestNooksAfterCrash(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	a.write("known", "known")
	a.sync()
	b.write(tmpDir+"/"+nookPrefix+"3/new-x-1", "known")
	b.write(tmpDir+"/"+nookPrefix+"3/gone-x-2", "written by somebody at the last moment")
	b.write(tmpDir+"/"+nookPrefix+"4/new-x-3", "")
	b.mkdir(tmpDir + "/" + nookPrefix + "5")
	outside := t.TempDir()
	b.must(os.WriteFile(filepath.Join(outside, "new-x-4"), []byte("known"), 0o600))
	b.must(os.Symlink(outside, b.path(tmpDir+"/"+nookPrefix+"6")))
	b.sync()
	if left, _ := os.ReadDir(b.path(tmpDir)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := os.Stat(filepath.Join(outside, "new-x-4")); err != nil {
		t.Errorf("a file outside: %v", err)
	}
	saved, _ := os.ReadDir(b.path(RescueDir))
	if len(saved) != 1 {
		t.Fatalf("rescued: %v", saved)
	}
	got, err := os.ReadFile(b.path(RescueDir + "/" + saved[0].Name()))
	if err != nil || string(got) != "written by somebody at the last moment" {
		t.Errorf("rescued: %q, %v", got, err)
	}
	if len(b.tree()) != 1 {
		t.Errorf("there is\n%s", show(b.tree()))
	}
}

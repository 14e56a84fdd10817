package worker

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"scaidrive/client/disk"
	"scaidrive/client/planner"
)

// placing is a file system in which something happens when a file gets its place.
type placing struct {
	disk.FS
	place func() error
}

func (p *placing) Place(from, to string) error {
	if err := p.place(); err != nil {
		return err
	}
	return p.FS.Place(from, to)
}

// contents counts the requests for contents of files.
type contents struct{ n atomic.Int64 }

func (c *contents) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/sync/files/fetch") || strings.HasSuffix(r.URL.Path, "/content") {
		c.n.Add(1)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestFetchedAhead: while the first files are put in their places, the next ones come
// already; when the first fail, those that came are not left behind.
func TestFetchedAhead(t *testing.T) {
	r := newRig(t)
	a := r.desk("a")
	for i := range pullOps + 1 {
		a.write(fmt.Sprintf("f%04d", i), fmt.Sprint(i))
	}
	a.sync()
	const requests = pullOps/manyFiles + 1

	b := r.desk("b")
	seen := &contents{}
	b.conn = seen
	var once sync.Once
	wait := func() error {
		once.Do(func() {
			for began := time.Now(); seen.n.Load() < requests; time.Sleep(time.Millisecond) {
				if time.Since(began) > 20*time.Second {
					t.Errorf("when the first file got its place, contents were asked for %d times, want %d", seen.n.Load(), requests)
					return
				}
			}
		})
		return nil
	}
	b.disk = func() disk.FS { return &placing{osDisk(t, b.root), wait} }
	b.sync()
	if got := seen.n.Load(); got != requests {
		t.Errorf("contents were asked for %d times, want %d", got, requests)
	}
	if len(b.tree()) != pullOps+1 {
		t.Errorf("%d files have come", len(b.tree()))
	}

	c := r.desk("c")
	c.disk = func() disk.FS {
		return &placing{osDisk(t, c.root), func() error { return syscall.ENOSPC }}
	}
	if err := c.trySync(); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("a full disk: %v", err)
	}
	left, err := os.ReadDir(c.path(tmpDir))
	if err != nil || len(left) > 0 {
		t.Errorf("%d temporary files are left behind, %v", len(left), err)
	}
	c.close()
	c.disk = nil
	if c.sync(); len(c.tree()) != pullOps+1 {
		t.Errorf("%d files have come when there was room", len(c.tree()))
	}
}

func osDisk(t *testing.T, root string) disk.FS {
	fsys, err := disk.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

// overlapping is a file system that waits for what is to happen at the same time: the
// first file gets its place when all contents are there, and the sync of the second
// stretch's names ends when a file of the third has its place.
type overlapping struct {
	disk.FS
	t               *testing.T
	files, stretch  int64
	written, placed atomic.Int64
	waited          atomic.Bool
}

func (o *overlapping) await(what string, ok func() bool) {
	for began := time.Now(); !ok(); time.Sleep(time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			o.t.Errorf("waited for %s: %d written, %d placed", what, o.written.Load(), o.placed.Load())
			return
		}
	}
}

func (o *overlapping) WriteWhole(p string, b []byte, exec bool, mtime int64) error {
	defer o.written.Add(1)
	return o.FS.WriteWhole(p, b, exec, mtime)
}

func (o *overlapping) Place(from, to string) error {
	if o.placed.Load() == 0 {
		o.await("the contents", func() bool { return o.written.Load() == o.files })
	}
	defer o.placed.Add(1)
	return o.FS.Place(from, to)
}

func (o *overlapping) Sync() error {
	if o.placed.Load() >= 2*o.stretch && o.waited.CompareAndSwap(false, true) {
		o.await("the third stretch", func() bool { return o.placed.Load() > 2*o.stretch })
	}
	return o.FS.Sync()
}

// TestPlacedMeanwhile: while the names of a stretch are made durable, the one behind it
// is put in place.
func TestPlacedMeanwhile(t *testing.T) {
	r := newRig(t)
	a := r.desk("a")
	const stretch = 8
	const files = 4 * stretch
	for i := range files {
		a.write(fmt.Sprintf("f%02d", i), fmt.Sprint(i))
	}
	a.sync()

	b := r.desk("b")
	b.stretch = stretch
	o := &overlapping{t: t, files: files, stretch: stretch}
	b.disk = func() disk.FS { o.FS = osDisk(t, b.root); return o }
	b.sync()
	if !o.waited.Load() {
		t.Error("no sync came between the second stretch and the third")
	}
	if len(b.tree()) != files {
		t.Errorf("%d files have come", len(b.tree()))
	}
	if st := b.folder.rec.State(); !st.Listed || b.folder.rec.Synced().Len() != files {
		t.Errorf("recorded: %+v, %d files", st, b.folder.rec.Synced().Len())
	}
}

// failing is a file system whose syncs fail from some moment on.
type failing struct {
	disk.FS
	placed atomic.Int64
	from   int64 // files placed
}

func (d *failing) Place(from, to string) error {
	d.placed.Add(1)
	return d.FS.Place(from, to)
}

func (d *failing) Sync() error {
	if d.placed.Load() >= d.from {
		return syscall.EIO
	}
	return d.FS.Sync()
}

// TestNotAheadOfTheRecords: what a run has put in place and could not make durable is
// not recorded, nor is how far the server's changes go.
func TestNotAheadOfTheRecords(t *testing.T) {
	r := newRig(t)
	a := r.desk("a")
	const stretch = 8
	const files = 4 * stretch
	for i := range files {
		a.write(fmt.Sprintf("f%02d", i), fmt.Sprint(i))
	}
	a.sync()

	b := r.desk("b")
	b.stretch = stretch
	b.disk = func() disk.FS { return &failing{FS: osDisk(t, b.root), from: files} }
	if err := b.trySync(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("the last sync fails: %v", err)
	}
	for look := range 2 { // as it is, and as the next run finds it
		st, n := b.folder.rec.State(), 0
		b.folder.rec.Synced().All(func(node *planner.Node) {
			if b.folder.rec.Written(node.ID) != 0 {
				n++
			}
		})
		if st.Listed || n != files-stretch {
			t.Errorf("look %d: %d files are recorded, want %d; the listing is taken over: %v", look, n, files-stretch, st.Listed)
		}
		_ = b.folder.rec.Close(false)
		b.folder, b.disk = nil, nil
		b.start()
	}
	b.sync()
	if got := b.folder.rec; len(b.tree()) != files || got.Synced().Len() != files || !got.State().Listed {
		t.Errorf("%d files, %d recorded", len(b.tree()), got.Synced().Len())
	}
	a.sync()
	if len(a.tree()) != files {
		t.Errorf("the other one has %d files", len(a.tree()))
	}
}

// lists counts how often each folder is listed.
type lists struct {
	disk.FS
	mu sync.Mutex
	of map[string]int
}

func (l *lists) List(p string) ([]disk.Entry, error) {
	l.mu.Lock()
	l.of[p]++
	l.mu.Unlock()
	return l.FS.List(p)
}

// TestTouchedListedOnce: folders in which something has happened are listed once by the
// next scan, and others not at all.
func TestTouchedListedOnce(t *testing.T) {
	r := newRig(t)
	a := r.desk("a")
	l := &lists{of: map[string]int{}}
	a.disk = func() disk.FS { l.FS = osDisk(t, a.root); return l }
	const folders = 2 * listTogether
	for i := range folders {
		a.write(fmt.Sprintf("d%02d/x", i), "x")
	}
	a.sync()
	for i := range folders - 1 {
		dir := fmt.Sprintf("d%02d", i)
		a.write(dir+"/y", "y")
		a.folder.TouchDir(dir)
	}
	a.folder.TouchDir("gone")
	clear(l.of)
	if _, err := a.folder.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range folders {
		want := 1
		if i == folders-1 {
			want = 0
		}
		if dir := fmt.Sprintf("d%02d", i); l.of[dir] != want {
			t.Errorf("%s was listed %d times, want %d", dir, l.of[dir], want)
		}
	}
	if got := a.folder.Status().Counts.FilesSent; got != 2*folders-1 {
		t.Errorf("%d files were sent", got)
	}
	if _, ok := a.folder.Dirs()["gone"]; ok {
		t.Error("a folder that is not there is among the folders")
	}
}

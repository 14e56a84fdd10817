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

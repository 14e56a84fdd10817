package synctest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/records"
	"scaidrive/client/worker"
	"scaidrive/httpd/wire"
)

// fastDir is a directory for folders whose durability is not what a test is about:
// in memory, where the machine has that.
func fastDir(t testing.TB) string {
	t.Helper()
	if dir, err := os.MkdirTemp("/dev/shm", "scaidrive-synctest-"); err == nil {
		t.Cleanup(func() { os.RemoveAll(dir) })
		return dir
	}
	return t.TempDir()
}

// A link is a device's way to the server, which may lose an answer or all of them.
type link struct {
	loseApply atomic.Int32 // so many answers to apply
	down      atomic.Bool
}

var errLost = errors.New("lost on the way")

// RoundTrip implements http.RoundTripper.
func (l *link) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.down.Load() {
		return nil, errLost
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/sync/apply") && l.loseApply.Add(-1) >= 0 {
		resp.Body.Close()
		return nil, errLost
	}
	return resp, err
}

// A device is a real worker on a real disk, in this process.
type device struct {
	name   string
	root   string
	state  string
	url    string
	token  string
	opt    worker.Options // what is not the same for all
	link   link
	api    *client.Client
	rec    *records.Store
	folder *worker.Folder
	names  int
}

// newDevice makes a device with an empty folder.
func newDevice(dir, name, url, token, share, strategy string) (*device, error) {
	d := &device{name: name, root: filepath.Join(dir, name), state: filepath.Join(dir, name+".state"), url: url, token: token}
	d.opt.Share, d.opt.Strategy = share, strategy
	for _, p := range []string{d.root, d.state} {
		if err := os.MkdirAll(p, 0o755); err != nil {
			return nil, err
		}
	}
	fsys, err := disk.Open(d.root)
	if err != nil {
		return nil, err
	}
	return d, errors.Join(worker.Mark(fsys, "marker "+name), fsys.Close())
}

// start begins to work, as a new process does.
func (d *device) start() error {
	if d.folder != nil {
		return nil
	}
	fsys, err := disk.Open(d.root)
	if err != nil {
		return err
	}
	if d.rec, err = records.Open(filepath.Join(d.state, "records")); err != nil {
		return errors.Join(err, fsys.Close())
	}
	d.link.down.Store(false)
	d.api, err = client.New(d.url, client.Options{Credentials: client.Static(d.token), Transport: &d.link, Attempts: 2,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		return err
	}
	o := d.opt
	o.API, o.Disk, o.Records, o.Server, o.Device, o.Marker = d.api, fsys, d.rec, d.url, "device-"+d.name, "marker "+d.name
	o.Pending, o.Now, o.AllowDeletes = filepath.Join(d.state, "pending"), time.Now, true
	run := time.Now().UnixNano()
	o.Token = func() string { d.names++; return fmt.Sprintf("%s%x-%d", d.name, run, d.names) }
	d.folder, err = worker.Open(o)
	return err
}

// kill ends without ending well.
func (d *device) kill() {
	if d.folder != nil {
		_ = d.rec.Close(false)
		d.api.Close()
		d.folder, d.rec = nil, nil
	}
}

// close ends well.
func (d *device) close() error {
	if d.folder == nil {
		return nil
	}
	err := d.folder.Close()
	d.api.Close()
	d.folder, d.rec = nil, nil
	return err
}

// sync runs until nothing is left to do.
func (d *device) sync() error {
	if err := d.start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	d.folder.AllowDeletes()
	if err := d.folder.Once(ctx); err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	return nil
}

func (d *device) path(p string) string { return filepath.Join(d.root, filepath.FromSlash(p)) }

// remoteTree lists a share: paths with entries.
func remoteTree(ctx context.Context, api *client.Client, share string) (map[string]wire.Entry, error) {
	m, paths := map[string]wire.Entry{}, map[string]string{share: ""}
	_, err := api.TreeAt(ctx, share, "", func(e *wire.Entry) error {
		c := *e
		c.ID, c.Name = strings.Clone(e.ID), strings.Clone(e.Name)
		if e.ChecksumSHA256 != nil {
			sum := *e.ChecksumSHA256 // the entry is valid during the call
			c.ChecksumSHA256 = &sum
		}
		up := ""
		if e.ParentID != nil {
			up = paths[*e.ParentID]
		}
		p := strings.TrimPrefix(up+"/"+c.Name, "/")
		paths[c.ID] = p
		m[p] = c
		return nil
	})
	return m, err
}

// files gives the IDs of the files of a share, live and, after bringing them back,
// in the trash.
func files(ctx context.Context, api *client.Client, share string) (live, all map[string]bool, err error) {
	list := func() (map[string]bool, error) {
		m := map[string]bool{}
		_, err := api.TreeAt(ctx, share, "", func(e *wire.Entry) error {
			if e.ResourceType == wire.TypeFile {
				m[strings.Clone(e.ID)] = true
			}
			return nil
		})
		return m, err
	}
	if live, err = list(); err != nil {
		return nil, nil, err
	}
	var trash []wire.TrashItem
	err = api.EachTrash(ctx, share, func(i *wire.TrashItem) (bool, error) { trash = append(trash, *i); return true, nil })
	if err != nil {
		return nil, nil, err
	}
	for _, i := range trash { // what can be brought back is not lost
		if _, err := api.Restore(ctx, i.Type, i.ID); err != nil {
			return nil, nil, fmt.Errorf("%s can't be brought back from the trash: %w", i.Name, err)
		}
	}
	all, err = list()
	return live, all, err
}

// contents gives the hashes of all versions of files.
func contents(ctx context.Context, api *client.Client, ids map[string]bool) (map[wire.Hash]bool, error) {
	there := map[wire.Hash]bool{}
	for id := range ids {
		list, err := api.Versions(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			there[v.ChecksumSHA256] = true
		}
	}
	return there, nil
}

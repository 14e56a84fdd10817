package worker

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scaidrive/appliance"
	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/planner"
	"scaidrive/client/records"
	"scaidrive/httpd/wire"
)

// A rig is a real server with a share.
type rig struct {
	t     testing.TB
	url   string
	data  string
	share string
	token string
	names *atomic.Int64
	stop  func()
}

const (
	adminEmail    = "admin@example.com"
	adminPassword = "a long enough passphrase 7"
)

func newRig(t testing.TB) *rig {
	r := &rig{t: t, names: &atomic.Int64{}, data: filepath.Join(t.TempDir(), "data")}
	r.serve("127.0.0.1:0")
	api, err := client.New(r.url, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	tok, err := api.Login(t.Context(), adminEmail, adminPassword)
	if err != nil {
		t.Fatal(err)
	}
	r.token = tok.AccessToken
	r.newShare("Work")
	return r
}

func (r *rig) newShare(name string) {
	sh, err := r.api(nil).CreateShare(r.t.Context(), wire.CreateShare{Name: name, ShareType: "project"})
	if err != nil {
		r.t.Fatal(err)
	}
	r.share = sh.ID
}

func (r *rig) serve(listen string) {
	cfg := appliance.Config{Data: r.data, Listen: listen, AdminEmail: adminEmail, AdminPassword: adminPassword, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(context.Background())
	started, over := make(chan net.Addr, 1), make(chan error, 1)
	go func() { over <- appliance.Serve(ctx, cfg, func(a net.Addr) { started <- a }) }()
	select {
	case a := <-started:
		r.url = "http://" + a.String()
	case err := <-over:
		cancel()
		r.t.Fatal(err)
	}
	stopped := false
	r.stop = func() {
		if !stopped {
			stopped = true
			cancel()
			if err := <-over; err != nil {
				r.t.Errorf("Serve: %v", err)
			}
		}
	}
	r.t.Cleanup(r.stop)
}

func (r *rig) api(rt http.RoundTripper) *client.Client {
	api, err := client.New(r.url, client.Options{Credentials: client.Static(r.token), Transport: rt, Attempts: 3,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(api.Close)
	return api
}

// A desk is a client with a folder.
type desk struct {
	*rig
	name     string
	root     string
	state    string
	disk     func() disk.FS // opens it; nil: the operating system's
	conn     http.RoundTripper
	strategy string
	mode     planner.Mode
	only     []string
	ignore   []string
	allow    bool
	listFrom int
	batch    int
	stretch  int
	now      func() time.Time
	wait     func(time.Duration)
	folder   *Folder
	events   []Event
}

func (r *rig) desk(name string) *desk {
	d := &desk{rig: r, name: name, root: filepath.Join(r.t.TempDir(), name), state: r.t.TempDir()}
	if err := os.Mkdir(d.root, 0o755); err != nil {
		r.t.Fatal(err)
	}
	fsys := d.open()
	if err := Mark(fsys, "marker "+name); err != nil {
		r.t.Fatal(err)
	}
	fsys.Close()
	r.t.Cleanup(func() { d.close() })
	return d
}

func (d *desk) open() disk.FS {
	if d.disk != nil {
		return d.disk()
	}
	fsys, err := disk.Open(d.root)
	if err != nil {
		d.t.Fatal(err)
	}
	return fsys
}

// start begins to work, as a new process does.
func (d *desk) start() *Folder {
	d.t.Helper()
	if d.folder != nil {
		return d.folder
	}
	rec, err := records.Open(filepath.Join(d.state, "records"))
	if err != nil {
		d.t.Fatal(err)
	}
	now := d.now
	if now == nil {
		now = time.Now
	}
	f, err := Open(Options{
		API: d.api(d.conn), Disk: d.open(), Records: rec, Server: d.url, Share: d.share, Device: "device-" + d.name,
		Marker: "marker " + d.name, Strategy: d.strategy, Mode: d.mode, Only: d.only, Ignore: d.ignore,
		Pending: filepath.Join(d.state, "pending"), AllowDeletes: d.allow, Now: now, Sleep: d.wait,
		Token: func() string { return fmt.Sprintf("%s%d", d.name, d.names.Add(1)) },
		Event: func(e Event) { d.events = append(d.events, e) }, listFrom: d.listFrom, batch: d.batch, stretch: d.stretch,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.folder = f
	return f
}

// close ends well.
func (d *desk) close() {
	if d.folder != nil {
		if err := d.folder.Close(); err != nil {
			d.t.Error(err)
		}
		d.folder = nil
	}
}

// sync runs until nothing is left to do.
func (d *desk) sync() Status {
	d.t.Helper()
	if err := d.trySync(); err != nil {
		d.t.Fatalf("%s: %v", d.name, err)
	}
	return d.folder.Status()
}

func (d *desk) trySync() error {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	return d.start().Once(ctx)
}

func (d *desk) path(p string) string { return filepath.Join(d.root, filepath.FromSlash(p)) }

func (d *desk) write(p, content string) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(d.path(p)), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(d.path(p), []byte(content), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) mkdir(p string)       { d.t.Helper(); d.must(os.MkdirAll(d.path(p), 0o755)) }
func (d *desk) move(from, to string) { d.t.Helper(); d.must(os.Rename(d.path(from), d.path(to))) }
func (d *desk) remove(p string)      { d.t.Helper(); d.must(os.RemoveAll(d.path(p))) }

// tree is what lies in the folder: paths with contents, folders with "/".
func (d *desk) tree() map[string]string {
	d.t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(d.root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(d.root, path)
		rel = filepath.ToSlash(rel)
		switch {
		case rel == Own:
			return filepath.SkipDir
		case rel == ".":
		case e.IsDir():
			m[rel] = "/"
		case e.Type().IsRegular():
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			m[rel] = text(b)
			if info, _ := e.Info(); info.Mode()&0o100 != 0 {
				m[rel] += " x"
			}
		default:
			m[rel] = e.Type().String()
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

func text(b []byte) string {
	if len(b) < 100 {
		return string(b)
	}
	s := sha256.Sum256(b)
	return fmt.Sprintf("%d bytes %x", len(b), s[:6])
}

func show(m map[string]string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, "  %s: %s\n", k, m[k])
	}
	return b.String()
}

// expect compares the folder with what must lie there.
func (d *desk) expect(want map[string]string) {
	d.t.Helper()
	if got := d.tree(); !maps.Equal(got, want) {
		d.t.Fatalf("%s has\n%swant\n%s", d.name, show(got), show(want))
	}
}

// inStep checks that a folder says so, and that another run does nothing.
func (d *desk) inStep() {
	d.t.Helper()
	s := d.sync()
	if !s.InStep {
		d.t.Fatalf("%s is not in step: %+v", d.name, s)
	}
	before := s.Counts
	after := d.sync().Counts
	before.Rounds, after.Rounds = 0, 0
	before.Hashed, after.Hashed = 0, 0
	if before != after {
		d.t.Fatalf("%s is in step and goes on: %+v, then %+v", d.name, before, after)
	}
}

// settle runs all until nothing changes, and checks that they are equal.
func settle(desks ...*desk) map[string]string {
	t := desks[0].t
	t.Helper()
	for range 3 {
		for _, d := range desks {
			d.sync()
		}
	}
	want := desks[0].tree()
	for _, d := range desks {
		d.inStep()
		d.expect(want)
	}
	return want
}

// entries gives what the server has, by path.
func (r *rig) entries() map[string]wire.Entry {
	r.t.Helper()
	m, paths := map[string]wire.Entry{}, map[string]string{}
	_, err := r.api(nil).TreeAt(r.t.Context(), r.share, "", func(e *wire.Entry) error {
		c := *e
		c.ID, c.Name = strings.Clone(e.ID), strings.Clone(e.Name)
		up := ""
		if e.ParentID != nil {
			up = paths[*e.ParentID]
		}
		p := disk.Join(up, c.Name)
		paths[c.ID], m[p] = p, c
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

// ids gives the server's IDs by path.
func (r *rig) ids() map[string]string {
	m := map[string]string{}
	for p, e := range r.entries() {
		m[p] = e.ID
	}
	return m
}

package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/archive"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/tree"
)

// A rig is an engine with archives on it.
type rig struct {
	*transfertest.Stack
	Archives *archive.Service
}

// trust recognises everybody.
type trust struct{}

func (trust) Recheck(_ context.Context, p *engine.Principal) (*engine.Principal, error) {
	return p, nil
}

func newRig(t testing.TB) *rig {
	s := transfertest.Memory(t)
	return &rig{Stack: s, Archives: archive.New(s.Tree, s.Transfer, s.Shares, trust{}, s.Env())}
}

func (r *rig) mkdir(t testing.TB, parent engine.ID, name string) engine.ID {
	t.Helper()
	l, err := r.Tree.Mkdir(t.Context(), r.Owner, r.Share, parent, name)
	if err != nil {
		t.Fatal(err)
	}
	return l.Node.ID
}

func (r *rig) put(t testing.TB, parent engine.ID, name string, data []byte) engine.ID {
	t.Helper()
	spec := transfer.UploadSpec{
		Share: r.Share, Parent: parent, Name: name, Size: int64(len(data)),
		ModifiedAt: time.Date(2020, 2, 3, 4, 5, 7, 0, time.UTC),
	}
	l, err := r.Transfer.Upload(t.Context(), r.Owner, spec, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return l.Node.ID
}

func folder(id engine.ID) archive.Item { return archive.Item{ID: id, Kind: engine.KindFolder} }

// zip makes an archive and checks its length.
func (r *rig) zip(t testing.TB, p *engine.Principal, items ...archive.Item) []byte {
	t.Helper()
	a, err := r.Archives.Open(t.Context(), p, items)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := a.WriteTo(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if a.Length >= 0 && a.Length != int64(b.Len()) {
		t.Fatalf("%d bytes were told, %d written", a.Length, b.Len())
	}
	return b.Bytes()
}

// unzip reads an archive: folders end in a slash.
func unzip(t testing.TB, b []byte) map[string]string {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range zr.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(f.Name, err)
		}
		data, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(f.Name, err)
		}
		if _, twice := got[f.Name]; twice {
			t.Errorf("%s stands twice", f.Name)
		}
		got[f.Name] = string(data)
	}
	return got
}

// sample is a tree with all that archives can hold.
func (r *rig) sample(t testing.TB) (top engine.ID, want map[string]string) {
	t.Helper()
	top = r.mkdir(t, r.Share, "Pläne")
	sub := r.mkdir(t, top, "sub")
	r.mkdir(t, sub, "empty")
	want = map[string]string{"Pläne/": "", "Pläne/sub/": "", "Pläne/sub/empty/": ""}
	add := func(parent engine.ID, prefix, name string, data []byte) engine.ID {
		want[prefix+name] = string(data)
		return r.put(t, parent, name, data)
	}
	add(top, "Pläne/", "nothing", nil)
	add(top, "Pläne/", "a b.txt", []byte("hello"))
	tool := add(top, "Pläne/", "tool.sh", []byte("#!/bin/sh\n"))
	add(sub, "Pläne/sub/", "日本.bin", transfertest.Random(1, 300_000))
	add(sub, "Pläne/sub/", "just small", transfertest.Random(2, 1<<20))
	add(sub, "Pläne/sub/", "just large", transfertest.Random(3, 1<<20+1))
	add(sub, "Pläne/sub/", "z", transfertest.Random(4, 5<<20))
	yes := true
	if _, err := r.Tree.Edit(t.Context(), r.Owner, tool, engine.KindFile, tree.Edit{Executable: &yes}); err != nil {
		t.Fatal(err)
	}
	return top, want
}

func TestContents(t *testing.T) {
	r := newRig(t)
	top, want := r.sample(t)
	b := r.zip(t, r.Owner, folder(top))
	if diff := cmp.Diff(want, unzip(t, b)); diff != "" {
		t.Error(cut(diff))
	}
	zr, _ := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	for i, f := range zr.File {
		if f.Method != zip.Store || f.NonUTF8 || f.Flags&(1<<11) == 0 {
			t.Errorf("%s: method %d, flags %x", f.Name, f.Method, f.Flags)
		}
		if f.Mode().IsDir() != strings.HasSuffix(f.Name, "/") || (f.Mode()&0o111 != 0) != (f.Mode().IsDir() || f.Name == "Pläne/tool.sh") {
			t.Errorf("%s: %v", f.Name, f.Mode())
		}
		if !f.Mode().IsDir() && !f.Modified.Equal(time.Date(2020, 2, 3, 4, 5, 7, 0, time.UTC)) {
			t.Errorf("%s: %v", f.Name, f.Modified)
		}
		if described := f.Flags&8 != 0; described != (f.UncompressedSize64 > 1<<20) {
			t.Errorf("%s: flags %x", f.Name, f.Flags)
		}
		for _, before := range zr.File[:i] {
			if strings.HasSuffix(f.Name, "/") && strings.HasPrefix(before.Name, f.Name) {
				t.Errorf("%s comes before %s", before.Name, f.Name)
			}
		}
	}
}

func TestShareIsItsContents(t *testing.T) {
	r := newRig(t)
	_, want := r.sample(t)
	if diff := cmp.Diff(want, unzip(t, r.zip(t, r.Owner, folder(r.Share)))); diff != "" {
		t.Error(cut(diff))
	}
	a, err := r.Archives.Open(t.Context(), r.Owner, []archive.Item{folder(r.Share)})
	if err != nil || a.Name != "Work.zip" {
		t.Errorf("%v, %v", a, err)
	}
	empty := r.NewShare(t, -1)
	if got := unzip(t, r.zip(t, r.Owner, folder(empty))); len(got) != 0 {
		t.Error(got)
	}
}

func TestSeveralItems(t *testing.T) {
	r := newRig(t)
	a, b := r.mkdir(t, r.Share, "a"), r.mkdir(t, r.Share, "b")
	one, two := r.put(t, a, "same.tar.gz", []byte("1")), r.put(t, b, "SAME.tar.gz", []byte("2"))
	three := r.put(t, r.Share, "same.tar (2).gz", []byte("3"))
	gone := r.put(t, r.Share, "gone", nil)
	if err := r.Tree.Trash(t.Context(), r.Owner, gone, engine.KindFile, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	got := unzip(t, r.zip(t, r.Owner, archive.Item{ID: three}, archive.Item{ID: one}, archive.Item{ID: two}, archive.Item{ID: gone}, folder(a), archive.Item{ID: one}))
	want := map[string]string{"same.tar (2).gz": "3", "same.tar.gz": "1", "SAME.tar (3).gz": "2", "a/": "", "a/same.tar.gz": "1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for what, items := range map[string][]archive.Item{"a trashed one": {{ID: gone}}, "two trashed ones": {{ID: gone}, {ID: gone}}} {
		if _, err := r.Archives.Open(t.Context(), r.Owner, items); engine.KindOf(err) != engine.KindGone {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := r.Archives.Open(t.Context(), r.Owner, make([]archive.Item, archive.MaxItems+1)); engine.KindOf(err) != engine.KindInvalid {
		t.Error(err)
	}
	if _, err := r.Archives.Open(t.Context(), r.Owner, []archive.Item{{ID: one, Kind: engine.KindFolder}}); engine.KindOf(err) != engine.KindNotFound {
		t.Error("a file as a folder:", err)
	}
}

// restrict puts an entry on a node, behind which only administrators see it yet.
func (r *rig) restrict(t testing.TB, id engine.ID) {
	t.Helper()
	err := r.DB.Update(t.Context(), func(tx *meta.Tx) error {
		n, err := schema.GetNode(tx, r.Tenant.No, id)
		if err != nil {
			return err
		}
		sh, err := schema.GetShare(tx, r.Tenant.No, r.Share)
		if err != nil {
			return err
		}
		return schema.PutEntries(tx, r.Tenant.No, sh, n, []engine.Entry{{ID: r.NewID(), Type: engine.EntryDeny, Kind: engine.PrincipalEveryone, Rights: engine.RightRead, AppliesTo: engine.AppliesToThisAndDescendants}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRights(t *testing.T) {
	r := newRig(t)
	top, want := r.sample(t)
	for _, p := range []*engine.Principal{r.Stranger, r.Foreigner} {
		if _, err := r.Archives.Open(t.Context(), p, []archive.Item{folder(top)}); engine.KindOf(err) != engine.KindNotFound {
			t.Error(err)
		}
		if _, _, err := r.Archives.Issue(t.Context(), p, []archive.Item{folder(top)}); engine.KindOf(err) != engine.KindNotFound {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(want, unzip(t, r.zip(t, r.Root, folder(top)))); diff != "" {
		t.Error(cut(diff))
	}
	l, err := r.Tree.Walk(t.Context(), r.Owner, r.Share, top, 1000, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range l.Entries {
		if n.Name == "sub" {
			r.restrict(t, n.ID)
		}
	}
	maps.DeleteFunc(want, func(name, _ string) bool { return strings.HasPrefix(name, "Pläne/sub") })
	if diff := cmp.Diff(want, unzip(t, r.zip(t, r.Owner, folder(top)))); diff != "" {
		t.Error(cut(diff))
	}
}

// at runs fn when so many bytes have been written.
type at struct {
	w    io.Writer
	left int
	fn   func()
}

func (a *at) Write(p []byte) (int, error) {
	if a.left -= len(p); a.left <= 0 && a.fn != nil {
		a.fn()
		a.fn = nil
	}
	return a.w.Write(p)
}

// TestChangesUnderway has things changed while an archive flows, whose length was
// told and whose was not.
func TestChangesUnderway(t *testing.T) {
	const files = 400
	for _, test := range []struct {
		name string
		// change is done to a file that has not gone out yet.
		change func(t *testing.T, r *rig, id engine.ID)
		told   string // what the file is in an archive of a told length, "-": the archive breaks
		untold string // else, "-": absent
	}{
		{"content", func(t *testing.T, r *rig, id engine.ID) { r.overwrite(t, id, []byte("longer than it was")) }, "old", "longer than it was"},
		{"trashed", func(t *testing.T, r *rig, id engine.ID) {
			if err := r.Tree.Trash(t.Context(), r.Owner, id, engine.KindFile, engine.ID{}); err != nil {
				t.Fatal(err)
			}
		}, "old", "-"},
		{"restricted", func(t *testing.T, r *rig, id engine.ID) { r.restrict(t, id) }, "-", "-"},
	} {
		for _, told := range []bool{true, false} {
			t.Run(fmt.Sprint(test.name, " told=", told), func(t *testing.T) {
				r := newRig(t)
				top := r.mkdir(t, r.Share, "top")
				r.put(t, top, "aaa", transfertest.Random(1, 4<<20))
				for i := range files {
					r.put(t, top, fmt.Sprintf("b%03d", i), []byte("x"))
				}
				last := r.put(t, top, "zzz", []byte("old"))
				env := r.Env()
				if !told {
					now := env.Now
					var n time.Duration
					env.Now = func() time.Time { n += time.Second; return now().Add(n) } // no time to count
				}
				svc := archive.New(r.Tree, r.Transfer, r.Shares, trust{}, env)
				a, err := svc.Open(t.Context(), r.Owner, []archive.Item{folder(top)})
				if err != nil {
					t.Fatal(err)
				}
				if (a.Length >= 0) != told {
					t.Fatal("length", a.Length)
				}
				var b bytes.Buffer
				err = a.WriteTo(t.Context(), &at{&b, 1 << 20, func() { test.change(t, r, last) }})
				want := test.untold
				if told {
					want = test.told
				}
				if told && want == "-" {
					if err == nil {
						t.Fatal("it ended as if it were whole")
					}
					if _, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len())); err == nil {
						t.Error("the directory was written")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if told && a.Length != int64(b.Len()) {
					t.Errorf("%d bytes told, %d written", a.Length, b.Len())
				}
				got := unzip(t, b.Bytes())
				v, ok := got["top/zzz"]
				if ok != (want != "-") || ok && v != want {
					t.Errorf("%q, %v; want %q", v, ok, want)
				}
				if len(got) < files+2 {
					t.Errorf("%d entries", len(got))
				}
			})
		}
	}
}

func (r *rig) overwrite(t testing.TB, id engine.ID, data []byte) {
	t.Helper()
	tmp := r.put(t, r.Share, "overwriting", data)
	o, err := r.Transfer.Open(t.Context(), r.Owner, tmp, 0)
	if err != nil {
		t.Fatal(err)
	}
	l, err := r.Tree.Get(t.Context(), r.Owner, id, engine.KindFile)
	if err != nil {
		t.Fatal(err)
	}
	err = r.DB.Update(t.Context(), func(tx *meta.Tx) error {
		_, _, err := r.Tree.PutFile(tx, r.Owner, tree.FileSpec{
			Share: r.Share, File: id, Base: l.Node.VersionID, Content: o.Version.Content, ModifiedAt: l.Node.ModifiedAt,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestBreaks has the writer fail, and the context end, at several places: nothing
// hangs and nothing ends as if it were whole.
func TestBreaks(t *testing.T) {
	r := newRig(t)
	top, _ := r.sample(t)
	for i := range 200 {
		r.put(t, top, fmt.Sprint("f", i), transfertest.Random(uint64(i), 50_000))
	}
	whole := len(r.zip(t, r.Owner, folder(top)))
	full := errors.New("full")
	for _, n := range []int{0, 1, 70_000, 1 << 20, 8 << 20, whole - 1} {
		a, err := r.Archives.Open(t.Context(), r.Owner, []archive.Item{folder(top)})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.WriteTo(t.Context(), &bounded{n, full}); !errors.Is(err, full) {
			t.Errorf("a writer that takes %d bytes: %v", n, err)
		}
		a, err = r.Archives.Open(t.Context(), r.Owner, []archive.Item{folder(top)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if err := a.WriteTo(ctx, &at{io.Discard, n, cancel}); n < whole-200_000 && err == nil {
			t.Errorf("a context that ends after %d bytes: no error", n)
		}
		cancel()
	}
}

type bounded struct {
	left int
	err  error
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, b.err
	}
	return len(p), nil
}

// TestFlows has more archives written at a time than a user may have.
func TestFlows(t *testing.T) {
	r := newRig(t)
	id := r.put(t, r.Share, "f", []byte("x"))
	open := func(p *engine.Principal) *archive.Archive {
		t.Helper()
		a, err := r.Archives.Open(t.Context(), p, []archive.Item{{ID: id}})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	gate, inside, over := make(chan struct{}), make(chan struct{}), make(chan error)
	for range 16 {
		a := open(r.Owner)
		go func() {
			over <- a.WriteTo(t.Context(), &at{io.Discard, 0, func() { inside <- struct{}{}; <-gate }})
		}()
		<-inside
	}
	if err := open(r.Owner).WriteTo(t.Context(), io.Discard); engine.KindOf(err) != engine.KindRateLimited {
		t.Error("one more:", err)
	}
	if err := open(r.Root).WriteTo(t.Context(), io.Discard); err != nil {
		t.Error("another user's:", err)
	}
	close(gate)
	for range 16 {
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
	if err := open(r.Owner).WriteTo(t.Context(), io.Discard); err != nil {
		t.Error("when they are over:", err)
	}
}

// TestTools has the archive extracted by programs of others, from a file and from
// a pipe.
func TestTools(t *testing.T) {
	r := newRig(t)
	top, want := r.sample(t)
	b := r.zip(t, r.Owner, folder(top))
	path := filepath.Join(t.TempDir(), "a.zip")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []struct {
		name string
		args []string
		pipe bool
	}{
		{"unzip", []string{"unzip", "-tq", path}, false},
		{"unzip", []string{"unzip", "-q", path, "-d", "."}, false},
		{"bsdtar", []string{"bsdtar", "-xf", path}, false},
		{"bsdtar", []string{"bsdtar", "-xf", "-"}, true},
		{"python3", []string{"python3", "-c", "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nz.extractall('.')", path}, false},
	} {
		t.Run(strings.Join(tool.args[:2], " ")+fmt.Sprint(" pipe=", tool.pipe), func(t *testing.T) {
			need(t, tool.name)
			dir := t.TempDir()
			cmd := exec.Command(tool.args[0], tool.args[1:]...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
			if tool.pipe {
				cmd.Stdin = bytes.NewReader(b)
			}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if tool.args[1] == "-tq" {
				return
			}
			if diff := cmp.Diff(want, files(t, dir)); diff != "" {
				t.Error(cut(diff))
			}
			info, err := os.Stat(filepath.Join(dir, "Pläne", "tool.sh"))
			if err != nil {
				t.Fatal(err)
			}
			if tool.name != "python3" && (info.Mode()&0o100 == 0 || !info.ModTime().Equal(time.Date(2020, 2, 3, 4, 5, 7, 0, time.UTC))) && !tool.pipe {
				t.Errorf("%v %v", info.Mode(), info.ModTime())
			}
		})
	}
}

// need skips a test whose tool is not there; CI has it.
func need(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("not installed: " + tool)
	}
}

// files reads a directory as unzip reads an archive.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if e.IsDir() {
			got[rel+"/"] = ""
			return nil
		}
		b, err := os.ReadFile(path)
		got[rel] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func cut(s string) string { return s[:min(len(s), 1500)] }

// TestTickets uses tickets in every wrong way.
func TestTickets(t *testing.T) {
	r := newRig(t)
	top, want := r.sample(t)
	issue := func() string {
		t.Helper()
		token, expires, err := r.Archives.Issue(t.Context(), r.Owner, []archive.Item{folder(top)})
		if err != nil {
			t.Fatal(err)
		}
		if len(token) < 22 || !expires.Equal(r.Now().Add(archive.TicketLife)) {
			t.Errorf("%q until %v", token, expires)
		}
		return token
	}
	redeem := func(token string, caller *engine.Principal, look bool) (map[string]string, engine.Kind) {
		a, _, err := r.Archives.Redeem(t.Context(), token, caller, look)
		if err != nil {
			return nil, engine.KindOf(err)
		}
		var b bytes.Buffer
		if err := a.WriteTo(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		return unzip(t, b.Bytes()), 0
	}
	token := issue()
	for _, s := range []struct {
		what  string
		token string
		who   *engine.Principal
		look  bool
		kind  engine.Kind
	}{
		{"unknown", token[:len(token)-1] + "_", nil, false, engine.KindNotFound},
		{"empty", "", nil, false, engine.KindNotFound},
		{"another's", token, r.Stranger, false, engine.KindNotFound},
		{"looked at", token, nil, true, 0},
		{"one's own", token, r.Owner, false, 0},
		{"used", token, nil, false, engine.KindGone},
		{"used, looked at", token, nil, true, engine.KindGone},
		{"used, another's", token, r.Stranger, false, engine.KindNotFound},
	} {
		got, kind := redeem(s.token, s.who, s.look)
		if kind != s.kind || kind == 0 && !maps.Equal(got, want) {
			t.Errorf("%s: %d", s.what, kind)
		}
	}
	token = issue()
	r.Pass(archive.TicketLife)
	if _, kind := redeem(token, nil, false); kind != engine.KindGone {
		t.Error("expired:", kind)
	}
	r.Pass(time.Hour)
	token = issue()
	r.restrict(t, top)
	if _, kind := redeem(token, nil, false); kind != engine.KindNotFound {
		t.Error("of a folder that is out of sight now:", kind)
	}
}

// TestTicketBounds keeps the number of open tickets of a user bounded.
func TestTicketBounds(t *testing.T) {
	r := newRig(t)
	id := r.put(t, r.Share, "f", nil)
	var tokens []string
	for {
		token, _, err := r.Archives.Issue(t.Context(), r.Owner, []archive.Item{{ID: id}})
		if err != nil {
			if engine.KindOf(err) != engine.KindRateLimited || len(tokens) != 100 {
				t.Fatalf("after %d: %v", len(tokens), err)
			}
			break
		}
		tokens = append(tokens, token)
	}
	slices.Sort(tokens)
	if len(slices.Compact(tokens)) != 100 {
		t.Error("tickets repeat")
	}
	if _, _, err := r.Archives.Issue(t.Context(), r.Root, []archive.Item{{ID: id}}); err != nil {
		t.Error("another user:", err)
	}
	r.Pass(archive.TicketLife)
	if _, _, err := r.Archives.Issue(t.Context(), r.Owner, []archive.Item{{ID: id}}); err != nil {
		t.Error("when they have expired:", err)
	}
}

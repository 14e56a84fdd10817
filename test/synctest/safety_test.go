package synctest

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// two is two people with some files in step, whose clients follow.
func two(t *testing.T) (s *server, a, b *person, before map[string]string) {
	t.Helper()
	s = newServer(t, filepath.Join(t.TempDir(), "data"))
	share := newShare(t, s.api(t), "Work")
	a, b = newPerson(t, "A"), newPerson(t, "B")
	for i := range 20 {
		a.write("dir/file "+string(rune('a'+i)), "content of "+string(rune('a'+i)))
	}
	a.write("dir/sub/deep", "deep")
	a.write("top", "top")
	for _, p := range []*person{a, b} {
		p.joins(s, share)
		p.ok("sync", "run", "--once")
	}
	before = tree(t, a.root)
	if got := tree(t, b.root); !maps.Equal(got, before) {
		t.Fatalf("at the beginning:\n%s", differ(got, before))
	}
	a.follow()
	b.follow()
	a.inStep()
	b.inStep()
	return s, a, b, before
}

func (p *person) path(name string) string { return filepath.Join(p.root, filepath.FromSlash(name)) }

func (p *person) write(name, content string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(p.path(name)), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.path(name), []byte(content), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// says waits until the client's status fits.
func (p *person) says(what string, fits func(s *state) bool) {
	p.t.Helper()
	var last state
	deadline := time.Now().Add(60 * time.Second)
	for {
		if last = p.status(); fits(&last) {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s does not say that %s: %+v\n%s", p.name, what, last, tail(p.log.String(), 3000))
		}
		time.Sleep(50 * time.Millisecond) // between two questions
	}
}

func (p *person) inStep() {
	p.t.Helper()
	p.says("it is in step", func(s *state) bool { return s.InStep && s.Running && s.Live })
}

// has waits until a folder holds what it should.
func (p *person) has(want map[string]string) {
	p.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		got := tree(p.t, p.root)
		if maps.Equal(got, want) {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s:\n%s%+v\n%s", p.name, differ(got, want), p.status(), tail(p.log.String(), 3000))
		}
		time.Sleep(50 * time.Millisecond) // between two questions
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestRootGoesAndComesBack: a folder that is unplugged, emptied, or replaced by an
// empty one deletes nothing for anybody, says what is wrong, and goes on when it is
// back.
func TestRootGoesAndComesBack(t *testing.T) {
	s, a, b, before := two(t)
	aside := a.root + " aside"
	for name, gone := range map[string]func(){
		"unplugged": func() { must(t, os.Rename(a.root, aside)) },
		"replaced by an empty folder": func() {
			must(t, os.Rename(a.root, aside), os.Mkdir(a.root, 0o755))
		},
		"replaced by a file": func() {
			must(t, os.Rename(a.root, aside), os.WriteFile(a.root, nil, 0o644))
		},
	} {
		t.Run(name, func(t *testing.T) {
			gone()
			a.says("its folder is gone", func(s *state) bool {
				return !s.InStep && strings.Contains(s.Error, "the folder is not there or is not the one that was set up")
			})
			// From a fresh start, too.
			a.kill()
			if out, code := a.run("", "sync", "run", "--once"); code != 3 || !strings.Contains(out, "not the one that was set up") {
				t.Errorf("exit %d: %s", code, out)
			}
			b.write("from b "+name, "b")
			before["from b "+name] = "b"
			b.says("it is in step", func(s *state) bool { return s.InStep })
			if got := tree(t, b.root); !maps.Equal(got, before) {
				t.Errorf("b:\n%s", differ(got, before))
			}
			must(t, os.RemoveAll(a.root), os.Rename(aside, a.root))
			a.follow()
			a.has(before)
			a.inStep()
		})
	}
	s.stop(t)
}

// TestEmptiedFolder: a folder whose files are gone, but not its marker, is held by
// the brake; files that come back are in step, and what is meant is allowed.
func TestEmptiedFolder(t *testing.T) {
	_, a, b, before := two(t)
	// All goes at once for the client: of a folder that is half empty it sends what went.
	a.ok("sync", "pause")
	a.says("it rests", func(s *state) bool { return s.PausedNow })
	must(t, os.Rename(a.path("dir"), a.root+" dir"), os.Rename(a.path("top"), a.root+" top"))
	a.ok("sync", "resume")
	a.says("it is held", func(s *state) bool { return s.Held != nil && s.Held.Items == s.Held.Of && !s.InStep })
	if out, code := a.run("", "sync", "status"); code != 3 || !strings.Contains(out, "sync resume --allow-deletes") {
		t.Errorf("exit %d: %s", code, out)
	}
	b.write("top", "edited by b")
	before["top"] = "edited by b"
	b.inStep()
	b.has(before)
	// They come back, elsewhere first.
	must(t, os.Rename(a.root+" dir", a.path("dir")), os.Rename(a.root+" top", a.path("top")))
	a.has(before)
	a.inStep()
	b.has(before)
	// Now it is meant.
	a.ok("sync", "pause")
	a.says("it rests", func(s *state) bool { return s.PausedNow })
	must(t, os.RemoveAll(a.path("dir")), os.RemoveAll(a.path("top")))
	a.ok("sync", "resume")
	a.says("it is held", func(s *state) bool { return s.Held != nil })
	a.ok("sync", "resume", "--allow-deletes")
	a.inStep()
	b.has(map[string]string{})
}

// TestUnreadableFolder: what can't be listed is not gone.
func TestUnreadableFolder(t *testing.T) {
	if os.Getuid() == 0 {
		as(t, "TestUnreadableFolder")
		return
	}
	_, a, b, before := two(t)
	must(t, os.Chmod(a.path("dir"), 0))
	a.write("new", "new")
	before["new"] = "new"
	b.has(before)
	b.write("dir/sub/deep", "edited by b")
	before["dir/sub/deep"] = "edited by b"
	b.inStep()
	a.says("something can't be listed", func(s *state) bool {
		return !s.InStep && len(s.Waiting) > 0 && strings.Contains(s.Waiting[0].Reason, "permission denied")
	})
	b.has(before)
	must(t, os.Chmod(a.path("dir"), 0o755))
	a.ok("sync", "pause")
	a.ok("sync", "resume")
	a.has(before)
	a.inStep()
}

// as runs a test again as somebody who may not do everything.
func as(t *testing.T, name string) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "scaidrive-synctest-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	self, err := os.Executable()
	must(t, err)
	for from, to := range map[string]string{self: "test", bin(t): "scaidrive"} {
		b, err := os.ReadFile(from)
		must(t, err, os.WriteFile(filepath.Join(dir, to), b, 0o755))
	}
	const nobody = 65534
	must(t, os.Chmod(dir, 0o755), os.Mkdir(filepath.Join(dir, "tmp"), 0o755), os.Chown(filepath.Join(dir, "tmp"), nobody, nobody))
	cmd := exec.Command(filepath.Join(dir, "test"), "-test.run", "^"+name+"$", "-test.v")
	cmd.Dir = filepath.Join(dir, "tmp")
	cmd.Env = append(os.Environ(), "SCAIDRIVE_BIN="+filepath.Join(dir, "scaidrive"), "TMPDIR="+cmd.Dir, "HOME="+cmd.Dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+name) {
		t.Fatalf("as nobody: %v\n%s", err, tail(string(out), 4000))
	}
}

// TestWrongServer: another server at the address deletes nothing, and the right one
// is followed again when it is back.
func TestWrongServer(t *testing.T) {
	s, a, b, before := two(t)
	right := s.data
	s.kill()
	s.data = filepath.Join(t.TempDir(), "other")
	s.start(t)
	a.says("something is wrong", func(s *state) bool { return !s.InStep && s.Error != "" })
	// Somebody signs in to it, where the same share is not.
	c := newPerson(t, "C")
	if out, code := c.run(adminPassword+"\n", "login", s.url(), "--email", adminEmail, "--password-stdin"); code != 0 {
		t.Fatal(out)
	}
	b.kill()
	must(t, os.RemoveAll(b.home+" config"), os.Rename(b.home+"/config", b.home+" config"), os.Rename(c.home+"/config", b.home+"/config"))
	if out, code := b.run("", "sync", "run", "--once"); code == 0 || !strings.Contains(out, "Work is not on "+s.url()) {
		t.Errorf("a server without the share: exit %d: %s", code, out)
	}
	if got := tree(t, b.root); !maps.Equal(got, before) {
		t.Errorf("b:\n%s", differ(got, before))
	}
	must(t, os.Rename(b.home+"/config", c.home+"/config"), os.Rename(b.home+" config", b.home+"/config"))
	a.write("made meanwhile", "a")
	before["made meanwhile"] = "a"
	s.kill()
	s.data = right
	s.start(t)
	a.kill() // it would try again by itself, in a while
	a.follow()
	b.follow()
	b.has(before)
	a.has(before)
	a.inStep()
	b.inStep()
}

// TestServerFromABackup: what a server has lost since its backup comes back from the
// clients, and nobody deletes because of it.
func TestServerFromABackup(t *testing.T) {
	s, a, b, before := two(t)
	s.kill()
	backup := filepath.Join(t.TempDir(), "backup")
	must(t, os.CopyFS(backup, os.DirFS(s.data)))
	s.start(t)
	a.kill()
	a.follow()
	a.write("after the backup", "new")
	a.write("top", "edited after the backup")
	before["after the backup"], before["top"] = "new", "edited after the backup"
	b.kill()
	b.follow()
	b.has(before)
	b.inStep()
	s.kill()
	must(t, os.RemoveAll(s.data), os.CopyFS(s.data, os.DirFS(backup)), os.Chmod(s.data, 0o700), os.Chmod(filepath.Join(s.data, "keys"), 0o700))
	s.start(t)
	for _, p := range []*person{a, b} { // they would try again by themselves, in a while
		p.kill()
		p.follow()
	}
	var after map[string]string
	waitFor(t, 60*time.Second, "both to be in step", func() bool {
		x, y := a.status(), b.status()
		after = tree(t, a.root)
		return x.InStep && y.InStep && x.Running && y.Running && maps.Equal(after, tree(t, b.root))
	})
	for p, text := range before {
		if after[p] != text {
			t.Errorf("%s is %q, was %q", p, after[p], text)
		}
	}
}

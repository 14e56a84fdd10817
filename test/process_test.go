package test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestSecondProcess: a second process on a data directory is refused, by name.
func TestSecondProcess(t *testing.T) {
	s := start(t, t.TempDir())
	for _, args := range [][]string{
		{"serve", "--data", s.data, "--listen", "127.0.0.1:0"},
		{"verify", "--data", s.data},
		{"repair", "--data", s.data},
	} {
		r := newCLI(t).run("", args...)
		if r.code != 1 || !strings.Contains(r.err, "another scaidrive process") {
			t.Errorf("%v beside a running server: exit %d\n%s%s", args, r.code, r.out, r.err)
		}
	}
}

// TestFirstStartInterrupted kills the first start at many moments; the next
// start finishes it, whatever was there.
func TestFirstStartInterrupted(t *testing.T) {
	_, err := exec.LookPath("strace")
	need(t, err == nil, "strace")
	for _, call := range []string{"fsync", "fdatasync", "renameat,renameat2", "mkdirat"} {
		for when := 1; when <= 6; when++ {
			data := t.TempDir()
			s := launch(t, data, freePort(t), []string{"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call,
				"-e", "inject=" + call + ":signal=SIGKILL:when=" + strconv.Itoa(when)})
			up := comesUp(s)
			s.kill()
			s = start(t, data)
			a, err := s.api()
			if err != nil {
				t.Fatalf("%s %d (up: %v): %v\n%s", call, when, up, err, s.log)
			}
			share := a.share(t, "First")
			if _, _, err := a.post(share, "", "a.txt", []byte("a")); err != nil {
				t.Fatalf("%s %d: %v", call, when, err)
			}
			s.stop()
			if r := newCLI(t).run("", "verify", "--data", data, "--read-data"); r.code != 0 {
				t.Fatalf("%s %d: verify: exit %d\n%s%s", call, when, r.code, r.out, r.err)
			}
			if err := os.RemoveAll(data); err != nil { // a new store takes nearly a GB, and there are many
				t.Fatal(err)
			}
		}
	}
}

// TestForeignDirectory: a directory that holds something else is never taken over.
func TestForeignDirectory(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("mine"), 0o600)
	s := launch(t, dir, freePort(t), nil)
	<-s.done
	if !strings.Contains(s.log.String(), "thesis.txt") || s.cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("exit %d\n%s", s.cmd.ProcessState.ExitCode(), s.log)
	}
	if _, err := os.Stat(filepath.Join(dir, "FORMAT")); err == nil {
		t.Error("a store was made in a foreign directory")
	}
}

// TestNoAdministrator: a first start without an administrator ends with 2 and
// names what it needs.
func TestNoAdministrator(t *testing.T) {
	cmd := exec.Command(bin(t), "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "SCAIDRIVE_ADMIN_EMAIL") || !strings.Contains(string(out), "SCAIDRIVE_ADMIN_PASSWORD") {
		t.Errorf("exit %d\n%s", cmd.ProcessState.ExitCode(), out)
	}
}

// newest is the file in use in a directory tree that was changed last.
func newest(t *testing.T, dir string) string {
	t.Helper()
	best, when := "", time.Time{}
	for _, name := range filesIn(t, dir) {
		if strings.HasSuffix(name, ".tmp") {
			continue // prepared, not in use
		}
		if fi, err := os.Stat(name); err == nil && !fi.ModTime().Before(when) {
			best, when = name, fi.ModTime()
		}
	}
	if best == "" {
		t.Fatalf("no file in %s", dir)
	}
	return best
}

// TestFailedSync injects an error into the sync of each kind of file. From then
// on nothing is acknowledged, reading goes on, ready fails; after a restart
// everything that was acknowledged is there.
func TestFailedSync(t *testing.T) {
	_, err := exec.LookPath("strace")
	need(t, err == nil, "strace")
	for _, kind := range []string{"packs", "oplog", "meta.db", "index.db"} {
		t.Run(kind, func(t *testing.T) {
			s := start(t, t.TempDir())
			a, err := s.api()
			if err != nil {
				t.Fatal(err)
			}
			share := a.share(t, "Sync")
			kept, _, err := a.post(share, "", "before.txt", []byte("before"))
			if err != nil {
				t.Fatal(err)
			}
			target := filepath.Join(s.data, kind)
			if kind == "packs" || kind == "oplog" {
				target = newest(t, target)
			}
			tracer := exec.Command("strace", "-f", "-qq", "-o", "/dev/null", "-P", target, "-e", "trace=fsync,fdatasync",
				"-e", "inject=fsync,fdatasync:error=EIO", "-p", strconv.Itoa(s.cmd.Process.Pid))
			if err := tracer.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() { tracer.Wait(); close(ended) }()
			defer func() { tracer.Process.Kill(); <-ended }()
			waitFor(t, 20*time.Second, "the tracer to hold every thread", func() bool { return traced(s.cmd.Process.Pid) })
			acked := map[string]object{}
			refused := false
			// The databases are synced in the background and at the stop only.
			for i := 0; i < 50 && !refused; i++ {
				name := "after-" + strconv.Itoa(i) + ".txt"
				o, code, err := a.post(share, "", name, []byte(name))
				if err == nil {
					acked[name] = o
					continue
				}
				refused = true
				if code != 503 && code != 500 {
					t.Errorf("the first refused write: %d %v", code, err)
				}
			}
			if kind == "packs" || kind == "oplog" {
				if !refused {
					t.Fatalf("writes went on after a failed sync of %s", target)
				}
				if len(acked) > 0 {
					t.Errorf("%d writes were acknowledged although their sync failed", len(acked))
				}
				if _, code, _ := a.post(share, "", "later.txt", []byte("x")); code != 503 {
					t.Errorf("a later write: %d, not 503", code)
				}
				if code, _ := a.call("GET", "/ready", nil, nil); code != 503 {
					t.Errorf("ready: %d, not 503", code)
				}
				if b, _, err := a.content(kept.ID); err != nil || string(b) != "before" {
					t.Errorf("reading: %q %v", b, err)
				}
			}
			s.cmd.Process.Signal(os.Interrupt)
			select {
			case <-s.done:
			case <-time.After(20 * time.Second):
				s.kill()
			}
			tracer.Process.Kill()
			<-ended
			// docs/formats/store-header.md: state and last frame.
			h, err := os.ReadFile(filepath.Join(s.data, "FORMAT"))
			if err != nil || len(h) != 256 || h[160] == 3 && !bytes.Equal(h[168:176], make([]byte, 8)) {
				t.Errorf("the next start is told that all was synced: %x %v", h, err)
			}
			s = restart(t, s)
			if a, err = s.api(); err != nil {
				t.Fatal(err)
			}
			acked["before.txt"] = kept
			for name, o := range acked {
				want := name
				if name == "before.txt" {
					want = "before"
				}
				if b, _, err := a.content(o.ID); err != nil || string(b) != want {
					t.Errorf("%s after the restart: %q %v", name, b, err)
				}
			}
			if _, _, err := a.post(share, "", "again.txt", []byte("again")); err != nil {
				t.Errorf("writing after the restart: %v", err)
			}
			s.stop()
			if r := newCLI(t).run("", "verify", "--data", s.data, "--read-data"); r.code != 0 {
				t.Errorf("verify: exit %d\n%s%s", r.code, r.out, r.err)
			}
		})
	}
}

// traced reports whether a tracer holds all threads of a process.
func traced(pid int) bool {
	all, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/status")
	for _, name := range all {
		if b, rerr := os.ReadFile(name); rerr == nil && strings.Contains(string(b), "\nTracerPid:\t0\n") {
			return false
		}
	}
	return err == nil && len(all) > 0
}

// TestStartAfterStopKilled kills the server that was started after an orderly stop at
// each of its first syncs and renames: what it acknowledged is there, and what was there.
func TestStartAfterStopKilled(t *testing.T) {
	_, err := exec.LookPath("strace")
	need(t, err == nil, "strace")
	data := t.TempDir()
	s := start(t, data)
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := a.share(t, "Share")
	want := 0
	post := func(name string) bool {
		if _, code, err := a.post(share, "", name, []byte(name)); err != nil || code != 201 {
			return false
		}
		want++
		return true
	}
	if !post("before.txt") {
		t.Fatal("a file is refused")
	}
	for i, call := range []string{"fsync:when=1", "fsync:when=2", "renameat,renameat2:when=1", "fsync,fdatasync:when=3", "fsync,fdatasync:when=4", "fsync,fdatasync:when=5"} {
		s.stop()
		names, when, _ := strings.Cut(call, ":")
		s = launch(t, data, s.addr(), []string{"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + names,
			"-e", "inject=" + names + ":signal=SIGKILL:" + when})
		if comesUp(s) {
			for n := range 3 {
				if !post(strconv.Itoa(i) + "-" + strconv.Itoa(n) + ".txt") {
					break
				}
			}
		}
		s.kill()
		s = restart(t, s)
		if a, err = s.api(); err != nil {
			t.Fatalf("%s: %v\n%s", call, err, s.log)
		}
		got, err := a.children(share, "root")
		if err != nil || len(got) < want || len(got) > want+1 {
			t.Fatalf("%s: %d files of %d acknowledged: %v", call, len(got), want, err)
		}
		want = len(got)
	}
	s.stop()
	if r := newCLI(t).run("", "verify", "--data", data, "--read-data"); r.code != 0 {
		t.Fatalf("verify: exit %d\n%s%s", r.code, r.out, r.err)
	}
}

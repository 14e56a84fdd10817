package preview

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A probed is what a stage let happen: the error of each try, "" for success.
type probed map[string]string

// probe takes the limits and the filter on as RunChild does, and then tries what a
// decoder that was taken over would.
func probe(out io.Writer, args []string) int {
	o, err := parseOrder(args)
	if err != nil {
		return childFailed
	}
	if err := takeLimits(o); err != nil {
		return childFailed
	}
	all := map[string]probed{"before": try(o)}
	for _, s := range []stage{loading, decoding} {
		if err := confine(o, s); err != nil {
			all["confine"] = probed{"error": err.Error()}
			break
		}
		all[map[stage]string{loading: "loading", decoding: "decoding"}[s]] = try(o)
	}
	all["env"] = probed{}
	for _, e := range os.Environ() {
		all["env"][e] = "set"
	}
	_ = json.NewEncoder(out).Encode(all)
	return childDone
}

func try(o order) probed {
	p := probed{}
	note := func(what string, err error) {
		p[what] = ""
		if err != nil {
			p[what] = err.Error()
		}
	}
	f, err := os.Open(filepath.Join(o.Engine, "there"))
	note("read a file", err)
	if err == nil {
		f.Close()
	}
	note("write a file", os.WriteFile(filepath.Join(o.Engine, "new"), nil, 0o600))
	note("make a folder", os.Mkdir(filepath.Join(o.Engine, "folder"), 0o700))
	_ = os.Remove(filepath.Join(o.Engine, "folder"))
	note("rename", os.Rename(filepath.Join(o.Engine, "there"), filepath.Join(o.Engine, "there")))
	c, err := net.DialTimeout("udp", "127.0.0.1:9", time.Second)
	note("socket", err)
	if err == nil {
		c.Close()
	}
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	note("socket pair", err)
	if err == nil {
		syscall.Close(fds[0])
		syscall.Close(fds[1])
	}
	note("run a program", exec.Command("/proc/self/exe", "-test.run=^$").Run())
	note("fork", fork())
	note("signal the parent", syscall.Kill(os.Getppid(), 0))
	m, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_EXEC, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	note("executable memory", err)
	if err == nil {
		_ = syscall.Munmap(m)
	}
	// And what must go on working: threads, memory, collection.
	done := make(chan bool)
	go func() {
		runtime.LockOSThread() // a thread that ends
		_ = make([]byte, 64<<20)
		done <- true
	}()
	<-done
	runtime.GC()
	return p
}

// fork makes a copy of the process that ends at once.
func fork() error {
	pid, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	if pid == 0 {
		for {
			syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)
		}
	}
	_, _ = syscall.Wait4(int(pid), nil, 0, nil) // which the filter does not let through
	return nil
}

// TestConfinement: what the child may do, before and after each step.
func TestConfinement(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's runtime needs more than the filter allows")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "there"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := newServiceAt(t, dir, Options{})
	o := s.order(s.limits)
	o.Engine = dir
	args, err := o.args()
	if err != nil {
		t.Fatal(err)
	}
	args[0] = probeCommand
	var out, errs strings.Builder
	cmd := exec.Command(s.exe, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = []string{}, &out, &errs
	isolate(cmd)
	if err := cmd.Run(); err != nil {
		t.Fatalf("probe: %v: %s", err, errs.String())
	}
	var got map[string]probed
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if c, bad := got["confine"]; bad {
		t.Fatal(c["error"])
	}
	if len(got["env"]) != 0 {
		t.Errorf("environment %v", got["env"])
	}
	for what, err := range got["before"] {
		if err != "" {
			t.Errorf("before the filter %q fails with %s: the probe shows nothing", what, err)
		}
	}
	for stage, may := range map[string][]string{
		"loading":  {"read a file", "executable memory"},
		"decoding": {},
	} {
		for what, err := range got[stage] {
			allowed := strings.Contains(strings.Join(may, ","), what)
			if allowed && err != "" {
				t.Errorf("%s: %q fails with %s", stage, what, err)
			}
			if !allowed && !strings.Contains(err, "operation not permitted") {
				t.Errorf("%s: %q gave %q, want it not permitted", stage, what, err)
			}
		}
		if len(got[stage]) != len(got["before"]) {
			t.Errorf("%s: %d tries of %d", stage, len(got[stage]), len(got["before"]))
		}
	}
}

// TestSystemCalls watches a real child that draws a picture and one that draws a
// page from outside: no socket is ever asked for, and no program started.
func TestSystemCalls(t *testing.T) {
	if raceEnabled {
		t.Skip("watched in the ordinary build")
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is not installed")
		}
		t.Skip("strace is not installed")
	}
	s := newPDFService(t, Options{})
	doc := document(1)
	for name, file := range map[string][]byte{"picture": photo(400, 300), "page": doc} {
		o := s.order(s.limits)
		o.Page, o.Size = 1, SizeTile
		args, err := o.args()
		if err != nil {
			t.Fatal(err)
		}
		log := filepath.Join(t.TempDir(), "calls")
		var out strings.Builder
		cmd := exec.Command(strace, append([]string{"-f", "-qq", "-o", log,
			"-e", "trace=%network,%process,openat,open,creat,seccomp", s.exe}, args...)...)
		cmd.Env, cmd.Stdin, cmd.Stdout = []string{}, strings.NewReader(string(file)), &out
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if a, err := parseAnswer([]byte(out.String()), s.limits.Render.Output); err != nil || a.reason != 0 {
			t.Fatalf("%s: no rendition: %v %d %s", name, err, a.reason, a.payload)
		}
		b, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		var filters []string // how long each is, and where it comes
		for _, stage := range []stage{loading, decoding} {
			f, err := filter(stage, 1)
			if err != nil {
				t.Fatal(err)
			}
			filters = append(filters, fmt.Sprintf("{len=%d,", len(f)))
		}
		execs := 0
		for _, line := range strings.Split(string(b), "\n") {
			for _, call := range []string{"socket(", "connect(", "bind(", "sendto(", "sendmsg("} {
				if strings.Contains(line, call) {
					t.Errorf("%s: %s", name, line)
				}
			}
			if strings.Contains(line, "execve(") {
				execs++
			}
			if strings.Contains(line, "seccomp(") {
				if len(filters) == 0 || !strings.Contains(line, filters[0]) {
					t.Errorf("%s: not the filter that comes next: %s", name, line)
					continue
				}
				filters = filters[1:]
			}
			if strings.Contains(line, "open") && len(filters) == 0 {
				t.Errorf("%s: opened after the last filter: %s", name, line)
			}
		}
		if len(filters) != 0 {
			t.Errorf("%s: %d filters were not put on", name, len(filters))
		}
		if execs != 1 {
			t.Errorf("%s: %d programs were started, want the child alone", name, execs)
		}
	}
}

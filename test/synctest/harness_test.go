// Package synctest holds acceptance tests of synced folders: real servers, real
// clients and real disks, killed, cut off and lied to, until all come to rest.
//
// Where a test is about processes it runs the built binary as a person does; where
// it is about many histories it runs client/worker in this process against a
// listening server. What must hold at the end is the same: all trees are equal, all
// clients say so, another run does nothing, and every content that ever was stable
// can be found.
package synctest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/client/runner"
	"scaidrive/client/worker"
	"scaidrive/httpd/wire"
)

const (
	adminEmail    = "admin@example.com"
	adminPassword = "a long enough passphrase 7"
)

var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// bin is the binary, built once for the package.
func bin(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.path = os.Getenv("SCAIDRIVE_BIN"); built.path != "" {
			return
		}
		if built.dir, built.err = os.MkdirTemp("", "scaidrive-synctest-"); built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "scaidrive")
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", built.path, "scaidrive/cmd/scaidrive")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if b, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("build the binary: %w\n%s", err, b)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// long is for how long the long runs go on; 0 in an ordinary run.
func long(t testing.TB) time.Duration {
	t.Helper()
	s := os.Getenv("SCAIDRIVE_LONG")
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// tail is the end of a log.
func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// process is one that this test has started, and ends.
type process struct {
	cmd  *exec.Cmd
	log  *lockedBuffer
	done chan struct{}
	err  error
}

func launch(t testing.TB, log *lockedBuffer, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, log: log, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(p.kill)
	return p
}

// kill is kill -9.
func (p *process) kill() {
	select {
	case <-p.done:
		return
	default:
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// stop is SIGTERM.
func (p *process) stop(t testing.TB) {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		t.Fatalf("%v did not end within 20 s of SIGTERM\n%s", p.cmd.Args, tail(p.log.String(), 4000))
	}
}

func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// server is a server at an address of its own, whose process comes and goes.
type server struct {
	*process
	data, addr string
	flags      []string // beside those of all
}

func (s *server) url() string { return "http://" + s.addr }

func newServer(t testing.TB, data string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{data: data, addr: l.Addr().String()}
	l.Close()
	s.start(t)
	return s
}

// start starts the server, again after an end, and waits until it is ready.
func (s *server) start(t testing.TB) {
	t.Helper()
	cmd := exec.Command(bin(t), append([]string{"serve", "--data", s.data, "--listen", s.addr}, s.flags...)...)
	cmd.Env = append(os.Environ(), "SCAIDRIVE_ADMIN_EMAIL="+adminEmail, "SCAIDRIVE_ADMIN_PASSWORD="+adminPassword)
	s.process = launch(t, &lockedBuffer{}, cmd)
	waitFor(t, 60*time.Second, "the server to be ready", func() bool {
		if !s.alive() {
			t.Fatalf("the server ended: %v\n%s", s.err, s.log)
		}
		resp, err := http.Get(s.url() + "/api/v1/ready")
		if err != nil {
			return false
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return resp.StatusCode == 200
	})
}

// api signs in.
func (s *server) api(t testing.TB) *client.Client {
	t.Helper()
	first, err := client.New(s.url(), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	tok, err := first.Login(t.Context(), adminEmail, adminPassword)
	if err != nil {
		t.Fatal(err)
	}
	api, err := client.New(s.url(), client.Options{Credentials: client.Static(tok.AccessToken)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api
}

func newShare(t testing.TB, api *client.Client, name string) string {
	t.Helper()
	sh, err := api.CreateShare(t.Context(), wire.CreateShare{Name: name, ShareType: "project"})
	if err != nil {
		t.Fatal(err)
	}
	return sh.ID
}

// waitFor asks until the answer is yes.
func waitFor(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not after %v", what, limit)
		}
		time.Sleep(20 * time.Millisecond) // between two questions
	}
}

// A person has a home, a folder that is synced, and the client's process for it.
type person struct {
	*process // of sync run; nil before the first
	t        testing.TB
	name     string
	home     string
	root     string
	url      string // on the way to the server; "": its own
	log      *lockedBuffer
}

func newPerson(t testing.TB, name string) *person {
	t.Helper()
	p := &person{t: t, name: name, home: t.TempDir(), log: &lockedBuffer{}}
	p.root = filepath.Join(p.home, "folder")
	if err := os.Mkdir(p.root, 0o755); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *person) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, bin(p.t), args...)
	cmd.Env = append(os.Environ(), "HOME="+p.home, "XDG_CONFIG_HOME="+p.home+"/config", "XDG_DATA_HOME="+p.home+"/data",
		"XDG_STATE_HOME="+p.home+"/state", "XDG_CACHE_HOME="+p.home+"/cache", "SCAIDRIVE_URL=", "SCAIDRIVE_TOKEN=")
	return cmd
}

// run runs a command to its end.
func (p *person) run(stdin string, args ...string) (out string, code int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := p.command(ctx, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var so, se bytes.Buffer
	cmd.Stdout, cmd.Stderr = &so, &se
	err := cmd.Run()
	var ee *exec.ExitError
	if err != nil && !errors.As(err, &ee) {
		p.t.Fatalf("%v: %v", args, err)
	}
	return so.String() + se.String(), cmd.ProcessState.ExitCode()
}

// ok runs a command that must end with 0.
func (p *person) ok(args ...string) string {
	p.t.Helper()
	out, code := p.run("", args...)
	if code != 0 {
		p.t.Fatalf("%s: scaidrive %s: exit %d\n%s", p.name, strings.Join(args, " "), code, out)
	}
	return out
}

// joins signs in and adds the folder.
func (p *person) joins(s *server, share string, flags ...string) {
	p.t.Helper()
	if p.url == "" {
		p.url = s.url()
	}
	if out, code := p.run(adminPassword+"\n", "login", p.url, "--email", adminEmail, "--password-stdin"); code != 0 {
		p.t.Fatalf("login: exit %d\n%s\n%s", code, out, s.log)
	}
	p.ok(append([]string{"sync", "add", share, p.root}, flags...)...)
}

// follow starts the client.
func (p *person) follow() {
	p.t.Helper()
	p.process = launch(p.t, p.log, p.command(context.Background(), "sync", "run", "--json"))
}

// state is what the client says of its folder.
type state struct {
	runner.Status
	Running bool `json:"running"`
}

// status asks the client. It may be called from anywhere.
func (p *person) status() state {
	p.t.Helper()
	out, _ := p.run("", "sync", "status", "--json")
	var s state
	line, _, _ := strings.Cut(out, "\n")
	if err := json.Unmarshal([]byte(line), &s); err != nil {
		p.t.Fatalf("%s: sync status: %v\n%s", p.name, err, out)
	}
	return s
}

// tree is what lies in a folder: paths with contents, folders with "/".
func tree(t testing.TB, root string) map[string]string {
	t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil && changes(err) {
			return nil // it goes while it is looked at
		}
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		switch {
		case rel == worker.Own:
			return filepath.SkipDir
		case rel == ".":
		case e.IsDir():
			m[rel] = "/"
		case e.Type().IsRegular():
			b, err := os.ReadFile(path)
			if err != nil && changes(err) {
				return nil
			}
			m[rel] = string(b)
			return err
		default:
			m[rel] = e.Type().String()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// changes reports whether a path has become something else while it was looked at.
func changes(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR)
}

func show(m map[string]string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		text := m[k]
		if len(text) > 60 {
			text = fmt.Sprintf("%s… (%d bytes)", text[:40], len(text))
		}
		fmt.Fprintf(&b, "  %s: %q\n", k, text)
	}
	return b.String()
}

// differ shows what two trees do not have in common.
func differ(a, b map[string]string) string {
	var out strings.Builder
	all := maps.Clone(a)
	maps.Copy(all, b)
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if x, y := a[k], b[k]; x != y {
			fmt.Fprintf(&out, "  %s: %.60q and %.60q\n", k, x, y)
		}
	}
	return out.String()
}

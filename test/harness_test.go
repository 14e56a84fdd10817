// Package test holds acceptance tests: they run the built binary as a person or
// a script would, kill it, fill its disk, damage its files, and look at what
// comes out. They know the command line and the HTTP API, and the names in a
// data directory, nothing inside.
package test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	adminEmail    = "admin@example.com"
	adminPassword = "a long enough passphrase 7"
)

// binary is built once for the package.
var binary = sync.OnceValues(func() (string, error) {
	if p := os.Getenv("SCAIDRIVE_BIN"); p != "" {
		return p, nil
	}
	dir, err := os.MkdirTemp("", "scaidrive-test-")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "scaidrive")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, "scaidrive/cmd/scaidrive")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, b)
	}
	return out, nil
})

func bin(t testing.TB) string {
	t.Helper()
	p, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// need skips a test without a tool; in CI a missing tool is a failure.
func need(t testing.TB, ok bool, what string) {
	t.Helper()
	if ok {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is needed, and CI must have it", what)
	}
	t.Skipf("skipped: %s is needed", what)
}

// server is a running process of the product.
type server struct {
	t    testing.TB
	data string
	url  string
	cmd  *exec.Cmd
	log  *lockedBuffer
	done chan struct{}
	err  error
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

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

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// launch starts the server with an optional wrapper command in front (strace) and
// does not wait for it to be ready.
func launch(t testing.TB, data, addr string, wrapper []string, flags ...string) *server {
	t.Helper()
	args := append(append([]string{}, wrapper...), bin(t), "serve", "--data", data, "--listen", addr)
	args = append(args, flags...)
	s := &server{t: t, data: data, url: "http://" + addr, log: &lockedBuffer{}, done: make(chan struct{})}
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Env = append(os.Environ(), "SCAIDRIVE_ADMIN_EMAIL="+adminEmail, "SCAIDRIVE_ADMIN_PASSWORD="+adminPassword)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	// A group of its own, so that a wrapper and what it runs end together.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	t.Cleanup(func() { s.kill() })
	return s
}

// start is launch and waiting until it is ready.
func start(t testing.TB, data string, flags ...string) *server {
	t.Helper()
	s := launch(t, data, freePort(t), nil, flags...)
	s.waitReady(60 * time.Second)
	return s
}

func (s *server) waitReady(limit time.Duration) {
	s.t.Helper()
	deadline := time.Now().Add(limit)
	for {
		select {
		case <-s.done:
			s.t.Fatalf("the server ended before it was ready: %v\n%s", s.err, s.log)
		default:
		}
		resp, err := http.Get(s.url + "/api/v1/ready")
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode == 200 {
				return
			}
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the server is not ready after %v\n%s", limit, s.log)
		}
		time.Sleep(5 * time.Millisecond) // poll interval of a readiness check
	}
}

// kill is kill -9.
func (s *server) kill() {
	select {
	case <-s.done:
		return
	default:
	}
	syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.done
}

// stop is SIGTERM; it must end with 0 within 10 s.
func (s *server) stop() {
	s.t.Helper()
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(15 * time.Second):
		s.t.Fatalf("the server did not end within 15 s of SIGTERM\n%s", s.log)
	}
	if s.err != nil {
		s.t.Fatalf("the server ended with %v\n%s", s.err, s.log)
	}
}

// cli is a person's command line with a home of its own.
type cli struct {
	t    testing.TB
	home string
}

func newCLI(t testing.TB) *cli { return &cli{t: t, home: t.TempDir()} }

// result is what a command printed and how it ended.
type result struct {
	out, err string
	code     int
}

func (c *cli) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, bin(c.t), args...)
	cmd.Env = append(os.Environ(), "HOME="+c.home, "XDG_CONFIG_HOME="+c.home+"/config", "XDG_DATA_HOME="+c.home+"/data",
		"XDG_STATE_HOME="+c.home+"/state", "XDG_CACHE_HOME="+c.home+"/cache")
	return cmd
}

func (c *cli) run(stdin string, args ...string) result {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := c.command(ctx, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errb bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errb
	err := cmd.Run()
	r := result{out: out.String(), err: errb.String()}
	var ee *exec.ExitError
	switch {
	case errors.As(err, &ee):
		r.code = ee.ExitCode()
	case err != nil:
		c.t.Fatalf("%v: %v", args, err)
	}
	return r
}

// ok runs a command that must end with 0.
func (c *cli) ok(args ...string) result {
	c.t.Helper()
	r := c.run("", args...)
	if r.code != 0 {
		c.t.Fatalf("scaidrive %s: exit %d\n%s%s", strings.Join(args, " "), r.code, r.out, r.err)
	}
	return r
}

func (c *cli) login(s *server) {
	c.t.Helper()
	r := c.run(adminPassword+"\n", "login", s.url, "--email", adminEmail, "--password-stdin")
	if r.code != 0 {
		c.t.Fatalf("login: exit %d\n%s%s\n%s", r.code, r.out, r.err, s.log)
	}
}

// summary decodes the last JSON line of a command's output.
func (r result) summary(t testing.TB) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	var m map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &m); err != nil {
		t.Fatalf("no JSON object in the last line %q: %v", lines[len(lines)-1], err)
	}
	return m
}

// restart starts a server again on the same data and address.
func restart(t testing.TB, s *server, flags ...string) *server {
	t.Helper()
	<-s.done
	n := launch(t, s.data, s.addr(), nil, flags...)
	n.waitReady(60 * time.Second)
	return n
}

func (s *server) addr() string { return s.url[len("http://"):] }

// waitFor polls a condition until it holds.
func waitFor(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not after %v", what, limit)
		}
		time.Sleep(5 * time.Millisecond) // poll interval
	}
}

// api is a plain HTTP client of a server, as a script would write it.
type api struct {
	url, token string
	http       http.Client
}

func (s *server) api() (*api, error) {
	a := &api{url: s.url, http: http.Client{Timeout: 5 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	var grant struct {
		AccessToken string `json:"access_token"`
	}
	code, err := a.call("POST", "/auth/login", map[string]any{"email": adminEmail, "password": adminPassword}, &grant)
	if err != nil || code != 200 {
		return nil, fmt.Errorf("sign in: %d, %v", code, err)
	}
	a.token = grant.AccessToken
	return a, nil
}

// call sends JSON and decodes JSON; out may be nil.
func (a *api) call(method, path string, in, out any) (int, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, a.url+"/api/v1"+path, body)
	if err != nil {
		return 0, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return a.do(req, out)
}

func (a *api) do(req *http.Request, out any) (int, error) {
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp.StatusCode, err
	}
	switch o := out.(type) {
	case nil:
	case *[]byte:
		*o = b
	default:
		if resp.StatusCode < 300 {
			return resp.StatusCode, json.Unmarshal(b, out)
		}
	}
	if resp.StatusCode >= 400 {
		return resp.StatusCode, fmt.Errorf("%s %s: %d %s", req.Method, req.URL.Path, resp.StatusCode, bytes.TrimSpace(b))
	}
	return resp.StatusCode, nil
}

type object struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version int    `json:"version"`
	Size    int64  `json:"size"`
	SHA256  string `json:"checksum_sha256"`
	Type    string `json:"type"`
}

// post uploads a file by multipart.
func (a *api) post(share, folder, name string, data []byte) (object, int, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	w.WriteField("share_id", share)
	if folder != "" {
		w.WriteField("folder_id", folder)
	}
	w.WriteField("name", name)
	fw, err := w.CreateFormFile("file", name)
	if err != nil {
		return object{}, 0, err
	}
	fw.Write(data)
	w.Close()
	req, err := http.NewRequest("POST", a.url+"/api/v1/files", &b)
	if err != nil {
		return object{}, 0, err
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	var o object
	code, err := a.do(req, &o)
	return o, code, err
}

func (a *api) content(file string) ([]byte, int, error) {
	req, err := http.NewRequest("GET", a.url+"/api/v1/files/"+file+"/content", nil)
	if err != nil {
		return nil, 0, err
	}
	var b []byte
	code, err := a.do(req, &b)
	return b, code, err
}

// children lists a whole folder.
func (a *api) children(share, folder string) ([]object, error) {
	var all []object
	token := ""
	for {
		var page struct {
			Items []object `json:"items"`
			Next  string   `json:"next_page_token"`
		}
		path := "/folders/" + folder + "/children?limit=100&share_id=" + share
		if token != "" {
			path += "&page_token=" + token
		}
		if _, err := a.call("GET", path, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if token = page.Next; token == "" {
			return all, nil
		}
	}
}

func (a *api) share(t testing.TB, name string) string {
	t.Helper()
	var o object
	if _, err := a.call("POST", "/shares", map[string]any{"name": name, "share_type": "project"}, &o); err != nil {
		t.Fatal(err)
	}
	return o.ID
}

// product measures the built binary from outside and prints the rows of
// docs/performance.md: client and server on this machine, every write synced
// before it is answered.
//
//	product -bin ./scaidrive [-dir DIR] [-n RUNS] [-big BYTES]
//	product -bin ./scaidrive -base ./older [-n ROUNDS] [-only large,up,text,gets,small]
//
// The second form runs two builds in turn and prints what they cost beside each
// other, in CPU time: on a machine with other work that is what can be compared.
// The data sets are made by bench/gen in DIR and kept there.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	email    = "admin@example.com"
	password = "a long enough passphrase 7"
)

// bench is one run: where things lie and the server that runs now.
type bench struct {
	bin, dir string
	only     string
	side     string // which of two compared binaries: begins the names of its stores
	runs     int
	addr     string
	srv      *exec.Cmd
}

func main() {
	b := &bench{}
	flag.StringVar(&b.bin, "bin", "./scaidrive", "the binary")
	flag.StringVar(&b.dir, "dir", "", "directory for data and stores (default: a temporary one)")
	flag.IntVar(&b.runs, "n", 3, "runs of each timed row; the median is printed")
	names := make([]string, 0, 16)
	for _, s := range b.sections() {
		names = append(names, s.name)
	}
	flag.StringVar(&b.only, "only", "", "sections to run, with commas between: "+strings.Join(names, ", "))
	base := flag.String("base", "", "an older binary: compare -bin with it, in turn, in place of the rows")
	yardstick := flag.String("yardstick", "", "be the yardstick's server at this address: / answers hello, /f/NAME a file of -dir")
	big := flag.Int64("big", 2<<30, "bytes of the large file")
	flag.Parse()
	if *yardstick != "" {
		log.Fatal(serveYardstick(*yardstick, b.dir))
	}
	var err error
	if b.addr, err = freeAddr(); err != nil {
		log.Fatal(err)
	}
	if err := b.run(*big, *base); err != nil {
		log.Fatal(err)
	}
}

func (b *bench) run(big int64, base string) (err error) {
	if b.bin, err = filepath.Abs(b.bin); err != nil {
		return err
	}
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "scaidrive-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(b.dir)
	}
	if base != "" {
		return b.compare(base, big)
	}
	fi, err := os.Stat(b.bin)
	if err != nil {
		return err
	}
	fmt.Printf("| row | figure | must | verdict |\n|---|---|---|---|\n")
	atMost("binary", "MB", float64(fi.Size())/1e6, fixed(40))
	for _, part := range b.sections() {
		if b.only == "" && part.alone || b.only != "" && !slices.Contains(strings.Split(b.only, ","), part.name) {
			continue
		}
		if err := b.data(part.sets, big); err != nil {
			return err
		}
		if err := part.run(); err != nil {
			b.stop()
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// A section is a part of a run.
type section struct {
	name, sets string
	run        func() error
	alone      bool // it runs only when it is named
}

// sections are the parts of a run, in their order.
func (b *bench) sections() []section {
	return []section{
		{"large", "d1", b.large, false}, {"text", "d4", b.text, false}, {"small", "d3", b.small, false},
		{"posts", "d3", b.posts, false}, {"gets", "", b.gets, false}, {"renames", "", b.renames, false},
		{"delta", "", b.delta, false}, {"folder", "d3", b.folder, false}, {"hundred", "", b.hundred, false},
		{"possess", "", b.possess, false}, {"sockets", "", b.sockets, false}, {"million", "", b.million, true},
		{"downs", "d3", b.downs, true},
	}
}

// data makes the data sets that are not there yet.
func (b *bench) data(sets string, big int64) error {
	if sets == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(b.dir, sets)); err == nil {
		return nil
	}
	gen := exec.Command("go", "run", "./bench/gen", "-out", b.dir, "-sets", sets, "-big", strconv.FormatInt(big, 10))
	gen.Stderr = os.Stderr
	if err := gen.Run(); err != nil {
		return fmt.Errorf("make the data: %w", err)
	}
	return nil
}

// freeAddr gives an address that nobody listens at.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// serve starts a server on a store and gives the seconds until it was ready.
func (b *bench) serve(store string) (float64, error) {
	t := time.Now()
	out, err := os.Create(filepath.Join(b.dir, b.side+"server.log"))
	if err != nil {
		return 0, err
	}
	defer out.Close()
	b.srv = exec.Command(b.bin, "serve", "--data", store, "--listen", b.addr)
	b.srv.Env = append(os.Environ(), "SCAIDRIVE_ADMIN_EMAIL="+email, "SCAIDRIVE_ADMIN_PASSWORD="+password)
	b.srv.Stdout, b.srv.Stderr = out, out
	if err := b.srv.Start(); err != nil {
		return 0, err
	}
	for time.Since(t) < time.Minute {
		resp, err := http.Get("http://" + b.addr + "/api/v1/ready")
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode == 200 {
				return time.Since(t).Seconds(), nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	return 0, errors.New("the server is not ready after a minute")
}

func (b *bench) stop() error {
	if b.srv == nil {
		return nil
	}
	s := b.srv
	b.srv = nil
	s.Process.Signal(os.Interrupt)
	return s.Wait()
}

// kill ends the server as a crash does.
func (b *bench) kill() {
	s := b.srv
	b.srv = nil
	s.Process.Kill()
	s.Wait()
}

// spent is what a client command cost.
type spent struct {
	seconds, cpu float64
	peakMiB      float64
	out          []byte
}

func (b *bench) cli(args ...string) (spent, error) { return b.cliAt(b.side+"home", args...) }

// cliAt runs a client command with a home of its own.
func (b *bench) cliAt(home string, args ...string) (spent, error) {
	cmd := b.command(home, args...)
	var out, errb bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errb
	t := time.Now()
	if err := cmd.Run(); err != nil {
		return spent{}, fmt.Errorf("%v: %w\n%s%s", args, err, out.String(), errb.String())
	}
	s := spent{seconds: time.Since(t).Seconds(), out: out.Bytes()}
	s.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	s.peakMiB = peakMiB(cmd.ProcessState)
	return s, nil
}

func (b *bench) command(home string, args ...string) *exec.Cmd {
	home = filepath.Join(b.dir, home)
	cmd := exec.Command(b.bin, args...)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home+"/config", "XDG_DATA_HOME="+home+"/data",
		"XDG_STATE_HOME="+home+"/state", "XDG_CACHE_HOME="+home+"/cache")
	cmd.Stdin = strings.NewReader(password + "\n")
	return cmd
}

// fresh starts a server on an empty store, signed in, with a share Bench.
func (b *bench) fresh(name string) (string, error) {
	store := filepath.Join(b.dir, b.side+"store-"+name)
	if err := errors.Join(b.stop(), os.RemoveAll(store)); err != nil {
		return "", err
	}
	if _, err := b.serve(store); err != nil {
		return "", err
	}
	if _, err := b.cli("login", "http://"+b.addr, "--email", email, "--password-stdin", "--quiet"); err != nil {
		return "", err
	}
	_, err := b.cli("share", "create", "Bench", "--quiet")
	return store, err
}

func dirSize(path string) int64 {
	var n int64
	filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if fi, err := e.Info(); err == nil {
				n += fi.Size()
			}
		}
		return nil
	})
	return n
}

func countFiles(path string) (n int) {
	filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			n++
		}
		return nil
	})
	return n
}

func lastLine(b []byte) []byte {
	b = bytes.TrimSpace(b)
	return b[bytes.LastIndexByte(b, '\n')+1:]
}

// token signs in by the API.
func (b *bench) token() (string, error) { return b.tokenOf(email) }

func (b *bench) tokenOf(who string) (string, error) {
	resp, err := http.Post("http://"+b.addr+"/api/v1/auth/login", "application/json",
		strings.NewReader(fmt.Sprintf(`{"email":%q,"password":%q}`, who, password)))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var g struct {
		AccessToken string `json:"access_token"`
	}
	return g.AccessToken, json.NewDecoder(resp.Body).Decode(&g)
}

// getJSON decodes an answer of the API.
func (b *bench) getJSON(path, token string, out any) error {
	req, err := http.NewRequest("GET", "http://"+b.addr+"/api/v1"+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

// benchShare is the ID of the share Bench.
func (b *bench) benchShare(token string) (string, error) {
	var l struct {
		Shares []struct{ ID, Name string }
	}
	if err := b.getJSON("/shares", token, &l); err != nil {
		return "", err
	}
	for _, s := range l.Shares {
		if s.Name == "Bench" {
			return s.ID, nil
		}
	}
	return "", errors.New("no share Bench")
}

// firstFile finds the ID of the only file in a folder of the share Bench.
func (b *bench) firstFile(folder string) (id, token string, err error) {
	if token, err = b.token(); err != nil {
		return "", "", err
	}
	share, err := b.benchShare(token)
	if err != nil {
		return "", "", err
	}
	at := "root"
	for range 2 {
		var l struct {
			Items []struct{ ID, Name, Type string }
		}
		if err := b.getJSON("/folders/"+at+"/children?share_id="+share, token, &l); err != nil {
			return "", "", err
		}
		if len(l.Items) == 0 {
			break
		}
		if at = l.Items[0].ID; l.Items[0].Type == "file" {
			return at, token, nil
		}
	}
	return "", "", fmt.Errorf("no file below %s", folder)
}

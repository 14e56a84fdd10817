package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/valyala/fasthttp"
)

// What the small reads are measured with.
const (
	getFiles   = 20_000
	getFolders = 200
	getTokens  = 100
	getConns   = 32
	getTime    = 4 * time.Second
	yardAddr   = "127.0.0.1:18124"
)

// serveYardstick is the server that small reads are compared with.
func serveYardstick(addr, dir string) error {
	// It keeps what it has opened; longer, and a quick machine comes to the limit of open
	// files, which is often 20,000.
	static := (&fasthttp.FS{Root: dir, PathRewrite: fasthttp.NewPathSlashesStripper(1), CacheDuration: 400 * time.Millisecond}).NewRequestHandler()
	hello := []byte("Hello, World!")
	return fasthttp.ListenAndServe(addr, func(c *fasthttp.RequestCtx) {
		if string(c.Path()) == "/" {
			c.SetBody(hello)
			return
		}
		static(c)
	})
}

// startYardstick runs this program as the yardstick's server.
func (b *bench) startYardstick(dir string) (pid int, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, nil, err
	}
	cmd := exec.Command(self, "-yardstick", yardAddr, "-dir", dir)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return 0, nil, err
	}
	for range 1000 {
		resp, err := http.Get("http://" + yardAddr + "/")
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return cmd.Process.Pid, func() { cmd.Process.Kill(); cmd.Wait() }, nil
}

// makeSmall writes the files of 4 KiB.
func (b *bench) makeSmall() (dir string, names []string, err error) {
	dir = filepath.Join(b.dir, "d5")
	rng := rand.NewChaCha8([32]byte{5})
	data := make([]byte, 4096)
	for i := range getFiles {
		name := fmt.Sprintf("folder %03d/file %05d.bin", i%getFolders, i)
		names = append(names, fmt.Sprintf("/f/folder%%20%03d/file%%20%05d.bin", i%getFolders, i))
		rng.Read(data)
		path := filepath.Join(dir, name)
		if fi, err := os.Stat(path); err == nil && fi.Size() == 4096 {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", nil, err
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return "", nil, err
		}
	}
	return dir, names, nil
}

// gets measures small reads of signed-in callers beside fasthttp, in turn.
func (b *bench) gets() error {
	dir, names, err := b.makeSmall()
	if err != nil {
		return err
	}
	t, err := b.loadSmall(dir)
	if err != nil {
		return err
	}
	yardPID, stopYard, err := b.startYardstick(dir)
	if err != nil {
		return err
	}
	defer stopYard()
	own0 := b.srv.Process.Pid
	stop := b.changeSomething(t)
	static := func(rng *rand.Rand, q []byte) []byte {
		return append(append(append(q, "GET "...), names[rng.IntN(len(names))]...), " HTTP/1.1\r\nHost: bench.example.com\r\n\r\n"...)
	}
	hello := func(_ *rand.Rand, q []byte) []byte {
		return append(q, "GET / HTTP/1.1\r\nHost: bench.example.com\r\n\r\n"...)
	}
	kinds := []struct {
		addr    string
		pid     int
		request func(*rand.Rand, []byte) []byte
	}{{b.addr, own0, t.get("/content")}, {b.addr, own0, t.get("")}, {yardAddr, yardPID, hello}, {yardAddr, yardPID, static}}
	rates, cpus := make([][]float64, len(kinds)), make([][]float64, len(kinds))
	for range max(b.runs, 1) {
		for i, k := range kinds {
			before := cpuOf(k.pid)
			r, err := hammer(k.addr, getConns, getTime, k.request)
			if err != nil {
				return err
			}
			rates[i] = append(rates[i], r)
			cpus[i] = append(cpus[i], (cpuOf(k.pid)-before)/(r*getTime.Seconds())*1e6)
		}
	}
	if err := stop(); err != nil {
		return err
	}
	get, stat, hi, file := median(rates[0]), median(rates[1]), median(rates[2]), median(rates[3])
	atLeast("GET of 4 KiB, signed in, 32 connections", "/s", get,
		bound{2.5, "sftpgo = 0.11 x fasthttp hello", 0.11 * hi}, bound{0.5, "fasthttp static", file})
	atLeast("stat over HTTP", "/s", stat, bound{0.5, "fasthttp hello", hi})
	row("CPU of the server for one: GET, stat, hello, static", "%.0f, %.0f, %.0f, %.0f us", median(cpus[0]), median(cpus[1]), median(cpus[2]), median(cpus[3]))
	return b.stop()
}

// A target is what the small reads ask for.
type target struct{ tokens, files, folders []string }

// loadSmall starts a server on a store with the files of dir.
func (b *bench) loadSmall(dir string) (*target, error) {
	if _, err := b.fresh("gets"); err != nil {
		return nil, err
	}
	if _, err := b.cli("put", "-r", "--quiet", dir, "Bench:/"); err != nil {
		return nil, err
	}
	t := &target{tokens: make([]string, getTokens)}
	for i := range t.tokens {
		var err error
		if t.tokens[i], err = b.token(); err != nil {
			return nil, err
		}
	}
	share, err := b.benchShare(t.tokens[0])
	if err != nil {
		return nil, err
	}
	if t.files, t.folders, err = b.treeIDs(t.tokens[0], share); err != nil {
		return nil, err
	}
	if len(t.files) != getFiles {
		return nil, fmt.Errorf("%d files are listed", len(t.files))
	}
	return t, nil
}

// get makes requests for a file at random with a token at random.
func (t *target) get(suffix string) func(*rand.Rand, []byte) []byte {
	return func(rng *rand.Rand, q []byte) []byte {
		q = append(append(append(q, "GET /api/v1/files/"...), t.files[rng.IntN(len(t.files))]...), suffix...)
		q = append(append(q, " HTTP/1.1\r\nHost: bench.example.com\r\nAuthorization: Bearer "...), t.tokens[rng.IntN(len(t.tokens))]...)
		return append(q, "\r\n\r\n"...)
	}
}

// changeSomething changes something on the way of the reads every second until
// stop is called.
func (b *bench) changeSomething(t *target) (stop func() error) {
	done, changed := make(chan struct{}), make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				changed <- nil
				return
			case <-time.After(time.Second):
			}
			if err := b.call("PATCH", "/folders/"+t.folders[1+i%100], t.tokens[0], map[string]string{"name": fmt.Sprintf("renamed %d", i)}, nil); err != nil {
				changed <- err
				return
			}
		}
	}()
	return func() error { close(done); return <-changed }
}

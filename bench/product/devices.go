package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A device is a client with a home and a synced folder of its own.
type device struct {
	b         *bench
	name, dir string
	live      *exec.Cmd
	log       string
}

// device signs a new client in by an address of the server, and has a local folder
// synced with the share Bench.
func (b *bench) device(name, addr, dir string) (*device, error) {
	return b.deviceOf(name, addr, dir, email)
}

func (b *bench) deviceOf(name, addr, dir, who string) (*device, error) {
	d := &device{b: b, name: "home-" + name, dir: dir}
	if err := errors.Join(os.RemoveAll(filepath.Join(b.dir, d.name)), os.MkdirAll(dir, 0o700), os.RemoveAll(filepath.Join(dir, ".scaidrive"))); err != nil {
		return nil, err
	}
	if _, err := b.cliAt(d.name, "login", "http://"+addr, "--email", who, "--password-stdin", "--quiet"); err != nil {
		return nil, err
	}
	_, err := b.cliAt(d.name, "sync", "add", "Bench", dir, "--quiet")
	return d, err
}

// synced is what a run in step tells.
type synced struct {
	spent
	Counts struct {
		FilesSent     int64 `json:"files_sent"`
		FilesReceived int64 `json:"files_received"`
		Moves         int64 `json:"moves"`
		Deletes       int64 `json:"deletes"`
		Folders       int64 `json:"folders"`
		BytesSent     int64 `json:"bytes_sent"`
		BytesReceived int64 `json:"bytes_received"`
		Hashed        int64 `json:"hashed"`
	} `json:"counts"`
	InStep bool `json:"in_step"`
}

// once brings the folder in step.
func (d *device) once() (s synced, err error) {
	sp, err := d.b.cliAt(d.name, "sync", "run", "--once", "--json", d.dir)
	if err != nil {
		return s, err
	}
	s.spent = sp
	if err := json.Unmarshal(lastLine(sp.out), &s); err != nil {
		return s, fmt.Errorf("%s: %w", lastLine(sp.out), err)
	}
	if !s.InStep {
		return s, fmt.Errorf("%s is not in step: %s", d.name, lastLine(sp.out))
	}
	return s, nil
}

// quiet is once without a line for each file.
func (d *device) quiet() (spent, error) {
	return d.b.cliAt(d.name, "sync", "run", "--once", "--quiet", d.dir)
}

// follow starts following the folder, and waits until it is in step.
func (d *device) follow() error {
	d.log = filepath.Join(d.b.dir, d.name+".log")
	out, err := os.Create(d.log)
	if err != nil {
		return err
	}
	defer out.Close()
	d.live = d.b.command(d.name, "sync", "run")
	d.live.Stdout, d.live.Stderr = out, out
	if err := d.live.Start(); err != nil {
		return err
	}
	return d.until(5*time.Minute, func() bool {
		text, _ := os.ReadFile(d.log)
		return bytes.Contains(text, []byte(": in step"))
	})
}

// until waits for something, looking often.
func (d *device) until(most time.Duration, is func() bool) error {
	for t := time.Now(); time.Since(t) < most; time.Sleep(time.Millisecond) {
		if is() {
			return nil
		}
	}
	text, _ := os.ReadFile(d.log)
	return fmt.Errorf("%s: it takes more than %v\n%s", d.name, most, text)
}

func (d *device) stop() error {
	if d.live == nil {
		return nil
	}
	cmd := d.live
	d.live = nil
	cmd.Process.Signal(os.Interrupt)
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return err
	}
	return nil
}

// drop removes the client and its folder.
func (d *device) drop() {
	d.stop()
	os.RemoveAll(filepath.Join(d.b.dir, d.name))
	os.RemoveAll(d.dir)
}

// onCPU gives the time that a process has been on a processor, by the scheduler,
// which counts finer than /proc/PID/stat. Threads that have ended are not in it.
func onCPU(pid int) (t time.Duration) {
	all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, name := range all {
		var ns int64
		if text, err := os.ReadFile(name); err == nil {
			fmt.Sscan(string(text), &ns)
			t += time.Duration(ns)
		}
	}
	return t
}

// sameTrees compares two folders by diff, leaving out the clients' own.
func sameTrees(a, b string) error {
	out, err := exec.Command("diff", "-rq", "-x", ".scaidrive", a, b).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s and %s differ: %w\n%s", a, b, err, cutText(out))
	}
	return nil
}

func cutText(b []byte) string { return string(b[:min(len(b), 2000)]) }

// settle has what was written so far on its way to the disk, so that it does not
// slow down what is measured next.
func settle() { syscall.Sync() }

// has reports whether a file has a content.
func has(path, content string) bool {
	b, err := os.ReadFile(path)
	return err == nil && strings.TrimSpace(string(b)) == content
}

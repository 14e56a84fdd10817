package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A peerRun is what a run of another program cost; zero when it is not installed.
type peerRun struct {
	seconds, cpu, peakMiB float64
	stored                int64
}

// peer runs another program in a directory, with a home of its own. One that is
// not installed is no error: ok is false.
func (b *bench) peer(dir string, env []string, name string, args ...string) (r peerRun, ok bool, err error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return r, false, nil
	}
	home := filepath.Join(b.dir, "peer-home")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return r, false, err
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home+"/config", "XDG_CACHE_HOME="+home+"/cache"), env...)
	t := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return r, false, fmt.Errorf("%s %v: %w\n%s", name, args, err, out)
	}
	r.seconds = time.Since(t).Seconds()
	r.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	r.peakMiB = peakMiB(cmd.ProcessState)
	return r, true, nil
}

// borg backs a set up into a fresh repository.
func (b *bench) borg(set string) (peerRun, error) {
	repo := filepath.Join(b.dir, "peer-borg")
	env := []string{"BORG_BASE_DIR=" + filepath.Join(b.dir, "peer-home"), "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes"}
	defer os.RemoveAll(repo)
	if err := os.RemoveAll(repo); err != nil {
		return peerRun{}, err
	}
	if _, ok, err := b.peer(b.dir, env, "borg", "init", "-e", "none", repo); err != nil || !ok {
		return peerRun{}, err
	}
	r, _, err := b.peer(b.dir, env, "borg", "create", "-C", "lz4", repo+"::one", set)
	r.stored = dirSize(repo)
	return r, err
}

// kopia backs a set up into a fresh repository.
func (b *bench) kopia(set string) (peerRun, error) {
	repo := filepath.Join(b.dir, "peer-kopia")
	env := []string{"KOPIA_PASSWORD=for this bench", "KOPIA_CHECK_FOR_UPDATES=false"}
	defer os.RemoveAll(repo)
	if err := errors.Join(os.RemoveAll(repo), os.MkdirAll(repo, 0o700)); err != nil {
		return peerRun{}, err
	}
	config := "--config-file=" + filepath.Join(repo, "config")
	if _, ok, err := b.peer(b.dir, env, "kopia", config, "repository", "create", "filesystem", "--path", repo+"/r", "--cache-directory", repo+"/cache"); err != nil || !ok {
		return peerRun{}, err
	}
	r, _, err := b.peer(b.dir, env, "kopia", config, "snapshot", "create", "--no-progress", filepath.Join(b.dir, set))
	return r, err
}

// rsync copies a set into a fresh directory; dry only compares it with the copy
// that dst is.
func (b *bench) rsync(set, dst string, dry bool) (peerRun, error) {
	args := []string{"-a"}
	if dry {
		args = append(args, "-n")
	}
	r, _, err := b.peer(b.dir, nil, "rsync", append(args, filepath.Join(b.dir, set)+"/", dst+"/")...)
	return r, err
}

// nginx serves a directory at an address until stop; ok is false without it.
func (b *bench) nginx(addr, dir string) (stop func(), ok bool, err error) {
	path, err := exec.LookPath("nginx")
	if err != nil {
		return func() {}, false, nil
	}
	at := filepath.Join(b.dir, "peer-nginx")
	if err := os.MkdirAll(at, 0o755); err != nil {
		return nil, false, err
	}
	config := fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log %[1]s/error.log; worker_processes 2; user root;
events { worker_connections 256; }
http { access_log off; sendfile on; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f;
uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s; server { listen %[2]s; root %[3]s; } }
`, at, addr, dir)
	if err := os.WriteFile(filepath.Join(at, "conf"), []byte(config), 0o600); err != nil {
		return nil, false, err
	}
	cmd := exec.Command(path, "-p", at, "-c", filepath.Join(at, "conf"))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, false, err
	}
	return func() { cmd.Process.Signal(os.Interrupt); cmd.Wait() }, true, awaitPort(addr)
}

// awaitPort returns when something listens.
func awaitPort(addr string) error {
	var err error
	for range 2000 {
		var c net.Conn
		if c, err = net.Dial("tcp", addr); err == nil {
			return c.Close()
		}
		time.Sleep(2 * time.Millisecond)
	}
	return err
}

func firstRegular(dir string) (path string, err error) {
	err = filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			path = p
			return fs.SkipAll
		}
		return err
	})
	if err == nil && path == "" {
		err = fs.ErrNotExist
	}
	return path, err
}

//go:build linux

package test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// loopVolume makes and mounts a file system image. It needs root and loop devices.
type loopVolume struct {
	t   testing.TB
	img string
	dir string
}

func newLoopVolume(t testing.TB, fstype, size string) *loopVolume {
	t.Helper()
	need(t, os.Geteuid() == 0, "root (loop devices)")
	_, err := exec.LookPath("mkfs." + fstype)
	need(t, err == nil, "mkfs."+fstype)
	v := &loopVolume{t: t, img: filepath.Join(t.TempDir(), "img"), dir: t.TempDir()}
	v.sh("truncate", "-s", size, v.img)
	v.sh("mkfs."+fstype, "-q", v.img)
	if out, err := exec.Command("mount", "-o", "loop", v.img, v.dir).CombinedOutput(); err != nil {
		need(t, false, "a loop device: "+strings.TrimSpace(string(out)))
	}
	t.Cleanup(func() { exec.Command("umount", v.dir).Run() })
	return v
}

func (v *loopVolume) sh(args ...string) {
	v.t.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		v.t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// TestPowerCut shuts a file system down under the running server, as a power cut
// does: what was not flushed is gone at the next mount.
func TestPowerCut(t *testing.T) {
	for _, fstype := range []string{"ext4", "xfs"} {
		t.Run(fstype, func(t *testing.T) {
			_, err := exec.LookPath("xfs_io")
			need(t, err == nil, "xfs_io (xfsprogs)")
			sd := seed(t)
			rng := rand.New(rand.NewPCG(sd, 2))
			v := newLoopVolume(t, fstype, "1G")
			data := filepath.Join(v.dir, "data")
			l := newLedger()
			share := ""
			cuts, until := 3, time.Time{}
			if d := long(t); d > 0 {
				cuts, until = 1<<30, time.Now().Add(d/2)
			}
			for run := 0; run < cuts && (until.IsZero() || time.Now().Before(until)); run++ {
				s := start(t, data)
				a, err := s.api()
				if err != nil {
					t.Fatalf("%v\n%s", err, s.log)
				}
				if share == "" {
					share = a.share(t, "Ledger")
				} else {
					l.check(t, s, share)
				}
				goal := l.count.Load() + 50 + rng.Int64N(200)
				stop, done := make(chan struct{}), make(chan struct{})
				go func() {
					defer close(done)
					l.load(a, share, run, 8, sd, stop)
				}()
				waitFor(t, 2*time.Minute, "acknowledged files", func() bool { return l.count.Load() >= goal })
				v.sh("xfs_io", "-x", "-c", "shutdown", v.dir) // without -f: the journal is not flushed first
				close(stop)
				s.kill()
				<-done
				v.sh("umount", v.dir)
				v.sh("mount", "-o", "loop", v.img, v.dir)
			}
			s := start(t, data)
			l.check(t, s, share)
			s.stop()
			if r := newCLI(t).run("", "verify", "--data", data, "--read-data"); r.code != 0 {
				t.Fatalf("verify: exit %d\n%s%s", r.code, r.out, r.err)
			}
			t.Logf("%d files acknowledged", l.count.Load())
		})
	}
}

// TestDiskFull fills a small volume: uploads are refused with 507, everything
// else goes on, and there is room again as soon as there is room.
func TestDiskFull(t *testing.T) {
	v := newLoopVolume(t, "ext4", "420M")
	ballast := filepath.Join(v.dir, "ballast")
	v.sh("fallocate", "-l", "60M", ballast)
	s := start(t, filepath.Join(v.dir, "data"))
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := a.share(t, "Full")
	rng := rand.New(rand.NewPCG(seed(t), 3))
	files := map[string]object{}
	sums := map[string]string{}
	data := make([]byte, 4<<20)
	full := false
	for i := 0; i < 200 && !full; i++ {
		for j := 0; j < len(data); j += 8 {
			r := rng.Uint64()
			for k := range 8 {
				data[j+k] = byte(r >> (8 * k))
			}
		}
		name := "f" + strings.Repeat("x", i%5) + "-" + time.Now().Format("150405.000000") + ".bin"
		o, code, err := a.post(share, "", name, data)
		switch {
		case err == nil:
			files[name], sums[name] = o, sum(data)
		case code == 507:
			full = true
			if !strings.Contains(err.Error(), "storage of this server") {
				t.Errorf("507 does not name the server's storage: %v", err)
			}
		default:
			t.Fatalf("file %d: %d %v\n%s", i, code, err, s.log)
		}
	}
	if !full || len(files) < 10 {
		t.Fatalf("the volume did not fill up: %d files stored", len(files))
	}
	// Reading, listing, signing in and deleting go on.
	if _, err := s.api(); err != nil {
		t.Errorf("sign in on a full disk: %v", err)
	}
	items, err := a.children(share, "root")
	if err != nil || len(items) != len(files) {
		t.Errorf("list on a full disk: %d of %d, %v", len(items), len(files), err)
	}
	for name, o := range files {
		b, _, err := a.content(o.ID)
		if err != nil || sum(b) != sums[name] {
			t.Fatalf("read %s on a full disk: %v", name, err)
		}
	}
	n := 0
	for name, o := range files {
		if n++; n > 5 {
			break
		}
		if _, err := a.call("DELETE", "/files/"+o.ID, nil, nil); err != nil {
			t.Errorf("delete on a full disk: %v", err)
		}
		delete(files, name)
	}
	for range 20 {
		if _, code, _ := a.post(share, "", "still-full.bin", bytes.Repeat(data[:1<<20], 4)); code == 201 {
			break // small leftovers may fit
		} else if code != 507 {
			t.Errorf("still full: %d, not 507", code)
		}
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	waitFor(t, 60*time.Second, "writing after room was made", func() bool {
		o, code, _ := a.post(share, "", "room-again.bin", data)
		if code == 201 {
			files["room-again.bin"], sums["room-again.bin"] = o, sum(data)
		}
		return code == 201
	})
	s.stop()
	s = restart(t, s)
	if a, err = s.api(); err != nil {
		t.Fatal(err)
	}
	for name, o := range files {
		if b, _, err := a.content(o.ID); err != nil || sum(b) != sums[name] {
			t.Errorf("%s after the restart: %v", name, err)
		}
	}
	s.stop()
	if r := newCLI(t).run("", "verify", "--data", s.data, "--read-data"); r.code != 0 {
		t.Fatalf("verify: exit %d\n%s%s", r.code, r.out, r.err)
	}
}

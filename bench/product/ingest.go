package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"scaidrive/bench/machine"
)

const nginxAddr = "127.0.0.1:18125"

// An upCost is what put -r of a set took: medians.
type upCost struct {
	store                  string
	seconds, cpu           float64
	serverPeak, clientPeak float64
	syncs                  int
}

// up measures put -r of a set into fresh stores, in turn with a peer. One more
// run counts the syncs (being traced makes it slow, so it is not timed); its
// store keeps running.
func (b *bench) up(set string, peer func() error) (u upCost, err error) {
	var s, c, sp, cp []float64
	for i := range b.runs + 1 {
		if u.store, err = b.fresh(set); err != nil {
			return u, err
		}
		before, countSyncs := b.serverCPU(), func() int { return -1 }
		if i == b.runs {
			countSyncs = b.syncCounter()
		}
		one, err := b.cli("put", "-r", "--quiet", filepath.Join(b.dir, set), "Bench:/")
		if err != nil {
			return u, err
		}
		if i == b.runs {
			u.syncs = countSyncs()
			break
		}
		s, c = append(s, one.seconds), append(c, one.cpu+b.serverCPU()-before)
		sp, cp = append(sp, b.serverMemory("VmHWM")), append(cp, one.peakMiB)
		if err := errors.Join(b.stop(), peer()); err != nil {
			return u, err
		}
	}
	u.seconds, u.cpu, u.serverPeak, u.clientPeak = median(s), median(c), median(sp), median(cp)
	return u, nil
}

// borgs collects runs of borg.
type borgs struct{ seconds, cpu, peak, stored []float64 }

func (b *bench) addBorg(to *borgs, set string) error {
	r, err := b.borg(set)
	if err == nil && r.seconds > 0 {
		to.seconds, to.cpu = append(to.seconds, r.seconds), append(to.cpu, r.cpu)
		to.peak, to.stored = append(to.peak, r.peakMiB), append(to.stored, float64(r.stored)/1e6)
	}
	return err
}

// rate is size/t, 0 when there is no t.
func rate(size, t float64) float64 {
	if t == 0 {
		return 0
	}
	return size / t
}

func (b *bench) large() error {
	mb := float64(dirSize(filepath.Join(b.dir, "d1"))) / 1e6
	var peers borgs
	u, err := b.up("d1", func() error { return b.addBorg(&peers, "d1") })
	if err != nil {
		return err
	}
	hash, err := machine.Hash("")
	if err != nil {
		return err
	}
	atLeast("ingest D1, one large random file", "MB/s", mb/u.seconds,
		bound{1.5, "borg", rate(mb, median(peers.seconds))}, bound{1.2, "minio = 0.22 x SHA-256", 0.22 * hash})
	atMost("CPU seconds of that, both sides", "s", u.cpu, bound{1.2, "borg", median(peers.cpu)})
	atMost("peak memory of that, server", "MiB", u.serverPeak, bound{0.75, "minio", 128}, fixed(150))
	atMost("peak memory of that, client", "MiB", u.clientPeak, bound{1, "borg", median(peers.peak)})
	row("syncs of that", "%d", u.syncs)
	return b.getLarge(mb)
}

// getLarge reads D1 back, in turn with nginx.
func (b *bench) getLarge(mb float64) error {
	file, token, err := b.firstFile("d1")
	if err != nil {
		return err
	}
	path, err := firstRegular(filepath.Join(b.dir, "d1"))
	if err != nil {
		return err
	}
	stop, have, err := b.nginx(nginxAddr, filepath.Dir(path))
	if err != nil {
		return err
	}
	defer stop()
	own, theirs := []float64{}, []float64{}
	for range b.runs {
		t := time.Now()
		if n, err := fetchAll("http://"+b.addr+"/api/v1/files/"+file+"/content", token); err != nil || float64(n)/1e6 != mb {
			return fmt.Errorf("get %s: %d bytes, %v", file, n, err)
		}
		own = append(own, mb/time.Since(t).Seconds())
		if !have {
			continue
		}
		t = time.Now()
		if _, err := fetchAll("http://"+nginxAddr+"/"+filepath.Base(path), ""); err != nil {
			return err
		}
		theirs = append(theirs, mb/time.Since(t).Seconds())
	}
	loop, err := machine.Loopback("")
	if err != nil {
		return err
	}
	atLeast("GET D1, every byte verified", "MB/s", median(own), bound{0.5, "nginx", median(theirs)}, bound{1, "minio = 0.36 x loopback", 0.36 * loop})
	atMost("server memory after the GETs, peak", "MiB", b.serverMemory("VmHWM"), fixed(150))
	return b.stop()
}

func fetchAll(url, token string) (int64, error) {
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return 0, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		return 0, fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	return io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, make([]byte, 1<<20))
}

func (b *bench) text() error {
	mb := float64(dirSize(filepath.Join(b.dir, "d4"))) / 1e6
	var peers borgs
	u, err := b.up("d4", func() error { return b.addBorg(&peers, "d4") })
	if err != nil {
		return err
	}
	atLeast("ingest D4, 2,000 text files of 256 KiB", "MB/s", mb/u.seconds, bound{1.3, "borg", rate(mb, median(peers.seconds))})
	row("of that", "%.1f CPU s (borg %.1f), %d syncs", u.cpu, median(peers.cpu), u.syncs)
	packs := float64(dirSize(filepath.Join(u.store, "packs"))) / 1e6
	atMost("stored bytes of D4", "MB", packs, bound{1.05, "borg", median(peers.stored)})
	return b.stop()
}

func (b *bench) small() error {
	n := float64(countFiles(filepath.Join(b.dir, "d3")))
	var kopia []float64
	u, err := b.up("d3", func() error {
		r, err := b.kopia("d3")
		if err == nil && r.seconds > 0 {
			kopia = append(kopia, n/r.seconds)
		}
		return err
	})
	if err != nil {
		return err
	}
	made, err := machine.Files(b.dir)
	if err != nil {
		return err
	}
	atLeast("D3 up, put -r", "files/s", n/u.seconds, bound{0.6, "kopia", median(kopia)}, bound{10, "syncthing = 0.011 x creating files", 0.011 * made})
	row("of that", "%.1f CPU s, %d syncs, peak memory: server %.0f MiB, client %.0f MiB", u.cpu, u.syncs, u.serverPeak, u.clientPeak)
	if err := b.rescan(); err != nil {
		return err
	}
	if err := b.down(n); err != nil {
		return err
	}
	return b.rest(u.store, n)
}

// rescan is put -r of what is there already, beside rsync -n.
func (b *bench) rescan() error {
	copied := filepath.Join(b.dir, "out-copy")
	defer os.RemoveAll(copied)
	if _, err := b.rsync("d3", copied, false); err != nil {
		return err
	}
	var own, theirs []float64
	var last []byte
	for range b.runs {
		sp, err := b.cli("put", "-r", "--json", filepath.Join(b.dir, "d3"), "Bench:/")
		if err != nil {
			return err
		}
		r, err := b.rsync("d3", copied, true)
		if err != nil {
			return err
		}
		own, theirs, last = append(own, sp.seconds), append(theirs, r.seconds), sp.out
	}
	if !bytes.Contains(lastLine(last), []byte(`"files_new":0,"files_updated":0,`)) {
		return fmt.Errorf("put -r again has sent something: %s", lastLine(last))
	}
	atMost("put -r again, nothing changed", "s", median(own), bound{0.8, "rsync -n", median(theirs)})
	return nil
}

// down is get -r beside rsync, each into fresh directories: what is deleted just
// before makes the making of files slow on some file systems.
func (b *bench) down(n float64) error {
	var own, theirs, cpu []float64
	for i := range b.runs {
		out := filepath.Join(b.dir, fmt.Sprintf("out-%d", i))
		defer os.RemoveAll(out)
		before := b.serverCPU()
		g, err := b.cli("get", "-r", "--quiet", "Bench:/d3", out)
		if err != nil {
			return err
		}
		own, cpu = append(own, n/g.seconds), append(cpu, g.cpu+b.serverCPU()-before)
		copied := filepath.Join(b.dir, fmt.Sprintf("out-rsync-%d", i))
		defer os.RemoveAll(copied)
		r, err := b.rsync("d3", copied, false)
		if err != nil {
			return err
		}
		if r.seconds > 0 {
			theirs = append(theirs, n/r.seconds)
		}
	}
	atLeast("D3 down, get -r", "files/s", median(own), bound{1, "rsync", median(theirs)})
	row("of that", "%.1f CPU s, both sides", median(cpu))
	return nil
}

// rest measures what the server is with D3 loaded and nothing to do, and its start.
func (b *bench) rest(store string, n float64) error {
	empty, err := b.emptyProgram()
	if err != nil {
		return err
	}
	stopEmpty, emptyPID, _, err := startEmpty(empty)
	if err != nil {
		return err
	}
	time.Sleep(60 * time.Second) // the row's definition: 60 s after loading
	idle := memoryOf(b.srv.Process.Pid, "RssAnon") + memoryOf(b.srv.Process.Pid, "RssFile")
	yard := memoryOf(emptyPID, "RssAnon") + memoryOf(emptyPID, "RssFile")
	stopEmpty()
	atMost("idle memory (RssAnon + RssFile), D3 loaded, 60 s later", "MiB", idle, bound{1.25, "sftpgo = 1.8 x empty program", 1.8 * yard})
	if err := b.stop(); err != nil {
		return err
	}
	row("metadata", "%.0f bytes a file (meta.db), %.0f (operation log)", float64(dirSize(filepath.Join(store, "meta.db")))/n, float64(dirSize(filepath.Join(store, "oplog")))/n)
	row("chunk index", "%.0f bytes a chunk (index.db)", float64(dirSize(filepath.Join(store, "index.db")))/n)
	return b.starts(store, empty)
}

// starts measures from the start of the process to the first signed-in answer, after
// an orderly stop and after a kill, in turn with the empty program's first answer.
func (b *bench) starts(store, empty string) error {
	if _, err := b.serve(store); err != nil {
		return err
	}
	token, err := b.token()
	if err != nil {
		return err
	}
	if err := b.stop(); err != nil {
		return err
	}
	var own, killed, theirs []float64
	for range max(5, b.runs) {
		ms, err := b.startTo(store, token)
		if err != nil {
			return err
		}
		own = append(own, ms)
		b.kill()
		if ms, err = b.startTo(store, token); err != nil {
			return err
		}
		killed = append(killed, ms)
		if err := b.stop(); err != nil {
			return err
		}
		stop, _, ms, err := startEmpty(empty)
		if err != nil {
			return err
		}
		stop()
		theirs = append(theirs, ms)
	}
	atMost("start to the first signed-in answer, D3 loaded", "ms", median(own), bound{0.5, "sftpgo = 11 x empty program", 11 * median(theirs)})
	row("after kill -9", "%.1f ms", median(killed))
	return nil
}

// startTo starts the server and gives the milliseconds to the first signed-in answer.
func (b *bench) startTo(store, token string) (float64, error) {
	t := time.Now()
	if _, err := b.serve(store); err != nil {
		return 0, err
	}
	err := b.call("GET", "/users/me", token, nil, nil)
	return time.Since(t).Seconds() * 1e3, err
}

const emptyAddr = "127.0.0.1:18126"

// emptyProgram builds the yardstick.
func (b *bench) emptyProgram() (string, error) {
	path := filepath.Join(b.dir, "empty")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "./bench/empty")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the empty program: %w\n%s", err, out)
	}
	return path, nil
}

// startEmpty runs it and gives the milliseconds until its first answer.
func startEmpty(path string) (stop func(), pid int, ms float64, err error) {
	t := time.Now()
	cmd := exec.Command(path, emptyAddr)
	if err := cmd.Start(); err != nil {
		return nil, 0, 0, err
	}
	stop = func() { cmd.Process.Kill(); cmd.Wait() }
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for time.Since(t) < 10*time.Second {
		resp, err := client.Get("http://" + emptyAddr + "/")
		if err == nil {
			resp.Body.Close()
			return stop, cmd.Process.Pid, float64(time.Since(t).Microseconds()) / 1e3, nil
		}
		if !strings.Contains(err.Error(), "refused") {
			break
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	return nil, 0, 0, errors.New("the empty program does not answer")
}

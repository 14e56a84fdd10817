package test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// uploading is an upload session as a script of the public API would drive it.
type uploading struct {
	t     *testing.T
	s     *server
	a     *api
	id    string
	data  []byte
	part  int
	parts int
}

type progress struct {
	Received [][2]int `json:"received"`
	Bytes    int64    `json:"received_bytes"`
	Status   string   `json:"status"`
}

func beginUpload(t *testing.T, s *server, share, name string, data []byte, part int) *uploading {
	t.Helper()
	u := &uploading{t: t, s: s, data: data, part: part}
	u.connect(s)
	var made struct {
		ID    string `json:"session_id"`
		Size  int    `json:"chunk_size"`
		Total int    `json:"total_chunks"`
	}
	sum := sha256.Sum256(data)
	code, err := u.a.call("POST", "/uploads", map[string]any{
		"share_id": share, "file_name": name, "file_size": len(data), "chunk_size": part, "checksum_sha256": hex.EncodeToString(sum[:]),
	}, &made)
	if err != nil || code != 201 || made.Size != part {
		t.Fatalf("create: %d %v %+v", code, err, made)
	}
	u.id, u.parts = made.ID, made.Total
	return u
}

// connect goes on with another process of the server.
func (u *uploading) connect(s *server) {
	u.t.Helper()
	a, err := s.api()
	if err != nil {
		u.t.Fatal(err)
	}
	u.s, u.a = s, a
}

func (u *uploading) bytes(i int) []byte {
	return u.data[i*u.part : min((i+1)*u.part, len(u.data))]
}

func (u *uploading) put(i int, b []byte) (int, error) {
	req, err := http.NewRequest("PUT", fmt.Sprintf("%s/api/v1/uploads/%s/chunks/%d", u.a.url, u.id, i), bytes.NewReader(b))
	if err != nil {
		return 0, err
	}
	return u.a.do(req, nil)
}

func (u *uploading) send(list ...int) {
	u.t.Helper()
	for _, i := range list {
		if code, err := u.put(i, u.bytes(i)); code != 204 {
			u.t.Fatalf("part %d: %d %v", i, code, err)
		}
	}
}

func (u *uploading) progress() (p progress) {
	u.t.Helper()
	if code, err := u.a.call("GET", "/uploads/"+u.id, nil, &p); code != 200 {
		u.t.Fatalf("progress: %d %v", code, err)
	}
	return p
}

// complete makes the file and compares every byte of it.
func (u *uploading) complete() string {
	u.t.Helper()
	var done struct {
		ID string `json:"file_id"`
	}
	if code, err := u.a.call("POST", "/uploads/"+u.id+"/complete", nil, &done); code != 200 {
		u.t.Fatalf("complete: %d %v\n%s", code, err, u.s.log)
	}
	got, code, err := u.a.content(done.ID)
	if err != nil || code != 200 || !bytes.Equal(got, u.data) {
		u.t.Fatalf("the file: %d, %d bytes of %d, or others, %v", code, len(got), len(u.data), err)
	}
	return done.ID
}

// nothingStaged waits until no spooled part is left.
func nothingStaged(t *testing.T, data string) {
	t.Helper()
	waitFor(t, 30*time.Second, "an empty directory staging", func() bool {
		left, err := os.ReadDir(filepath.Join(data, "staging"))
		return err == nil && len(left) == 0
	})
}

func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	rand.NewChaCha8(key).Read(b)
	return b
}

// TestUploadCutAtEveryPart kills the server after every part, in the middle of
// the next one, and goes on with a new process.
func TestUploadCutAtEveryPart(t *testing.T) {
	const part = 128 << 10
	s := start(t, t.TempDir())
	first, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := first.share(t, "Work")
	u := beginUpload(t, s, share, "cut.bin", noise(1, 6*part+1000), part)
	order := []int{2, 0, 6, 3, 1, 5, 4}
	have := map[int]bool{}
	for n, i := range order {
		u.send(i)
		have[i] = true
		if n+1 < len(order) { // the next one is cut in its middle
			u.half(order[n+1])
		}
		s.kill()
		s = restart(t, s)
		u.connect(s)
		p := u.progress()
		for i := range u.parts {
			there := false
			for _, r := range p.Received {
				there = there || r[0] <= i && i <= r[1]
			}
			if there != have[i] {
				t.Fatalf("after %d parts and kill -9: part %d is there: %v; %+v", n+1, i, there, p)
			}
		}
	}
	id := u.complete()
	nothingStaged(t, s.data)
	s.kill() // right behind the answer
	s = restart(t, s)
	u.connect(s)
	if again := u.complete(); again != id {
		t.Errorf("complete again after kill -9: %s, was %s", again, id)
	}
	s.stop()
	if left, _ := os.ReadDir(filepath.Join(s.data, "staging")); len(left) > 0 {
		t.Errorf("staging holds %v", left)
	}
	c := newCLI(t)
	c.ok("verify", "--read-data", "--data", s.data)
}

// half sends the head of a part and half of its bytes.
func (u *uploading) half(i int) {
	u.t.Helper()
	nc, err := net.Dial("tcp", u.s.addr())
	if err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() { nc.Close() })
	b := u.bytes(i)
	fmt.Fprintf(nc, "PUT /api/v1/uploads/%s/chunks/%d HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n", u.id, i, u.a.token, len(b))
	if _, err := nc.Write(b[:len(b)/2]); err != nil {
		u.t.Fatal(err)
	}
}

// TestUploadKilledUnderLoad kills the server at moments of chance while parts come
// in parallel, out of order, twice.
func TestUploadKilledUnderLoad(t *testing.T) {
	const part = 256 << 10
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	s := start(t, t.TempDir())
	first, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	u := beginUpload(t, s, first.share(t, "Work"), "load.bin", noise(2, 60*part+7), part)
	var mu sync.Mutex
	acked := map[int]bool{}
	for cycle := 0; ; cycle++ {
		if cycle == 50 {
			t.Fatal("no end after 50 cycles")
		}
		work := make(chan int)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for i := range work {
					if code, _ := u.put(i, u.bytes(i)); code == 204 {
						mu.Lock()
						acked[i] = true
						mu.Unlock()
					}
				}
			})
		}
		list := append(rng.Perm(u.parts), rng.Perm(u.parts)[:10]...)
		kill := time.AfterFunc(time.Duration(20+rng.IntN(200))*time.Millisecond, s.kill)
		for _, i := range list {
			mu.Lock()
			skip := acked[i] && rng.IntN(8) > 0
			mu.Unlock()
			if !skip {
				work <- i
			}
		}
		close(work)
		wg.Wait()
		kill.Stop()
		if len(acked) == u.parts && cycle > 2 {
			break
		}
		s.kill()
		s = restart(t, s)
		u.connect(s)
		p := u.progress()
		there := map[int]bool{}
		for _, r := range p.Received {
			for i := r[0]; i <= r[1]; i++ {
				there[i] = true
			}
		}
		for i := range acked {
			if !there[i] {
				t.Fatalf("cycle %d: part %d was acknowledged and is gone: %+v", cycle, i, p)
			}
		}
	}
	s.kill()
	s = restart(t, s)
	u.connect(s)
	u.complete()
	nothingStaged(t, s.data)
	s.stop()
}

// signedIn is a sign-in that is never renewed.
type signedIn string

func (s signedIn) Token(context.Context) (string, error)         { return string(s), nil }
func (s signedIn) Renew(context.Context, string) (string, error) { return "", client.ErrNoRenewal }

// TestUploadByTheClient drives a session with the Go client, and refusals as a
// public client would see them.
func TestUploadByTheClient(t *testing.T) {
	const part = 64 << 10
	s := start(t, t.TempDir())
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := a.share(t, "Work")
	c, err := client.New(s.url, client.Options{Credentials: signedIn(a.token)})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	data := noise(3, 3*part+5)
	size := int64(part)
	u, err := c.CreateUpload(ctx, wire.CreateUpload{ShareID: share, FileName: "by-client", FileSize: int64(len(data)), ChunkSize: &size})
	if err != nil || u.TotalChunks != 4 {
		t.Fatal(u, err)
	}
	content := bytes.NewReader(data)
	for _, i := range []int64{3, 1, 0, 2} {
		off := i * size
		length := min(size, int64(len(data))-off)
		sum := wire.Hash(sha256.Sum256(data[off : off+length]))
		if err := c.PutUploadPart(ctx, u.SessionID, i, content, off, length, sum); err != nil {
			t.Fatal(err)
		}
		if err := c.PutUploadPart(ctx, u.SessionID, i, content, off, length, wire.Hash{}); err != nil {
			t.Fatal("again:", err)
		}
		if err := c.PutUploadPart(ctx, u.SessionID, i, content, off, length, wire.Hash{1}); err == nil || !strings.Contains(err.Error(), "SHA-256") {
			t.Fatal("another hash:", err)
		}
	}
	p, err := c.UploadProgress(ctx, u.SessionID)
	if err != nil || p.ReceivedBytes != int64(len(data)) || p.Status != wire.UploadOpen {
		t.Fatalf("%+v %v", p, err)
	}
	done, err := c.CompleteUpload(ctx, u.SessionID, "")
	if err != nil || done.File.Size != int64(len(data)) {
		t.Fatal(done, err)
	}
	if got, _, err := a.content(done.FileID); err != nil || !bytes.Equal(got, data) {
		t.Fatal("other bytes came back", err)
	}
	v, err := c.CreateUpload(ctx, wire.CreateUpload{ShareID: share, FileName: "x", FileSize: 0, ReplaceFileID: done.FileID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CompleteUpload(ctx, v.SessionID, "ver_00000000000000000000000001"); err == nil {
		t.Error("completed against another version")
	}
	next, err := c.CompleteUpload(ctx, v.SessionID, done.File.VersionID)
	if err != nil || next.File.Version != 2 {
		t.Error(next, err)
	}
	if err := c.DeleteUpload(ctx, v.SessionID); err != nil {
		t.Error(err)
	}
	nothingStaged(t, s.data)
	s.stop()
}

// TestUploadExpires moves the clock of a server in test mode.
func TestUploadExpires(t *testing.T) {
	const part = 64 << 10
	clock := filepath.Join(t.TempDir(), "clock")
	set := func(seconds int) {
		t.Helper()
		if err := os.WriteFile(clock+".tmp", []byte(fmt.Sprint(seconds)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(clock+".tmp", clock); err != nil {
			t.Fatal(err)
		}
	}
	set(0)
	t.Setenv("SCAIDRIVE_TEST_CLOCK_FILE", clock)
	s := start(t, t.TempDir(), "--test-mode")
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	u := beginUpload(t, s, a.share(t, "Work"), "old", noise(4, 3*part), part)
	u.send(1, 2)
	if left, _ := os.ReadDir(filepath.Join(s.data, "staging")); len(left) != 1 {
		t.Fatalf("staging holds %v", left)
	}
	set(25 * 3600)
	u.connect(s)
	for _, call := range []func() (int, error){
		func() (int, error) { return u.a.call("GET", "/uploads/"+u.id, nil, nil) },
		func() (int, error) { return u.put(0, u.bytes(0)) },
		func() (int, error) { return u.a.call("POST", "/uploads/"+u.id+"/complete", nil, nil) },
	} {
		if code, err := call(); code != 410 {
			t.Errorf("an expired session: %d %v", code, err)
		}
	}
	s.kill()
	s = restart(t, s, "--test-mode")
	nothingStaged(t, s.data)
	u.connect(s)
	if code, _ := u.a.call("GET", "/uploads/"+u.id, nil, nil); code != 410 {
		t.Errorf("an expired session that was cleaned up: %d", code)
	}
	s.stop()
}

// TestUploadMemory sends large parts at once, in order and backwards: the
// server's memory does not follow the size of parts.
func TestUploadMemory(t *testing.T) {
	if os.Getenv("SCAIDRIVE_LONG") == "" {
		t.Skip("skipped: SCAIDRIVE_LONG is not set")
	}
	const part = 64 << 20
	s := start(t, t.TempDir())
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := a.share(t, "Work")
	data := noise(5, 8*part)
	for name, backwards := range map[string]bool{"in order": false, "backwards": true} {
		u := beginUpload(t, s, share, name, data, part)
		began := time.Now()
		work := make(chan int)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for i := range work {
					if code, err := u.put(i, u.bytes(i)); code != 204 {
						t.Errorf("part %d: %d %v", i, code, err)
					}
				}
			})
		}
		for i := range u.parts {
			if backwards {
				i = u.parts - 1 - i
			}
			work <- i
		}
		close(work)
		wg.Wait()
		sent := time.Since(began)
		u.complete()
		peak := peakMemory(t, s.cmd.Process.Pid)
		t.Logf("%s: %d MiB in %v, complete and read after %v, peak %d MiB", name, len(data)>>20, sent, time.Since(began), peak>>20)
		if peak > 150<<20 {
			t.Errorf("%s: the server took %d MiB", name, peak>>20)
		}
		copy(data, noise(6, len(data))) // nothing is shared with the next one
	}
	nothingStaged(t, s.data)
	s.stop()
}

// peakMemory is the most that a process had in memory, in bytes.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	need(t, err == nil, "/proc")
	_, line, _ := strings.Cut(string(b), "VmHWM:")
	var kib int64
	if _, err := fmt.Sscan(line, &kib); err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

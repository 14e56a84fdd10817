package test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// from dials the server from a loopback address of our own.
func (s *server) from(host int) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(host))}, Timeout: 10 * time.Second}
	return d.Dial("tcp", s.addr())
}

// residentMemory is what a process has in memory, in bytes.
func residentMemory(t *testing.T, pid int) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	need(t, err == nil, "/proc")
	_, line, _ := strings.Cut(string(b), "VmRSS:")
	var kib int64
	if _, err := fmt.Sscan(line, &kib); err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// TestSlowClients: two hundred downloads at 1 KiB a second, two thousand heads
// that never end, and bodies that stand still take neither the server's memory
// nor the time of the others, and the slow are cut off.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	const downloads, halfOpen, bodies = 200, 2000, 50
	s := start(t, t.TempDir())
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := a.share(t, "Slow")
	big, _, err := a.post(share, "", "big", noise(21, 16<<20))
	if err != nil {
		t.Fatal(err)
	}
	small, _, err := a.post(share, "", "small", noise(22, 4096))
	if err != nil {
		t.Fatal(err)
	}
	// work is what an ordinary client does; it gives the median of its calls.
	work := func(round int) time.Duration {
		t.Helper()
		var all []time.Duration
		for i := range 100 {
			began := time.Now()
			if b, code, err := a.content(small.ID); err != nil || code != 200 || len(b) != 4096 {
				t.Fatalf("an ordinary download: %d %v", code, err)
			}
			all = append(all, time.Since(began))
			if i%10 == 0 {
				if _, _, err := a.post(share, "", fmt.Sprintf("r%d-%d", round, i), []byte("x")); err != nil {
					t.Fatalf("an ordinary upload: %v", err)
				}
			}
		}
		if b, _, err := a.content(big.ID); err != nil || len(b) != 16<<20 {
			t.Fatalf("an ordinary long download: %d bytes, %v", len(b), err)
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	before := work(0)

	var all []net.Conn
	defer func() {
		for _, nc := range all {
			nc.Close()
		}
	}()
	open := func(i int, head string) net.Conn {
		t.Helper()
		nc, err := s.from(1 + i/200)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, nc)
		if _, err := io.WriteString(nc, head); err != nil {
			t.Fatal(err)
		}
		return nc
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	halt := sync.OnceFunc(func() { close(stop) })
	defer halt()
	var trickled atomic.Int64
	for i := range downloads {
		nc := open(i, "GET /api/v1/files/"+big.ID+"/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+a.token+"\r\n\r\n")
		wg.Go(func() {
			tick := time.NewTicker(time.Second) // the peer's own pace is what is tested
			defer tick.Stop()
			for buf := make([]byte, 1024); ; {
				select {
				case <-stop:
					return
				case <-tick.C:
				}
				n, err := nc.Read(buf)
				trickled.Add(int64(n))
				if err != nil {
					return
				}
			}
		})
	}
	// What never ends is cut off with an answer, after its time and not much later.
	var cut, wrong atomic.Int32
	wait := func(nc net.Conn, status int) {
		wg.Go(func() {
			_ = nc.SetReadDeadline(time.Now().Add(60 * time.Second))
			res, err := http.ReadResponse(bufio.NewReader(nc), nil)
			if err != nil || res.StatusCode != status || !res.Close {
				wrong.Add(1)
				return
			}
			cut.Add(1)
		})
	}
	for i := range bodies {
		wait(open(downloads+i, "POST /api/v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+a.token+
			"\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n--b\r\n"), 408)
	}
	for i := range halfOpen {
		wait(open(downloads+200+i, "GET /api/v1/files/"+big.ID+"/content HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("y", i%3000)), 408)
	}
	during := work(1)
	memory := residentMemory(t, s.cmd.Process.Pid)
	t.Logf("median of an ordinary call: %v alone, %v beside the slow ones; the server holds %d MiB", before, during, memory>>20)
	if memory > 500<<20 {
		t.Errorf("the server takes %d MiB for %d slow connections", memory>>20, len(all))
	}
	if during > 50*before+500*time.Millisecond { // broken, not merely slower
		t.Errorf("an ordinary call takes %v, alone %v", during, before)
	}
	waitFor(t, 60*time.Second, "every half-open connection and body to be cut off", func() bool {
		return int(cut.Load()+wrong.Load()) == bodies+halfOpen
	})
	if n := wrong.Load(); n > 0 {
		t.Errorf("%d were cut off without 408", n)
	}
	if trickled.Load() == 0 {
		t.Error("the slow downloads got nothing")
	}
	halt()
	for _, nc := range all {
		nc.Close()
	}
	wg.Wait()
	all = nil
	work(2)
	s.stop()
}

// TestConnectionsOfOneAddress: the 257th connection of an address is told why it
// is refused, other addresses are not touched, and a closed one makes room.
func TestConnectionsOfOneAddress(t *testing.T) {
	s := start(t, t.TempDir())
	ask := func(nc net.Conn) int {
		_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.WriteString(nc, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return -1
		}
		res, err := http.ReadResponse(bufio.NewReader(nc), nil)
		if err != nil {
			return -2
		}
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode
	}
	fill(t, s, 1, 256, ask)
	for range 3 {
		nc, err := s.from(1)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(nc), nil)
		if err != nil || res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || !res.Close {
			t.Errorf("one too many: %v, %v", res, err)
		}
		nc.Close()
	}
	other, err := s.from(2)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if code := ask(other); code != 200 {
		t.Errorf("another address: %d", code)
	}
}

// fill opens n connections of an address, and asks on each, until the test ends;
// the first one is closed and opened again.
func fill(t *testing.T, s *server, host, n int, ask func(net.Conn) int) {
	t.Helper()
	list := make([]net.Conn, n)
	for i := range list {
		nc, err := s.from(host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nc.Close() })
		if list[i] = nc; ask(nc) != 200 {
			t.Fatalf("connection %d of %d is refused", i+1, n)
		}
	}
	list[0].Close()
	waitFor(t, 10*time.Second, "a closed connection to make room", func() bool {
		nc, err := s.from(host)
		if err != nil {
			t.Fatal(err)
		}
		if ask(nc) == 200 {
			t.Cleanup(func() { nc.Close() })
			return true
		}
		nc.Close()
		return false
	})
}

// TestConnectionsInAll fills the server from many addresses.
func TestConnectionsInAll(t *testing.T) {
	if os.Getenv("SCAIDRIVE_LONG") == "" {
		t.Skip("skipped: SCAIDRIVE_LONG is not set")
	}
	s := start(t, t.TempDir())
	held := 0
	var refused net.Conn
	for i := 0; refused == nil && i < 8300; i++ {
		nc, err := s.from(1 + i/250)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nc.Close() })
		_ = nc.SetReadDeadline(time.Now().Add(10 * time.Second))
		if i < 8100 {
			held++
			continue
		}
		if _, err := io.WriteString(nc, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(nc), nil)
		switch {
		case err != nil:
			t.Fatalf("connection %d: %v", i+1, err)
		case res.StatusCode == 503:
			refused = nc
		default:
			held++
		}
	}
	if refused == nil || held > 8192 || held < 8100 {
		t.Errorf("%d connections were held, want about 8192 and a refusal", held)
	}
	t.Logf("%d held, %d MiB", held, residentMemory(t, s.cmd.Process.Pid)>>20)
}

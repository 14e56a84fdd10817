package test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"
)

// TestUploadCutAnywhere drops the connection at chance offsets of parts, some of
// them in chunked form, kills the server now and then, and lets another client
// go on: the bytes are equal in the end and nothing is left.
func TestUploadCutAnywhere(t *testing.T) {
	t.Parallel()
	const part = 128 << 10
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	s := start(t, t.TempDir())
	first, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	u := beginUpload(t, s, first.share(t, "Work"), "cut.bin", noise(seed, 8*part+99), part)
	// cut sends a part's head and n of its bytes, then ends or resets the connection.
	cut := func(i, n int, coded, reset bool) {
		t.Helper()
		nc, err := net.Dial("tcp", s.addr())
		if err != nil {
			t.Fatal(err)
		}
		b := u.bytes(i)
		length := fmt.Sprintf("Content-Length: %d", len(b))
		if coded {
			length = "Transfer-Encoding: chunked"
		}
		fmt.Fprintf(nc, "PUT /api/v1/uploads/%s/chunks/%d HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n", u.id, i, u.a.token, length)
		if coded {
			fmt.Fprintf(nc, "%x\r\n", len(b))
		}
		_, _ = nc.Write(b[:n])
		if coded && n == len(b) {
			_, _ = io.WriteString(nc, []string{"", "\r\n", "\r\n0", "\r\n0\r\n"}[rng.IntN(4)]) // all but the end
		}
		if reset {
			_ = nc.(*net.TCPConn).SetLinger(0)
		}
		nc.Close()
	}
	has := func(i int) bool {
		t.Helper()
		for _, r := range u.progress().Received {
			if r[0] <= i && i <= r[1] {
				return true
			}
		}
		return false
	}
	var sent []int
	for n, i := range rng.Perm(u.parts) {
		whole, all := len(u.bytes(i)), false
		for range 3 {
			coded := rng.IntN(2) == 0
			at := rng.IntN(whole)
			if coded && rng.IntN(3) == 0 {
				at, all = whole, true
			}
			cut(i, at, coded, rng.IntN(2) == 0)
		}
		if !all && has(i) { // where every byte came, only the answer may be missing
			t.Fatalf("part %d never came whole and is there", i)
		}
		u.send(i)
		cut(i, rng.IntN(whole), false, true) // a part that is there stays as it is
		if !has(i) {
			t.Fatalf("part %d is gone", i)
		}
		if n%4 == 1 {
			s.kill()
			s = restart(t, s)
		}
		u.connect(s) // another client
		for _, j := range append(sent, i) {
			if !has(j) {
				t.Fatalf("part %d was acknowledged and is gone", j)
			}
		}
		sent = append(sent, i)
	}
	u.complete()
	nothingStaged(t, s.data)
	for _, i := range []int{0, u.parts - 1} {
		if code, err := u.put(i, u.bytes(i)); code != 409 && code != 410 && code != 204 {
			t.Errorf("a part after complete: %d %v", code, err)
		}
	}
	u.complete()
	nothingStaged(t, s.data)
	s.stop()
	newCLI(t).ok("verify", "--read-data", "--data", s.data)
}

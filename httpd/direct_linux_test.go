package httpd

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// directPair gives both ends of a connection, one of them as a direct, too.
func directPair(t *testing.T) (d *direct, own, peer *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	dialled, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	own, peer = accepted.(*net.TCPConn), dialled.(*net.TCPConn)
	t.Cleanup(func() { own.Close(); peer.Close() })
	if d = newDirect(own); d == nil {
		t.Fatal("a TCP connection is not read directly")
	}
	return d, own, peer
}

// What a direct reads, and how it ends, is what net.Conn has.
func TestDirectReads(t *testing.T) {
	d, own, peer := directPair(t)
	buf := make([]byte, 16)
	go func() { // after the reader has begun to wait, or before
		_, _ = io.WriteString(peer, "abc")
	}()
	if n, err := d.Read(buf); string(buf[:n]) != "abc" || err != nil {
		t.Errorf("%q, %v", buf[:n], err)
	}
	if n, err := d.Read(nil); n != 0 || err != nil {
		t.Errorf("into nothing: %d, %v", n, err)
	}
	_ = own.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if n, err := d.Read(buf); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %d, %v", n, err)
	}
	_ = own.SetReadDeadline(time.Time{})
	_ = peer.CloseWrite()
	for range 2 {
		if n, err := d.Read(buf); n != 0 || err != io.EOF {
			t.Errorf("at the end: %d, %v", n, err)
		}
	}
	own.Close()
	if _, err := d.Read(buf); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestDirectTellsOfAReset(t *testing.T) {
	d, _, peer := directPair(t)
	_ = peer.SetLinger(0)
	peer.Close()
	if n, err := d.Read(make([]byte, 1)); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read: %d, %v", n, err)
	}
	if n, err := d.Write([]byte("x")); n != 0 || !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write: %d, %v", n, err)
	}
}

// All goes out, in order, however little the peer takes at a time; when time is over,
// the count is that of what went out.
func TestDirectWrites(t *testing.T) {
	d, own, peer := directPair(t)
	_ = own.SetWriteBuffer(8 << 10)
	piece := []byte(noise(3, maxDirect))
	var want bytes.Buffer
	_ = own.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	for { // nobody reads yet
		n, err := d.Write(piece)
		want.Write(piece[:n])
		if err != nil {
			if n == len(piece) || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("%d of %d bytes, %v", n, len(piece), err)
			}
			break
		}
	}
	_ = own.SetWriteDeadline(time.Time{})
	got := make(chan []byte)
	go func() {
		b, _ := io.ReadAll(peer)
		got <- b
	}()
	for range 2 {
		n, err := d.Write(piece)
		if want.Write(piece[:n]); err != nil {
			t.Fatal(err)
		}
	}
	own.Close()
	if b := <-got; !bytes.Equal(b, want.Bytes()) {
		t.Errorf("%d bytes came, %d were written", len(b), want.Len())
	}
}

package httpd

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"scaidrive/engine/transfer/transfertest"
)

// A replayed is a peer without a network: each Read is the next request, as often
// as was asked for, and answers are looked at and forgotten.
type replayed struct {
	request []byte
	left    int
	bad     []byte // the first answer that is not a 200
}

func (r *replayed) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	r.left--
	return copy(p, r.request), nil
}

func (r *replayed) Write(p []byte) (int, error) {
	if r.bad == nil && !bytes.HasPrefix(p, []byte("HTTP/1.1 200 ")) {
		r.bad = bytes.Clone(p)
	}
	return len(p), nil
}

func (r *replayed) Close() error                     { return nil }
func (r *replayed) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (r *replayed) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (r *replayed) SetDeadline(time.Time) error      { return nil }
func (r *replayed) SetReadDeadline(time.Time) error  { return nil }
func (r *replayed) SetWriteDeadline(time.Time) error { return nil }

// unread is a log that takes every line and keeps none.
type unread struct{ slog.Handler }

func (unread) Enabled(context.Context, slog.Level) bool { return true }

// alone gives a function that has the server answer n requests for a file, all on
// one connection and without a network: what a small read costs in this process.
func alone(t testing.TB, what string) func(n int) {
	a := serveWith(t, transfertest.Disk(t), func(o *Options) { o.Logger = slog.New(unread{slog.DiscardHandler}) })
	id := a.sendFile("f.bin", 4096)
	request := []byte("GET /api/v1/files/" + id + what + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + a.vars["user"] + "\r\n\r\n")
	return func(n int) {
		peer := &replayed{request: request, left: n}
		l := newListener(nil, 8, 8)
		c := &conn{Conn: peer, owner: l, addr: addrOf(peer.RemoteAddr())}
		c.from = c.addr.String()
		l.enter(c)
		if err := a.srv.http.ServeConn(c); err != nil || peer.bad != nil || peer.left != 0 {
			t.Fatalf("%v, %d requests left, %s", err, peer.left, peer.bad)
		}
	}
}

// BenchmarkStatAlone is the server's own work for GET /files/{id}.
func BenchmarkStatAlone(b *testing.B) { benchAlone(b, "") }

// BenchmarkGetAlone is the server's own work for the content of 4 KiB.
func BenchmarkGetAlone(b *testing.B) { benchAlone(b, "/content") }

func benchAlone(b *testing.B, what string) {
	ask := alone(b, what)
	ask(100)
	b.ReportAllocs()
	b.ResetTimer()
	ask(b.N)
}

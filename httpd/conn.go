package httpd

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// The pace that a peer must keep while a body moves in either direction.
const (
	paceGrace = 20 * time.Second // before the rate counts
	paceMax   = 60 * time.Second // the longest standstill, whatever came before
	paceRate  = 1024             // bytes a second
)

// The time and bytes that the last answer of a connection is given to be read
// by a peer that is still sending.
const (
	lingerTime  = 2 * time.Second
	lingerBytes = 64 << 20
)

// deadlineSlack is by how much a deadline for reading may come early. Each call has
// two of them, which most calls never need: a connection is told one only when it
// reads, and when the one that it has is further off than this.
const deadlineSlack = time.Second

// refusal is what a connection over the limits is told.
const refusal = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\n" +
	"Content-Type: application/json\r\nContent-Length: 41\r\n\r\n" + `{"detail":"Too many connections at once"}`

// A listener hands out connections that keep our deadlines, bounds their number
// in all and by address, and knows all that are open.
type listener struct {
	net.Listener
	max, maxPerAddr int
	unbounded       func(netip.Addr) bool // addresses that many come from; nil: none
	grace           time.Duration         // paceGrace, but for tests

	mu      sync.Mutex
	open    map[*conn]struct{}
	perAddr map[netip.Addr]int
}

func newListener(ln net.Listener, max, maxPerAddr int) *listener {
	return &listener{
		Listener: ln, max: max, maxPerAddr: maxPerAddr, grace: paceGrace,
		open: map[*conn]struct{}{}, perAddr: map[netip.Addr]int{},
	}
}

// Accept returns the next connection within the limits.
func (l *listener) Accept() (net.Conn, error) {
	for {
		nc, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: nc, direct: newDirect(nc), owner: l, addr: addrOf(nc.RemoteAddr())}
		c.from = c.addr.String()
		if l.enter(c) {
			return c, nil
		}
		_ = nc.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = io.WriteString(nc, refusal)
		_ = nc.Close()
	}
}

func (l *listener) enter(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) >= l.max || l.perAddr[c.addr] >= l.maxPerAddr && (l.unbounded == nil || !l.unbounded(c.addr)) {
		return false
	}
	l.open[c] = struct{}{}
	l.perAddr[c.addr]++
	return true
}

func (l *listener) leave(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.open[c]; !ok {
		return
	}
	delete(l.open, c)
	if l.perAddr[c.addr]--; l.perAddr[c.addr] <= 0 {
		delete(l.perAddr, c.addr)
	}
}

// count tells how many connections are open.
func (l *listener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

// closeIdle closes the connections on which no request is being answered.
func (l *listener) closeIdle() {
	l.mu.Lock()
	var idle []*conn
	for c := range l.open {
		if !c.busy.Load() {
			idle = append(idle, c)
		}
	}
	l.mu.Unlock()
	for _, c := range idle {
		_ = c.Close()
	}
}

// breakAll breaks every open connection.
func (l *listener) breakAll() {
	l.mu.Lock()
	all := make([]*conn, 0, len(l.open))
	for c := range l.open {
		all = append(all, c)
	}
	l.mu.Unlock()
	for _, c := range all {
		c.abort()
		_ = c.Close()
	}
}

func addrOf(a net.Addr) netip.Addr {
	if a == nil {
		return netip.Addr{}
	}
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

// A conn is a connection with a pace: while a body is read, and always while
// something is written, the peer must move paceRate bytes a second. The time in
// which the server itself does not read or write does not count.
//
// The deadlines for the head and for idle connections are set from outside by
// SetReadDeadline. Reads come from one goroutine and writes from one at a time;
// Close may come from any.
type conn struct {
	net.Conn
	direct *direct // a shorter way to Conn for small pieces; nil: there is none
	owner  *listener
	addr   netip.Addr
	from   string // addr as text

	gate gate
	rest []byte // came in and is for a later Read
	told bool   // the library knows that a broken head came

	readBy  time.Time // the deadline that was asked for
	readSet time.Time // the one that the connection below has

	inBody bool          // reads are paced
	credit time.Duration // that a paced read may still wait

	writeDeadline time.Time

	ids requestIDs

	busy    atomic.Bool // a request is being answered
	socket  atomic.Bool // it is no HTTP any more
	lingers atomic.Bool // something unread may be on its way: let the peer read our answer first
	aborted atomic.Bool // end with a reset, so that nobody takes the end for a clean one
	once    sync.Once
	err     error
}

// secure reports whether the connection is encrypted.
func (c *conn) secure() bool {
	_, ok := c.Conn.(*tls.Conn)
	return ok
}

// SetReadDeadline is called between requests, before each head, by the goroutine
// that reads. It counts from the next Read on.
func (c *conn) SetReadDeadline(t time.Time) error {
	if c.socket.Load() {
		return c.Conn.SetReadDeadline(t)
	}
	c.busy.Store(false)
	c.readBy = t
	return nil
}

// beginBody starts the pace of a request body.
func (c *conn) beginBody() { c.inBody, c.credit = true, c.owner.grace }

// endBody stops it.
func (c *conn) endBody() { c.inBody = false }

// Read reads, at most to the end of the head or body that is being read; in a
// body the error of a peer that is too slow is os.ErrDeadlineExceeded.
func (c *conn) Read(p []byte) (int, error) {
	if c.socket.Load() { // it is not ours to understand
		if n := copy(p, c.rest); n > 0 {
			c.rest = c.rest[n:]
			return n, nil
		}
		return c.Conn.Read(p)
	}
	for {
		if c.told {
			return 0, c.gate.err
		}
		n, err := copy(p, c.rest), error(nil)
		fresh := n == 0
		if fresh {
			n, err = c.receive(p)
		}
		out, used, wrong := c.gate.pass(p[:n])
		switch {
		case wrong != nil && c.gate.state == inHead && len(p) > 0:
			// The library answers nothing where nothing of a request came. This
			// can be no request: no line ends any more.
			c.told, p[0] = true, '?'
			return 1, nil
		case wrong != nil:
			return 0, wrong
		case !fresh:
			if c.rest = c.rest[used:]; len(c.rest) == 0 {
				c.rest = nil
			}
		case used < n:
			c.rest, err = bytes.Clone(p[used:n]), nil // an error comes again
		}
		if out > 0 || err != nil || len(p) == 0 {
			return out, err
		}
	}
}

// whole reports whether all that was read so far ends with a request.
func (c *conn) whole() bool { return c.gate == (gate{}) }

// receive takes bytes as they come.
func (c *conn) receive(p []byte) (int, error) {
	if !c.inBody {
		if early := c.readBy.Sub(c.readSet); early < 0 || early > deadlineSlack {
			if err := c.setRead(c.readBy); err != nil {
				return 0, err
			}
		}
		return c.readBelow(p)
	}
	start := time.Now()
	if err := c.setRead(start.Add(c.credit)); err != nil {
		return 0, err
	}
	n, err := c.readBelow(p)
	c.credit += earned(n) - time.Since(start)
	c.credit = min(max(c.credit, 0), paceMax)
	return n, err
}

// setRead sets the deadline of the connection below.
func (c *conn) setRead(t time.Time) error {
	c.readSet = t
	return c.Conn.SetReadDeadline(t)
}

// Write writes all of p as long as the peer keeps the pace.
func (c *conn) Write(p []byte) (int, error) {
	var done int
	for {
		now := time.Now()
		if c.writeDeadline.Sub(now) < c.owner.grace {
			c.writeDeadline = now.Add(3 * c.owner.grace)
			if err := c.Conn.SetWriteDeadline(c.writeDeadline); err != nil {
				return done, err
			}
		}
		n, err := c.writeBelow(p[done:])
		done += n
		if err == nil {
			return done, nil
		}
		// The deadline passed: enough went out if it kept the rate.
		if !errors.Is(err, os.ErrDeadlineExceeded) || earned(n) < time.Since(now) {
			return done, err
		}
		c.writeDeadline = time.Time{}
	}
}

// readBelow reads from the connection below.
func (c *conn) readBelow(p []byte) (int, error) {
	if c.direct != nil && len(p) <= maxDirect {
		return c.direct.Read(p)
	}
	return c.Conn.Read(p)
}

// writeBelow writes to it.
func (c *conn) writeBelow(p []byte) (int, error) {
	if c.direct != nil && len(p) <= maxDirect && !c.socket.Load() {
		return c.direct.Write(p)
	}
	return c.Conn.Write(p)
}

// earned is the time that n bytes may take.
func earned(n int) time.Duration { return time.Duration(n) * time.Second / paceRate }

// linger makes Close wait for the peer a little.
func (c *conn) linger() { c.lingers.Store(true) }

// abort makes Close break the connection.
func (c *conn) abort() { c.aborted.Store(true) }

// Close ends the connection, cleanly unless abort was called.
func (c *conn) Close() error {
	c.once.Do(func() {
		defer c.owner.leave(c)
		raw := c.Conn
		if t, ok := raw.(*tls.Conn); ok {
			raw = t.NetConn()
		}
		tcp, ok := raw.(*net.TCPConn)
		switch {
		case ok && c.aborted.Load():
			_ = tcp.SetLinger(0)
			c.err = tcp.Close()
			return
		case ok && c.lingers.Load():
			if t, isTLS := c.Conn.(*tls.Conn); isTLS {
				_ = t.CloseWrite()
			}
			_ = tcp.CloseWrite()
			_ = tcp.SetReadDeadline(time.Now().Add(lingerTime))
			_, _ = io.CopyN(io.Discard, tcp, lingerBytes)
		}
		c.err = c.Conn.Close()
	})
	return c.err
}

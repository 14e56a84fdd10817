// Package client is the Go client of the ScaiDrive API: one typed method for a
// route, over the bodies of httpd/wire. The command line and the transfers in
// client/transfer stand on it.
//
// Invariants:
//   - a request that could have had an effect is repeated only where repeating
//     it does no harm (reads, chunk queries, chunks, batches of changes whose
//     repeat is told apart by what is there);
//   - an access token goes to the server it was issued by and nowhere else: no
//     redirect is followed;
//   - memory does not depend on the size of a file.
//
// It keeps no state beside open connections: sign-ins are kept by
// client/profile, and what to transfer is decided in client/transfer.
package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// Credentials give the token that a request is sent with. Safe for concurrent use.
type Credentials interface {
	// Token is the access token to use now.
	Token(ctx context.Context) (string, error)
	// Renew gives another token than stale, which the server has refused.
	// ErrNoRenewal if there is none.
	Renew(ctx context.Context, stale string) (string, error)
}

// ErrNoRenewal: the credentials cannot be renewed, the person signs in again.
var ErrNoRenewal = errors.New("the sign-in has ended: sign in again")

// Static is a token that is not renewed.
type Static string

// Token is the token itself.
func (s Static) Token(context.Context) (string, error) { return string(s), nil }

// Renew fails always.
func (s Static) Renew(context.Context, string) (string, error) { return "", ErrNoRenewal }

// Options are what New takes beside the address. The zero value is ready for use.
type Options struct {
	Credentials Credentials // nil: calls without a token only
	Transport   http.RoundTripper
	UserAgent   string
	Attempts    int // how often one call is tried at most; 0: 7
	// Sleep waits between attempts; nil: by the clock.
	Sleep func(ctx context.Context, d time.Duration) error
	// Jitter gives a number in [0,1); nil: a random one.
	Jitter func() float64
}

// A Client speaks to one server. Safe for concurrent use.
type Client struct {
	base     string // scheme://host[:port][/prefix], without a slash at the end
	http     *http.Client
	small    *fasthttp.Client // for small contents; nil: not to be used
	creds    Credentials
	agent    string
	attempts int
	sleep    func(ctx context.Context, d time.Duration) error
	jitter   func() float64
	slow     time.Duration // how long an answer may be waited for before its rate counts
}

// New makes a client of the server at address (http://host:port). It sends nothing.
func New(address string, o Options) (*Client, error) {
	base, err := CleanAddress(address)
	if err != nil {
		return nil, err
	}
	c := &Client{base: base, creds: o.Credentials, agent: o.UserAgent,
		attempts: o.Attempts, sleep: o.Sleep, jitter: o.Jitter, slow: slowAfter}
	if c.agent == "" {
		c.agent = "scaidrive"
	}
	if c.attempts == 0 {
		c.attempts = 7
	}
	if c.sleep == nil {
		c.sleep = sleep
	}
	if c.jitter == nil {
		c.jitter = rand.Float64
	}
	c.small = newSmall(base, o.Transport != nil, c.agent)
	rt := o.Transport
	if rt == nil {
		rt = newTransport()
	}
	c.http = &http.Client{Transport: rt, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return c, nil
}

// Address is the server's address in its clean form.
func (c *Client) Address() string { return c.base }

// Close ends the idle connections.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
	if c.small != nil {
		c.small.CloseIdleConnections()
	}
}

// CleanAddress checks a server's address and brings it into one form.
func CleanAddress(address string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", fmt.Errorf("%q is not an address of the form https://drive.example.com", address)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%q: an address has no user, query or fragment", address)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + strings.TrimRight(u.EscapedPath(), "/"), nil
}

// PlainRemote reports whether the address sends passwords unencrypted over a
// network: http to anything but this machine.
func PlainRemote(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	host := u.Hostname()
	if host == "localhost" {
		return false
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback()
}

const (
	// stallTimeout ends a connection on which nothing moves for so long.
	stallTimeout = 5 * time.Minute
	// connsPerHost are kept open for the next request.
	connsPerHost = 64
)

func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 20 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &watchedConn{Conn: conn}, nil
		},
		TLSHandshakeTimeout:   20 * time.Second,
		ExpectContinueTimeout: time.Second,
		ResponseHeaderTimeout: stallTimeout, // headers that drip move, and never end
		MaxIdleConns:          connsPerHost,
		MaxIdleConnsPerHost:   connsPerHost,
		IdleConnTimeout:       50 * time.Second, // the server closes after 60
		DisableCompression:    true,
		WriteBufferSize:       64 << 10,
		ReadBufferSize:        32 << 10,
	}
}

// watchedConn fails when nothing moves for stallTimeout. The deadlines are set
// anew at most once in a tenth of that, since setting them costs.
type watchedConn struct {
	net.Conn
	readSet, writeSet time.Time

	body []byte // of ReadFrom, which comes from one goroutine at a time
}

func (c *watchedConn) Read(b []byte) (int, error) {
	if now := time.Now(); now.Sub(c.readSet) > stallTimeout/10 {
		c.readSet = now
		if err := c.SetReadDeadline(now.Add(stallTimeout)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(b)
}

func (c *watchedConn) Write(b []byte) (int, error) {
	if now := time.Now(); now.Sub(c.writeSet) > stallTimeout/10 {
		c.writeSet = now
		if err := c.SetWriteDeadline(now.Add(stallTimeout)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(b)
}

// bodyBuffer is how much of a request's body goes to a connection at a time;
// net/http would take 32 KiB.
const bodyBuffer = 256 << 10

// ReadFrom implements io.ReaderFrom.
func (c *watchedConn) ReadFrom(r io.Reader) (n int64, err error) {
	size := int64(bodyBuffer)
	if l, ok := r.(*io.LimitedReader); ok {
		size = min(size, max(l.N, 1))
	}
	if size > int64(len(c.body)) {
		c.body = make([]byte, size)
	}
	for {
		k, rerr := io.ReadFull(r, c.body[:size])
		if k > 0 {
			w, werr := c.Write(c.body[:k])
			n += int64(w)
			if werr != nil {
				return n, werr
			}
		}
		switch rerr {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return n, nil
		default:
			return n, rerr
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

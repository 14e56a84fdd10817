// Package httpd is the wire: it turns HTTP requests into calls of the engine
// and their outcomes into answers, by the public contract.
//
// One table ([Server] builds its router from it, and so do the tests) names every
// route, who may call it, and what it takes. A handler decodes, calls one
// service, encodes; the rules of the product live below. call.go and server.go
// are the only files that know the HTTP library.
//
// Invariants: a request that two parsers could read differently is refused and
// its connection closed; an unread body is never taken for a request; no body is
// held in memory but JSON within its limit; an answer that breaks after its first
// byte breaks the connection; no token, password or file name reaches the log.
//
// It does not decide who may see what (engine/access does, through the services),
// and it keeps no state but counters.
package httpd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"scaidrive/engine"
	"scaidrive/engine/acl"
	"scaidrive/engine/annotate"
	"scaidrive/engine/archive"
	"scaidrive/engine/desk"
	"scaidrive/engine/identity"
	"scaidrive/engine/job"
	"scaidrive/engine/journal"
	"scaidrive/engine/limit"
	"scaidrive/engine/notice"
	"scaidrive/engine/once"
	"scaidrive/engine/people"
	"scaidrive/engine/presence"
	"scaidrive/engine/preview"
	"scaidrive/engine/settings"
	"scaidrive/engine/share"
	"scaidrive/engine/tenancy"
	"scaidrive/engine/transfer"
	"scaidrive/engine/transfer/session"
	"scaidrive/engine/tree"
	"scaidrive/engine/usage"
	"scaidrive/httpd/wire"
	"scaidrive/webui"
)

// maxHead is the longest head of a request, in bytes.
const maxHead = 32 << 10

// Options are what a server is made of. Services, Env and Ready are required.
type Options struct {
	Identity *identity.Service
	Shares   *share.Service
	Tree     *tree.Service
	ACL      *acl.Service
	Transfer *transfer.Service
	Uploads  *session.Service
	Desk     *desk.Service
	Annotate *annotate.Service
	Notices  *notice.Service
	Usage    *usage.Service
	Journal  *journal.Service
	Jobs     *job.Service
	Tenancy  *tenancy.Service
	People   *people.Service
	Archives *archive.Service
	Once     *once.Service
	Env      engine.Env

	// Previews makes pictures of files; nil: there are none.
	Previews *preview.Service

	// Ready tells which parts work, and whether all that must do.
	Ready func() (checks map[string]bool, ok bool)

	// Parts tells how each part does, Footprint what all take; with Presence, who was
	// there, they are the dashboard's.
	Parts     func() []engine.Part
	Footprint func() engine.Footprint
	Presence  *presence.Service

	Version  string // of the product
	Chunking string // the name of the chunking set
	TestMode bool   // shown in /config

	Limits Limits
	// Settings are those of the process. Values gives what of them counts now; nil: the
	// defaults.
	Settings *settings.Service
	Values   func() *settings.Values
	// Logger takes a line a call, or where the setting log_requests says so only for
	// calls that the server failed at; nil: none.
	Logger *slog.Logger
}

// Limits bound what the server takes. Zero values mean the defaults.
type Limits struct {
	Conns        int           // open at the same time; 8,192
	ConnsPerAddr int           // of one address; 256
	Head         time.Duration // for the head of a request; 20 s
	Idle         time.Duration // between requests; 60 s
	Drain        time.Duration // for running calls when the server ends; 6 s
}

func (l *Limits) complete() {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&l.Head, 20*time.Second)
	set(&l.Idle, 60*time.Second)
	set(&l.Drain, 6*time.Second)
	if l.Conns <= 0 {
		l.Conns = 8192
	}
	if l.ConnsPerAddr <= 0 {
		l.ConnsPerAddr = 256
	}
}

// A Server answers the HTTP API. It serves once.
type Server struct {
	o       Options
	env     engine.Env
	log     *slog.Logger
	router  *router
	keyed   map[*route]replay // the routes that take an Idempotency-Key
	table   []route
	docs    func() (*described, error)
	site    *webui.Site
	limiter *limit.Limiter
	metrics *metrics
	http    *fasthttp.Server

	authenticate func(context.Context, string) (*engine.Principal, error)
	known        func(token []byte) *engine.Principal // of whom authenticate has recognised; nil: ask it

	base context.Context // of all calls; ends when the server may not wait for them any more
	stop context.CancelFunc
	// serving ends when the server begins to end: who only waits is sent away.
	serving context.Context
	drain   context.CancelFunc
	calls   gauge // running now

	spare sync.Pool // of *call
	turns turns
	// line takes a line of the log by a shorter way; false, or nil: there is none.
	line func(at time.Time, level slog.Level, msg string, attrs []slog.Attr) bool

	tickets tickets
	sockets sockets
	frames  sync.Pool // of the sockets' write buffers
	recheck func(context.Context, *engine.Principal) (*engine.Principal, error)

	zstd sync.Pool // of *zstd.Decoder

	grace time.Duration // of the pace; a test shortens it
}

// New makes a server.
func New(o Options) *Server {
	s := newServer(o, routes())
	s.authenticate, s.known, s.recheck = o.Identity.Authenticate, o.Identity.Known, o.Identity.Recheck
	if o.Jobs != nil {
		o.Jobs.Watch(s.tellJob)
	}
	return s
}

// lines is what a log's handler may be able to do beside its own way: to take a line
// without a slog.Record, and without keeping attrs. It reports whether it did.
type lines interface {
	Line(at time.Time, level slog.Level, msg string, attrs []slog.Attr) bool
}

// newServer makes a server of any routes.
func newServer(o Options, table []route) *Server {
	o.Limits.complete()
	if o.Values == nil {
		defaults := settings.Defaults()
		o.Values = func() *settings.Values { return defaults }
	}
	s := &Server{o: o, env: o.Env, log: o.Logger, router: newRouter(table), table: table, site: webui.New(), limiter: limit.New(func() limit.Budgets { return o.Values().Rates }, o.Env.Now)}
	for i := range table {
		if table[i].path == "/" {
			s.router.serve(&table[i], s.site.Has)
		}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if h, ok := s.log.Handler().(lines); ok {
		s.line = h.Line
	}
	s.turns.start()
	s.spare.New = func() any { return &call{scratch: new(scratch)} }
	s.metrics = newMetrics(table)
	s.keyed = map[*route]replay{}
	byName := keyedRoutes()
	for i := range table {
		if r, ok := byName[table[i].method+" "+table[i].path]; ok {
			s.keyed[&table[i]] = r
		}
	}
	s.docs = sync.OnceValues(s.describe)
	s.base, s.stop = context.WithCancel(context.Background())
	s.serving, s.drain = context.WithCancel(s.base)
	s.http = &fasthttp.Server{
		Handler:       s.handle,
		ErrorHandler:  s.handleBroken,
		ExpectHandler: s.expect,
		Logger:        quiet{s.log},

		// The listener bounds connections and their addresses, and says so in
		// our words; this is only above it.
		Concurrency: o.Limits.Conns + 64,
		ReadTimeout: o.Limits.Head,
		IdleTimeout: o.Limits.Idle,

		ReadBufferSize:  maxHead,
		WriteBufferSize: 16 << 10,

		StreamRequestBody:            true,
		MaxRequestBodySize:           1, // only what is read ahead; the limits are ours
		DisablePreParseMultipartForm: true,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		SecureErrorLogMessage:        true, // no head in an error's text
		CloseOnShutdown:              true,
	}
	return s
}

// Serve answers the connections of ln until ctx ends, then drains: it accepts
// nothing new, closes what is idle, lets running calls finish within the bound,
// and breaks what is left. It returns nil when it ended because of ctx and no
// call is running any more.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	l := newListener(ln, s.o.Limits.Conns, s.o.Limits.ConnsPerAddr)
	l.unbounded = func(a netip.Addr) bool { return trusts(s.o.Values().TrustedProxies, a) }
	if s.grace > 0 {
		l.grace = s.grace
	}
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(l) }()
	defer s.stop()
	select {
	case err := <-failed:
		l.breakAll()
		return errors.Join(fmt.Errorf("accept connections: %w", err), s.waitCalls())
	case <-ctx.Done():
	}
	s.drain()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.o.Limits.Drain)
	defer cancel()
	l.closeIdle()
	if err := s.http.ShutdownWithContext(drain); err != nil {
		s.log.Warn("calls are broken off because the server ends", "open", l.count())
		s.stop()
		l.breakAll()
	}
	<-failed
	return s.waitCalls()
}

// ServeMetrics answers GET /metrics of ln to everybody who reaches it, until ctx
// ends. It is for an address that only the operator's own machines reach.
func (s *Server) ServeMetrics(ctx context.Context, ln net.Listener) error {
	srv := &fasthttp.Server{
		Handler: func(rc *fasthttp.RequestCtx) {
			if string(rc.Path()) != "/metrics" || !rc.IsGet() && !rc.IsHead() {
				rc.Error("Not found\n", 404)
				return
			}
			rc.SetContentType(metricsType)
			rc.SetBody(s.writeMetrics())
		},
		Logger: quiet{s.log}, Concurrency: 64, ReadTimeout: 20 * time.Second, WriteTimeout: 20 * time.Second,
		IdleTimeout: s.o.Limits.Idle, MaxRequestBodySize: 1 << 10,
		NoDefaultServerHeader: true, SecureErrorLogMessage: true, CloseOnShutdown: true,
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("accept connections of --metrics-listen: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = srv.ShutdownWithContext(end) // who reads so slowly is left
	<-failed
	return nil
}

// waitCalls waits for calls to notice that their context or connection is over.
func (s *Server) waitCalls() error {
	select {
	case <-s.calls.zero():
		return nil
	case <-time.After(3 * time.Second):
		return errors.New("calls are still running after their end")
	}
}

// Calls is the number of calls that have begun since the server was made.
func (s *Server) Calls() uint64 { return s.calls.all.Load() }

// A gauge counts what is going on.
type gauge struct {
	n    atomic.Int64
	all  atomic.Uint64 // ever added
	mu   sync.Mutex
	none chan struct{} // of those who wait
}

func (g *gauge) add(d int) {
	if d > 0 {
		g.all.Add(uint64(d))
	}
	if g.n.Add(int64(d)) == 0 {
		g.tell()
	}
}

// tell tells who waits if nothing goes on. Who begins to wait looks behind their
// channel, so that one of the two sees the other.
func (g *gauge) tell() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.none != nil && g.n.Load() == 0 {
		close(g.none)
		g.none = nil
	}
}

// zero gives a channel that is closed once nothing goes on.
func (g *gauge) zero() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.none == nil {
		g.none = make(chan struct{})
	}
	ch := g.none
	if g.n.Load() == 0 {
		close(ch)
		g.none = nil
	}
	return ch
}

// handle answers one request.
func (s *Server) handle(rc *fasthttp.RequestCtx) {
	c, ok := rc.UserValue(callKey{}).(*call)
	var err error
	if !ok {
		c, err = s.newCall(rc, rc.Time())
	}
	if err != nil {
		c.refuseEarly(err)
		return
	}
	c.serve()
	s.turns.standBack()
}

type callKey struct{}

// expect decides whether a client that waits for "100 Continue" may send its body.
func (s *Server) expect(rc *fasthttp.RequestCtx) int {
	c, err := s.newCall(rc, time.Now()) // the library has not set rc's time yet
	if err != nil {
		c.refuseEarly(err)
		return c.status
	}
	c.shared = true
	rc.SetUserValue(callKey{}, c)
	return fasthttp.StatusContinue
}

// refuseEarly answers a call whose handler is not run.
func (c *call) refuseEarly(err error) {
	if r := c.rc.Request.BodyStream(); r != nil {
		c.body.src, c.body.conn = c.rc.RequestBodyStream(), c.conn
		c.conn.beginBody()
	}
	c.fixed = len(c.headers)
	c.refuse(err)
	c.finishRequest()
	c.end(int64(len(c.rc.Response.Body())), nil)
}

// handleBroken answers a head that cannot be read; the connection is closed.
func (s *Server) handleBroken(rc *fasthttp.RequestCtx, err error) {
	status, detail := 400, "The request cannot be read"
	var small *fasthttp.ErrSmallBuffer
	var wrong *failure
	switch {
	case errors.As(err, &wrong):
		status, detail = wrong.status, wrong.detail
	case errors.As(err, &small):
		status, detail = 431, "The head of the request is over 32 KiB"
	case errors.Is(err, os.ErrDeadlineExceeded):
		status, detail = 408, "The head of the request took too long"
	}
	id := s.newID()
	rc.Response.Reset()
	rc.Response.Header.SetCanonical([]byte("X-Request-Id"), []byte(id))
	rc.Response.Header.SetContentType("application/json")
	rc.SetStatusCode(status)
	b, _ := wire.Problem{Detail: detail}.MarshalJSON()
	rc.Response.SetBodyRaw(b)
	if c, ok := rc.Conn().(*conn); ok {
		c.linger()
	}
	s.metrics.stats(nil, "").add(status, 0)
	s.log.Info("call", "id", id, "status", status, "detail", detail)
}

// requestID takes the caller's if it is sane, else makes one.
func (s *Server) requestID(rc *fasthttp.RequestCtx) string {
	given := rc.Request.Header.Peek("X-Request-Id")
	if len(given) == 0 || len(given) > 128 {
		return s.nextID(rc)
	}
	for _, b := range given {
		if !(b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("-_.:/+=@", b) >= 0) {
			return s.nextID(rc)
		}
	}
	return string(given)
}

// requestIDs makes the identifiers of a connection's requests out of one that it was
// given at the first. They differ in what is random of that; how they begin is the time,
// as in any other.
type requestIDs struct {
	last engine.ID
}

func (r *requestIDs) next(at time.Time, first func() engine.ID) engine.ID {
	if r.last.IsZero() {
		r.last = first()
		return r.last
	}
	ms := uint64(max(at.UnixMilli(), 0))
	binary.BigEndian.PutUint16(r.last[:], uint16(ms>>32))
	binary.BigEndian.PutUint32(r.last[2:], uint32(ms))
	for i := len(r.last) - 1; i >= 6; i-- {
		if r.last[i]++; r.last[i] != 0 {
			break
		}
	}
	return r.last
}

// nextID makes the identifier of a request that brought none.
func (s *Server) nextID(rc *fasthttp.RequestCtx) string {
	c, ok := rc.Conn().(*conn)
	if !ok {
		return s.newID()
	}
	return c.ids.next(rc.Time(), s.env.NewID).Format("req_")
}

func (s *Server) newID() string { return s.env.NewID().Format("req_") }

// quiet takes what the HTTP library has to say about connections, which is
// about peers that went away.
type quiet struct{ log *slog.Logger }

func (q quiet) Printf(format string, args ...any) {
	q.log.Debug("connection", "what", fmt.Sprintf(format, args...))
}

package httpd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/valyala/fasthttp"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/limit"
	"scaidrive/engine/once"
	"scaidrive/engine/settings"
	"scaidrive/httpd/wire"
)

// The longest that a call may take.
const (
	shortDeadline    = 60 * time.Second
	transferDeadline = 24 * time.Hour // beside the pace that a peer must keep
)

// A call is one request being answered. A handler reads from it, answers
// through one of answer methods (json, noContent, blob, stream) and returns nil,
// or returns an error and answers nothing. What a handler keeps beyond its
// return it must have copied, but strings taken from a call are copies already.
type call struct {
	s    *Server
	rc   *fasthttp.RequestCtx
	conn *conn
	ctx  context.Context // ends with the deadline, the answer, or the server
	life *lifetime       // what ctx is from the moment at which the route is known

	id     string // of the request
	start  time.Time
	set    *settings.Values // as they were when the call began
	origin origin
	method string
	route  *route // nil when none was found
	values []string
	query  map[string]string
	who    *engine.Principal // nil: not signed in
	cookie bool              // by which who was recognised
	body   body
	part   string // a range that the query names, as a Range header

	key     string        // of idempotency, "" for none
	attempt *once.Attempt // that the key stands for

	headers [][2]string // of the answer
	fixed   int         // so many of them hold for every answer of the call
	scratch *scratch

	status   int
	err      error // what ended the call, for the log
	streamed bool  // the answer's body goes out after the handler
	content  bool  // the answer's body is content of files
	closing  bool  // the connection is of no use after the answer
	shared   bool  // others than the goroutine that answers may know it, and longer
}

// done gives the call's memory to a later one, where nobody can have kept it: a plain
// read that was answered at once. What contexts are made of is no part of it.
func (c *call) done() {
	if c.shared || c.streamed || c.err != nil || c.route == nil || c.route.method != "GET" || c.route.kind == waiting || c.status == 101 {
		return
	}
	s, scratch := c.s, c.scratch
	*c = call{scratch: scratch}
	s.spare.Put(c)
}

// scratch is memory that a call works in. Each call finds in it what the last one left.
type scratch struct {
	headers [16][2]string
	values  [4]string    // of the path
	file    wire.File    // of an answer that is one file
	attrs   [9]slog.Attr // of the log line
}

// methodName is a copy of a method, for the usual ones without an allocation.
func methodName(b []byte) string {
	switch string(b) {
	case "GET":
		return "GET"
	case "HEAD":
		return "HEAD"
	case "POST":
		return "POST"
	case "PUT":
		return "PUT"
	case "PATCH":
		return "PATCH"
	case "DELETE":
		return "DELETE"
	}
	return string(b)
}

// newCall reads what the head of a request that came at start says, checks who
// calls, and gives the call and the error that already answers it.
func (s *Server) newCall(rc *fasthttp.RequestCtx, start time.Time) (*call, error) {
	c := s.spare.Get().(*call)
	c.s, c.rc, c.start, c.set, c.id, c.method = s, rc, start, s.o.Values(), s.requestID(rc), methodName(rc.Method())
	c.conn = rc.Conn().(*conn) // all come from our listener
	c.conn.busy.Store(true)
	s.calls.add(1)
	c.headers = c.scratch.headers[:0]
	c.ctx = s.base
	c.findOrigin()
	c.setHeader("X-Request-Id", c.id)
	c.setHeader("X-Content-Type-Options", "nosniff")

	c.body.length = int64(rc.Request.Header.ContentLength())
	if c.body.length == -2 {
		c.body.length = 0
	}
	if wrong := checkFraming(rc.Request.Header.RawHeaders()); wrong != "" {
		return c, broken(wrong)
	}
	switch string(rc.Request.Header.Protocol()) {
	case "HTTP/1.1":
	case "HTTP/1.0":
		if rc.Request.Header.Peek("Expect") != nil {
			return c, &failure{status: 417, detail: "HTTP/1.0 has no expectations", close: true}
		}
	default:
		return c, &failure{status: 505, detail: "This server speaks HTTP/1.1 and HTTP/1.0", close: true}
	}
	for _, v := range rc.Request.Header.PeekAll("Connection") {
		if hasToken(v, "close") {
			rc.SetConnectionClose()
		}
	}
	path, query, ok := c.target()
	if !ok {
		return c, broken("The request's target is not a path on this server")
	}
	c.cross(path)
	var err error
	if c.route, c.values = c.preflights(path); c.route == nil {
		c.route, c.values, err = s.router.lookup(c.scratch.values[:0], c.method, path)
	}
	if misdirected := c.reachable(); misdirected != nil {
		return c, misdirected
	}
	if err != nil {
		return c, err
	}
	c.body.limit = c.route.limit
	longest := shortDeadline
	switch c.route.kind {
	case bulk:
		longest = transferDeadline
	case waiting:
		longest += journal.MaxWait
	default:
	}
	c.life = &lifetime{parent: s.base, deadline: c.start.Add(longest)}
	c.ctx = c.life
	if c.query, err = parseQuery(query); err != nil {
		return c, err
	}
	if err := c.authorise(); err != nil {
		return c, err
	}
	if c.body.length > c.body.limit && c.body.limit > 0 {
		return c, fail(413, fmt.Sprintf("The body is over the limit of this call, %d bytes", c.body.limit))
	}
	return c, nil
}

// target gives the raw path and the raw query of the request's target, and
// whether it can be taken. A target with scheme and host must name the host of
// the header Host: where the two differ, two parsers may choose differently.
func (c *call) target() (path, query string, ok bool) {
	target := string(c.rc.Request.Header.RequestURI())
	if !strings.HasPrefix(target, "/") {
		u, err := url.Parse(target)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Host == "" || c.method == "CONNECT" ||
			!strings.EqualFold(u.Host, string(c.rc.Request.Header.Host())) {
			return "", "", false
		}
		if path = u.EscapedPath(); path == "" {
			path = "/"
		}
		return path, u.RawQuery, true
	}
	target, _, _ = strings.Cut(target, "#")
	path, query, _ = strings.Cut(target, "?")
	return path, query, true
}

// authorise recognises the caller and counts the call.
func (c *call) authorise() error {
	if c.route.who == anyone {
		st, err := c.s.limiter.SpendAddress(counted16(c.origin.addr), c.route.cost)
		if err != nil {
			return c.throttled(st, err)
		}
		return nil
	}
	p, err := c.caller()
	if err != nil {
		return err
	}
	c.who = p
	if c.s.o.Presence != nil {
		c.s.o.Presence.Seen(p)
	}
	st, err := c.s.limiter.Spend(p, c.route.cost)
	var room [64]byte // the three numbers lie in one string
	b := strconv.AppendInt(room[:0], st.Limit, 10)
	first := len(b)
	b = strconv.AppendInt(b, st.Remaining, 10)
	second := len(b)
	figures := string(strconv.AppendInt(b, st.Reset.Unix(), 10))
	c.setHeader("X-RateLimit-Limit", figures[:first])
	c.setHeader("X-RateLimit-Remaining", figures[first:second])
	c.setHeader("X-RateLimit-Reset", figures[second:])
	if err != nil {
		return c.throttled(st, err)
	}
	return c.route.who.allowed(p)
}

// caller recognises who calls: by the Authorization header, else by the cookie of a page.
func (c *call) caller() (*engine.Principal, error) {
	header := c.rc.Request.Header.Peek("Authorization")
	if header == nil {
		if cookie := c.rc.Request.Header.Cookie(sessionCookie); len(cookie) > 0 {
			return c.cookieCaller(string(cookie))
		}
	}
	token, err := bearerOf(header)
	if err != nil {
		return nil, err
	}
	if c.s.known != nil {
		if p := c.s.known(token); p != nil {
			return p, nil
		}
	}
	return c.s.authenticate(c.ctx, string(token))
}

// throttled adds the moment at which it is worth trying again.
func (c *call) throttled(st limit.State, err error) error {
	wait := max(1, int64(st.Reset.Sub(c.s.env.Now())/time.Second)+1)
	msg, _ := messageOf(err)
	c.s.metrics.refusal(st)
	return fail(429, msg, [2]string{"Retry-After", strconv.FormatInt(wait, 10)})
}

// bearer gives the token of the Authorization header.
func (c *call) bearer() (string, error) {
	token, err := bearerOf(c.rc.Request.Header.Peek("Authorization"))
	return string(token), err
}

// bearerOf gives the token in the value of an Authorization header.
func bearerOf(header []byte) ([]byte, error) {
	scheme, token, _ := bytes.Cut(header, []byte(" "))
	token = bytes.TrimSpace(token)
	if len(token) == 0 || !bytes.EqualFold(scheme, []byte("Bearer")) {
		return nil, engine.E(engine.KindUnauthorized, "Not signed in: a bearer token is needed")
	}
	return token, nil
}

// header gives a copy of a request header's value, "" if it is not there.
func (c *call) header(name string) string { return string(c.rc.Request.Header.Peek(name)) }

// setHeader sets a header of the answer; what a handler set is forgotten when it
// fails.
func (c *call) setHeader(name, value string) { c.headers = append(c.headers, [2]string{name, value}) }

// writeHeaders hands the headers over. CR and LF in a value become spaces.
func (c *call) writeHeaders() {
	var name, value [128]byte
	for _, h := range c.headers {
		c.rc.Response.Header.SetCanonical(append(name[:0], h[0]...), append(value[:0], h[1]...))
	}
}

// address is the caller's, for throttles; issuer the address by which the
// server was reached, as far as the request can be believed.
func (c *call) address() string { return c.origin.addr.String() }

// from is address, which a connection has formed once.
func (c *call) from() string {
	if c.origin.addr != c.conn.addr || c.conn.from == "" {
		return c.address()
	}
	return c.conn.from
}

func (c *call) issuer() string {
	scheme := "http://"
	if c.origin.secure {
		scheme = "https://"
	}
	return scheme + c.host()
}

// mediaType gives the request's media type in lower case, without parameters.
func (c *call) mediaType() string {
	t, _, _ := strings.Cut(string(c.rc.Request.Header.ContentType()), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// plain refuses a body with a content coding.
func (c *call) plain() error {
	if e := c.header("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return fail(415, "The body must not be compressed here")
	}
	return nil
}

// decode reads a JSON body into dst; lax passes over unknown fields.
func (c *call) decode(dst any, lax bool) error {
	if t := c.mediaType(); t != "application/json" && t != "" {
		return fail(415, "The body must be application/json")
	}
	if err := c.plain(); err != nil {
		return err
	}
	b, err := c.body.all()
	if err != nil {
		return err
	}
	return decodeJSON(b, dst, lax)
}

// json answers with a JSON body.
func (c *call) json(status int, v any) error {
	c.setHeader("Cache-Control", "no-store")
	a, ok := v.(wire.Appender)
	if !ok {
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("encode the answer: %w", err)
		}
		return c.blob(status, "application/json", b)
	}
	c.answer(status, "application/json")
	// The body's buffer is one that earlier answers had.
	c.rc.Response.SwapBody(a.AppendJSON(c.rc.Response.SwapBody(nil)[:0]))
	return nil
}

// answer sets what an answer with a body begins with.
func (c *call) answer(status int, mediaType string) {
	c.status = status
	c.rc.SetStatusCode(status)
	c.setHeader("Content-Type", mediaType)
}

// blob answers with a body that is not changed any more.
func (c *call) blob(status int, mediaType string, b []byte) error {
	c.answer(status, mediaType)
	c.rc.Response.SetBodyRaw(b)
	return nil
}

// noContent answers without a body.
func (c *call) noContent(status int) error {
	c.status = status
	c.rc.SetStatusCode(status)
	c.rc.Response.ResetBody()
	return nil
}

// upgrade turns the connection into a WebSocket, for which run is called; the
// connection ends when run returns.
func (c *call) upgrade(run func(wireSocket)) error {
	u := websocket.FastHTTPUpgrader{
		HandshakeTimeout: 10 * time.Second, ReadBufferSize: 512, WriteBufferSize: 4 << 10, WriteBufferPool: &c.s.frames,
		CheckOrigin: func(*fasthttp.RequestCtx) bool { return true }, // knownOrigin did
	}
	if !websocket.FastHTTPIsWebSocketUpgrade(c.rc) {
		return fail(400, "This is a WebSocket: the request must ask for an upgrade")
	}
	c.shared = true
	conn, s := c.conn, c.s
	conn.socket.Store(true)
	s.calls.add(1)
	err := u.Upgrade(c.rc, func(ws *websocket.Conn) {
		defer s.calls.add(-1)
		k := &upgraded{ws: ws}
		ws.SetReadLimit(maxCommand)
		k.alive()
		ws.SetPongHandler(func(string) error { k.alive(); return nil })
		run(k)
	})
	if err != nil {
		conn.socket.Store(false)
		s.calls.add(-1)
		return fail(400, "The handshake of the WebSocket is broken")
	}
	c.status = 101
	return nil
}

// upgraded is the library's socket as ours.
type upgraded struct {
	ws *websocket.Conn

	mu     sync.Mutex
	ending bool
}

// alive lets the peer be silent for a while again, unless it is the end.
func (u *upgraded) alive() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.ending {
		_ = u.ws.SetReadDeadline(time.Now().Add(silentFor))
	}
}

func (u *upgraded) read() ([]byte, error) {
	_, b, err := u.ws.ReadMessage()
	if err == nil {
		u.alive()
	}
	return b, err
}

func (u *upgraded) write(b []byte) error { return u.ws.WriteMessage(websocket.TextMessage, b) }

func (u *upgraded) ping() error {
	return u.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(5*time.Second))
}

func (u *upgraded) end(code int, reason string) {
	_ = u.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
	u.mu.Lock()
	defer u.mu.Unlock()
	u.ending = true
	_ = u.ws.SetReadDeadline(time.Now().Add(500 * time.Millisecond)) // for its own close frame
}

// isHead reports whether only the head of the answer goes out.
func (c *call) isHead() bool { return c.method == "HEAD" }

// smallBody is up to which length an answer is gathered before it goes out.
const smallBody = 64 << 10

// stream answers with length bytes (-1: unknown) that write writes, through the
// connection's buffer only. Until the first byte is written an error of write is
// an ordinary error of the call; after it the connection is broken.
// write may run on another goroutine and after the handler's return, until the
// call's context ends; it is not run for HEAD.
func (c *call) stream(status int, length int64, write func(ctx context.Context, w io.Writer) error) error {
	if length < 0 && !c.rc.Request.Header.IsHTTP11() {
		return fail(505, "An answer of unknown length needs HTTP/1.1")
	}
	c.status, c.content = status, true
	c.rc.SetStatusCode(status)
	switch {
	case c.isHead() || length == 0:
		if c.isHead() && length >= 0 {
			c.rc.Response.SkipBody = true
			c.rc.Response.Header.SetContentLength(int(length))
		}
		return nil
	case length > 0 && length <= smallBody:
		w := &countingWriter{w: c.rc.Response.BodyWriter()}
		if err := write(c.ctx, w); err != nil {
			c.rc.Response.ResetBody()
			return err
		}
		if w.n != length {
			c.rc.Response.ResetBody()
			return fmt.Errorf("%d bytes were written instead of %d", w.n, length)
		}
		return nil
	}
	c.shared = true
	o := newOutflow(c, length)
	go o.run(write)
	if err := o.started(); err != nil {
		return err
	}
	c.streamed = true
	c.rc.SetBodyStream(o, int(length))
	return nil
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	w.n += int64(n)
	return n, err
}

// serve runs the handler, answers its error, and ends the call unless its answer
// still streams.
func (c *call) serve() {
	if c.rc.Request.Header.ContentLength() != 0 {
		if r := c.rc.RequestBodyStream(); r != nil {
			c.body.src, c.body.conn = r, c.conn
			c.conn.beginBody()
		}
	}
	c.fixed = len(c.headers)
	err := c.protect()
	if broken := c.body.broken(); err != nil && broken != nil {
		err = bodyFailure(broken)
	}
	if err != nil {
		c.refuse(err)
	}
	c.finishRequest()
	if !c.streamed {
		c.end(int64(len(c.rc.Response.Body())), nil)
		c.done()
	}
}

// protect runs the handler and turns a panic into an error.
func (c *call) protect() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = c.panicked(v)
		}
	}()
	return c.handle()
}

func (c *call) panicked(v any) error {
	c.s.log.Error("panic in a call", "id", c.id, "route", c.route.path, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	return fmt.Errorf("panic: %v", v)
}

// refuse answers with an error.
func (c *call) refuse(err error) {
	c.err, c.content = err, false
	where := "body"
	if c.method != "POST" && c.method != "PUT" && c.method != "PATCH" && (c.route == nil || c.route.limit == noBody) {
		where = "query"
	}
	a := answerTo(err, where)
	c.rc.Response.ResetBody()
	c.rc.Response.SkipBody = false
	c.headers = c.headers[:c.fixed]
	for _, h := range a.headers {
		c.setHeader(h[0], h[1])
	}
	c.closing = c.closing || a.close
	_ = c.json(a.status, a.problem)
}

// finishRequest hands over the head of the answer, and brings the connection to
// the end of the request, or has it closed after the answer: an unread body must
// not be taken for a request.
func (c *call) finishRequest() {
	c.writeHeaders()
	ok := !c.closing && c.body.finish()
	if ok && c.rc.Request.Header.ContentLength() != 0 && c.body.src == nil {
		ok = c.rc.Request.BodyStream() == nil && !c.rc.Request.MayContinue()
	}
	c.conn.endBody()
	if !ok {
		c.rc.SetConnectionClose()
		c.conn.linger()
	}
}

// end ends the call: everything but the log line is over. sent is the length of
// the answer's body; err what broke it off.
func (c *call) end(sent int64, err error) {
	if c.life != nil {
		c.life.cancel()
	}
	if err != nil {
		c.err = err
		c.conn.abort()
	}
	now := time.Now()
	c.s.metrics.call(c, sent, now.Sub(c.start))
	c.logLine(sent, now)
	c.s.calls.add(-1)
}

func (c *call) logLine(sent int64, now time.Time) {
	level := slog.LevelInfo
	if c.status >= 500 {
		level = slog.LevelError
	} else if !c.set.LogRequests {
		return
	}
	if !c.s.log.Enabled(c.ctx, level) {
		return
	}
	path := ""
	if c.route != nil {
		path = c.route.path
	}
	attrs := append(c.scratch.attrs[:0],
		slog.String("id", c.id), slog.String("method", c.method), slog.String("route", path),
		slog.Int("status", c.status), slog.Int64("bytes", sent), slog.Duration("took", now.Sub(c.start)),
		slog.String("from", c.from()))
	if c.who != nil {
		attrs = append(attrs, slog.String("user", c.who.User.Format(engine.PrefixUser)))
	}
	if c.err != nil && (c.status >= 500 || c.streamed) {
		attrs = append(attrs, slog.String("error", c.err.Error()))
	}
	if c.s.line != nil && c.s.line(now, level, "call", attrs) {
		return
	}
	// Not through LogAttrs, which looks each time for the caller's line.
	r := slog.NewRecord(now, level, "call", 0)
	r.AddAttrs(attrs...)
	_ = c.s.log.Handler().Handle(context.Background(), r)
}

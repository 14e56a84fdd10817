package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"scaidrive/engine"
	"scaidrive/engine/limit"
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
	s      *Server
	rc     *fasthttp.RequestCtx
	conn   *conn
	ctx    context.Context // ends with the deadline, the answer, or the server
	cancel context.CancelFunc

	id     string // of the request
	start  time.Time
	method string
	route  *route // nil when none was found
	values []string
	query  map[string]string
	who    *engine.Principal // nil: not signed in
	body   body

	headers [][2]string // of the answer
	fixed   int         // so many of them hold for every answer of the call

	status   int
	err      error // what ended the call, for the log
	streamed bool  // the answer's body goes out after the handler
	closing  bool  // the connection is of no use after the answer
}

// newCall reads what a request's head says, checks who calls, and gives the
// call and the error that already answers it.
func (s *Server) newCall(rc *fasthttp.RequestCtx) (*call, error) {
	c := &call{s: s, rc: rc, start: time.Now(), id: s.requestID(rc), method: string(rc.Method())}
	c.conn = rc.Conn().(*conn) // all come from our listener
	c.conn.busy.Store(true)
	s.calls.add(1)
	c.ctx, c.cancel = s.base, func() {}
	c.setHeader("X-Request-Id", c.id)
	c.setHeader("X-Content-Type-Options", "nosniff")

	c.body.length = int64(rc.Request.Header.ContentLength())
	if c.body.length == -2 {
		c.body.length = 0
	}
	if wrong := checkFraming(rc.Request.Header.RawHeaders()); wrong != "" {
		f := fail(400, wrong)
		f.close = true
		return c, f
	}
	if hasToken(rc.Request.Header.Peek("Connection"), "close") {
		rc.SetConnectionClose()
	}
	path, query := splitTarget(string(rc.Request.Header.RequestURI()))
	var err error
	if c.route, c.values, err = s.router.find(c.method, path); err != nil {
		return c, err
	}
	c.body.limit = c.route.limit
	longest := shortDeadline
	if c.route.kind == bulk {
		longest = transferDeadline
	}
	c.ctx, c.cancel = context.WithTimeout(s.base, longest)
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

// splitTarget cuts a request target (origin or absolute form) into the raw path
// and the raw query.
func splitTarget(target string) (path, query string) {
	if !strings.HasPrefix(target, "/") {
		if u, err := url.Parse(target); err == nil && u.Host != "" {
			return u.EscapedPath(), u.RawQuery
		}
	}
	target, _, _ = strings.Cut(target, "#")
	path, query, _ = strings.Cut(target, "?")
	return path, query
}

// authorise recognises the caller and counts the call.
func (c *call) authorise() error {
	if c.route.who == anyone {
		st, err := c.s.limiter.SpendAddress(c.conn.address(), c.route.cost)
		if err != nil {
			return c.throttled(st, err)
		}
		return nil
	}
	token, err := c.bearer()
	if err != nil {
		return err
	}
	p, err := c.s.authenticate(c.ctx, token)
	if err != nil {
		return err
	}
	c.who = p
	st, err := c.s.limiter.Spend(p, c.route.cost)
	c.setHeader("X-RateLimit-Limit", strconv.FormatInt(st.Limit, 10))
	c.setHeader("X-RateLimit-Remaining", strconv.FormatInt(st.Remaining, 10))
	c.setHeader("X-RateLimit-Reset", strconv.FormatInt(st.Reset.Unix(), 10))
	if err != nil {
		return c.throttled(st, err)
	}
	if !c.route.who.allowed(p) {
		return engine.E(engine.KindForbidden, "The token lacks the scope %s", c.route.who.scope())
	}
	return nil
}

// throttled adds the moment at which it is worth trying again.
func (c *call) throttled(st limit.State, err error) error {
	wait := max(1, int64(st.Reset.Sub(c.s.env.Now())/time.Second)+1)
	msg, _ := messageOf(err)
	return fail(429, msg, [2]string{"Retry-After", strconv.FormatInt(wait, 10)})
}

// bearer gives the token of the Authorization header.
func (c *call) bearer() (string, error) {
	scheme, token, _ := strings.Cut(c.header("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", engine.E(engine.KindUnauthorized, "Not signed in: a bearer token is needed")
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
	for _, h := range c.headers {
		c.rc.Response.Header.SetCanonical([]byte(h[0]), []byte(h[1]))
	}
}

// address is the caller's, for throttles; issuer the address by which the
// server was reached, as far as the request can be believed.
func (c *call) address() string { return c.conn.addr.String() }

func (c *call) issuer() string {
	scheme := "http://"
	if c.conn.secure() {
		scheme = "https://"
	}
	return scheme + c.host()
}

// host is the Host header if it is sane, else the address that was reached.
func (c *call) host() string {
	host := string(c.rc.Request.Header.Host())
	for _, r := range host {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-:[]_", r)) {
			host = ""
			break
		}
	}
	if host == "" || len(host) > 255 {
		return c.conn.LocalAddr().String()
	}
	return host
}

// mediaType gives the request's media type in lower case, without parameters.
func (c *call) mediaType() string {
	t, _, _ := strings.Cut(string(c.rc.Request.Header.ContentType()), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// decode reads a JSON body into dst; lax passes over unknown fields.
func (c *call) decode(dst any, lax bool) error {
	if t := c.mediaType(); t != "application/json" && t != "" {
		return fail(415, "The body must be application/json")
	}
	if e := c.header("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return fail(415, "The body must not be compressed here")
	}
	b, err := c.body.all()
	if err != nil {
		return err
	}
	return decodeJSON(b, dst, lax)
}

// json answers with a JSON body.
func (c *call) json(status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	c.setHeader("Cache-Control", "no-store")
	return c.blob(status, "application/json", b)
}

// blob answers with a body that is not changed any more.
func (c *call) blob(status int, mediaType string, b []byte) error {
	c.status = status
	c.rc.SetStatusCode(status)
	c.setHeader("Content-Type", mediaType)
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
	c.status = status
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
	}
}

// protect runs the handler and turns a panic into an error.
func (c *call) protect() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = c.panicked(v)
		}
	}()
	return c.route.handler(c)
}

func (c *call) panicked(v any) error {
	c.s.log.Error("panic in a call", "id", c.id, "route", c.route.path, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	return fmt.Errorf("panic: %v", v)
}

// refuse answers with an error.
func (c *call) refuse(err error) {
	c.err = err
	where := "body"
	if c.method != "POST" && c.method != "PUT" && c.method != "PATCH" {
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
	c.cancel()
	if err != nil {
		c.err = err
		c.conn.abort()
	}
	c.logLine(sent)
	c.s.calls.add(-1)
}

func (c *call) logLine(sent int64) {
	level := slog.LevelInfo
	if c.status >= 500 {
		level = slog.LevelError
	}
	if !c.s.log.Enabled(c.ctx, level) {
		return
	}
	path := ""
	if c.route != nil {
		path = c.route.path
	}
	attrs := []slog.Attr{
		slog.String("id", c.id), slog.String("method", c.method), slog.String("route", path),
		slog.Int("status", c.status), slog.Int64("bytes", sent), slog.Duration("took", time.Since(c.start)),
		slog.String("from", c.address()),
	}
	if c.who != nil {
		attrs = append(attrs, slog.String("user", c.who.User.Format(engine.PrefixUser)))
	}
	if c.err != nil && (c.status >= 500 || c.streamed) {
		attrs = append(attrs, slog.String("error", c.err.Error()))
	}
	c.s.log.LogAttrs(context.Background(), level, "call", attrs...)
}

// An outflow carries an answer's body from the goroutine that makes it to the
// connection, without a copy: its first Write waits until the head is out, then
// every Write goes straight through.
type outflow struct {
	c      *call
	length int64

	first chan struct{} // closed at the first Write, or when there is none
	sink  chan io.Writer
	gone  chan struct{} // closed when nobody will take the bytes
	done  chan struct{} // closed when the goroutine is over
	begin sync.Once
	leave sync.Once
	w     io.Writer // only the goroutine's
	n     int64     // written; the goroutine's until done
	last  byte      // held back until the end
	held  bool
	err   error // the goroutine's until done
}

var errNobody = errors.New("nobody takes the answer any more")

func newOutflow(c *call, length int64) *outflow {
	return &outflow{
		c: c, length: length, first: make(chan struct{}), sink: make(chan io.Writer, 1),
		gone: make(chan struct{}), done: make(chan struct{}),
	}
}

func (o *outflow) run(write func(context.Context, io.Writer) error) {
	defer func() {
		if v := recover(); v != nil {
			o.err = o.c.panicked(v)
		}
		if o.err == nil {
			o.err = o.finish()
		}
		close(o.done)
		o.begin.Do(func() { close(o.first) })
	}()
	o.err = write(o.c.ctx, o)
}

// started waits for the first byte, or for the end without one: its error.
func (o *outflow) started() error {
	<-o.first
	select {
	case <-o.done:
		if o.n == 0 && o.err != nil {
			return o.err
		}
	default:
	}
	return nil
}

// Write is called by the goroutine that makes the body.
func (o *outflow) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if o.w == nil {
		o.begin.Do(func() { close(o.first) })
		select {
		case o.w = <-o.sink:
		case <-o.gone:
			return 0, errNobody
		case <-o.c.ctx.Done():
			return 0, o.c.ctx.Err()
		}
	}
	if o.length >= 0 && (o.held || o.n+int64(len(p)) > o.length) {
		return 0, fmt.Errorf("more than %d bytes are written", o.length)
	}
	if o.n+int64(len(p)) == o.length {
		// The last byte goes out when the writer has no error to tell, so that
		// an error never follows a whole answer.
		o.last, o.held = p[len(p)-1], true
		n, err := o.w.Write(p[:len(p)-1])
		o.n += int64(n)
		if err != nil {
			return n, err
		}
		return n + 1, nil
	}
	n, err := o.w.Write(p)
	o.n += int64(n)
	return n, err
}

// finish writes the byte that was held back.
func (o *outflow) finish() error {
	if o.held {
		n, err := o.w.Write([]byte{o.last})
		o.n += int64(n)
		if err != nil {
			return err
		}
	}
	if o.length >= 0 && o.n != o.length {
		return fmt.Errorf("%d bytes were written instead of %d", o.n, o.length)
	}
	return nil
}

// Read is there for the interface; the body is always taken by WriteTo.
func (o *outflow) Read([]byte) (int, error) { return 0, errNobody }

// SupportsBodyWriteTo has WriteTo used.
func (o *outflow) SupportsBodyWriteTo() bool { return true }

// WriteTo lets the body flow to w and returns when it is over.
func (o *outflow) WriteTo(w io.Writer) (int64, error) {
	o.sink <- w
	<-o.done
	return o.n, o.err
}

// Close ends the call, whether or not the body was taken.
func (o *outflow) Close() error {
	o.leave.Do(func() {
		close(o.gone)
		<-o.done
		o.c.end(o.n, o.err)
	})
	return nil
}

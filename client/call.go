package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"scaidrive/httpd/wire"
)

// A call is one request, described so that it can be sent more than once.
type call struct {
	method string
	path   string // below the API's prefix
	query  url.Values
	header http.Header

	// body opens the body from its start; nil: none. length is its size in bytes.
	body        func() io.Reader
	length      int64
	contentType string

	// repeat: sending it again after a lost answer does no harm.
	repeat bool
	// anonymous: sent without a token.
	anonymous bool
	// values bounds the values of the JSON answer; 0: maxValues.
	values int
}

// jsonBody makes v the call's body.
func (r call) jsonBody(v any) (call, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return r, fmt.Errorf("encode the request: %w", err)
	}
	return r.bytesBody(b, "application/json"), nil
}

func (r call) bytesBody(b []byte, contentType string) call {
	r.body = func() io.Reader { return bytes.NewReader(b) }
	r.length = int64(len(b))
	r.contentType = contentType
	return r
}

const (
	firstWait    = 100 * time.Millisecond
	longestWait  = 30 * time.Second
	maxJSONReply = 64 << 20
	// maxValues bounds what a short answer can become in memory.
	maxValues = 300_000
	// fewBytes is how long an answer is at most whose values are not counted.
	fewBytes = 256 << 10
)

// errOversized: an answer that a server of ours does not give.
var errOversized = errors.New("the server's answer is too long to be one")

// send gets a successful answer or an error. The caller closes the answer's body.
func (c *Client) send(ctx context.Context, r call) (*http.Response, error) {
	renewed := false
	for attempt := 1; ; attempt++ {
		token, err := c.token(ctx, r)
		if err != nil {
			return nil, err
		}
		resp, err := c.once(ctx, r, token)
		var wait time.Duration
		switch {
		case err != nil:
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if !r.repeat && !notSent(err) {
				return nil, &Unreachable{Address: c.base, Err: err}
			}
			wait = c.backoff(attempt)
			err = &Unreachable{Address: c.base, Err: err}
		case resp.StatusCode >= 200 && resp.StatusCode < 300:
			return resp, nil
		default:
			se := statusError(resp)
			resp.Body.Close()
			err = se
			if se.Status == http.StatusUnauthorized && !r.anonymous && c.creds != nil && !renewed {
				renewed = true
				if _, rerr := c.creds.Renew(ctx, token); rerr == nil {
					attempt--
					continue
				} else if !errors.Is(rerr, ErrNoRenewal) {
					return nil, fmt.Errorf("renew the sign-in: %w", rerr)
				}
			}
			after, ok := retryAfter(resp.Header)
			again := se.Status == http.StatusTooManyRequests ||
				(se.Status == http.StatusServiceUnavailable && r.repeat)
			if !again || !ok {
				return nil, err
			}
			wait = min(max(after, c.backoff(attempt)), longestWait)
		}
		if attempt >= c.attempts {
			return nil, err
		}
		if serr := c.sleep(ctx, wait); serr != nil {
			return nil, serr
		}
	}
}

func (c *Client) token(ctx context.Context, r call) (string, error) {
	if r.anonymous || c.creds == nil {
		return "", nil
	}
	return c.creds.Token(ctx)
}

func (c *Client) once(ctx context.Context, r call, token string) (*http.Response, error) {
	target := c.base + wire.Prefix + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		body = r.body()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.ContentLength = r.length
		if r.length == 0 {
			req.Body = http.NoBody
		}
	}
	for k, v := range r.header {
		req.Header[k] = v
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	req.Header.Set("User-Agent", c.agent)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.http.Do(req)
	if err == nil {
		resp.Body = &paced{ReadCloser: resp.Body, after: c.slow}
	}
	return resp, err
}

// backoff doubles with each attempt, and is spread by half so that many clients
// do not come back at one moment.
func (c *Client) backoff(attempt int) time.Duration {
	d := firstWait << min(attempt-1, 16)
	d = min(d, longestWait)
	return d/2 + time.Duration(float64(d/2)*c.jitter())
}

// notSent reports whether the connection failed before anything was sent.
func notSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func retryAfter(h http.Header) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if v == "" {
		return 0, false
	}
	if n, err := strconv.Atoi(v); err == nil && n >= 0 {
		return time.Duration(n) * time.Second, true
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, time.Until(t)), true
	}
	return 0, false
}

// ask sends a call and reads the JSON answer into out (nil: there is none to
// read; a *[]byte takes it as it is). An answer that breaks off is a lost answer: asked again if that does
// no harm.
func (c *Client) ask(ctx context.Context, r call, out any) error {
	for attempt := 1; ; attempt++ {
		resp, err := c.send(ctx, r)
		if err != nil {
			return err
		}
		b, err := readBody(resp)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if errors.Is(err, errOversized) || errors.Is(err, errTooSlow) {
				return fmt.Errorf("%s %s: %w", r.method, r.path, err)
			}
			if !r.repeat || attempt >= c.attempts {
				return &Unreachable{Address: c.base, Err: err}
			}
			if err := c.sleep(ctx, c.backoff(attempt)); err != nil {
				return err
			}
			continue
		}
		if out == nil {
			return nil
		}
		if raw, ok := out.(*[]byte); ok {
			*raw = b
			return nil
		}
		most := r.values
		if most == 0 {
			most = maxValues
		}
		if len(b) > fewBytes && valuesOf(b, most) > most {
			return fmt.Errorf("%s %s: %w", r.method, r.path, errOversized)
		}
		if err := json.Unmarshal(b, out); err != nil {
			return fmt.Errorf("%s %s: the answer cannot be read: %w", r.method, r.path, err)
		}
		return nil
	}
}

func readBody(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= maxJSONReply {
		buf.Grow(int(n) + bytes.MinRead)
	}
	n, err := io.Copy(&buf, io.LimitReader(resp.Body, maxJSONReply+1))
	if err == nil && n > maxJSONReply {
		err = fmt.Errorf("%w: over %d MiB", errOversized, maxJSONReply>>20)
	}
	return buf.Bytes(), err
}

// valuesOf counts the values of a JSON text, no further than most: one more than the
// commas and opening brackets outside of strings.
func valuesOf(b []byte, most int) int {
	n, quoted := 1, false
	for i := 0; i < len(b) && n <= most; i++ {
		switch c := b[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted && (c == ',' || c == '{' || c == '['):
			n++
		}
	}
	return n
}

// The least rate at which an answer must come, once it has taken a while.
const (
	slowAfter = 2 * time.Minute
	slowBytes = 100 // a second
)

// errTooSlow: an answer that drips.
var errTooSlow = errors.New("the server's answer comes too slowly")

// A paced body fails when waiting for it takes so long that somebody seems to hold the
// client up. What the reader takes does not count.
type paced struct {
	io.ReadCloser
	waited time.Duration
	bytes  int64
	after  time.Duration
}

// Read implements io.Reader.
func (p *paced) Read(b []byte) (int, error) {
	began := time.Now()
	n, err := p.ReadCloser.Read(b)
	p.waited += time.Since(began)
	p.bytes += int64(n)
	if err == nil && p.waited > p.after && float64(p.bytes) < slowBytes*p.waited.Seconds() {
		return n, errTooSlow
	}
	return n, err
}

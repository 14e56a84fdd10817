package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"scaidrive/httpd/wire"
)

// ErrLength: the server announced another length than the listing.
var ErrLength = errors.New("the server announced another length")

// ErrBrokenOff: an answer ended before its end.
var ErrBrokenOff = errors.New("the transfer broke off")

// A small file's content is fetched by fasthttp, which takes half the processor
// time of net/http for it (docs/decisions/0006-client-transport.md). It tries
// once; whatever is not a plain success is asked again in the ordinary way, which
// knows how to renew, wait and explain.
const (
	smallTimeout  = 30 * time.Second
	smallReadSize = 32 << 10
)

// newSmall makes the quick way, nil where it cannot be used: a proxy is in
// between, or the transport is given.
func newSmall(base string, given bool, agent string) *fasthttp.Client {
	if u, err := url.Parse(base); err != nil || given || proxied(u) {
		return nil
	}
	return &fasthttp.Client{
		Name:                      agent,
		DialDualStack:             true,
		MaxConnsPerHost:           connsPerHost,
		MaxIdleConnDuration:       50 * time.Second,
		ReadBufferSize:            smallReadSize,
		ReadTimeout:               smallTimeout,
		WriteTimeout:              smallTimeout,
		MaxIdemponentCallAttempts: 1,
		MaxResponseBodySize:       MaxSmall,
		DisablePathNormalizing:    true,
	}
}

func proxied(u *url.URL) bool {
	p, err := http.ProxyFromEnvironment(&http.Request{URL: u})
	return p != nil || err != nil
}

// MaxSmall is the longest content that ReadContent takes.
const MaxSmall = 4 << 20

// ReadContent reads the whole content of a version into buf, whose length is the
// content's, at most MaxSmall.
func (c *Client) ReadContent(ctx context.Context, file string, version uint64, buf []byte) error {
	if len(buf) == 0 {
		return nil
	}
	if c.small != nil && c.readQuick(ctx, file, version, buf) {
		return nil
	}
	for attempt := 1; ; attempt++ {
		err := c.readOrdinary(ctx, file, version, buf)
		if err == nil || !errors.Is(err, ErrBrokenOff) || attempt >= c.attempts {
			return err
		}
		if err := c.sleep(ctx, c.backoff(attempt)); err != nil {
			return err
		}
	}
}

func (c *Client) readOrdinary(ctx context.Context, file string, version uint64, buf []byte) error {
	body, length, err := c.Content(ctx, file, version, 0)
	if err != nil {
		return err
	}
	defer body.Close()
	if length != int64(len(buf)) {
		return ErrLength
	}
	if _, err := io.ReadFull(body, buf); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", ErrBrokenOff, err)
	}
	return nil
}

// readQuick reports whether buf holds the content now.
func (c *Client) readQuick(ctx context.Context, file string, version uint64, buf []byte) bool {
	if ctx.Err() != nil {
		return false
	}
	token, err := c.token(ctx, call{})
	if err != nil {
		return false
	}
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI(c.base + wire.Prefix + "/files/" + url.PathEscape(file) + "/content?version=" + strconv.FormatUint(version, 10))
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if err := c.small.Do(req, resp); err != nil || resp.StatusCode() != http.StatusOK {
		return false
	}
	return len(resp.Body()) == len(buf) && copy(buf, resp.Body()) == len(buf)
}

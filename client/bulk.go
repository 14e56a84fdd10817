package client

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"scaidrive/httpd/wire"
)

// The bounds of the bulk routes.
const (
	TreeLimit     = 5000     // entries of a page of a tree
	QueryLimit    = 10000    // chunks of one query
	ApplyLimit    = 1000     // changes of one batch
	SendLimit     = 64 << 20 // bytes of frames in one request
	ApplyMaxBytes = 16 << 20 // body of one batch
)

// Tree lists what lies below a folder, parents before children; folder "" is the
// share's root. each is called for every entry, which is valid during the call.
// The next page is under way while one is read.
func (c *Client) Tree(ctx context.Context, share, folder string, each func(*wire.Entry) error) error {
	_, err := c.TreeAt(ctx, share, folder, each)
	return err
}

// A Position is a cursor in a share's change log, with the epoch that came with it.
type Position struct {
	Cursor int64
	Epoch  string
}

// A listing of so many pages has so many entries a page, or it is none.
const (
	fewPages   = 1000
	fewEntries = 100
)

// errNoEnd: a listing that a server of ours does not make.
var errNoEnd = errors.New("the server's listing does not come to an end")

// TreeAt is Tree, and tells the moment at which the listing began.
func (c *Client) TreeAt(ctx context.Context, share, folder string, each func(*wire.Entry) error) (Position, error) {
	type answer struct {
		page []byte
		err  error
	}
	fetch := func(token string) <-chan answer {
		out := make(chan answer, 1)
		go func() { // ends with the request, or with ctx
			page, err := c.treePage(ctx, share, folder, token)
			out <- answer{page, err}
		}()
		return out
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	token, coming := "", fetch("")
	for pages, entries := 1, 0; ; pages++ {
		got := <-coming
		if got.err != nil {
			return Position{}, got.err
		}
		guess := guessNext(got.page)
		if guess != "" && guess != token {
			coming = fetch(guess)
		}
		seen := 0
		p, err := decodeTree(got.page, func(e *wire.Entry) error { seen++; return each(e) })
		if err != nil || p.next == "" {
			return Position{p.cursor, p.epoch}, err
		}
		if p.next == token {
			return Position{}, errors.New("the server gave the same page twice")
		}
		if entries += seen; seen == 0 || pages > fewPages && entries < pages*fewEntries {
			return Position{}, errNoEnd
		}
		if p.next != guess {
			coming = fetch(p.next)
		}
		token = p.next
	}
}

func (c *Client) treePage(ctx context.Context, share, folder, token string) ([]byte, error) {
	q := url.Values{"share_id": {share}, "limit": {strconv.Itoa(TreeLimit)}}
	if folder != "" {
		q.Set("folder_id", folder)
	}
	if token != "" {
		q.Set("page_token", token)
	}
	var page []byte
	err := c.get(ctx, "/sync/tree", q, &page)
	return page, err
}

// Query asks which chunks must be sent or proven; at most QueryLimit.
func (c *Client) Query(ctx context.Context, share string, chunks []wire.Hash) (*wire.ChunkQueryResult, error) {
	r, err := call{method: http.MethodPost, path: "/sync/chunks/query", repeat: true}.
		jsonBody(wire.ChunkQuery{ShareID: share, Chunks: chunks})
	if err != nil {
		return nil, err
	}
	var out wire.ChunkQueryResult
	return &out, c.ask(ctx, r, &out)
}

// SendChunks sends chunks, at most SendLimit bytes with four more for each. The
// slices are read until the call returns.
func (c *Client) SendChunks(ctx context.Context, share string, chunks [][]byte) (*wire.ReceivedChunks, error) {
	var n int64
	for _, b := range chunks {
		n += 4 + int64(len(b))
	}
	r := call{method: http.MethodPost, path: "/sync/chunks", query: url.Values{"share_id": {share}},
		body: func() io.Reader { return &frames{chunks: chunks} }, length: n,
		contentType: "application/octet-stream", repeat: true}
	var out wire.ReceivedChunks
	return &out, c.ask(ctx, r, &out)
}

// frames reads chunks as frames: 4 bytes big-endian length, then the bytes.
type frames struct {
	chunks [][]byte
	head   [4]byte
	inHead int // bytes of the current head already given
	off    int // bytes of the current chunk already given
}

func (f *frames) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(f.chunks) == 0 {
			if n == 0 {
				return 0, io.EOF
			}
			return n, nil
		}
		b := f.chunks[0]
		if f.inHead < 4 {
			binary.BigEndian.PutUint32(f.head[:], uint32(len(b)))
			k := copy(p[n:], f.head[f.inHead:])
			f.inHead += k
			n += k
			continue
		}
		k := copy(p[n:], b[f.off:])
		f.off += k
		n += k
		if f.off == len(b) {
			f.chunks, f.inHead, f.off = f.chunks[1:], 0, 0
		}
	}
	return n, nil
}

// Apply sends a batch of changes. A repeat after a lost answer finds its own
// effect: a created name is taken (409 with the resource), a base version is no
// longer current.
func (c *Client) Apply(ctx context.Context, a *wire.Apply) (*wire.ApplyResult, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	return c.ApplyBody(ctx, body, len(a.Changes))
}

// ApplyBody is Apply with a [wire.Apply] of so many changes that is JSON already.
func (c *Client) ApplyBody(ctx context.Context, body []byte, changes int) (*wire.ApplyResult, error) {
	r := call{method: http.MethodPost, path: "/sync/apply", repeat: true}.bytesBody(body, "application/json")
	var answer []byte
	if err := c.ask(ctx, r, &answer); err != nil {
		return nil, err
	}
	out, err := decodeApply(answer, changes)
	if err != nil {
		return nil, fmt.Errorf("POST /sync/apply: the answer cannot be read: %w", err)
	}
	return out, nil
}

// Content opens the bytes of a version from off on (version 0: the current
// one). The caller closes it. length is that of the whole file.
func (c *Client) Content(ctx context.Context, file string, version uint64, off int64) (body io.ReadCloser, length int64, err error) {
	r := call{method: http.MethodGet, path: "/files/" + url.PathEscape(file) + "/content", repeat: true}
	if version > 0 {
		r.query = url.Values{"version": {strconv.FormatUint(version, 10)}}
	}
	if off > 0 {
		r.header = http.Header{"Range": {"bytes=" + strconv.FormatInt(off, 10) + "-"}}
	}
	resp, err := c.send(ctx, r)
	if err != nil {
		return nil, 0, err
	}
	if off > 0 {
		if resp.StatusCode != http.StatusPartialContent {
			resp.Body.Close()
			return nil, 0, &StatusError{Status: resp.StatusCode,
				Problem: wire.Problem{Detail: "the server answered a range with something else"}}
		}
		return resp.Body, off + resp.ContentLength, nil
	}
	return resp.Body, resp.ContentLength, nil
}

package client

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"scaidrive/httpd/wire"
)

// ChangesLimit is how many rows one answer holds at most.
const ChangesLimit = 5000

// A ChangeRow is a row of a share's change log, as it is for who asks, now.
type ChangeRow struct {
	ResourceType string     `json:"resource_type"`
	ResourceID   string     `json:"resource_id"`
	ChangeType   string     `json:"change_type"`
	ChangedAt    wire.Time  `json:"changed_at"`
	VersionID    string     `json:"version_id"`
	Metadata     ChangeMeta `json:"metadata"`
}

// ChangeMeta is what a row tells of the resource.
type ChangeMeta struct {
	Name           string           `json:"name"`
	ParentID       *string          `json:"parent_id"`
	Size           *int64           `json:"size"`
	ChecksumSHA256 *wire.Hash       `json:"checksum_sha256"`
	Version        uint64           `json:"version"`
	ModifiedAt     *wire.Time       `json:"modified_at"`
	Attributes     *wire.Attributes `json:"attributes"`
	AccessChanged  bool             `json:"access_changed"`
	Bare           bool             `json:"bare"`
}

// Changes is a stretch of the change log.
type Changes struct {
	Changes []ChangeRow `json:"changes"`
	Cursor  int64       `json:"cursor"`
	Epoch   string      `json:"epoch"`
	HasMore bool        `json:"has_more"`
}

// Changes gives the rows behind a position, and the position behind them. With
// wait it answers at the first row, or after so many seconds, at most 55. A
// position that can't be followed is status 410, with the reason in
// StatusError.Gone.
func (c *Client) Changes(ctx context.Context, share string, at Position, wait int) (*Changes, error) {
	q := url.Values{"share_id": {share}, "cursor": {strconv.FormatInt(at.Cursor, 10)}, "limit": {strconv.Itoa(ChangesLimit)}}
	if at.Epoch != "" {
		q.Set("epoch", at.Epoch)
	}
	if wait > 0 {
		q.Set("wait", strconv.Itoa(wait))
	}
	var out Changes
	return &out, c.get(ctx, "/sync/changes", q, &out)
}

// maxChunk is more than the longest chunk of any chunking.
const maxChunk = 8 << 20

// FetchChunks gets chunks of a version, at most QueryLimit; each is called in the
// order asked, with bytes that are valid during the call and not checked against
// the hash.
func (c *Client) FetchChunks(ctx context.Context, file string, version uint64, chunks []wire.Hash, each func(i int, b []byte) error) error {
	r, err := call{method: http.MethodPost, path: "/sync/chunks/fetch", repeat: true}.
		jsonBody(wire.FetchChunks{FileID: file, Version: version, Chunks: chunks})
	if err != nil {
		return err
	}
	resp, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var head [4]byte
	var buf []byte
	for i := range chunks {
		if _, err := io.ReadFull(resp.Body, head[:]); err != nil {
			return brokenOff(ctx, err)
		}
		n := int(binary.BigEndian.Uint32(head[:]))
		if n > maxChunk {
			return errors.New("the server sent a chunk that is too long")
		}
		if cap(buf) < n {
			buf = make([]byte, n)
		}
		if _, err := io.ReadFull(resp.Body, buf[:n]); err != nil {
			return brokenOff(ctx, err)
		}
		if err := each(i, buf[:n]); err != nil {
			return err
		}
	}
	return nil
}

func brokenOff(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrBrokenOff, err)
}

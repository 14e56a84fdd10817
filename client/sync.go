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

// Changes gives the rows behind a position, and the position behind them. With
// wait it answers at the first row, or after so many seconds, at most 55. A
// position that can't be followed is status 410, with the reason in
// StatusError.Gone.
func (c *Client) Changes(ctx context.Context, share string, at Position, wait int) (*wire.Changes, error) {
	q := url.Values{"share_id": {share}, "cursor": {strconv.FormatInt(at.Cursor, 10)}, "limit": {strconv.Itoa(ChangesLimit)}}
	if at.Epoch != "" {
		q.Set("epoch", at.Epoch)
	}
	if wait > 0 {
		q.Set("wait", strconv.Itoa(wait))
	}
	var out wire.Changes
	return &out, c.get(ctx, "/sync/changes", q, &out)
}

// MaxChunk is more than the longest chunk of any chunking, in bytes.
const MaxChunk = 8 << 20

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
		if n > MaxChunk {
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

// Conflicts lists a share's conflicts of a device ("": of all), the open ones or all.
func (c *Client) Conflicts(ctx context.Context, share, device string, resolved bool) ([]wire.Conflict, error) {
	q := url.Values{"share_id": {share}}
	if device != "" {
		q.Set("device_id", device)
	}
	if resolved {
		q.Set("include_resolved", "true")
	}
	var out []wire.Conflict
	err := c.get(ctx, "/sync/conflicts", q, &out)
	return out, err
}

// ResolveConflict settles an open conflict by a strategy.
func (c *Client) ResolveConflict(ctx context.Context, id, resolution string) (*wire.Conflict, error) {
	r := call{method: http.MethodPost, path: "/sync/conflicts/" + url.PathEscape(id) + "/resolve",
		query: url.Values{"resolution": {resolution}}, repeat: true}
	var out wire.Conflict
	return &out, c.ask(ctx, r, &out)
}

// ConflictContent opens the content that waits in an open conflict. The caller closes it.
func (c *Client) ConflictContent(ctx context.Context, id string) (body io.ReadCloser, length int64, err error) {
	resp, err := c.send(ctx, call{method: http.MethodGet, path: "/sync/conflicts/" + url.PathEscape(id) + "/content", repeat: true})
	if err != nil {
		return nil, 0, err
	}
	return resp.Body, resp.ContentLength, nil
}

// RegisterDevice tells the server of this client. Again: what is told now.
func (c *Client) RegisterDevice(ctx context.Context, d wire.RegisterDevice) (*wire.Device, error) {
	r, err := call{method: http.MethodPost, path: "/sync/devices", repeat: true}.jsonBody(d)
	if err != nil {
		return nil, err
	}
	var out wire.Device
	return &out, c.ask(ctx, r, &out)
}

// SyncStatus tells how it is with a share on a device of the caller's.
func (c *Client) SyncStatus(ctx context.Context, share, device string) (*wire.SyncStatus, error) {
	var out wire.SyncStatus
	return &out, c.get(ctx, "/sync/status", url.Values{"share_id": {share}, "device_id": {device}}, &out)
}

// ReportSync tells the server how it is with a share on a device.
func (c *Client) ReportSync(ctx context.Context, share, device string, report wire.SyncReport) (*wire.SyncStatus, error) {
	r, err := call{method: http.MethodPost, path: "/sync/status", query: url.Values{"share_id": {share}, "device_id": {device}}, repeat: true}.
		jsonBody(report)
	if err != nil {
		return nil, err
	}
	var out wire.SyncStatus
	return &out, c.ask(ctx, r, &out)
}

// Preferences gives what a device leaves out of a share, and whether it rests.
func (c *Client) Preferences(ctx context.Context, share, device string) (*wire.SyncPreferences, error) {
	var out wire.SyncPreferences
	return &out, c.get(ctx, "/sync/preferences", url.Values{"share_id": {share}, "device_id": {device}}, &out)
}

// SetPreferences replaces them.
func (c *Client) SetPreferences(ctx context.Context, share, device string, p wire.SetSyncPreferences) (*wire.SyncPreferences, error) {
	r, err := call{method: http.MethodPut, path: "/sync/preferences", query: url.Values{"share_id": {share}, "device_id": {device}}, repeat: true}.
		jsonBody(p)
	if err != nil {
		return nil, err
	}
	var out wire.SyncPreferences
	return &out, c.ask(ctx, r, &out)
}

// SetCursor tells the server how far a device has followed a share.
func (c *Client) SetCursor(ctx context.Context, share, device string, at Position) error {
	q := url.Values{"share_id": {share}, "device_id": {device}, "position": {strconv.FormatInt(at.Cursor, 10)}}
	if at.Epoch != "" {
		q.Set("epoch", at.Epoch)
	}
	return c.ask(ctx, call{method: http.MethodPost, path: "/sync/cursor", query: q, repeat: true}, nil)
}

// AskResync asks a device to list a share anew.
func (c *Client) AskResync(ctx context.Context, share, device string) error {
	return c.ask(ctx, call{method: http.MethodPost, path: "/sync/status/resync",
		query: url.Values{"share_id": {share}, "device_id": {device}}, repeat: true}, nil)
}

// AllowDeletes allows a device to delete what its brake holds back.
func (c *Client) AllowDeletes(ctx context.Context, share, device string) error {
	return c.ask(ctx, call{method: http.MethodPost, path: "/sync/status/allow-deletes",
		query: url.Values{"share_id": {share}, "device_id": {device}}, repeat: true}, nil)
}

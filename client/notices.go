package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"scaidrive/httpd/wire"
)

// Notices lists what the caller is told happened, the newest first; unread: only what
// they have not read.
func (c *Client) Notices(ctx context.Context, unread bool) ([]wire.Notice, error) {
	q := url.Values{"limit": {strconv.Itoa(ChildrenLimit)}}
	if unread {
		q.Set("unread", "true")
	}
	var all []wire.Notice
	for {
		var page wire.Notices
		if err := c.get(ctx, "/notices", q, &page); err != nil {
			return nil, err
		}
		if all = append(all, page.Notices...); page.NextPageToken == "" {
			return all, nil
		}
		q.Set("page_token", page.NextPageToken)
	}
}

// ReadNotices marks notices as read: those with the IDs, or without any all up to a
// moment. It tells how many are not read then.
func (c *Client) ReadNotices(ctx context.Context, ids []string, until time.Time) (int, error) {
	in := wire.ReadNotices{IDs: ids}
	if len(ids) == 0 {
		at := wire.At(until)
		in.Until = &at
	}
	r, err := call{method: http.MethodPost, path: "/notices/read", repeat: true}.jsonBody(in)
	if err != nil {
		return 0, err
	}
	var out wire.Unread
	err = c.ask(ctx, r, &out)
	return out.Unread, err
}

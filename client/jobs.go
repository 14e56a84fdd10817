package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"scaidrive/httpd/wire"
)

// CreateJob orders a job and gives its ID.
func (c *Client) CreateJob(ctx context.Context, order wire.CreateJob) (string, error) {
	r, err := call{method: http.MethodPost, path: "/jobs"}.jsonBody(order)
	if err != nil {
		return "", err
	}
	return c.ticket(ctx, r)
}

func (c *Client) ticket(ctx context.Context, r call) (string, error) {
	var out wire.JobTicket
	if err := c.ask(ctx, r, &out); err != nil {
		return "", err
	}
	return out.ID, nil
}

// Job tells how far a job is.
func (c *Client) Job(ctx context.Context, id string) (*wire.Job, error) {
	var out wire.Job
	return &out, c.get(ctx, jobPath(id), nil, &out)
}

func jobPath(id string) string { return "/jobs/" + url.PathEscape(id) }

// EachJob calls fn for the caller's jobs, the newest first, until fn returns false.
func (c *Client) EachJob(ctx context.Context, fn func(*wire.Job) (bool, error)) error {
	for offset := 0; ; {
		var page wire.Jobs
		q := url.Values{"limit": {strconv.Itoa(ChildrenLimit)}, "offset": {strconv.Itoa(offset)}}
		if err := c.get(ctx, "/jobs", q, &page); err != nil {
			return err
		}
		for i := range page.Jobs {
			if more, err := fn(&page.Jobs[i]); !more || err != nil {
				return err
			}
		}
		offset += len(page.Jobs)
		if len(page.Jobs) == 0 || offset >= page.Total {
			return nil
		}
	}
}

// UndoJob orders that what a job did is taken back. One that is not over, or was
// undone, is status 409.
func (c *Client) UndoJob(ctx context.Context, id string) error {
	_, err := c.ticket(ctx, call{method: http.MethodPost, path: jobPath(id) + "/undo"})
	return err
}

// CancelJob ends a job before its next step. One that is over is status 409.
func (c *Client) CancelJob(ctx context.Context, id string) error {
	_, err := c.ticket(ctx, call{method: http.MethodPost, path: jobPath(id) + "/cancel"})
	return err
}

// RestoreGroup brings back what one job deleted.
func (c *Client) RestoreGroup(ctx context.Context, id string) error {
	_, err := c.ticket(ctx, call{method: http.MethodPost, path: "/trash/groups/" + url.PathEscape(id) + "/restore"})
	return err
}

// JobOver reports whether a job has come to an end.
func JobOver(state string) bool {
	return state != wire.JobQueued && state != wire.JobRunning && state != wire.JobUndoing
}

// The times between two looks at a job.
const (
	firstLook = 50 * time.Millisecond
	slowLook  = time.Second
)

// WaitJob waits until a job is over. watch, when not nil, is told of every look.
func (c *Client) WaitJob(ctx context.Context, id string, watch func(*wire.Job)) (*wire.Job, error) {
	for wait := firstLook; ; wait = min(2*wait, slowLook) {
		j, err := c.Job(ctx, id)
		if err != nil {
			return nil, err
		}
		if watch != nil {
			watch(j)
		}
		if JobOver(j.State) {
			return j, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return j, ctx.Err()
		case <-timer.C:
		}
	}
}

// TooLarge reports whether a call was refused because the folder is too large for
// it: a job can do it.
func TooLarge(err error) bool {
	var se *StatusError
	return errors.As(err, &se) && se.Status == http.StatusConflict && strings.HasSuffix(se.Problem.Detail, "by a job")
}

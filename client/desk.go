package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"scaidrive/httpd/wire"
)

// A ListQuery is what a folder listing is asked for; the zero value is all by name.
type ListQuery struct {
	Sort        string // name, size, modified_at, type; "" is name
	Reverse     bool
	Filter      string // names with a word that begins so
	Permissions bool
	Deleted     bool // what was deleted from the folder, too
}

// List gives one page of a folder; folder "" is the share's root, token "" the
// first page. A page can be empty and not be the last one.
func (c *Client) List(ctx context.Context, share, folder string, l ListQuery, token string) (*wire.Children, error) {
	if folder == "" {
		folder = "root"
	}
	q := url.Values{"share_id": {share}, "limit": {strconv.Itoa(ChildrenLimit)}}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("page_token", token)
	set("sort", l.Sort)
	set("filter", l.Filter)
	if l.Reverse {
		q.Set("order", "desc")
	}
	if l.Permissions {
		q.Set("include", "permissions")
	}
	if l.Deleted {
		q.Set("include_deleted", "true")
	}
	var out wire.Children
	return &out, c.get(ctx, "/folders/"+url.PathEscape(folder)+"/children", q, &out)
}

// Favorites lists what the caller marked, what was marked last first.
func (c *Client) Favorites(ctx context.Context) ([]wire.DeskItem, error) {
	return c.desk(ctx, "/users/me/favorites")
}

// Recent lists what the caller opened or changed last, newest first.
func (c *Client) Recent(ctx context.Context) ([]wire.DeskItem, error) {
	return c.desk(ctx, "/users/me/recent")
}

func (c *Client) desk(ctx context.Context, path string) ([]wire.DeskItem, error) {
	var all []wire.DeskItem
	for {
		var page wire.Desk
		q := url.Values{"limit": {strconv.Itoa(ChildrenLimit)}, "offset": {strconv.Itoa(len(all))}}
		if err := c.get(ctx, path, q, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if len(page.Items) == 0 || len(all) >= page.Total || len(all)+ChildrenLimit > maxOffset {
			return all, nil
		}
	}
}

// maxOffset is how far offset and limit together go.
const maxOffset = 10_000

// Mark makes a file or folder a favourite, or takes that away.
func (c *Client) Mark(ctx context.Context, resourceType, id string, favourite bool) error {
	method := http.MethodDelete
	if favourite {
		method = http.MethodPost
	}
	r, err := call{method: method, path: "/users/me/favorites", repeat: true}.
		jsonBody(wire.Mark{ResourceType: resourceType, ResourceID: id})
	if err != nil {
		return err
	}
	return c.ask(ctx, r, nil)
}

// Quota tells what the caller's shares count.
func (c *Client) Quota(ctx context.Context) (*wire.UserQuota, error) {
	var out wire.UserQuota
	return &out, c.get(ctx, "/users/me/quota", nil, &out)
}

// Stats tells what each of the caller's shares holds, one page from an offset.
func (c *Client) Stats(ctx context.Context, offset int) (*wire.UserStats, error) {
	var out wire.UserStats
	q := url.Values{"limit": {strconv.Itoa(sharesPage)}, "offset": {strconv.Itoa(offset)}}
	return &out, c.get(ctx, "/users/me/stats", q, &out)
}

// UpdateShare changes a share, or brings it back.
func (c *Client) UpdateShare(ctx context.Context, id string, u wire.UpdateShare) (*wire.Share, error) {
	r, err := call{method: http.MethodPatch, path: "/shares/" + url.PathEscape(id)}.jsonBody(u)
	if err != nil {
		return nil, err
	}
	var out wire.Share
	return &out, c.ask(ctx, r, &out)
}

// DeleteShare deletes a share; UpdateShare brings it back.
func (c *Client) DeleteShare(ctx context.Context, id string) error {
	return c.ask(ctx, call{method: http.MethodDelete, path: "/shares/" + url.PathEscape(id)}, nil)
}

// DeletedShares lists the deleted shares that the caller may bring back.
func (c *Client) DeletedShares(ctx context.Context) ([]wire.Share, error) {
	var deleted []wire.Share
	for seen := 0; ; {
		var page wire.Shares
		q := url.Values{"include_trashed": {"true"}, "limit": {strconv.Itoa(sharesPage)}, "offset": {strconv.Itoa(seen)}}
		if err := c.get(ctx, "/shares", q, &page); err != nil {
			return nil, err
		}
		for _, s := range page.Shares {
			if s.IsDeleted {
				deleted = append(deleted, s)
			}
		}
		if seen += len(page.Shares); len(page.Shares) == 0 || seen >= page.Total {
			return deleted, nil
		}
	}
}

// FindDeletedShare gives the ID of the deleted share with that name or ID, as
// FindShare does for others.
func (c *Client) FindDeletedShare(ctx context.Context, nameOrID string) (string, error) {
	if shareID.MatchString(nameOrID) {
		return nameOrID, nil
	}
	all, err := c.DeletedShares(ctx)
	if err != nil {
		return "", err
	}
	mine := make([]wire.MyShare, len(all))
	for i := range all {
		mine[i] = wire.MyShare{ID: all[i].ID, Name: all[i].Name}
	}
	return oneShare(mine, nameOrID)
}

// FindPrincipals finds people and groups that something can be shared with, by the
// beginning of a word of their name or address.
func (c *Client) FindPrincipals(ctx context.Context, text string) (*wire.Principals, error) {
	var out wire.Principals
	return &out, c.get(ctx, "/shares/search/principals", url.Values{"q": {text}, "limit": {"50"}}, &out)
}

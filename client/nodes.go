package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"scaidrive/httpd/wire"
)

// A Node is what files and folders have in common in an answer.
type Node struct {
	ID      string `json:"id"`
	ShareID string `json:"share_id"`
	Name    string `json:"name"`
	Path    string `json:"path"`
}

// nodePath is the address of a file or folder.
func nodePath(resourceType, id string) string {
	if resourceType == wire.TypeFolder {
		return "/folders/" + url.PathEscape(id)
	}
	return "/files/" + url.PathEscape(id)
}

// place makes a target of a share and a folder in it; "" is the share's root.
func place(share, folder, name string) wire.Place {
	p := wire.Place{TargetFolderID: folder}
	if folder == "" {
		p.TargetShareID = share
	}
	if name != "" {
		p.Name = &name
	}
	return p
}

func (c *Client) toPlace(ctx context.Context, path string, p wire.Place) (*Node, error) {
	r, err := call{method: http.MethodPost, path: path}.jsonBody(p)
	if err != nil {
		return nil, err
	}
	var out Node
	return &out, c.ask(ctx, r, &out)
}

// Move moves a file or folder into a folder ("" is the root) of a share; name ""
// keeps its own. A taken name is status 409.
func (c *Client) Move(ctx context.Context, resourceType, id, share, folder, name string) (*Node, error) {
	return c.toPlace(ctx, nodePath(resourceType, id)+"/move", place(share, folder, name))
}

// Copy copies a file or folder as Move moves it.
func (c *Client) Copy(ctx context.Context, resourceType, id, share, folder, name string) (*Node, error) {
	return c.toPlace(ctx, nodePath(resourceType, id)+"/copy", place(share, folder, name))
}

// UpdateFile changes what a file says of itself.
func (c *Client) UpdateFile(ctx context.Context, id string, u wire.UpdateFile) (*wire.File, error) {
	r, err := call{method: http.MethodPatch, path: nodePath(wire.TypeFile, id)}.jsonBody(u)
	if err != nil {
		return nil, err
	}
	var out wire.File
	return &out, c.ask(ctx, r, &out)
}

// UpdateFolder changes what a folder says of itself.
func (c *Client) UpdateFolder(ctx context.Context, id string, u wire.UpdateFolder) (*wire.Folder, error) {
	r, err := call{method: http.MethodPatch, path: nodePath(wire.TypeFolder, id)}.jsonBody(u)
	if err != nil {
		return nil, err
	}
	var out wire.Folder
	return &out, c.ask(ctx, r, &out)
}

// Restore brings a file or folder back from the trash. What is not there any more
// stays as it is.
func (c *Client) Restore(ctx context.Context, resourceType, id string) (*Node, error) {
	var out Node
	return &out, c.ask(ctx, call{method: http.MethodPost, path: nodePath(resourceType, id) + "/restore", repeat: true}, &out)
}

// Purge removes a file or folder for good, from the trash or from where it is.
func (c *Client) Purge(ctx context.Context, resourceType, id string) error {
	q := url.Values{"permanent": {"true"}}
	return c.ask(ctx, call{method: http.MethodDelete, path: nodePath(resourceType, id), query: q}, nil)
}

// TrashPage gives one page of a share's trash; token "" is the first.
func (c *Client) TrashPage(ctx context.Context, share, token string) (*wire.Trash, error) {
	q := url.Values{"share_id": {share}, "limit": {strconv.Itoa(ChildrenLimit)}}
	if token != "" {
		q.Set("page_token", token)
	}
	var out wire.Trash
	return &out, c.get(ctx, "/trash", q, &out)
}

// EachTrash calls fn for what is in a share's trash, what was deleted last first,
// until fn returns false.
func (c *Client) EachTrash(ctx context.Context, share string, fn func(*wire.TrashItem) (bool, error)) error {
	for token := ""; ; {
		page, err := c.TrashPage(ctx, share, token)
		if err != nil {
			return err
		}
		for i := range page.Items {
			if more, err := fn(&page.Items[i]); !more || err != nil {
				return err
			}
		}
		if page.NextPageToken == "" || page.NextPageToken == token {
			return nil
		}
		token = page.NextPageToken
	}
}

// EmptyTrash removes for good what is in a share's trash.
func (c *Client) EmptyTrash(ctx context.Context, share string) error {
	return c.ask(ctx, call{method: http.MethodDelete, path: "/trash", query: url.Values{"share_id": {share}}}, nil)
}

// Versions lists all versions of a file, newest first.
func (c *Client) Versions(ctx context.Context, id string) ([]wire.Version, error) {
	var all []wire.Version
	for {
		var page wire.Versions
		q := url.Values{"limit": {strconv.Itoa(ChildrenLimit)}, "offset": {strconv.Itoa(len(all))}}
		if err := c.get(ctx, nodePath(wire.TypeFile, id)+"/versions", q, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Versions...)
		if len(page.Versions) == 0 || len(all) >= page.Total {
			return all, nil
		}
	}
}

// RestoreVersion makes an old version's content a file's current one.
func (c *Client) RestoreVersion(ctx context.Context, id string, version uint64) (*wire.RestoredVersion, error) {
	var out wire.RestoredVersion
	path := nodePath(wire.TypeFile, id) + "/versions/" + strconv.FormatUint(version, 10) + "/restore"
	return &out, c.ask(ctx, call{method: http.MethodPost, path: path}, &out)
}

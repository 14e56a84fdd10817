package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"scaidrive/httpd/wire"
)

// ErrUsage marks an error that lies in what was asked for, not in doing it.
var ErrUsage = errors.New("wrong usage")

type usageError struct{ msg string }

func (e *usageError) Error() string        { return e.msg }
func (e *usageError) Is(target error) bool { return target == ErrUsage }

// Usagef makes an error that is ErrUsage.
func Usagef(format string, args ...any) error {
	return &usageError{msg: fmt.Sprintf(format, args...)}
}

// A RemotePath is SHARE:/a/b, SHARE a name or an ID. No parts: the share's root.
type RemotePath struct {
	Share string
	Parts []string
}

func (p RemotePath) String() string { return p.Share + ":/" + strings.Join(p.Parts, "/") }

// Name is the last part, "" for the share's root.
func (p RemotePath) Name() string {
	if len(p.Parts) == 0 {
		return ""
	}
	return p.Parts[len(p.Parts)-1]
}

// ParseRemotePath reads SHARE:/path. A trailing slash changes nothing, nor does
// a doubled one. What is wrong is ErrUsage.
func ParseRemotePath(s string) (RemotePath, error) {
	share, rest, ok := strings.Cut(s, ":")
	if !ok || share == "" || (rest != "" && rest[0] != '/') {
		return RemotePath{}, Usagef("%q is not a remote path of the form SHARE:/folder", s)
	}
	p := RemotePath{Share: share}
	for part := range strings.SplitSeq(rest, "/") {
		switch {
		case part == "":
			continue
		case part == "." || part == "..":
			return RemotePath{}, Usagef("%q: a remote path has no %q", s, part)
		case strings.ContainsRune(part, 0):
			return RemotePath{}, Usagef("%q: a remote path has no NUL", s)
		}
		p.Parts = append(p.Parts, part)
	}
	return p, nil
}

var shareID = regexp.MustCompile(`^shr_[0-9A-HJKMNP-TV-Z]{26}$`)

// FindShare gives the ID of the share with that name or ID. A name that fits
// several is ErrUsage and names their IDs.
func (c *Client) FindShare(ctx context.Context, nameOrID string) (string, error) {
	if shareID.MatchString(nameOrID) {
		s, err := c.Share(ctx, nameOrID)
		if err != nil {
			return "", fmt.Errorf("share %s: %w", nameOrID, err)
		}
		return s.ID, nil
	}
	all, err := c.MyShares(ctx)
	if err != nil {
		return "", fmt.Errorf("list the shares: %w", err)
	}
	return oneShare(all, nameOrID)
}

// oneShare finds the one share of that name.
func oneShare(all []wire.MyShare, nameOrID string) (string, error) {
	exact, folded := matchShares(all, nameOrID)
	ids := exact
	if len(ids) == 0 {
		ids = folded
	}
	switch len(ids) {
	case 0:
		return "", &StatusError{Status: http.StatusNotFound,
			Problem: wire.Problem{Detail: fmt.Sprintf("there is no share named %q that you can see", nameOrID)}}
	case 1:
		return ids[0], nil
	}
	return "", Usagef("%d shares are named %q, name one by its ID: %s", len(ids), nameOrID, strings.Join(ids, ", "))
}

func matchShares(all []wire.MyShare, name string) (exact, folded []string) {
	key := NameKey(name)
	for _, s := range all {
		switch {
		case s.Name == name:
			exact = append(exact, s.ID)
		case s.Slug != nil && *s.Slug == name:
			folded = append(folded, s.ID)
		case NameKey(s.Name) == key:
			folded = append(folded, s.ID)
		}
	}
	return exact, folded
}

// A Found is what lies at a remote path.
type Found struct {
	ShareID string
	Folder  bool
	ID      string    // "" for the share's root
	Item    wire.Item // zero for the share's root
}

// Find walks to a remote path. Absent is status 404.
func (c *Client) Find(ctx context.Context, p RemotePath) (*Found, error) {
	share, err := c.FindShare(ctx, p.Share)
	if err != nil {
		return nil, err
	}
	f, n, err := c.FindIn(ctx, share, p.Parts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	if n < len(p.Parts) {
		return nil, fmt.Errorf("%s: %w", p, &StatusError{Status: http.StatusNotFound,
			Problem: wire.Problem{Detail: "there is no such file or folder"}})
	}
	return f, nil
}

// FindIn walks down from a share's root as far as there is something, and tells
// how many of the parts it found.
func (c *Client) FindIn(ctx context.Context, share string, parts []string) (*Found, int, error) {
	at := &Found{ShareID: share, Folder: true}
	for i, part := range parts {
		if !at.Folder {
			return at, i, nil
		}
		item, err := c.child(ctx, share, at.ID, part)
		if err != nil {
			return nil, i, err
		}
		if item == nil {
			return at, i, nil
		}
		at = &Found{ShareID: share, Folder: item.Type == wire.TypeFolder, ID: item.ID, Item: *item}
	}
	return at, len(parts), nil
}

// maxFilter is the longest filter of a listing, in bytes.
const maxFilter = 255

// child finds one name in a folder, nil if it is not there.
func (c *Client) child(ctx context.Context, share, folder, name string) (*wire.Item, error) {
	key := NameKey(name)
	var l ListQuery
	if len(name) <= maxFilter { // a large folder is gone through on the server
		l.Filter = name
	}
	for token := ""; ; {
		page, err := c.List(ctx, share, folder, l, token)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if NameKey(page.Items[i].Name) == key {
				return &page.Items[i], nil
			}
		}
		if page.NextPageToken == "" {
			return nil, nil
		}
		token = page.NextPageToken
	}
}

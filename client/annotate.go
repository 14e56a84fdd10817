package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"scaidrive/httpd/wire"
)

const notesPage = 500

// resource is the path of a file or folder by its type.
func resource(resourceType, id string) string {
	if resourceType == wire.TypeFolder {
		return "/folders/" + url.PathEscape(id)
	}
	return "/files/" + url.PathEscape(id)
}

// EachComment goes through the comments on a file or folder, oldest first, until fn
// returns false.
func (c *Client) EachComment(ctx context.Context, resourceType, id string, fn func(*wire.Comment) (bool, error)) error {
	q := url.Values{"limit": {strconv.Itoa(notesPage)}}
	return eachPage(q, func(q url.Values) (string, bool, error) {
		var page wire.Comments
		if err := c.get(ctx, resource(resourceType, id)+"/comments", q, &page); err != nil {
			return "", false, err
		}
		more, err := eachItem(page.Comments, fn)
		return page.NextPageToken, more, err
	})
}

// eachPage asks for pages until one has no next or more is not wanted.
func eachPage(q url.Values, page func(url.Values) (next string, more bool, err error)) error {
	for {
		next, more, err := page(q)
		if err != nil || !more || next == "" {
			return err
		}
		q.Set("page_token", next)
	}
}

func eachItem[T any](list []T, fn func(*T) (bool, error)) (bool, error) {
	for i := range list {
		if more, err := fn(&list[i]); err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

// AddComment writes a comment on a file or folder.
func (c *Client) AddComment(ctx context.Context, resourceType, id, text string) (*wire.Comment, error) {
	return send[wire.Comment](ctx, c, http.MethodPost, resource(resourceType, id)+"/comments", wire.WriteComment{Text: text})
}

// EditComment changes the text of a comment of the caller's.
func (c *Client) EditComment(ctx context.Context, id, text string) (*wire.Comment, error) {
	return send[wire.Comment](ctx, c, http.MethodPatch, "/comments/"+url.PathEscape(id), wire.WriteComment{Text: text})
}

// DeleteComment takes a comment away.
func (c *Client) DeleteComment(ctx context.Context, id string) error {
	return c.remove(ctx, "/comments/"+url.PathEscape(id), nil)
}

// Tags gives the tags of a file or folder.
func (c *Client) Tags(ctx context.Context, resourceType, id string) ([]string, error) {
	var out wire.Tags
	err := c.get(ctx, resource(resourceType, id)+"/tags", nil, &out)
	return out.Tags, err
}

// SetTags replaces the tags of a file or folder.
func (c *Client) SetTags(ctx context.Context, resourceType, id string, tags []string) ([]string, error) {
	if tags == nil {
		tags = []string{}
	}
	out, err := send[wire.Tags](ctx, c, http.MethodPut, resource(resourceType, id)+"/tags", wire.Tags{Tags: tags})
	if err != nil {
		return nil, err
	}
	return out.Tags, nil
}

// EachTag goes through the tags in use that begin with a text.
func (c *Client) EachTag(ctx context.Context, prefix string, fn func(*string) (bool, error)) error {
	q := url.Values{"limit": {strconv.Itoa(notesPage)}}
	if prefix != "" {
		q.Set("prefix", prefix)
	}
	return eachPage(q, func(q url.Values) (string, bool, error) {
		var page wire.TagsInUse
		if err := c.get(ctx, "/tags", q, &page); err != nil {
			return "", false, err
		}
		more, err := eachItem(page.Tags, fn)
		return page.NextPageToken, more, err
	})
}

// EachTagged goes through what has a tag; share "" is in any.
func (c *Client) EachTagged(ctx context.Context, tag, share string, fn func(*wire.TaggedItem) (bool, error)) error {
	q := url.Values{"tag": {tag}, "limit": {strconv.Itoa(notesPage)}}
	if share != "" {
		q.Set("share_id", share)
	}
	return eachPage(q, func(q url.Values) (string, bool, error) {
		var page wire.Tagged
		if err := c.get(ctx, "/tagged", q, &page); err != nil {
			return "", false, err
		}
		more, err := eachItem(page.Items, fn)
		return page.NextPageToken, more, err
	})
}

// An ActivityQuery says of what happened only that is wanted; zero values are no
// bounds.
type ActivityQuery struct {
	Share    string
	File     string
	Folder   string
	User     string
	From, To time.Time
}

// EachActivity goes through what happened, latest first, until fn returns false.
func (c *Client) EachActivity(ctx context.Context, a ActivityQuery, fn func(*wire.Activity) (bool, error)) error {
	q := url.Values{"limit": {"100"}}
	for name, value := range map[string]string{"share_id": a.Share, "file_id": a.File, "folder_id": a.Folder, "user_id": a.User} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if !a.From.IsZero() {
		q.Set("from", wire.At(a.From).String())
	}
	if !a.To.IsZero() {
		q.Set("to", wire.At(a.To).String())
	}
	return eachPage(q, func(q url.Values) (string, bool, error) {
		var page wire.Activities
		if err := c.get(ctx, "/activity", q, &page); err != nil {
			return "", false, err
		}
		more, err := eachItem(page.Activities, fn)
		return page.NextPageToken, more, err
	})
}

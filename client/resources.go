package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"scaidrive/httpd/wire"
)

// Login signs in with a local account.
func (c *Client) Login(ctx context.Context, email, password string) (*wire.Token, error) {
	r, err := call{method: http.MethodPost, path: "/auth/login", anonymous: true}.
		jsonBody(wire.LoginRequest{Email: email, Password: password})
	if err != nil {
		return nil, err
	}
	var t wire.Token
	if err := c.ask(ctx, r, &t); err != nil {
		return nil, err
	}
	if t.AccessToken == "" {
		return nil, errors.New("the server answered the sign-in without a token")
	}
	return &t, nil
}

// Refresh trades a refresh token, which is used up by it, for new tokens.
func (c *Client) Refresh(ctx context.Context, refreshToken string) (*wire.Token, error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}}
	r := call{method: http.MethodPost, path: "/auth/token", anonymous: true}.
		bytesBody([]byte(form.Encode()), "application/x-www-form-urlencoded")
	var t wire.Token
	if err := c.ask(ctx, r, &t); err != nil {
		return nil, err
	}
	if t.AccessToken == "" {
		return nil, errors.New("the server answered the renewal without a token")
	}
	return &t, nil
}

// Config tells what the server has and takes.
func (c *Client) Config(ctx context.Context) (*wire.Config, error) {
	var out wire.Config
	return &out, c.get(ctx, "/config", nil, &out)
}

// Me tells who is signed in.
func (c *Client) Me(ctx context.Context) (*wire.Me, error) {
	var out wire.Me
	return &out, c.get(ctx, "/users/me", nil, &out)
}

func (c *Client) get(ctx context.Context, path string, q url.Values, out any) error {
	return c.ask(ctx, call{method: http.MethodGet, path: path, query: q, repeat: true}, out)
}

const sharesPage = 100

// MyShares lists the shares that the caller sees.
func (c *Client) MyShares(ctx context.Context) ([]wire.MyShare, error) {
	var all []wire.MyShare
	for {
		var page wire.MyShares
		q := url.Values{"limit": {strconv.Itoa(sharesPage)}, "offset": {strconv.Itoa(len(all))}}
		if err := c.get(ctx, "/users/me/shares", q, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Shares...)
		if len(page.Shares) == 0 || len(all) >= page.Total {
			return all, nil
		}
	}
}

// Share gives one share.
func (c *Client) Share(ctx context.Context, id string) (*wire.Share, error) {
	var out wire.Share
	return &out, c.get(ctx, "/shares/"+url.PathEscape(id), nil, &out)
}

// CreateShare makes a share.
func (c *Client) CreateShare(ctx context.Context, s wire.CreateShare) (*wire.Share, error) {
	r, err := call{method: http.MethodPost, path: "/shares"}.jsonBody(s)
	if err != nil {
		return nil, err
	}
	var out wire.Share
	return &out, c.ask(ctx, r, &out)
}

// ChildrenLimit is the longest page of a folder listing that is asked for.
const ChildrenLimit = 1000

// Children gives one page of a folder; folder "" is the share's root, token ""
// the first page.
func (c *Client) Children(ctx context.Context, share, folder, token string) (*wire.Children, error) {
	return c.List(ctx, share, folder, ListQuery{}, token)
}

// CreateFolder makes a folder; parent "" is the share's root. A taken name is
// status 409.
func (c *Client) CreateFolder(ctx context.Context, share, parent, name string) (*wire.Folder, error) {
	r, err := call{method: http.MethodPost, path: "/folders"}.
		jsonBody(wire.CreateFolder{ShareID: share, ParentID: parent, Name: name})
	if err != nil {
		return nil, err
	}
	var out wire.Folder
	return &out, c.ask(ctx, r, &out)
}

// Trash moves a file or folder to the trash, with all that is below it.
func (c *Client) Trash(ctx context.Context, resourceType, id string) error {
	path := "/files/"
	if resourceType == wire.TypeFolder {
		path = "/folders/"
	}
	return c.ask(ctx, call{method: http.MethodDelete, path: path + url.PathEscape(id)}, nil)
}

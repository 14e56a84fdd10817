package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"scaidrive/httpd/wire"
)

// ServiceTokens lists the caller's service tokens, oldest first.
func (c *Client) ServiceTokens(ctx context.Context) ([]wire.ServiceToken, error) {
	var all []wire.ServiceToken
	for {
		var page wire.ServiceTokens
		q := url.Values{"limit": {strconv.Itoa(sharesPage)}, "offset": {strconv.Itoa(len(all))}}
		if err := c.get(ctx, "/auth/tokens", q, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Tokens...)
		if len(page.Tokens) == 0 || len(all) >= page.Total {
			return all, nil
		}
	}
}

// CreateServiceToken makes a service token. Its text is in this answer only.
func (c *Client) CreateServiceToken(ctx context.Context, in wire.CreateServiceToken) (*wire.NewServiceToken, error) {
	r, err := call{method: http.MethodPost, path: "/auth/tokens"}.jsonBody(in)
	if err != nil {
		return nil, err
	}
	var out wire.NewServiceToken
	return &out, c.ask(ctx, r, &out)
}

// DeleteServiceToken ends a service token.
func (c *Client) DeleteServiceToken(ctx context.Context, id string) error {
	return c.ask(ctx, call{method: http.MethodDelete, path: "/auth/tokens/" + url.PathEscape(id)}, nil)
}

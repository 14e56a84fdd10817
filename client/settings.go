package client

import (
	"context"
	"net/http"

	"scaidrive/httpd/wire"
)

// ServerSettings gives the settings of the server's process.
func (c *Client) ServerSettings(ctx context.Context) (*wire.ServerSettings, error) {
	var out wire.ServerSettings
	return &out, c.get(ctx, "/admin/settings", nil, &out)
}

// UpdateServerSettings stores settings by their names, all or none; nil is the default
// again.
func (c *Client) UpdateServerSettings(ctx context.Context, changes map[string]any) (*wire.ServerSettings, error) {
	return send[wire.ServerSettings](ctx, c, http.MethodPatch, "/admin/settings", changes)
}

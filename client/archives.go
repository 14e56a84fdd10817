package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"scaidrive/httpd/wire"
)

// Archive asks for one ZIP archive of files, folders and shares and gives its
// bytes as they come, which the caller closes. length is -1 when it is not known
// beforehand. A body that ends with an error, ErrBrokenOff among them, is no
// whole archive. An item that is not there is status 404, one in the trash 410.
func (c *Client) Archive(ctx context.Context, items []wire.ArchiveItem) (body io.ReadCloser, length int64, err error) {
	r, err := call{method: http.MethodPost, path: "/archives"}.jsonBody(wire.CreateArchive{Items: items})
	if err != nil {
		return nil, 0, err
	}
	var ticket wire.ArchiveTicket
	if err := c.ask(ctx, r, &ticket); err != nil {
		return nil, 0, err
	}
	path, ok := strings.CutPrefix(ticket.URL, wire.Prefix+"/")
	if !ok {
		return nil, 0, fmt.Errorf("the server gave an address that is not its own")
	}
	// The address is good once: what is lost is asked for anew by the caller.
	resp, err := c.send(ctx, call{method: http.MethodGet, path: "/" + path, anonymous: true})
	if err != nil {
		return nil, 0, err
	}
	return &archiveBody{resp.Body}, resp.ContentLength, nil
}

// archiveBody tells an archive that breaks off from one that ends.
type archiveBody struct{ io.ReadCloser }

func (b *archiveBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrBrokenOff, err)
	}
	return n, err
}

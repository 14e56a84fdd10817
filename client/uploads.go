package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"scaidrive/httpd/wire"
)

// CreateUpload begins an upload session. It is not asked again when the answer is
// lost: a session that nobody knows expires.
func (c *Client) CreateUpload(ctx context.Context, u wire.CreateUpload) (*wire.UploadSession, error) {
	r, err := call{method: http.MethodPost, path: "/uploads"}.jsonBody(u)
	if err != nil {
		return nil, err
	}
	var out wire.UploadSession
	return &out, c.ask(ctx, r, &out)
}

// PutUploadPart sends length bytes of content, from off on, as part index of a
// session. sum is their SHA-256, which the server compares; zero: it is not told.
// Parts may be sent in any order and at once.
func (c *Client) PutUploadPart(ctx context.Context, session string, index int64, content io.ReaderAt, off, length int64, sum wire.Hash) error {
	r := call{
		method: http.MethodPut, path: uploadPath(session) + "/chunks/" + strconv.FormatInt(index, 10),
		body:   func() io.Reader { return io.NewSectionReader(content, off, length) },
		length: length, contentType: "application/octet-stream", repeat: true,
	}
	if !sum.IsZero() {
		r.header = http.Header{"X-Chunk-Sha256": {sum.String()}}
	}
	return c.ask(ctx, r, nil)
}

// UploadProgress tells which parts of a session are there.
func (c *Client) UploadProgress(ctx context.Context, session string) (*wire.UploadProgress, error) {
	var out wire.UploadProgress
	return &out, c.get(ctx, uploadPath(session), nil, &out)
}

// CompleteUpload makes the file of a session whose parts are all there. version,
// when it is not "", is the version ID that the replaced file must have (else
// status 412). Missing parts are status 409.
func (c *Client) CompleteUpload(ctx context.Context, session, version string) (*wire.CompletedUpload, error) {
	r := call{method: http.MethodPost, path: uploadPath(session) + "/complete", repeat: true}
	if version != "" {
		r.header = http.Header{"If-Match": {`"` + version + `"`}}
	}
	var out wire.CompletedUpload
	return &out, c.ask(ctx, r, &out)
}

// DeleteUpload ends a session and removes its parts; the file of a completed one
// stays.
func (c *Client) DeleteUpload(ctx context.Context, session string) error {
	return c.ask(ctx, call{method: http.MethodDelete, path: uploadPath(session)}, nil)
}

func uploadPath(session string) string { return "/uploads/" + url.PathEscape(session) }

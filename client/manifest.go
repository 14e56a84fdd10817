package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"scaidrive/httpd/wire"
)

// manifestMost bounds what a server can make a client hold: the chunks of 1 TiB.
const manifestMost = 1 << 23

// manifestValues bounds the values of an answer with chunks, of which each is small.
const manifestValues = 2_000_000

func (c *Client) getManifest(ctx context.Context, path string, q url.Values, out *wire.Manifest) error {
	if err := c.ask(ctx, call{method: http.MethodGet, path: path, query: q, repeat: true, values: manifestValues}, out); err != nil {
		return err
	}
	return readRecords(out)
}

// readRecords makes chunks of records.
func readRecords(m *wire.Manifest) error {
	if m.Records == "" {
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(m.Records)
	if err != nil || len(b)%wire.ManifestRecord != 0 || len(m.Chunks) > 0 {
		return errManifest
	}
	m.Records, m.Chunks = "", make([]wire.Chunk, len(b)/wire.ManifestRecord)
	for i := range m.Chunks {
		r := b[i*wire.ManifestRecord:]
		m.Chunks[i] = wire.Chunk{SHA256: wire.Hash(r[:32]), Size: binary.LittleEndian.Uint32(r[32:])}
	}
	return nil
}

var errManifest = errors.New("the server's list of chunks contradicts itself")

// Manifest lists a version's chunks; version 0 is the current one. A long list
// comes in pieces.
func (c *Client) Manifest(ctx context.Context, file string, version uint64) (*wire.Manifest, error) {
	q := url.Values{"limit": {strconv.Itoa(wire.ManifestAnswerLimit)}, "records": {"true"}}
	if version > 0 {
		q.Set("version", strconv.FormatUint(version, 10))
	}
	path := "/sync/manifest/" + url.PathEscape(file)
	out := &wire.Manifest{}
	if err := c.getManifest(ctx, path, q, out); err != nil {
		return nil, err
	}
	var size int64
	for _, ch := range out.Chunks {
		size += int64(ch.Size)
	}
	if !plausible(len(out.Chunks), size) {
		return nil, errManifest
	}
	for next := out.NextChunk; next > 0; {
		var more wire.Manifest
		q.Set("version", strconv.FormatUint(out.Version, 10))
		q.Set("first", strconv.FormatUint(uint64(next), 10))
		if err := c.getManifest(ctx, path, q, &more); err != nil {
			return nil, err
		}
		for _, ch := range more.Chunks {
			size += int64(ch.Size)
		}
		out.Chunks = append(out.Chunks, more.Chunks...)
		if more.VersionID != out.VersionID || len(more.Chunks) == 0 || more.NextChunk != 0 && more.NextChunk <= next ||
			size > out.Size || len(out.Chunks) > manifestMost || !plausible(len(out.Chunks), size) {
			return nil, errManifest
		}
		next = more.NextChunk
	}
	out.NextChunk = 0
	return out, nil
}

// leastChunk is less than any chunk but the last of a content.
const leastChunk = 1 << 10

// plausible reports whether so many chunks can be of a content of so many bytes.
func plausible(chunks int, size int64) bool { return int64(chunks-1)*leastChunk <= size }

// ManifestSince is Manifest for who has the chunks of an older version: only what is
// different comes. Where that can't be told, or base is not what the server has, the
// whole list is asked for.
func (c *Client) ManifestSince(ctx context.Context, file string, version, since uint64, base []wire.Chunk) (*wire.Manifest, error) {
	if since == 0 || len(base) == 0 || since == version {
		return c.Manifest(ctx, file, version)
	}
	q := url.Values{"version": {strconv.FormatUint(version, 10)}, "since_version": {strconv.FormatUint(since, 10)}}
	out := &wire.Manifest{}
	err := c.getManifest(ctx, "/sync/manifest/"+url.PathEscape(file), q, out)
	if s := StatusOf(err); s == http.StatusNotFound || s == http.StatusRequestEntityTooLarge || s == http.StatusGone {
		return c.Manifest(ctx, file, version)
	}
	if err != nil {
		return nil, err
	}
	chunks, ok := applyPatch(base, out.Patch)
	if !ok || ListName(chunks) != out.ManifestSHA256 {
		return c.Manifest(ctx, file, version)
	}
	out.Chunks, out.Patch, out.SinceVersion = chunks, nil, 0
	return out, nil
}

// ManifestRuns tells a version against an older one for who has the older one's bytes
// and does not know its chunks: what is kept stands in Bytes of the patch. nil: it can't
// be told that way.
func (c *Client) ManifestRuns(ctx context.Context, file string, version, since uint64) (*wire.Manifest, error) {
	if since == 0 || since == version {
		return nil, nil
	}
	q := url.Values{"version": {strconv.FormatUint(version, 10)}, "since_version": {strconv.FormatUint(since, 10)}, "bytes": {"true"}}
	out := &wire.Manifest{}
	err := c.getManifest(ctx, "/sync/manifest/"+url.PathEscape(file), q, out)
	switch StatusOf(err) {
	case http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusGone, http.StatusUnprocessableEntity:
		return nil, nil // Manifest asks, and says why not
	}
	if err != nil {
		return nil, err
	}
	if out.SinceVersion != since || out.Patch == nil {
		return nil, nil
	}
	for _, p := range out.Patch {
		if p.SHA256 == nil && len(p.Bytes) != 2 { // a server that does not know
			return nil, nil
		}
	}
	return out, nil
}

// applyPatch makes a list of an older one.
func applyPatch(base []wire.Chunk, patch []wire.PatchItem) ([]wire.Chunk, bool) {
	var out []wire.Chunk
	for _, p := range patch {
		switch {
		case p.SHA256 != nil && p.Keep == nil:
			out = append(out, wire.Chunk{SHA256: *p.SHA256, Size: p.Size})
		case len(p.Keep) == 2 && uint64(p.Keep[0])+uint64(p.Keep[1]) <= uint64(len(base)) && len(out)+int(p.Keep[1]) <= manifestMost:
			out = append(out, base[p.Keep[0]:p.Keep[0]+p.Keep[1]]...)
		default:
			return nil, false
		}
	}
	return out, true
}

// AppendRecord appends the record of a chunk, as lists of chunks are sent and named.
func AppendRecord(b []byte, c *wire.Chunk) []byte {
	return binary.LittleEndian.AppendUint32(append(b, c.SHA256[:]...), c.Size)
}

// ListName is the name of a list of chunks: the SHA-256 of its records.
func ListName(chunks []wire.Chunk) wire.Hash {
	h := sha256.New()
	var b []byte
	for i := range chunks {
		b = AppendRecord(b[:0], &chunks[i])
		h.Write(b)
	}
	return wire.Hash(h.Sum(nil))
}

// A ManifestPiece is a piece of a list of chunks that is too long for a change.
type ManifestPiece struct {
	Share    string
	Name     wire.Hash // of the whole list: ListName
	Chunking string
	Total    int // chunks of the whole list
	First    int // number of the first chunk here
	Chunks   []wire.Chunk
	Proofs   map[wire.Hash]wire.Hash // of chunks that the server may have
	// File and BaseVersion name a version that the list draws from; "": none.
	File, BaseVersion string
}

// SendManifest sends a piece of a list of chunks.
func (c *Client) SendManifest(ctx context.Context, p ManifestPiece) (*wire.ManifestProgress, error) {
	q := url.Values{"share_id": {p.Share}, "chunking": {p.Chunking}, "total": {strconv.Itoa(p.Total)}, "first": {strconv.Itoa(p.First)}}
	if p.File != "" && p.BaseVersion != "" {
		q.Set("file_id", p.File)
		q.Set("base_version_id", p.BaseVersion)
	}
	size := wire.ManifestRecord
	if len(p.Proofs) > 0 {
		q.Set("proofs", "true")
		size = wire.ProvenRecord
	}
	if size*len(p.Chunks) > wire.ManifestPieceLimit {
		return nil, fmt.Errorf("a piece of %d chunks is too long", len(p.Chunks))
	}
	b := make([]byte, 0, size*len(p.Chunks))
	for i := range p.Chunks {
		b = AppendRecord(b, &p.Chunks[i])
		if len(p.Proofs) > 0 {
			proof := p.Proofs[p.Chunks[i].SHA256] // zeros: none
			b = append(b, proof[:]...)
		}
	}
	r := call{method: http.MethodPut, path: "/sync/manifests/" + p.Name.String(), query: q, repeat: true}.
		bytesBody(b, "application/octet-stream")
	var out wire.ManifestProgress
	return &out, c.ask(ctx, r, &out)
}

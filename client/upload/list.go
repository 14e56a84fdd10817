package upload

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

const (
	// inlineBytes is the estimated length of a list in a body from which on it goes
	// up by itself.
	inlineBytes = 8 << 20
	// pieceChunks is the length of a piece: with proofs below the server's 8 MiB.
	pieceChunks = 100_000
	// patchedMost is how long a list may be that a patch makes; the server takes
	// twice that for a whole batch.
	patchedMost = 1 << 20
	pieceTries  = 4
	// proofsMost is how many members the server takes in an object of a body.
	proofsMost = 10_000
)

// errRead says that a file has other bytes now than were read.
var errRead = errors.New("it has changed while it was sent")

// Content describes a file that was handed on: by a patch against the base version
// where that has chunks in common, by the whole list, or, where that is too long
// for a body, by the name of a list that it sends first. What is wrong with the
// file stands in its Err, and the content is nil.
func (p *Pipe) Content(ctx context.Context, f *File) (*wire.Content, error) {
	c := &wire.Content{Size: f.Size, ChecksumSHA256: f.Sum, Chunking: p.Set.Name}
	limit := p.Inline
	if limit == 0 {
		limit = inlineBytes
	}
	patch, kept := client.Patch(f.base, f.Chunks)
	items := len(f.Chunks)
	if kept > 0 {
		items = len(patch)
	}
	if 100*items+140*len(f.proofs) > limit || len(f.proofs) > proofsMost || kept > 0 && len(f.base)+kept > patchedMost {
		if err := p.sendList(ctx, f); err != nil {
			if errors.Is(err, errRead) {
				f.Err = ErrChanging
				return nil, nil
			}
			return nil, err
		}
		name := client.ListName(f.Chunks)
		c.Manifest = &name
		return c, nil
	}
	if len(f.proofs) > 0 {
		c.Proofs = make(map[string]wire.Hash, len(f.proofs))
		for h, proof := range f.proofs {
			c.Proofs[h.String()] = proof
		}
	}
	switch {
	case kept > 0:
		c.Patch = patch
	case f.Chunks == nil:
		c.Chunks = []wire.Chunk{}
	default:
		c.Chunks = f.Chunks
	}
	return c, nil
}

// Saved are the bytes of a content that the base version has.
func Saved(f *File) (n int64) {
	if len(f.base) == 0 {
		return 0
	}
	in := make(map[wire.Hash]struct{}, len(f.base))
	for i := range f.base {
		in[f.base[i].SHA256] = struct{}{}
	}
	for _, c := range f.Chunks {
		if _, ok := in[c.SHA256]; ok {
			n += int64(c.Size)
		}
	}
	return n
}

// BodyOf estimates, upwards, the bytes of a content in a body.
func BodyOf(c *wire.Content) int {
	if c == nil {
		return 0
	}
	return 300 + 100*(len(c.Chunks)+len(c.Patch)) + 140*len(c.Proofs)
}

// sendList sends a file's list of chunks in pieces. What the server does not take
// for ours any more is proven, and what it lacks is sent.
func (p *Pipe) sendList(ctx context.Context, f *File) error {
	most := p.Piece
	if most == 0 {
		most = pieceChunks
	}
	piece := client.ManifestPiece{Share: p.Share, Name: client.ListName(f.Chunks), Chunking: p.Set.Name, Total: len(f.Chunks),
		File: f.BaseFile, BaseVersion: f.BaseVersion, Proofs: f.proofs}
	begun := 0
	for at := 0; at < len(f.Chunks); {
		to := min(at+most, len(f.Chunks))
		piece.First, piece.Chunks = at, f.Chunks[at:to]
		got, err := p.sendPiece(ctx, f, piece)
		if err != nil {
			return fmt.Errorf("send the list of chunks: %w", err)
		}
		if got <= at { // it was forgotten, or another run sends it
			if begun++; begun > pieceTries {
				return errors.New("send the list of chunks: the server does not go on with it")
			}
		}
		at = min(got, len(f.Chunks))
	}
	return nil
}

// sendPiece sends a piece and tells how far the list is.
func (p *Pipe) sendPiece(ctx context.Context, f *File, piece client.ManifestPiece) (int, error) {
	for try := 0; ; try++ {
		got, err := p.API.SendManifest(ctx, piece)
		if err != nil {
			return 0, err
		}
		if len(got.MissingChunks) == 0 {
			return int(got.Received), nil
		}
		if try == pieceTries {
			return 0, errors.New("the server kept asking for its chunks")
		}
		if piece.Proofs, err = p.supply(ctx, f, piece, got.MissingChunks, try > 0); err != nil {
			return 0, err
		}
	}
}

// supply reads chunks of a piece once more: to prove them, or, where that was tried
// already, to send them.
func (p *Pipe) supply(ctx context.Context, f *File, piece client.ManifestPiece, missing []wire.Hash, send bool) (map[wire.Hash]wire.Hash, error) {
	want := make(map[wire.Hash]struct{}, len(missing))
	for _, h := range missing {
		want[h] = struct{}{}
	}
	proofs := make(map[wire.Hash]wire.Hash, len(piece.Proofs)+len(missing))
	for h, proof := range piece.Proofs {
		proofs[h] = proof
	}
	nonce := ""
	if !send {
		q, err := p.API.Query(ctx, p.Share, []wire.Hash{})
		if err != nil {
			return nil, err
		}
		nonce = q.Nonce
	}
	src, _, err := f.Open()
	if err != nil {
		return nil, errRead
	}
	defer src.Close()
	var off int64
	for _, c := range f.Chunks[:piece.First] {
		off += int64(c.Size)
	}
	var list [][]byte
	var bytes int64
	sent := map[wire.Hash]struct{}{}
	flush := func() error {
		err := p.send(ctx, list, bytes, sent)
		list, bytes, sent = nil, 0, map[wire.Hash]struct{}{}
		return err
	}
	for _, c := range piece.Chunks {
		if _, ok := want[c.SHA256]; ok {
			delete(want, c.SHA256)
			b := make([]byte, c.Size)
			if _, err := src.ReadAt(b, off); err != nil || wire.Hash(sha256.Sum256(b)) != c.SHA256 {
				return nil, errRead
			}
			if send {
				delete(proofs, c.SHA256)
				list, bytes = append(list, b), bytes+int64(c.Size)
				sent[c.SHA256] = struct{}{}
			} else {
				proofs[c.SHA256] = proof(nonce, b)
			}
		}
		off += int64(c.Size)
		if bytes >= windowSize || len(list) >= windowChunks {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	return proofs, flush()
}

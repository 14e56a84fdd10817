package upload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"scaidrive/chunkstore/split"
	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// A server that takes chunks and lists, and remembers whose they are until told
// otherwise.
type server struct {
	mu       sync.Mutex
	has      map[wire.Hash]bool
	mine     map[wire.Hash]bool // sent since it forgot
	forgot   bool               // it does not take chunks of lists for the caller's unless proven
	pieces   []int
	received map[wire.Hash][]wire.Chunk
	sending  int
	most     int // requests with chunks at one time
	sent     int64
	wait     chan struct{} // closed when two requests are there at one time
}

func (s *server) Query(_ context.Context, _ string, chunks []wire.Hash) (*wire.ChunkQueryResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &wire.ChunkQueryResult{Nonce: "n"}
	for _, h := range chunks {
		if !s.has[h] {
			out.Missing = append(out.Missing, h)
		}
	}
	return out, nil
}

func (s *server) SendChunks(ctx context.Context, _ string, chunks [][]byte) (*wire.ReceivedChunks, error) {
	s.mu.Lock()
	s.sending++
	if s.most = max(s.most, s.sending); s.most == 2 && s.wait != nil {
		close(s.wait)
		s.wait = nil
	}
	wait := s.wait
	s.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sending--
	out := &wire.ReceivedChunks{}
	for _, b := range chunks {
		h := wire.Hash(sha256.Sum256(b))
		s.has[h] = true
		s.mine[h] = s.forgot
		s.sent += int64(len(b))
		out.Chunks = append(out.Chunks, wire.ReceivedChunk{SHA256: h, Size: uint32(len(b)), Stored: true})
	}
	return out, nil
}

func (s *server) SendManifest(_ context.Context, p client.ManifestPiece) (*wire.ManifestProgress, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pieces = append(s.pieces, len(p.Chunks))
	got := s.received[p.Name]
	out := &wire.ManifestProgress{Received: uint32(len(got)), Total: uint32(p.Total)}
	if p.First != len(got) {
		return out, nil
	}
	for _, c := range p.Chunks {
		if _, proven := p.Proofs[c.SHA256]; !s.has[c.SHA256] || s.forgot && !proven && !s.mine[c.SHA256] {
			out.MissingChunks = append(out.MissingChunks, c.SHA256)
		}
	}
	if len(out.MissingChunks) == 0 {
		s.received[p.Name] = append(got, p.Chunks...)
		out.Received = uint32(len(s.received[p.Name]))
	}
	return out, nil
}

func newServer() *server {
	return &server{has: map[wire.Hash]bool{}, mine: map[wire.Hash]bool{}, received: map[wire.Hash][]wire.Chunk{}}
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

func fileOf(content []byte) *File {
	return &File{Open: func() (Source, int64, error) {
		return memory{bytes.NewReader(content)}, int64(len(content)), nil
	}}
}

func noise(n int) []byte {
	b := make([]byte, n)
	x := uint64(n)
	for i := range b {
		x = x*6364136223846793005 + 1442695040888963407
		b[i] = byte(x >> 56)
	}
	return b
}

// TestListsByLength: a list goes into the body up to the limit, and by itself
// behind it, in pieces.
func TestListsByLength(t *testing.T) {
	content := noise(3 << 20)
	for _, more := range []int{-1, 0, 1} {
		s := newServer()
		p := &Pipe{API: s, Share: "shr_1", Set: split.Default(), Piece: 4}
		err := p.Run(t.Context(), slices.Values([]*File{fileOf(content)}), func(ctx context.Context, f *File) error {
			if f.Err != nil || f.Sum != wire.Hash(sha256.Sum256(content)) || len(f.Chunks) < 10 {
				return fmt.Errorf("%v, %d chunks", f.Err, len(f.Chunks))
			}
			p.Inline = 100*len(f.Chunks) - more // under, at and over it
			c, err := p.Content(ctx, f)
			if err != nil {
				return err
			}
			if more == 1 {
				if c.Manifest == nil || c.Chunks != nil || !slices.Equal(s.received[*c.Manifest], f.Chunks) || len(s.pieces) != (len(f.Chunks)+3)/4 {
					return fmt.Errorf("over the limit: %+v", c)
				}
			} else if c.Manifest != nil || !slices.Equal(c.Chunks, f.Chunks) || len(s.pieces) != 0 {
				return fmt.Errorf("within the limit: %+v", c)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestManyProofs: of no more proofs than a body takes the list goes into it.
func TestManyProofs(t *testing.T) {
	for _, more := range []int{0, 1} {
		s := newServer()
		p := &Pipe{API: s, Share: "shr_1", Set: split.Default()}
		err := p.Run(t.Context(), slices.Values([]*File{fileOf(noise(1 << 20))}), func(ctx context.Context, f *File) error {
			f.proofs = map[wire.Hash]wire.Hash{}
			for i := range 10_000 + more {
				f.proofs[wire.Hash{byte(i), byte(i >> 8)}] = wire.Hash{1}
			}
			c, err := p.Content(ctx, f)
			if err == nil && (c.Manifest != nil) != (more > 0) {
				err = fmt.Errorf("%d proofs: %d in the body", len(f.proofs), len(c.Proofs))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestForgottenLists: what the server does not take for the caller's any more is
// proven, what it has lost is sent, and a file that has changed meanwhile is given up.
func TestForgottenLists(t *testing.T) {
	content := noise(2 << 20)
	s := newServer()
	p := &Pipe{API: s, Share: "shr_1", Set: split.Default(), Piece: 5, Inline: 1}
	err := p.Run(t.Context(), slices.Values([]*File{fileOf(content)}), func(ctx context.Context, f *File) error {
		s.forgot = true
		delete(s.has, f.Chunks[2].SHA256)
		before := s.sent
		c, err := p.Content(ctx, f)
		if err == nil && (c == nil || !slices.Equal(s.received[*c.Manifest], f.Chunks)) {
			err = errors.New("the list is not there")
		}
		if n := s.sent - before; err == nil && n != int64(f.Chunks[2].Size) {
			err = fmt.Errorf("%d bytes were sent again", n)
		}
		if err != nil {
			return err
		}
		clear(s.received)
		f.proofs = nil
		f.Open = fileOf(noise(2<<20 + 1)).Open
		if c, err := p.Content(ctx, f); err != nil || c != nil || !errors.Is(f.Err, ErrChanging) {
			return fmt.Errorf("a file that changed: %v, %v, %v", c, err, f.Err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestSeveralRequests: of a large file several requests are under way at one time,
// and many small files share one.
func TestSeveralRequests(t *testing.T) {
	s := newServer()
	s.wait = make(chan struct{})
	limited := int64(0)
	p := &Pipe{API: s, Share: "shr_1", Set: split.Default(), Wait: func(_ context.Context, n int64) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		limited += n
		return nil
	}}
	var got []int64
	files := []*File{fileOf(noise(20 << 20))}
	for i := range 500 {
		files = append(files, fileOf([]byte(fmt.Sprint("small ", i))))
	}
	err := p.Run(t.Context(), slices.Values(files), func(_ context.Context, f *File) error {
		got = append(got, f.Size)
		return f.Err
	})
	if err != nil || len(got) != 501 || got[0] != 20<<20 {
		t.Fatal(err, len(got))
	}
	if s.most < 2 || limited != s.sent || s.sent != p.BytesSent.Load() {
		t.Errorf("%d at one time; %d of %d bytes were limited", s.most, limited, s.sent)
	}
}

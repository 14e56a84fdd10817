package worker

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"scaidrive/client"
	"scaidrive/client/planner"
	"scaidrive/httpd/wire"
)

// An outgoing is a file whose content is to go up.
type outgoing struct {
	id       planner.ID
	path     string       // on the disk
	want     planner.File // what the scan found; anything else is not sent
	file     string       // of an update: the server's ID, with the number of the base
	base     uint64
	baseFile planner.File

	chunks  []wire.Chunk
	content *wire.Content
	proofs  map[string]wire.Hash // of chunks that may be there already
	err     error                // why it is not sent now
}

// errEdited says that a file is not what the scan found any more.
var errEdited = errors.New("it has changed since it was looked at")

const (
	// window is how many bytes of content are gathered before the server is asked
	// which of them it lacks.
	window = 8 << 20
	// proveFrom is the size from which on it is tried whether the server has a new
	// file's content already: what it may have is proven first, and sent only where
	// that does not help.
	proveFrom    = 4 << 20
	windowChunks = 2048
	maxChunks    = (client.ApplyMaxBytes - 1<<20) / 240 // with their proofs
	sendTries    = 3
)

// A sender gathers chunks of many files, and sends what the server lacks.
type sender struct {
	f     *Folder
	ctx   context.Context
	force map[wire.Hash]bool // to be sent unasked; nil: ask
	buf   []byte
	used  int
	spans []span
	known map[wire.Hash]bool // sent, proven, or found in a base version
}

type span struct {
	at, to int
	hash   wire.Hash
	out    *outgoing
}

// sendContents reads files and sends what the server lacks of them. What is wrong
// with a file is noted in it; an error is about the server.
func (f *Folder) sendContents(ctx context.Context, files []*outgoing, force map[wire.Hash]bool) error {
	s := &sender{f: f, ctx: ctx, force: force, known: map[wire.Hash]bool{}}
	for _, o := range files {
		if o == nil {
			continue
		}
		o.chunks, o.content, o.proofs, o.err = nil, nil, nil, nil
		if err := s.file(o); err != nil {
			return err
		}
	}
	return s.flush()
}

// file reads one file.
func (s *sender) file(o *outgoing) error {
	base, err := s.baseOf(o)
	if err != nil {
		return err
	}
	for _, c := range base {
		if s.force == nil || !s.force[c.SHA256] {
			s.known[c.SHA256] = true
		}
	}
	r, err := s.f.disk.Open(o.path)
	if err != nil {
		o.err = err
		return nil
	}
	defer r.Close()
	if s.buf == nil {
		s.buf = make([]byte, window)
	}
	whole := sha256.New()
	var size int64
	start, eof := s.used, false // of what is not cut yet
	for {
		if s.used == len(s.buf) || len(s.spans) >= windowChunks || (start > 0 && len(s.buf)-start < s.f.set.Max) {
			if start, err = s.make(start); err != nil {
				return err
			}
		}
		n, err := io.ReadFull(r, s.buf[s.used:min(len(s.buf), s.used+1<<20)])
		s.used += n
		size += int64(n)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			eof = true
		} else if err != nil {
			o.err = err
			s.used = start
			return nil
		}
		if size > o.want.Size {
			break
		}
		start = s.cut(o, start, eof, whole)
		if eof {
			break
		}
	}
	return s.end(o, base, size, whole, start)
}

// end looks whether what was read is what the scan found.
func (s *sender) end(o *outgoing, base []wire.Chunk, size int64, whole hash.Hash, start int) error {
	s.used = start
	var sum wire.Hash
	whole.Sum(sum[:0])
	if size != o.want.Size || sum != wire.Hash(o.want.Hash) {
		o.err = errEdited
		return nil
	}
	if len(o.chunks) > maxChunks {
		o.err = errors.New("it has more chunks than one call can name")
		return nil
	}
	if o.proves() {
		if err := s.flushSpans(); err != nil { // all proofs are made then
			return err
		}
	}
	o.content = &wire.Content{Size: size, ChecksumSHA256: sum, Chunking: s.f.set.Name, Proofs: o.proofs}
	if patch, kept := client.Patch(base, o.chunks); kept > 0 {
		o.content.Patch = patch
		var saved int64
		for _, p := range patch {
			if p.Keep != nil {
				for _, c := range base[p.Keep[0] : p.Keep[0]+p.Keep[1]] {
					saved += int64(c.Size)
				}
			}
		}
		s.f.count(func(c *Counts) { c.BytesSaved += saved })
	} else {
		o.content.Chunks = o.chunks
		if o.chunks == nil {
			o.content.Chunks = []wire.Chunk{}
		}
	}
	return nil
}

// proves reports whether a file's chunks are proven before any is sent.
func (o *outgoing) proves() bool { return o.file == "" && o.want.Size >= proveFrom }

// cut cuts what has been read into chunks.
func (s *sender) cut(o *outgoing, start int, eof bool, whole hash.Hash) int {
	for start < s.used {
		n := s.f.set.Cut(s.buf[start:s.used], eof)
		if n == 0 {
			break
		}
		b := s.buf[start : start+n]
		whole.Write(b)
		h := wire.Hash(sha256.Sum256(b))
		o.chunks = append(o.chunks, wire.Chunk{SHA256: h, Size: uint32(n)})
		if !s.known[h] {
			s.spans = append(s.spans, span{start, start + n, h, o})
		}
		start += n
	}
	return start
}

// baseOf gives the chunks of the version that a file replaces.
func (s *sender) baseOf(o *outgoing) ([]wire.Chunk, error) {
	switch {
	case o.file == "" || o.base == 0 || o.baseFile.Size == 0:
		return nil, nil
	case o.baseFile.Size <= int64(s.f.set.Min):
		return []wire.Chunk{{SHA256: o.baseFile.Hash, Size: uint32(o.baseFile.Size)}}, nil
	}
	m, err := s.f.api.Manifest(s.ctx, o.file, o.base)
	if err != nil {
		if s.ctx.Err() != nil {
			return nil, s.ctx.Err()
		}
		var un *client.Unreachable
		if errors.As(err, &un) {
			return nil, err
		}
		return nil, nil // without it more is sent, that is all
	}
	if m.Chunking != s.f.set.Name || m.Version != o.base {
		return nil, nil
	}
	return m.Chunks, nil
}

// make makes room: what is gathered goes up, and what is not cut yet goes to the
// front.
func (s *sender) make(start int) (int, error) {
	if err := s.flushSpans(); err != nil {
		return 0, err
	}
	s.used = copy(s.buf, s.buf[start:s.used])
	return 0, nil
}

func (s *sender) flush() error {
	err := s.flushSpans()
	s.used = 0
	return err
}

// flushSpans sends what the server lacks of what is gathered.
func (s *sender) flushSpans() error {
	if len(s.spans) == 0 {
		return nil
	}
	var ask []wire.Hash
	asked := map[wire.Hash]bool{}
	want := map[wire.Hash]bool{}
	for _, sp := range s.spans {
		switch {
		case s.known[sp.hash] || asked[sp.hash] || want[sp.hash]:
		case s.force[sp.hash]:
			want[sp.hash] = true
		case s.force != nil && !sp.out.proves():
			// The server has it, and knows who sent it.
		default:
			asked[sp.hash] = true
			ask = append(ask, sp.hash)
		}
	}
	nonce := ""
	if len(ask) > 0 {
		q, err := s.f.api.Query(s.ctx, s.f.o.Share, ask)
		if err != nil {
			return fmt.Errorf("ask which chunks are missing: %w", err)
		}
		nonce = q.Nonce
		for _, h := range q.Missing {
			if asked[h] {
				want[h] = true
			}
		}
	}
	var list [][]byte
	var n int64
	for _, sp := range s.spans {
		if !want[sp.hash] {
			continue
		}
		if nonce != "" && sp.out.proves() && !s.force[sp.hash] {
			if sp.out.proofs == nil {
				sp.out.proofs = map[string]wire.Hash{}
			}
			sp.out.proofs[sp.hash.String()] = proof(nonce, s.buf[sp.at:sp.to])
			continue
		}
		if !s.known[sp.hash] {
			s.known[sp.hash] = true
			list = append(list, s.buf[sp.at:sp.to])
			n += int64(sp.to - sp.at)
		}
	}
	for h := range asked {
		if !want[h] {
			s.known[h] = true
		}
	}
	s.spans = s.spans[:0]
	if len(list) == 0 {
		return nil
	}
	if err := s.f.o.Up.Wait(s.ctx, n); err != nil {
		return err
	}
	if err := s.send(list, want); err != nil {
		return err
	}
	s.f.count(func(c *Counts) { c.BytesSent += n })
	return nil
}

// send sends chunks and compares what the server received.
func (s *sender) send(list [][]byte, want map[wire.Hash]bool) error {
	for range sendTries {
		got, err := s.f.api.SendChunks(s.ctx, s.f.o.Share, list)
		if err != nil {
			return fmt.Errorf("send chunks: %w", err)
		}
		arrived := 0
		for _, c := range got.Chunks {
			if want[c.SHA256] {
				arrived++
			}
		}
		if arrived >= len(list) {
			return nil
		}
	}
	return errors.New("send chunks: the server received other bytes than were sent")
}

// proof says that the bytes are here.
func proof(nonce string, b []byte) (p wire.Hash) {
	m := hmac.New(sha256.New, []byte(nonce))
	m.Write(b)
	m.Sum(p[:0])
	return p
}

package worker

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/httpd/wire"
)

const (
	// rebuildBytes is how much of what is new is fetched at a time, while what was
	// there before is put together.
	rebuildBytes = 4 << 20
	// pumpPiece is little enough to be in the processor's cache still when it is
	// written and summed.
	pumpPiece  = 512 << 10
	pumpPieces = 4
)

// A part is a stretch of a content: of the version before, or a chunk that is new.
type part struct {
	at   int64 // in the version before; -1: it is new
	size int64
	hash wire.Hash // of what is new
}

// rebuild makes a large file of stretches of the version before and of what is new.
// Each byte of the version before is read once. What that version is made of need not
// be known: the sum of the whole says whether all of it was what the records say.
// false: it can't be made that way.
func (f *Folder) rebuild(ctx context.Context, g *fetch) (done bool, err error) {
	number, versionID := splitVersion(g.version)
	if g.old == "" || g.since == 0 {
		return false, nil
	}
	m, err := f.api.ManifestRuns(ctx, string(g.op.ID), number, g.since)
	if m == nil || err != nil {
		return false, err
	}
	parts, err := partsOf(m, g, versionID)
	if err != nil {
		return false, err
	}
	old, err := f.disk.Open(g.old)
	if err != nil {
		return false, nil // then all of it is fetched
	}
	defer old.Close()
	w, err := f.disk.Create(g.tmp, g.file.Exec)
	if err != nil {
		return false, nil // of an earlier attempt
	}
	b := &builder{f: f, ctx: ctx, g: g, number: number, old: old}
	err = errors.Join(b.join(w, parts), w.Close())
	switch {
	case errors.Is(err, errChecksum):
		return false, f.disk.Remove(g.tmp, nil)
	case err == nil:
		err = f.disk.SetTime(g.tmp, g.mtime)
	}
	g.keep = err != nil
	return err == nil, err
}

// partsOf reads what the server tells of a version against the one before, and bounds
// it.
func partsOf(m *wire.Manifest, g *fetch, versionID string) ([]part, error) {
	parts := make([]part, 0, len(m.Patch))
	var size int64
	for _, p := range m.Patch {
		q := part{at: -1, size: int64(p.Size)}
		switch {
		case len(p.Bytes) == 2 && p.Bytes[0] >= 0:
			q.at, q.size = p.Bytes[0], p.Bytes[1]
		case p.SHA256 != nil && p.Size <= client.MaxChunk:
			q.hash = *p.SHA256
		default:
			return nil, fmt.Errorf("%w: a difference that tells nothing", errServer)
		}
		if q.size <= 0 || q.size > g.file.Size-size || q.at > 1<<62-q.size {
			return nil, fmt.Errorf("%w: a difference of another content", errServer)
		}
		size += q.size
		parts = append(parts, q)
	}
	if size != g.file.Size || m.Size != size || m.ChecksumSHA256 != wire.Hash(g.file.Hash) || m.VersionID != versionID {
		return nil, fmt.Errorf("%w: a difference of another content", errServer)
	}
	return parts, nil
}

// join writes the parts, one behind the other, and checks the whole. What is new is
// fetched meanwhile.
func (b *builder) join(w disk.Writer, parts []part) error {
	ctx, cancel := context.WithCancel(b.ctx)
	b.ctx = ctx
	fetched, failed := make(chan map[wire.Hash][]byte), make(chan error, 1)
	go func() { // waited for below
		defer close(fetched)
		failed <- b.fetchParts(ctx, parts, fetched)
	}()
	defer func() {
		cancel()
		for range fetched {
		}
	}()
	p := newPump(w)
	defer p.end()
	var here map[wire.Hash][]byte
	var saved int64
	for _, q := range parts {
		if q.at >= 0 {
			if err := p.copy(ctx, b.old, q.at, q.size); err != nil {
				return err
			}
			saved += q.size
			continue
		}
		data := here[q.hash]
		for more := true; data == nil; data = here[q.hash] {
			if here, more = <-fetched; !more {
				return cmp.Or(<-failed, errChecksum)
			}
		}
		if int64(len(data)) != q.size {
			return errChecksum
		}
		if err := p.put(data); err != nil {
			return err
		}
	}
	if p.sum() != b.g.file.Hash {
		return errChecksum
	}
	b.f.count(func(c *Counts) { c.BytesSaved += saved })
	return nil
}

// fetchParts fetches what is new, in the order of the parts. Each group has what is
// new from the first part on that the group before has not.
func (b *builder) fetchParts(ctx context.Context, parts []part, to chan<- map[wire.Hash][]byte) error {
	for next := 0; next < len(parts); {
		var missing []wire.Hash
		var bytes int64
		asked := map[wire.Hash]bool{}
		for ; next < len(parts); next++ {
			q := &parts[next]
			if q.at >= 0 || asked[q.hash] {
				continue
			}
			if bytes > 0 && bytes+q.size > rebuildBytes || len(missing) == client.QueryLimit {
				break
			}
			asked[q.hash] = true
			missing, bytes = append(missing, q.hash), bytes+q.size
		}
		if len(missing) == 0 {
			return nil
		}
		got, err := b.get(missing, bytes)
		if err != nil {
			return err
		}
		select {
		case to <- got:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// A pump writes a file and sums it, side by side.
type pump struct {
	w     disk.Writer
	whole hash.Hash
	free  chan []byte
	full  chan pumped
	ended chan struct{}
	made  int
}

type pumped struct {
	b   []byte
	own bool // the pump's, to be used again
}

func newPump(w disk.Writer) *pump {
	p := &pump{w: w, whole: sha256.New(), free: make(chan []byte, pumpPieces), full: make(chan pumped, pumpPieces), ended: make(chan struct{})}
	full := p.full
	go func() { // ends with end
		defer close(p.ended)
		for q := range full {
			p.whole.Write(q.b)
			if q.own {
				p.free <- q.b[:cap(q.b)]
			}
		}
	}()
	return p
}

// put writes bytes, which nobody changes any more.
func (p *pump) put(b []byte) error {
	p.full <- pumped{b: b}
	_, err := p.w.Write(b)
	return err
}

// copy writes a stretch of another file. One that ends before is errChecksum: it is
// not what it was.
func (p *pump) copy(ctx context.Context, from io.ReaderAt, at, n int64) error {
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := p.take()
		b = b[:min(n, int64(len(b)))]
		if _, err := from.ReadAt(b, at); err != nil {
			if errors.Is(err, io.EOF) {
				return errChecksum
			}
			return err
		}
		p.full <- pumped{b, true}
		// It comes back when it is summed, and nobody else takes it.
		if _, err := p.w.Write(b); err != nil {
			return err
		}
		at, n = at+int64(len(b)), n-int64(len(b))
	}
	return nil
}

func (p *pump) take() []byte {
	if p.made < pumpPieces {
		select {
		case b := <-p.free:
			return b
		default:
			p.made++
			return make([]byte, pumpPiece)
		}
	}
	return <-p.free
}

// end waits for what is under way. It may be called twice.
func (p *pump) end() {
	if p.full != nil {
		close(p.full)
		p.full = nil
	}
	<-p.ended
}

// sum is the hash of all that was written.
func (p *pump) sum() [sha256.Size]byte {
	p.end()
	return [sha256.Size]byte(p.whole.Sum(nil))
}

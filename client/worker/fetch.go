package worker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/planner"
	"scaidrive/httpd/wire"
)

const (
	fetchers = 6
	// deltaFrom is the size from which on a file is fetched by chunks, so that what
	// is on the disk already, of the old version or of an attempt before, is not
	// moved again.
	deltaFrom = 256 << 10
	// fetchBytes is how much of a large file is held in memory.
	fetchBytes = 8 << 20
)

// errChecksum says that the server sent something else than it announced.
var errChecksum = errors.New("the content that arrived does not have the checksum that was announced")

func noSpace(err error) bool { return errors.Is(err, syscall.ENOSPC) }

// A fetch is a content on its way to the disk.
type fetch struct {
	op      *planner.Op
	file    planner.File
	version string
	mtime   int64
	old     string // the path of the version before; "": none
	since   uint64 // the number of that version
	tmp     string // where it lies, until it is in its place
	keep    bool   // it is not whole, and goes on at the next attempt
	err     error
}

// toFetch tells what operations need.
func (f *Folder) toFetch(ops []planner.Op) (out map[planner.ID]*fetch, todo []*fetch) {
	out = map[planner.ID]*fetch{}
	for i := range ops {
		op := &ops[i]
		r, l := f.trees.Remote.Node(op.ID), f.trees.Local.Node(op.ID)
		if r == nil || r.Folder || op.Kind != planner.PullFile && op.Kind != planner.PullUpdate {
			continue
		}
		g := &fetch{op: op, file: r.File, version: r.Version, mtime: f.mtimes[op.ID]}
		if op.Kind == planner.PullUpdate {
			if l == nil || l.File.Hash == r.File.Hash && l.File.Size == r.File.Size {
				continue // only the executable bit
			}
			g.old = f.path(op.ID)
			if s := f.trees.Synced.Node(op.ID); s != nil && s.File == l.File {
				g.since, _ = splitVersion(s.Version)
			}
		}
		if r.File.Size >= deltaFrom {
			_, id := splitVersion(r.Version)
			g.tmp = tmpDir + "/" + partPrefix + plainID(id)
		} else {
			g.tmp = f.nooks.next(f) + f.freshName("new")
		}
		out[op.ID] = g
		todo = append(todo, g)
	}
	return out, todo
}

// fetchAll fetches. An error of one file is noted in it. It calls dealt when all has been
// begun, at least once. While it is at work, the trees may change: what it needs of them
// is in what it is given.
func (f *Folder) fetchAll(ctx context.Context, todo []*fetch, dealt func()) error {
	defer dealt()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f.inParallel(ctx, cancel, batches(todo), dealt)
	return context.Cause(ctx)
}

// inParallel fetches batches, as many at once as there are slots; what concerns all
// files ends it.
func (f *Folder) inParallel(ctx context.Context, cancel context.CancelCauseFunc, todo [][]*fetch, dealt func()) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range min(fetchers, len(todo)) {
		wg.Go(func() {
			var buf []byte
			for {
				mu.Lock()
				if len(todo) == 0 || ctx.Err() != nil {
					mu.Unlock()
					return
				}
				batch := todo[0]
				todo = todo[1:]
				last := len(todo) == 0
				mu.Unlock()
				if last {
					dealt()
				}
				f.slots <- struct{}{}
				taken, err := f.take(batch)
				switch g := batch[0]; {
				case err != nil:
					fail(batch, err)
				case len(batch) > 1:
					buf = f.fetchMany(ctx, batch, buf)
				case g.file.Size >= deltaFrom:
					g.err = f.fetchBig(ctx, g)
				default:
					buf, g.err = f.fetchSmall(ctx, g, buf)
				}
				f.give(taken)
				for _, g := range batch {
					if g.err != nil && endsAll(g.err) {
						cancel(g.err)
					}
				}
				<-f.slots
			}
		})
	}
	wg.Wait()
}

// plainID leaves the characters of an ID.
func plainID(id string) string {
	b := make([]byte, 0, len(id))
	for i := range len(id) {
		if c := id[i]; c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' {
			b = append(b, c)
		}
	}
	return string(b)
}

// endsAll reports whether an error concerns all files, not one.
func endsAll(err error) bool {
	var un *client.Unreachable
	return errors.As(err, &un) || noSpace(err) || errors.Is(err, client.ErrNoRenewal) || client.StatusOf(err) == 401
}

// dropFetched removes what was fetched and has no place. What is worth it stays
// for the next attempt.
func (f *Folder) dropFetched(all map[planner.ID]*fetch) {
	for _, g := range all {
		switch {
		case g.tmp == "":
		case g.keep, g.err == nil && g.file.Size >= deltaFrom: // the place was not free, in use, too deep
			f.parts = true
		default:
			_ = f.disk.Remove(g.tmp, nil) // or it was never made
		}
	}
}

// fetchSmall holds the whole content; nothing is written before it is checked.
func (f *Folder) fetchSmall(ctx context.Context, g *fetch, buf []byte) ([]byte, error) {
	if int64(cap(buf)) < g.file.Size {
		buf = make([]byte, g.file.Size, deltaFrom)
	}
	b := buf[:g.file.Size]
	number, _ := splitVersion(g.version)
	if err := f.o.Down.Wait(ctx, g.file.Size); err != nil {
		return buf, err
	}
	if err := f.api.ReadContent(ctx, string(g.op.ID), number, b); err != nil {
		return buf, err
	}
	return buf, f.keep(g, b)
}

// keep writes a content that has come whole, if it is the one that was announced.
func (f *Folder) keep(g *fetch, b []byte) error {
	f.count(func(c *Counts) { c.BytesReceived += g.file.Size })
	if sha256.Sum256(b) != g.file.Hash {
		return errChecksum
	}
	return f.disk.WriteWhole(g.tmp, b, g.file.Exec, g.mtime)
}

// fetchBig builds a file of the chunks that are on the disk and those that the
// server sends. Broken off, it goes on where it ended.
func (f *Folder) fetchBig(ctx context.Context, g *fetch) (err error) {
	if done, err := f.rebuild(ctx, g); done || err != nil {
		return err
	}
	number, versionID := splitVersion(g.version)
	b := &builder{f: f, ctx: ctx, g: g, number: number}
	defer b.close()
	if err := b.sources(); err != nil {
		return err
	}
	// What the disk has is, as a rule, the version before: then the server says only
	// what is different.
	if b.m, err = f.api.ManifestSince(ctx, string(g.op.ID), number, g.since, b.before); err != nil {
		return err
	}
	if err := checkManifest(b.m, g, versionID); err != nil {
		return err
	}
	if b.m.Chunking != f.set.Name {
		clear(b.at)
	}
	w, done, err := b.resume()
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, w.Close())
		g.keep = err != nil && !errors.Is(err, errChecksum)
		if err == nil {
			err = f.disk.SetTime(g.tmp, g.mtime)
		}
	}()
	return b.build(w, done)
}

// checkManifest bounds what a server can say.
func checkManifest(m *wire.Manifest, g *fetch, versionID string) error {
	var size int64
	for _, c := range m.Chunks {
		if c.Size == 0 || c.Size > client.MaxChunk {
			return fmt.Errorf("%w: a chunk of %d bytes", errServer, c.Size)
		}
		size += int64(c.Size)
	}
	if size != g.file.Size || m.Size != size || m.ChecksumSHA256 != wire.Hash(g.file.Hash) || m.VersionID != versionID {
		return fmt.Errorf("%w: a manifest of another content", errServer)
	}
	return nil
}

// A builder puts a large file together.
type builder struct {
	f      *Folder
	ctx    context.Context
	g      *fetch
	m      *wire.Manifest
	number uint64
	old    disk.Reader
	at     map[wire.Hash]int64 // where chunks stand in the old file
	before []wire.Chunk        // of the old file
}

func (b *builder) close() {
	if b.old != nil {
		b.old.Close()
	}
}

// sources finds the chunks of the version before.
func (b *builder) sources() error {
	b.at = map[wire.Hash]int64{}
	if b.g.old == "" {
		return nil
	}
	r, err := b.f.disk.Open(b.g.old)
	if err != nil {
		return nil // then all of it is fetched
	}
	b.old = r
	buf := make([]byte, 4<<20)
	var off int64
	used, eof := 0, false
	for !eof || used > 0 {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		if !eof {
			n, err := io.ReadFull(r, buf[used:])
			used += n
			if err != nil {
				eof = true
			}
		}
		from := 0
		for from < used {
			n := b.f.set.Cut(buf[from:used], eof)
			if n == 0 {
				break
			}
			h := wire.Hash(sha256.Sum256(buf[from : from+n]))
			b.at[h] = off
			b.before = append(b.before, wire.Chunk{SHA256: h, Size: uint32(n)})
			off += int64(n)
			from += n
		}
		used = copy(buf, buf[from:used])
	}
	return nil
}

// resume opens the temporary file and tells how many chunks of it are there.
func (b *builder) resume() (disk.Writer, int, error) {
	w, err := b.f.disk.Create(b.g.tmp, b.g.file.Exec)
	if err == nil {
		return w, 0, nil
	}
	// What an earlier attempt has written is copied as far as it is right.
	old := b.f.tmpName("old")
	if err := b.f.disk.Place(b.g.tmp, old); err != nil {
		return nil, 0, err
	}
	defer func() { _ = b.f.disk.Remove(old, nil) }()
	part, err := b.f.disk.Open(old)
	if err != nil {
		return nil, 0, err
	}
	defer part.Close()
	if w, err = b.f.disk.Create(b.g.tmp, b.g.file.Exec); err != nil {
		return nil, 0, err
	}
	done := 0
	var buf []byte
	for _, c := range b.m.Chunks {
		if cap(buf) < int(c.Size) {
			buf = make([]byte, c.Size, 1<<20)
		}
		if _, err := io.ReadFull(part, buf[:c.Size]); err != nil || wire.Hash(sha256.Sum256(buf[:c.Size])) != c.SHA256 {
			break
		}
		if _, err := w.Write(buf[:c.Size]); err != nil {
			return nil, 0, errors.Join(err, w.Close())
		}
		done++
	}
	return w, done, nil
}

// build writes the chunks from one on, and checks the whole.
func (b *builder) build(w disk.Writer, done int) error {
	p := newPump(w)
	defer p.end()
	var size int64
	for _, c := range b.m.Chunks[:done] {
		size += int64(c.Size)
	}
	if _, err := io.Copy(p.whole, io.NewSectionReader(w, 0, size)); err != nil {
		return err
	}
	saved := size
	for rest := b.m.Chunks[done:]; len(rest) > 0; {
		n, missing, bytes := 0, []wire.Hash(nil), int64(0)
		asked := map[wire.Hash]bool{}
		for n < len(rest) && bytes < fetchBytes && len(missing) < client.QueryLimit {
			c := rest[n]
			if _, here := b.at[c.SHA256]; !here && !asked[c.SHA256] {
				asked[c.SHA256] = true
				missing = append(missing, c.SHA256)
				bytes += int64(c.Size)
			}
			n++
		}
		got, err := b.get(missing, bytes)
		if err != nil {
			return err
		}
		for _, c := range rest[:n] {
			data, ok := got[c.SHA256]
			if !ok {
				if data, err = b.copied(c); err != nil {
					return err
				}
				saved += int64(c.Size)
			}
			if len(data) != int(c.Size) {
				return errChecksum
			}
			if err := p.put(data); err != nil {
				return err
			}
		}
		rest = rest[n:]
	}
	if p.sum() != b.g.file.Hash {
		return errChecksum
	}
	b.f.count(func(c *Counts) { c.BytesSaved += saved })
	return nil
}

// get fetches chunks.
func (b *builder) get(missing []wire.Hash, bytes int64) (map[wire.Hash][]byte, error) {
	got := make(map[wire.Hash][]byte, len(missing))
	for tries := 0; len(missing) > 0; tries++ {
		if err := b.f.o.Down.Wait(b.ctx, bytes); err != nil {
			return nil, err
		}
		err := b.f.api.FetchChunks(b.ctx, string(b.g.op.ID), b.number, missing, func(i int, data []byte) error {
			if wire.Hash(sha256.Sum256(data)) != missing[i] {
				return errChecksum
			}
			got[missing[i]] = append([]byte(nil), data...)
			b.f.count(func(c *Counts) { c.BytesReceived += int64(len(data)) })
			return nil
		})
		if err == nil {
			return got, nil
		}
		if !errors.Is(err, client.ErrBrokenOff) || tries >= sendTries {
			return nil, err
		}
		left := missing[:0:0]
		for _, h := range missing {
			if got[h] == nil {
				left = append(left, h)
			}
		}
		missing = left
	}
	return got, nil
}

// copied reads a chunk of the version before; if that has changed meanwhile, the
// server is asked.
func (b *builder) copied(c wire.Chunk) ([]byte, error) {
	buf := make([]byte, c.Size)
	if at, ok := b.at[c.SHA256]; ok {
		if _, err := b.old.ReadAt(buf, at); err == nil && wire.Hash(sha256.Sum256(buf)) == c.SHA256 {
			return buf, nil
		}
	}
	got, err := b.get([]wire.Hash{c.SHA256}, int64(c.Size))
	return got[c.SHA256], err
}

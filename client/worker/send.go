package worker

import (
	"context"
	"errors"

	"scaidrive/client"
	"scaidrive/client/planner"
	"scaidrive/client/upload"
	"scaidrive/httpd/wire"
)

// An outgoing is a file whose content is to go up.
type outgoing struct {
	id       planner.ID
	path     string       // on the disk
	want     planner.File // what the scan found; anything else is not sent
	file     string       // of an update: the server's ID
	base     uint64       // and number and ID of the version before
	baseID   string
	baseFile planner.File

	content *wire.Content
	err     error // why it is not sent now
}

// errEdited says that a file is not what the scan found any more.
var errEdited = errors.New("it has changed since it was looked at")

const (
	// proveFrom is the size from which on it is tried whether the server has a new
	// file's content already: what it may have is proven first, and sent only where
	// that does not help.
	proveFrom = 4 << 20
	// sendWindows bounds the memory of sending: so many times 4 MiB.
	sendWindows = 6
	sendTries   = 3
)

// sendContents reads files and sends what the server lacks of them. What is wrong
// with a file is noted in it; an error is about the server. force are the chunks
// that the server has said to lack; nil: it has said nothing yet.
func (f *Folder) sendContents(ctx context.Context, files []*outgoing, force map[wire.Hash]struct{}) error {
	pipe := &upload.Pipe{API: f.api, Share: f.o.Share, Set: f.set, Windows: sendWindows, Wait: f.o.Up.Wait}
	defer func() {
		sent := pipe.BytesSent.Load()
		f.count(func(c *Counts) { c.BytesSent += sent })
	}()
	if f.o.listFrom > 0 {
		pipe.Inline, pipe.Piece = f.o.listFrom, 7
	}
	var order []*outgoing
	var list []*upload.File
	for _, o := range files {
		if o != nil {
			if o.content, o.err = nil, nil; force == nil {
				o.content = f.sentEarly(o)
			}
		}
		if o != nil && o.content == nil {
			order = append(order, o)
			list = append(list, f.upload(o, force))
		}
	}
	if len(list) == 0 {
		return nil
	}
	next := 0
	return pipe.Run(ctx, func(yield func(*upload.File) bool) {
		for _, u := range list {
			if !yield(u) {
				return
			}
		}
	}, func(ctx context.Context, u *upload.File) (err error) {
		o := order[next]
		next++
		switch {
		case errors.Is(u.Err, upload.ErrChanging):
			o.err = errEdited
		case u.Err != nil:
			o.err = u.Err
		case u.Size != o.want.Size || u.Sum != wire.Hash(o.want.Hash):
			o.err = errEdited
		default:
			if o.content, err = pipe.Content(ctx, u); err != nil {
				return err
			}
			if o.content == nil {
				o.err = errEdited
				return nil
			}
			saved := upload.Saved(u)
			f.count(func(c *Counts) { c.BytesSaved += saved })
		}
		return nil
	})
}

// upload describes a file to the way up.
func (f *Folder) upload(o *outgoing, force map[wire.Hash]struct{}) *upload.File {
	u := &upload.File{BaseFile: o.file, BaseVersion: o.baseID, Force: force}
	u.Prove = o.file == "" && o.want.Size >= proveFrom
	u.Open = func() (upload.Source, int64, error) {
		r, err := f.disk.Open(o.path)
		if err != nil {
			return nil, 0, err
		}
		e, err := r.Look()
		if err == nil && e.Stamp.Size != o.want.Size {
			err = errEdited
		}
		if err != nil {
			r.Close()
			return nil, 0, err
		}
		return r, o.want.Size, nil
	}
	u.Base = func(ctx context.Context, large bool) ([]wire.Chunk, error) { return f.baseOf(ctx, o, large) }
	return u
}

// baseOf gives the chunks of the version that a file replaces.
func (f *Folder) baseOf(ctx context.Context, o *outgoing, large bool) ([]wire.Chunk, error) {
	switch {
	case o.file == "" || o.base == 0 || o.baseFile.Size == 0:
		return nil, nil
	case o.baseFile.Size <= int64(f.set.Min):
		return []wire.Chunk{{SHA256: o.baseFile.Hash, Size: uint32(o.baseFile.Size)}}, nil
	case !large:
		return nil, nil
	}
	m, err := f.api.Manifest(ctx, o.file, o.base)
	if err != nil {
		var un *client.Unreachable
		if ctx.Err() != nil || errors.As(err, &un) {
			return nil, err
		}
		return nil, nil // without it more is sent, that is all
	}
	if m.Chunking != f.set.Name || m.Version != o.base {
		return nil, nil
	}
	return m.Chunks, nil
}

package worker

import (
	"context"
	"errors"
	"time"

	"scaidrive/client"
	"scaidrive/client/planner"
	"scaidrive/client/upload"
	"scaidrive/httpd/wire"
)

// The bounds of what a scan sends before it is known what becomes of it.
const (
	earlyFor   = 10 * time.Second
	earlyFiles = 50_000
)

// early reads the small files that are new on both sides, and sends what it reads
// with the same: most files of a first run are read once, not once to know them and
// once to send them. What is sent belongs to nothing until a batch names it; the
// server lets go of what no batch names, and asks again for what it has let go. It
// gives what is left to be read: whatever is wrong with the server is for others to
// find out.
func (s *scan) early(ctx context.Context, todo []int) (rest []int) {
	f := s.f
	if f.o.Mode == planner.ReceiveOnly || f.o.Up != nil || f.withdrawn {
		return todo
	}
	var send []*newcomer
	there := counterparts{s: s, folders: map[int]planner.ID{}, names: map[planner.ID]map[string]planner.ID{}}
	for _, i := range todo {
		if n := s.found[i].Stamp.Size; len(send) < earlyFiles && n > 0 && n <= int64(f.set.Min) && isLocal(s.ids[i]) && !there.has(i) {
			send = append(send, &newcomer{i: i})
		} else {
			rest = append(rest, i)
		}
	}
	if len(send) == 0 {
		return todo
	}
	pipe := &upload.Pipe{API: f.api, Share: f.o.Share, Set: f.set, Windows: sendWindows}
	until := f.o.Now().Add(earlyFor)
	next := 0 // of send: what was handed on
	_ = pipe.Run(ctx, func(yield func(*upload.File) bool) {
		for k, n := range send {
			if k%100 == 99 && f.o.Now().After(until) || !yield(s.newcomer(n)) {
				return
			}
		}
	}, func(_ context.Context, u *upload.File) error {
		n := send[next]
		next++
		switch {
		case errors.Is(u.Err, upload.ErrChanging):
			s.files[n.i] = looked{err: errWriting}
		case u.Err != nil:
			s.files[n.i] = looked{err: u.Err}
		default:
			s.files[n.i] = n.look.tells(u.Sum)
			f.sent[s.ids[n.i]] = u.Sum
		}
		n.look = nil
		return nil
	})
	bytes := pipe.BytesSent.Load()
	f.count(func(c *Counts) { c.BytesSent += bytes; c.Hashed += int64(next) })
	for _, n := range send[next:] {
		rest = append(rest, n.i)
	}
	return rest
}

// A newcomer is a file of a scan that is read and sent with the same.
type newcomer struct {
	i    int
	look *look
}

// newcomer describes it to the way up.
func (s *scan) newcomer(n *newcomer) *upload.File {
	return &upload.File{
		Open: func() (src upload.Source, size int64, err error) {
			l, err := s.f.begin(s.place(n.i))
			if err != nil {
				return nil, 0, err
			}
			if size = l.before.Stamp.Size; size > int64(s.f.set.Min) {
				return nil, 0, errors.Join(errWriting, l.r.Close()) // it has grown
			}
			n.look = l
			return l.r, size, nil
		},
		Check: func(upload.Source) error { return n.look.end(n.look.before.Stamp.Size) },
	}
}

// counterparts tell what the server has under the names of what a scan has found, as
// far as it is known.
type counterparts struct {
	s       *scan
	folders map[int]planner.ID                   // of found; the root's ID: there is none
	names   map[planner.ID]map[string]planner.ID // what lies in a folder, by the keys of names
}

// has reports whether the server has something where this lies.
func (c *counterparts) has(i int) bool {
	folder, ok := c.folder(c.s.found[i].Folder)
	if !ok {
		return false
	}
	_, ok = c.below(folder)[client.NameKey(c.s.found[i].Name)]
	return ok
}

// folder is what the server has in the place of a folder.
func (c *counterparts) folder(i int) (planner.ID, bool) {
	if i < 0 {
		return planner.Root, true
	}
	if id := c.s.ids[i]; !isLocal(id) {
		return id, id != ""
	}
	if id, ok := c.folders[i]; ok {
		return id, id != planner.Root
	}
	var id planner.ID
	if up, ok := c.folder(c.s.found[i].Folder); ok {
		id = c.below(up)[client.NameKey(c.s.found[i].Name)]
	}
	c.folders[i] = id
	return id, id != planner.Root
}

func (c *counterparts) below(folder planner.ID) map[string]planner.ID {
	in, ok := c.names[folder]
	if !ok {
		in = map[string]planner.ID{}
		c.s.f.server().Children(folder, func(n *planner.Node) bool {
			in[client.NameKey(n.Name)] = n.ID
			return true
		})
		c.names[folder] = in
	}
	return in
}

// sentEarly is the content of a file whose bytes the scan has sent; nil: it has not.
func (f *Folder) sentEarly(o *outgoing) *wire.Content {
	sum, ok := f.sent[o.id]
	if !ok || sum != wire.Hash(o.want.Hash) {
		return nil
	}
	return &wire.Content{Size: o.want.Size, ChecksumSHA256: sum, Chunking: f.set.Name, Chunks: []wire.Chunk{{SHA256: sum, Size: uint32(o.want.Size)}}}
}

package transfer

import (
	"context"
	"io"
	"sync"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/tree"
)

// The bounds of one fetch of whole files.
const (
	MaxFiles      = 1000
	MaxFilesBytes = 64 << 20
)

const (
	groupBytes   = 256 << 10 // frames that go out in one write
	groupsAhead  = 4         // groups that are read while an earlier one is written out
	groupReaders = 2
)

// A FileVersion names a content; version 0 is the current one.
type FileVersion struct {
	File    engine.ID
	Version uint64
}

// A FileHead tells what a frame holds: Size bytes of a version, or Err, which is
// KindNotFound, KindGone or KindDamaged.
type FileHead struct {
	At      int // in the list asked for
	Version uint64
	Size    int64
	Err     error
}

// FetchFiles writes a frame for each of the files, in the order asked: a head, as
// head makes it of at most headSize bytes, then the content. Each is decided as
// Open decides. A content that is damaged has a head that tells so, unless that is
// found after its first byte: then what is written breaks off with the error. More
// than MaxFiles are KindInvalid, more than MaxFilesBytes of content KindTooLarge.
func (s *Service) FetchFiles(ctx context.Context, p *engine.Principal, files []FileVersion, headSize int,
	head func(dst []byte, h FileHead) []byte,
) (func(ctx context.Context, w io.Writer) error, error) {
	if len(files) > MaxFiles {
		return nil, engine.Invalid("files", "At most %d files can be fetched at once", MaxFiles)
	}
	f := &fetch{s: s, headSize: headSize, head: head, files: make([]fetchFile, len(files))}
	var total int64
	err := s.db.View(ctx, func(v *meta.View) error {
		total = 0
		for i, want := range files {
			o, err := s.openOne(v, p, want)
			switch engine.KindOf(err) {
			case engine.KindNotFound, engine.KindGone, engine.KindDamaged:
			default:
				if err != nil {
					return err
				}
				total += o.Version.Content.Size
			}
			f.files[i] = fetchFile{o, err}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if total > MaxFilesBytes {
		return nil, engine.E(engine.KindTooLarge, "More than %d bytes of content in one call", MaxFilesBytes)
	}
	f.group()
	return f.write, nil
}

func (s *Service) openOne(v *meta.View, p *engine.Principal, want FileVersion) (*Opened, error) {
	sub, err := access.Check(v, p, want.File, engine.RightRead)
	if err != nil {
		return nil, err
	}
	if sub.Node.Kind != engine.KindFile {
		return nil, access.NotFound()
	}
	version, err := tree.Version(v, p.Tenant, sub.Node, want.Version)
	if err != nil {
		return nil, err
	}
	return &Opened{Located: tree.Locate(sub), Version: version, s: s, p: p}, nil
}

// A fetch is many files on their way out. Small ones are read and framed in
// groups, by a few goroutines ahead of the writer; one that fills a group is
// streamed when its turn comes.
type fetch struct {
	s        *Service
	headSize int
	head     func(dst []byte, h FileHead) []byte
	files    []fetchFile
	groups   []fetchGroup
}

type fetchFile struct {
	o   *Opened
	err error
}

// A fetchGroup is a run of files.
type fetchGroup struct {
	from, to int
	stream   bool // of one file
}

// space is what a file takes of a group.
func (f *fetch) space(i int) int64 {
	n := int64(f.headSize)
	if o := f.files[i].o; o != nil {
		n += o.Version.Content.Size
	}
	return n
}

func (f *fetch) group() {
	room := int64(0)
	for i := range f.files {
		n := f.space(i)
		switch {
		case n > groupBytes:
			f.groups = append(f.groups, fetchGroup{i, i + 1, true})
			room = 0
		case n > room:
			f.groups = append(f.groups, fetchGroup{i, i + 1, false})
			room = groupBytes - n
		default:
			f.groups[len(f.groups)-1].to++
			room -= n
		}
	}
}

type framed struct {
	b   *block
	n   int
	err error
}

func (f *fetch) write(ctx context.Context, w io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	// slots[i%groupsAhead] carries group i.
	slots := make([]chan framed, groupsAhead)
	for i := range slots {
		slots[i] = make(chan framed, 1)
	}
	todo := make(chan int, groupsAhead)
	var wg sync.WaitGroup
	for range min(groupReaders, len(f.groups)) {
		wg.Go(func() {
			for i := range todo {
				slots[i%groupsAhead] <- f.read(ctx, f.groups[i])
			}
		})
	}
	given, taken := 0, 0
	for ; given < min(groupsAhead, len(f.groups)); given++ {
		todo <- given
	}
	var err error
	for ; taken < given && err == nil; taken++ {
		r := <-slots[taken%groupsAhead]
		if err = r.err; err == nil {
			if r.b == nil {
				err = f.stream(ctx, w, f.groups[taken].from)
			} else {
				_, err = w.Write(r.b.buf[:r.n])
			}
		}
		r.drop()
		if err == nil && given < len(f.groups) {
			todo <- given
			given++
		}
	}
	close(todo)
	cancel()
	for ; taken < given; taken++ {
		r := <-slots[taken%groupsAhead]
		r.drop()
	}
	wg.Wait()
	return err
}

func (r *framed) drop() {
	if r.b != nil {
		r.b.drop()
	}
}

// read frames the files of a group, verified, in one buffer; there is none for a
// file that is to be streamed.
func (f *fetch) read(ctx context.Context, g fetchGroup) framed {
	if g.stream {
		return framed{}
	}
	b := f.s.blocks.group()
	out := filled{b: b.buf[:0]}
	for i := g.from; i < g.to; i++ {
		file := &f.files[i]
		begin := len(out.b)
		err := file.err
		if err == nil {
			c := &file.o.Version.Content
			out.b = f.head(out.b, FileHead{At: i, Version: file.o.Version.Number, Size: c.Size})
			err = file.o.WriteRange(ctx, &out, 0, c.Size)
		}
		if err == nil {
			continue
		}
		if file.err == nil && engine.KindOf(err) != engine.KindDamaged {
			b.drop()
			return framed{err: err}
		}
		out.b = f.head(out.b[:begin], FileHead{At: i, Err: err})
	}
	return framed{b: b, n: len(out.b)}
}

// filled collects what is written in a buffer that is long enough.
type filled struct{ b []byte }

func (f *filled) Write(p []byte) (int, error) {
	if len(p) > cap(f.b)-len(f.b) {
		return 0, io.ErrShortBuffer
	}
	f.b = append(f.b, p...)
	return len(p), nil
}

// stream writes the frame of one file, whose head goes out with the first bytes.
func (f *fetch) stream(ctx context.Context, w io.Writer, i int) error {
	o := f.files[i].o
	late := &lateHead{w: w, head: f.head(nil, FileHead{At: i, Version: o.Version.Number, Size: o.Version.Content.Size})}
	err := o.WriteRange(ctx, late, 0, o.Version.Content.Size)
	if engine.KindOf(err) == engine.KindDamaged && late.head != nil {
		_, err = w.Write(f.head(nil, FileHead{At: i, Err: err}))
	}
	return err
}

// lateHead writes a head before the first bytes.
type lateHead struct {
	w    io.Writer
	head []byte // nil: it is out
}

func (l *lateHead) Write(p []byte) (int, error) {
	if l.head != nil {
		head := l.head
		l.head = nil
		if _, err := l.w.Write(head); err != nil {
			return 0, err
		}
	}
	return l.w.Write(p)
}

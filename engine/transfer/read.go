package transfer

import (
	"context"
	"encoding/binary"
	"io"

	"scaidrive/chunkstore"
)

// write writes a range of a version's content.
func (o *Opened) write(ctx context.Context, w io.Writer, off, length int64) error {
	tw := &tracked{w: w}
	return o.readError(ctx, tw, o.s.writeContent(ctx, o.p, &o.Version.Content, tw, off, length))
}

// readError tells damage from what is the reader's own: a connection that went,
// or a context that ended.
func (o *Opened) readError(ctx context.Context, tw *tracked, err error) error {
	if err == nil || tw.err != nil || ctx.Err() != nil {
		return err
	}
	return o.damaged(err)
}

// tracked remembers an error of the reader's side.
type tracked struct {
	w   io.Writer
	err error
}

func (t *tracked) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	if err != nil {
		t.err = err
	}
	return n, err
}

// writeFrames writes chunks as frames; the first is verified before the first
// byte is written.
func (o *Opened) writeFrames(ctx context.Context, w io.Writer, refs []chunkstore.Ref) error {
	tw := &tracked{w: w}
	fw := &frameWriter{w: tw, refs: refs}
	var total int64
	for i := range refs {
		total += int64(refs[i].Size)
	}
	return o.readError(ctx, tw, o.s.chunks.WriteRange(ctx, fw, domain(o.p), refs, 0, total))
}

// frameWriter puts its length before each chunk of a stream of chunks.
type frameWriter struct {
	w    io.Writer
	refs []chunkstore.Ref // those that are not begun
	left uint32           // of the one that is
}

func (f *frameWriter) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		if f.left == 0 {
			f.left = f.refs[0].Size
			f.refs = f.refs[1:]
			var head [4]byte
			binary.BigEndian.PutUint32(head[:], f.left)
			if _, err := f.w.Write(head[:]); err != nil {
				return done, err
			}
		}
		n, err := f.w.Write(p[done:min(len(p), done+int(f.left))])
		done += n
		f.left -= uint32(n)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

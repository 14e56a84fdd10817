package oplog

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"scaidrive/chunkstore/vfs"
)

// walkWindow is how much of a segment is read at a time, in bytes.
const walkWindow = 64 << 10

// glance is how many bytes behind the last frame are looked at by Open. A frame
// that follows would begin there; what else may lie in the segment is left to
// sweep.
const glance = 1 << 10

// walkStopped walks the frames of a segment that ends with frame lsn, as an
// orderly stop left it. Of the frames before that one only headers and links are
// read; the last is read whole, and right behind it nothing may stand. Whenever
// anything is not so, ok is false and nothing is told: scanSegment has to look.
func walkStopped(f io.ReaderAt, info segmentInfo, lsn uint64) (sc scan, ok bool) {
	sc = scan{info: info, last: info.first - 1, chain: info.chain, off: segmentHeader, begin: segmentHeader}
	w := window{f: f, size: info.size}
	for sc.last < lsn {
		head := w.at(sc.off, frameHeader)
		if head == nil || string(head[:4]) != frameMagic || head[4] != frameVersion || head[5] != kindCommit ||
			binary.BigEndian.Uint64(head[8:]) != sc.last+1 || !bytes.Equal(head[32:64], sc.chain[:]) {
			return sc, false
		}
		n := binary.BigEndian.Uint64(head[16:])
		if n > uint64(info.size-sc.off-frameHeader-frameCheck) {
			return sc, false
		}
		end := sc.off + frameHeader + int64(n)
		check := w.at(end, frameCheck)
		if check == nil {
			return sc, false
		}
		sc.last, sc.chain = sc.last+1, Chain(check)
		sc.begin, sc.off = sc.off, min(int64(aligned(int(end+frameCheck))), info.size)
	}
	if sc.last != lsn || sc.off == sc.begin {
		return sc, false
	}
	last := make([]byte, sc.off-sc.begin)
	if n, _ := f.ReadAt(last, sc.begin); n < len(last) {
		return sc, false
	}
	d, err := decodeFrame(last, info.chain)
	if err != nil || d.LSN != lsn || d.check != sc.chain || d.size != len(last) {
		return sc, false
	}
	if n := min(glance, info.size-sc.off); n > 0 {
		if b := w.at(sc.off, n); b == nil || !allZero(b) {
			return sc, false
		}
	}
	return sc, true
}

// A window is a part of a file in memory.
type window struct {
	f    io.ReaderAt
	size int64
	buf  []byte
	off  int64
}

// at gives n bytes at off, until the next call; nil: they cannot be read.
func (w *window) at(off, n int64) []byte {
	if off < w.off || off+n > w.off+int64(len(w.buf)) {
		if off+n > w.size || n > walkWindow {
			return nil
		}
		if w.buf == nil {
			w.buf = make([]byte, walkWindow)
		}
		w.off, w.buf = off, w.buf[:min(walkWindow, w.size-off)]
		if got, _ := w.f.ReadAt(w.buf, off); got < len(w.buf) {
			w.buf = w.buf[:0]
			return nil
		}
	}
	return w.buf[off-w.off:][:n]
}

// scanTail reads the last segment. stopped says that it is as an orderly stop left
// it: then its frames but the last are left for Check, and what is behind for sweep.
func (l *Log) scanTail(info segmentInfo) (sc scan, stopped bool, err error) {
	if l.opts.Stopped > 0 {
		f, err := l.opts.FS.Open(l.path(segmentName(info.number)))
		if err != nil {
			return scan{}, false, err
		}
		sc, ok := walkStopped(f, info, l.opts.Stopped)
		if err := f.Close(); err != nil {
			return scan{}, false, err
		}
		if ok {
			return sc, true, nil
		}
	}
	sc, err = l.scan(info, nil)
	return sc, false, err
}

// openStopped opens the last segment for writing as it is: what an orderly stop
// closed is durable.
func (l *Log) openStopped(sc scan) error {
	f, err := l.opts.FS.OpenRW(l.path(segmentName(sc.info.number)))
	if err != nil {
		return err
	}
	l.file, l.off, l.unread = f, sc.off, sc
	l.end = Position{LSN: sc.last, Chain: sc.chain}
	if sc.off+glance < sc.info.size {
		l.unswept = sc.off + glance
	}
	return nil
}

// Sweep reads what Open left unread behind the last frame, unless an Append has.
// Whole frames there are a DamageError, and the log has failed.
func (l *Log) Sweep() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sweep()
}

// sweep reads what Open left unread behind the last frame. A whole frame there is
// damage, and the log fails: nothing is written over it. Anything else is cut.
// Called with mu held.
func (l *Log) sweep() error {
	seg := l.segments[len(l.segments)-1]
	if l.unswept == 0 || l.failed != nil || l.file == nil {
		return nil
	}
	w := window{f: l.file, size: seg.size}
	for off := l.unswept; off < seg.size; off += walkWindow {
		b := w.at(off, min(walkWindow, seg.size-off))
		if b == nil {
			return l.fail(fmt.Errorf("segment %d cannot be read at %d", seg.number, off))
		}
		if allZero(b) {
			continue
		}
		sc, err := scanSegment(l.file, seg.size, seg, nil)
		if err != nil {
			return l.fail(err)
		}
		if err := checkTail(sc, l.end.LSN); err != nil {
			return l.fail(err)
		}
		if sc.last != l.end.LSN || sc.broken == nil {
			return l.fail(&DamageError{Segment: seg.number, Offset: l.off, What: fmt.Sprintf("frames follow frame %d", l.end.LSN)})
		}
		if err := clearFrom(l.file, sc); err != nil {
			return l.fail(err)
		}
		if err := l.file.Sync(); err != nil {
			return l.fail(err)
		}
		l.cut = sc.dirty - sc.off
		break
	}
	l.unswept = 0
	return nil
}

// Check reads what Open left unread because the log was stopped in an orderly
// way. What it finds wrong is a DamageError; behind the last frame, the log has
// failed then. It may run beside everything else, once.
func (l *Log) Check(ctx context.Context) error {
	if err := l.Sweep(); err != nil {
		return err
	}
	left := l.unread
	if left.begin <= segmentHeader {
		return ctx.Err()
	}
	name := l.path(segmentName(left.info.number))
	f, err := l.opts.FS.Open(name)
	if err != nil {
		return err
	}
	sc, err := l.check(ctx, f, left)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil && (sc.last != left.last || sc.chain != left.chain) {
		err = &DamageError{Segment: left.info.number, Offset: sc.off, What: fmt.Sprintf("frame %d: %v", sc.last+1, sc.broken)}
	}
	return err
}

func (l *Log) check(ctx context.Context, f vfs.File, left scan) (scan, error) {
	return scanSegment(f, left.off, left.info, func(*decoded) error { return ctx.Err() })
}

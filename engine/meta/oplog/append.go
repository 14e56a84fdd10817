package oplog

import (
	"errors"
	"fmt"
	"io/fs"

	"scaidrive/chunkstore/vfs"
)

// keepBuffer is the largest encoding buffer kept between appends, in bytes.
const keepBuffer = 1 << 20

// Append writes f as the next frame and syncs it; f.LSN is set. When it returns
// nil the frame is committed. An error that wraps vfs.ErrNoSpace, or any error
// while Failed is nil, leaves nothing of the frame behind; after another error
// the frame may or may not be found at the next Open, and the log has failed.
func (l *Log) Append(f *Frame) (Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		return Position{}, fmt.Errorf("%w: %w", ErrFailed, l.failed)
	}
	if err := l.sweep(); err != nil {
		return Position{}, err
	}
	if err := l.makeRoom(f.size()); err != nil {
		return Position{}, err
	}
	f.LSN = l.end.LSN + 1
	seg := l.segments[len(l.segments)-1]
	b, check := appendFrame(l.buf[:0], f, kindCommit, l.end.Chain, seg.chain)
	if l.buf = b; cap(b) > keepBuffer {
		l.buf = nil
	}
	if _, err := l.file.WriteAt(b, l.off); err != nil {
		return Position{}, l.takeBack(err, int64(len(b)))
	}
	if err := l.file.Sync(); err != nil {
		return Position{}, l.fail(err)
	}
	l.off += int64(len(b))
	l.end = Position{LSN: f.LSN, Chain: check}
	return l.end, nil
}

// fail makes an error final.
func (l *Log) fail(err error) error {
	l.failed = err
	return fmt.Errorf("%w: %w", ErrFailed, err)
}

// Failed is the error that made the log read-only, or nil.
func (l *Log) Failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// takeBack undoes a write that a full volume refused: what of it may have been
// written must not be found later, since its caller is told that it failed.
func (l *Log) takeBack(err error, n int64) error {
	if !errors.Is(err, vfs.ErrNoSpace) {
		return l.fail(err)
	}
	if _, zerr := l.file.WriteAt(make([]byte, n), l.off); zerr != nil {
		return l.fail(errors.Join(err, zerr))
	}
	if serr := l.file.Sync(); serr != nil {
		return l.fail(serr)
	}
	return err
}

// makeRoom begins a new segment when a frame of n bytes does not fit.
func (l *Log) makeRoom(n int) error {
	seg := l.segments[len(l.segments)-1]
	if l.off+int64(n)+endSize <= seg.size {
		return nil
	}
	old, oldOff := l.file, l.off
	size := max(l.opts.SegmentSize, segmentHeader+int64(n)+endSize)
	if err := l.begin(seg.number+1, size); err != nil {
		return err
	}
	// The frames of the new segment are written only after this mark is durable.
	if err := writeEnd(old, oldOff, l.end.LSN, l.end.Chain, seg.chain); err != nil {
		old.Close()
		return l.fail(err)
	}
	if err := old.Close(); err != nil {
		return l.fail(err)
	}
	return nil
}

// begin makes a segment under a temporary name, whole and synced, and gives it
// its name; on success it is the one written to. An error before the first sync
// leaves the log as it was.
func (l *Log) begin(number uint64, size int64) error {
	f, err := l.takeSpare(size)
	if err != nil {
		return err
	}
	info := segmentInfo{number: number, first: l.end.LSN + 1, chain: l.end.Chain, size: size}
	if _, err := f.WriteAt(encodeSegment(l.opts.Store, info), 0); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return l.fail(err)
	}
	if err := l.opts.FS.Rename(l.path(spareName), l.path(segmentName(number))); err != nil {
		f.Close()
		return l.fail(err)
	}
	if err := l.opts.FS.SyncDir(l.opts.Dir); err != nil {
		f.Close()
		return l.fail(err)
	}
	l.segments = append(l.segments, info)
	l.file, l.off = f, segmentHeader
	return nil
}

// takeSpare gives the prepared file, if it has the size, or makes one.
func (l *Log) takeSpare(size int64) (vfs.File, error) {
	l.spareMu.Lock()
	defer l.spareMu.Unlock()
	if f := l.spare; f != nil {
		l.spare = nil
		if size == l.opts.SegmentSize {
			return f, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	if err := l.removeSpare(); err != nil {
		return nil, err
	}
	return makeFile(l.opts.FS, l.path(spareName), size)
}

// Prepare makes the next segment's file ahead of its need, so that Append does
// not wait for it and a full volume shows before there is no room for a frame.
// It does nothing when there is one.
func (l *Log) Prepare() error {
	if err := l.Failed(); err != nil {
		return fmt.Errorf("%w: %w", ErrFailed, err)
	}
	synced, err := l.prepare()
	if err != nil && synced {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.fail(err)
	}
	return err
}

func (l *Log) prepare() (synced bool, err error) {
	l.spareMu.Lock()
	defer l.spareMu.Unlock()
	if l.spare != nil || l.closed {
		return false, nil
	}
	if err := l.removeSpare(); err != nil {
		return false, err
	}
	f, err := makeFile(l.opts.FS, l.path(spareName), l.opts.SegmentSize)
	if err != nil {
		return false, err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return true, err
	}
	l.spare = f
	return false, nil
}

// Trim removes the segments all of whose frames are numbered at most lsn, the
// oldest first, and reports how many. The last segment stays.
func (l *Log) Trim(lsn uint64) (int, error) {
	n := 0
	for {
		l.mu.Lock()
		if len(l.segments) < 2 || l.segments[1].first > lsn+1 || l.failed != nil {
			l.mu.Unlock()
			return n, nil
		}
		first := l.segments[0]
		l.segments = append([]segmentInfo(nil), l.segments[1:]...)
		l.mu.Unlock()
		err := l.opts.FS.Remove(l.path(segmentName(first.number)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return n, err
		}
		// One at a time: a later one must not vanish before an earlier one.
		if err := l.opts.FS.SyncDir(l.opts.Dir); err != nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			return n, l.fail(err)
		}
		n++
	}
}

// Package oplog is the operation log: numbered frames, each the net after-images
// of one group commit, chained by SHA-256, in preallocated segments. A frame that
// was appended and synced is the commit; everything else in the metadata engine
// is folded from these frames.
//
// Invariants:
//   - frames are numbered without gap from 1 (or from where a log was begun
//     anew), and each carries the check of the one before it;
//   - a frame is in a segment only when the segments before it are closed by an
//     end mark, synced, so that a missing last segment is noticed;
//   - a torn last frame is cut at Open; a broken frame with a whole one behind
//     it, or with a number that the database already has, is damage, and nothing
//     is cut;
//   - after a failed sync nothing is appended any more; a full volume shows when
//     a segment is made and leaves nothing of the frame behind.
//
// It does not know what the writes mean and does not apply them.
package oplog

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"scaidrive/chunkstore/vfs"
)

var (
	// ErrFailed: a write or sync failed before; the log takes nothing more.
	ErrFailed = errors.New("operation log is read-only after a failed write")
	// ErrDiverged: a frame is not the one that the reader's state was folded from.
	ErrDiverged = errors.New("operation log and database do not belong together")
	// ErrMissing: there is no log.
	ErrMissing = errors.New("operation log is missing")
)

// DefaultSegmentSize is the size of a segment in bytes.
const DefaultSegmentSize = 16 << 20

// MinSegmentSize is the smallest size of a segment in bytes.
const MinSegmentSize = 4 << 10

// Options say where a log is.
type Options struct {
	FS          vfs.FS
	Dir         string
	Store       [16]byte
	SegmentSize int64 // 0: DefaultSegmentSize; a larger frame gets a larger one
	// Stopped is the last frame of a log that was closed in an orderly way, with
	// no sync that failed, and whose frames the reader's state has; 0: nobody
	// knows. Then Open reads of the last segment only what it needs and syncs
	// nothing. Check reads the rest; what lies behind the last frame is read
	// before the first Append at the latest.
	Stopped uint64
}

func (o *Options) fill() {
	if o.SegmentSize == 0 {
		o.SegmentSize = DefaultSegmentSize
	}
	o.SegmentSize = max(o.SegmentSize, MinSegmentSize)
}

// A Position is a place between frames: the number and check of the frame
// before it.
type Position struct {
	LSN   uint64
	Chain Chain
}

// Genesis is the position before the first frame of a store.
func Genesis(store [16]byte) Position {
	h := sha256.New()
	h.Write([]byte("scaidrive operation log\x00"))
	h.Write(store[:])
	var p Position
	h.Sum(p.Chain[:0])
	return p
}

// A Log is an open log. Append is called by one goroutine at a time; the other
// methods may run beside it.
type Log struct {
	opts Options

	mu       sync.Mutex
	segments []segmentInfo // in order; the last one is written to
	file     vfs.File      // of the last segment
	off      int64         // where the next frame goes
	end      Position
	failed   error
	cut      int64 // bytes behind the last frame that were no frame and were cut
	unswept  int64 // what lies from here on in the last segment was not read yet; 0: all was

	unread scan // how far Open has not read the frames of the last segment

	buf []byte // Append's own

	spareMu sync.Mutex // taken after mu
	spare   vfs.File   // a prepared file of opts.SegmentSize, or nil
	closed  bool
}

// Create begins a log in a directory that has none, after the given position.
func Create(opts Options, at Position) error {
	opts.fill()
	if err := opts.FS.MkdirAll(opts.Dir); err != nil {
		return err
	}
	numbers, err := list(opts)
	if err != nil {
		return err
	}
	if len(numbers) > 0 {
		return fmt.Errorf("%w: an operation log is there already", fs.ErrExist)
	}
	l := &Log{opts: opts, end: at}
	if err := l.removeSpare(); err != nil {
		return err
	}
	if err := l.begin(1, opts.SegmentSize); err != nil {
		return err
	}
	return l.file.Close()
}

// list gives the numbers of the segments, in order.
func list(opts Options) ([]uint64, error) {
	entries, err := opts.FS.ReadDir(opts.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, err
	}
	var numbers []uint64
	for _, e := range entries {
		if n, ok := parseName(e.Name); ok && !e.Dir {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// Open opens the log for appending. known is the number of a frame that is
// surely durable (the database has it): a log that ends before it is damaged.
// What Open gives is durable.
func Open(opts Options, known uint64) (*Log, error) {
	opts.fill()
	l := &Log{opts: opts}
	if err := l.readHeaders(); err != nil {
		return nil, err
	}
	n := len(l.segments)
	last, stopped, err := l.scanTail(l.segments[n-1])
	if err != nil {
		return nil, err
	}
	if stopped {
		return opened(l, l.openStopped(last))
	}
	if err := checkTail(last, known); err != nil {
		return nil, err
	}
	if last.ended {
		return nil, &DamageError{Segment: last.info.number + 1, What: "the segment is missing"}
	}
	// A segment that is seen may not be durable yet, and the mark that says so
	// must not become durable before it.
	if err := l.opts.FS.SyncDir(l.opts.Dir); err != nil {
		return nil, err
	}
	if n > 1 && last.last < last.info.first {
		if err := l.closeBefore(l.segments[n-2], last.info); err != nil {
			return nil, err
		}
	}
	// A spare that is there is removed by who makes the next one: that takes
	// longer than all of this.
	return opened(l, l.openTail(last))
}

func opened(l *Log, err error) (*Log, error) {
	if err != nil {
		return nil, err
	}
	return l, nil
}

// checkTail tells a torn tail from damage.
func checkTail(sc scan, known uint64) error {
	if sc.broken != nil && sc.after > 0 {
		return &DamageError{Segment: sc.info.number, Offset: sc.off,
			What: fmt.Sprintf("frame %d: %v, and a whole frame stands at offset %d", sc.last+1, sc.broken, sc.after)}
	}
	if sc.last < known {
		what := fmt.Sprintf("the log ends with frame %d, the database has frame %d", sc.last, known)
		if sc.broken != nil {
			what = fmt.Sprintf("frame %d, which the database has: %v", sc.last+1, sc.broken)
		}
		return &DamageError{Segment: sc.info.number, Offset: sc.off, What: what}
	}
	return nil
}

func (l *Log) readHeaders() error {
	numbers, err := list(l.opts)
	if err != nil {
		return err
	}
	if len(numbers) == 0 {
		return ErrMissing
	}
	for i, n := range numbers {
		if want := numbers[0] + uint64(i); n != want {
			return &DamageError{Segment: want, What: "the segment is missing"}
		}
		info, err := l.readHeader(n)
		if err != nil {
			return err
		}
		if i > 0 && info.first < l.segments[i-1].first {
			return &DamageError{Segment: n, What: fmt.Sprintf("begins with frame %d, the one before it with %d", info.first, l.segments[i-1].first)}
		}
		l.segments = append(l.segments, info)
	}
	return nil
}

func (l *Log) readHeader(number uint64) (segmentInfo, error) {
	f, err := l.opts.FS.Open(l.path(segmentName(number)))
	if err != nil {
		return segmentInfo{}, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return segmentInfo{}, err
	}
	if size < segmentHeader {
		return segmentInfo{}, &DamageError{Segment: number, What: fmt.Sprintf("only %d bytes long", size)}
	}
	b := make([]byte, segmentHeader)
	if _, err := f.ReadAt(b, 0); err != nil {
		return segmentInfo{}, err
	}
	info, err := decodeSegment(b, l.opts.Store)
	if err != nil {
		return segmentInfo{}, &DamageError{Segment: number, What: err.Error()}
	}
	if info.number != number {
		return segmentInfo{}, &DamageError{Segment: number, What: fmt.Sprintf("carries the number %d", info.number)}
	}
	if size != info.size {
		return segmentInfo{}, &DamageError{Segment: number, What: fmt.Sprintf("is %d bytes long, not %d", size, info.size)}
	}
	return info, nil
}

func (l *Log) path(name string) string { return l.opts.Dir + "/" + name }

// scan reads one segment from its start.
func (l *Log) scan(info segmentInfo, fn func(*decoded) error) (scan, error) {
	f, err := l.opts.FS.Open(l.path(segmentName(info.number)))
	if err != nil {
		return scan{}, err
	}
	defer f.Close()
	return scanSegment(f, info.size, info, fn)
}

// closeBefore makes sure that the segment before an empty last one has its end
// mark: a crash may have come between the two steps of a rotation.
func (l *Log) closeBefore(info, next segmentInfo) error {
	sc, err := l.scan(info, nil)
	if err != nil {
		return err
	}
	if sc.broken != nil && sc.after > 0 || sc.last+1 != next.first || sc.chain != next.chain {
		return &DamageError{Segment: info.number, Offset: sc.off,
			What: fmt.Sprintf("ends with frame %d, the next segment begins with %d", sc.last, next.first)}
	}
	// Also when the mark is there: see rewrite.
	f, err := l.opts.FS.OpenRW(l.path(segmentName(info.number)))
	if err != nil {
		return err
	}
	err = clearFrom(f, sc)
	if err == nil {
		err = writeEnd(f, sc.off, sc.last, sc.chain, info.chain)
	}
	return errors.Join(err, f.Close())
}

// clearFrom writes zeros over what follows the last whole frame.
func clearFrom(f vfs.File, sc scan) error {
	if sc.broken == nil || sc.dirty <= sc.off {
		return nil
	}
	_, err := f.WriteAt(make([]byte, sc.dirty-sc.off), sc.off)
	return err
}

func writeEnd(f vfs.File, off int64, lsn uint64, prev, seed Chain) error {
	b, _ := appendFrame(nil, &Frame{LSN: lsn}, kindEnd, prev, seed)
	if _, err := f.WriteAt(b, off); err != nil {
		return err
	}
	return f.Sync()
}

// rewrite writes the last frame again, as it is. Its sync may have failed in an
// earlier process: the kernel then shows the bytes, and a later sync succeeds
// without ever writing them.
func rewrite(f vfs.File, sc scan) error {
	b := make([]byte, sc.off-sc.begin)
	if _, err := f.ReadAt(b, sc.begin); err != nil {
		return err
	}
	_, err := f.WriteAt(b, sc.begin)
	return err
}

// openTail opens the last segment for writing, cuts a torn frame and syncs:
// what was read may never have reached the disk.
func (l *Log) openTail(sc scan) error {
	f, err := l.opts.FS.OpenRW(l.path(segmentName(sc.info.number)))
	if err != nil {
		return err
	}
	err = clearFrom(f, sc)
	if err == nil {
		err = rewrite(f, sc)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		f.Close()
		return err
	}
	if sc.broken != nil {
		l.cut = sc.dirty - sc.off
	}
	l.file, l.off = f, sc.off
	l.end = Position{LSN: sc.last, Chain: sc.chain}
	return nil
}

func (l *Log) removeSpare() error {
	if err := l.opts.FS.Remove(l.path(spareName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// End is the position after the last frame.
func (l *Log) End() Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end
}

// Start is the position before the first frame that the log still has.
func (l *Log) Start() Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Position{LSN: l.segments[0].first - 1, Chain: l.segments[0].chain}
}

// Cut is the number of bytes that stood behind the last frame, as a torn frame
// does, and were cut.
func (l *Log) Cut() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

// SizeSince is roughly how many bytes of log follow the frame lsn.
func (l *Log) SizeSince(lsn uint64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.off
	for i, s := range l.segments[:len(l.segments)-1] {
		if l.segments[i+1].first > lsn+1 {
			n += s.size
		}
	}
	return n
}

// Read calls fn for each frame after the position, in order, up to what End was
// when it was called, with the position after it. Another chain value at from
// is ErrDiverged; anything broken on the way is a DamageError. fn's frames are
// valid during the call only.
func (l *Log) Read(ctx context.Context, from Position, fn func(*Frame, Position) error) error {
	l.mu.Lock()
	segments, end := slices.Clone(l.segments), l.end
	l.mu.Unlock()
	if from.LSN > end.LSN || from.LSN+1 < segments[0].first {
		return &DamageError{What: fmt.Sprintf("frames %d to %d, position %d is not among them", segments[0].first, end.LSN, from.LSN)}
	}
	if from.LSN == end.LSN {
		// Open has read the segment, and Append has made what came since.
		if from.Chain != end.Chain {
			return fmt.Errorf("%w: frame %d", ErrDiverged, end.LSN)
		}
		return ctx.Err()
	}
	r := reading{from: from, end: end, fn: fn, ctx: ctx}
	for i, info := range segments {
		if i+1 < len(segments) && segments[i+1].first <= from.LSN {
			continue
		}
		if err := r.segment(l, info, i+1 == len(segments)); err != nil {
			return err
		}
	}
	if r.at.LSN < end.LSN {
		return &DamageError{What: fmt.Sprintf("frames end with %d, not with %d", r.at.LSN, end.LSN)}
	}
	return nil
}

// A reading is one pass over the frames after a position.
type reading struct {
	from, end Position
	at        Position
	fn        func(*Frame, Position) error
	ctx       context.Context
	begun     bool
}

var errDone = errors.New("read to the end")

func (r *reading) segment(l *Log, info segmentInfo, last bool) error {
	if r.begun && (info.first != r.at.LSN+1 || info.chain != r.at.Chain) {
		return &DamageError{Segment: info.number, What: fmt.Sprintf("does not continue frame %d", r.at.LSN)}
	}
	r.begun = true
	if err := r.here(info, Position{LSN: info.first - 1, Chain: info.chain}); err != nil {
		return err
	}
	sc, err := l.scan(info, func(d *decoded) error {
		if d.LSN > r.end.LSN {
			return errDone
		}
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if err := r.here(info, Position{LSN: d.LSN - 1, Chain: d.prev}); err != nil || d.LSN <= r.from.LSN {
			return err
		}
		return r.fn(&d.Frame, Position{LSN: d.LSN, Chain: d.check})
	})
	if err != nil && !errors.Is(err, errDone) {
		return err
	}
	r.at = Position{LSN: sc.last, Chain: sc.chain}
	if sc.broken != nil && sc.last < r.end.LSN {
		return &DamageError{Segment: info.number, Offset: sc.off, What: fmt.Sprintf("frame %d: %v", sc.last+1, sc.broken)}
	}
	if !last && !sc.ended {
		return &DamageError{Segment: info.number, Offset: sc.off, What: "the segment has no end mark"}
	}
	return r.here(info, r.at)
}

// here compares the chain at a position with that where the reading begins.
func (r *reading) here(info segmentInfo, at Position) error {
	if at.LSN == r.from.LSN && at.Chain != r.from.Chain {
		return fmt.Errorf("%w: segment %d, frame %d", ErrDiverged, info.number, at.LSN)
	}
	return nil
}

// Close closes the files. What was appended is durable already.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spareMu.Lock()
	defer l.spareMu.Unlock()
	l.closed = true
	var err error
	if l.spare != nil {
		err = l.spare.Close()
		l.spare = nil
	}
	if l.file != nil {
		err = errors.Join(err, l.file.Close())
		l.file = nil
	}
	return err
}

// Remove removes a closed log that has no frames, so that it can be made anew.
func Remove(opts Options) error {
	numbers, err := list(opts)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if err := opts.FS.Remove(opts.Dir + "/" + segmentName(n)); err != nil {
			return err
		}
	}
	return opts.FS.SyncDir(opts.Dir)
}

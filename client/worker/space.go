package worker

import (
	"fmt"
	"sync"
)

// leaveFree is what downloads leave of a disk, for the records and for others' work.
const leaveFree = 16 << 20

// space shares what is free on the disk among the downloads that are at work, so that
// some become whole where all at once would fill it and none would.
type space struct {
	mu    sync.Mutex
	freed sync.Cond // a download has ended; its mutex is mu
	taken int64     // by downloads that are at work
	short bool      // one had no room since it was last asked
}

func newSpace() *space {
	s := &space{}
	s.freed.L = &s.mu
	return s
}

// A noRoom says that a content has no room on the disk, though no other is on its way.
type noRoom struct{ need, free int64 }

func (e *noRoom) Error() string {
	const mib = 1 << 20
	return fmt.Sprintf("the disk is full: it needs %d MiB and %d MiB are free; make room, then it comes by itself",
		(e.need+leaveFree+mib-1)/mib, max(0, e.free)/mib)
}

// take keeps room for contents until give, as soon as those before have left some. What
// of it is written already counts twice; so nothing is refused before all others have
// ended.
func (f *Folder) take(batch []*fetch) (need int64, err error) {
	for _, g := range batch {
		need += g.file.Size
	}
	s := f.space
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		free, err := f.disk.Room()
		switch {
		case err != nil, free-s.taken >= need+leaveFree: // where it can't be told, it is tried
			s.taken += need
			return need, nil
		case s.taken == 0:
			s.short = true
			return 0, &noRoom{need, free}
		}
		s.freed.Wait()
	}
}

func (f *Folder) give(need int64) {
	s := f.space
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken -= need
	s.freed.Broadcast()
}

// ShortOfRoom reports whether the last round had no room for something on the disk:
// nothing tells when there is some.
func (f *Folder) ShortOfRoom() bool {
	f.space.mu.Lock()
	defer f.space.mu.Unlock()
	return f.space.short
}

// begin begins a round, in which there may be room.
func (s *space) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.short = false
}

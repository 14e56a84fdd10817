package httpd

import (
	"context"
	"encoding/json"
	"sync"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/meta"
)

// maxRendered is how many bytes of frames are kept for a user's other sockets.
const maxRendered = 16 << 10

// rendered is what was rendered for one of a user's sockets, for the others: they are
// woken by the same commits. It holds as long as the database is in the state in which
// it was rendered, and is kept only where nothing that the user may ends by the clock.
type rendered struct {
	mu    sync.Mutex
	state meta.Generation
	size  int
	kept  map[renderedKey]rendering
}

// A renderedKey is what a rendering depends on, beside the user and the state.
type renderedKey struct {
	news  journal.News
	role  engine.AdminRole
	limit int
	page  bool
}

type rendering struct {
	frames [][]byte
	rows   int
}

// render gives the frames of what was committed in a share, at most limit rows of it,
// as the socket's user may see it now.
func (k *socket) render(ctx context.Context, n journal.News, limit int) (frames [][]byte, rows int, err error) {
	r := &k.mine.rendered
	r.mu.Lock() // who wants the same waits for it
	defer r.mu.Unlock()
	if state := k.s.o.Journal.State(); state != r.state {
		r.state, r.size, r.kept = state, 0, nil
	}
	key := renderedKey{n, k.who.Role, limit, k.page}
	if had, ok := r.kept[key]; ok {
		return had.frames, had.rows, nil
	}
	feed, err := k.s.o.Journal.Tell(ctx, k.who, n, limit)
	if err != nil || feed == nil {
		return nil, 0, err
	}
	size := 0
	for _, f := range k.frames(n.Share, feed) {
		b, err := json.Marshal(f)
		if err != nil {
			return nil, 0, err
		}
		frames, size = append(frames, b), size+len(b)
	}
	if feed.Lasts() && r.size+size <= maxRendered {
		if r.kept == nil {
			r.kept = map[renderedKey]rendering{}
		}
		r.size += size
		r.kept[key] = rendering{frames, len(feed.Rows)}
	}
	return frames, len(feed.Rows), nil
}

package journal

import (
	"sync"

	"scaidrive/engine"
)

// hub wakes those who wait for rows of shares.
type hub struct {
	mu      sync.Mutex
	waiting map[place]map[chan<- struct{}]struct{}
}

type place struct {
	tenant engine.TenantNo
	share  engine.ID
}

// rows tells that a share's change log has grown.
func (h *hub) rows(t engine.TenantNo, share engine.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.waiting[place{t, share}] {
		select {
		case ch <- struct{}{}:
		default: // woken already
		}
	}
}

// watch has ch told of a share's rows until the returned function is called. ch
// has room for one.
func (h *hub) watch(t engine.TenantNo, share engine.ID, ch chan<- struct{}) (stop func()) {
	at := place{t, share}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting == nil {
		h.waiting = map[place]map[chan<- struct{}]struct{}{}
	}
	if h.waiting[at] == nil {
		h.waiting[at] = map[chan<- struct{}]struct{}{}
	}
	h.waiting[at][ch] = struct{}{}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if delete(h.waiting[at], ch); len(h.waiting[at]) == 0 {
			delete(h.waiting, at)
		}
	}
}

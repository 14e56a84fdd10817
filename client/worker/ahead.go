package worker

import (
	"context"
	"runtime"
	"sync"

	"scaidrive/client/disk"
	"scaidrive/client/planner"
)

// An Ahead lists a folder and all below while something else is done, for the first
// scan of a [Folder]. It begins with the marker, as a scan does.
type Ahead struct {
	disk  disk.FS
	rules rules

	mu    sync.Mutex
	wake  sync.Cond
	todo  []ahead
	busy  int
	ended bool
	cache map[string]listing
	wg    sync.WaitGroup
}

type ahead struct {
	dir   string
	of    planner.Identity
	depth int
}

// LookAhead begins. It uses the disk until Close returns, or until a scan has taken
// what was listed.
func LookAhead(ctx context.Context, d disk.FS, mark string, ignore []string) *Ahead {
	a := &Ahead{disk: d, rules: newRules(ignore), cache: map[string]listing{}, todo: []ahead{{}}}
	a.wake.L = &a.mu
	stop := context.AfterFunc(ctx, a.end)
	a.wg.Go(func() {
		defer stop()
		if marker(d) != mark {
			a.end()
			return
		}
		var wg sync.WaitGroup
		for range listers() {
			wg.Go(a.work)
		}
		wg.Wait()
	})
	return a
}

// listers is how many list folders at once.
func listers() int { return min(4, runtime.GOMAXPROCS(0)+1) }

// Close ends it.
func (a *Ahead) Close() {
	a.end()
	a.wg.Wait()
}

func (a *Ahead) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	a.wake.Broadcast()
}

// lists waits for the listings. What could not be listed is not among them.
func (a *Ahead) lists() map[string]listing {
	a.wg.Wait()
	return a.cache
}

// work lists one folder after the other until none is left.
func (a *Ahead) work() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		for len(a.todo) == 0 && a.busy > 0 && !a.ended {
			a.wake.Wait()
		}
		if len(a.todo) == 0 || a.ended {
			a.wake.Broadcast()
			return
		}
		next := a.todo[len(a.todo)-1]
		a.todo = a.todo[:len(a.todo)-1]
		a.busy++
		a.mu.Unlock()
		list, err := a.disk.List(next.dir)
		var below []ahead
		for i := range list {
			if e := &list[i]; err == nil && e.Kind == disk.Folder && next.depth < maxDepth && !a.rules.ignored(disk.Normal(e.Name)) {
				below = append(below, ahead{disk.Join(next.dir, e.Name), e.Stamp.Identity, next.depth + 1})
			}
		}
		a.mu.Lock()
		a.busy--
		if err == nil {
			a.cache[next.dir] = listing{next.of, list}
		}
		a.todo = append(a.todo, below...)
		a.wake.Broadcast()
	}
}

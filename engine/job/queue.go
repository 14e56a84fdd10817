package job

import (
	"context"
	"strconv"
	"sync"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

func field(i int, name string) string { return "items." + strconv.Itoa(i) + "." + name }

// A owner is whose turn it is.
type owner struct {
	tenant engine.TenantNo
	user   engine.ID
}

// A line is the jobs of one user that wait, the oldest first. One of them is
// worked on at a time.
type line struct {
	owner
	jobs  []engine.ID
	after time.Time // not before this moment
	busy  bool
}

// queue holds the lines. It is memory only: the records say what is to be done.
type queue struct {
	mu    sync.Mutex
	lines map[owner]*line
	ring  []*line // whose turn is first
	wake  chan struct{}
	tries map[engine.ID]int // how often the next step of a job broke
}

func (q *queue) init() {
	q.lines, q.tries = map[owner]*line{}, map[engine.ID]int{}
	q.wake = make(chan struct{}, 1)
}

// add lets a job wait for its turn. It may be called in a commit's hook.
func (q *queue) add(t engine.TenantNo, user, job engine.ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	who := owner{t, user}
	l := q.lines[who]
	if l == nil {
		l = &line{owner: who}
		q.lines[who] = l
		q.ring = append(q.ring, l)
	}
	for _, id := range l.jobs {
		if id == job {
			return
		}
	}
	l.jobs = append(l.jobs, job)
	q.poke()
}

func (q *queue) poke() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next waits for a user who has work and gives their first job; nil: ctx ended.
func (q *queue) next(ctx context.Context) (*line, engine.ID) {
	for {
		l, job, wait := q.first()
		if l != nil {
			return l, job
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, engine.ID{}
		case <-q.wake:
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil, engine.ID{}
		}
	}
}

func (q *queue) first() (*line, engine.ID, time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	wait := time.Hour
	for i, l := range q.ring {
		if l.busy {
			continue
		}
		if d := time.Until(l.after); d > 0 {
			wait = min(wait, d)
			continue
		}
		l.busy = true
		q.ring = append(append(q.ring[:i:i], q.ring[i+1:]...), l) // their next turn is last
		q.poke()                                                  // there may be another for another worker
		return l, l.jobs[0], 0
	}
	return nil, engine.ID{}, wait
}

// done ends a turn. over: the job needs no more; pause: none before a while.
func (q *queue) done(l *line, job engine.ID, over bool, pause time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l.busy = false
	if pause > 0 {
		l.after = time.Now().Add(pause)
	}
	if over {
		delete(q.tries, job)
		l.jobs = l.jobs[1:]
		if len(l.jobs) == 0 {
			delete(q.lines, l.owner)
			for i := range q.ring {
				if q.ring[i] == l {
					q.ring = append(q.ring[:i], q.ring[i+1:]...)
					break
				}
			}
		}
	}
	q.poke()
}

func (q *queue) tried(job engine.ID) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.tries[job]
}

func (q *queue) setTried(job engine.ID, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n == 0 {
		delete(q.tries, job)
	} else {
		q.tries[job] = n
	}
}

// Run works on the jobs that are not over, those of an earlier process too, and
// removes old ones, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { s.keepClean(ctx) })
	for s.load(ctx) != nil {
		timer := time.NewTimer(s.retry)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
	for range parallel {
		wg.Go(func() {
			for {
				l, id := s.queue.next(ctx)
				if l == nil {
					s.queue.poke() // the other worker ends too
					return
				}
				s.turn(ctx, l, id)
			}
		})
	}
}

// turn makes one step of a job.
func (s *Service) turn(ctx context.Context, l *line, id engine.ID) {
	over, err := s.advance(ctx, l.owner, id)
	s.tell(ctx, l.owner, id)
	var pause time.Duration
	if err != nil && ctx.Err() == nil {
		pause = s.retry
		s.log.Warn("a job could not go on; it is tried again", "job", id.Format(engine.PrefixJob), "err", err)
	}
	s.queue.done(l, id, over && err == nil, pause)
}

// tell tells who watches how far a job is.
func (s *Service) tell(ctx context.Context, who owner, id engine.ID) {
	fn := s.watcher.Load()
	if fn == nil {
		return
	}
	if j, err := s.read(ctx, who, id); err == nil && j != nil {
		(*fn)(&Report{Job: j})
	}
}

// load queues what an earlier process has left, the oldest first.
func (s *Service) load(ctx context.Context) error {
	type one struct {
		owner
		id engine.ID
	}
	var list []one
	err := s.eachJob(ctx, func(t engine.TenantNo, j *engine.Job) {
		if j.State.Open() {
			list = append(list, one{owner{t, j.User}, j.ID})
		}
	})
	for i := len(list) - 1; i >= 0; i-- {
		s.queue.add(list[i].tenant, list[i].user, list[i].id)
	}
	if err != nil && ctx.Err() == nil {
		s.log.Warn("jobs could not be read", "err", err)
	}
	return err
}

// eachJob goes through the jobs of everybody; of a user the open ones first, and
// the newest of them first.
func (s *Service) eachJob(ctx context.Context, fn func(engine.TenantNo, *engine.Job)) error {
	var behind []byte
	for {
		seen := 0
		err := s.db.View(ctx, func(v *meta.View) error {
			return schema.ScanJobs(v, behind, func(k []byte, t engine.TenantNo, j *engine.Job) (bool, error) {
				behind = append(behind[:0], k...)
				seen++
				fn(t, j)
				return seen < recordsAtOnce, nil
			})
		})
		if err != nil || seen < recordsAtOnce {
			return err
		}
	}
}

// Package job does bulk work in the background: moving, copying, deleting,
// restoring, renaming many things, and putting a folder back to a moment. A job
// has progress, can be cancelled between its steps, and what it did can be undone.
//
// A job is a record and a stack of tasks. A step takes tasks from the top, does
// them as the user, with the rights that the user has at this step, and writes
// their effects, what takes them back, the progress and the rest of the stack in
// one commit: a crash neither repeats nor loses a task. A folder that is too large
// for one commit is taken apart: a folder like it is made at the target, and what
// lies in it follows as tasks of their own. An undo is the same the other way
// round: the records of what takes the work back are the tasks.
//
// Invariants:
//   - nothing is done for a user that the user may not do by a call of their own;
//   - a task that is refused is an error of the job and never stops the others;
//   - a user has one job running at a time, and sees none but their own;
//   - at every moment everything lies in exactly one place, and every commit is
//     told by the change log of its share.
//
// It moves no bytes and knows no rules of files and rights: tree and access do.
package job

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
	"scaidrive/engine/transfer"
	"scaidrive/engine/tree"
)

// The bounds of jobs.
const (
	MaxItems  = 10000               // of a job
	MaxOpen   = 100                 // jobs of a user that are not over
	MaxNotes  = 100                 // errors that are kept of a job, and lines of each kind of a plan
	MaxRewind = 200000              // files and folders that changed since the moment
	Keep      = 30 * 24 * time.Hour // of a job after its end; so long it can be undone
)

const (
	stepTasks = 500 // tasks, and things that they write, in one step
	parallel  = 2   // users whose jobs run at the same time
	retry     = 10 * time.Second
	cleanTime = time.Hour
	firstTask = 1 << 32
)

// Options are what a service is made of; all but Log are required.
type Options struct {
	DB       *meta.DB
	Tree     *tree.Service
	Transfer *transfer.Service
	Env      engine.Env
	Log      *slog.Logger // nil: nothing is logged
}

// Service keeps and runs jobs.
type Service struct {
	db       *meta.DB
	tree     *tree.Service
	transfer *transfer.Service
	env      engine.Env
	log      *slog.Logger
	queue    queue
	watcher  atomic.Pointer[func(*Report)]
	step     int // tasks in one step; a test makes it small
	retry    time.Duration
}

// Watch has fn told of a job after each of its steps, once the step is durable, from
// several goroutines. The job is of its user alone. There is one watcher.
func (s *Service) Watch(fn func(*Report)) { s.watcher.Store(&fn) }

// New makes the service. Nothing runs before Run.
func New(o Options) *Service {
	s := &Service{db: o.DB, tree: o.Tree, transfer: o.Transfer, env: o.Env, log: o.Log, step: stepTasks, retry: retry}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.queue.init()
	return s
}

// An Item is one thing that a job is about.
type Item struct {
	ID   engine.ID
	Kind engine.NodeKind
	Name string // new name; of a rename required, of a move or copy possible
}

// A Spec is an order for a job.
type Spec struct {
	Kind   engine.JobKind
	Items  []Item
	Target engine.ID // of a move or copy: a folder, or a share for its root
	// ToShare: Target is a share.
	ToShare bool
	At      time.Time // of a rewind
	DryRun  bool      // of a rewind: only the plan
}

// A Report is a job with what it has to say.
type Report struct {
	*engine.Job
	Notes []*engine.JobNote // by class and number
}

func (sp *Spec) check(now time.Time) error {
	moves := sp.Kind == engine.JobMove || sp.Kind == engine.JobCopy
	rewind := sp.Kind == engine.JobRewind
	switch {
	case sp.Kind < engine.JobMove || sp.Kind > engine.JobRewind:
		return engine.Invalid("kind", "There is no job of this kind")
	case len(sp.Items) == 0 || len(sp.Items) > MaxItems:
		return engine.Invalid("items", "A job has 1 to %d items", MaxItems)
	case rewind && len(sp.Items) != 1:
		return engine.Invalid("items", "A rewind is of one folder or share")
	case moves && sp.Target.IsZero():
		return engine.Invalid("target", "A move or copy needs a target")
	case !moves && !sp.Target.IsZero():
		return engine.Invalid("target", "Only a move or copy has a target")
	case rewind && sp.At.IsZero():
		return engine.Invalid("at", "A rewind needs the moment to go back to")
	case rewind && sp.At.After(now):
		return engine.Invalid("at", "The moment lies in the future")
	case !rewind && !sp.At.IsZero():
		return engine.Invalid("at", "Only a rewind has a moment")
	case !rewind && sp.DryRun:
		return engine.Invalid("dry_run", "Only a rewind can be tried without doing it")
	}
	for i := range sp.Items {
		it := &sp.Items[i]
		switch {
		case sp.Kind == engine.JobRename && it.Name == "":
			return engine.Invalid(field(i, "name"), "A rename needs the new name")
		case sp.Kind != engine.JobRename && !moves && it.Name != "":
			return engine.Invalid(field(i, "name"), "Only a rename, move or copy gives names")
		case rewind && it.Kind != engine.KindFolder:
			return engine.Invalid(field(i, "id"), "A rewind is of a folder or share")
		}
	}
	return nil
}

// Create orders a job. It runs in the background; what becomes of its items is
// told by Get. The target of a move or copy, and the folder of a rewind, are
// checked here already.
func (s *Service) Create(ctx context.Context, p *engine.Principal, spec Spec) (*engine.Job, error) {
	now := s.env.Now()
	if err := spec.check(now); err != nil {
		return nil, err
	}
	var j *engine.Job
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		if err := admit(tx, p, &spec); err != nil {
			return err
		}
		if err := s.room(tx, p); err != nil {
			return err
		}
		j = &engine.Job{
			ID: s.env.NewID(), User: p.User, Kind: spec.Kind, State: engine.JobQueued, DryRun: spec.DryRun,
			Target: spec.Target, TargetIsShare: spec.ToShare, At: spec.At.UTC().Truncate(time.Microsecond), CreatedAt: now,
		}
		if spec.Kind == engine.JobRewind {
			j.Root = spec.Items[0].ID
		} else if err := putItems(tx, p, j, spec.Items); err != nil {
			return err
		}
		tx.OnCommit(func() { s.queue.add(p.Tenant, p.User, j.ID) })
		if err := once.Keep(ctx, tx, once.Made{ID: j.ID}); err != nil {
			return err
		}
		return schema.PutJob(tx, p.Tenant, j)
	})
	return j, err
}

// admit checks what all items have in common.
func admit(r schema.Reader, p *engine.Principal, spec *Spec) error {
	if !spec.Target.IsZero() {
		sub, err := access.Check(r, p, spec.Target, engine.RightCreate)
		if err == nil && (sub.Node.Kind != engine.KindFolder || spec.ToShare && sub.Node.ID != sub.Share.ID) {
			err = access.NotFound()
		}
		return err
	}
	if spec.Kind != engine.JobRewind {
		return nil
	}
	sub, err := access.Check(r, p, spec.Items[0].ID, engine.RightRead)
	switch {
	case err != nil:
		return err
	case sub.Node.Kind != engine.KindFolder:
		return access.NotFound()
	case sub.Node.CreatedAt.After(spec.At):
		return engine.Invalid("at", "The folder did not exist at that moment")
	}
	return nil
}

// room refuses a job too many.
func (s *Service) room(r schema.Reader, p *engine.Principal) error {
	open := 0
	err := schema.ScanUserJobs(r, p.Tenant, p.User, true, func(*engine.Job) (bool, error) {
		open++
		return open < MaxOpen, nil
	})
	if err == nil && open == MaxOpen {
		err = engine.E(engine.KindRateLimited, "There are %d jobs that are not over; wait for some or cancel them", MaxOpen)
	}
	return err
}

// putItems makes the tasks of a job that is not a rewind.
func putItems(w schema.Writer, p *engine.Principal, j *engine.Job, items []Item) error {
	ops := map[engine.JobKind]engine.JobOp{
		engine.JobMove: engine.OpMove, engine.JobCopy: engine.OpCopy, engine.JobDelete: engine.OpTrash,
		engine.JobRestore: engine.OpRestore, engine.JobRename: engine.OpMove,
	}
	for i := range items {
		k := engine.JobTask{
			Seq: firstTask + uint64(i), Op: ops[j.Kind], Node: items[i].ID, Kind: items[i].Kind,
			To: j.Target, Name: items[i].Name,
		}
		if err := schema.PutJobTask(w, p.Tenant, j.ID, &k); err != nil {
			return err
		}
	}
	j.Ready, j.Total = true, uint64(len(items))
	return nil
}

func notFound() error { return access.NotFound() }

// get reads a job of the caller.
func get(r schema.Reader, p *engine.Principal, id engine.ID) (*engine.Job, error) {
	j, err := schema.GetJob(r, p.Tenant, p.User, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, notFound()
	}
	return j, err
}

// Get tells how far a job of the caller is. Another user's is KindNotFound.
func (s *Service) Get(ctx context.Context, p *engine.Principal, id engine.ID) (*Report, error) {
	var out *Report
	err := s.db.View(ctx, func(v *meta.View) error {
		j, err := get(v, p, id)
		if err != nil {
			return err
		}
		out = &Report{Job: j}
		return schema.ScanJobNotes(v, p.Tenant, id, func(n *engine.JobNote) (bool, error) {
			out.Notes = append(out.Notes, n)
			return true, nil
		})
	})
	return out, err
}

// The bounds of List.
const (
	maxPage  = 1000
	maxCount = 4000 // jobs are counted up to here
)

// List gives the caller's jobs, newest first, and how many there are, counted up
// to some thousands.
func (s *Service) List(ctx context.Context, p *engine.Principal, limit, offset int) (jobs []*engine.Job, total int, err error) {
	if limit < 1 || limit > maxPage || offset < 0 {
		return nil, 0, engine.Invalid("limit", "limit is 1 to %d, offset 0 or more", maxPage)
	}
	err = s.db.View(ctx, func(v *meta.View) error {
		jobs, total = nil, 0
		var open []*engine.Job
		err := schema.ScanUserJobs(v, p.Tenant, p.User, true, func(j *engine.Job) (bool, error) {
			open = append(open, j)
			return true, nil
		})
		if err != nil {
			return err
		}
		take := func(j *engine.Job) {
			if total++; total > offset && len(jobs) < limit {
				jobs = append(jobs, j)
			}
		}
		err = schema.ScanUserJobs(v, p.Tenant, p.User, false, func(j *engine.Job) (bool, error) {
			for len(open) > 0 && newer(open[0], j) {
				take(open[0])
				open = open[1:]
			}
			take(j)
			return total < maxCount, nil
		})
		for _, j := range open {
			take(j)
		}
		return err
	})
	return jobs, total, err
}

func newer(a, b *engine.Job) bool {
	for i := range a.ID {
		if a.ID[i] != b.ID[i] {
			return a.ID[i] > b.ID[i]
		}
	}
	return false
}

// Cancel ends a job before its next step. What is done stays and can be undone. A
// job that is over, or is being undone, is KindConflict.
func (s *Service) Cancel(ctx context.Context, p *engine.Principal, id engine.ID) (*engine.Job, error) {
	var j *engine.Job
	err := s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		if j, err = get(tx, p, id); err != nil {
			return err
		}
		if j.State != engine.JobQueued && j.State != engine.JobRunning {
			return engine.E(engine.KindConflict, "The job is over or is being undone")
		}
		s.end(j, engine.JobCancelled)
		if err := once.Keep(ctx, tx, once.Made{ID: id}); err != nil {
			return err
		}
		return schema.PutJob(tx, p.Tenant, j)
	})
	return j, err
}

// end makes a job one that is over.
func (s *Service) end(j *engine.Job, state engine.JobState) {
	j.State, j.EndedAt = state, s.env.Now()
	if state != engine.JobUndone && !j.DryRun {
		j.UndoUntil = j.EndedAt.Add(Keep)
	}
}

// Undo takes back what a job did, in the background. One that is not over or was
// undone already is KindConflict, one whose time is over KindGone.
func (s *Service) Undo(ctx context.Context, p *engine.Principal, id engine.ID) (*engine.Job, error) {
	return s.undo(ctx, p, id, 0)
}

// RestoreGroup brings back what was deleted together: it undoes the job of that
// deletion. Anything else is KindNotFound.
func (s *Service) RestoreGroup(ctx context.Context, p *engine.Principal, id engine.ID) (*engine.Job, error) {
	return s.undo(ctx, p, id, engine.JobDelete)
}

func (s *Service) undo(ctx context.Context, p *engine.Principal, id engine.ID, kind engine.JobKind) (*engine.Job, error) {
	var j *engine.Job
	err := s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		if j, err = get(tx, p, id); err != nil {
			return err
		}
		switch {
		case kind != 0 && j.Kind != kind:
			return notFound()
		case j.State.Open():
			return engine.E(engine.KindConflict, "The job is not over; cancel it first")
		case j.State == engine.JobUndone:
			return engine.E(engine.KindConflict, "The job was undone already")
		case j.DryRun:
			return engine.E(engine.KindConflict, "The job did nothing that could be undone")
		case !s.env.Now().Before(j.UndoUntil):
			return engine.E(engine.KindGone, "The time in which the job could be undone is over")
		}
		if err := s.room(tx, p); err != nil {
			return err
		}
		for i := range min(j.Errors, MaxNotes) {
			if err := schema.DeleteJobNote(tx, p.Tenant, id, engine.NoteError, uint32(i+1)); err != nil {
				return err
			}
		}
		j.State, j.Ready, j.EndedAt = engine.JobUndoing, false, time.Time{}
		j.Done, j.Total, j.Errors = 0, j.Undos, 0
		tx.OnCommit(func() { s.queue.add(p.Tenant, p.User, id) })
		if err := once.Keep(ctx, tx, once.Made{ID: id}); err != nil {
			return err
		}
		return schema.PutJob(tx, p.Tenant, j)
	})
	return j, err
}

// acting gives who a job's next step is done as.
func (s *Service) acting(r schema.Reader, t engine.TenantNo, user engine.ID) (*engine.Principal, error) {
	return identity.Acting(r, t, user, s.env.Now())
}

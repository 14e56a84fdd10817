package job

import (
	"context"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/notice"
	"scaidrive/engine/tree"
)

// advance makes the next step of a job; over: it needs no more.
func (s *Service) advance(ctx context.Context, who owner, id engine.ID) (over bool, err error) {
	j, err := s.read(ctx, who, id)
	if err != nil || j == nil || !j.State.Open() {
		return err == nil, err
	}
	if !j.Ready {
		return s.prepare(ctx, who, j)
	}
	if j.Kind == engine.JobCopy || j.Kind == engine.JobRewind { // the others need no room that lasts
		if err := s.env.CheckRoom(); err != nil {
			return false, err
		}
	}
	limit := s.step
	if s.queue.tried(id) > 0 {
		limit = 1
	}
	prepared, err := s.prepareReverts(ctx, who, j, limit)
	if err != nil {
		return false, err
	}
	err = s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		over, err = s.stepIn(tx, who, id, limit, prepared)
		return err
	})
	return over && err == nil, s.judge(ctx, who, id, err)
}

// read gives a job; nil: it is gone.
func (s *Service) read(ctx context.Context, who owner, id engine.ID) (*engine.Job, error) {
	var j *engine.Job
	err := s.db.View(ctx, func(v *meta.View) (err error) {
		j, err = schema.GetJob(v, who.tenant, who.user, id)
		return err
	})
	if errors.Is(err, schema.ErrNotFound) {
		return nil, nil
	}
	return j, err
}

// judge decides what a broken step means: the next try does one task alone, and
// that task is given up when it breaks again and again.
func (s *Service) judge(ctx context.Context, who owner, id engine.ID, err error) error {
	const patience = 3
	if err == nil || ctx.Err() != nil {
		s.queue.setTried(id, 0)
		return err
	}
	if k := engine.KindOf(err); k == engine.KindUnavailable || k == engine.KindNoSpace {
		return err // it is not the task's fault
	}
	tried := s.queue.tried(id) + 1
	s.queue.setTried(id, tried)
	if tried == 1 {
		return nil
	}
	if tried < patience {
		return err
	}
	s.log.Error("a task of a job is given up", "job", id.Format(engine.PrefixJob), "err", err)
	s.queue.setTried(id, 0)
	return s.db.Update(ctx, func(tx *meta.Tx) error { return s.giveUp(tx, who, id, err) })
}

// giveUp takes the first task of a job away.
func (s *Service) giveUp(tx *meta.Tx, who owner, id engine.ID, cause error) error {
	r, err := s.begin(tx, who, id)
	if err != nil || r == nil {
		return err
	}
	list, undo, err := r.tasks(1)
	if err != nil || len(list) == 0 {
		return err
	}
	if err := r.take(list[0], undo); err != nil {
		return err
	}
	if err := r.refused(list[0].Node, list[0].Kind, cause); err != nil {
		return err
	}
	r.j.Done++
	return schema.PutJob(tx, who.tenant, r.j)
}

// prepareReverts compares, outside of the commit, the contents that the next
// reverts are about.
func (s *Service) prepareReverts(ctx context.Context, who owner, j *engine.Job, limit int) (map[engine.ID]tree.Revert, error) {
	var next []tree.Revert
	var p *engine.Principal
	err := s.db.View(ctx, func(v *meta.View) (err error) {
		if p, err = s.acting(v, who.tenant, who.user); err != nil {
			return nil //nolint:nilerr // the step will say so
		}
		seen := 0
		note := func(k *engine.JobTask) (bool, error) {
			if k.Op == engine.OpRevert {
				next = append(next, tree.Revert{File: k.Node, Version: k.Version})
			}
			seen++
			return seen < limit, nil
		}
		err = schema.ScanJobTasks(v, who.tenant, j.ID, note)
		if err == nil && seen == 0 && j.State == engine.JobUndoing {
			err = schema.ScanJobUndos(v, who.tenant, j.ID, note)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make(map[engine.ID]tree.Revert, len(next))
	for i := range next {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		// What can't be prepared is refused in the step, in the same words.
		if err := s.transfer.PrepareRevert(ctx, p, &next[i]); err == nil {
			out[next[i].File] = next[i]
		}
	}
	return out, nil
}

// A runner makes one step in one mutation.
type runner struct {
	s        *Service
	tx       *meta.Tx
	who      owner
	j        *engine.Job
	p        *engine.Principal
	b        *tree.Batch
	undoing  bool
	prepared map[engine.ID]tree.Revert

	left   int  // of what the step may write
	pushed bool // a task was put on top
}

// begin reads a job for a step; nil: there is nothing to do for it.
func (s *Service) begin(tx *meta.Tx, who owner, id engine.ID) (*runner, error) {
	j, err := schema.GetJob(tx, who.tenant, who.user, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !j.State.Open() || !j.Ready {
		return nil, nil
	}
	return &runner{s: s, tx: tx, who: who, j: j, undoing: j.State == engine.JobUndoing}, nil
}

// stepIn does tasks up to the limit, in the caller's mutation.
func (s *Service) stepIn(tx *meta.Tx, who owner, id engine.ID, limit int, prepared map[engine.ID]tree.Revert) (over bool, err error) {
	r, err := s.begin(tx, who, id)
	if err != nil {
		return false, err
	}
	if r == nil {
		// Cancelled, or its tasks are not there yet.
		j, err := schema.GetJob(tx, who.tenant, who.user, id)
		if err != nil && !errors.Is(err, schema.ErrNotFound) {
			return false, err
		}
		return err != nil || !j.State.Open(), nil
	}
	r.left, r.prepared = limit, prepared
	s.started(r.j)
	if r.p, err = s.acting(tx, who.tenant, who.user); err != nil {
		return r.shutOut(err)
	}
	r.b = s.tree.Batch(tx, r.p)
	list, undo, err := r.tasks(limit)
	if err != nil {
		return false, err
	}
	if len(list) == 0 {
		return true, r.finish()
	}
	for i, k := range list {
		if i > 0 && r.left <= 0 || r.pushed {
			break
		}
		if done, err := r.one(k, undo, i == 0); err != nil {
			return false, err
		} else if !done {
			break
		}
	}
	if err := r.b.Flush(); err != nil {
		return false, err
	}
	return false, schema.PutJob(tx, who.tenant, r.j)
}

func (s *Service) started(j *engine.Job) {
	if j.State == engine.JobQueued {
		j.State = engine.JobRunning
	}
	if j.StartedAt.IsZero() {
		j.StartedAt = s.env.Now()
	}
}

// shutOut ends the job of a user who may not act any more.
func (r *runner) shutOut(err error) (bool, error) {
	if k := engine.KindOf(err); k != engine.KindUnauthorized && k != engine.KindForbidden {
		return false, err
	}
	if err := r.refused(engine.ID{}, 0, err); err != nil {
		return false, err
	}
	if err := r.ended(engine.JobFailed); err != nil {
		return false, err
	}
	return true, schema.PutJob(r.tx, r.who.tenant, r.j)
}

// finish ends a job that has no task left.
func (r *runner) finish() error {
	r.j.Total = r.j.Done
	state := engine.JobDone
	if r.undoing {
		state = engine.JobUndone
	}
	if err := r.ended(state); err != nil {
		return err
	}
	return schema.PutJob(r.tx, r.who.tenant, r.j)
}

// ended ends a job, and has its user told if it did not do all that it was to.
func (r *runner) ended(state engine.JobState) error {
	r.s.end(r.j, state)
	if r.j.DryRun || state != engine.JobFailed && r.j.Errors == 0 {
		return nil
	}
	return notice.Tell(r.tx, r.s.env, r.who.tenant, engine.Notice{Kind: engine.NoticeJobFailed, Subject: r.j.ID, Count: r.j.Errors}, r.who.user)
}

// tasks reads the next ones; undo says that they come from what takes back.
func (r *runner) tasks(limit int) (list []*engine.JobTask, undo bool, err error) {
	collect := func(k *engine.JobTask) (bool, error) {
		list = append(list, k)
		return len(list) < limit, nil
	}
	err = schema.ScanJobTasks(r.tx, r.who.tenant, r.j.ID, collect)
	if err != nil || len(list) > 0 || !r.undoing {
		return list, false, err
	}
	err = schema.ScanJobUndos(r.tx, r.who.tenant, r.j.ID, collect)
	return list, true, err
}

// take removes a task from where it stands.
func (r *runner) take(k *engine.JobTask, undo bool) error {
	if !undo {
		return schema.DeleteJobTask(r.tx, r.who.tenant, r.j.ID, k.Seq)
	}
	r.j.Undos = k.Seq - 1
	if err := schema.DeleteJobUndo(r.tx, r.who.tenant, r.j.ID, k.Seq); err != nil {
		return err
	}
	k.Seq = firstTask
	return nil
}

// one does a task, unless the step has no room for it.
func (r *runner) one(k *engine.JobTask, undo, first bool) (done bool, err error) {
	cost, err := r.cost(k)
	if err != nil {
		return false, err
	}
	if cost > r.left && !first {
		return false, nil
	}
	if err := r.take(k, undo); err != nil {
		return false, err
	}
	r.left -= cost
	parts, err := r.do(k)
	if err != nil {
		if fatal := r.fatal(err); fatal != nil {
			return false, fatal
		}
		if err := r.refused(k.Node, k.Kind, err); err != nil {
			return false, err
		}
	}
	if !parts {
		r.j.Done++
	}
	return true, nil
}

// fatal gives the error with which the mutation must fail, nil for a refusal.
func (r *runner) fatal(err error) error {
	if broken := r.b.Err(); broken != nil {
		return broken
	}
	if errors.Is(err, tree.ErrMoved) {
		return err // it is prepared anew
	}
	switch engine.KindOf(err) {
	case engine.KindInvalid, engine.KindForbidden, engine.KindNotFound, engine.KindConflict, engine.KindGone,
		engine.KindPrecondition, engine.KindTooLarge, engine.KindNoSpace, engine.KindDamaged:
		return nil
	}
	return err
}

// refused notes what could not be done.
func (r *runner) refused(node engine.ID, kind engine.NodeKind, cause error) error {
	r.j.Errors++
	if r.j.Errors > MaxNotes {
		return nil
	}
	n := engine.JobNote{Class: engine.NoteError, Index: uint32(r.j.Errors), Node: node, Kind: kind, Error: engine.KindOf(cause)}
	var e *engine.Error
	if errors.As(cause, &e) && n.Error != engine.KindInternal {
		n.Msg = e.Msg
	}
	return schema.PutJobNote(r.tx, r.who.tenant, r.j.ID, &n)
}

// record keeps what takes back a task that was done.
func (r *runner) record(k engine.JobTask) error {
	if r.undoing {
		return nil
	}
	r.j.Undos++
	k.Seq = r.j.Undos
	return schema.PutJobUndo(r.tx, r.who.tenant, r.j.ID, &k)
}

// push puts a task on top of another one, which stands at its place again.
func (r *runner) push(under *engine.JobTask, k engine.JobTask) error {
	k.Seq = under.Seq - 1
	r.pushed = true
	return schema.PutJobTask(r.tx, r.who.tenant, r.j.ID, &k)
}

package job

import (
	"context"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// prepare brings a job to where its tasks stand there: what an earlier beginning
// has left is cleared away, and the tasks of a rewind are found.
func (s *Service) prepare(ctx context.Context, who owner, j *engine.Job) (over bool, err error) {
	undoing := j.State == engine.JobUndoing
	clean := false
	err = s.db.Update(ctx, func(tx *meta.Tx) error {
		clean = false
		j, err := schema.GetJob(tx, who.tenant, who.user, j.ID)
		if err != nil || j.Ready || !j.State.Open() {
			return err
		}
		left := recordsAtOnce
		if err := clearTasks(tx, who.tenant, j.ID, &left); err != nil || left == 0 {
			return err
		}
		if undoing {
			j.Ready = true
			return schema.PutJob(tx, who.tenant, j)
		}
		if err := clearNotes(tx, who.tenant, j.ID, &left); err != nil || left == 0 {
			return err
		}
		j.Plan, j.Errors, j.Total = engine.JobPlan{}, 0, 0
		s.started(j)
		clean = true
		return schema.PutJob(tx, who.tenant, j)
	})
	if errors.Is(err, schema.ErrNotFound) {
		return true, nil
	}
	if err != nil || undoing || !clean {
		return false, err
	}
	return s.plan(ctx, who, j)
}

// plan finds the tasks of a rewind and writes them down.
func (s *Service) plan(ctx context.Context, who owner, j *engine.Job) (over bool, err error) {
	pl := &planner{s: s, ctx: ctx, who: who, job: j, root: j.Root, at: j.At}
	err = pl.run()
	if refused := s.planRefused(err); refused != nil {
		return true, s.fail(ctx, who, j.ID, refused)
	}
	if err != nil {
		return false, err
	}
	const page = 4000 // tasks in one commit
	for from := 0; ; from += page {
		last := from+page >= len(pl.tasks)
		tasks := pl.tasks[min(from, len(pl.tasks)):min(from+page, len(pl.tasks))]
		on := false
		err := s.db.Update(ctx, func(tx *meta.Tx) error {
			on = false
			j, err := schema.GetJob(tx, who.tenant, who.user, j.ID)
			if errors.Is(err, schema.ErrNotFound) || err == nil && (j.State != engine.JobRunning || j.Ready) {
				return nil // cancelled meanwhile
			}
			if err != nil {
				return err
			}
			on = true
			return s.writePlan(tx, who, j, pl, tasks, from, last)
		})
		if err != nil || !on || last {
			return err == nil && (!on || j.DryRun), err
		}
	}
}

// writePlan writes a page of tasks, with the last one the rest.
func (s *Service) writePlan(tx *meta.Tx, who owner, j *engine.Job, pl *planner, tasks []engine.JobTask, from int, last bool) error {
	for i := range tasks {
		if j.DryRun {
			break
		}
		tasks[i].Seq = firstTask + uint64(from+i)
		if err := schema.PutJobTask(tx, who.tenant, j.ID, &tasks[i]); err != nil {
			return err
		}
	}
	if !last {
		return nil
	}
	for i := range pl.notes {
		if err := schema.PutJobNote(tx, who.tenant, j.ID, &pl.notes[i]); err != nil {
			return err
		}
	}
	j.Plan, j.Errors = pl.counts, pl.errors
	j.Total, j.Ready = uint64(len(pl.tasks)), true
	if j.DryRun {
		j.Done = j.Total
		s.end(j, engine.JobDone)
	}
	return schema.PutJob(tx, who.tenant, j)
}

// planRefused gives the reason for which a rewind can't be done at all, nil for
// other errors.
func (s *Service) planRefused(err error) error {
	if err == nil {
		return nil
	}
	switch engine.KindOf(err) {
	case engine.KindInternal, engine.KindUnavailable, engine.KindNoSpace:
		return nil
	}
	return err
}

// fail ends a job with one error.
func (s *Service) fail(ctx context.Context, who owner, id engine.ID, cause error) error {
	return s.db.Update(ctx, func(tx *meta.Tx) error {
		j, err := schema.GetJob(tx, who.tenant, who.user, id)
		if errors.Is(err, schema.ErrNotFound) || err == nil && !j.State.Open() {
			return nil
		}
		if err != nil {
			return err
		}
		r := runner{s: s, tx: tx, who: who, j: j}
		if err := r.refused(engine.ID{}, 0, cause); err != nil {
			return err
		}
		if err := r.ended(engine.JobFailed); err != nil {
			return err
		}
		return schema.PutJob(tx, who.tenant, j)
	})
}

package job

import (
	"context"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

const recordsAtOnce = 1000 // read in one view, or removed in one commit

// keepClean removes old jobs now and every hour.
func (s *Service) keepClean(ctx context.Context) {
	tick := time.NewTicker(cleanTime)
	defer tick.Stop()
	for {
		if err := s.Expire(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("old jobs could not be removed", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Expire removes the jobs that ended longer than Keep ago.
func (s *Service) Expire(ctx context.Context) error {
	type one struct {
		t engine.TenantNo
		j *engine.Job
	}
	var old []one
	now := s.env.Now()
	err := s.eachJob(ctx, func(t engine.TenantNo, j *engine.Job) {
		if !j.State.Open() && !now.Before(j.EndedAt.Add(Keep)) {
			old = append(old, one{t, j})
		}
	})
	if err != nil {
		return err
	}
	for i := range old {
		for done := false; !done; {
			err := s.db.Update(ctx, func(tx *meta.Tx) error {
				var err error
				done, err = s.forget(tx, old[i].t, old[i].j)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// forget removes as much of an old job as one commit takes.
func (s *Service) forget(tx *meta.Tx, t engine.TenantNo, old *engine.Job) (done bool, err error) {
	j, err := schema.GetJob(tx, t, old.User, old.ID)
	if errors.Is(err, schema.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if j.State.Open() || s.env.Now().Before(j.EndedAt.Add(Keep)) {
		return true, nil // it is being undone
	}
	left := recordsAtOnce
	if err := clearTasks(tx, t, j.ID, &left); err != nil || left == 0 {
		return false, err
	}
	if err := clearUndos(tx, t, j.ID, &left); err != nil || left == 0 {
		return false, err
	}
	if err := clearNotes(tx, t, j.ID, &left); err != nil || left == 0 {
		return false, err
	}
	return true, schema.DeleteJob(tx, t, j)
}

// clearTasks removes tasks of a job, at most *left of them.
func clearTasks(w schema.Writer, t engine.TenantNo, job engine.ID, left *int) error {
	var seqs []uint64
	err := schema.ScanJobTasks(w, t, job, func(k *engine.JobTask) (bool, error) {
		seqs = append(seqs, k.Seq)
		return len(seqs) < *left, nil
	})
	for _, seq := range seqs {
		if err == nil {
			err = schema.DeleteJobTask(w, t, job, seq)
		}
	}
	*left -= len(seqs)
	return err
}

func clearUndos(w schema.Writer, t engine.TenantNo, job engine.ID, left *int) error {
	var seqs []uint64
	err := schema.ScanJobUndos(w, t, job, func(k *engine.JobTask) (bool, error) {
		seqs = append(seqs, k.Seq)
		return len(seqs) < *left, nil
	})
	for _, seq := range seqs {
		if err == nil {
			err = schema.DeleteJobUndo(w, t, job, seq)
		}
	}
	*left -= len(seqs)
	return err
}

func clearNotes(w schema.Writer, t engine.TenantNo, job engine.ID, left *int) error {
	var list []*engine.JobNote
	err := schema.ScanJobNotes(w, t, job, func(n *engine.JobNote) (bool, error) {
		list = append(list, n)
		return len(list) < *left, nil
	})
	for _, n := range list {
		if err == nil {
			err = schema.DeleteJobNote(w, t, job, n.Class, n.Index)
		}
	}
	*left -= len(list)
	return err
}

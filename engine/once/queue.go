package once

import (
	"context"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

const (
	trimStep   = 4   // answers that a new one may cost at most
	expireStep = 500 // that go in one commit of Expire
	checkEvery = time.Hour
)

// A queue is a user's answers in the order of their commits, in a mutation. The
// numbers from First to Seq are there, without a gap.
type queue struct {
	s      *Service
	w      schema.Writer
	tenant engine.TenantNo
	user   engine.ID
	head   *schema.AnswerRef
}

func (s *Service) open(w schema.Writer, t engine.TenantNo, user engine.ID) (*queue, error) {
	head, err := schema.GetAnswerRef(w, t, user, [32]byte{})
	if errors.Is(err, schema.ErrNotFound) {
		head, err = &schema.AnswerRef{First: 1}, nil
	}
	return &queue{s: s, w: w, tenant: t, user: user, head: head}, err
}

// close writes the queue's numbers; an empty queue leaves nothing.
func (q *queue) close() error {
	if q.head.First > q.head.Seq {
		return schema.DeleteAnswerRef(q.w, q.tenant, q.user, [32]byte{})
	}
	return schema.PutAnswerRef(q.w, q.tenant, q.user, [32]byte{}, q.head)
}

// add appends an answer, and removes some that are over or too many.
func (q *queue) add(a *engine.Answer) error {
	q.head.Seq++
	a.Seq = q.head.Seq
	if err := schema.PutAnswer(q.w, q.tenant, a); err != nil {
		return err
	}
	if err := schema.PutAnswerRef(q.w, q.tenant, q.user, a.Request, &schema.AnswerRef{Seq: a.Seq}); err != nil {
		return err
	}
	if _, err := q.trim(trimStep); err != nil {
		return err
	}
	return q.close()
}

// trim removes from the old end, at most so many, and tells how many went.
func (q *queue) trim(most int) (int, error) {
	for n := range most {
		if q.head.First > q.head.Seq {
			return n, nil
		}
		a, err := schema.GetAnswer(q.w, q.tenant, q.user, q.head.First)
		if errors.Is(err, schema.ErrNotFound) {
			err = &engine.Error{Op: "once", Kind: engine.KindDamaged, Msg: "The record of an earlier request is missing"}
		}
		if err != nil {
			return n, err
		}
		if q.head.Seq-q.head.First < MaxAnswers && !q.s.over(a) {
			return n, nil
		}
		if err := q.remove(a); err != nil {
			return n, err
		}
		q.head.First++
	}
	return most, nil
}

// remove removes an answer, and the reference unless it is to a later one.
func (q *queue) remove(a *engine.Answer) error {
	ref, err := schema.GetAnswerRef(q.w, q.tenant, q.user, a.Request)
	if err != nil && !errors.Is(err, schema.ErrNotFound) {
		return err
	}
	if err == nil && ref.Seq == a.Seq {
		if err := schema.DeleteAnswerRef(q.w, q.tenant, q.user, a.Request); err != nil {
			return err
		}
	}
	return schema.DeleteAnswer(q.w, q.tenant, q.user, a.Seq)
}

// Run removes what is over until ctx ends; failed is told what could not be.
func (s *Service) Run(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		if err := s.Expire(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Expire removes the answers of all users that are over.
func (s *Service) Expire(ctx context.Context) error {
	var tenant engine.TenantNo
	var user engine.ID
	for {
		err := s.db.View(ctx, func(v *meta.View) (err error) {
			tenant, user, err = schema.NextAnswerOwner(v, tenant, user)
			return err
		})
		if errors.Is(err, schema.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.expireOf(ctx, tenant, user); err != nil {
			return err
		}
	}
}

// expireOf removes what is over of one user. Where nothing is, nothing is
// written.
func (s *Service) expireOf(ctx context.Context, t engine.TenantNo, user engine.ID) error {
	for gone := expireStep; gone == expireStep; {
		err := s.db.Update(ctx, func(tx *meta.Tx) error {
			q, err := s.open(tx, t, user)
			if err != nil {
				return err
			}
			if gone, err = q.trim(expireStep); err != nil || gone == 0 {
				return err
			}
			return q.close()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

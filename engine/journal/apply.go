package journal

import (
	"context"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer"
)

// Apply takes a batch: changes in order, each atomic, all of them in one durable
// commit. Atomic: any refusal refuses all. What meets another change is settled by
// the batch's strategy.
//
// What is slow is done before the commit: the form of each change, the presence
// and possession of its chunks, manifests. The commit checks rights, names,
// bases, quota and the rights to the sources again, on what it changes. Where it
// comes out only there that two long contents have to be compared, that is done
// and the commit begun again.
func (s *Service) Apply(ctx context.Context, p *engine.Principal, b Batch) (*Result, error) {
	if err := formBatch(&b); err != nil {
		return nil, err
	}
	err := s.db.View(ctx, func(v *meta.View) error {
		sub, _, err := access.LookShare(v, p, b.Share)
		if err == nil && b.Strategy == 0 {
			b.Strategy = sub.Share.Strategy
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.env.CheckRoom(); err != nil {
		return nil, err
	}
	plan, err := s.prepare(ctx, p, &b)
	if err != nil {
		return nil, err
	}
	behind, err := s.catchUp(ctx, p, &b)
	if err != nil {
		return nil, err
	}
	res, err := s.run(ctx, p, func(tx *meta.Tx, known weights) (*round, error) {
		r := newRound(s, tx, p, &b, plan, known)
		r.behind = behind
		return r, r.commit()
	})
	if err == nil && len(res.Conflicts) > 0 {
		s.hub.met(p.Tenant, b.Share)
	}
	return res, err
}

// maxRuns is how often a commit is begun again because contents have to be
// compared.
const maxRuns = 20

// run commits a round, comparing long contents in between as it asks for it.
func (s *Service) run(ctx context.Context, p *engine.Principal, try func(*meta.Tx, weights) (*round, error)) (*Result, error) {
	known := weights{}
	for n := 1; ; n++ {
		var r *round
		err := s.db.Update(ctx, func(tx *meta.Tx) (err error) {
			r, err = try(tx, known)
			return err
		})
		if errors.Is(err, errNothing) {
			err = nil
		}
		if !errors.Is(err, errWeigh) {
			if err != nil {
				return nil, err
			}
			return r.res, nil
		}
		if n == maxRuns {
			return nil, engine.E(engine.KindConflict, "Too much changed meanwhile; try again")
		}
		for _, w := range r.needs {
			if err := known.add(ctx, s.transfer, p, w); err != nil {
				return nil, err
			}
		}
	}
}

// errNothing ends a mutation that has nothing to write; its result stands.
var errNothing = errors.New("nothing to write")

// errWeigh ends a mutation that must be run again once contents are compared.
var errWeigh = errors.New("contents have to be compared")

// weights are the bytes that two contents don't share, by their digests.
type weights map[[2][32]byte]weight

type weight struct{ kept, beyond int64 }

type need struct{ old, next engine.Content }

func (w weights) add(ctx context.Context, t *transfer.Service, p *engine.Principal, n need) error {
	kept, beyond, err := t.Weigh(ctx, p, &n.old, &n.next)
	if err == nil {
		w[[2][32]byte{n.old.Digest, n.next.Digest}] = weight{kept, beyond}
	}
	return err
}

// planned is a change that was looked at before the commit.
type planned struct {
	err     error
	missing [][32]byte // not nil: what err says can be healed by sending something
	list    bool       // the manifest must be sent
	claimed bool       // settled says what its content is
	settled transfer.Settled
}

// prepare checks what can be checked before the commit.
func (s *Service) prepare(ctx context.Context, p *engine.Principal, b *Batch) ([]planned, error) {
	plan := make([]planned, len(b.Changes))
	var claims []transfer.Claim
	var of []int
	for i := range b.Changes {
		c := &b.Changes[i]
		if plan[i].err = form(c); plan[i].err != nil || c.Content == nil {
			continue
		}
		claims = append(claims, claim(c))
		of = append(of, i)
	}
	if len(claims) == 0 {
		return plan, nil
	}
	settled, err := s.transfer.Settle(ctx, p, claims)
	if err != nil {
		return nil, err
	}
	for k, i := range of {
		plan[i] = planned{err: settled[k].Err, missing: settled[k].Missing, claimed: true, settled: settled[k]}
		if settled[k].MissingList {
			plan[i].missing, plan[i].list = [][32]byte{}, true
		}
	}
	return plan, nil
}

// refusal reports whether an error is an answer about one change. What is not,
// ends the whole batch.
func refusal(err error) bool {
	switch engine.KindOf(err) {
	case engine.KindInvalid, engine.KindMalformed, engine.KindForbidden, engine.KindNotFound, engine.KindConflict,
		engine.KindGone, engine.KindPrecondition, engine.KindTooLarge, engine.KindDamaged, engine.KindNoSpace:
		return true
	default:
		return false
	}
}

// revoked reports the chunks of a change whose possession rested on a source that
// the caller may not read any more.
func revoked(r schema.Reader, p *engine.Principal, st *transfer.Settled) [][32]byte {
	for _, file := range st.Relied {
		if _, err := access.Check(r, p, file, engine.RightRead); err != nil {
			return st.Drawn
		}
	}
	return nil
}

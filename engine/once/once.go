// Package once makes a request that is sent again have one effect. A request
// carries a key of its sender's; what came of it is written in the commit of its
// effect, so that either both are there or none, whatever breaks in between.
//
// The wire begins an [Attempt] and puts it into the context of the call. Whoever
// makes the effect calls [Keep] in the same mutation; without an attempt in the
// context that does nothing.
//
// Invariants:
//   - of the requests of a user with one route and key at most one runs at a
//     time, and within Lifetime at most one has an effect;
//   - what failed is not kept: sent again it is tried again;
//   - what is kept is no answer but what it was about: it is rendered again, for
//     who asks and as things are then;
//   - a user has at most MaxAnswers, the oldest go first.
//
// It knows no routes, and hands no secret out a second time: there is none in it.
package once

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// The bounds of what is kept.
const (
	Lifetime   = 24 * time.Hour
	MaxAnswers = 10_000 // of a user
)

// The two ways in which a key can be refused. Both are errors of the engine.
var (
	// ErrRunning: the first request with this key has not ended yet.
	ErrRunning error = engine.E(engine.KindConflict, "A request with this Idempotency-Key is still running")
	// ErrOther: the key belongs to a request that asked for something else.
	ErrOther error = engine.Invalid("Idempotency-Key", "This key was used for another request")
)

// Service keeps the answers of requests. Safe for concurrent use.
type Service struct {
	db  *meta.DB
	env engine.Env

	mu      sync.Mutex
	running map[place]struct{}
}

// New makes the service.
func New(db *meta.DB, env engine.Env) *Service {
	return &Service{db: db, env: env, running: map[place]struct{}{}}
}

// A Request is what a key stands for.
type Request struct {
	Route       string // with its method
	Key         string
	Fingerprint [32]byte // of all that it asks for
	Status      int      // of the answer when it succeeds
}

// A place names a request among all.
type place struct {
	tenant  engine.TenantNo
	user    engine.ID
	request [32]byte
}

// An Attempt is a request under way. End must be called when its outcome is
// known.
type Attempt struct {
	s           *Service
	at          place
	fingerprint [32]byte
	status      uint32
}

// Begin begins a request, or gives what came of it before. A key that belongs to
// another request is ErrOther, one whose request runs now ErrRunning.
func (s *Service) Begin(ctx context.Context, p *engine.Principal, r Request) (*Attempt, *engine.Answer, error) {
	a := &Attempt{
		s: s, fingerprint: r.Fingerprint, status: uint32(r.Status),
		at: place{p.Tenant, p.User, sha256.Sum256([]byte(r.Route + "\x00" + r.Key))},
	}
	if !s.enter(a.at) {
		return nil, nil, ErrRunning
	}
	var before *engine.Answer
	err := s.db.View(ctx, func(v *meta.View) (err error) {
		before, err = s.find(v, a.at)
		return err
	})
	if err == nil && before != nil && before.Fingerprint != r.Fingerprint {
		err = ErrOther
	}
	if err != nil || before != nil {
		a.End()
		return nil, before, err
	}
	return a, nil, nil
}

func (s *Service) enter(at place) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, is := s.running[at]; is {
		return false
	}
	s.running[at] = struct{}{}
	return true
}

// End ends the attempt: its outcome is known. It is called once.
func (a *Attempt) End() {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	delete(a.s.running, a.at)
}

// find reads the answer of a request, nil when there is none or it is over.
func (s *Service) find(r schema.Reader, at place) (*engine.Answer, error) {
	ref, err := schema.GetAnswerRef(r, at.tenant, at.user, at.request)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a, err := schema.GetAnswer(r, at.tenant, at.user, ref.Seq)
	if errors.Is(err, schema.ErrNotFound) || err == nil && a.Request != at.request {
		return nil, &engine.Error{Op: "once", Kind: engine.KindDamaged, Msg: "The record of an earlier request is damaged", Err: err}
	}
	if err != nil || s.over(a) {
		return nil, err
	}
	return a, nil
}

func (s *Service) over(a *engine.Answer) bool { return !s.env.Now().Before(a.At.Add(Lifetime)) }

type attemptKey struct{}

// Context gives the attempt to those who make the effect.
func (a *Attempt) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, attemptKey{}, a)
}

// Made is what an effect was about: what was made, changed or removed, and of a
// file its version. Zero where the answer names nothing.
type Made struct {
	ID        engine.ID
	Version   uint64
	VersionID engine.ID
}

// Node is a file or folder as it was left.
func Node(n *engine.Node) Made {
	return Made{ID: n.ID, Version: n.Version, VersionID: n.VersionID}
}

// Keep writes, in the mutation of an effect, what came of the request whose
// attempt is in ctx; if there is none it does nothing. It is called once in a
// mutation, and by the last mutation of a request that takes several.
func Keep(ctx context.Context, w schema.Writer, made Made) error {
	a, _ := ctx.Value(attemptKey{}).(*Attempt)
	if a == nil {
		return nil
	}
	return a.keep(w, made)
}

func (a *Attempt) keep(w schema.Writer, made Made) error {
	if before, err := a.s.find(w, a.at); err != nil {
		return err
	} else if before != nil {
		return ErrRunning // somebody was faster: this effect is dropped
	}
	q, err := a.s.open(w, a.at.tenant, a.at.user)
	if err != nil {
		return err
	}
	return q.add(&engine.Answer{
		User: a.at.user, Request: a.at.request, Fingerprint: a.fingerprint, Status: a.status, At: a.s.env.Now(),
		ID: made.ID, Version: made.Version, VersionID: made.VersionID,
	})
}

// Package transfer moves bytes in and out: streams into chunks, chunks into
// streams, and what a client needs to send only what is missing.
//
// Invariants:
//   - nothing is visible before all of its bytes are stored and its commit is
//     durable; on any error nothing is;
//   - no byte leaves that the chunk store has not verified, and a stream that
//     met damage never ends as if it were whole;
//   - knowing a hash is not owning the bytes: a chunk counts as present for a
//     caller only for the reasons that Settle names, and never across tenants;
//   - memory does not grow with the length of a file.
//
// It decides no rights (access) and makes no names (tree).
package transfer

import (
	"context"
	"errors"

	"scaidrive/chunkstore"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/tree"
)

// Service moves bytes.
type Service struct {
	db     *meta.DB
	chunks *chunkstore.Store
	tree   *tree.Service
	env    engine.Env

	sent   *possession
	nonces *nonces
	lists  lists
	blocks blocks
	there  tally // chunks that came and were there already

	// OnFalseClaim, when set before the first call, is told of every whole-file
	// hash that a client claimed and a full read has disproved.
	OnFalseClaim func(FalseClaim)
}

// A FalseClaim is a whole-file hash that was not that of the bytes. The record
// has been corrected.
type FalseClaim struct {
	Tenant          engine.TenantNo
	File, VersionID engine.ID
	Version         uint64
	Author          engine.ID // who claimed it
	Claimed, Actual [32]byte
}

// New makes the service. What it remembers, it remembers until it ends.
func New(db *meta.DB, chunks *chunkstore.Store, tree *tree.Service, env engine.Env) *Service {
	return &Service{
		db: db, chunks: chunks, tree: tree, env: env,
		sent: newPossession(possessionEntries), nonces: newNonces(env),
	}
}

func domain(p *engine.Principal) chunkstore.Domain { return chunkstore.Domain(p.TenantID) }

// put stores a chunk of content that the caller was seen to have.
func (s *Service) put(ctx context.Context, p *engine.Principal, c engine.Chunk, data []byte) (stored bool, err error) {
	stored, err = s.chunks.Put(ctx, domain(p), chunkstore.KindData, chunkstore.Hash(c.Hash), data)
	if err != nil {
		return false, storeError(err)
	}
	if !stored {
		s.there.add(p.TenantID)
	}
	s.sent.add(p, c)
	return stored, nil
}

// storeError gives an error of the chunk store its kind.
func storeError(err error) error {
	var bad *chunkstore.DamagedError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, chunkstore.ErrNoSpace):
		return &engine.Error{Kind: engine.KindNoSpace, Msg: "The storage of this server is full", Err: err}
	case errors.Is(err, chunkstore.ErrReadOnly), errors.Is(err, chunkstore.ErrClosed):
		return &engine.Error{Kind: engine.KindUnavailable, Msg: "The server takes no writes now", Err: err}
	case errors.As(err, &bad), errors.Is(err, chunkstore.ErrNotFound):
		return &engine.Error{Kind: engine.KindDamaged, Msg: "Stored data is damaged", Err: err}
	default:
		return err
	}
}

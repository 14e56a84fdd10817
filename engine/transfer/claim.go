package transfer

import (
	"context"
	"errors"
	"fmt"

	"scaidrive/chunkstore"
	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// A Claim is what a client says of a file's bytes without sending them here: the
// list of their chunks, and why it may name them.
type Claim struct {
	Size     int64
	SHA256   [32]byte
	Chunking string
	Chunks   []engine.Chunk
	Patch    []Patch   // in the place of Chunks: against the base version
	List     *[32]byte // in the place of both: the digest of a list that was sent before
	Sources  []Source
	Proofs   map[[32]byte][32]byte

	File engine.ID // of a new version; zero for a new file
	Base engine.ID // of a new version: the version ID it was made from
}

// A Patch is an element of a list of chunks told against an older one: Count
// elements of the older list from First on, or, when Count is 0, a chunk.
type Patch struct {
	First, Count uint32
	Chunk        engine.Chunk
}

// A Source is a version that the caller may read and that holds chunks. Version 0
// is the current one.
type Source struct {
	File    engine.ID
	Version uint64
}

// A Settled claim is a content that may be put into a version, or why not.
type Settled struct {
	Content engine.Content
	Kept    int64 // of a new version: what of the base goes on to count
	// Missing are the chunks that the caller must send, or prove to have. Absent
	// and not possessed look the same.
	Missing [][32]byte
	// MissingList: the list that the claim names must be sent.
	MissingList bool
	Err         error
	// Drawn are the chunks that count as the caller's because they are in a
	// source, Relied the files of those sources: that the caller may read them is
	// checked once more in the commit.
	Drawn  [][32]byte
	Relied []engine.ID
	// Stale: Base is not current, or not there at all; Kept says nothing.
	Stale bool
}

// Settle checks claims: their form, that every chunk is there, and that the
// caller may name it. A chunk counts as present only if it is in the base
// version, in a source that the caller may read, remembered as sent by this user,
// or proven. Lists too long for a version's record are stored as manifests. A
// claim's own troubles stand in its Settled; an error is of the whole.
func (s *Service) Settle(ctx context.Context, p *engine.Principal, claims []Claim) ([]Settled, error) {
	st := settling{s: s, p: p, claims: claims, out: make([]Settled, len(claims)), from: make([]evidence, len(claims))}
	if err := s.db.View(ctx, st.lookUp); err != nil {
		return nil, err
	}
	for i := range claims {
		if st.open(i) {
			st.out[i].Err = st.form(ctx, i)
		}
	}
	if err := st.presence(ctx); err != nil {
		return nil, err
	}
	for i := range claims {
		if !st.open(i) {
			continue
		}
		if err := st.settle(ctx, i); err != nil {
			if k := engine.KindOf(err); k == engine.KindInternal || k == engine.KindUnavailable || k == engine.KindNoSpace {
				return nil, err
			}
			st.out[i].Err = err
		}
	}
	return st.out, nil
}

// settling is the work on one batch of claims.
type settling struct {
	s       *Service
	p       *engine.Principal
	claims  []Claim
	out     []Settled
	from    []evidence
	there   map[[32]byte]bool // chunks that are in the store
	refused int               // proofs that were wrong
	patched int               // chunks that patches made and looked at
}

// evidence is what a claim may draw chunks from.
type evidence struct {
	base    *engine.Version
	sources []*engine.Version
}

// maxWrongProofs is after how many wrong proofs in a batch the rest is not
// looked at: each costs reading a chunk.
const maxWrongProofs = 8

func (st *settling) open(i int) bool { return st.out[i].Err == nil }

// lookUp reads the versions that claims name, where the caller may read them. A
// source out of sight is as good as none.
func (st *settling) lookUp(v *meta.View) error {
	for i := range st.claims {
		c := &st.claims[i]
		if !c.File.IsZero() {
			base, current, err := st.base(v, c)
			if err != nil {
				st.out[i].Err = err
				continue
			}
			st.from[i].base = base
			st.out[i].Stale = !current
		}
		for _, src := range c.Sources {
			ver, err := st.source(v, src)
			switch engine.KindOf(err) {
			case engine.KindNotFound, engine.KindGone:
				if err != nil {
					continue
				}
			default:
			}
			if err != nil {
				return err
			}
			st.from[i].sources = append(st.from[i].sources, ver)
		}
	}
	return nil
}

// base is the version that a new one is made from, nil if there is none, and
// whether it is current. The file may be in the trash: what is edited may have
// been deleted meanwhile.
func (st *settling) base(r schema.Reader, c *Claim) (*engine.Version, bool, error) {
	sub, err := access.Resolve(r, st.p.Tenant, c.File)
	if err != nil {
		return nil, false, err
	}
	have, err := access.Rights(r, st.p, sub)
	if err != nil {
		return nil, false, err
	}
	if sub.Node.Kind != engine.KindFile || have&engine.RightRead == 0 {
		return nil, false, access.NotFound()
	}
	if sub.Node.VersionID == c.Base {
		v, err := tree.CurrentVersion(r, st.p.Tenant, sub.Node)
		return v, true, err
	}
	v, err := tree.VersionByID(r, st.p.Tenant, sub.Node, c.Base)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, false, nil
	}
	return v, false, err
}

func (st *settling) source(r schema.Reader, src Source) (*engine.Version, error) {
	sub, err := access.Check(r, st.p, src.File, engine.RightRead)
	if err != nil {
		return nil, err
	}
	if sub.Node.Kind != engine.KindFile {
		return nil, access.NotFound()
	}
	return tree.Version(r, st.p.Tenant, sub.Node, src.Version)
}

// presence asks the store once for all chunks of all claims.
func (st *settling) presence(ctx context.Context) error {
	st.there = map[[32]byte]bool{}
	var ask []chunkstore.Hash
	for i := range st.claims {
		if !st.open(i) {
			continue
		}
		for _, c := range st.claims[i].Chunks {
			if _, ok := st.there[c.Hash]; !ok {
				st.there[c.Hash] = false
				ask = append(ask, c.Hash)
			}
		}
	}
	has, err := st.s.chunks.Has(ctx, chunkstore.Domain(st.p.TenantID), ask)
	if err != nil {
		return storeError(err)
	}
	for i, h := range ask {
		st.there[h] = has[i]
	}
	return nil
}

// settle decides about one claim whose form is right.
func (st *settling) settle(ctx context.Context, i int) error {
	c, out := &st.claims[i], &st.out[i]
	if c.List != nil {
		return st.settleList(ctx, i)
	}
	need, err := st.needs(i)
	if err != nil {
		return err
	}
	if err := st.drawFromVersions(ctx, i, need); err != nil {
		return err
	}
	if err := st.drawFromProofs(ctx, c, need); err != nil {
		return err
	}
	if len(need) > 0 {
		out.Missing = missing(c.Chunks, need)
		return engine.E(engine.KindConflict, "%d chunks are missing", len(out.Missing))
	}
	content, err := st.s.content(ctx, st.p, c.Chunking, c.Chunks)
	if err != nil {
		return err
	}
	out.Content = claimedHash(content, c)
	if base := st.from[i].base; base != nil && !out.Stale {
		out.Kept, err = st.s.kept(ctx, st.p, base, c.Chunks)
	}
	return err
}

// settleList ends a claim that names a list: whose its chunks are was found out as
// they came.
func (st *settling) settleList(ctx context.Context, i int) (err error) {
	base, out := st.from[i].base, &st.out[i]
	if base != nil && !out.Stale {
		out.Kept, err = st.s.Kept(ctx, st.p, base, &out.Content)
	}
	return err
}

// needs are the chunks of a claim that are not known to be the caller's.
func (st *settling) needs(i int) (map[[32]byte]uint32, error) {
	c := &st.claims[i]
	need := map[[32]byte]uint32{}
	for k := range c.Chunks {
		ch := &c.Chunks[k]
		if size, ok := st.s.sent.has(st.p, ch.Hash); !ok || !st.there[ch.Hash] {
			need[ch.Hash] = ch.Size
		} else if size != ch.Size {
			return nil, wrongSize(k)
		}
	}
	return need, nil
}

func wrongSize(k int) error {
	return engine.Invalid(fmt.Sprintf("content.chunks.%d.size", k), "The chunk has another length")
}

// missing lists what is needed in the order of the content, each once.
func missing(chunks []engine.Chunk, need map[[32]byte]uint32) [][32]byte {
	list := make([][32]byte, 0, len(need))
	for i := range chunks {
		if _, ok := need[chunks[i].Hash]; ok {
			list = append(list, chunks[i].Hash)
			delete(need, chunks[i].Hash)
		}
	}
	return list
}

// drawFromVersions takes out of need what the base and the sources have.
func (st *settling) drawFromVersions(ctx context.Context, i int, need map[[32]byte]uint32) error {
	out := &st.out[i]
	draw := func(v *engine.Version, took func(hash [32]byte)) error {
		if len(need) == 0 {
			return nil
		}
		return st.s.eachChunk(ctx, st.p, v, func(c engine.Chunk) bool {
			if size, ok := need[c.Hash]; ok && size == c.Size && st.there[c.Hash] {
				delete(need, c.Hash)
				took(c.Hash)
			}
			return len(need) > 0
		})
	}
	if base := st.from[i].base; base != nil {
		if err := draw(base, func([32]byte) {}); err != nil {
			return err
		}
	}
	for _, v := range st.from[i].sources {
		before := len(out.Drawn)
		if err := draw(v, func(h [32]byte) { out.Drawn = append(out.Drawn, h) }); err != nil {
			return err
		}
		if len(out.Drawn) > before {
			out.Relied = append(out.Relied, v.File)
		}
	}
	return nil
}

// drawFromProofs takes out of need what the caller proves to have.
func (st *settling) drawFromProofs(ctx context.Context, c *Claim, need map[[32]byte]uint32) error {
	if len(c.Proofs) == 0 {
		return nil
	}
	var buf []byte
	for hash, size := range need {
		proof, ok := c.Proofs[hash]
		if !ok || !st.there[hash] || st.refused >= maxWrongProofs {
			continue
		}
		data, err := st.s.chunks.Get(ctx, chunkstore.Domain(st.p.TenantID), hash, size, buf)
		var bad *chunkstore.DamagedError
		if errors.Is(err, chunkstore.ErrNotFound) || errors.As(err, &bad) {
			continue // a damaged chunk is healed by sending it
		}
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			st.refused++ // of another length, for one
			continue
		}
		buf = data[:0]
		if !st.s.nonces.proves(st.p, data, proof) {
			st.refused++
			continue
		}
		st.s.sent.add(st.p, engine.Chunk{Hash: hash, Size: size})
		delete(need, hash)
	}
	return nil
}

// claimedHash puts the whole-file hash into a content: as claimed, or as verified
// where the list of chunks says it already.
func claimedHash(content engine.Content, c *Claim) engine.Content {
	content.SHA256, content.HashState = c.SHA256, engine.HashClaimed
	if len(c.Chunks) <= 1 { // form compared it
		content.HashState = engine.HashVerified
	}
	return content
}

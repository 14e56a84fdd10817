package transfer

import (
	"context"
	"sync"

	"scaidrive/chunkstore/split"
	"scaidrive/engine"
)

// The bounds of lists that come in pieces.
const (
	MaxPieceBytes = 8 << 20 // of a piece, with its proofs
	maxLists      = 64      // of all users
	maxUserLists  = 8
)

// A Piece is a stretch of a list of chunks that is too long for the change that
// names it, and goes up before it.
type Piece struct {
	Share    engine.ID
	List     [32]byte // the list's digest, by which it is named
	Chunking string   // empty: the server's own
	Total    uint32   // chunks of the whole list
	First    uint32   // number of the first one here
	Chunks   []engine.Chunk
	Proofs   map[[32]byte][32]byte

	// File and Base name a version that the list may draw from, as the base of a
	// change does. Then only a change of that file can name the list.
	File engine.ID
	Base engine.ID
}

// ListState is how far a list has come.
type ListState struct {
	Received uint32 // the next piece begins here
	// Missing are the chunks of the piece that the caller must send, or prove to
	// have, before it is taken.
	Missing [][32]byte
}

// lists remembers the lists that users are sending or have sent. They live in
// memory and are written to the store as they come, so one costs little whatever
// its length. The one that was not used for the longest time makes way; who finds a
// list gone sends it again.
type lists struct {
	mu   sync.Mutex
	open map[listName]*openList
	uses uint64
}

type listName struct {
	tenant engine.TenantNo
	user   engine.ID
	list   [32]byte
}

type openList struct {
	used uint64 // of lists.uses; guarded by lists.mu

	mu       sync.Mutex
	list     *list
	set      split.Set
	total    uint32
	received uint32
	size     int64
	drew     engine.ID // the file from whose version it has chunks; zero: none
	content  *engine.Content
	broken   bool // an error left it half done
}

// get finds a list, or begins it with make.
func (l *lists) get(name listName, begin func() *openList) *openList {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.uses++
	o := l.open[name]
	if o == nil && begin != nil {
		if l.open == nil {
			l.open = map[listName]*openList{}
		}
		l.makeRoom(name)
		o = begin()
		l.open[name] = o
	}
	if o != nil {
		o.used = l.uses
	}
	return o
}

// makeRoom drops the lists that were not used for the longest time.
func (l *lists) makeRoom(name listName) {
	for {
		var oldest, mine listName
		n := 0
		for k, o := range l.open {
			if oldest == (listName{}) || o.used < l.open[oldest].used {
				oldest = k
			}
			if k.tenant == name.tenant && k.user == name.user {
				if n++; mine == (listName{}) || o.used < l.open[mine].used {
					mine = k
				}
			}
		}
		switch {
		case n >= maxUserLists:
			delete(l.open, mine)
		case len(l.open) >= maxLists:
			delete(l.open, oldest)
		default:
			return
		}
	}
}

func (l *lists) drop(name listName, o *openList) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[name] == o {
		delete(l.open, name)
	}
}

// PutPiece takes a piece of a list: whole, if the caller has its chunks as Settle
// wants it, and if it begins where the list ends so far. What was received before
// is passed over; a piece further on changes nothing: Received tells where to go
// on. The last piece must give the list the digest by which it was named. The
// caller may bring content into the share, as for sending chunks.
func (s *Service) PutPiece(ctx context.Context, p *engine.Principal, in *Piece) (*ListState, error) {
	if in.Total == 0 || uint64(in.First)+uint64(len(in.Chunks)) > uint64(in.Total) {
		return nil, engine.Invalid("total", "The piece ends behind the list's end")
	}
	set, err := split.ByName(in.Chunking)
	if in.Chunking == "" {
		set, err = split.Default(), nil
	}
	if err != nil {
		return nil, engine.Invalid("chunking", "The chunking set %q is not known", in.Chunking)
	}
	if err := s.mayBring(ctx, p, in.Share); err != nil {
		return nil, err
	}
	if err := s.env.CheckRoom(); err != nil {
		return nil, err
	}
	name := listName{p.Tenant, p.User, in.List}
	o := s.lists.get(name, func() *openList {
		return &openList{list: s.newList(p, set.Name), set: set, total: in.Total}
	})
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.total != in.Total || o.set.Name != set.Name {
		return nil, engine.Invalid("total", "The list was begun with %d chunks of the set %s", o.total, o.set.Name)
	}
	skip := int64(o.received) - int64(in.First)
	if o.broken || skip < 0 || skip >= int64(len(in.Chunks)) {
		if o.broken {
			s.lists.drop(name, o)
			return &ListState{}, nil
		}
		return &ListState{Received: o.received}, nil
	}
	chunks := in.Chunks[skip:]
	for k := range chunks {
		at := o.received + uint32(k)
		if err := set.Check(int64(chunks[k].Size), at == o.total-1); err != nil {
			return nil, engine.Invalid("body", "Chunk %d: %v", at, err)
		}
	}
	missing, drew, err := s.lacks(ctx, p, in, chunks)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return &ListState{Received: o.received, Missing: missing}, nil
	}
	if err := s.take(ctx, o, chunks); err != nil {
		o.broken = true
		return nil, err
	}
	if drew {
		o.drew = in.File
	}
	if o.content != nil && o.content.Digest != in.List {
		s.lists.drop(name, o)
		return nil, engine.Invalid("sha256", "The list has another digest than its name")
	}
	return &ListState{Received: o.received}, nil
}

// take adds chunks to a list, and ends it with the last.
func (s *Service) take(ctx context.Context, o *openList, chunks []engine.Chunk) error {
	for _, c := range chunks {
		if err := o.list.add(ctx, c); err != nil {
			return err
		}
		o.received++
		o.size += int64(c.Size)
	}
	if o.received < o.total {
		return nil
	}
	content, err := o.list.finish(ctx)
	o.content, o.list = &content, nil
	return err
}

// lacks tells which chunks the caller must send or prove, and whether some of them
// are the caller's because the base has them.
func (s *Service) lacks(ctx context.Context, p *engine.Principal, in *Piece, chunks []engine.Chunk) (missing [][32]byte, drew bool, err error) {
	claim := Claim{Chunks: chunks, Proofs: in.Proofs, File: in.File, Base: in.Base}
	st := settling{s: s, p: p, claims: []Claim{claim}, out: make([]Settled, 1), from: make([]evidence, 1)}
	if err := s.db.View(ctx, st.lookUp); err != nil {
		return nil, false, err
	}
	if err := st.out[0].Err; err != nil {
		return nil, false, err
	}
	if err := st.presence(ctx); err != nil {
		return nil, false, err
	}
	need, err := st.needs(0)
	if err != nil {
		return nil, false, err
	}
	before := len(need)
	if err := st.drawFromVersions(ctx, 0, need); err != nil {
		return nil, false, err
	}
	drew = len(need) < before
	if err := st.drawFromProofs(ctx, &st.claims[0], need); err != nil {
		return nil, false, err
	}
	return listMissing(chunks, need), drew, nil
}

func listMissing(chunks []engine.Chunk, need map[[32]byte]uint32) [][32]byte {
	if len(need) == 0 {
		return nil
	}
	return missing(chunks, need)
}

// fromList gives a claim the content of a list that was sent before.
func (st *settling) fromList(i int) error {
	c, out := &st.claims[i], &st.out[i]
	if c.Chunks != nil || c.Patch != nil {
		return engine.Invalid("content.manifest", "A content is told by chunks, by a patch or by a manifest")
	}
	o := st.s.lists.get(listName{st.p.Tenant, st.p.User, *c.List}, nil)
	if o == nil {
		out.MissingList = true
		return engine.E(engine.KindConflict, "The manifest is not here, or not any more")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.content == nil:
		out.MissingList = true
		return engine.E(engine.KindConflict, "The manifest is not here whole")
	case o.set.Name != c.Chunking:
		return engine.Invalid("content.chunking", "The manifest is of the chunking set %s", o.set.Name)
	case o.size != c.Size:
		return engine.Invalid("content.size", "The chunks have %d bytes together, not %d", o.size, c.Size)
	case !o.drew.IsZero() && o.drew != c.File:
		return engine.Invalid("content.manifest", "The manifest has chunks of another file's version")
	case o.content.Count == 1 && o.content.Inline[0].Hash != c.SHA256:
		return engine.Invalid("content.checksum_sha256", "The hash is not that of the chunks")
	}
	out.Content = *o.content
	out.Content.SHA256, out.Content.HashState = c.SHA256, engine.HashClaimed
	if o.content.Count == 1 {
		out.Content.HashState = engine.HashVerified
	}
	return nil
}

// A ManifestPage is a stretch of a version's chunks.
type ManifestPage struct {
	Chunks []engine.Chunk
	Next   uint32 // number of the chunk behind it; 0: there is none
}

// ManifestPage lists a version's chunks from one on, at most limit of them.
func (o *Opened) ManifestPage(ctx context.Context, first uint32, limit int) (*ManifestPage, error) {
	c := &o.Version.Content
	if first > c.Count {
		return nil, engine.Invalid("first", "The version has %d chunks", c.Count)
	}
	out := &ManifestPage{Chunks: make([]engine.Chunk, 0, min(limit, int(c.Count-first)))}
	err := o.s.chunksFrom(ctx, o.p, c, first, func(ch engine.Chunk) bool {
		out.Chunks = append(out.Chunks, ch)
		return len(out.Chunks) < limit
	})
	if err != nil {
		return nil, o.damaged(err)
	}
	if next := uint64(first) + uint64(len(out.Chunks)); next < uint64(c.Count) {
		out.Next = uint32(next)
	}
	return out, nil
}

package httpd

import (
	"encoding/hex"
	"fmt"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/transfer"
	"scaidrive/httpd/wire"
)

// maxChanges is the longest batch.
const maxChanges = 1000

// applyChanges takes a batch. What breaks the schema refuses the whole call;
// what a change does wrong is told in its own place of the answer.
func applyChanges(c *call) error {
	var in wire.Apply
	if err := c.decode(&in, true); err != nil {
		return err
	}
	b, err := batchOf(&in)
	if err != nil {
		return err
	}
	if in.BaseCursor != nil {
		if b.BaseSeq, err = c.s.o.Journal.Position(c.ctx, c.who, b.Share, *in.BaseCursor, in.Epoch); err != nil {
			return err
		}
		b.Based = true
	}
	res, err := c.s.o.Journal.Apply(c.ctx, c.who, b)
	if err != nil {
		return err
	}
	out := wire.ApplyResult{
		Applied: make([]wire.Applied, len(res.Applied)), Conflicts: make([]wire.ApplyConflict, len(res.Conflicts)),
		Errors: make([]wire.ApplyError, len(res.Errors)),
		Cursor: c.s.o.Journal.Cursor(res.Seq), Epoch: journal.KeepStanding(res.Epoch, in.Epoch), Rows: int64(res.Rows),
	}
	for i, a := range res.Applied {
		out.Applied[i] = wire.Applied{Index: a.Index, ClientRef: a.ClientRef, Resource: locatedEntry(a.Node)}
		if !a.Change.IsZero() {
			out.Applied[i].ChangeID = a.Change.Format(engine.PrefixChange)
		}
	}
	for i, m := range res.Conflicts {
		met := wire.ApplyConflict{Index: m.Index, ClientRef: m.ClientRef, Conflict: wireConflict(c.who.TenantID, m.Conflict, m.Node)}
		if m.Node != nil {
			entry := locatedEntry(m.Node)
			met.Resource = &entry
		}
		out.Conflicts[i] = met
		c.s.sockets.send(c.who.User, wire.Frame{EventType: "conflict", ShareID: in.ShareID, Data: met.Conflict},
			func(k *socket) bool { return k.page && k.takes(b.Share) })
	}
	for i, r := range res.Errors {
		ans := answerTo(r.Err, "body")
		e := wire.ApplyError{
			Index: r.Index, ClientRef: r.ClientRef, Status: ans.status, Detail: ans.problem.String(),
			MissingChunks: wireHashes(r.Missing), MissingManifest: r.MissingList,
		}
		if r.Node != nil {
			entry := locatedEntry(r.Node)
			e.Resource = &entry
		}
		out.Errors[i] = e
	}
	return c.json(200, out)
}

func batchOf(in *wire.Apply) (journal.Batch, error) {
	share, err := bodyID(engine.PrefixShare, in.ShareID, "share_id")
	if err != nil {
		return journal.Batch{}, err
	}
	strategy, ok := strategyNamed(in.ConflictResolution)
	if !ok {
		return journal.Batch{}, badField("literal_error", "Input should be one of LAST_WRITER_WINS, KEEP_BOTH, MANUAL, SERVER_WINS, CLIENT_WINS", "body", "conflict_resolution")
	}
	if len(in.Changes) > maxChanges {
		return journal.Batch{}, badField("too_long", fmt.Sprintf("List should have at most %d items", maxChanges), "body", "changes")
	}
	b := journal.Batch{DeviceID: in.DeviceID, Share: share, Strategy: strategy, RoundID: in.RoundID, Atomic: in.Atomic, Changes: make([]journal.Change, len(in.Changes))}
	if in.ClientNow != nil {
		b.ClientNow = in.ClientNow.Time
	}
	for i := range in.Changes {
		r := changeReader{in: &in.Changes[i], index: i, share: share}
		b.Changes[i] = r.change()
		if r.err != nil {
			return journal.Batch{}, r.err
		}
	}
	return b, nil
}

// A changeReader turns one change of the wire into the engine's, and keeps the
// first thing that is wrong with it.
type changeReader struct {
	in    *wire.Change
	index int
	share engine.ID
	err   error
}

func (r *changeReader) wrong(msg string, loc ...any) {
	if r.err == nil {
		r.err = badField("value_error", "Value error, "+msg, append([]any{"body", "changes", r.index}, loc...)...)
	}
}

func (r *changeReader) id(prefix, text, field string) engine.ID {
	if text == "" {
		return engine.ID{}
	}
	id, err := engine.ParseID(prefix, text)
	if err != nil {
		r.wrong(err.Error(), field)
	}
	return id
}

func (r *changeReader) change() journal.Change {
	in := r.in
	c := journal.Change{ClientRef: in.ClientRef, Path: in.Path, Name: in.Name}
	prefix := engine.PrefixFile
	switch in.ResourceType {
	case wire.TypeFile:
		c.Resource = engine.ResourceFile
	case wire.TypeFolder:
		c.Resource, prefix = engine.ResourceFolder, engine.PrefixFolder
	default:
		r.wrong("resource_type is file or folder", "resource_type")
	}
	switch in.ChangeType {
	case wire.ChangeCreated:
		c.Kind = engine.ChangeCreated
	case wire.ChangeUpdated:
		c.Kind = engine.ChangeUpdated
	case wire.ChangeDeleted:
		c.Kind = engine.ChangeDeleted
	case wire.ChangeMoved:
		c.Kind = engine.ChangeMoved
	case wire.ChangeRenamed:
		c.Kind = engine.ChangeRenamed
	default:
		r.wrong("change_type is created, updated, deleted, moved or renamed", "change_type")
	}
	c.ResourceID = r.id(prefix, in.ResourceID, "resource_id")
	if in.BaseParentID != "" {
		parent, err := parentOf(r.share, in.BaseParentID, "changes", r.index, "base_parent_id")
		if err != nil && r.err == nil {
			r.err = err
		}
		c.BaseParent = parent
	}
	c.BaseName = in.BaseName
	if in.SeenAt != nil {
		c.SeenAt = in.SeenAt.Time
	}
	if in.ParentID != "" || in.Path == "" && (in.ChangeType == wire.ChangeCreated || in.ChangeType == wire.ChangeMoved) {
		parent, err := parentOf(r.share, in.ParentID, "changes", r.index, "parent_id")
		if err != nil && r.err == nil {
			r.err = err
		}
		c.ParentID = parent
	}
	if in.BaseVersion != "" && in.VersionID != "" && in.BaseVersion != in.VersionID {
		r.wrong("base_version_id and its alias version_id differ", "version_id")
	}
	c.Base = r.id(engine.PrefixVersion, in.BaseVersion, "base_version_id")
	if in.BaseVersion == "" {
		c.Base = r.id(engine.PrefixVersion, in.VersionID, "version_id")
	}
	if in.ModifiedAt != nil {
		c.ModifiedAt = in.ModifiedAt.Time
	}
	if in.Attributes != nil {
		c.Executable = in.Attributes.Executable
	}
	if in.Content != nil {
		c.Content = r.content(in.Content)
	}
	return c
}

func (r *changeReader) content(in *wire.Content) *journal.Content {
	out := &journal.Content{Size: in.Size, SHA256: in.ChecksumSHA256, Chunking: in.Chunking}
	if in.Size < 0 {
		r.wrong("a size is not negative", "content", "size")
	}
	if in.Chunks != nil && in.Patch != nil {
		r.wrong("chunks and patch exclude each other", "content", "patch")
	}
	if in.Manifest != nil {
		if in.Chunks != nil || in.Patch != nil {
			r.wrong("manifest excludes chunks and patch", "content", "manifest")
		}
		out.List = (*[32]byte)(in.Manifest)
	}
	if in.Chunks != nil {
		out.Chunks = make([]engine.Chunk, len(in.Chunks))
		for i, ch := range in.Chunks {
			out.Chunks[i] = engine.Chunk{Hash: ch.SHA256, Size: ch.Size}
		}
	}
	if in.Patch != nil {
		out.Patch = make([]transfer.Patch, len(in.Patch))
		for i, p := range in.Patch {
			out.Patch[i] = r.patch(i, p)
		}
	}
	for i, src := range in.Sources {
		id, err := engine.ParseID(engine.PrefixFile, src.FileID)
		if err != nil {
			r.wrong(err.Error(), "content", "sources", i, "file_id")
		}
		out.Sources = append(out.Sources, journal.Source{File: id, Version: src.Version})
	}
	if in.Proofs != nil {
		out.Proofs = make(map[[32]byte][32]byte, len(in.Proofs))
	}
	for text, proof := range in.Proofs {
		var hash wire.Hash
		if err := hash.UnmarshalText([]byte(text)); err != nil || text != hex.EncodeToString(hash[:]) {
			r.wrong("a proof's name is a SHA-256 of 64 lower-case hex digits", "content", "proofs", text)
		}
		out.Proofs[hash] = proof
	}
	return out
}

func (r *changeReader) patch(i int, p wire.PatchItem) transfer.Patch {
	switch {
	case p.Keep != nil && p.SHA256 == nil && len(p.Keep) == 2 && p.Keep[1] > 0:
		return transfer.Patch{First: p.Keep[0], Count: p.Keep[1]}
	case p.Keep == nil && p.SHA256 != nil:
		return transfer.Patch{Chunk: engine.Chunk{Hash: *p.SHA256, Size: p.Size}}
	}
	r.wrong("an item is either keep: [first, count] with a count above 0, or sha256 and size", "content", "patch", i)
	return transfer.Patch{}
}

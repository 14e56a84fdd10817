package httpd

import (
	"encoding/base64"
	"encoding/binary"

	"scaidrive/engine"
	"scaidrive/engine/transfer"
	"scaidrive/httpd/wire"
)

// maxWholeManifest is how many chunks are told in one answer to who asks for all:
// contents of about 64 GB.
const maxWholeManifest = 500_000

// putManifest takes a piece of a list of chunks.
func putManifest(c *call) error {
	var name wire.Hash
	if err := name.UnmarshalText([]byte(c.values[0])); err != nil {
		return notFound()
	}
	piece := transfer.Piece{List: name, Chunking: c.query["chunking"]}
	proofs, err := c.pieceQuery(&piece)
	if err != nil {
		return err
	}
	if err := c.plain(); err != nil {
		return err
	}
	body, err := c.body.all()
	if err != nil {
		return err
	}
	if err := readPiece(&piece, body, proofs); err != nil {
		return err
	}
	st, err := c.s.o.Transfer.PutPiece(c.ctx, c.who, &piece)
	if err != nil {
		return err
	}
	return c.json(200, wire.ManifestProgress{Received: st.Received, Total: piece.Total, MissingChunks: wireHashes(st.Missing)})
}

// pieceQuery reads what the query says of a piece, and whether its records have
// proofs.
func (c *call) pieceQuery(piece *transfer.Piece) (proofs bool, err error) {
	if piece.Share, err = c.queryShare(); err != nil {
		return false, err
	}
	for _, f := range []struct {
		name string
		low  int64
		to   *uint32
	}{{"total", 1, &piece.Total}, {"first", 0, &piece.First}} {
		if _, ok := c.query[f.name]; !ok {
			return false, badField("missing", "Field required", "query", f.name)
		}
		n, err := c.queryInt(f.name, 0, f.low, 1<<32-1)
		if err != nil {
			return false, err
		}
		*f.to = uint32(n)
	}
	if piece.File, _, err = c.queryID(engine.PrefixFile, "file_id"); err != nil {
		return false, err
	}
	if piece.Base, _, err = c.queryID(engine.PrefixVersion, "base_version_id"); err != nil {
		return false, err
	}
	return c.queryBool("proofs")
}

// readPiece reads the records of a piece.
func readPiece(piece *transfer.Piece, body []byte, proofs bool) error {
	size := wire.ManifestRecord
	if proofs {
		size = wire.ProvenRecord
		piece.Proofs = map[[32]byte][32]byte{}
	}
	if len(body)%size != 0 {
		return badField("value_error", "Value error, the body ends inside a record", "body")
	}
	piece.Chunks = make([]engine.Chunk, len(body)/size)
	for i := range piece.Chunks {
		r := body[i*size:]
		ch := engine.Chunk{Hash: [32]byte(r), Size: binary.LittleEndian.Uint32(r[32:])}
		if proofs {
			if proof := [32]byte(r[wire.ManifestRecord:]); proof != ([32]byte{}) {
				piece.Proofs[ch.Hash] = proof
			}
		}
		piece.Chunks[i] = ch
	}
	return nil
}

func getManifest(c *call) error {
	id, err := c.pathID(engine.PrefixFile, 0)
	if err != nil {
		return err
	}
	version, err := c.queryVersion("version")
	if err != nil {
		return err
	}
	since, err := c.queryVersion("since_version")
	if err != nil {
		return err
	}
	first, err := c.queryInt("first", 0, 0, 1<<32-1)
	if err != nil {
		return err
	}
	inBytes, err := c.queryBool("bytes")
	if err != nil {
		return err
	}
	records, err := c.queryBool("records")
	if err != nil {
		return err
	}
	limit, err := c.queryInt("limit", 0, 1, wire.ManifestAnswerLimit)
	if err != nil {
		return err
	}
	o, err := c.openVersion(id, version)
	if err != nil {
		return err
	}
	content := &o.Version.Content
	if limit == 0 {
		if content.Count > maxWholeManifest {
			return engine.E(engine.KindTooLarge, "The version has %d chunks; ask for at most %d at once with first and limit", content.Count, wire.ManifestAnswerLimit)
		}
		limit = maxWholeManifest
	}
	page, err := o.ManifestPage(c.ctx, uint32(first), int(limit))
	if err != nil {
		return damaged(err, id, o.Version.Number)
	}
	chunks := page.Chunks
	out := wire.Manifest{
		FileID: id.Format(engine.PrefixFile), VersionID: o.Version.ID.Format(engine.PrefixVersion),
		Version: o.Version.Number, Size: content.Size, ChecksumSHA256: content.SHA256,
		ChecksumState: hashState(content.HashState), Chunking: content.Chunking,
		ManifestSHA256: content.Digest, ChunkCount: content.Count, NextChunk: page.Next,
	}
	if since == 0 && records && len(chunks) > 0 {
		out.Records = recordsOf(chunks)
		return c.json(200, out)
	}
	if since == 0 {
		out.Chunks = make([]wire.Chunk, len(chunks))
		for i, ch := range chunks {
			out.Chunks[i] = wire.Chunk{SHA256: ch.Hash, Size: ch.Size}
		}
		return c.json(200, out)
	}
	if first > 0 || out.NextChunk > 0 {
		return badField("value_error", "Value error, a difference is told whole", "query", "first")
	}
	old, err := c.openVersion(id, since)
	if err != nil {
		return err
	}
	if old.Version.Content.Count > maxWholeManifest {
		return engine.E(engine.KindTooLarge, "The older version has %d chunks; a difference is told against at most %d", old.Version.Content.Count, maxWholeManifest)
	}
	before, err := old.Manifest(c.ctx)
	if err != nil {
		return damaged(err, id, since)
	}
	out.SinceVersion, out.Patch = since, patchOf(before, chunks)
	if inBytes {
		tellBytes(out.Patch, before)
	}
	return c.json(200, out)
}

// patchOf tells a list of chunks against an older one: runs that the older one
// has, in its order or out of it, are kept by index, the rest stands itself.
func patchOf(before, after []engine.Chunk) []wire.PatchItem {
	at := make(map[engine.Chunk]int, len(before))
	for i := len(before) - 1; i >= 0; i-- {
		at[before[i]] = i // the first of equal ones
	}
	out := []wire.PatchItem{}
	for i := 0; i < len(after); {
		first, ok := at[after[i]]
		if !ok {
			hash := wire.Hash(after[i].Hash)
			out = append(out, wire.PatchItem{SHA256: &hash, Size: after[i].Size})
			i++
			continue
		}
		// Where a run goes on, it goes on also through chunks that come twice.
		if n := len(out); n > 0 && out[n-1].Keep != nil {
			next := int(out[n-1].Keep[0] + out[n-1].Keep[1])
			if next < len(before) && before[next] == after[i] {
				first = next
			}
		}
		n := 1
		for i+n < len(after) && first+n < len(before) && before[first+n] == after[i+n] {
			n++
		}
		out = append(out, wire.PatchItem{Keep: []uint32{uint32(first), uint32(n)}})
		i += n
	}
	return out
}

// recordsOf is a list of chunks as records, in base64: half as long as a list of objects.
func recordsOf(chunks []engine.Chunk) string {
	b := make([]byte, 0, wire.ManifestRecord*len(chunks))
	for i := range chunks {
		b = binary.LittleEndian.AppendUint32(append(b, chunks[i].Hash[:]...), chunks[i].Size)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// tellBytes adds to what is kept of an older list where that is in its content.
func tellBytes(patch []wire.PatchItem, before []engine.Chunk) {
	at := make([]int64, len(before)+1)
	for i, ch := range before {
		at[i+1] = at[i] + int64(ch.Size)
	}
	for i, p := range patch {
		if p.Keep != nil {
			first := at[p.Keep[0]]
			patch[i].Bytes = []int64{first, at[p.Keep[0]+p.Keep[1]] - first}
		}
	}
}

package httpd

import (
	"scaidrive/engine"
	"scaidrive/httpd/wire"
)

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
	o, err := c.openVersion(id, version)
	if err != nil {
		return err
	}
	chunks, err := o.Manifest(c.ctx)
	if err != nil {
		return damaged(err, id, o.Version.Number)
	}
	content := &o.Version.Content
	out := wire.Manifest{
		FileID: id.Format(engine.PrefixFile), VersionID: o.Version.ID.Format(engine.PrefixVersion),
		Version: o.Version.Number, Size: content.Size, ChecksumSHA256: content.SHA256,
		ChecksumState: hashState(content.HashState), Chunking: content.Chunking,
	}
	if since == 0 {
		out.Chunks = make([]wire.Chunk, len(chunks))
		for i, ch := range chunks {
			out.Chunks[i] = wire.Chunk{SHA256: ch.Hash, Size: ch.Size}
		}
		return c.json(200, out)
	}
	old, err := c.openVersion(id, since)
	if err != nil {
		return err
	}
	before, err := old.Manifest(c.ctx)
	if err != nil {
		return damaged(err, id, since)
	}
	out.SinceVersion, out.Patch = since, patchOf(before, chunks)
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

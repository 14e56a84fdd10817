package clienttest

import (
	"encoding/json"
	"net/http"
	"strings"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

func (s *Server) apply(w http.ResponseWriter, body []byte) {
	var in wire.Apply
	if err := json.Unmarshal(body, &in); err != nil || len(in.Changes) > client.ApplyLimit {
		fail(w, 422, "Not a batch")
		return
	}
	out := wire.ApplyResult{Applied: []wire.Applied{}, Errors: []wire.ApplyError{}, Conflicts: []wire.ApplyConflict{}}
	for i := range in.Changes {
		c := &in.Changes[i]
		n, e := s.change(in.ShareID, c)
		if e != nil {
			e.Index, e.ClientRef = i, c.ClientRef
			out.Errors = append(out.Errors, *e)
			continue
		}
		out.Applied = append(out.Applied, wire.Applied{Index: i, ClientRef: c.ClientRef, Resource: n.Entry})
	}
	reply(w, 200, out)
}

func refuse(status int, detail string) *wire.ApplyError {
	return &wire.ApplyError{Status: status, Detail: detail}
}

func (s *Server) change(share string, c *wire.Change) (*Node, *wire.ApplyError) {
	if c.ChangeType == wire.ChangeUpdated {
		return s.update(c)
	}
	parent, name := parentOr(c.ParentID, share), c.Name
	if c.Path != "" {
		dirs := strings.Split(strings.Trim(c.Path, "/"), "/")
		name = dirs[len(dirs)-1]
		parent = share
		for _, d := range dirs[:len(dirs)-1] {
			n := s.child(parent, d)
			if n == nil {
				return nil, refuse(404, "No such folder")
			}
			parent = n.Entry.ID
		}
	}
	if strings.ContainsAny(name, `<>:"|?*\/`) || name == "" {
		return nil, refuse(422, "name: is not allowed")
	}
	if n := s.child(parent, name); n != nil {
		e := refuse(409, "The name is taken")
		e.Resource = &n.Entry
		return nil, e
	}
	if c.ResourceType == wire.TypeFile {
		if e := s.present(c.Content, nil); e != nil {
			return nil, e
		}
	}
	n := s.add(share, parent, name, c.ResourceType)
	if c.ResourceType == wire.TypeFile {
		s.newVersion(n, c.Content.Chunks, c.Content.ChecksumSHA256, c.Content.Size)
	}
	s.describe(n, c)
	return n, nil
}

func (s *Server) describe(n *Node, c *wire.Change) {
	if c.ModifiedAt != nil {
		n.Entry.ModifiedAt = *c.ModifiedAt
	}
	if c.Attributes != nil && c.Attributes.Executable != nil && n.Entry.Attributes != nil {
		n.Entry.Attributes = &wire.Attributes{Executable: *c.Attributes.Executable}
	}
}

func (s *Server) update(c *wire.Change) (*Node, *wire.ApplyError) {
	n := s.nodes[c.ResourceID]
	if n == nil || n.Trashed {
		return nil, refuse(404, "Not found")
	}
	if c.BaseVersion != n.Entry.VersionID {
		e := refuse(409, "The base version is not current")
		e.Resource = &n.Entry
		return nil, e
	}
	if c.Content != nil {
		base := &n.Versions[len(n.Versions)-1]
		chunks := c.Content.Chunks
		for _, p := range c.Content.Patch {
			if p.Keep != nil {
				chunks = append(chunks, base.Chunks[p.Keep[0]:p.Keep[0]+p.Keep[1]]...)
			} else {
				chunks = append(chunks, wire.Chunk{SHA256: *p.SHA256, Size: p.Size})
			}
		}
		full := *c.Content
		full.Chunks = chunks
		if e := s.present(&full, base); e != nil {
			return nil, e
		}
		s.newVersion(n, chunks, full.ChecksumSHA256, full.Size)
	}
	s.describe(n, c)
	return n, nil
}

// present checks that every chunk is there and may be named, and that the sizes
// add up.
func (s *Server) present(c *wire.Content, base *Version) *wire.ApplyError {
	known := map[wire.Hash]bool{}
	if base != nil {
		for _, ch := range base.Chunks {
			known[ch.SHA256] = true
		}
	}
	var total int64
	e := refuse(409, "Chunks are missing")
	for _, ch := range c.Chunks {
		total += int64(ch.Size)
		data, ok := s.chunks[ch.SHA256]
		if ok && !known[ch.SHA256] && !s.owned[ch.SHA256] {
			ok = c.Proofs[ch.SHA256.String()] == proof(data)
		}
		if !ok {
			e.MissingChunks = append(e.MissingChunks, ch.SHA256)
		}
	}
	if total != c.Size {
		return refuse(422, "The chunks do not add up to the size")
	}
	if len(e.MissingChunks) > 0 {
		return e
	}
	return nil
}

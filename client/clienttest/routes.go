package clienttest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"time"

	"scaidrive/chunkstore/split"
	"scaidrive/client"
	"scaidrive/httpd/wire"
)

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, wire.Prefix)
	s.mu.Lock()
	s.Counts[r.Method+" "+routeOf(path)]++
	s.mu.Unlock()
	if s.Before != nil && s.Before(w, r) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if len(body) > 1<<20 && r.Header.Get("Content-Type") == "application/json" && !strings.HasSuffix(path, "/apply") {
		fail(w, 413, "The body is over the limit")
		return
	}
	if s.Lose != nil && s.Lose(r) {
		s.route(httptest.NewRecorder(), r, path, body)
		panic(http.ErrAbortHandler)
	}
	s.route(w, r, path, body)
}

// routeOf puts {id} in the place of IDs.
func routeOf(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if len(p) == 30 && p[3] == '_' {
			parts[i] = "{id}"
		}
	}
	return strings.Join(parts, "/")
}

func (s *Server) route(w http.ResponseWriter, r *http.Request, path string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	parts := strings.Split(strings.Trim(path, "/"), "/")
	open := path == "/auth/login" || path == "/auth/token" || path == "/config"
	if !open && (s.access == "" || r.Header.Get("Authorization") != "Bearer "+s.access) {
		fail(w, 401, "The token is not valid")
		return
	}
	switch key := r.Method + " " + routeOf(path); key {
	case "POST /auth/login":
		s.login(w, body)
	case "POST /auth/token":
		_ = r.ParseForm()
		s.renew(w, body)
	case "GET /config":
		reply(w, 200, wire.Config{Version: "test", Chunking: split.Default().Name})
	case "GET /users/me/shares":
		s.listShares(w, r)
	case "POST /shares":
		var in wire.CreateShare
		_ = json.Unmarshal(body, &in)
		sh := &wire.Share{ID: s.id("shr"), Name: in.Name, Type: in.ShareType, ShareType: in.ShareType}
		s.shares = append(s.shares, sh)
		reply(w, 201, sh)
	case "GET /shares/{id}":
		for _, sh := range s.shares {
			if sh.ID == parts[1] {
				reply(w, 200, sh)
				return
			}
		}
		fail(w, 404, "Not found")
	case "GET /folders/{id}/children", "GET /folders/root/children":
		s.children(w, r, parts[1])
	case "POST /folders":
		s.mkdir(w, body)
	case "DELETE /files/{id}", "DELETE /folders/{id}":
		n := s.nodes[parts[1]]
		if n == nil || n.Trashed {
			fail(w, 404, "Not found")
			return
		}
		n.Trashed = true
		delete(s.names, placeOf(n.Parent, n.Entry.Name))
		w.WriteHeader(204)
	case "GET /sync/tree":
		s.tree(w, r)
	case "POST /sync/chunks/query":
		s.query(w, body)
	case "POST /sync/chunks":
		s.receive(w, body)
	case "POST /sync/apply":
		s.apply(w, body)
	case "POST /sync/files/fetch":
		s.fetchFiles(w, body)
	case "GET /sync/manifest/{id}":
		s.manifest(w, r, parts[2])
	case "GET /files/{id}/content":
		s.serveContent(w, r, parts[1])
	default:
		fail(w, 404, "No such route %s", key)
	}
}

func (s *Server) login(w http.ResponseWriter, body []byte) {
	var in wire.LoginRequest
	if json.Unmarshal(body, &in) != nil || in.Email != Email || in.Password != Password {
		fail(w, 401, "Wrong e-mail address or password")
		return
	}
	reply(w, 200, s.token())
}

// renew keeps rotation with reuse detection: a refresh token used twice ends all.
func (s *Server) renew(w http.ResponseWriter, body []byte) {
	form := string(body)
	_, tok, _ := strings.Cut(form, "refresh_token=rt_")
	tok = "rt_" + tok
	if i := strings.IndexByte(tok, '&'); i >= 0 {
		tok = tok[:i]
	}
	if s.used[tok] {
		s.access, s.refresh = "", ""
	}
	if tok != s.refresh {
		fail(w, 401, "The refresh token is not valid")
		return
	}
	s.used[tok] = true
	reply(w, 200, s.token())
}

func (s *Server) listShares(w http.ResponseWriter, r *http.Request) {
	off, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	out := wire.MyShares{Total: len(s.shares), Shares: []wire.MyShare{}}
	for _, sh := range s.shares[min(off, len(s.shares)):min(off+limit, len(s.shares))] {
		owner := "owner"
		out.Shares = append(out.Shares, wire.MyShare{ID: sh.ID, Name: sh.Name, Type: sh.Type, Role: &owner})
	}
	reply(w, 200, out)
}

// below lists what lies right in a folder, by name.
func (s *Server) below(parent string) []*Node {
	var out []*Node
	for _, n := range s.nodes {
		if n.Parent == parent && !n.Trashed {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b *Node) int { return strings.Compare(a.Entry.Name, b.Entry.Name) })
	return out
}

func (s *Server) children(w http.ResponseWriter, r *http.Request, id string) {
	if id == "root" {
		id = r.URL.Query().Get("share_id")
	}
	out := wire.Children{Items: []wire.Item{}}
	for _, n := range s.below(id) {
		e := n.Entry
		out.Items = append(out.Items, wire.Item{ID: e.ID, Name: e.Name, Type: e.ResourceType, ShareID: n.Share,
			ParentID: e.ParentID, Size: e.Size, ModifiedAt: e.ModifiedAt, Version: e.Version,
			VersionID: e.VersionID, ChecksumSHA256: e.ChecksumSHA256, Attributes: e.Attributes})
	}
	out.Total = len(out.Items)
	off, _ := strconv.Atoi(r.URL.Query().Get("page_token"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	end := min(off+limit, len(out.Items))
	if end < len(out.Items) {
		out.NextPageToken = strconv.Itoa(end)
	}
	out.Items = out.Items[off:end]
	reply(w, 200, out)
}

func (s *Server) mkdir(w http.ResponseWriter, body []byte) {
	var in wire.CreateFolder
	_ = json.Unmarshal(body, &in)
	if s.child(parentOr(in.ParentID, in.ShareID), in.Name) != nil {
		fail(w, 409, "The name is taken")
		return
	}
	n := s.add(in.ShareID, in.ParentID, in.Name, wire.TypeFolder)
	reply(w, 201, wire.Folder{ID: n.Entry.ID, Name: in.Name})
}

func (s *Server) tree(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from := parentOr(q.Get("folder_id"), q.Get("share_id"))
	var all []wire.Entry
	var walk func(id string)
	walk = func(id string) {
		for _, n := range s.below(id) {
			all = append(all, n.Entry)
			if n.Entry.ResourceType == wire.TypeFolder {
				walk(n.Entry.ID)
			}
		}
	}
	walk(from)
	off, _ := strconv.Atoi(q.Get("page_token"))
	limit, _ := strconv.Atoi(q.Get("limit"))
	if s.TreePage > 0 {
		limit = s.TreePage
	}
	out := wire.Tree{Entries: all[min(off, len(all)):min(off+limit, len(all))]}
	if off+limit < len(all) {
		out.NextPageToken = strconv.Itoa(off + limit)
	}
	if s.Mangle != nil {
		s.Mangle(&out)
	}
	reply(w, 200, out)
}

func (s *Server) query(w http.ResponseWriter, body []byte) {
	var in wire.ChunkQuery
	_ = json.Unmarshal(body, &in)
	if len(in.Chunks) > client.QueryLimit {
		fail(w, 422, "Too many chunks")
		return
	}
	out := wire.ChunkQueryResult{Missing: []wire.Hash{}, Nonce: Nonce}
	for _, h := range in.Chunks {
		if _, ok := s.chunks[h]; !ok || !s.owned[h] {
			out.Missing = append(out.Missing, h)
		}
	}
	reply(w, 200, out)
}

func (s *Server) receive(w http.ResponseWriter, body []byte) {
	if len(body) > client.SendLimit {
		fail(w, 413, "Too long")
		return
	}
	out := wire.ReceivedChunks{}
	for len(body) > 0 {
		n := binary.BigEndian.Uint32(body)
		data := bytes.Clone(body[4 : 4+n])
		body = body[4+n:]
		h := wire.Hash(sha256.Sum256(data))
		_, had := s.chunks[h]
		s.chunks[h], s.owned[h] = data, true
		s.Received += int64(n)
		out.Chunks = append(out.Chunks, wire.ReceivedChunk{SHA256: h, Size: n, Stored: !had})
	}
	reply(w, 200, out)
}

func (s *Server) manifest(w http.ResponseWriter, r *http.Request, id string) {
	n := s.nodes[id]
	if n == nil {
		fail(w, 404, "Not found")
		return
	}
	v, number := n.version(r)
	reply(w, 200, wire.Manifest{FileID: id, VersionID: v.ID, Version: number, Size: v.Size,
		ChecksumSHA256: v.Sum, ChecksumState: "claimed", Chunking: split.Default().Name, Chunks: v.Chunks})
}

func (n *Node) version(r *http.Request) (*Version, uint64) {
	number, _ := strconv.Atoi(r.URL.Query().Get("version"))
	if number == 0 {
		number = len(n.Versions)
	}
	return &n.Versions[number-1], uint64(number)
}

func (s *Server) serveContent(w http.ResponseWriter, r *http.Request, id string) {
	n := s.nodes[id]
	if n == nil {
		fail(w, 404, "Not found")
		return
	}
	v, _ := n.version(r)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.content(v)))
}

func (s *Server) fetchFiles(w http.ResponseWriter, body []byte) {
	var in wire.FetchFiles
	if err := json.Unmarshal(body, &in); err != nil || len(in.Files) > wire.FetchFilesMax {
		fail(w, 422, "Not a list of files")
		return
	}
	for i, want := range in.Files {
		f, b := wire.FileFrame{Index: i, Status: 404}, []byte(nil)
		if n := s.nodes[want.FileID]; n != nil && want.Version <= uint64(len(n.Versions)) {
			f.Status, f.Version = 200, want.Version
			if f.Version == 0 {
				f.Version = uint64(len(n.Versions))
			}
			b = s.content(&n.Versions[f.Version-1])
			f.Size = int64(len(b))
		}
		if s.MangleFile != nil {
			s.MangleFile(w, &f, &b)
		}
		_, _ = w.Write(append(f.AppendTo(nil), b...))
	}
}

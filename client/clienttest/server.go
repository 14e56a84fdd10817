// Package clienttest is a small ScaiDrive server in memory, for tests of the
// client: it keeps the wire contract of the routes that the client uses, counts
// what it is asked, and fails where a test wants it to.
//
// It is not the product: it has one user, no rights, no durability, and folds
// names by the client's own rule.
package clienttest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// The account that the server knows.
const (
	Email    = "ana@example.com"
	Password = "a long enough passphrase"
	Nonce    = "nonce-of-the-test"
)

// A Server answers on a port of its own until the test ends.
type Server struct {
	*httptest.Server

	mu       sync.Mutex
	seq      int
	shares   []*wire.Share
	nodes    map[string]*Node
	names    map[place]*Node // live ones
	chunks   map[wire.Hash][]byte
	owned    map[wire.Hash]bool // remembered to have been sent
	access   string
	refresh  string
	used     map[string]bool // refresh tokens that were traded in
	Counts   map[string]int  // requests by route, "POST /sync/apply"
	Received int64           // bytes of chunks

	// Before may answer a request itself; then it returns true.
	Before func(w http.ResponseWriter, r *http.Request) bool
	// Lose makes the server do its work and close the connection in the place
	// of the answer.
	Lose func(r *http.Request) bool
	// Mangle may change a listing before it is sent.
	Mangle func(*wire.Tree)
	// MangleFile may change a file's frame of POST /sync/files/fetch before it is
	// sent, or send another and panic(http.ErrAbortHandler).
	MangleFile func(w http.ResponseWriter, f *wire.FileFrame, content *[]byte)
	// TreePage bounds a page of a tree; 0: what is asked for.
	TreePage int
}

// A Node is a file or folder.
type Node struct {
	Entry    wire.Entry
	Share    string
	Parent   string // the share's ID at its root
	Versions []Version
	Trashed  bool
}

// A Version is a content.
type Version struct {
	ID     string
	Chunks []wire.Chunk
	Sum    wire.Hash
	Size   int64
}

// New starts a server.
func New(t testing.TB) *Server {
	s := &Server{nodes: map[string]*Node{}, names: map[place]*Node{}, chunks: map[wire.Hash][]byte{}, owned: map[wire.Hash]bool{},
		used: map[string]bool{}, Counts: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// AddShare makes a share and gives its ID.
func (s *Server) AddShare(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := &wire.Share{ID: s.id("shr"), Name: name, Type: "project", ShareType: "project"}
	s.shares = append(s.shares, sh)
	return sh.ID
}

// SignIn gives an access token.
func (s *Server) SignIn() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token().AccessToken
}

// Expire makes the access token given last invalid.
func (s *Server) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access = ""
}

// Forget makes the server forget who sent which chunk, as a restart does; drop
// makes it lose these chunks too.
func (s *Server) Forget(drop func(wire.Hash) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.owned)
	for h := range s.chunks {
		if drop != nil && drop(h) {
			delete(s.chunks, h)
		}
	}
}

// Lookup finds a live node by its path, nil if there is none.
func (s *Server) Lookup(share, path string) *Node {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := share
	var n *Node
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if n = s.child(at, part); n == nil {
			return nil
		}
		at = n.Entry.ID
	}
	return n
}

// Content gives a file's bytes.
func (s *Server) Content(n *Node) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.content(&n.Versions[len(n.Versions)-1])
}

// Put makes or replaces a file, as another client would.
func (s *Server) Put(share, parent, name string, content []byte, mtime time.Time) *Node {
	s.mu.Lock()
	defer s.mu.Unlock()
	var chunks []wire.Chunk
	for c := range slices.Chunk(content, 64<<10) {
		h := wire.Hash(sha256.Sum256(c))
		s.chunks[h] = slices.Clone(c)
		chunks = append(chunks, wire.Chunk{SHA256: h, Size: uint32(len(c))})
	}
	n := s.child(parentOr(parent, share), name)
	if n == nil {
		n = s.add(share, parent, name, wire.TypeFile)
	}
	s.newVersion(n, chunks, wire.Hash(sha256.Sum256(content)), int64(len(content)))
	n.Entry.ModifiedAt = wire.At(mtime)
	return n
}

// Mkdir makes a folder.
func (s *Server) Mkdir(share, parent, name string) *Node {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(share, parent, name, wire.TypeFolder)
}

// Count tells how often a route was asked since the start, "POST /sync/apply".
func (s *Server) Count(route string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Counts[route]
}

// Uploaded tells how many bytes of chunks came in.
func (s *Server) Uploaded() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Received
}

func parentOr(parent, share string) string {
	if parent == "" {
		return share
	}
	return parent
}

func (s *Server) id(prefix string) string {
	s.seq++
	return fmt.Sprintf("%s_%026d", prefix, s.seq)
}

func (s *Server) token() *wire.Token {
	s.access, s.refresh = s.id("tok"), s.id("rt")
	return &wire.Token{AccessToken: s.access, TokenType: "Bearer", ExpiresIn: 3600, RefreshToken: s.refresh}
}

// A place is a name in a folder.
type place struct{ parent, key string }

func placeOf(parent, name string) place { return place{parent, client.NameKey(name)} }

func (s *Server) child(parent, name string) *Node { return s.names[placeOf(parent, name)] }

func (s *Server) add(share, parent, name, kind string) *Node {
	prefix := "fil"
	if kind == wire.TypeFolder {
		prefix = "fld"
	}
	n := &Node{Share: share, Parent: parentOr(parent, share),
		Entry: wire.Entry{ResourceType: kind, ID: s.id(prefix), Name: name}}
	if n.Parent != share {
		p := n.Parent
		n.Entry.ParentID = &p
	}
	s.nodes[n.Entry.ID] = n
	s.names[placeOf(n.Parent, name)] = n
	return n
}

func (s *Server) newVersion(n *Node, chunks []wire.Chunk, sum wire.Hash, size int64) {
	v := Version{ID: s.id("ver"), Chunks: chunks, Sum: sum, Size: size}
	n.Versions = append(n.Versions, v)
	n.Entry.Version, n.Entry.VersionID = uint64(len(n.Versions)), v.ID
	n.Entry.Size, n.Entry.ChecksumSHA256 = &v.Size, &v.Sum
	if n.Entry.Attributes == nil {
		n.Entry.Attributes = &wire.Attributes{}
	}
}

func (s *Server) content(v *Version) []byte {
	var out []byte
	for _, c := range v.Chunks {
		out = append(out, s.chunks[c.SHA256]...)
	}
	return out
}

func proof(data []byte) wire.Hash {
	m := hmac.New(sha256.New, []byte(Nonce))
	m.Write(data)
	return wire.Hash(m.Sum(nil))
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, format string, args ...any) {
	reply(w, status, wire.Problem{Detail: fmt.Sprintf(format, args...)})
}

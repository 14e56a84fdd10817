package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"

	"scaidrive/client"
)

// Notes tell of large files whose upload has begun how much of them the server
// has received, so that a later run proves these chunks in the place of sending
// them, even when the server has been restarted in between. They are hints: a
// note that is wrong or lost costs time only, since the server names what it
// lacks.
type Notes struct {
	// From is the size in bytes from which on a file is worth a note; Step is how
	// much more must have been sent for it to be written anew.
	From, Step int64

	dir    string
	prefix string // server, share and target

	mu   sync.Mutex
	last map[string]int64 // key to what its note says
}

type note struct {
	Size  int64 `json:"size"`
	Mtime int64 `json:"mtime"`
	Sent  int64 `json:"sent"`
}

// NewNotes keeps notes on uploads to one server in a directory.
func NewNotes(dir, address string) *Notes {
	return &Notes{From: 64 << 20, Step: 32 << 20, dir: dir, prefix: address}
}

// in narrows the notes to one target.
func (n *Notes) in(share, target string) *Notes {
	if n == nil {
		return nil
	}
	return &Notes{From: n.From, Step: n.Step, dir: n.dir, prefix: n.prefix + "\x00" + share + "\x00" + target, last: make(map[string]int64)}
}

func (u *put) noteKey(j *job, size int64) string {
	if u.notes == nil || size < u.notes.From {
		return ""
	}
	f := &u.local.Files[j.op.File]
	s := sha256.Sum256([]byte(u.notes.prefix + u.remotePath("", f.Dir) + "/" + client.NameKey(f.Name)))
	return hex.EncodeToString(s[:16])
}

func (n *Notes) path(key string) string { return filepath.Join(n.dir, key+".json") }

// sent tells how many bytes of the file an earlier run has sent.
func (n *Notes) sent(key string, size, mtime int64) int64 {
	if n == nil || key == "" {
		return 0
	}
	b, err := os.ReadFile(n.path(key))
	if err != nil {
		return 0
	}
	var t note
	if json.Unmarshal(b, &t) != nil || t.Size != size || t.Mtime != mtime || t.Sent < 0 {
		return 0
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last[key] = t.Sent
	return t.Sent
}

// note writes down that so much has been sent.
func (n *Notes) note(key string, size, mtime, sent int64) {
	if n == nil || key == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if sent < n.last[key]+n.Step {
		return
	}
	b, err := json.Marshal(note{Size: size, Mtime: mtime, Sent: sent})
	if err != nil || os.MkdirAll(n.dir, 0o700) != nil {
		return
	}
	tmp := n.path(key) + ".tmp"
	if os.WriteFile(tmp, b, 0o600) == nil && os.Rename(tmp, n.path(key)) == nil {
		n.last[key] = sent
	}
}

// done forgets a file that is committed.
func (n *Notes) done(key string) {
	if n == nil || key == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.last[key]; ok {
		delete(n.last, key)
		os.Remove(n.path(key))
	}
}

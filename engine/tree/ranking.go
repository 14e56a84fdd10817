package tree

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

const (
	rankingBytes = 24 << 20 // of memory, of all rankings
	maxRankings  = 64
	maxRanked    = 250_000 // entries of a folder that is ranked
	maxCatchUp   = 1000    // rows of the change log that a ranking catches up with
)

// A ranking is the children of a folder in an order: whose they are and what they
// are called is in no page before the node was read again and decided about. It
// says nothing of rights, so that it is the same for every caller.
//
// It is true of the state of its share at seq: tally agrees with the folder's
// record, and the log up to there has been applied. It is never changed.
type ranking struct {
	rankingKey
	seq     uint64 // that tally and entries are true of
	since   uint64 // entries may lack what the log says behind it: seq, but for a new ranking
	tally   tally
	entries []ranked
	keys    []byte                 // of names, one after the other
	unsure  map[engine.ID]struct{} // of a new ranking: was not there when it was looked at
}

type rankingKey struct {
	tenant        engine.TenantNo
	share, folder engine.ID
	by            Sort
	desc          bool
}

// A ranked is a rank without pointers.
type ranked struct {
	number int64
	id     engine.ID
	key    uint32 // where its key begins
	size   uint16 // of the key
	text   uint16 // bytes at the end of the key
	kind   engine.NodeKind
}

func (k *ranking) nameKey(e *ranked) []byte { return k.keys[e.key : e.key+uint32(e.size)] }

func (k *ranking) rank(e *ranked) rank {
	key := k.nameKey(e)
	return rank{number: e.number, text: string(key[len(key)-int(e.text):]), key: key, id: e.id}
}

// add appends an entry, wherever it belongs.
func (k *ranking) add(key []byte, c *engine.Child, n *engine.Node) ranked {
	e := ranked{id: c.Node, kind: c.Kind, key: uint32(len(k.keys)), size: uint16(len(key))}
	if n != nil || k.by == SortType || k.by == SortFolders {
		at := rankOf(k.by, key, c, n)
		e.number, e.text = at.number, uint16(len(at.text))
	}
	k.keys = append(k.keys, key...)
	return e
}

// compare is rank.compare.
func (k *ranking) compare(a, b *ranked) int {
	c := cmp.Compare(a.number, b.number)
	ka, kb := k.nameKey(a), k.nameKey(b)
	if c == 0 {
		c = bytes.Compare(ka[len(ka)-int(a.text):], kb[len(kb)-int(b.text):])
	}
	return inOrder(c, bytes.Compare(ka, kb), bytes.Compare(a.id[:], b.id[:]), k.by, k.desc)
}

func (k *ranking) sort() {
	slices.SortFunc(k.entries, func(a, b ranked) int { return k.compare(&a, &b) })
}

// behind is the number of entries up to a rank.
func (k *ranking) behind(r *rank) int {
	if r == nil {
		return 0
	}
	return sort.Search(len(k.entries), func(i int) bool {
		at := k.rank(&k.entries[i])
		return at.compare(r, k.by, k.desc) > 0
	})
}

func (k *ranking) cost() int { return cap(k.entries)*40 + cap(k.keys) + 200 }

// upTo gives the ranking as a view has the folder, which is live in its share, or
// nil if that can't be told: it is made anew then.
func (k *ranking) upTo(r schema.Reader, sh *engine.Share, folder *engine.Node) (*ranking, error) {
	if sh.Seq < k.seq || sh.Seq-k.since > maxCatchUp {
		return nil, nil
	}
	next := *k
	next.seq, next.since, next.unsure = sh.Seq, sh.Seq, nil
	changed := make(map[engine.ID]struct{}, len(k.unsure))
	for id := range k.unsure {
		changed[id] = struct{}{}
	}
	if sh.Seq != k.since {
		if ok, err := next.replay(r, k, changed); !ok || err != nil {
			return nil, err
		}
	}
	if len(changed) > 0 {
		if err := next.reread(r, changed); err != nil {
			return nil, err
		}
	}
	if !next.tally.agrees(folder) || int64(len(next.entries)) != folder.LiveFiles+folder.LiveFolders {
		return nil, nil
	}
	return &next, nil
}

// replay collects what the log says of the folder's children.
func (k *ranking) replay(r schema.Reader, old *ranking, changed map[engine.ID]struct{}) (bool, error) {
	seen := uint64(0)
	err := schema.ScanChanges(r, k.tenant, k.share, old.since, func(c *engine.Change) (bool, error) {
		seen++
		if c.OldParent != k.folder && c.NewParent != k.folder {
			return true, nil
		}
		changed[c.Node] = struct{}{}
		if c.Seq <= old.seq || c.Kind == engine.ChangeUpdated {
			return true, nil
		}
		child := engine.Child{Node: c.Node, Kind: engine.KindFile}
		if c.Resource == engine.ResourceFolder {
			child.Kind = engine.KindFolder
		}
		switch c.Kind {
		case engine.ChangeCreated, engine.ChangeDeleted, engine.ChangeMoved, engine.ChangeRenamed:
		default:
			return false, errUnknownChange
		}
		if c.Kind != engine.ChangeCreated && c.OldParent == k.folder {
			k.tally.remove(k.tenant, k.folder, []byte(names.Key(c.OldName)), &child)
		}
		if c.Kind != engine.ChangeDeleted && c.NewParent == k.folder {
			k.tally.add(k.tenant, k.folder, []byte(names.Key(c.NewName)), &child)
		}
		return true, nil
	})
	if errors.Is(err, errUnknownChange) {
		return false, nil
	}
	return err == nil && seen == k.seq-old.since, err
}

// reread puts nodes that changed where they belong now.
func (k *ranking) reread(r schema.Reader, changed map[engine.ID]struct{}) error {
	entries := make([]ranked, 0, len(k.entries)+len(changed))
	for i := range k.entries {
		if _, ok := changed[k.entries[i].id]; !ok {
			entries = append(entries, k.entries[i])
		}
	}
	k.entries, k.keys = entries, k.keys[:len(k.keys):len(k.keys)]
	for id := range changed {
		n, err := schema.GetNode(r, k.tenant, id)
		if errors.Is(err, schema.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if n.Parent != k.folder || !n.DeletedAt.IsZero() || n.Purged {
			continue
		}
		e := k.add([]byte(names.Key(n.Name)), &engine.Child{Node: id, Kind: n.Kind}, n)
		i, _ := slices.BinarySearchFunc(k.entries, e, func(a, b ranked) int { return k.compare(&a, &b) })
		k.entries = slices.Insert(k.entries, i, e)
	}
	return nil
}

// holds reports whether a node that was read now is what the entry says.
func (k *ranking) holds(e *ranked, n *engine.Node) bool {
	key := names.Key(n.Name)
	if key != string(k.nameKey(e)) {
		return false
	}
	at, is := k.rank(e), rankOf(k.by, []byte(key), &engine.Child{Node: n.ID, Kind: n.Kind}, n)
	return at.number == is.number && strings.Compare(at.text, is.text) == 0
}

// rankings remembers the last ones that were used. Safe for concurrent use.
type rankings struct {
	mu    sync.Mutex
	list  []*ranking // the one used last at the end
	bytes int
	made  atomic.Uint64
}

func (c *rankings) get(key rankingKey) *ranking {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, k := range c.list {
		if k.rankingKey == key {
			c.list = append(slices.Delete(c.list, i, i+1), k)
			return k
		}
	}
	return nil
}

// put remembers a ranking, unless a newer one is there.
func (c *rankings) put(k *ranking) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, old := range c.list {
		if old.rankingKey != k.rankingKey {
			continue
		}
		if old.seq > k.seq {
			return
		}
		c.bytes -= old.cost()
		c.list = slices.Delete(c.list, i, i+1)
		break
	}
	c.list = append(c.list, k)
	for c.bytes += k.cost(); c.bytes > rankingBytes || len(c.list) > maxRankings; {
		c.bytes -= c.list[0].cost()
		c.list = slices.Delete(c.list, 0, 1)
	}
}

func (c *rankings) drop(key rankingKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, k := range c.list {
		if k.rankingKey == key {
			c.bytes -= k.cost()
			c.list = slices.Delete(c.list, i, i+1)
			return
		}
	}
}

func (c *rankings) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list, c.bytes = nil, 0
}

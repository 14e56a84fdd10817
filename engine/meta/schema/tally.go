package schema

import (
	"encoding/binary"
	"errors"

	"github.com/cespare/xxhash/v2"

	"scaidrive/engine"
)

// The seeds of the two sums of a digest. They are part of the format.
const (
	digestSeed0 = 0x5ca1d21fe0000001
	digestSeed1 = 0x9e3779b97f4a7c15
)

// recordDigest is the digest of one record: XXH64, with two seeds, over the
// table's number, the key's length, the key and the value. Adding it to a sum
// and subtracting it are the ways to add and remove the record.
func recordDigest(t Table, key, value []byte) engine.Digest {
	var head [6]byte
	binary.BigEndian.PutUint16(head[:], uint16(t))
	binary.BigEndian.PutUint32(head[2:], uint32(len(key)))
	sum := func(seed uint64) uint64 {
		var h xxhash.Digest
		h.ResetWithSeed(seed)
		_, _ = h.Write(head[:]) // a hash takes all
		_, _ = h.Write(key)
		_, _ = h.Write(value)
		return h.Sum64()
	}
	return engine.Digest{sum(digestSeed0), sum(digestSeed1)}
}

// ChildDigest is what a child adds to its folder's digest.
func ChildDigest(t engine.TenantNo, parent engine.ID, nameKey []byte, c *engine.Child) engine.Digest {
	return recordDigest(Children, ChildKey(t, parent, nameKey), encode(c, childFields))
}

// LinkChild puts a new child into a folder: the row, and counts and digest in
// the folder's record, which the caller writes with PutNode. The name must be
// free: the caller has asked GetChild in the same mutation.
func LinkChild(w Writer, t engine.TenantNo, folder *engine.Node, nameKey []byte, c *engine.Child) error {
	if err := PutChild(w, t, folder.ID, nameKey, c); err != nil {
		return err
	}
	count(folder, c, 1)
	folder.Children = folder.Children.Add(ChildDigest(t, folder.ID, nameKey, c))
	return nil
}

// UnlinkChild takes the child c, as GetChild returned it, out of a folder; the
// caller writes the folder's record.
func UnlinkChild(w Writer, t engine.TenantNo, folder *engine.Node, nameKey []byte, c *engine.Child) error {
	if err := DeleteChild(w, t, folder.ID, nameKey); err != nil {
		return err
	}
	count(folder, c, -1)
	folder.Children = folder.Children.Sub(ChildDigest(t, folder.ID, nameKey, c))
	return nil
}

func count(folder *engine.Node, c *engine.Child, by int64) {
	if c.Kind == engine.KindFolder {
		folder.LiveFolders += by
	} else {
		folder.LiveFiles += by
	}
}

// A Tally is what a listing has seen of a folder's children. Its zero value has
// seen nothing.
type Tally struct {
	files, folders int64
	digest         engine.Digest
}

// Add counts a child that the listing has seen.
func (y *Tally) Add(t engine.TenantNo, folder engine.ID, nameKey []byte, c *engine.Child) {
	if c.Kind == engine.KindFolder {
		y.folders++
	} else {
		y.files++
	}
	y.digest = y.digest.Add(ChildDigest(t, folder, nameKey, c))
}

// Check compares a complete listing with the folder's record of the same view.
// A difference is KindDamaged: a child is missing, or one is there that is none.
func (y *Tally) Check(t engine.TenantNo, folder *engine.Node) error {
	if y.files == folder.LiveFiles && y.folders == folder.LiveFolders && y.digest == folder.Children {
		return nil
	}
	return damaged(Nodes, NodeKey(t, folder.ID), errors.New("the children are not those that were counted"))
}

package locator

import (
	"encoding/binary"
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

// The parts of bbolt's page format that checkTrees reads (all in the byte
// order of the machine; bbolt's meta pages tell whether it is the same).
const (
	pageHeadSize  = 16 // id u64, flags u16, count u16, overflow u32
	pageElemSize  = 16 // of a branch: position u32, key size u32, page u64
	pageBranch    = 1
	pageLeaf      = 2
	maxTreeLevels = 16
)

// checkTrees reads the branch pages of all buckets, and refuses a tree in which
// one leads back to a branch page. bbolt follows page numbers by recursion: in
// such a tree it would overflow the stack, which ends the process and cannot be
// recovered from. Everything else that is wrong with a page it panics about,
// or the checks of the values notice.
func (x *Index) checkTrees(tx *bbolt.Tx) error {
	f, err := os.Open(x.path)
	if err != nil {
		return err
	}
	defer f.Close()
	t := tree{f: f, size: tx.DB().Info().PageSize, seen: make(map[uint64]bool)}
	for _, name := range []string{bucketDomains, bucketPacks, bucketChunks} {
		b := tx.Bucket([]byte(name))
		if b == nil || b.Root() == 0 {
			continue // kept inside the page above
		}
		if err := t.check(uint64(b.Root())); err != nil {
			return fmt.Errorf("%w: bucket %s: %w", ErrDamaged, name, err)
		}
	}
	return nil
}

type tree struct {
	f    *os.File
	size int
	seen map[uint64]bool // branch pages
}

// check walks the levels from the root down to the last one of branch pages,
// which it knows by its first child: all leaves are at the same depth.
func (t *tree) check(root uint64) error {
	level := []uint64{root}
	for range maxTreeLevels {
		flags, err := t.flags(level[0])
		if err != nil {
			return err
		}
		if flags == pageLeaf {
			for _, id := range level {
				if t.seen[id] {
					return fmt.Errorf("page %d is a branch, and a leaf was expected", id)
				}
			}
			return nil
		}
		var below []uint64
		for _, id := range level {
			if t.seen[id] {
				return fmt.Errorf("page %d is reached twice", id)
			}
			t.seen[id] = true
			if below, err = t.children(below, id); err != nil {
				return err
			}
		}
		level = below
	}
	return fmt.Errorf("more than %d levels", maxTreeLevels)
}

func (t *tree) read(b []byte, id uint64, off int) error {
	if id > 1<<40 {
		return fmt.Errorf("page %d", id)
	}
	if _, err := t.f.ReadAt(b, int64(id)*int64(t.size)+int64(off)); err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	return nil
}

func (t *tree) flags(id uint64) (uint16, error) {
	var b [pageHeadSize]byte
	if err := t.read(b[:], id, 0); err != nil {
		return 0, err
	}
	flags := binary.NativeEndian.Uint16(b[8:])
	if binary.NativeEndian.Uint64(b[:]) != id || flags != pageBranch && flags != pageLeaf {
		return 0, fmt.Errorf("page %d has number %d and flags %x", id, binary.NativeEndian.Uint64(b[:]), flags)
	}
	return flags, nil
}

// children appends the pages that a branch page leads to.
func (t *tree) children(list []uint64, id uint64) ([]uint64, error) {
	flags, err := t.flags(id)
	if err != nil {
		return nil, err
	}
	var head [pageHeadSize]byte
	if err := t.read(head[:], id, 0); err != nil {
		return nil, err
	}
	count := int(binary.NativeEndian.Uint16(head[10:]))
	if flags != pageBranch || count == 0 {
		return nil, fmt.Errorf("page %d is no branch, or an empty one", id)
	}
	b := make([]byte, count*pageElemSize)
	if err := t.read(b, id, pageHeadSize); err != nil {
		return nil, err
	}
	for ; len(b) > 0; b = b[pageElemSize:] {
		list = append(list, binary.NativeEndian.Uint64(b[8:]))
	}
	return list, nil
}

package kv

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"
	"os"
)

// A meta page of bbolt, behind the page's header of 16 bytes (native order):
//
//	 0 magic u32 | 4 version u32 | 8 page size u32 | 12 flags u32
//	16 root page u64 | 24 sequence u64 | 32 freelist page u64
//	40 high-water mark u64 | 48 transaction u64 | 56 FNV-64a of the bytes before
const (
	boltMagic    = 0xED0CDAED
	boltVersion  = 2
	noFreelist   = 1<<64 - 1
	flagFreelist = 0x10
)

type boltMeta struct {
	root, freelist, pages, txid uint64
}

func parseMeta(page []byte) (m boltMeta, ok bool) {
	b := page[pageHeader:]
	sum := fnv.New64a()
	sum.Write(b[:56])
	if binary.NativeEndian.Uint32(b) != boltMagic || binary.NativeEndian.Uint32(b[4:]) != boltVersion ||
		binary.NativeEndian.Uint32(b[8:]) != boltPageSize || sum.Sum64() != binary.NativeEndian.Uint64(b[56:]) {
		return m, false
	}
	return boltMeta{
		root:     binary.NativeEndian.Uint64(b[16:]),
		freelist: binary.NativeEndian.Uint64(b[32:]),
		pages:    binary.NativeEndian.Uint64(b[40:]),
		txid:     binary.NativeEndian.Uint64(b[48:]),
	}, true
}

// precheck looks at what bbolt trusts blindly when it opens a file: the length of
// the list of free pages, for which it allocates memory, and its entries, which
// it overwrites. A list that cannot be right is ErrDamaged.
func precheck(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, 2*boltPageSize)
	if n, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	} else if n == 0 {
		return nil // new
	} else if n < len(head) {
		return damaged("only %d bytes long", n)
	}
	m, ok := parseMeta(head[:boltPageSize])
	if other, ok2 := parseMeta(head[boltPageSize:]); ok2 && (!ok || other.txid > m.txid) {
		m, ok = other, true
	}
	if !ok {
		return damaged("neither meta page is whole")
	}
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if m.pages > uint64(st.Size())/boltPageSize {
		return damaged("%d pages are used, the file has %d", m.pages, st.Size()/boltPageSize)
	}
	if m.root < 2 || m.root >= m.pages {
		return damaged("the root is page %d of %d", m.root, m.pages)
	}
	if m.freelist == noFreelist {
		return nil
	}
	return checkFreelist(f, m)
}

func checkFreelist(f *os.File, m boltMeta) error {
	if m.freelist < 2 || m.freelist >= m.pages {
		return damaged("the list of free pages is page %d of %d", m.freelist, m.pages)
	}
	head := make([]byte, pageHeader+8)
	if _, err := f.ReadAt(head, int64(m.freelist)*boltPageSize); err != nil {
		return err
	}
	overflow := uint64(binary.NativeEndian.Uint32(head[12:]))
	if binary.NativeEndian.Uint64(head) != m.freelist || binary.NativeEndian.Uint16(head[8:]) != flagFreelist || overflow >= m.pages-m.freelist {
		return damaged("page %d is not the list of free pages", m.freelist)
	}
	// A long list has its length in the first element.
	first, count := uint64(0), uint64(binary.NativeEndian.Uint16(head[10:]))
	if count == 0xffff {
		first, count = 1, binary.NativeEndian.Uint64(head[pageHeader:])
	}
	room := ((overflow+1)*boltPageSize - pageHeader) / 8
	if count > room-first {
		return damaged("the list of free pages names %d, and has room for %d", count, room-first)
	}
	b := make([]byte, 8*count)
	if _, err := f.ReadAt(b, int64(m.freelist)*boltPageSize+pageHeader+8*int64(first)); err != nil {
		return err
	}
	last := uint64(1)
	for ; len(b) > 0; b = b[8:] {
		id := binary.NativeEndian.Uint64(b)
		inList := id >= m.freelist && id <= m.freelist+overflow
		if id <= last || id >= m.pages || id == m.root || inList {
			return damaged("the list of free pages names page %d", id)
		}
		last = id
	}
	return nil
}

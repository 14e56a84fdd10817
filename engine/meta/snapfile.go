package meta

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine/meta/kv"
)

// A snapshot file, big-endian:
//
//	 0   8  magic "SDSNAP\0\0"
//	 8   2  version, 1
//	10   2  flags, 0
//	12   4  0
//	16  16  store ID
//	32  64  0
//	96  32  SHA-256 over the bytes before
//	128     blocks
//
// A block:
//
//	 0   4  magic "SDBK"
//	 4   1  kind: 1 records, 2 changes, 3 end
//	 5   3  0
//	 8   4  number of items
//	12   4  0
//	16   8  length of the payload
//	24   4  key ID, 0   (reserved for encryption at rest)
//	28  12  nonce, 0    (reserved)
//	40  16  tag, 0      (reserved)
//	56   8  0
//	64   n  payload
//	 +  32  check: SHA-256 over the check of the block before (of the file's
//	        header for the first), header and payload
//
// A record: key length u32, value length u32, key (table u16 in front), stored
// value in its envelope. A change: flags u8 (1 tombstone, 2 there was a record
// before), key length u32, value length u32, check of the record before 2 × u64,
// key, stored value. Records ascend over the whole file; changes came while the
// records were read, to keys that had been read already, and apply in order. The
// end holds the header record of the state that results.
const (
	snapMagic   = "SDSNAP\x00\x00"
	snapVersion = 1
	snapHeader  = 128
	blockMagic  = "SDBK"
	blockHeader = 64
	blockTarget = 256 << 10
	blockMax    = 64 << 20

	blockRecords = 1
	blockChanges = 2
	blockEnd     = 3

	changeTombstone = 1
	changeHasBase   = 2
)

// A block being filled.
type block struct {
	kind  byte
	count uint32
	data  []byte
}

// A snapWriter writes a snapshot file. add and change only fill blocks in
// memory; write brings them to the disk.
type snapWriter struct {
	f         vfs.File
	off       int64
	allocated int64
	chain     [32]byte
	blocks    []*block
}

func newSnapWriter(f vfs.File, id [16]byte) (*snapWriter, error) {
	b := make([]byte, 96)
	copy(b, snapMagic)
	binary.BigEndian.PutUint16(b[8:], snapVersion)
	copy(b[16:], id[:])
	w := &snapWriter{f: f, chain: sha256.Sum256(b)}
	return w, w.put(append(b, w.chain[:]...))
}

// put writes at the end. Space is allocated ahead of it.
func (w *snapWriter) put(b []byte) error {
	if end := w.off + int64(len(b)); end > w.allocated {
		step := max(int64(len(b)), 4<<20)
		if err := w.f.Allocate(w.off, step); err != nil {
			return err
		}
		w.allocated = w.off + step
	}
	_, err := w.f.WriteAt(b, w.off)
	w.off += int64(len(b))
	return err
}

func (w *snapWriter) block(kind byte) *block {
	if n := len(w.blocks); n > 0 && w.blocks[n-1].kind == kind && len(w.blocks[n-1].data) < blockTarget {
		return w.blocks[n-1]
	}
	b := &block{kind: kind}
	w.blocks = append(w.blocks, b)
	return b
}

func (w *snapWriter) record(k, raw []byte) {
	b := w.block(blockRecords)
	b.count++
	b.data = binary.BigEndian.AppendUint32(b.data, uint32(len(k)))
	b.data = binary.BigEndian.AppendUint32(b.data, uint32(len(raw)))
	b.data = append(append(b.data, k...), raw...)
}

func (w *snapWriter) change(e *entry) {
	b := w.block(blockChanges)
	b.count++
	var flags byte
	n := envelopeSize + len(e.value)
	if e.del {
		flags, n = flags|changeTombstone, 0
	}
	if e.hasBase {
		flags |= changeHasBase
	}
	b.data = append(b.data, flags)
	b.data = binary.BigEndian.AppendUint32(b.data, uint32(len(e.key)))
	b.data = binary.BigEndian.AppendUint32(b.data, uint32(n))
	b.data = binary.BigEndian.AppendUint64(b.data, e.base[0])
	b.data = binary.BigEndian.AppendUint64(b.data, e.base[1])
	b.data = append(b.data, e.key...)
	if !e.del {
		b.data = appendEnvelope(b.data, e.check, e.value)
	}
}

// write brings the filled blocks to the file.
func (w *snapWriter) write() error {
	for _, b := range w.blocks {
		out := make([]byte, blockHeader, blockHeader+len(b.data)+32)
		copy(out, blockMagic)
		out[4] = b.kind
		binary.BigEndian.PutUint32(out[8:], b.count)
		binary.BigEndian.PutUint64(out[16:], uint64(len(b.data)))
		out = append(out, b.data...)
		w.chain = blockCheck(w.chain, out)
		if err := w.put(append(out, w.chain[:]...)); err != nil {
			return err
		}
	}
	w.blocks = w.blocks[:0]
	return nil
}

func (w *snapWriter) end(h *header) error {
	b := w.block(blockEnd)
	b.count, b.data = 1, h.encode()
	return w.write()
}

func blockCheck(prev [32]byte, b []byte) (sum [32]byte) {
	h := sha256.New()
	h.Write(prev[:])
	h.Write(b)
	h.Sum(sum[:0])
	return sum
}

// errSnapshot marks everything that is wrong with a snapshot file.
var errSnapshot = errors.New("snapshot is damaged")

func badSnapshot(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errSnapshot}, args...)...)
}

// A snapItem is a record or change read from a snapshot.
type snapItem struct {
	op      kv.Op
	change  bool
	hasBase bool
	base    check
}

// readSnapshot reads a snapshot, checking everything, and gives the operations
// of each block to fn (which may be nil). It returns the header at its end only
// if the counts and digests of what was read are those that it names.
func readSnapshot(r io.ReaderAt, size int64, id [16]byte, fn func([]kv.Op) error) (*header, error) {
	b := make([]byte, snapHeader)
	if size < snapHeader {
		return nil, badSnapshot("only %d bytes long", size)
	}
	if _, err := r.ReadAt(b, 0); err != nil {
		return nil, err
	}
	chain := sha256.Sum256(b[:96])
	switch {
	case string(b[:8]) != snapMagic || chain != [32]byte(b[96:]) || binary.BigEndian.Uint16(b[8:]) != snapVersion:
		return nil, badSnapshot("the file's header does not hold")
	case [16]byte(b[16:32]) != id:
		return nil, badSnapshot("belongs to another store")
	}
	sr := snapReader{r: r, size: size, off: snapHeader, chain: chain}
	for {
		kind, count, data, err := sr.next()
		if err != nil {
			return nil, err
		}
		if kind == blockEnd {
			return sr.finish(data, id)
		}
		ops, err := sr.items(kind, count, data)
		if err == nil && fn != nil {
			err = fn(ops)
		}
		if err != nil {
			return nil, err
		}
	}
}

type snapReader struct {
	r       io.ReaderAt
	size    int64
	off     int64
	chain   [32]byte
	last    []byte // key of the last record
	tallies tallies
	buf     []byte
}

func (s *snapReader) next() (kind byte, count uint32, data []byte, err error) {
	var head [blockHeader]byte
	if s.size-s.off < blockHeader+32 {
		return 0, 0, nil, badSnapshot("cut off at %d", s.off)
	}
	if _, err := s.r.ReadAt(head[:], s.off); err != nil {
		return 0, 0, nil, err
	}
	n := binary.BigEndian.Uint64(head[16:])
	if string(head[:4]) != blockMagic || n > blockMax || int64(n) > s.size-s.off-blockHeader-32 {
		return 0, 0, nil, badSnapshot("no block at %d", s.off)
	}
	if need := blockHeader + int(n) + 32; cap(s.buf) < need {
		s.buf = make([]byte, need)
	}
	b := s.buf[:blockHeader+int(n)+32]
	if m, err := s.r.ReadAt(b, s.off); err != nil && !(errors.Is(err, io.EOF) && m == len(b)) {
		return 0, 0, nil, err
	}
	body := b[:blockHeader+int(n)]
	s.chain = blockCheck(s.chain, body)
	if s.chain != [32]byte(b[len(body):]) {
		return 0, 0, nil, badSnapshot("the check of the block at %d does not hold", s.off)
	}
	s.off += int64(len(b))
	return body[4], binary.BigEndian.Uint32(body[8:]), body[blockHeader:], nil
}

func (s *snapReader) items(kind byte, count uint32, b []byte) ([]kv.Op, error) {
	var ops []kv.Op
	for range count {
		it, rest, err := decodeItem(kind, b)
		if err != nil {
			return nil, err
		}
		b = rest
		if err := s.account(&it); err != nil {
			return nil, err
		}
		ops = append(ops, it.op)
	}
	if len(b) != 0 {
		return nil, badSnapshot("a block holds more than its items")
	}
	return ops, nil
}

func decodeItem(kind byte, b []byte) (it snapItem, rest []byte, err error) {
	head := 8
	if kind == blockChanges {
		head = 25
	} else if kind != blockRecords {
		return it, nil, badSnapshot("a block of kind %d", kind)
	}
	if len(b) < head {
		return it, nil, badSnapshot("an item is cut off")
	}
	at := 0
	if kind == blockChanges {
		it.change, it.hasBase, it.op.Delete = true, b[0]&changeHasBase != 0, b[0]&changeTombstone != 0
		it.base = check{binary.BigEndian.Uint64(b[9:]), binary.BigEndian.Uint64(b[17:])}
		at = 1
	}
	kn, vn := uint64(binary.BigEndian.Uint32(b[at:])), uint64(binary.BigEndian.Uint32(b[at+4:]))
	b = b[head:]
	if kn < 2 || kn+vn > uint64(len(b)) {
		return it, nil, badSnapshot("an item reaches beyond its block")
	}
	it.op.Key, it.op.Value = b[:kn:kn], b[kn:kn+vn:kn+vn]
	return it, b[kn+vn:], nil
}

func (s *snapReader) account(it *snapItem) error {
	t := s.tallies.of(tableOf(it.op.Key))
	if !it.change {
		if s.last != nil && string(s.last) >= string(it.op.Key) {
			return badSnapshot("records out of order")
		}
		s.last = append(s.last[:0], it.op.Key...)
	}
	if it.hasBase {
		t.remove(it.base)
	}
	if it.op.Delete {
		return nil
	}
	_, c, err := openEnvelope(it.op.Key, it.op.Value)
	if err != nil {
		return badSnapshot("record %x: %v", it.op.Key, err)
	}
	t.add(c)
	return nil
}

func (s *snapReader) finish(data []byte, id [16]byte) (*header, error) {
	h, err := decodeHeader(data)
	if err != nil || h.store != id {
		return nil, badSnapshot("the header record at its end does not hold")
	}
	if s.off != s.size {
		return nil, badSnapshot("%d bytes follow its end", s.size-s.off)
	}
	w := walk{low: []byte{0}, tallies: s.tallies}
	if wrong := w.compare(h.tallies); len(wrong) > 0 {
		return nil, badSnapshot("%s: %v", tableName(wrong[0]), errTally)
	}
	return h, nil
}

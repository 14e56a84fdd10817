package records

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"

	"scaidrive/client/planner"
)

// The file:
//
//	8 bytes   magic
//	frames    4 bytes length of the body, 4 bytes CRC-32C of offset, kind and body, 1 byte kind, body
//
// A commit's body: the state as JSON (uvarint length, 0: as it was), removed IDs
// (uvarint count; each uvarint length and bytes), then records up to the end. A
// record: ID, parent, name and version (each uvarint length and bytes), a byte of
// flags, as varints the content's size, the number of the write and the stamp's
// size, mtime, ctime, volume, number and birth, then, of a file, 32 bytes SHA-256.
// All numbers of fixed length are little-endian.
const magic = "SDSYNC1\n"

const (
	frameCommit byte = 1 + iota
	frameOpened
	frameClosed
)

const (
	frameHead = 9
	maxFrame  = 1 << 30
)

// sum covers where a frame stands, so that one that was moved is noticed.
func sum(at int64, kind byte, body []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	head := binary.LittleEndian.AppendUint64(nil, uint64(at))
	return crc32.Update(crc32.Checksum(append(head, kind), table), table, body)
}

func makeFrame(kind byte, body []byte, at int64) []byte {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, frameHead+len(body)), uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, sum(at, kind, body))
	return append(append(b, kind), body...)
}

// frameSize is the length of the body of a frame.
func frameSize(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// readFrame reads the frame that b begins with, which stands at an offset; n is
// its length in all.
func readFrame(b []byte, at int64) (kind byte, body []byte, n int, err error) {
	if len(b) < frameHead {
		return 0, nil, 0, fmt.Errorf("%w: a short frame", ErrDamaged)
	}
	size := frameSize(b)
	if size > maxFrame || int(size) > len(b)-frameHead {
		return 0, nil, 0, fmt.Errorf("%w: a frame longer than the file", ErrDamaged)
	}
	n = frameHead + int(size)
	kind, body = b[8], b[frameHead:n]
	if binary.LittleEndian.Uint32(b[4:]) != sum(at, kind, body) {
		return 0, nil, 0, fmt.Errorf("%w: a checksum does not match", ErrDamaged)
	}
	return kind, body, n, nil
}

// torn reports whether a bad frame is the last one, as a crash leaves it: nothing
// that follows is a frame.
func torn(b []byte, at int64) bool {
	for i := 1; i+frameHead <= len(b); i++ {
		if size := binary.LittleEndian.Uint32(b[i:]); int64(size) > int64(len(b)-i-frameHead) || b[i+8] == 0 || b[i+8] > frameClosed {
			continue
		}
		if _, _, _, err := readFrame(b[i:], at+int64(i)); err == nil {
			return false
		}
	}
	return true
}

const (
	flagFolder = 1 << iota
	flagExec
	flagHeld
	flagBare
	flagStampExec
)

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendRecord(b []byte, r *Record) []byte {
	n := &r.Node
	for _, s := range []string{string(n.ID), string(n.Parent), n.Name, n.Version} {
		b = appendText(b, s)
	}
	var flags byte
	for _, f := range []struct {
		is  bool
		bit byte
	}{{n.Folder, flagFolder}, {n.File.Exec, flagExec}, {n.Held, flagHeld}, {n.Bare, flagBare}, {r.Stamp.Exec, flagStampExec}} {
		if f.is {
			flags |= f.bit
		}
	}
	b = append(b, flags)
	for _, v := range []int64{
		n.File.Size, int64(r.Written), r.Stamp.Size, r.Stamp.MTime, r.Stamp.CTime,
		int64(r.Stamp.Identity.Volume), int64(r.Stamp.Identity.Number), r.Stamp.Identity.Birth,
	} {
		b = binary.AppendVarint(b, v)
	}
	if !n.Folder {
		b = append(b, n.File.Hash[:]...)
	}
	return b
}

func sizeOf(r *Record) int64 { return int64(len(appendRecord(make([]byte, 0, 256), r))) }

func encodeCommit(c *Commit) []byte {
	var b []byte
	if c.State == nil {
		b = binary.AppendUvarint(b, 0)
	} else {
		state, err := json.Marshal(c.State)
		if err != nil {
			panic(err) // numbers, booleans and strings
		}
		b = appendText(b, string(state))
	}
	b = binary.AppendUvarint(b, uint64(len(c.Remove)))
	for _, id := range c.Remove {
		b = appendText(b, string(id))
	}
	for i := range c.Put {
		b = appendRecord(b, &c.Put[i])
	}
	return b
}

// A reader takes values off a body; after the first that is not there all are
// zero.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) fail() { r.b, r.bad = nil, true }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) text() string { return string(r.bytes(r.uvarint())) }

// commitHead takes what stands before the records of a commit.
func (r *reader) commitHead() (state *State, removed []planner.ID) {
	if text := r.bytes(r.uvarint()); len(text) > 0 {
		state = &State{}
		if err := json.Unmarshal(text, state); err != nil {
			r.fail()
			return nil, nil
		}
	}
	for range min(r.uvarint(), uint64(len(r.b))) {
		removed = append(removed, planner.ID(r.text()))
	}
	return state, removed
}

func (r *reader) failed() error {
	if r.bad {
		return fmt.Errorf("%w: a commit ends too early, or is none", ErrDamaged)
	}
	return nil
}

// A keeper makes texts of bytes that are valid for the moment.
type keeper interface {
	text(b []byte) string
	parent(b []byte) planner.ID
}

// record takes a record into k, which is zero.
func (r *reader) record(to keeper, k *kept) {
	before := len(r.b)
	n := &k.node
	n.ID = planner.ID(to.text(r.bytes(r.uvarint())))
	n.Parent = to.parent(r.bytes(r.uvarint()))
	n.Name, n.Version = to.text(r.bytes(r.uvarint())), to.text(r.bytes(r.uvarint()))
	var flags byte
	if f := r.bytes(1); f != nil {
		flags = f[0]
	}
	n.Folder, n.File.Exec, n.Held, n.Bare = flags&flagFolder != 0, flags&flagExec != 0, flags&flagHeld != 0, flags&flagBare != 0
	k.stamp.Exec = flags&flagStampExec != 0
	n.File.Size, k.written = r.varint(), uint64(r.varint())
	k.stamp.Size, k.stamp.MTime, k.stamp.CTime = r.varint(), r.varint(), r.varint()
	k.stamp.Identity = planner.Identity{Volume: uint64(r.varint()), Number: uint64(r.varint()), Birth: r.varint()}
	if !n.Folder {
		copy(n.File.Hash[:], r.bytes(32))
	}
	k.size = int64(before - len(r.b))
}

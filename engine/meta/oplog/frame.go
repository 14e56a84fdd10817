package oplog

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// A frame, big-endian:
//
//	  0   4  magic "SDFR"
//	  4   1  version, 1
//	  5   1  kind: 1 commit, 2 end of the segment
//	  6   2  flags, 0
//	  8   8  LSN (of an end: that of the last frame)
//	 16   8  length of the payload
//	 24   4  number of pack marks
//	 28   4  number of writes
//	 32  32  chain: the check of the frame before
//	 64   4  key ID, 0      (reserved for encryption at rest)
//	 68  12  nonce, 0       (reserved)
//	 80  16  tag, 0         (reserved)
//	 96  32  reserved, 0
//	128   n  payload: marks, then writes
//	 +n  32  check: SHA-256 over the chain value in the segment's header, then
//	         all bytes of the frame up to here
//	         zeros up to a multiple of 8
//
// A mark: pack u32, length u64. A write: table u16, kind u8 (1 value,
// 2 tombstone), 0 u8, key length u32, value length u32, key, value. Writes
// ascend strictly by (table, key).
const (
	frameMagic   = "SDFR"
	frameVersion = 1
	frameHeader  = 128
	frameCheck   = 32
	frameAlign   = 8
	markSize     = 12
	writeHeader  = 12

	kindCommit = 1
	kindEnd    = 2

	opValue     = 1
	opTombstone = 2
)

// Chain is the SHA-256 that ties a frame to all before it.
type Chain [32]byte

// A Mark is the durable length of a pack that the frame relies on.
type Mark struct {
	Pack   uint32
	Length int64
}

// A Write is the after-image or the removal of one key.
type Write struct {
	Table  uint16
	Key    []byte
	Value  []byte
	Delete bool
}

// A Frame is one commit. Writes ascend strictly by (Table, Key).
type Frame struct {
	LSN    uint64
	Marks  []Mark
	Writes []Write
}

var (
	errNoFrame   = errors.New("no frame")
	errShort     = errors.New("frame is cut off")
	errBadFrame  = errors.New("frame does not decode")
	errBadCheck  = errors.New("frame's check does not hold")
	errBadVerson = errors.New("frame has an unknown version")
)

func aligned(n int) int { return (n + frameAlign - 1) &^ (frameAlign - 1) }

// size is the frame's length in the segment.
func (f *Frame) size() int {
	n := frameHeader + len(f.Marks)*markSize + frameCheck
	for i := range f.Writes {
		n += writeHeader + len(f.Writes[i].Key) + len(f.Writes[i].Value)
	}
	return aligned(n)
}

// appendFrame encodes f and returns the check.
func appendFrame(b []byte, f *Frame, kind byte, prev, seed Chain) ([]byte, Chain) {
	start := len(b)
	b = append(b, frameMagic...)
	b = append(b, frameVersion, kind, 0, 0)
	b = binary.BigEndian.AppendUint64(b, f.LSN)
	b = binary.BigEndian.AppendUint64(b, 0) // length, below
	b = binary.BigEndian.AppendUint32(b, uint32(len(f.Marks)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(f.Writes)))
	b = append(b, prev[:]...)
	b = append(b, make([]byte, frameHeader-64)...)
	for _, m := range f.Marks {
		b = binary.BigEndian.AppendUint32(b, m.Pack)
		b = binary.BigEndian.AppendUint64(b, uint64(m.Length))
	}
	for i := range f.Writes {
		w := &f.Writes[i]
		op := byte(opValue)
		if w.Delete {
			op = opTombstone
		}
		b = binary.BigEndian.AppendUint16(b, w.Table)
		b = append(b, op, 0)
		b = binary.BigEndian.AppendUint32(b, uint32(len(w.Key)))
		b = binary.BigEndian.AppendUint32(b, uint32(len(w.Value)))
		b = append(b, w.Key...)
		b = append(b, w.Value...)
	}
	binary.BigEndian.PutUint64(b[start+16:], uint64(len(b)-start-frameHeader))
	check := sum(seed, b[start:])
	b = append(b, check[:]...)
	for (len(b)-start)%frameAlign != 0 {
		b = append(b, 0)
	}
	return b, check
}

func sum(seed Chain, b []byte) (c Chain) {
	h := sha256.New()
	h.Write(seed[:])
	h.Write(b)
	h.Sum(c[:0])
	return c
}

// A decoded frame: its slices point into the buffer.
type decoded struct {
	Frame
	kind  byte
	prev  Chain
	check Chain
	size  int
}

// decodeFrame reads the frame at the start of b. errNoFrame: only zeros follow.
func decodeFrame(b []byte, seed Chain) (*decoded, error) {
	if len(b) < frameHeader+frameCheck || string(b[:4]) != frameMagic {
		if allZero(b) {
			return nil, errNoFrame
		}
		return nil, errBadFrame
	}
	if b[4] != frameVersion {
		return nil, errBadVerson
	}
	d := &decoded{kind: b[5]}
	d.LSN = binary.BigEndian.Uint64(b[8:])
	n := binary.BigEndian.Uint64(b[16:])
	if n > uint64(len(b)-frameHeader-frameCheck) {
		return nil, errShort
	}
	end := frameHeader + int(n)
	d.check = Chain(b[end : end+frameCheck])
	if sum(seed, b[:end]) != d.check {
		return nil, errBadCheck
	}
	d.size = min(aligned(end+frameCheck), len(b))
	if !allZero(b[end+frameCheck:d.size]) || !allZero(b[6:8]) || !allZero(b[64:frameHeader]) {
		return nil, errBadFrame
	}
	d.prev = Chain(b[32:64])
	marks, writes := binary.BigEndian.Uint32(b[24:]), binary.BigEndian.Uint32(b[28:])
	return d, d.payload(b[frameHeader:end], uint64(marks), uint64(writes))
}

func (d *decoded) payload(b []byte, marks, writes uint64) error {
	if d.kind != kindCommit && (d.kind != kindEnd || len(b) != 0 || marks != 0 || writes != 0) {
		return errBadFrame
	}
	if marks*markSize > uint64(len(b)) || writes*writeHeader > uint64(len(b)) {
		return errBadFrame
	}
	d.Marks = make([]Mark, 0, marks)
	for range marks {
		if len(b) < markSize {
			return errBadFrame
		}
		m := Mark{Pack: binary.BigEndian.Uint32(b), Length: int64(binary.BigEndian.Uint64(b[4:]))}
		d.Marks = append(d.Marks, m)
		b = b[markSize:]
	}
	d.Writes = make([]Write, 0, writes)
	for range writes {
		if len(b) < writeHeader {
			return errBadFrame
		}
		w := Write{Table: binary.BigEndian.Uint16(b), Delete: b[2] == opTombstone}
		kn, vn := uint64(binary.BigEndian.Uint32(b[4:])), uint64(binary.BigEndian.Uint32(b[8:]))
		if b[3] != 0 || (b[2] != opValue && (b[2] != opTombstone || vn != 0)) || kn+vn > uint64(len(b)-writeHeader) {
			return errBadFrame
		}
		b = b[writeHeader:]
		w.Key, w.Value = b[:kn:kn], b[kn:kn+vn:kn+vn]
		b = b[kn+vn:]
		if n := len(d.Writes); n > 0 && !before(&d.Writes[n-1], &w) {
			return errBadFrame
		}
		d.Writes = append(d.Writes, w)
	}
	if len(b) != 0 {
		return errBadFrame
	}
	return nil
}

func before(a, b *Write) bool {
	if a.Table != b.Table {
		return a.Table < b.Table
	}
	return bytes.Compare(a.Key, b.Key) < 0
}

func allZero(b []byte) bool {
	var zero [1024]byte
	for len(b) > len(zero) {
		if !bytes.Equal(b[:len(zero)], zero[:]) {
			return false
		}
		b = b[len(zero):]
	}
	return bytes.Equal(b, zero[:len(b)])
}

// wholeAfter reports whether a whole frame with a number of at least lsn stands
// anywhere in b, and where.
func wholeAfter(b []byte, lsn uint64, seed Chain) (int, bool) {
	for at := 0; ; at++ {
		i := bytes.Index(b[at:], []byte(frameMagic))
		if i < 0 {
			return 0, false
		}
		at += i
		if d, err := decodeFrame(b[at:], seed); err == nil && d.LSN >= lsn {
			return at, true
		}
	}
}

// A DamageError says that a part of the log is not what was written.
type DamageError struct {
	Segment uint64 // 0: the log as a whole
	Offset  int64
	What    string
}

func (e *DamageError) Error() string {
	if e.Segment == 0 {
		return "operation log is damaged: " + e.What
	}
	return fmt.Sprintf("operation log is damaged: segment %d, offset %d: %s", e.Segment, e.Offset, e.What)
}

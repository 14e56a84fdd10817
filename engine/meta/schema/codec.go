package schema

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"scaidrive/engine"
)

// A codec walks over the fields of a record in ascending order of their numbers
// and, by its mode, writes them, reads them or lists them. A record's fields are
// thus written down once (records.go) and the two directions can't differ.
//
// The encoding is the wire format of protobuf in a canonical form, so that a
// record has one encoding only: numbers strictly ascend, no field stands twice,
// a field with its default is left out, varints are as short as they can be.
// What is read and is not of this form is damage. Fields that this build does
// not know have numbers above those that it knows; they are kept as they stand.
type codec struct {
	mode mode
	buf  []byte // encoding: what was written; decoding: the input
	tag  int    // decoding: where in buf the next field's tag begins
	pos  int    // decoding: where in buf the next field's value begins
	num  protowire.Number
	typ  protowire.Type
	last protowire.Number
	err  error
	list []Field
}

type mode uint8

const (
	decoding mode = iota
	encoding
	describing
)

// A Field is a line of a record's description in docs/formats/tables.md.
type Field struct {
	No   int
	Name string
	Type string
}

var (
	errTruncated  = errors.New("truncated")
	errNotMinimal = errors.New("a varint is longer than needed")
)

// encode gives the canonical bytes of a record.
func encode[T any](rec *T, walk func(*codec, *T)) []byte {
	c := codec{mode: encoding, buf: make([]byte, 0, 192)}
	walk(&c, rec)
	return c.buf
}

// decode reads a record from all of b; nothing of b is kept.
func decode[T any](b []byte, rec *T, walk func(*codec, *T)) error {
	c := codec{mode: decoding, buf: b}
	c.next()
	walk(&c, rec)
	if c.err == nil && c.num != 0 {
		c.fail("field %d is not known", c.num)
	}
	return c.err
}

// next reads the tag of the next field; num is 0 at the end.
func (c *codec) next() {
	c.tag = c.pos
	if c.pos == len(c.buf) {
		c.num = 0
		return
	}
	num, typ, n := protowire.ConsumeTag(c.buf[c.pos:])
	switch {
	case n < 0:
		c.fail("tag: %w", protowire.ParseError(n))
	case n != protowire.SizeTag(num):
		c.fail("tag: %w", errNotMinimal)
	case num <= c.last:
		c.fail("field %d after field %d", num, c.last)
	default:
		c.num, c.typ, c.last, c.pos = num, typ, num, c.pos+n
	}
}

// value is the input from the next field's value on.
func (c *codec) value() []byte { return c.buf[c.pos:] }

// took moves on behind a value of n bytes.
func (c *codec) took(n int) {
	c.pos += n
	c.next()
}

// fail keeps the first error and makes the rest of the walk do nothing.
func (c *codec) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
	c.num, c.pos = 0, len(c.buf)
}

// at reports whether, decoding, the next field is the one named.
func (c *codec) at(n protowire.Number, name string, typ protowire.Type) bool {
	if c.num != n {
		if c.num != 0 && c.num < n {
			c.fail("field %d is not known", c.num)
		}
		return false
	}
	if c.typ != typ {
		c.fail("field %s has wire type %d", name, c.typ)
		return false
	}
	return true
}

func (c *codec) describe(n protowire.Number, name, typ string) bool {
	if c.mode != describing {
		return false
	}
	c.list = append(c.list, Field{int(n), name, typ})
	return true
}

// rawVarint handles a varint; it returns the value read and whether there was one.
func (c *codec) rawVarint(n protowire.Number, name string, v uint64) (uint64, bool) {
	if c.mode == encoding {
		if v != 0 {
			c.buf = protowire.AppendVarint(protowire.AppendTag(c.buf, n, protowire.VarintType), v)
		}
		return 0, false
	}
	if !c.at(n, name, protowire.VarintType) {
		return 0, false
	}
	v, k := protowire.ConsumeVarint(c.value())
	switch {
	case k < 0:
		c.fail("field %s: %w", name, errTruncated)
	case k != protowire.SizeVarint(v):
		c.fail("field %s: %w", name, errNotMinimal)
	case v == 0:
		c.fail("field %s has its default", name)
	default:
		c.took(k)
		return v, true
	}
	return 0, false
}

// rawBytes handles a length-delimited field; what it returns is valid as long as
// the input is.
func (c *codec) rawBytes(n protowire.Number, name string, v []byte) ([]byte, bool) {
	if c.mode == encoding {
		if len(v) != 0 {
			c.buf = protowire.AppendBytes(protowire.AppendTag(c.buf, n, protowire.BytesType), v)
		}
		return nil, false
	}
	if !c.at(n, name, protowire.BytesType) {
		return nil, false
	}
	v, rest, err := consumeBytes(c.value())
	if err != nil {
		c.fail("field %s: %w", name, err)
		return nil, false
	}
	if len(v) == 0 {
		c.fail("field %s has its default", name)
		return nil, false
	}
	c.took(len(c.value()) - len(rest))
	return v, true
}

// consumeBytes takes a length and that many bytes from b.
func consumeBytes(b []byte) (v, rest []byte, err error) {
	size, k := protowire.ConsumeVarint(b)
	switch {
	case k < 0:
		return nil, nil, errTruncated
	case k != protowire.SizeVarint(size):
		return nil, nil, errNotMinimal
	case size > uint64(len(b)-k):
		return nil, nil, errTruncated
	}
	return b[k : k+int(size)], b[k+int(size):], nil
}

// unsigned handles an unsigned integer or enumeration.
func unsigned[T ~uint8 | ~uint32 | ~uint64](c *codec, n protowire.Number, name string, p *T) {
	if c.describe(n, name, "uint") {
		return
	}
	if v, ok := c.rawVarint(n, name, uint64(*p)); ok {
		if *p = T(v); uint64(*p) != v {
			c.fail("field %s is out of range", name)
		}
	}
}

// signed handles a signed integer, zigzag encoded.
func signed[T ~int | ~int64](c *codec, n protowire.Number, name string, p *T) {
	if c.describe(n, name, "sint") {
		return
	}
	if v, ok := c.rawVarint(n, name, protowire.EncodeZigZag(int64(*p))); ok {
		i := protowire.DecodeZigZag(v)
		if *p = T(i); int64(*p) != i {
			c.fail("field %s is out of range", name)
		}
	}
}

func (c *codec) bool(n protowire.Number, name string, p *bool) {
	if c.describe(n, name, "bool") {
		return
	}
	var in uint64
	if *p {
		in = 1
	}
	if v, ok := c.rawVarint(n, name, in); ok {
		if *p = true; v != 1 {
			c.fail("field %s is out of range", name)
		}
	}
}

// time handles a moment: microseconds since 1970 as a signed 64-bit number in 8
// bytes, little-endian. The zero time is left out; 1970 itself is not.
func (c *codec) time(n protowire.Number, name string, p *time.Time) {
	if c.describe(n, name, "time") {
		return
	}
	if c.mode == encoding {
		if !p.IsZero() {
			c.buf = protowire.AppendTag(c.buf, n, protowire.Fixed64Type)
			c.buf = protowire.AppendFixed64(c.buf, uint64(p.UnixMicro()))
		}
		return
	}
	if !c.at(n, name, protowire.Fixed64Type) {
		return
	}
	v, k := protowire.ConsumeFixed64(c.value())
	if k < 0 {
		c.fail("field %s: %w", name, errTruncated)
		return
	}
	*p = time.UnixMicro(int64(v)).UTC()
	if p.IsZero() {
		c.fail("field %s has its default", name)
		return
	}
	if p.UnixMicro() != int64(v) {
		c.fail("field %s is out of range", name)
		return
	}
	c.took(k)
}

func (c *codec) string(n protowire.Number, name string, p *string) {
	if c.describe(n, name, "string") {
		return
	}
	if c.mode == encoding {
		if *p != "" {
			c.buf = protowire.AppendString(protowire.AppendTag(c.buf, n, protowire.BytesType), *p)
		}
		return
	}
	if v, ok := c.rawBytes(n, name, nil); ok {
		*p = string(v)
	}
}

// fixed handles a field of a fixed number of bytes, left out when all are zero.
func (c *codec) fixed(n protowire.Number, name string, p []byte) {
	if c.mode == encoding {
		if !allZero(p) {
			c.rawBytes(n, name, p)
		}
		return
	}
	v, ok := c.rawBytes(n, name, nil)
	switch {
	case !ok:
	case len(v) != len(p):
		c.fail("field %s has %d bytes", name, len(v))
	case allZero(v):
		c.fail("field %s has its default", name)
	default:
		copy(p, v)
	}
}

func allZero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

// bytes handles at most limit bytes that mean something elsewhere.
func (c *codec) bytes(n protowire.Number, name string, limit int, p *[]byte) {
	if c.describe(n, name, "bytes") {
		return
	}
	if c.mode == encoding {
		c.rawBytes(n, name, *p)
		return
	}
	v, ok := c.rawBytes(n, name, nil)
	switch {
	case !ok:
	case len(v) > limit:
		c.fail("field %s has %d bytes", name, len(v))
	default:
		*p = append([]byte(nil), v...)
	}
}

func (c *codec) id(n protowire.Number, name string, p *engine.ID) {
	if !c.describe(n, name, "id") {
		c.fixed(n, name, p[:])
	}
}

func (c *codec) hash(n protowire.Number, name string, p *[32]byte) {
	if !c.describe(n, name, "hash") {
		c.fixed(n, name, p[:])
	}
}

// seal handles a count (4 bytes, big-endian) and a digest (16 bytes).
func (c *codec) seal(n protowire.Number, name string, p *engine.Seal) {
	if c.describe(n, name, "seal") {
		return
	}
	var b [20]byte
	binary.BigEndian.PutUint32(b[:], p.Count)
	copy(b[4:], p.Digest[:])
	c.fixed(n, name, b[:])
	if c.mode == decoding {
		p.Count = binary.BigEndian.Uint32(b[:])
		copy(p.Digest[:], b[4:])
	}
}

// digest handles two 64-bit sums, big-endian.
func (c *codec) digest(n protowire.Number, name string, p *engine.Digest) {
	if c.describe(n, name, "digest") {
		return
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], p[0])
	binary.BigEndian.PutUint64(b[8:], p[1])
	c.fixed(n, name, b[:])
	if c.mode == decoding {
		p[0], p[1] = binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:])
	}
}

// chunkSize is the length of a chunk in a list: SHA-256 and length, big-endian.
const chunkSize = 36

// chunks handles a list of at most engine.MaxInlineChunks chunks.
func (c *codec) chunks(n protowire.Number, name string, p *[]engine.Chunk) {
	c.chunkList(n, name, "chunks", engine.MaxInlineChunks, p)
}

// chunkList handles a list of at most limit chunks.
func (c *codec) chunkList(n protowire.Number, name, typ string, limit int, p *[]engine.Chunk) {
	if c.describe(n, name, typ) {
		return
	}
	if c.mode == encoding {
		var stack [engine.MaxInlineChunks * chunkSize]byte
		b := stack[:0]
		for i := range *p {
			b = append(b, (*p)[i].Hash[:]...)
			b = binary.BigEndian.AppendUint32(b, (*p)[i].Size)
		}
		c.rawBytes(n, name, b)
		return
	}
	v, ok := c.rawBytes(n, name, nil)
	if !ok {
		return
	}
	if len(v)%chunkSize != 0 || len(v) > limit*chunkSize {
		c.fail("field %s has %d bytes", name, len(v))
		return
	}
	list := make([]engine.Chunk, len(v)/chunkSize)
	for i := range list {
		copy(list[i].Hash[:], v[i*chunkSize:])
		list[i].Size = binary.BigEndian.Uint32(v[i*chunkSize+32:])
	}
	*p = list
}

// ids handles a list of at most limit IDs.
func (c *codec) ids(n protowire.Number, name string, limit int, p *[]engine.ID) {
	if c.describe(n, name, "ids") {
		return
	}
	if c.mode == encoding {
		var b []byte
		for i := range *p {
			b = append(b, (*p)[i][:]...)
		}
		c.rawBytes(n, name, b)
		return
	}
	v, ok := c.rawBytes(n, name, nil)
	if !ok {
		return
	}
	if len(v)%idSize != 0 || len(v) > limit*idSize {
		c.fail("field %s has %d bytes", name, len(v))
		return
	}
	list := make([]engine.ID, len(v)/idSize)
	for i := range list {
		copy(list[i][:], v[i*idSize:])
	}
	*p = list
}

// one handles a record within a record, left out when it is empty.
func one[T any](c *codec, n protowire.Number, name string, p *T, walk func(*codec, *T)) {
	if c.describe(n, name, "record") {
		return
	}
	if c.mode == encoding {
		c.rawBytes(n, name, encode(p, walk))
		return
	}
	if v, ok := c.rawBytes(n, name, nil); ok {
		if err := decode(v, p, walk); err != nil {
			c.fail("field %s: %w", name, err)
		}
	}
}

// records handles a list of records: each as a varint of its length and its bytes.
func records[T any](c *codec, n protowire.Number, name string, limit int, p *[]T, walk func(*codec, *T)) {
	if c.describe(n, name, "records") {
		return
	}
	if c.mode == encoding {
		var b []byte
		for i := range *p {
			b = protowire.AppendBytes(b, encode(&(*p)[i], walk))
		}
		c.rawBytes(n, name, b)
		return
	}
	v, ok := c.rawBytes(n, name, nil)
	var list []T
	for ok && len(v) > 0 {
		one, rest, err := consumeBytes(v)
		var rec T
		if err == nil {
			err = decode(one, &rec, walk)
		}
		if err == nil && len(list) == limit {
			err = fmt.Errorf("more than %d", limit)
		}
		if err != nil {
			c.fail("field %s, item %d: %w", name, len(list), err)
			return
		}
		list, v = append(list, rec), rest
	}
	if ok {
		*p = list
	}
}

// extra handles what this build does not know: everything that is left.
func (c *codec) extra(p *engine.Extra) {
	switch c.mode {
	case encoding:
		c.buf = append(c.buf, *p...)
	case decoding:
		if c.num == 0 {
			return
		}
		whole := c.buf[c.tag:]
		for c.num != 0 {
			c.skip()
		}
		if c.err == nil {
			*p = append(engine.Extra(nil), whole...)
		}
	case describing:
	}
}

// skip passes over the value of an unknown field.
func (c *codec) skip() {
	if c.typ == protowire.StartGroupType || c.typ == protowire.EndGroupType {
		c.fail("field %d has wire type %d", c.num, c.typ)
		return
	}
	k := protowire.ConsumeFieldValue(c.num, c.typ, c.value())
	if k < 0 {
		c.fail("field %d: %w", c.num, errTruncated)
		return
	}
	c.took(k)
}

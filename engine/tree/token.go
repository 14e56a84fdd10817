package tree

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"scaidrive/engine"
	"scaidrive/engine/names"
)

// tokens seals the state of a listing that goes on in another call. A token is
//
//	offset  bytes
//	     0     16  HMAC-SHA256, cut, under a key of this service, over the rest,
//	               the tenant and user it was given to, and what was asked for
//	    16      1  kind: 'c' children, 's' children by another order than their
//	               names', 't' tree, 'x' trash
//	    17      …  the listing's state
//
// in base64url. It is valid for that caller until the service ends; after that
// the listing is begun again.
type tokens struct{ key [32]byte }

const (
	tokenChildren = 'c'
	tokenSorted   = 's'
	tokenTree     = 't'
	tokenTrash    = 'x'
	macSize       = 16
)

func (t *tokens) mac(p *engine.Principal, asked, body []byte) []byte {
	m := hmac.New(sha256.New, t.key[:])
	var no [4]byte
	binary.BigEndian.PutUint32(no[:], uint32(p.Tenant))
	m.Write(no[:])
	m.Write(p.User[:])
	var size [4]byte
	binary.BigEndian.PutUint32(size[:], uint32(len(asked)))
	m.Write(size[:])
	m.Write(asked)
	m.Write(body)
	return m.Sum(nil)[:macSize]
}

func (t *tokens) seal(p *engine.Principal, kind byte, st *listing) string {
	return t.sealFor(p, kind, nil, st.append(nil))
}

// sealFor binds a state to what was asked for beside it: with anything else asked
// for, the token is not one of that listing.
func (t *tokens) sealFor(p *engine.Principal, kind byte, asked, state []byte) string {
	body := append([]byte{kind}, state...)
	return base64.RawURLEncoding.EncodeToString(append(t.mac(p, asked, body), body...))
}

func badToken() error {
	return engine.Invalid("page_token", "The page token is not one of this listing; begin the listing again")
}

func (t *tokens) open(p *engine.Principal, kind byte, token string) (*listing, error) {
	return t.openListing(p, kind, nil, token)
}

func (t *tokens) openListing(p *engine.Principal, kind byte, asked []byte, token string) (*listing, error) {
	body, err := t.openFor(p, kind, asked, token)
	if err != nil {
		return nil, err
	}
	st, ok := parseListing(body)
	if !ok {
		return nil, badToken()
	}
	return st, nil
}

// openFor gives the state that sealFor sealed.
func (t *tokens) openFor(p *engine.Principal, kind byte, asked []byte, token string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < macSize+1 {
		return nil, badToken()
	}
	body := raw[macSize:]
	if !hmac.Equal(t.mac(p, asked, body), raw[:macSize]) || body[0] != kind {
		return nil, badToken()
	}
	return body[1:], nil
}

// listing is where a listing stands between two views.
//
//	16  the folder that was asked for      16  its share
//	 u  cursor: the share's sequence when the listing began
//	 u  seq: up to here the tallies know of changes
//	 u  seen: what was shown or skipped so far
//	 1  1: the tallies are exact, 0: too much changed between two pages
//	    then each level, outermost first:
//	16  folder    u files    u folders    16 digest    u length   …  name key
//
// u is a varint. A level without a key (length 0) has not been begun.
type listing struct {
	root   engine.ID
	share  engine.ID
	cursor uint64
	seq    uint64
	seen   uint64
	exact  bool
	levels []level

	back bool // from the last child to the first; not in the token
}

// A level is a folder whose children are being listed, and what was seen of them.
type level struct {
	folder engine.ID
	after  []byte // the key of the last child that was passed
	tally  tally
}

func (l *listing) append(b []byte) []byte {
	b = append(b, l.root[:]...)
	b = append(b, l.share[:]...)
	b = binary.AppendUvarint(b, l.cursor)
	b = binary.AppendUvarint(b, l.seq)
	b = binary.AppendUvarint(b, l.seen)
	if l.exact {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	for i := range l.levels {
		v := &l.levels[i]
		b = append(b, v.folder[:]...)
		b = binary.AppendUvarint(b, uint64(v.tally.files))
		b = binary.AppendUvarint(b, uint64(v.tally.folders))
		b = binary.BigEndian.AppendUint64(b, v.tally.digest[0])
		b = binary.BigEndian.AppendUint64(b, v.tally.digest[1])
		b = binary.AppendUvarint(b, uint64(len(v.after)))
		b = append(b, v.after...)
	}
	return b
}

// tokenReader takes values from the front of a token's body.
type tokenReader struct {
	b   []byte
	bad bool
}

func (r *tokenReader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.b, r.bad = nil, true
		return make([]byte, min(max(n, 0), 16))
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

func (r *tokenReader) id() engine.ID { return engine.ID(r.bytes(16)) }

func (r *tokenReader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return v
}

// maxKey is more than the longest key of a name.
const maxKey = 4096

func parseListing(b []byte) (*listing, bool) {
	r := tokenReader{b: b}
	l := &listing{root: r.id(), share: r.id(), cursor: r.uint(), seq: r.uint(), seen: r.uint()}
	l.exact = r.bytes(1)[0] == 1
	for len(r.b) > 0 && len(l.levels) <= names.MaxLevels {
		v := level{folder: r.id()}
		v.tally.files, v.tally.folders = int64(r.uint()), int64(r.uint())
		d := r.bytes(16)
		v.tally.digest = engine.Digest{binary.BigEndian.Uint64(d), binary.BigEndian.Uint64(d[8:])}
		n := r.uint()
		if n > maxKey {
			return nil, false
		}
		if n > 0 {
			v.after = r.bytes(int(n))
		}
		l.levels = append(l.levels, v)
	}
	return l, !r.bad && len(r.b) == 0
}

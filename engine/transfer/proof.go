package transfer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"time"

	"scaidrive/engine"
)

// nonces gives the nonces of proofs of possession. They are stateless: a nonce is
// the HMAC, under a key made at the start, of the user and of the number of the
// five minutes in which it was given, so that the server finds it again without
// being told. It is valid for at least ten minutes and at most fifteen.
type nonces struct {
	key [32]byte
	now func() time.Time
}

const (
	nonceSlot  = 5 * time.Minute
	nonceSlots = 3 // the current one and those before it that still hold
)

func newNonces(env engine.Env) *nonces {
	n := &nonces{now: env.Now}
	if _, err := io.ReadFull(env.Rand, n.key[:]); err != nil {
		panic("the source of randomness failed: " + err.Error()) // it never does
	}
	return n
}

func (n *nonces) slot() int64 { return n.now().UnixNano() / int64(nonceSlot) }

func (n *nonces) at(p *engine.Principal, slot int64) string {
	mac := hmac.New(sha256.New, n.key[:])
	var b [12]byte
	binary.BigEndian.PutUint32(b[:], uint32(p.Tenant))
	binary.BigEndian.PutUint64(b[4:], uint64(slot))
	mac.Write(b[:])
	mac.Write(p.User[:])
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// current is the nonce that a user gets now.
func (n *nonces) current(p *engine.Principal) string { return n.at(p, n.slot()) }

// proves reports whether proof is HMAC-SHA256(nonce, data) for a nonce of this
// user that still holds. The bytes of the nonce as they stand are the key.
func (n *nonces) proves(p *engine.Principal, data []byte, proof [32]byte) bool {
	now := n.slot()
	for i := range int64(nonceSlots) {
		mac := hmac.New(sha256.New, []byte(n.at(p, now-i)))
		mac.Write(data)
		if hmac.Equal(mac.Sum(nil), proof[:]) {
			return true
		}
	}
	return false
}

// Package page seals the places at which lists go on in another call.
//
// A sealed place tells nothing to who holds it, not even the IDs in it: it may be
// that of something out of their sight. It is good for one caller and one question,
// in one process; after that the list is begun again.
package page

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"io"

	"scaidrive/engine"
)

// A Sealer seals and opens places. Safe for concurrent use.
type Sealer struct {
	aead   cipher.AEAD
	random io.Reader
}

// New makes a sealer with a key of its own.
func New(random io.Reader) *Sealer {
	var key [32]byte
	if _, err := io.ReadFull(random, key[:]); err != nil {
		panic("the source of randomness failed: " + err.Error()) // it never does
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // the key has a right length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has a right block
	}
	return &Sealer{aead, random}
}

// about is what a place is bound to: the caller, and what they asked for.
func about(p *engine.Principal, asked string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(p.Tenant))
	b = append(b, p.User[:]...)
	return append(b, asked...)
}

// Seal gives the token of a place in the answer to what was asked.
func (s *Sealer) Seal(p *engine.Principal, asked string, place []byte) string {
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(place)+s.aead.Overhead())
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		panic("the source of randomness failed: " + err.Error()) // it never does
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, place, about(p, asked)))
}

// Open gives the place back; a token of another list is KindInvalid.
func (s *Sealer) Open(p *engine.Principal, asked, token string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	n := s.aead.NonceSize()
	if err == nil && len(b) >= n {
		var place []byte
		if place, err = s.aead.Open(nil, b[:n], b[n:], about(p, asked)); err == nil {
			return place, nil
		}
	}
	return nil, engine.Invalid("page_token", "The page token is not one of this listing; begin the listing again")
}

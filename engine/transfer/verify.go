package transfer

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
)

// claimWriter hashes a whole content on its way to a reader and holds back its
// last write until the hash is known: a reader who was told another one never
// gets the end.
type claimWriter struct {
	w       io.Writer
	left    int64
	sum     hash.Hash
	claimed [32]byte
	actual  [32]byte
	wrong   bool // the hash is known, and is not the one claimed
	hashed  chan struct{}
}

var errFalseClaim = errors.New("the whole-file hash is not the one claimed")

func newClaimWriter(w io.Writer, length int64, claimed [32]byte) *claimWriter {
	return &claimWriter{w: w, left: length, sum: sha256.New(), claimed: claimed, hashed: make(chan struct{}, 1)}
}

// hashAside is the length from which on a write is hashed while it is written.
const hashAside = 16 << 10

func (c *claimWriter) Write(p []byte) (int, error) {
	if c.left -= int64(len(p)); c.left > 0 && len(p) >= hashAside {
		go func() {
			c.sum.Write(p)
			c.hashed <- struct{}{}
		}()
		n, err := c.w.Write(p)
		<-c.hashed // p is the caller's again
		return n, err
	}
	c.sum.Write(p)
	if c.left <= 0 {
		c.sum.Sum(c.actual[:0])
		if c.actual != c.claimed {
			c.wrong = true
			return 0, errFalseClaim
		}
	}
	return c.w.Write(p)
}

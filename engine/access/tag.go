package access

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// Tag names how a principal stands in a share: what they are for it and, where
// something in it restricts, the groups that entries may speak of. As long as it is
// the same, only entries and places change what they see. until is when it ends by
// the clock; zero: it does not.
func Tag(r schema.Reader, p *engine.Principal, sh *engine.Share) (tag string, until time.Time, err error) {
	if p.User.IsZero() {
		return "", until, nil
	}
	c, st, err := stand(r, p, sh)
	if err != nil {
		return "", until, err
	}
	if !st.admin && !st.owner && sh.Members.Count != 0 {
		if _, until, err = standingIn(r, p, c, sh); err != nil {
			return "", until, err
		}
	}
	b := []byte{byte(st.rights), 0}
	if st.admin {
		b[1] |= 1
	}
	if st.owner {
		b[1] |= 2
	}
	if sh.Exceptions.Count != 0 && !st.admin {
		for i := range c.Groups {
			b = append(b, c.Groups[i][:]...)
		}
	}
	sum := sha256.Sum256(append(b, p.User[:]...))
	return hex.EncodeToString(sum[:6]), until, nil
}

package engine

import (
	"fmt"

	"github.com/oklog/ulid/v2"
)

// ID is the 16 raw bytes of a ULID. On the wire it carries a prefix that names
// its resource.
type ID [16]byte

// The prefixes of the public contract.
const (
	PrefixPartner  = "prt_"
	PrefixTenant   = "tnt_"
	PrefixUser     = "usr_"
	PrefixGroup    = "grp_"
	PrefixShare    = "shr_"
	PrefixFolder   = "fld_"
	PrefixFile     = "fil_"
	PrefixVersion  = "ver_"
	PrefixChange   = "chg_"
	PrefixConflict = "cfl_"
	PrefixEntry    = "ace_"
)

// IsZero reports whether the ID names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// Format gives the wire form: prefix and 26 Crockford characters in upper case.
func (id ID) Format(prefix string) string {
	var b [64]byte
	return string(id.Append(b[:0], prefix))
}

// Append appends the wire form to b.
func (id ID) Append(b []byte, prefix string) []byte {
	b = append(b, prefix...)
	b = append(b, make([]byte, ulid.EncodedSize)...)
	_ = ulid.ULID(id).MarshalTextTo(b[len(b)-ulid.EncodedSize:]) // it fails for another length only
	return b
}

// ParseID reads the wire form of an ID with the given prefix. Only the canonical
// form (upper case) is taken.
func ParseID(prefix, s string) (ID, error) {
	if len(s) != len(prefix)+ulid.EncodedSize || s[:len(prefix)] != prefix {
		return ID{}, fmt.Errorf("not an ID of the form %s<26 characters>", prefix)
	}
	u, err := ulid.ParseStrict(s[len(prefix):])
	if err != nil || u.String() != s[len(prefix):] {
		return ID{}, fmt.Errorf("not an ID of the form %s<26 characters>", prefix)
	}
	return ID(u), nil
}

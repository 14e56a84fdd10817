package schema_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// The bytes of keys of version 1. They must never change.
func TestKeysAreFixed(t *testing.T) {
	const a, b = "000000000000000000000000000000aa", "000000000000000000000000000000bb"
	const d = "18ac3e7343f016890c510e93f9352611" // SHA-256 of "d", its first half
	tests := []struct {
		name string
		key  []byte
		want string
	}{
		{"partner", schema.PartnerKey(id(0xaa)), a},
		{"tenant", schema.TenantKey(258), "00000102"},
		{"tenant by ID", schema.TenantIDKey(id(0xaa)), a},
		{"user", schema.UserKey(258, id(0xaa)), "00000102" + a},
		{"email", schema.EmailKey("a@b"), "614062"},
		{"session", schema.SessionKey(258, id(0xaa)), "00000102" + a},
		{"refresh token", schema.RefreshTokenKey([32]byte{31: 0xcc}), "00000000000000000000000000000000000000000000000000000000000000cc"},
		{"share", schema.ShareKey(258, id(0xaa)), "00000102" + a},
		{"entries", schema.EntriesKey(258, id(0xaa)), "00000102" + a},
		{"exception", schema.ExceptionKey(258, id(0xaa), id(0xbb)), "00000102" + a + b},
		{"node", schema.NodeKey(258, id(0xaa)), "00000102" + a},
		{"child", schema.ChildKey(258, id(0xaa), []byte("xy")), "00000102" + a + "7879"},
		{"version", schema.VersionKey(258, id(0xaa), 3), "00000102" + a + "fffffffffffffffc"},
		{"change", schema.ChangeKey(258, id(0xaa), 3), "00000102" + a + "0000000000000003"},
		{"trash", schema.TrashKey(258, id(0xaa), time.UnixMicro(3), id(0xbb)), "00000102" + a + "7ffffffffffffffc" + b},
		{"trash by parent", schema.TrashByParentKey(258, id(0xaa), id(0xbb)), "00000102" + a + b},
		{"purge", schema.PurgeKey(258, id(0xaa)), "00000102" + a},
		{"open upload", schema.UploadKey(258, id(0xaa), engine.UploadOpen, id(0xbb)), "00000102" + a + "00" + b},
		{"completed upload", schema.UploadKey(258, id(0xaa), engine.UploadCompleted, id(0xbb)), "00000102" + a + "01" + b},
		{"expired upload", schema.UploadKey(258, id(0xaa), engine.UploadExpired, id(0xbb)), "00000102" + a + "01" + b},
		{"upload part", schema.UploadPartKey(258, id(0xaa), id(0xbb), 3), "00000102" + a + b + "00000003"},
		{"device", schema.DeviceKey(258, id(0xaa), "d"), "00000102" + a + d},
		{"device and share", schema.DeviceShareKey(258, id(0xaa), "d", id(0xbb)), "00000102" + a + d + b},
		{"outcome", schema.OutcomeKey(258, id(0xaa), "d", "d"), "00000102" + a + d + d},
		{"round of outcomes", schema.OutcomeRoundKey(258, id(0xaa), "d", 3), "00000102" + a + d + "fffffffffffffffc"},
		{"conflict", schema.ConflictKey(258, id(0xaa)), "00000102" + a},
		{"open conflict of a share", schema.ConflictByShareKey(258, id(0xaa), true, id(0xbb)), "00000102" + a + "00" + b},
		{"resolved conflict of a share", schema.ConflictByShareKey(258, id(0xaa), false, id(0xbb)), "00000102" + a + "01" + b},
		{"conflict of a node", schema.ConflictByNodeKey(258, id(0xaa), id(0xbb)), "00000102" + a + b},
		{"trash before 1970", schema.TrashKey(258, id(0xaa), time.UnixMicro(-1), id(0xbb)), "00000102" + a + "8000000000000000" + b},
	}
	for _, tt := range tests {
		if got := fmt.Sprintf("%x", tt.key); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	// A key may be appended to without changing what was made of it before.
	k := schema.NodeKey(1, id(1))
	one, two := append(k, 1), append(k, 2)
	if bytes.Equal(k, one) || bytes.Equal(k, two) || len(k) != 20 {
		t.Error("keys share their bytes")
	}
}

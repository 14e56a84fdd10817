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

// Every key of a tenant's record begins with the tenant's number, and who adds a table
// says here which key it has. Those without are found before a tenant is known (an
// address, a token, the tenant itself) or are the installation's.
func TestKeysBeginWithTheTenant(t *testing.T) {
	const no, d = engine.TenantNo(258), "d"
	a, b := id(0xaa), id(0xbb)
	keys := map[schema.Table][][]byte{
		schema.Users: {schema.UserKey(no, a)}, schema.Sessions: {schema.SessionKey(no, a)}, schema.Shares: {schema.ShareKey(no, a)},
		schema.Entries: {schema.EntriesKey(no, a)}, schema.Exceptions: {schema.ExceptionKey(no, a, b)}, schema.Groups: {schema.GroupKey(no, a)},
		schema.GroupMembers: {schema.GroupMemberKey(no, a, b)}, schema.GroupsOf: {schema.GroupOfKey(no, a, b)},
		schema.ShareMembers: {schema.ShareMemberKey(no, a, b)}, schema.SharesOf: {schema.ShareOfKey(no, a, b)},
		schema.Invitations: {schema.InvitationKey(no, a, b)}, schema.InvitationsByEmail: {schema.InvitationEmailKey(no, "a@b", a)},
		schema.Named: {schema.NamedKey(no, engine.ID{}, a, b), schema.NamedKey(no, a, b, b)}, schema.ServiceTokens: {schema.ServiceTokenKey(no, a, b)},
		schema.Answers: {schema.AnswerKey(no, a, 1)}, schema.AnswersByRequest: {schema.AnswerRefKey(no, a, [32]byte{1})},
		schema.Slugs: {schema.SlugKey(no, "slug")}, schema.JoinRequests: {schema.JoinRequestKey(no, a, b)}, schema.JoinRequestsOf: {schema.JoinRequestOfKey(no, a, b)},
		schema.GroupsByName: {schema.GroupNameKey(no, "g")}, schema.Admins: {schema.AdminKey(no, a)}, schema.Nodes: {schema.NodeKey(no, a)},
		schema.Children: {schema.ChildKey(no, a, []byte("n"))}, schema.Trash: {schema.TrashKey(no, a, time.UnixMicro(1), b)},
		schema.TrashByParent: {schema.TrashByParentKey(no, a, b)}, schema.Purges: {schema.PurgeKey(no, a)}, schema.Versions: {schema.VersionKey(no, a, 1)},
		schema.Uploads: {schema.UploadKey(no, a, engine.UploadOpen, b)}, schema.UploadParts: {schema.UploadPartKey(no, a, b, 1)},
		schema.Jobs: {schema.JobKey(no, a, true, b), schema.JobKey(no, a, false, b)}, schema.JobTasks: {schema.JobTaskKey(no, a, 1)},
		schema.JobUndos: {schema.JobUndoKey(no, a, 1)}, schema.JobNotes: {schema.JobNoteKey(no, a, 0, 1)}, schema.Conflicts: {schema.ConflictKey(no, a)},
		schema.ConflictsByShare: {schema.ConflictByShareKey(no, a, true, b)}, schema.ConflictsByNode: {schema.ConflictByNodeKey(no, a, b)},
		schema.Changes: {schema.ChangeKey(no, a, 1)}, schema.Comments: {schema.CommentKey(no, a, b)}, schema.CommentNodes: {schema.CommentNodeKey(no, a)},
		schema.Tags: {schema.TagsKey(no, a)}, schema.Tagged: {schema.TaggedKey(no, "t", a)}, schema.Favourites: {schema.FavouriteKey(no, a, b)},
		schema.Recents: {schema.RecentsKey(no, a)}, schema.Devices: {schema.DeviceKey(no, a, d)}, schema.Outcomes: {schema.OutcomeKey(no, a, d, d)},
		schema.OutcomeRounds: {schema.OutcomeRoundKey(no, a, d, 1)}, schema.DeviceShares: {schema.DeviceShareKey(no, a, d, b)},
		schema.OpenShares: {schema.OpenShareKey(no, a)}, schema.PrincipalWords: {schema.PrincipalWordKey(no, "w", a)},
		schema.GroupWords: {schema.PrincipalWordKey(no, "w", a)},
		schema.Notices:    {schema.NoticeKey(no, a, 1)}, schema.PresenceDays: {schema.PresenceKey(no, 1)},
	}
	global := map[schema.Table]bool{
		schema.Partners: true, schema.Tenants: true, schema.TenantsByID: true, schema.UsersByEmail: true,
		schema.RefreshTokens: true, schema.ServiceTokensByHash: true,
		schema.UpkeepDays: true, schema.Settings: true,
	}
	for _, def := range schema.Tables() {
		list := keys[def.No]
		if (def.Scope == schema.Global) != global[def.No] || (list == nil) != global[def.No] {
			t.Errorf("%s: is it a tenant's? Its keys are %x", def.Name, list)
		}
		for _, k := range list {
			if !bytes.HasPrefix(k, []byte{0, 0, 1, 2}) || len(k) == 4 {
				t.Errorf("%s: the key %x does not begin with the tenant", def.Name, k)
			}
		}
	}
}

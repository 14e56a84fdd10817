package schema

import (
	"google.golang.org/protobuf/encoding/protowire"

	"scaidrive/engine"
)

// The fields of every record, in ascending order. What stands in the key is not
// repeated in the value. A number is never given to another field; a new field
// takes a number above all of its record, and a field that is no longer used
// keeps its line here, so that old records stay readable.

func partnerFields(c *codec, p *engine.Partner) {
	c.string(1, "name", &p.Name)
	c.string(2, "display_name", &p.DisplayName)
	unsigned(c, 3, "status", &p.Status)
	c.time(4, "created_at", &p.CreatedAt)
	c.extra(&p.Extra)
}

func tenantFields(c *codec, t *engine.Tenant) {
	c.id(1, "id", &t.ID)
	c.id(2, "partner", &t.Partner)
	c.string(3, "name", &t.Name)
	c.string(4, "display_name", &t.DisplayName)
	unsigned(c, 5, "status", &t.Status)
	c.time(6, "created_at", &t.CreatedAt)
	signed(c, 7, "max_file_size", &t.Settings.MaxFileSize)
	c.bool(8, "windows_compatible_names", &t.Settings.WindowsCompatibleNames)
	c.bool(9, "share_creation_by_members", &t.Settings.ShareCreationByMembers)
	signed(c, 10, "password_min_length", &t.Settings.PasswordMinLength)
	signed(c, 11, "trash_retention_days", &t.Settings.TrashRetentionDays)
	unsigned(c, 12, "principal_gen", &t.PrincipalGen)
	unsigned(c, 13, "directory", &t.Directory)
	signed(c, 14, "default_share_quota", &t.Settings.DefaultShareQuota)
	signed(c, 15, "default_user_quota", &t.Settings.DefaultUserQuota)
	signed(c, 16, "version_retention_days", &t.Settings.VersionRetentionDays)
	signed(c, 17, "version_keep_last", &t.Settings.VersionKeepLast)
	c.bool(18, "no_vectorization", &t.Settings.NoVectorization)
	c.bool(19, "require_mfa", &t.Settings.RequireMFA)
	c.bool(20, "no_invitations", &t.Settings.NoInvitations)
	signed(c, 21, "users_active", &t.People.Active)
	signed(c, 22, "users_pending", &t.People.Pending)
	signed(c, 23, "users_suspended", &t.People.Suspended)
	signed(c, 24, "users_inactive", &t.People.Inactive)
	signed(c, 25, "users_deleted", &t.People.Deleted)
	signed(c, 26, "groups", &t.People.Groups)
	c.extra(&t.Extra)
}

// tenantRef is the value of TenantsByID.
type tenantRef struct {
	No    engine.TenantNo
	Extra engine.Extra
}

func tenantRefFields(c *codec, r *tenantRef) {
	unsigned(c, 1, "tenant", &r.No)
	c.extra(&r.Extra)
}

func userFields(c *codec, u *engine.User) {
	c.string(1, "email", &u.Email)
	c.string(2, "name", &u.Name)
	c.string(3, "display_name", &u.DisplayName)
	unsigned(c, 4, "status", &u.Status)
	unsigned(c, 5, "admin_role", &u.AdminRole)
	c.string(6, "password_hash", &u.PasswordHash)
	c.time(7, "created_at", &u.CreatedAt)
	c.time(8, "last_login_at", &u.LastLoginAt)
	c.time(9, "revoked_before", &u.RevokedBefore)
	c.seal(10, "groups", &u.Groups)
	signed(c, 11, "quota_bytes", &u.QuotaBytes)
	c.hash(12, "invite_sha256", &u.InviteHash)
	c.time(13, "invite_until", &u.InviteUntil)
	c.time(14, "deleted_at", &u.DeletedAt)
	unsigned(c, 15, "seen_day", &u.SeenDay)
	c.extra(&u.Extra)
}

// A UserRef says whose an e-mail address is.
type UserRef struct {
	Tenant engine.TenantNo
	User   engine.ID

	Extra engine.Extra
}

func userRefFields(c *codec, r *UserRef) {
	unsigned(c, 1, "tenant", &r.Tenant)
	c.id(2, "user", &r.User)
	c.extra(&r.Extra)
}

func sessionFields(c *codec, s *engine.Session) {
	c.id(1, "user", &s.User)
	c.time(2, "created_at", &s.CreatedAt)
	c.time(3, "expires_at", &s.ExpiresAt)
	c.time(4, "ended_at", &s.EndedAt)
	c.extra(&s.Extra)
}

func refreshTokenFields(c *codec, t *engine.RefreshToken) {
	unsigned(c, 1, "tenant", &t.Tenant)
	c.id(2, "user", &t.User)
	c.id(3, "session", &t.Session)
	c.time(4, "created_at", &t.CreatedAt)
	c.time(5, "expires_at", &t.ExpiresAt)
	c.time(6, "used_at", &t.UsedAt)
	signed(c, 7, "page_life", &t.PageLife)
	c.extra(&t.Extra)
}

func shareFields(c *codec, s *engine.Share) {
	c.string(1, "name", &s.Name)
	c.string(2, "description", &s.Description)
	unsigned(c, 3, "type", &s.Type)
	unsigned(c, 4, "owner_kind", &s.OwnerKind)
	c.id(5, "owner", &s.Owner)
	signed(c, 6, "quota_bytes", &s.QuotaBytes)
	signed(c, 7, "used_bytes", &s.UsedBytes)
	unsigned(c, 8, "seq", &s.Seq)
	c.time(9, "created_at", &s.CreatedAt)
	c.id(10, "created_by", &s.CreatedBy)
	c.time(11, "modified_at", &s.ModifiedAt)
	c.time(12, "deleted_at", &s.DeletedAt)
	c.seal(13, "exceptions", &s.Exceptions)
	c.seal(14, "members", &s.Members)
	unsigned(c, 15, "access_gen", &s.AccessGen)
	signed(c, 16, "files", &s.Files)
	signed(c, 17, "folders", &s.Folders)
	signed(c, 18, "version_bytes", &s.VersionBytes)
	c.bool(19, "counted", &s.Counted)
	c.string(20, "slug", &s.Slug)
	c.bool(21, "discoverable", &s.Discoverable)
	c.time(22, "archive_at", &s.ArchiveAt)
	unsigned(c, 23, "strategy", &s.Strategy)
	unsigned(c, 24, "log_floor", &s.LogFloor)
	signed(c, 25, "trash_days", &s.TrashDays)
	c.extra(&s.Extra)
}

func entryFields(c *codec, e *engine.Entry) {
	c.id(1, "id", &e.ID)
	unsigned(c, 2, "type", &e.Type)
	unsigned(c, 3, "principal_kind", &e.Kind)
	c.id(4, "principal", &e.Principal)
	unsigned(c, 5, "rights", &e.Rights)
	unsigned(c, 6, "applies_to", &e.AppliesTo)
	c.bool(7, "one_level", &e.OneLevel)
	c.id(8, "created_by", &e.CreatedBy)
	c.time(9, "created_at", &e.CreatedAt)
	c.extra(&e.Extra)
}

// entryList is the value of Entries.
type entryList struct {
	List  []engine.Entry
	Extra engine.Extra
}

func entryListFields(c *codec, l *entryList) {
	records(c, 1, "entries", engine.MaxEntries, &l.List, entryFields)
	c.extra(&l.Extra)
}

func exceptionFields(c *codec, e *engine.Exception) {
	c.bool(1, "entries", &e.Entries)
	c.bool(2, "cut_off", &e.CutOff)
	c.bool(3, "holds", &e.Holds)
	c.extra(&e.Extra)
}

func nodeFields(c *codec, n *engine.Node) {
	unsigned(c, 1, "kind", &n.Kind)
	c.id(2, "parent", &n.Parent)
	c.string(3, "name", &n.Name)
	c.id(4, "owner", &n.Owner)
	c.id(5, "created_by", &n.CreatedBy)
	c.time(6, "created_at", &n.CreatedAt)
	c.id(7, "modified_by", &n.ModifiedBy)
	c.time(8, "modified_at", &n.ModifiedAt)
	c.time(9, "updated_at", &n.UpdatedAt)
	unsigned(c, 10, "version", &n.Version)
	c.id(11, "version_id", &n.VersionID)
	signed(c, 12, "size", &n.Size)
	c.hash(13, "sha256", &n.SHA256)
	unsigned(c, 14, "hash_state", &n.HashState)
	c.string(15, "mime", &n.MIME)
	c.bool(16, "executable", &n.Executable)
	signed(c, 17, "live_files", &n.LiveFiles)
	signed(c, 18, "live_folders", &n.LiveFolders)
	c.digest(19, "children", &n.Children)
	unsigned(c, 20, "height", &n.Height)
	unsigned(c, 21, "path_bytes", &n.PathBytes)
	c.time(22, "deleted_at", &n.DeletedAt)
	c.id(23, "deleted_by", &n.DeletedBy)
	c.seal(24, "entries", &n.Entries)
	c.bool(25, "cut_off", &n.CutOff)
	c.seal(26, "holds", &n.Holds)
	c.bool(27, "purged", &n.Purged)
	unsigned(c, 28, "last_version", &n.LastVersion)
	c.time(29, "placed_at", &n.PlacedAt)
	c.extra(&n.Extra)
}

func childFields(c *codec, h *engine.Child) {
	c.id(1, "node", &h.Node)
	unsigned(c, 2, "kind", &h.Kind)
	c.extra(&h.Extra)
}

func versionFields(c *codec, v *engine.Version) {
	c.id(1, "id", &v.ID)
	c.content(2, &v.Content)
	c.id(10, "created_by", &v.CreatedBy)
	c.time(11, "created_at", &v.CreatedAt)
	c.time(12, "modified_at", &v.ModifiedAt)
	signed(c, 13, "kept", &v.Kept)
	c.time(14, "edited_at", &v.EditedAt)
	c.extra(&v.Extra)
}

// content handles a content: eight fields from n on.
func (c *codec) content(n protowire.Number, v *engine.Content) {
	signed(c, n, "size", &v.Size)
	c.hash(n+1, "sha256", &v.SHA256)
	unsigned(c, n+2, "hash_state", &v.HashState)
	c.string(n+3, "chunking", &v.Chunking)
	unsigned(c, n+4, "chunk_count", &v.Count)
	c.hash(n+5, "chunks_sha256", &v.Digest)
	c.chunks(n+6, "inline", &v.Inline)
	c.hash(n+7, "root", &v.Root)
}

// maxAffected is how many principals a row of the change log names: those of the
// entries of a node as they were and as they are.
const maxAffected = 2*engine.MaxEntries + 2

func changeFields(c *codec, g *engine.Change) {
	c.id(1, "id", &g.ID)
	unsigned(c, 2, "kind", &g.Kind)
	unsigned(c, 3, "resource", &g.Resource)
	c.id(4, "node", &g.Node)
	c.id(5, "by", &g.By)
	c.time(6, "at", &g.At)
	c.id(7, "old_parent", &g.OldParent)
	c.string(8, "old_name", &g.OldName)
	c.id(9, "new_parent", &g.NewParent)
	c.string(10, "new_name", &g.NewName)
	unsigned(c, 11, "version", &g.Version)
	c.id(12, "version_id", &g.VersionID)
	signed(c, 13, "size", &g.Size)
	c.hash(14, "sha256", &g.SHA256)
	c.bool(15, "recursive", &g.Recursive)
	c.id(16, "device", &g.Device)
	c.bool(17, "access_changed", &g.AccessChanged)
	c.ids(18, "affected", maxAffected, &g.Affected)
	c.bool(19, "regulated", &g.Regulated)
	c.extra(&g.Extra)
}

func trashFields(c *codec, t *engine.TrashItem) {
	c.id(1, "deleted_by", &t.DeletedBy)
	unsigned(c, 2, "kind", &t.Kind)
	c.id(3, "group", &t.Group)
	c.time(4, "edited_at", &t.EditedAt)
	unsigned(c, 5, "day", &t.Day)
	c.extra(&t.Extra)
}

// trashRef is the value of TrashByParent.
type trashRef struct {
	Kind  engine.NodeKind
	Extra engine.Extra
}

func trashRefFields(c *codec, r *trashRef) {
	unsigned(c, 1, "kind", &r.Kind)
	c.extra(&r.Extra)
}

func purgeFields(c *codec, p *engine.Purge) {
	c.id(1, "share", &p.Share)
	c.id(2, "by", &p.By)
	c.time(3, "at", &p.At)
	c.extra(&p.Extra)
}

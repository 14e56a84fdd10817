// Package engine is the vocabulary of ScaiDrive: identifiers, the values that
// the product is made of, and the kinds of errors. It has hardly any behaviour;
// what is done with these values lives in the packages below it, one for each
// group of verbs.
package engine

import (
	"time"
)

// Right is a set of the six permission bits of the public contract.
type Right uint8

// The rights.
const (
	RightRead   Right = 1
	RightWrite  Right = 2
	RightDelete Right = 4
	RightCreate Right = 8
	RightShare  Right = 16 // create external links
	RightManage Right = 32 // change entries, inheritance, ownership

	RightsAll Right = 63
)

// TenantNo is the 32-bit number of a tenant, given once and never reused. It
// begins every key of the tenant's data. 0 is no tenant.
type TenantNo uint32

// Status is the state of a user, tenant or partner.
type Status uint8

// The states.
const (
	StatusActive    Status = 1
	StatusPending   Status = 2
	StatusSuspended Status = 3
	StatusInactive  Status = 4
	StatusDeleted   Status = 5
)

// AdminRole is a role stored in our database; a claim in a token never gives one.
type AdminRole uint8

// The administration roles.
const (
	RoleNone         AdminRole = 0
	RoleTenantAdmin  AdminRole = 1
	RolePartnerAdmin AdminRole = 2
	RoleSuperAdmin   AdminRole = 3
)

// A Partner contains tenants.
type Partner struct {
	ID          ID
	Name        string
	DisplayName string
	Status      Status
	CreatedAt   time.Time

	Extra Extra
}

// A Tenant is the boundary of isolation and of deduplication.
type Tenant struct {
	No          TenantNo
	ID          ID
	Partner     ID
	Name        string
	DisplayName string
	Status      Status
	CreatedAt   time.Time
	Settings    TenantSettings
	// PrincipalGen is raised with every change of groups, memberships, and of users'
	// states and roles, in the same transaction.
	PrincipalGen uint64
	// Directory is the version of what users, groups and shares are found by beside
	// their IDs; see people.Prepare, which brings an older one up to date.
	Directory uint32
	// People counts the tenant's users and groups, in the commits that change them.
	People Headcount

	Extra Extra
}

// A Headcount is how many users there are in each state, and how many live groups.
type Headcount struct {
	Active, Pending, Suspended, Inactive, Deleted int64
	Groups                                        int64
}

// In is the place of the users in a state; nil: there is no such state.
func (h *Headcount) In(s Status) *int64 {
	switch s {
	case StatusActive:
		return &h.Active
	case StatusPending:
		return &h.Pending
	case StatusSuspended:
		return &h.Suspended
	case StatusInactive:
		return &h.Inactive
	case StatusDeleted:
		return &h.Deleted
	default:
		return nil
	}
}

// TenantSettings are what a tenant's administrator may change. Sizes in bytes.
type TenantSettings struct {
	MaxFileSize            int64
	WindowsCompatibleNames bool
	ShareCreationByMembers bool
	PasswordMinLength      int
	TrashRetentionDays     int
	// Of these, 0 is none: no quota, and every version is kept.
	DefaultShareQuota    int64
	DefaultUserQuota     int64
	VersionRetentionDays int
	VersionKeepLast      int

	NoVectorization bool
	RequireMFA      bool
	NoInvitations   bool // nobody invites people by e-mail into shares
}

// MaxRetentionDays is the longest time for which a tenant or share may say that what is
// deleted, or an older version, is kept.
const MaxRetentionDays = 36_500

// NeverExpires is Share.TrashDays of a share whose trash is emptied by people alone.
const NeverExpires = -1

// TrashKept is after how many days what was deleted in a share is removed for good; 0:
// not by itself.
func (s *Share) TrashKept(t *TenantSettings) int {
	switch {
	case s.TrashDays == NeverExpires:
		return 0
	case s.TrashDays > 0:
		return s.TrashDays
	}
	return t.TrashRetentionDays
}

// DefaultTenantSettings are the contract's defaults.
func DefaultTenantSettings() TenantSettings {
	return TenantSettings{
		MaxFileSize:            1 << 40,
		WindowsCompatibleNames: true,
		PasswordMinLength:      12,
		TrashRetentionDays:     30,
	}
}

// A User is a person of one tenant.
type User struct {
	ID           ID
	Tenant       TenantNo
	Email        string // as given; unique in the installation by case folding
	Name         string
	DisplayName  string
	Status       Status
	AdminRole    AdminRole
	PasswordHash string // argon2id in PHC form; empty: no local sign-in
	CreatedAt    time.Time
	LastLoginAt  time.Time
	// Sessions begun before this moment are revoked.
	RevokedBefore time.Time
	// Groups is the count and digest of the user's group memberships, so that
	// a missing membership record is noticed. Zero while there are none.
	Groups Seal
	// QuotaBytes is of the shares that the user owns; 0: none of its own.
	QuotaBytes int64
	// InviteHash is the SHA-256 of the secret in the link by which the user sets a
	// password, until InviteUntil; zero: there is none.
	InviteHash  [32]byte
	InviteUntil time.Time
	DeletedAt   time.Time // of a deleted one
	// SeenDay is the last day on which the user was there; 0: none since days are kept.
	SeenDay Day

	Extra Extra
}

// A Day is a day of UTC, counted from 1970-01-01.
type Day uint32

// DayOf is the day of a moment.
func DayOf(at time.Time) Day { return Day(max(at.Unix(), 0) / 86400) }

// Start is the moment at which a day begins.
func (d Day) Start() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// A PresenceDay counts the users of a tenant who were there on a day.
type PresenceDay struct {
	Day    Day
	Active int64 // were there on that day
	Last   int64 // of those who have not been there since

	Extra Extra
}

// Quota is how many bytes the shares that the user owns may count; 0: any number.
func (u *User) Quota(s *TenantSettings) int64 {
	if u.QuotaBytes != 0 {
		return u.QuotaBytes
	}
	return s.DefaultUserQuota
}

// Extra holds the fields of a stored record that this build does not know, in
// their stored form; they are written back unchanged.
type Extra []byte

// A Seal is the count and digest of records kept elsewhere. Whoever reads them
// compares; a difference is damage and refuses.
type Seal struct {
	Count  uint32
	Digest [16]byte
}

// ShareType is the contract's hint for pages and reports.
type ShareType uint8

// The types of shares.
const (
	ShareCentral  ShareType = 1
	SharePersonal ShareType = 2
	ShareProject  ShareType = 3
)

// PrincipalKind tells users, groups and everyone apart.
type PrincipalKind uint8

// The kinds of principals.
const (
	PrincipalUser     PrincipalKind = 1
	PrincipalGroup    PrincipalKind = 2
	PrincipalEveryone PrincipalKind = 3
)

// A Share is a namespace. Its root folder is a Node with the share's own ID.
type Share struct {
	ID          ID
	Name        string
	Description string
	Type        ShareType
	OwnerKind   PrincipalKind
	Owner       ID
	QuotaBytes  int64 // -1: none of its own
	UsedBytes   int64 // logical bytes of live files, versions and trash
	Seq         uint64
	CreatedAt   time.Time
	CreatedBy   ID
	ModifiedAt  time.Time
	DeletedAt   time.Time // zero: live
	// Exceptions is the count and digest of the index of exceptions: the nodes
	// below that have entries, a cut or holds of their own.
	Exceptions Seal
	// Members is the count and digest of the share's members.
	Members Seal
	// AccessGen is raised with every change of owner, members, entries, cuts from
	// inheritance and of places of folders, in the same transaction.
	AccessGen uint64
	// Files, Folders and VersionBytes count all of the share, see Holding: they are
	// kept in the commit of each change. Until Counted they are only what was added
	// since a build that counts wrote first; see engine/usage.
	Files        int64
	Folders      int64
	VersionBytes int64
	Counted      bool
	// Slug is another name for the share in paths, unique in the tenant; empty: none.
	Slug string
	// Discoverable: everybody in the tenant sees that it is there, and may ask to join.
	Discoverable bool
	// ArchiveAt is when the share becomes read-only, or became it; zero: never.
	ArchiveAt time.Time
	// Strategy is what becomes of edits that meet where nobody says it; zero: both are kept.
	Strategy Strategy
	// TrashDays is after how many days what was deleted is removed for good; zero: as the
	// tenant says, NeverExpires: not by itself.
	TrashDays int
	// LogFloor is up to which sequence number the change log is thinned: what is behind
	// it is whole, so no cursor before it can be followed.
	LogFloor uint64

	Extra Extra
}

// Archived reports whether a share is read-only at a moment; the zero moment comes
// after everything.
func (s *Share) Archived(at time.Time) bool {
	return !s.ArchiveAt.IsZero() && (at.IsZero() || !at.Before(s.ArchiveAt))
}

// A Holding is what a share, or a part of one, holds: what lives, what is in the
// trash and what is being removed for good.
type Holding struct {
	Files        int64
	Folders      int64 // without the share's root
	Bytes        int64 // logical bytes: those of all versions, and what is held besides
	VersionBytes int64 // of them, those of versions that are not current
}

// Add adds another one, times by.
func (h *Holding) Add(o Holding, by int64) {
	h.Files += by * o.Files
	h.Folders += by * o.Folders
	h.Bytes += by * o.Bytes
	h.VersionBytes += by * o.VersionBytes
}

// Holding is what the share counts.
func (s *Share) Holding() Holding {
	return Holding{Files: s.Files, Folders: s.Folders, Bytes: s.UsedBytes, VersionBytes: s.VersionBytes}
}

// Count counts what came into a share, by 1, or left it, by -1.
func (s *Share) Count(h Holding, by int64) {
	sum := s.Holding()
	sum.Add(h, by)
	s.Files, s.Folders, s.UsedBytes, s.VersionBytes = sum.Files, sum.Folders, sum.Bytes, sum.VersionBytes
}

// NodeKind tells folders and files apart.
type NodeKind uint8

// The kinds of nodes.
const (
	KindFolder NodeKind = 1
	KindFile   NodeKind = 2
)

// A Node is a folder or a file. Path, share and deletion of what lies above are
// derived by walking up; a node stores neither.
type Node struct {
	ID         ID
	Kind       NodeKind
	Parent     ID // zero: the root folder of the share with this ID
	Name       string
	Owner      ID
	CreatedBy  ID
	CreatedAt  time.Time
	ModifiedBy ID
	ModifiedAt time.Time // the content's time, as the client tells it
	UpdatedAt  time.Time // the server's

	// DeletedAt is set on the node that was deleted, not on what lies below it.
	DeletedAt time.Time
	DeletedBy ID

	// Of a file: its current version, repeated here so that a listing reads one record.
	Version    uint64
	VersionID  ID
	Size       int64
	SHA256     [32]byte
	HashState  HashState
	MIME       string
	Executable bool

	// Of a folder.
	LiveFiles   int64
	LiveFolders int64
	Children    Digest // over the keys and values of its live children
	Height      uint32 // upper bound of levels below it
	PathBytes   uint32 // upper bound of path bytes below it

	// What restricts: the entries on this node, the cut from inheritance, holds.
	Entries Seal
	CutOff  bool
	Holds   Seal

	// Purged is set on what is being removed for good: it and all below it are
	// absent for everybody. A [Purge] stands for it.
	Purged bool

	// LastVersion is, of a file that has versions which never were current, the
	// highest number given; 0: Version is.
	LastVersion uint64
	// PlacedAt is when place or name were last set by a client that told the
	// time, by the server's clock; zero: not since it was created.
	PlacedAt time.Time

	Extra Extra
}

// A Digest is two 64-bit sums of a non-linear hash over a set of records; adding
// and removing a record is adding and subtracting its hash.
type Digest [2]uint64

// HashState tells whether a whole-file hash was computed by the server or only
// told by a client.
type HashState uint8

// The states of a whole-file hash.
const (
	HashClaimed  HashState = 1
	HashVerified HashState = 2
)

// A Version is one content of a file.
type Version struct {
	ID         ID
	File       ID
	Number     uint64 // from 1
	Content    Content
	CreatedBy  ID
	CreatedAt  time.Time
	ModifiedAt time.Time
	// Kept is, of a version that has a successor, the bytes of its chunks that
	// the successor does not share: what it goes on to count in the share's used
	// bytes. It is fixed when the successor is made. The current version counts
	// its size and has 0 here. Of a version that never was current it is what of it
	// the one that was then does not share.
	Kept int64
	// EditedAt is when the content was made, by the server's clock, as far as its
	// sender could tell; zero: CreatedAt.
	EditedAt time.Time

	Extra Extra
}

// A Chunk names bytes by their SHA-256; Size is in bytes.
type Chunk struct {
	Hash [32]byte
	Size uint32
}

// Content describes bytes as a list of chunks. Up to MaxInlineChunks stand in
// Inline; a longer list is kept as a manifest whose root chunk is Root.
type Content struct {
	Size      int64
	SHA256    [32]byte
	HashState HashState
	Chunking  string   // the name of the chunking set
	Count     uint32   // number of chunks
	Digest    [32]byte // SHA-256 over the list of chunks (manifest_sha256)
	Inline    []Chunk
	Root      [32]byte
}

// MaxInlineChunks is the longest list of chunks kept in the version itself.
const MaxInlineChunks = 16

// ChangeKind is what a row of the change log says.
type ChangeKind uint8

// The kinds of changes.
const (
	ChangeCreated ChangeKind = 1
	ChangeUpdated ChangeKind = 2
	ChangeDeleted ChangeKind = 3
	ChangeMoved   ChangeKind = 4
	ChangeRenamed ChangeKind = 5
)

// ResourceKind names what an ID in a change row or a request is of.
type ResourceKind uint8

// The kinds of resources.
const (
	ResourceFile   ResourceKind = 1
	ResourceFolder ResourceKind = 2
	ResourceShare  ResourceKind = 3
)

// A Change is a row of a share's change log.
type Change struct {
	ID        ID
	Share     ID
	Seq       uint64
	Kind      ChangeKind
	Resource  ResourceKind
	Node      ID
	By        ID
	At        time.Time
	OldParent ID
	OldName   string
	NewParent ID
	NewName   string
	Version   uint64
	VersionID ID
	Size      int64
	SHA256    [32]byte
	Recursive bool
	Device    ID // the device that sent it, see journal; zero: none was told

	// AccessChanged: what may be seen of the node, or of what lies below it, is not
	// what it was.
	AccessChanged bool
	// Affected are the users and groups for whom that is so, beside whoever may READ
	// the node; the zero ID is everyone.
	Affected []ID
	// Regulated: of something moved, that other entries than before decide about what
	// lies below it; of something deleted, that entries or a cut of its own did.
	Regulated bool

	Extra Extra
}

// Newest is the highest number of a file's versions.
func (n *Node) Newest() uint64 { return max(n.Version, n.LastVersion) }

// Placed is when a node got its place or its name.
func (n *Node) Placed() time.Time {
	if n.PlacedAt.IsZero() {
		return n.CreatedAt
	}
	return n.PlacedAt
}

// Edited is when a version's content was made.
func (v *Version) Edited() time.Time {
	if v.EditedAt.IsZero() {
		return v.CreatedAt
	}
	return v.EditedAt
}

// A Principal is who acts: a signed-in user with what the token allows.
type Principal struct {
	User      ID
	Tenant    TenantNo
	TenantID  ID
	Partner   ID
	Email     string
	Name      string
	Role      AdminRole // read from our database at this request
	Scopes    []string
	SessionID ID // zero: a service token

	// ServiceToken is the token that the call came with; zero: a session's.
	ServiceToken ID

	// At is the moment for which rights are decided: what has expired by then gives
	// nothing. Zero: nothing that expires gives anything.
	At time.Time
	// Memo, if not nil, keeps what was found out about the principal between calls.
	Memo *Memo
}

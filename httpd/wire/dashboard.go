package wire

// Dashboard is the answer of GET /admin/dashboard. A part of it is null when it could
// not be read; health tells why.
type Dashboard struct {
	At      Time              `json:"at"`      // of the server's clock
	Storage *DashboardStorage `json:"storage"` // what the tenant stores
	Users   *DashboardUsers   `json:"users"`   // its people
	// Activities are what happened last, as GET /activity tells it: what the caller may
	// see, latest first.
	Activities *[]Activity `json:"activities"`
	Health     []Part      `json:"health"` // each part, those first that want something done
	// Process is what the server as a whole holds; null for who does not administer it.
	Process *Process `json:"process"`
}

// DashboardStorage is what the tenant's shares hold, deleted ones too.
type DashboardStorage struct {
	// UsedBytes are those that count against quotas: living files, older versions and
	// the trash, each byte once. Exact.
	UsedBytes int64 `json:"used_bytes"`
	// FileBytes are those of living files: UsedBytes without the next two. These are
	// null while one of the shares was never counted.
	FileBytes *int64 `json:"file_bytes"`
	// VersionBytes are what older versions of living files count: of each what its
	// successor does not share.
	VersionBytes *int64 `json:"version_bytes"`
	TrashBytes   *int64 `json:"trash_bytes"` // of what is in the trash, older versions included
	FileCount    *int64 `json:"file_count"`  // of living ones
	FolderCount  *int64 `json:"folder_count"`
	ShareCount   int    `json:"share_count"`
	// CalculatedAt is when the oldest of the shares was counted: large ones are counted
	// in the background.
	CalculatedAt *Time `json:"calculated_at"`
	// AddedUpAt is when the shares were added up. Where there are very many that is up
	// to a minute ago.
	AddedUpAt Time `json:"added_up_at"`
	// DiskBytes is what the content takes on disk. Exact; null where other tenants share
	// the store: chunks are counted for the store as a whole only.
	DiskBytes *int64 `json:"disk_bytes"`
	// SavedBytes is what deduplication and compression save at least: UsedBytes without
	// DiskBytes, and not below 0. What was removed for good still lies on disk, and of an
	// older version only what it alone holds is in UsedBytes, so that the real saving is
	// larger. Null as DiskBytes.
	SavedBytes *int64           `json:"saved_bytes"`
	Largest    []DashboardShare `json:"largest_shares"` // the largest first, at most 5
}

// DashboardShare is a share and what it holds.
type DashboardShare struct {
	ShareID    string `json:"share_id"`
	ShareName  string `json:"share_name"`
	UsedBytes  int64  `json:"used_bytes"`
	QuotaBytes *int64 `json:"quota_bytes"` // null: none
}

// DashboardUsers counts the tenant's people.
type DashboardUsers struct {
	ActiveAccounts    int64 `json:"active_accounts"`    // may sign in
	PendingAccounts   int64 `json:"pending_accounts"`   // invited, no password set
	SuspendedAccounts int64 `json:"suspended_accounts"` // shut out
	Groups            int64 `json:"groups"`
	// SeenToday is how many different people were there today (UTC): with a page, an
	// app or a synced folder, not with a service token.
	SeenToday    int64 `json:"seen_today"`
	SeenIn7Days  int64 `json:"seen_in_7_days"`  // today included; people who were deleted since, too
	SeenIn30Days int64 `json:"seen_in_30_days"` // the same of 30
	Days         []Day `json:"days"`            // the past 30, the last is today
}

// Day is how many people were there on a day.
type Day struct {
	Date string `json:"date"` // 2026-11-22, of UTC
	Seen int64  `json:"seen"` // how many different people
}

// Part is a part of the server and how it does.
type Part struct {
	Name   string `json:"name" is:"database|storage|disk|identity|previews"`
	State  string `json:"state" is:"good|act|off"`                                                             // act: somebody has to do something
	Reason string `json:"reason" is:"works|checking|read_only|damaged|no_snapshot|no_room|low_room|not_there"` // why it is in that state
	Detail string `json:"detail"`                                                                              // the reason in a sentence
	Remedy string `json:"remedy"`                                                                              // what to do; empty: nothing
	// Causes are in words of the machine, for who administers the server; others get
	// none.
	Causes []string `json:"causes"`
}

// Process is the server as a whole, all tenants together.
type Process struct {
	Version       string `json:"version"`
	StartedAt     Time   `json:"started_at"`
	TenantCount   int    `json:"tenant_count"` // suspended ones, too
	ShareCount    int    `json:"share_count"`
	UsedBytes     int64  `json:"used_bytes"`     // of all tenants, as of one
	DiskBytes     int64  `json:"disk_bytes"`     // what their content takes
	SavedBytes    int64  `json:"saved_bytes"`    // what deduplication and compression save at least
	ChunkCount    uint64 `json:"chunk_count"`    // stored, each once a tenant
	DatabaseBytes int64  `json:"database_bytes"` // with its log and the index of chunks
	FreeBytes     *int64 `json:"free_bytes"`     // on the volume; null: not known
	VolumeBytes   *int64 `json:"volume_bytes"`   // its size
}

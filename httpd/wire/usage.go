package wire

// UpdateShare is the body of PATCH /shares/{id}; what is left out stays.
type UpdateShare struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
	// IsDeleted false brings a deleted share back.
	IsDeleted *bool `json:"is_deleted,omitempty"`
	// Slug is another name for paths; empty for none. One that another share has is 409.
	Slug       *string `json:"slug,omitempty"`
	Visibility *string `json:"visibility,omitempty" is:"private|discoverable"` // discoverable: everybody in the tenant may know of it and ask to join
	// ArchiveAt is when a project share becomes read-only by itself.
	ArchiveAt *Time `json:"archive_at,omitempty"`
	// IsArchived true makes it read-only now, false lets it be written again and
	// takes the date away.
	IsArchived *bool `json:"is_archived,omitempty"`
	// QuotaBytes is how much the share may hold; -1: what the tenant gives each, or any
	// amount. More than that is for administrators of the tenant to give. What it holds
	// already stays, also where that is more.
	QuotaBytes *int64               `json:"quota_bytes,omitempty"`
	Settings   *UpdateShareSettings `json:"settings,omitempty"` // what holds in it; what is left out stays
}

// UpdateShareSettings changes what holds in a share.
type UpdateShareSettings struct {
	// ConflictResolution is what becomes of edits that meet, where a client does not
	// say it.
	ConflictResolution *string `json:"conflict_resolution,omitempty" is:"LAST_WRITER_WINS|KEEP_BOTH|MANUAL|SERVER_WINS|CLIENT_WINS"`
	// TrashRetentionDays is after how many days what was deleted is removed for good, at
	// most 36,500; 0: not by itself; -1: as the tenant says.
	TrashRetentionDays *int `json:"trash_retention_days,omitempty"`
}

// FoundUser is a person that something can be shared with.
type FoundUser struct {
	ID          string `json:"id" is:"usr_"`
	Email       string `json:"email"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
}

// FoundGroup is a group that something can be shared with.
type FoundGroup struct {
	ID   string `json:"id" is:"grp_"`
	Name string `json:"name"`
}

// Principals is the answer of GET /shares/search/principals.
type Principals struct {
	Users  []FoundUser  `json:"users"`
	Groups []FoundGroup `json:"groups"`
}

// UserQuota is the answer of GET /users/me/quota.
type UserQuota struct {
	UserID string `json:"user_id"`
	// UsedBytes are those of all shares that the user owns, deleted ones too.
	UsedBytes int64 `json:"used_bytes"`
	// QuotaBytes null: none.
	QuotaBytes *int64 `json:"quota_bytes"`
	// PercentUsed null: without a quota there is none.
	PercentUsed *float64 `json:"percent_used"`
}

// ShareUsage is what a share holds.
type ShareUsage struct {
	ShareID   string `json:"share_id"`
	ShareName string `json:"share_name"`
	// UsedBytes are those of living files, older versions and the trash.
	UsedBytes int64 `json:"used_bytes"`
	// FileCount is the number of files that are not in the trash; null while it was
	// never counted.
	FileCount *int64 `json:"file_count"`
	// FolderCount is the same of folders, without the share's root.
	FolderCount *int64 `json:"folder_count"`
	// TrashBytes are those of what is in the trash, its older versions included.
	TrashBytes *int64 `json:"trash_bytes"`
	// VersionBytes are what older versions of living files count.
	VersionBytes *int64 `json:"version_bytes"`
	// CalculatedAt is when these four were counted: large shares are counted in the
	// background.
	CalculatedAt *Time `json:"calculated_at"`
}

// UsageTotals add up shares. A sum is null where one of them has none.
type UsageTotals struct {
	ShareCount   int    `json:"share_count"`
	UsedBytes    int64  `json:"used_bytes"`
	FileCount    *int64 `json:"file_count"`
	FolderCount  *int64 `json:"folder_count"`
	TrashBytes   *int64 `json:"trash_bytes"`
	VersionBytes *int64 `json:"version_bytes"`
	// CalculatedAt is when the oldest of the sums' parts were counted.
	CalculatedAt *Time `json:"calculated_at"`
}

// UserStats is the answer of GET /users/me/stats.
type UserStats struct {
	Shares []ShareUsage `json:"shares"`
	// Tenant adds up the shares that the caller sees: an administrator all.
	Tenant UsageTotals `json:"tenant"`
	Total  int         `json:"total"` // of shares
}

package engine

import "time"

// A Session begins with a sign-in and lives as long as its refresh tokens are
// turned over. That it ended stands in it: a session is not deleted to end it.
type Session struct {
	ID        ID
	User      ID
	CreatedAt time.Time
	ExpiresAt time.Time // moved on by each refresh
	EndedAt   time.Time // zero: not ended

	Extra Extra
}

// A RefreshToken is what is kept of a refresh token: never the token, but its
// SHA-256, which is its key. A used one is kept until it expires, so that a
// second use is noticed.
type RefreshToken struct {
	Tenant    TenantNo
	User      ID
	Session   ID
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero: not used yet

	Extra Extra
}

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
	// PageLife, if not zero, says that this is no refresh token but that of a page's
	// session, which it stands for at every call and for so long after the last one.
	PageLife time.Duration

	Extra Extra
}

// PrefixServiceToken begins the wire form of a service token's ID.
const PrefixServiceToken = "tok_"

// A ServiceToken is what is kept of a token for scripts and services: never the
// token, but its SHA-256. It acts as its user within its scopes, until it
// expires or is deleted.
type ServiceToken struct {
	ID         ID
	User       ID
	Hash       [32]byte
	Name       string
	Scopes     string // separated by spaces
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	LastUsedAt time.Time // zero: never; within an hour

	Extra Extra
}

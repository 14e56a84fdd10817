package wire

// LoginRequest is the body of POST /auth/login.
type LoginRequest struct {
	Email    string `json:"email" wire:"required"`
	Password string `json:"password" wire:"required"` // in clear
	TOTP     string `json:"totp,omitempty"`           // of an authenticator app; refused (422) while no account has one
}

// OpenSession is the body of POST /auth/session.
type OpenSession struct {
	Email    string `json:"email" wire:"required"`
	Password string `json:"password" wire:"required"` // in clear
	TOTP     string `json:"totp,omitempty"`           // of an authenticator app; refused (422) while no account has one
	Stay     bool   `json:"stay,omitempty"`           // whether the session outlives the browser
}

// PageSession is the answer of POST /auth/session; the session itself stands in a cookie.
type PageSession struct {
	UserID string `json:"user_id" is:"usr_"`
}

// Token is the answer of POST /auth/login and POST /auth/token. POST /auth/token
// takes a form (application/x-www-form-urlencoded) with
// grant_type=refresh_token and refresh_token; the old refresh token is used up.
type Token struct {
	AccessToken  string `json:"access_token"`            // for the Authorization header
	TokenType    string `json:"token_type" is:"Bearer"`  // "Bearer"
	ExpiresIn    int    `json:"expires_in"`              // seconds
	RefreshToken string `json:"refresh_token,omitempty"` // for POST /auth/token, once
	Scope        string `json:"scope,omitempty"`         // what the access token allows, separated by spaces
}

// CreateServiceToken is the body of POST /auth/tokens (201, [NewServiceToken]).
type CreateServiceToken struct {
	Name      string   `json:"name" wire:"required"`   // what it is for; 1 to 255 bytes
	Scopes    []string `json:"scopes" wire:"required"` // at least one, at most those of the session that makes it
	ExpiresAt *Time    `json:"expires_at,omitempty"`   // when it ends; left out: when it is deleted
}

// ServiceToken is what is told of a token for scripts and services. It acts as
// its user, within its scopes and what the user may do.
type ServiceToken struct {
	ID         string   `json:"id" is:"tok_"` // of the token, no secret
	Name       string   `json:"name"`         // what it is for
	Scopes     []string `json:"scopes"`       // what it may do
	CreatedAt  Time     `json:"created_at"`   // when it was made
	ExpiresAt  *Time    `json:"expires_at"`   // null: never
	LastUsedAt *Time    `json:"last_used_at"` // within an hour; null: never
}

// NewServiceToken is a [ServiceToken] with its text, which is told this once.
type NewServiceToken struct {
	ID        string   `json:"id" is:"tok_"` // of the token, no secret
	Name      string   `json:"name"`         // what it is for
	Scopes    []string `json:"scopes"`       // what it may do
	CreatedAt Time     `json:"created_at"`   // when it was made
	ExpiresAt *Time    `json:"expires_at"`   // null: never
	Token     string   `json:"token"`        // the secret, sdt_ and 43 characters
}

// ServiceTokens is the answer of GET /auth/tokens?limit&offset.
type ServiceTokens struct {
	Tokens []ServiceToken `json:"tokens"` // oldest first, those that have expired too
	Total  int            `json:"total"`  // how many there are
}

// Me is the answer of GET /users/me.
type Me struct {
	ID          string   `json:"id" is:"usr_"`
	Email       string   `json:"email"`
	Name        string   `json:"name"`
	DisplayName string   `json:"display_name"`
	TenantID    string   `json:"tenant_id"`
	PartnerID   string   `json:"partner_id"`
	Groups      []string `json:"groups"`                                                 // the groups the caller is in
	Scopes      []string `json:"scopes"`                                                 // what the token allows
	IsAdmin     bool     `json:"is_admin"`                                               // whether there is an admin_role
	AdminRole   *string  `json:"admin_role" is:"tenant_admin|partner_admin|super_admin"` // tenant_admin, partner_admin, super_admin
}

package wire

// LoginRequest is the body of POST /auth/login.
type LoginRequest struct {
	Email    string `json:"email" wire:"required"`
	Password string `json:"password" wire:"required"` // in clear
	TOTP     string `json:"totp,omitempty"`           // of an authenticator app; nobody needs one yet
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

package wire

// LoginRequest is the body of POST /auth/login.
type LoginRequest struct {
	Email    string `json:"email" wire:"required"`
	Password string `json:"password" wire:"required"`
	TOTP     string `json:"totp,omitempty"`
}

// Token is the answer of POST /auth/login and POST /auth/token. POST /auth/token
// takes a form (application/x-www-form-urlencoded) with
// grant_type=refresh_token and refresh_token; the old refresh token is used up.
type Token struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"` // "Bearer"
	ExpiresIn    int    `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
}

// Me is the answer of GET /users/me.
type Me struct {
	ID          string   `json:"id"`
	Email       string   `json:"email"`
	Name        string   `json:"name"`
	DisplayName string   `json:"display_name"`
	TenantID    string   `json:"tenant_id"`
	PartnerID   string   `json:"partner_id"`
	Groups      []string `json:"groups"`
	Scopes      []string `json:"scopes"`
	IsAdmin     bool     `json:"is_admin"`
	AdminRole   *string  `json:"admin_role"` // tenant_admin, partner_admin, super_admin
}

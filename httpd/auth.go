package httpd

import (
	"net/url"

	"scaidrive/engine/identity"
	"scaidrive/httpd/wire"
)

func tokenAnswer(g *identity.Grant) wire.Token {
	return wire.Token{
		AccessToken: g.AccessToken, TokenType: "Bearer", ExpiresIn: g.ExpiresIn,
		RefreshToken: g.RefreshToken, Scope: g.Scope,
	}
}

// login signs in with a local account. Nobody has a second factor yet: a code is
// refused for every account alike, for who gives one believes that without it
// nobody gets in.
func login(c *call) error {
	var in wire.LoginRequest
	if err := c.decode(&in, false); err != nil {
		return err
	}
	if in.TOTP != "" {
		return noSecondFactor()
	}
	g, err := c.s.o.Identity.Login(c.ctx, in.Email, in.Password, c.address(), c.issuer())
	if err != nil {
		return err
	}
	return c.json(200, tokenAnswer(g))
}

func noSecondFactor() error {
	return badField("value_error", "Value error, no account of this server has a second factor; sign in without a code", "body", "totp")
}

// refreshToken takes the form of OAuth 2.
func refreshToken(c *call) error {
	if c.mediaType() != "application/x-www-form-urlencoded" {
		return fail(415, "The body must be application/x-www-form-urlencoded")
	}
	if err := c.plain(); err != nil {
		return err
	}
	b, err := c.body.all()
	if err != nil {
		return err
	}
	form, err := url.ParseQuery(string(b))
	if err != nil {
		return badField("value_error", "The form cannot be read", "body")
	}
	switch grants := form["grant_type"]; {
	case len(grants) == 0:
		return badField("missing", "Field required", "body", "grant_type")
	case len(grants) > 1 || grants[0] != "refresh_token":
		return badField("literal_error", "Input should be refresh_token", "body", "grant_type")
	}
	tokens := form["refresh_token"]
	if len(tokens) != 1 || tokens[0] == "" {
		return badField("missing", "Field required", "body", "refresh_token")
	}
	g, err := c.s.o.Identity.Refresh(c.ctx, tokens[0], c.issuer())
	if err != nil {
		return err
	}
	return c.json(200, tokenAnswer(g))
}

func logout(c *call) error {
	if err := c.s.o.Identity.Logout(c.ctx, c.who); err != nil {
		return err
	}
	if c.cookie {
		c.dropCookies()
	}
	return c.noContent(204)
}

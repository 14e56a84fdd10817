package httpd

import (
	"strconv"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/identity"
	"scaidrive/httpd/wire"
)

// The session of our own page stands in a cookie that no script can read. Beside it
// stands one that scripts can read, with nothing but the user's ID: it tells a page
// whether there is a session, and whose.
const (
	sessionCookie = "scaidrive_session"
	userCookie    = "scaidrive_user"

	requestedWith = "scaidrive" // what X-Requested-With says of our page
)

// cookieCaller recognises who calls by the cookie of a page's session.
func (c *call) cookieCaller(token string) (*engine.Principal, error) {
	if err := c.ownPage(); err != nil {
		return nil, err
	}
	p, renewed, err := c.s.o.Identity.AuthenticatePage(c.ctx, token)
	if err != nil {
		if engine.KindOf(err) == engine.KindUnauthorized {
			c.dropCookies()
		}
		return nil, err
	}
	c.cookie = true
	if renewed != nil {
		c.setCookies(renewed)
	}
	return p, nil
}

// ownPage refuses what does not come from a page of this server: a browser sends a cookie
// with what any page on this machine, or of a sibling name, has it send. A browser says
// itself where a request comes from, on HTTPS; else the Origin does. And what changes
// something carries a header that no other page can make it send.
func (c *call) ownPage() error {
	foreign := fail(403, "A cookie counts for pages of this server only")
	safe := c.method == "GET" || c.method == "HEAD"
	switch site := c.header("Sec-Fetch-Site"); {
	case site == "same-origin", site == "none" && safe:
	case site != "":
		return foreign
	default:
		if origin := c.header("Origin"); origin != "" && !c.sameHost(origin) {
			return foreign
		}
	}
	if !safe && c.header("X-Requested-With") != requestedWith {
		return fail(403, "With a cookie this needs the header X-Requested-With: "+requestedWith)
	}
	return nil
}

func (c *call) setCookies(p *identity.PageSession) {
	age := time.Duration(-1)
	if p.Stays {
		age = p.Life
	}
	c.setCookie(sessionCookie, p.Token, true, age)
	c.setCookie(userCookie, p.User.Format(engine.PrefixUser), false, age)
}

func (c *call) dropCookies() {
	c.setCookie(sessionCookie, "", true, 0)
	c.setCookie(userCookie, "", false, 0)
}

// setCookie sets a cookie for so long; 0 removes it, less: until the browser ends.
func (c *call) setCookie(name, value string, hidden bool, age time.Duration) {
	text := name + "=" + value + "; Path=/; SameSite=Strict"
	if age >= 0 {
		text += "; Max-Age=" + strconv.Itoa(int(age/time.Second))
	}
	if hidden {
		text += "; HttpOnly"
	}
	if c.origin.secure {
		text += "; Secure"
	}
	c.setHeader("Set-Cookie", text)
}

// openSession signs our page in.
func openSession(c *call) error {
	if err := c.ownPage(); err != nil {
		return err
	}
	var in wire.OpenSession
	if err := c.decode(&in, false); err != nil {
		return err
	}
	if in.TOTP != "" {
		return noSecondFactor()
	}
	p, err := c.s.o.Identity.LoginPage(c.ctx, in.Email, in.Password, c.address(), in.Stay)
	if err != nil {
		return err
	}
	c.setCookies(p)
	return c.json(200, wire.PageSession{UserID: p.User.Format(engine.PrefixUser)})
}

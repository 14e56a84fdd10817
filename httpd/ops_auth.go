package httpd

import (
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	opLogin = op{
		Name: "login", Tag: tagSignIn, Summary: "Sign in with a local account",
		Body:    wire.LoginRequest{},
		Answers: gives(200, wire.Token{}, "Signed in."),
		Fails:   list(401, 403),
	}
	opOpenSession = op{
		Name: "openSession", Tag: tagSignIn, Summary: "Sign our own page in",
		About:  "The session stands in the cookie scaidrive_session (HttpOnly, SameSite=Strict), which counts for calls of this server's own pages; it goes on for a day after the last call, with stay for 30 days and beyond the end of the browser. Beside it the cookie scaidrive_user tells scripts whose it is. Calls by cookie that change something carry X-Requested-With: scaidrive. Scripts and services use POST /auth/login.",
		Header: list(openapi.Need("X-Requested-With", openapi.OneOf("scaidrive"), "Says that our page calls; else 403.")),
		Body:   wire.OpenSession{},
		Answers: gives(200, wire.PageSession{}, "Signed in.",
			openapi.Need("Set-Cookie", openapi.Text(), "The two cookies.")),
		Fails: list(401, 403),
	}
	opRefreshToken = op{
		Name: "refreshToken", Tag: tagSignIn, Summary: "Get a new access token for a refresh token",
		About: "The old refresh token is used up; who uses it again ends the session it belongs to.",
		Body: openapi.Form{Type: "application/x-www-form-urlencoded", Fields: list(
			openapi.Need("grant_type", openapi.OneOf("refresh_token"), "What is given."),
			openapi.Need("refresh_token", openapi.Text(), "The refresh token."))},
		Answers: gives(200, wire.Token{}, "Two new tokens."),
		Fails:   list(401, 403),
	}
	opLogout = op{
		Name: "logout", Tag: tagSignIn, Summary: "End the session of the token",
		About:   "Access and refresh tokens of the session are refused from then on. A service token has none.",
		Answers: done,
		Fails:   list(403),
	}

	opListServiceTokens = op{
		Name: "listServiceTokens", Tag: tagSignIn, Summary: "The caller's service tokens",
		Query:   paged,
		Answers: gives(200, wire.ServiceTokens{}, "A page of tokens, without their text."),
	}
	opCreateServiceToken = op{
		Name: "createServiceToken", Tag: tagSignIn, Summary: "Make a token for a script or service",
		About:   "It is used like an access token. A user has at most 100. One can't be made with a service token. Its text is told this once, also to a repeat with the same Idempotency-Key (409).",
		Body:    wire.CreateServiceToken{},
		Answers: gives(201, wire.NewServiceToken{}, "The token with its text."),
		Fails:   list(403, 409),
	}
	opDeleteServiceToken = op{
		Name: "deleteServiceToken", Tag: tagSignIn, Summary: "End a service token",
		About:   "It is refused from the next request on. A service token can end itself only.",
		Path:    list(tokenID),
		Answers: done,
		Fails:   list(403),
	}

	opGetMe = op{
		Name: "getMe", Tag: tagMe, Summary: "Who calls",
		Answers: gives(200, wire.Me{}, "The caller."),
	}
	opListMyShares = op{
		Name: "listMyShares", Tag: tagMe, Summary: "The caller's shares, with the role in each",
		Query:   list(shareLimit, withOffset),
		Answers: gives(200, wire.MyShares{}, "A page of shares."),
	}
)

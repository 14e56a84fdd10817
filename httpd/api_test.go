package httpd

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"scaidrive/chunkstore/split"
	"scaidrive/engine"
	"scaidrive/engine/acl"
	"scaidrive/engine/annotate"
	"scaidrive/engine/archive"
	"scaidrive/engine/desk"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/identity"
	"scaidrive/engine/job"
	"scaidrive/engine/journal"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/notice"
	"scaidrive/engine/once"
	"scaidrive/engine/people"
	"scaidrive/engine/presence"
	"scaidrive/engine/settings"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/usage"
	"scaidrive/httpd/wire"
)

// An api is the real server on the real engine, in memory, behind a real
// loopback connection; and what the steps of a scenario have learnt.
type api struct {
	jobs *job.Service
	*transfertest.Stack
	settings *settings.Service
	t        testing.TB
	addr     string
	srv      *Server
	log      *syncBuffer
	client   *http.Client
	vars     map[string]string // names in braces, in paths, bodies and headers
}

func newAPI(t testing.TB) *api { return serveAPI(t, transfertest.Memory(t)) }

// serveAPI serves a stack, by a process that was given settings.
func serveAPI(t testing.TB, stack *transfertest.Stack, given ...settings.Given) *api {
	t.Helper()
	return serveWith(t, stack, func(*Options) {}, given...)
}

// serveWith is serveAPI with other options.
func serveWith(t testing.TB, stack *transfertest.Stack, adjust func(*Options), given ...settings.Given) *api {
	t.Helper()
	if err := stack.Tree.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := &api{Stack: stack, t: t, log: &syncBuffer{}, vars: map[string]string{}}
	a.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}, Timeout: time.Minute}
	d := desk.New(stack.DB, stack.Env())
	stack.Tree.OnTouch = d.Touched
	a.jobs = job.New(job.Options{DB: a.DB, Tree: a.Tree, Transfer: a.Transfer, Env: a.Env()})
	var err error
	if a.settings, err = settings.New(settings.Options{DB: a.DB, Env: a.Env(), Given: given}); err != nil {
		t.Fatal(err)
	}
	if err := a.settings.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := Options{
		Jobs:     a.jobs,
		Settings: a.settings, Values: a.settings.Now,
		ACL:      acl.New(stack.DB, stack.Tree, stack.Env()),
		Desk:     d,
		Annotate: annotate.New(stack.DB, stack.Env()),
		Notices:  notice.New(stack.DB, stack.Env()),
		Usage:    usage.New(stack.DB, stack.Env(), stack.Shares),
		Identity: a.Identity, Shares: a.Shares, People: people.New(a.DB, a.Env(), a.Identity, a.Shares), Tree: a.Tree, Transfer: a.Transfer, Uploads: a.Uploads, Tenancy: a.Tenancy,
		Journal: journal.New(a.DB, a.Tree, a.Transfer, a.Env(), 1), Env: a.Env(), Once: once.New(a.DB, a.Env()),
		Archives: archive.New(a.Tree, a.Transfer, a.Shares, a.Identity, a.Env()),
		Ready:    func() (map[string]bool, bool) { return map[string]bool{"database": true, "storage": true}, true },
		Parts: func() []engine.Part {
			return []engine.Part{{Name: "database", State: engine.PartGood, Reason: engine.PartWorks}, {Name: "storage", State: engine.PartAct, Reason: engine.PartReadOnly, Causes: []string{"/data is gone"}}}
		},
		Footprint: func() engine.Footprint {
			return engine.Footprint{Packs: 3, Chunks: 1, Free: 5, Volume: 10, StartedAt: a.Env().Now()}
		},
		Presence: presence.New(a.DB, a.Env()),
		Version:  "test", Chunking: split.Default().Name,
		Logger: slog.New(slog.NewTextHandler(a.log, nil)),
	}
	adjust(&o)
	srv := New(o)
	a.srv = srv
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a.addr = ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- srv.Serve(ctx, ln) }()
	stop := sync.OnceValue(func() error { cancel(); return <-over })
	t.Cleanup(func() {
		a.client.CloseIdleConnections()
		if err := stop(); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	a.foreignAccount()
	for who, email := range map[string]string{"user": "user@example.com", "admin": "admin@example.com", "stranger": "stranger@example.com", "foreigner": "admin@example.org"} {
		a.vars[who] = a.signIn(email).AccessToken
	}
	a.vars["share"] = a.Share.Format(engine.PrefixShare)
	a.vars["nobody"] = engine.ID{0xff}.Format("")
	return a
}

// foreignAccount gives the other tenant's administrator a password.
func (a *api) foreignAccount() {
	a.t.Helper()
	err := a.DB.Update(a.t.Context(), func(tx *meta.Tx) error {
		u, err := schema.GetUser(tx, a.Foreigner.Tenant, a.Foreigner.User)
		if err != nil {
			return err
		}
		u.PasswordHash = a.User.PasswordHash
		folded, err := identity.FoldEmail(u.Email)
		if err != nil {
			return err
		}
		if err := schema.PutUserByEmail(tx, folded, &schema.UserRef{Tenant: u.Tenant, User: u.ID}); err != nil {
			return err
		}
		return schema.PutUser(tx, u)
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *api) signIn(email string) wire.Token {
	a.t.Helper()
	body, _ := json.Marshal(wire.LoginRequest{Email: email, Password: enginetest.Password})
	res, b := a.do("POST", "/api/v1/auth/login", string(body), "Content-Type", "application/json")
	var tok wire.Token
	if err := json.Unmarshal([]byte(b), &tok); err != nil || res.StatusCode != 200 {
		a.t.Fatalf("sign in as %s: %d %s", email, res.StatusCode, b)
	}
	return tok
}

// do makes one request; its answer must be as the document tells.
func (a *api) do(method, path, body string, headers ...string) (*http.Response, string) {
	a.t.Helper()
	res, b := a.send(method, path, body, headers...)
	held(a.t, res.Request, body, res, b)
	return res, b
}

// send makes one request.
func (a *api) send(method, path, body string, headers ...string) (*http.Response, string) {
	a.t.Helper()
	req, err := http.NewRequest(method, "http://"+a.addr+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := a.client.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatalf("%s %s: the answer breaks: %v", method, path, err)
	}
	return res, string(b)
}

// A step is one request of a scenario and what its answer must be. {names} in
// path, body, head and has stand for what was kept before. A body that begins
// with "{" or "[" is JSON, one that begins with "--" a multipart form.
type step struct {
	name   string
	as     string // "user" unless given; "nobody": without a token
	method string
	path   string // below /api/v1
	body   string
	head   []string // of the request: name, value, ...
	status int
	has    []string // in the body, or "Name: value" of the answer's head
	lacks  []string
	keep   string // "name=field": a field of the answer, for later; "a.0.b" is one further in
}

var placeholder = regexp.MustCompile(`\{[a-z_0-9]+\}`)

func (a *api) fill(s string) string {
	return placeholder.ReplaceAllStringFunc(s, func(p string) string {
		if v, ok := a.vars[p[1:len(p)-1]]; ok {
			return v
		}
		return p
	})
}

func (a *api) run(steps []step) {
	a.t.Helper()
	for _, s := range steps {
		a.step(s)
	}
}

func (a *api) step(s step) string {
	a.t.Helper()
	var head []string
	switch s.as {
	case "":
		head = append(head, "Authorization", "Bearer "+a.vars["user"])
	case "nobody":
	default:
		head = append(head, "Authorization", "Bearer "+a.vars[s.as])
	}
	body := a.fill(s.body)
	switch {
	case strings.HasPrefix(body, "{"), strings.HasPrefix(body, "["):
		head = append(head, "Content-Type", "application/json")
	case strings.HasPrefix(body, "--"):
		head = append(head, "Content-Type", "multipart/form-data; boundary="+edge)
	}
	for _, h := range s.head {
		head = append(head, a.fill(h))
	}
	res, got := a.do(s.method, "/api/v1"+a.fill(s.path), body, head...)
	what := fmt.Sprintf("%s (%s %s)", s.name, s.method, s.path)
	if res.StatusCode != s.status {
		a.t.Errorf("%s: %d %s, want %d", what, res.StatusCode, cut(got), s.status)
		return got
	}
	all := got
	for k, v := range res.Header {
		all += "\n" + k + ": " + strings.Join(v, ", ")
	}
	for _, h := range s.has {
		if !strings.Contains(all, a.fill(h)) {
			a.t.Errorf("%s: lacks %q: %s", what, a.fill(h), cut(all))
		}
	}
	for _, h := range append(s.lacks, "goroutine", "panic") {
		if strings.Contains(all, a.fill(h)) {
			a.t.Errorf("%s: has %q: %s", what, a.fill(h), cut(all))
		}
	}
	a.conventions(what, res, got)
	if name, field, ok := strings.Cut(s.keep, "="); ok {
		var m any
		if err := json.Unmarshal([]byte(got), &m); err != nil {
			a.t.Fatalf("%s: %v", what, err)
		}
		for part := range strings.SplitSeq(field, ".") {
			switch at := m.(type) {
			case map[string]any:
				m = at[part]
			case []any:
				i, err := strconv.Atoi(part)
				if err != nil || i >= len(at) {
					a.t.Fatalf("%s: no %s in %s", what, field, cut(got))
				}
				m = at[i]
			}
		}
		a.vars[name] = fmt.Sprint(m)
	}
	return got
}

// conventions are what holds for every answer.
func (a *api) conventions(what string, res *http.Response, body string) {
	a.t.Helper()
	if res.Header.Get("X-Request-Id") == "" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		a.t.Errorf("%s: head %v", what, res.Header)
	}
	if res.StatusCode == 401 && res.Header.Get("WWW-Authenticate") != "Bearer" {
		a.t.Errorf("%s: 401 without WWW-Authenticate", what)
	}
	if res.StatusCode >= 400 && res.Request.Method != "HEAD" {
		var p wire.Problem
		if err := json.Unmarshal([]byte(body), &p); err != nil || p.String() == "" {
			a.t.Errorf("%s: %d with %s", what, res.StatusCode, cut(body))
		}
		if (p.Fields != nil) != (res.StatusCode == 422) {
			a.t.Errorf("%s: %d in the form of another status: %s", what, res.StatusCode, cut(body))
		}
	}
}

func cut(s string) string { return s[:min(len(s), 600)] }

func sumOf(b string) string {
	h := sha256.Sum256([]byte(b))
	return hex.EncodeToString(h[:])
}

// upload is the form of a small file in the scenario's share.
func upload(name, content string, more ...string) string {
	b := part("share_id", "{share}")
	for i := 0; i+1 < len(more); i += 2 {
		b += part(more[i], more[i+1])
	}
	return b + filePartText(name, content) + endOfForm
}

func TestSignIn(t *testing.T) {
	a := newAPI(t)
	a.run([]step{
		{name: "me", method: "GET", path: "/users/me", status: 200, has: []string{`"email":"user@example.com"`, `"scopes":["files:read","files:write"]`, `"groups":[]`, `"is_admin":false`, `"admin_role":null`, "X-Ratelimit-Limit: "}},
		{name: "me, administrator", as: "admin", method: "GET", path: "/users/me", status: 200, has: []string{`"admin_role":"super_admin"`, `"is_admin":true`}},
		{name: "wrong password", as: "nobody", method: "POST", path: "/auth/login", body: `{"email":"user@example.com","password":"wrong"}`, status: 401},
		{name: "unknown account", as: "nobody", method: "POST", path: "/auth/login", body: `{"email":"nobody@example.com","password":"wrong"}`, status: 401},
		{name: "a code that nobody asks for", as: "nobody", method: "POST", path: "/auth/login", body: `{"email":"user@example.com","password":"` + enginetest.Password + `","totp":"123456"}`, status: 422, has: []string{`["body","totp"]`}},
		{name: "no code", as: "nobody", method: "POST", path: "/auth/login", body: `{"email":"user@example.com","password":"` + enginetest.Password + `","totp":""}`, status: 200},
		{name: "no password", as: "nobody", method: "POST", path: "/auth/login", body: `{"email":"user@example.com"}`, status: 422, has: []string{`["body","password"]`}},
		{name: "unknown field", as: "nobody", method: "POST", path: "/auth/login", body: `{"email":"u@example.com","password":"x","role":"admin"}`, status: 422, has: []string{`["body","role"]`}},
		{name: "not JSON", as: "nobody", method: "POST", path: "/auth/login", body: `email=u`, head: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415},
		{name: "empty", as: "nobody", method: "POST", path: "/auth/login", status: 422},
		{name: "compressed", as: "nobody", method: "POST", path: "/auth/login", body: `{}`, head: []string{"Content-Encoding", "gzip"}, status: 415},
		{name: "over a MiB", as: "nobody", method: "POST", path: "/auth/login", body: `{"email":"` + strings.Repeat("x", 1<<20) + `"}`, status: 413},
		{name: "token: JSON", as: "nobody", method: "POST", path: "/auth/token", body: `{}`, status: 415},
		{name: "token: no grant", as: "nobody", method: "POST", path: "/auth/token", body: "x=y", head: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 422, has: []string{"grant_type"}},
		{name: "token: other grant", as: "nobody", method: "POST", path: "/auth/token", body: "grant_type=password", head: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 422},
		{name: "token: no token", as: "nobody", method: "POST", path: "/auth/token", body: "grant_type=refresh_token", head: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 422, has: []string{"refresh_token"}},
		{name: "token: garbage", as: "nobody", method: "POST", path: "/auth/token", body: "grant_type=refresh_token&refresh_token=rt_x", head: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 401},
	})
	tok := a.signIn("user@example.com")
	a.vars["refresh"], a.vars["second"] = tok.RefreshToken, tok.AccessToken
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	a.run([]step{
		{name: "refresh", as: "nobody", method: "POST", path: "/auth/token", body: "grant_type=refresh_token&refresh_token={refresh}", head: form, status: 200, has: []string{`"token_type":"Bearer"`, `"expires_in":3600`}, keep: "third=access_token"},
		{name: "new token", as: "third", method: "GET", path: "/users/me", status: 200},
		{name: "used again", as: "nobody", method: "POST", path: "/auth/token", body: "grant_type=refresh_token&refresh_token={refresh}", head: form, status: 401},
		{name: "which ended the session", as: "third", method: "GET", path: "/users/me", status: 401},
		{name: "but no other", method: "GET", path: "/users/me", status: 200},
		{name: "sign out", method: "POST", path: "/auth/logout", status: 204},
		{name: "signed out", method: "GET", path: "/users/me", status: 401},
	})
	log := a.log.String()
	for _, secret := range []string{enginetest.Password, tok.AccessToken, tok.RefreshToken, a.vars["third"]} {
		if strings.Contains(log, secret) {
			t.Errorf("a secret is in the log")
		}
	}
	if !strings.Contains(log, "route=/api/v1/users/me") || !strings.Contains(log, "status=401") {
		t.Errorf("log: %s", cut(log))
	}
}

// After too many failures the answer says when it is worth trying again.
func TestThrottledSignIn(t *testing.T) {
	a := newAPI(t)
	wrong := step{name: "wrong", as: "nobody", method: "POST", path: "/auth/login", body: `{"email":"user@example.com","password":"wrong"}`, status: 401}
	for range 10 {
		a.step(wrong)
		a.Pass(time.Second)
	}
	wrong.status, wrong.has = 429, []string{"Retry-After: 890"}
	a.step(wrong)
	a.Pass(889500 * time.Millisecond)
	wrong.has = []string{"Retry-After: 1"}
	a.step(wrong)
	a.Pass(500 * time.Millisecond)
	a.signIn("user@example.com")
}

func TestBadTokens(t *testing.T) {
	a := newAPI(t)
	token := a.vars["user"]
	parts := strings.Split(token, ".")
	sig, _ := base64.RawURLEncoding.DecodeString(parts[2])
	sig[7] ^= 1
	enc := base64.RawURLEncoding.EncodeToString
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	forged := strings.Replace(string(payload), a.User.ID.Format(engine.PrefixUser), a.Admin.ID.Format(engine.PrefixUser), 1)
	for name, bad := range map[string]string{
		"garbage": "garbage", "three dots": "a.b.c", "cut": token[:len(token)-4], "wrong signature": parts[0] + "." + parts[1] + "." + enc(sig),
		"alg none": enc([]byte(`{"alg":"none","typ":"at+jwt"}`)) + "." + parts[1] + ".", "alg none with a signature": enc([]byte(`{"alg":"none","typ":"at+jwt"}`)) + "." + parts[1] + "." + parts[2],
		"alg HS256": enc([]byte(`{"alg":"HS256","typ":"at+jwt"}`)) + "." + parts[1] + "." + parts[2], "other payload": parts[0] + "." + enc([]byte(forged)) + "." + parts[2],
		"long": strings.Repeat("a", 20000), "refresh token": a.signIn("user@example.com").RefreshToken,
	} {
		a.vars["bad"] = bad
		a.step(step{name: name, as: "bad", method: "GET", path: "/users/me", status: 401, lacks: []string{bad}})
		a.step(step{name: name, as: "bad", method: "POST", path: "/files", body: upload("x", "y"), status: 401})
	}
	a.Pass(2 * time.Hour)
	a.step(step{name: "expired", method: "GET", path: "/users/me", status: 401})
}

func TestShares(t *testing.T) {
	a := newAPI(t)
	a.run([]step{
		{name: "create", method: "POST", path: "/shares", body: `{"name":"Plans","share_type":"project","description":"d","quota_bytes":1000}`, status: 201, has: []string{`"name":"Plans"`, `"share_type":"project","type":"project"`, `"quota_bytes":1000`, `"used_bytes":0`, `"settings":{"conflict_resolution":"KEEP_BOTH","trash_retention_days":null}`, `"is_deleted":false`}, keep: "plans=id"},
		{name: "get", method: "GET", path: "/shares/{plans}", status: 200, has: []string{`"id":"{plans}"`}},
		{name: "get as administrator", as: "admin", method: "GET", path: "/shares/{plans}", status: 200},
		{name: "get as a stranger", as: "stranger", method: "GET", path: "/shares/{plans}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "get as a foreigner", as: "foreigner", method: "GET", path: "/shares/{plans}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "unknown", method: "GET", path: "/shares/shr_{nobody}", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "ill-formed", method: "GET", path: "/shares/nonsense", status: 404, has: []string{`{"detail":"Not found"}`}},
		{name: "lower case", method: "GET", path: "/shares/shr_01arz3ndektsv4rrffq69g5fav", status: 404},
		{name: "list", method: "GET", path: "/shares?limit=1&offset=1", status: 200, has: []string{`"total":3`}},
		{name: "mine", method: "GET", path: "/users/me/shares", status: 200, has: []string{`"role":"owner"`, `"type":"personal"`, `"total":3`}},
		{name: "stranger's list", as: "stranger", method: "GET", path: "/shares", status: 200, lacks: []string{"Plans"}},
		{name: "all needs a role", method: "GET", path: "/shares?all=true", status: 403},
		{name: "all", as: "admin", method: "GET", path: "/shares?all=true", status: 200, has: []string{"Plans"}},
		{name: "limit 0", method: "GET", path: "/shares?limit=0", status: 422, has: []string{`["query","limit"]`}},
		{name: "limit too high", method: "GET", path: "/shares?limit=1001", status: 422},
		{name: "limit no number", method: "GET", path: "/shares?limit=x", status: 422},
		{name: "limit huge", method: "GET", path: "/shares?limit=99999999999999999999", status: 422},
		{name: "offset negative", method: "GET", path: "/shares?offset=-1", status: 422},
		{name: "offset too far", method: "GET", path: "/shares?offset=9990&limit=11", status: 422},
		{name: "central needs a role", method: "POST", path: "/shares", body: `{"name":"C","share_type":"central"}`, status: 403},
		{name: "central", as: "admin", method: "POST", path: "/shares", body: `{"name":"C","share_type":"central"}`, status: 201},
		{name: "personal", method: "POST", path: "/shares", body: `{"name":"P","share_type":"personal"}`, status: 422, has: []string{`["body","share_type"]`}},
		{name: "other type", method: "POST", path: "/shares", body: `{"name":"P","share_type":"x"}`, status: 422},
		{name: "no name", method: "POST", path: "/shares", body: `{"share_type":"project"}`, status: 422, has: []string{`["body","name"]`}},
		{name: "bad name", method: "POST", path: "/shares", body: `{"name":"a:b","share_type":"project"}`, status: 422, has: []string{`["body","name"]`}},
		{name: "negative quota", method: "POST", path: "/shares", body: `{"name":"P","share_type":"project","quota_bytes":-1}`, status: 422},
		{name: "bad owner", method: "POST", path: "/shares", body: `{"name":"P","share_type":"project","owner_id":"me"}`, status: 422},
		{name: "foreign owner", as: "admin", method: "POST", path: "/shares", body: `{"name":"P","share_type":"project","owner_id":"usr_{nobody}"}`, status: 422},
	})
}

func TestFolders(t *testing.T) {
	a := newAPI(t)
	a.run([]step{
		{name: "create", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"A"}`, status: 201, has: []string{`"path":"/A"`, `"parent_id":null`, `"share_id":"{share}"`}, keep: "a=id"},
		{name: "below", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"{a}","name":"B"}`, status: 201, has: []string{`"path":"/A/B"`, `"parent_id":"{a}"`}, keep: "b=id"},
		{name: "null parent", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":null,"name":"C"}`, status: 201},
		{name: "taken", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"a"}`, status: 409},
		{name: "as a stranger", as: "stranger", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"S"}`, status: 404},
		{name: "as a foreigner", as: "foreigner", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"S"}`, status: 404},
		{name: "unknown share", method: "POST", path: "/folders", body: `{"share_id":"shr_{nobody}","name":"S"}`, status: 404},
		{name: "ill-formed share", method: "POST", path: "/folders", body: `{"share_id":"x","name":"S"}`, status: 422, has: []string{`["body","share_id"]`}},
		{name: "ill-formed parent", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"x","name":"S"}`, status: 422, has: []string{`["body","parent_id"]`}},
		{name: "unknown parent", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"fld_{nobody}","name":"S"}`, status: 404},
		{name: "get", method: "GET", path: "/folders/{b}", status: 200, has: []string{`"name":"B"`}},
		{name: "get as a stranger", as: "stranger", method: "GET", path: "/folders/{b}", status: 404, lacks: []string{`"B"`}},
		{name: "children", method: "GET", path: "/folders/root/children?share_id={share}", status: 200, has: []string{`"name":"A"`, `"name":"C"`, `"total":2`, `"total_exact":true`, `"type":"folder"`}, lacks: []string{`"size"`}},
		{name: "children of a folder", method: "GET", path: "/folders/{a}/children?share_id={share}", status: 200, has: []string{`"path":"/A"`, `"name":"B"`, `"parent_id":"{a}"`}},
		{name: "page", method: "GET", path: "/folders/root/children?share_id={share}&limit=1", status: 200, has: []string{`"name":"A"`}, lacks: []string{`"name":"C"`}, keep: "next=next_page_token"},
		{name: "next page", method: "GET", path: "/folders/root/children?share_id={share}&limit=1&page_token={next}", status: 200, has: []string{`"name":"C"`}, lacks: []string{"next_page_token"}},
		{name: "token and offset", method: "GET", path: "/folders/root/children?share_id={share}&offset=1&page_token={next}", status: 422},
		{name: "token of another folder", method: "GET", path: "/folders/{a}/children?share_id={share}&page_token={next}", status: 422},
		{name: "bad token", method: "GET", path: "/folders/root/children?share_id={share}&page_token=xyz", status: 422, has: []string{`["query","page_token"]`}},
		{name: "no share", method: "GET", path: "/folders/root/children", status: 422, has: []string{`["query","share_id"]`}},
		{name: "bad share", method: "GET", path: "/folders/root/children?share_id=x", status: 422},
		{name: "other share", method: "GET", path: "/folders/{a}/children?share_id=shr_{nobody}", status: 404},
		{name: "children as a stranger", as: "stranger", method: "GET", path: "/folders/root/children?share_id={share}", status: 404},
		{name: "children of a file ID", method: "GET", path: "/folders/fil_{nobody}/children?share_id={share}", status: 404},
		{name: "delete for good, ill-formed", method: "DELETE", path: "/folders/{a}?permanent=no", status: 422},
		{name: "delete as a stranger", as: "stranger", method: "DELETE", path: "/folders/{a}", status: 404},
		{name: "delete", method: "DELETE", path: "/folders/{a}", status: 204},
		{name: "again", method: "DELETE", path: "/folders/{a}", status: 410},
		{name: "gone", method: "GET", path: "/folders/{a}", status: 410},
		{name: "gone below", method: "GET", path: "/folders/{b}", status: 410},
		{name: "into what is gone", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"{a}","name":"S"}`, status: 410},
		{name: "name is free", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"A"}`, status: 201},
	})
	for what, name := range map[string]string{
		"empty": "", "dot": ".", "dots": "..", "slash": "a/b", "backslash": `a\\b`, "NUL": `a\u0000b`, "control": `a\u0001b`,
		"over 255 bytes": strings.Repeat("x", 256), "less": "a<b", "greater": "a>b", "colon": "a:b", "quote": `a\"b`, "pipe": "a|b",
		"question": "a?b", "star": "a*b", "space at the end": "a ", "dot at the end": "a.", "device": "CON", "device in small": "nul.txt",
		"port": "COM1", "printer": "lpt9.x",
	} {
		a.step(step{name: what, method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"` + name + `"}`, status: 422, has: []string{`["body","name"]`}})
		if strings.Contains(name, `\u0000`) {
			continue
		}
		plain := strings.NewReplacer(`\u0001`, "\x01", `\\`, `\`, `\"`, `"`).Replace(name)
		a.step(step{name: what, method: "POST", path: "/files", body: upload("x", "content", "name", plain), status: 422, has: []string{`["body","name"]`}})
	}
	for what, name := range map[string]string{"255 bytes": strings.Repeat("y", 255), "umlaut": "ä", "emoji": "😀", "device inside": "CONCERT", "dot first": ".git"} {
		a.step(step{name: what, method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"` + name + `"}`, status: 201})
	}
	a.step(step{name: "umlaut decomposed", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"A\u0308"}`, status: 409})
}

func frames(chunks ...string) string {
	var b bytes.Buffer
	for _, c := range chunks {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(c)))
		b.WriteString(c)
	}
	return b.String()
}

// Whatever a caller puts into an address or a head, the log has the route.
func TestLogHasNoSecrets(t *testing.T) {
	a := newAPI(t)
	secret := "s3cr3t-value"
	for _, path := range []string{
		"/api/v1/users/me?token=" + secret, "/api/v1/config?ticket=" + secret, "/api/v1/files/" + secret, "/api/v1/files/" + secret + "/content?x=" + secret,
		"/" + secret, "/api/v1/folders/root/children?share_id=" + secret, "/api/v1/config?%zz" + secret, "/share/" + secret,
	} {
		for _, token := range []string{secret, a.vars["user"]} {
			head := ""
			for _, name := range []string{"Idempotency-Key", "Cookie", "User-Agent", "Referer"} {
				head += name + ": " + secret + "\r\n"
			}
			nc, err := net.Dial("tcp", a.addr)
			if err != nil {
				t.Fatal(err)
			}
			_, err = fmt.Fprintf(nc, "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer %s\r\n%s\r\n", path, token, head)
			if b, rerr := io.ReadAll(nc); err != nil || rerr != nil || len(b) == 0 {
				t.Errorf("%s: %q, %v, %v", path, b, err, rerr)
			}
			_ = nc.Close()
		}
	}
	a.do("POST", "/api/v1/auth/login", `{"email":"`+secret+`@example.com","password":"`+secret+`"}`, "Content-Type", "application/json")
	if log := a.log.String(); strings.Contains(log, secret) || strings.Contains(log, a.vars["user"]) {
		t.Errorf("a secret is in the log: %s", log)
	}
	for _, want := range []string{"route=/api/v1/files/{id}/content", "method=GET", "status=404", "bytes=", "took=", "from=127.0.0.1", "user=usr_", "id=req_"} {
		if log := a.log.String(); !strings.Contains(log, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}

package httpd

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// The secret of tenant A: in names, contents, comments, tags, addresses.
const foreignSecret = "zqxforeign"

// A twin is one of two servers that are alike to the last identifier, but that tenant
// A is there in one of them only. What tenant B is answered must be the same in both:
// then it tells nothing of A, whatever B names.
type twin struct {
	with, without *api
	strings       map[string][]string // of A's, by kind: the prefix of an ID, or a word such as "page_token"
	rnd           *rand.Rand
	fresh         int // names that no request had yet
	statuses      map[int]int
}

// ownThings makes a tenant with everything in it that has an identifier. "~" stands
// for a or b in names, "SECRET" for the word that others must not see.
func (a *api) ownThings(tenant, secret string) {
	a.t.Helper()
	fill := func(s string) string {
		return strings.ReplaceAll(strings.ReplaceAll(s, "~", tenant), "SECRET", secret)
	}
	user := tenant + "_user"
	run := func(steps ...step) {
		a.t.Helper()
		for _, s := range steps {
			if s.as == "" {
				s.as = user
			}
			s.as, s.path, s.body, s.keep = fill(s.as), fill(s.path), fill(s.body), fill(s.keep)
			s.head = append(slices.Clone(s.head), "X-Request-Id", "a-request")
			a.step(s)
		}
	}
	a.step(step{name: "a partner", as: "admin", method: "POST", path: "/admin/partners", body: fill(`{"name":"SECRET partner"}`), status: 201, keep: fill("~_partner=id")})
	made := a.step(step{name: "a tenant", as: "admin", method: "POST", path: fill("/admin/partners/{~_partner}/tenants"), body: fill(`{"name":"SECRET tenant","admin_email":"SECRET-boss@example.com"}`), status: 201, keep: fill("~_tenant=id")})
	a.vars["secret_of_link"] = between(made, `"token":"`, `"`)
	a.step(step{name: "activate", as: "nobody", method: "POST", path: "/auth/activate", body: `{"token":"{secret_of_link}","password":"` + enginetest.Password + `"}`, status: 204})
	a.vars[tenant+"_boss"] = a.signIn(secret + "-boss@example.com").AccessToken
	for _, who := range []string{"user", "member", "asker", "late", "staff"} {
		run(step{name: who, as: "~_boss", method: "POST", path: "/admin/users", body: `{"email":"SECRET-` + who + `@example.com","name":"SECRET ` + who + `","password":"` + enginetest.Password + `"}`, status: 201, keep: "~_" + who + "_id=id"})
		if who == "staff" {
			a.makeStaff(a.vars[tenant+"_staff_id"], a.vars[tenant+"_tenant"])
		}
		a.vars[tenant+"_"+who] = a.signIn(secret + "-" + who + "@example.com").AccessToken
	}
	content := secret + " content of a chunk"
	a.vars[tenant+"_sum"] = sumOf(content)
	chunk := `{"sha256":"{~_sum}","size":` + strconv.Itoa(len(content)) + `}`
	whole := `"content":{"size":` + strconv.Itoa(len(content)) + `,"checksum_sha256":"{~_sum}","chunks":[` + chunk + `]}`
	folder := func(keep, parent string) step {
		return step{name: keep, method: "POST", path: "/folders", body: `{"share_id":"{~_share}","parent_id":"` + parent + `","name":"SECRET ` + keep + `"}`, status: 201, keep: "~_" + keep + "=id"}
	}
	file := func(keep, parent string) step {
		return step{name: keep, method: "POST", path: "/files", body: part("share_id", "{~_share}") + part("folder_id", parent) + filePartText("SECRET "+keep+".txt", "SECRET content") + endOfForm, status: 201, keep: "~_" + keep + "=id"}
	}
	octets := []string{"Content-Type", "application/octet-stream"}
	apply := func(device, strategy, change string) step {
		return step{name: "apply", method: "POST", path: "/sync/apply", status: 200, body: `{"device_id":"` + device + `","share_id":"{~_share}","conflict_resolution":"` + strategy + `","round_id":"~-round","changes":[` + change + `]}`}
	}
	run(
		step{name: "a group", as: "~_boss", method: "POST", path: "/admin/groups", body: `{"name":"SECRET group"}`, status: 201, keep: "~_group=id"},
		step{name: "a group in it", as: "~_boss", method: "POST", path: "/admin/groups", body: `{"name":"SECRET inner"}`, status: 201, keep: "~_inner=id"},
		step{name: "in the group", as: "~_boss", method: "POST", path: "/admin/groups/{~_group}/members", body: `{"user_id":"{~_member_id}"}`, status: 201},
		step{name: "in the group", as: "~_boss", method: "POST", path: "/admin/groups/{~_group}/members", body: `{"group_id":"{~_inner}"}`, status: 201},
		step{name: "a share", method: "POST", path: "/shares", body: `{"name":"SECRET share","share_type":"project","slug":"~-slug","visibility":"discoverable"}`, status: 201, keep: "~_share=id"},
		step{name: "of a member", as: "~_member", method: "POST", path: "/shares", body: `{"name":"SECRET of a member","share_type":"project"}`, status: 201, keep: "~_other=id"},
		step{name: "which invites", as: "~_member", method: "POST", path: "/shares/{~_other}/invitations", body: `{"email":"SECRET-user@example.com","role":"reader"}`, status: 201, keep: "~_offer=id"},
		step{name: "a second", as: "~_boss", method: "POST", path: "/shares", body: `{"name":"SECRET of the boss","share_type":"project"}`, status: 201, keep: "~_third=id"},
		step{name: "which invites", as: "~_boss", method: "POST", path: "/shares/{~_third}/invitations", body: `{"email":"SECRET-user@example.com","role":"reader"}`, status: 201, keep: "~_second_offer=id"},
		step{name: "a spare share", method: "POST", path: "/shares", body: `{"name":"SECRET spare","share_type":"project"}`, status: 201, keep: "~_spare=id"},
		step{name: "and offers", as: "~_member", method: "PATCH", path: "/shares/{~_other}", body: `{"visibility":"discoverable"}`, status: 200},
		step{name: "a member", method: "POST", path: "/shares/{~_share}/members", body: `{"principal_id":"{~_member_id}","role":"contributor"}`, status: 201},
		step{name: "a group", method: "POST", path: "/shares/{~_share}/members", body: `{"principal_id":"{~_inner}","role":"reader"}`, status: 201},
		step{name: "an invitation", method: "POST", path: "/shares/{~_share}/invitations", body: `{"email":"SECRET-late@example.com","role":"reader"}`, status: 201, keep: "~_invitation=id"},
		step{name: "who asks", as: "~_asker", method: "POST", path: "/shares/{~_share}/join-requests", body: `{"message":"SECRET"}`, status: 201},
		step{name: "who asks", as: "~_late", method: "POST", path: "/shares/{~_share}/join-requests", body: `{"message":"SECRET"}`, status: 201},
		step{name: "who asks", as: "~_staff", method: "POST", path: "/shares/{~_share}/join-requests", body: `{"message":"SECRET"}`, status: 201},
		folder("dir", "{~_share}"), folder("below", "{~_dir}"), folder("target", "{~_share}"), folder("bin", "{~_share}"),
		file("file", "{~_dir}"), file("second", "{~_below}"), file("doomed", "{~_below}"), file("fourth", "{~_below}"), file("thrown", "{~_share}"),
		step{name: "version", method: "GET", path: "/files/{~_file}", status: 200, keep: "~_version=version_id"},
		step{name: "a comment", method: "POST", path: "/files/{~_file}/comments", body: `{"text":"SECRET comment"}`, status: 201, keep: "~_comment=id"},
		step{name: "tags", method: "PUT", path: "/files/{~_file}/tags", body: `{"tags":["SECRET tag"]}`, status: 200},
		step{name: "a mark", method: "POST", path: "/users/me/favorites", body: `{"resource_type":"file","resource_id":"{~_file}"}`, status: 204},
		step{name: "opened", method: "GET", path: "/files/{~_file}/content", status: 200},
		step{name: "an entry", method: "POST", path: "/permissions/acl/folder/{~_target}", body: ace("group", "{~_group}", "deny", "READ"), status: 201, keep: "~_entry=id"},
		step{name: "a token", method: "POST", path: "/auth/tokens", body: `{"name":"SECRET token","scopes":["files:read"]}`, status: 201, keep: "~_token=id"},
		step{name: "a device", method: "POST", path: "/sync/devices", body: `{"device_id":"~-laptop","device_name":"SECRET laptop"}`, status: 201},
		step{name: "a phone", method: "POST", path: "/sync/devices", body: `{"device_id":"~-phone","device_name":"SECRET phone"}`, status: 201},
		step{name: "its state", method: "POST", path: "/sync/status?share_id={~_share}&device_id=~-laptop", body: `{"phase":"stopped","held":{"items":1,"of":2},"waiting":[{"path":"SECRET","reason":"SECRET"}],"waiting_total":1}`, status: 200},
		step{name: "an upload", method: "POST", path: "/uploads", body: `{"share_id":"{~_share}","file_name":"SECRET up.bin","file_size":65536,"chunk_size":65536}`, status: 201, keep: "~_upload=session_id"},
		step{name: "a part", method: "PUT", path: "/uploads/{~_upload}/chunks/0", body: strings.Repeat("u", 65536), head: octets, status: 204},
		step{name: "chunks", method: "POST", path: "/sync/chunks?share_id={~_share}", body: frames(content), head: octets, status: 200},
		apply("~-laptop", "MANUAL", `{"client_ref":"~-edit","resource_type":"file","change_type":"updated","resource_id":"{~_file}","base_version_id":"{~_version}",`+whole+`}`),
		apply("~-phone", "MANUAL", `{"client_ref":"~-late","resource_type":"file","change_type":"updated","resource_id":"{~_file}","base_version_id":"{~_version}","content":{"size":1,"checksum_sha256":"`+sumOf("x")+`","chunks":[{"sha256":"`+sumOf("x")+`","size":1}]}}`),
		step{name: "chunk x", method: "POST", path: "/sync/chunks?share_id={~_share}", body: frames("x"), head: octets, status: 200},
	)
	synced := apply("~-laptop", "MANUAL", `{"client_ref":"~-ref","resource_type":"file","change_type":"created","name":"SECRET synced.txt",`+whole+`}`)
	synced.as, synced.body = user, fill(synced.body)
	a.vars[tenant+"_synced"] = "fil_" + between(a.step(synced), `"id":"fil_`, `"`)
	clash := apply("~-phone", "MANUAL", `{"client_ref":"~-late2","resource_type":"file","change_type":"updated","resource_id":"{~_file}","base_version_id":"{~_version}","content":{"size":1,"checksum_sha256":"`+sumOf("x")+`","chunks":[{"sha256":"`+sumOf("x")+`","size":1}]}}`)
	clash.as, clash.body = user, fill(clash.body)
	a.vars[tenant+"_conflict"] = "cfl_" + between(a.step(clash), `"id":"cfl_`, `"`)
	run(
		apply("~-laptop", "MANUAL", `{"client_ref":"~-del","resource_type":"file","change_type":"deleted","resource_id":"{~_doomed}"}`),
		step{name: "trash", method: "DELETE", path: "/files/{~_thrown}", status: 204},
		step{name: "trash", method: "DELETE", path: "/folders/{~_bin}", status: 204},
		step{name: "a job", method: "POST", path: "/jobs", body: `{"kind":"delete","items":[{"id":"{~_second}"}]}`, status: 202, keep: "~_job=id"},
		step{name: "a job", method: "POST", path: "/jobs", body: `{"kind":"delete","items":[{"id":"{~_fourth}"}]}`, status: 202, keep: "~_second_job=id"},
		step{name: "an archive", method: "POST", path: "/archives", body: `{"items":[{"id":"{~_dir}"}]}`, status: 201, keep: "~_archive=url"},
	)
	a.vars[tenant+"_archive"] = strings.TrimPrefix(a.vars[tenant+"_archive"], "/api/v1")
	run(step{name: "which is had once", method: "GET", path: "{~_archive}", status: 200})
	a.vars[tenant+"_ticket"] = strings.TrimPrefix(a.vars[tenant+"_archive"], "/archives/")
	a.workNow(user, tenant+"_job", tenant+"_second_job")
}

// makeStaff gives a user the role of the partner's staff.
func (a *api) makeStaff(user, tenant string) {
	a.t.Helper()
	id := a.idOf(engine.PrefixUser, user)
	err := a.DB.Update(a.t.Context(), func(tx *meta.Tx) error {
		no, err := schema.GetTenantNo(tx, a.idOf(engine.PrefixTenant, tenant))
		if err != nil {
			return err
		}
		u, err := schema.GetUser(tx, no, id)
		if err != nil {
			return err
		}
		u.AdminRole = engine.RolePartnerAdmin
		return schema.PutUser(tx, u)
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *api) idOf(prefix, text string) engine.ID {
	a.t.Helper()
	id, err := engine.ParseID(prefix, text)
	if err != nil {
		a.t.Fatal(err)
	}
	return id
}

// workNow runs jobs until those that are named are over.
func (a *api) workNow(who string, jobs ...string) {
	a.t.Helper()
	ctx, cancel := context.WithCancel(a.t.Context())
	over := make(chan struct{})
	go func() { a.jobs.Run(ctx); close(over) }()
	for _, job := range jobs {
		for tries := 0; ; tries++ {
			_, body := a.send("GET", "/api/v1/jobs/"+a.vars[job], "", "Authorization", "Bearer "+a.vars[who], "X-Request-Id", "a-request")
			if !strings.Contains(body, `"state":"queued"`) && !strings.Contains(body, `"state":"running"`) {
				break
			}
			if tries == 5000 {
				a.t.Fatalf("the job %s never ends: %s", job, cut(body))
			}
			time.Sleep(2 * time.Millisecond) // poll interval
		}
	}
	cancel()
	<-over
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// newTwin makes both servers, B in both of them and A in one.
func newTwin(t *testing.T, seed uint64) *twin {
	t.Helper()
	w := &twin{with: newAPI(t), without: newAPI(t), strings: map[string][]string{}, statuses: map[int]int{}, rnd: rand.New(rand.NewPCG(seed, 1))}
	for _, a := range []*api{w.with, w.without} {
		a.ownThings("b", "bee")
	}
	for name, own := range w.with.vars {
		if !strings.HasPrefix(name, "b_") || own == w.without.vars[name] || isSecret(name) {
			continue
		}
		t.Fatalf("the servers are no twins: %s is %s and %s", name, own, w.without.vars[name])
	}
	w.with.ownThings("a", foreignSecret)
	w.gather()
	w.align()
	return w
}

// isSecret tells the variables that are drawn by chance.
func isSecret(name string) bool {
	return slices.Contains([]string{"user", "boss", "staff", "member", "asker", "late", "archive", "ticket"}, name[2:])
}

// align lets both servers give the same identifier next.
func (w *twin) align() {
	at := func(a *api) uint64 {
		id := a.NewID()
		return uint64(id[8])<<56 | uint64(id[9])<<48 | uint64(id[10])<<40 | uint64(id[11])<<32 | uint64(id[12])<<24 | uint64(id[13])<<16 | uint64(id[14])<<8 | uint64(id[15])
	}
	for one, two := at(w.with), at(w.without); one != two; {
		if one < two {
			one = at(w.with)
		} else {
			two = at(w.without)
		}
	}
}

var (
	idPattern  = regexp.MustCompile(`\b([a-z]{2,3}_)[0-9A-HJKMNP-TV-Z]{26}\b`)
	namedValue = regexp.MustCompile(`"(next_page_token|epoch|slug|device_id|sha256|checksum_sha256|cursor|cursor_position|version|round_id|client_ref|email|name|text|tag)":"?([^",}\]]+)`)
)

// gather asks A's people for all that there is and keeps every identifier, token,
// cursor and name of it.
func (w *twin) gather() {
	a := w.with
	keep := func(kind, value string) {
		if value != "" && !slices.Contains(w.strings[kind], value) {
			w.strings[kind] = append(w.strings[kind], value)
		}
	}
	for name, value := range a.vars {
		if strings.HasPrefix(name, "a_") && !isSecret(name) {
			for _, m := range idPattern.FindAllStringSubmatch(value, -1) {
				keep(m[1], m[0])
			}
		}
	}
	keep("sha256", a.vars["a_sum"])
	keep("ticket", a.vars["a_ticket"])
	keep("device_id", "a-phone")
	for _, who := range []string{"a_user", "a_boss", "a_staff", "a_member"} {
		for _, path := range []string{
			"/users/me", "/users/me/shares", "/users/me/favorites", "/users/me/recent", "/users/me/invitations", "/shares", "/shares?all=true", "/shares/{a_share}", "/shares/discoverable",
			"/shares/{a_share}/members", "/shares/{a_share}/invitations", "/shares/{a_share}/join-requests", "/auth/tokens", "/folders/root/children?share_id={a_share}&limit=1",
			"/folders/{a_dir}/children?share_id={a_share}&limit=1", "/folders/root/children?share_id={a_share}&limit=1&sort=size", "/files/{a_file}", "/files/{a_file}/versions", "/files/{a_file}/comments?limit=1",
			"/tags", "/tagged?tag=" + foreignSecret + "%20tag", "/activity?limit=1", "/activity?share_id={a_share}", "/trash?share_id={a_share}&limit=1", "/jobs", "/uploads/{a_upload}", "/sync/tree?share_id={a_share}&limit=1",
			"/sync/changes?share_id={a_share}&cursor=" + strconv.FormatInt(1<<36, 10), "/sync/status?share_id={a_share}&device_id=a-laptop", "/sync/conflicts?include_resolved=true", "/sync/devices",
			"/sync/manifest/{a_file}", "/permissions/acl/folder/{a_target}", "/permissions/effective?resource_type=file&resource_id={a_file}", "/admin/users?limit=1", "/admin/users", "/admin/groups?limit=1", "/admin/groups", "/admin/groups/{a_group}/members",
			"/admin/tenant", "/admin/partners", "/admin/partners/{a_partner}/tenants",
		} {
			_, body := a.do("GET", "/api/v1"+a.fill(path), "", "Authorization", "Bearer "+a.vars[who])
			for _, m := range idPattern.FindAllStringSubmatch(body, -1) {
				keep(m[1], m[0])
			}
			for _, m := range namedValue.FindAllStringSubmatch(body, -1) {
				keep(m[1], m[2])
			}
		}
	}
	for _, kind := range []string{"shr_", "fld_", "fil_", "ver_", "usr_", "grp_", "tnt_", "prt_", "upl_", "job_", "cfl_", "cmt_", "inv_", "tok_", "ace_", "chg_",
		"next_page_token", "epoch", "cursor", "slug", "device_id", "sha256", "ticket", "email", "name", "text"} {
		if len(w.strings[kind]) == 0 {
			a.t.Fatalf("A has no %s: %v", kind, slices.Sorted(maps.Keys(w.strings)))
		}
		slices.Sort(w.strings[kind])
	}
}

// callers are those of B who get as far as a route's work.
func callers(rt route) []string {
	switch rt.who {
	case tenantAdmin:
		return []string{"b_boss"}
	case partnerAdmin, superAdmin:
		return []string{"b_staff"}
	}
	return []string{"b_user", "b_boss"}
}

// chance draws what each answer has of its own.
var chance = regexp.MustCompile(`"(next_page_token|nonce|token|ticket|url|session|epoch|access_token|refresh_token|csp-nonce)"(:| content=)"[^"]+"|nonce="[^"]+"`)

// both asks both servers the same and wants the same answer, without A's secrets.
func (w *twin) both(t *testing.T, who string, q ask) (status int, body string) {
	t.Helper()
	return w.ask(t, who, q, false)
}

func (w *twin) ask(t *testing.T, who string, q ask, again bool) (status int, body string) {
	t.Helper()
	var first string
	for i, a := range []*api{w.with, w.without} {
		head := append(slices.Clone(q.head), "X-Request-Id", "a-request")
		if who != "" {
			head = append(head, "Authorization", "Bearer "+a.vars[who])
		}
		res, got := a.send(q.method, a.fill(q.path), a.fill(q.body), head...)
		if res.StatusCode == 401 && who != "" && !again {
			// They have ended their own session: with the device it was of.
			for _, a := range []*api{w.with, w.without} {
				a.vars[who] = a.signIn("bee-" + who[2:] + "@example.com").AccessToken
			}
			w.align()
			return w.ask(t, who, q, true)
		}
		h := maps.Clone(res.Header)
		delete(h, "Date")
		delete(h, "X-Ratelimit-Remaining")   // B's people wait for their jobs by asking
		delete(h, "Content-Security-Policy") // has a number drawn by chance
		if h.Get("Set-Cookie") != "" {
			h.Set("Set-Cookie", "a cookie")
		}
		all := fmt.Sprint(res.StatusCode, h, chance.ReplaceAllString(got, `"$1":"…"`))
		if i == 0 {
			w.statuses[res.StatusCode]++
			first, status, body = all, res.StatusCode, got
			sent := strings.Contains(q.path+q.body, foreignSecret)
			if at := strings.Index(all, foreignSecret); at >= 0 && !sent {
				t.Errorf("%s %s %s as %s tells: …%s…", q.method, q.path, cut(q.body), who, all[max(0, at-200):min(len(all), at+60)])
			}
			if res.StatusCode >= 500 && res.StatusCode != 503 {
				t.Errorf("%s %s %s as %s: %d %s", q.method, q.path, cut(q.body), who, res.StatusCode, cut(got))
			}
		} else if all != first {
			t.Errorf("%s %s %s as %s: where A is, the answer is\n%s\nand where it is not\n%s", q.method, q.path, cut(q.body), who, cut(first), cut(all))
		}
	}
	w.align()
	return status, body
}

// rows are all stored records of A.
func (w *twin) rows() (rows map[string]string) {
	a := w.with
	a.t.Helper()
	rows = map[string]string{}
	err := a.DB.View(a.t.Context(), func(v *meta.View) error {
		no, err := schema.GetTenantNo(v, a.idOf(engine.PrefixTenant, a.vars["a_tenant"]))
		if err != nil {
			return err
		}
		prefix := binary.BigEndian.AppendUint32(nil, uint32(no))
		for _, d := range schema.Tables() {
			if d.Scope != schema.PerTenant {
				continue
			}
			err := v.Scan(d.No, prefix, binary.BigEndian.AppendUint32(nil, uint32(no)+1), func(k, value []byte) (bool, error) {
				rows[d.Name+" "+hex.EncodeToString(k)] = string(value)
				return true, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return rows
}

// otherwise are the routes whose request about B's own things is not done: the answer
// and why it shows that the thing was found all the same.
var otherwise = map[string]int{
	"GET /assets/{name}": 404,                                                                                                                                                                             // nobody's
	"GET /metrics":       403, "POST /admin/partners": 403, "POST /admin/partners/{id}/suspend": 403, "POST /admin/partners/{id}/activate": 403, "GET /admin/settings": 403, "PATCH /admin/settings": 403, // the server's administrators'
	"GET /files/{id}/preview":  503,                          // none are made here
	"GET /archives/{ticket}":   404,                          // used up
	"GET /sync/ws/{device_id}": 400, "GET /realtime/ws": 400, // see TestSocketsTellNothingOfAnotherTenant
	"POST /auth/login": 401, "POST /auth/session": 401, "POST /auth/token": 401, "POST /auth/activate": 410, // secrets, not names
	"POST /admin/partners/{id}/tenants/{tenant_id}/suspend": 409, // their own tenant
	"POST /jobs/{id}/cancel":                                409, // over
}

// Whatever a user, an administrator or a partner's staff of tenant B sends to any
// route, with names of tenant A's things in any place of the request: the answer is,
// byte for byte, what it is on a server where A never was; and A stays as it is.
//
// The requests are made from the route table and the document, so that a new route is
// asked too. For each, the same request about B's own things must be done: else what
// the generator makes is refused for another reason, and nothing is shown (see ofOwn).
func TestTenantsCannotTellOfEachOther(t *testing.T) {
	seed := uint64(20261122)
	if s := os.Getenv("SCAIDRIVE_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	t.Logf("SCAIDRIVE_SEED=%d", seed)
	w := newTwin(t, seed)
	text, err := Document("test")
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	newTwin(t, seed).ownNames(t, doc)
	before := w.rows()
	asked := 0
	for _, rt := range ranked() {
		asked += w.foreignNames(t, doc, rt)
	}
	t.Logf("%d requests, statuses %v", asked, w.statuses)
	w.sameOrders(t)
	after := w.rows()
	for key := range maps.Keys(before) {
		if before[key] != after[key] {
			t.Errorf("A's record %s changed", key)
		}
		delete(after, key)
	}
	for key := range after {
		t.Errorf("A has the new record %s", key)
	}
	if len(before) < 150 || asked < 2000 {
		t.Errorf("only %d records and %d requests", len(before), asked)
	}
}

// ranked are the routes in an order in which one does not take away what the next is
// about.
func ranked() []route {
	rank := func(rt route) int {
		switch {
		case rt.method == "DELETE" && slices.Contains([]string{"/files/{id}", "/folders/{id}", "/shares/{id}", "/admin/users/{id}", "/admin/groups/{id}"}, strings.TrimPrefix(rt.path, "/api/v1")):
			return 3
		case rt.method == "DELETE":
			return 2
		case rt.method == "GET":
			return 0
		}
		return 1
	}
	table := routes()
	slices.SortStableFunc(table, func(x, y route) int { return rank(x) - rank(y) })
	return table
}

// A socket that is asked about A's shares says what it says of unknown ones, and what
// happens in A does not come over it.
func TestSocketsTellNothingOfAnotherTenant(t *testing.T) {
	w := newTwin(t, 1)
	var heard []string
	for _, a := range []*api{w.with, w.without} {
		a.vars["a_share"], a.vars["a_dir"] = w.with.vars["a_share"], w.with.vars["a_dir"]
		var all []string
		for _, path := range []string{"/realtime/ws?token={b_user}", "/sync/ws/b-laptop?token={b_user}", "/sync/ws/a-laptop?token={b_user}"} {
			p, status := a.dial(path)
			all = append(all, strconv.Itoa(status))
			if p == nil {
				continue
			}
			hear := func(until string) {
				for heard := false; !heard; {
					frame := p.next()
					heard = strings.Contains(frame, until)
					if strings.Contains(frame, foreignSecret) || w.tells(frame) {
						t.Errorf("%s: %s", path, frame)
					}
					if !strings.Contains(frame, "change") && !strings.Contains(frame, "folder_created") { // their IDs differ
						all = append(all, chance.ReplaceAllString(frame, ""))
					}
				}
			}
			for _, frame := range []string{
				`{"action":"subscribe","share_id":"{a_share}"}`, `{"action":"subscribe","share_id":"a-slug"}`, `{"action":"unsubscribe","share_id":"{a_share}"}`,
				`{"action":"subscribe","share_id":"{b_share}"}`, `{"type":"subscribe"}`, `{"action":"ping","type":"ping"}`,
			} {
				p.send(a.fill(frame))
			}
			hear("pong") // it is subscribed
			if a == w.with {
				a.step(step{name: "in A", as: "a_user", method: "POST", path: "/folders", body: `{"share_id":"{a_share}","name":"` + foreignSecret + strconv.Itoa(len(all)) + `"}`, status: 201})
			}
			a.step(step{name: "in B", as: "b_user", method: "POST", path: "/folders", body: `{"share_id":"{b_share}","name":"last` + strconv.Itoa(len(all)) + `"}`, status: 201})
			hear(`"last`)
		}
		slices.Sort(all)
		heard = append(heard, strings.Join(all, "\n"))
	}
	if heard[0] != heard[1] {
		t.Errorf("where A is, sockets say\n%s\nand where it is not\n%s", heard[0], heard[1])
	}
}

// tells reports whether a frame names a thing of A's that nobody named.
func (w *twin) tells(frame string) bool {
	frame = strings.ReplaceAll(frame, w.with.vars["a_share"], "")
	return slices.ContainsFunc(idPattern.FindAllString(frame, -1), func(id string) bool {
		return slices.Contains(w.strings[idPattern.FindStringSubmatch(id)[1]], id)
	})
}

// usual fills a slot with B's own things where something is needed.
func usual(rt route, s slot, required bool) (any, bool) {
	if v, ok := ofOwn[rt.name()][s.where]; ok {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n, true
		}
		return v, true
	}
	for where := range ofOwn[rt.name()] {
		if strings.HasPrefix(where, s.where+".") || strings.HasPrefix(where, s.where+"[") {
			return nil, true // above what is needed
		}
	}
	if !required {
		return nil, false
	}
	if v := own(s); v != "" {
		return v, true
	}
	return nil, true
}

// foreignNames asks a route about A's things, place by place and then at chance.
func (w *twin) foreignNames(t *testing.T, doc map[string]any, rt route) (asked int) {
	t.Helper()
	m := &maker{doc: doc, fresh: &w.fresh, rt: rt}
	m.pick = func(slot, bool) (any, bool) { return nil, true }
	if _, err := m.make(); err != nil {
		t.Fatal(err)
	}
	all := m.slots
	send := func() {
		t.Helper()
		q, err := m.make()
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range callers(rt) {
			w.both(t, who, q)
			asked++
		}
	}
	for _, target := range all {
		if target.kinds == nil {
			continue
		}
		for _, value := range w.names(target) {
			m.pick = func(s slot, required bool) (any, bool) {
				if s.where == target.where {
					return value, true
				}
				if strings.HasPrefix(target.where, s.where+".") || strings.HasPrefix(target.where, s.where+"[") {
					return nil, true
				}
				return usual(rt, s, required)
			}
			send()
		}
	}
	if len(all) < 2 {
		return asked
	}
	for range 3 {
		m.pick = func(s slot, required bool) (any, bool) {
			if s.kinds == nil || w.rnd.IntN(3) == 0 {
				return usual(rt, s, required)
			}
			list := w.names(s)
			return list[w.rnd.IntN(len(list))], true
		}
		send()
	}
	return asked
}

// names are some of A's that fit a slot, and one that does not.
func (w *twin) names(s slot) (list []any) {
	for _, kind := range s.kinds {
		fit := slices.Clone(w.strings[kind])
		if kind == "etag" {
			fit = nil
			for _, id := range w.strings["ver_"] {
				fit = append(fit, `"`+id+`"`)
			}
		}
		w.rnd.Shuffle(len(fit), func(i, j int) { fit[i], fit[j] = fit[j], fit[i] })
		for _, v := range fit[:min(len(fit), 3)] {
			if kind == "cursor" || kind == "version" {
				n, err := strconv.ParseInt(v, 10, 64)
				if err != nil {
					continue
				}
				list = append(list, n)
				continue
			}
			list = append(list, v)
		}
	}
	every := slices.Sorted(maps.Keys(w.strings))
	other := w.strings[every[w.rnd.IntN(len(every))]]
	return append(list, other[w.rnd.IntN(len(other))])
}

// sameOrders lets both servers do what was ordered and compares what became of it.
func (w *twin) sameOrders(t *testing.T) {
	t.Helper()
	for _, who := range []string{"b_user", "b_boss"} {
		_, body := w.both(t, who, ask{method: "GET", path: "/api/v1/jobs?limit=1000"})
		jobs := idPattern.FindAllString(body, -1)
		jobs = slices.DeleteFunc(jobs, func(id string) bool { return !strings.HasPrefix(id, "job_") })
		for _, a := range []*api{w.with, w.without} {
			for _, id := range jobs {
				a.vars[id] = id
			}
			a.workNow(who, jobs...)
		}
		w.align()
		for _, id := range jobs {
			w.both(t, who, ask{method: "GET", path: "/api/v1/jobs/" + id})
		}
	}
}

// ownNames asks every route about B's own things: that is done.
func (w *twin) ownNames(t *testing.T, doc map[string]any) {
	t.Helper()
	for _, rt := range ranked() {
		m := &maker{doc: doc, fresh: &w.fresh, rt: rt}
		m.pick = func(s slot, required bool) (any, bool) { return usual(rt, s, required) }
		q, err := m.make()
		if err != nil {
			t.Fatal(err)
		}
		status, body := w.both(t, callers(rt)[0], q)
		if want := otherwise[rt.name()]; want != status && (want != 0 || status >= 400) {
			t.Errorf("%s: %d %s: the request that the generator makes (%s %s) is not done; see ofOwn", rt.name(), status, cut(body), q.path, cut(q.body))
		}
	}
}

package httpd

import (
	"context"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"scaidrive/engine/limit"
	"scaidrive/engine/settings"
)

// promLine is a sample in Prometheus's text format.
var promLine = regexp.MustCompile(`^scaidrive_[a-z_]+\{([a-z_]+="[^"\\\n]*",?)+\} [0-9.e+-]+$`)

func wellFormed(t *testing.T, text string) {
	t.Helper()
	family := ""
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "# HELP "), strings.HasPrefix(line, "# TYPE "):
			family = strings.Fields(line)[2]
		case !promLine.MatchString(line) || !strings.HasPrefix(line, family):
			t.Errorf("not in the format, or in the family %s: %q", family, line)
		}
	}
}

func TestMetrics(t *testing.T) {
	a := newAPI(t)
	metrics := func(as string) (int, string) {
		res, body := a.do("GET", "/metrics", "", "Authorization", "Bearer "+a.vars[as])
		if res.StatusCode == 200 && res.Header.Get("Content-Type") != metricsType {
			t.Errorf("media type %s", res.Header.Get("Content-Type"))
		}
		return res.StatusCode, body
	}
	for as, want := range map[string]int{"user": 403, "foreigner": 403, "bad": 401, "admin": 200} {
		if got, body := metrics(as); got != want {
			t.Errorf("%s: %d %s", as, got, cut(body))
		}
	}
	a.step(step{name: "token without the scope", as: "admin", method: "POST", path: "/auth/tokens", body: `{"name":"x","scopes":["files:read"]}`, status: 201, keep: "weak=token"})
	a.step(step{name: "token with it", as: "admin", method: "POST", path: "/auth/tokens", body: `{"name":"x","scopes":["admin:*"]}`, status: 201, keep: "strong=token"})
	if got, _ := metrics("weak"); got != 403 {
		t.Errorf("an administrator's token without admin:*: %d", got)
	}
	if got, _ := metrics("strong"); got != 200 {
		t.Errorf("an administrator's token with admin:*: %d", got)
	}
	content := strings.Repeat("0123456789", 10000)
	a.run([]step{
		{name: "file", method: "POST", path: "/files", body: upload("m.txt", content), status: 201, keep: "file=id"},
		{name: "the same bytes", method: "POST", path: "/files", body: upload("m2.txt", content), status: 201},
		{name: "content", method: "GET", path: "/files/{file}/content", status: 200},
		{name: "missing", method: "GET", path: "/files/fil_{nobody}", status: 404},
		{name: "no route", method: "GET", path: "/nothing/secret-name", status: 404},
	})
	a.do("HEAD", a.fill("/api/v1/files/{file}"), "", "Authorization", "Bearer "+a.vars["user"])
	a.do("BREW", "/api/v1/pot", "")
	_, text := metrics("admin")
	wellFormed(t, text)
	for _, want := range []string{
		`scaidrive_requests_total{method="POST",path="/api/v1/files",status="201"} 2`,
		`scaidrive_requests_total{method="GET",path="/api/v1/files/{id}",status="404"} 1`,
		`scaidrive_requests_total{method="HEAD",path="/api/v1/files/{id}",status="200"} 1`,
		`scaidrive_requests_total{method="GET",path="none",status="404"} 1`,
		`scaidrive_requests_total{method="other",path="none",status="404"} 1`,
		`scaidrive_requests_total{method="GET",path="/metrics",status="403"} 3`,
		`scaidrive_request_duration_seconds_bucket{method="POST",path="/api/v1/files",le="+Inf"} 2`,
		`scaidrive_request_duration_seconds_count{method="POST",path="/api/v1/files"} 2`,
		`scaidrive_downloads_bytes_total{tenant_id="` + a.Owner.TenantID.Format("tnt_") + `"} 100000`,
		`scaidrive_uploads_bytes_total{tenant_id="` + a.Owner.TenantID.Format("tnt_") + `"} 2`, // and so on
		`scaidrive_chunks_deduplicated_total{tenant_id="` + a.Owner.TenantID.Format("tnt_") + `"} `,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %s", want)
		}
	}
	for _, bad := range []string{"secret-name", "BREW", a.vars["file"], "rate_limit"} {
		if strings.Contains(text, bad) {
			t.Errorf("has %q", bad)
		}
	}
	for line := range strings.Lines(text) { // buckets of slow calls begin at 0
		if strings.HasSuffix(line, "} 0\n") && !strings.Contains(line, "_bucket{") {
			t.Errorf("has %q", line)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestMetricsOfRefusals(t *testing.T) {
	r := startRig(t, Options{Values: settingsOf(func(v *settings.Values) { v.Rates = limit.Budgets{Token: 100, User: 2, Tenant: 100, Address: 1} })}, []route{
		{method: "GET", path: "/open", handler: ignore, who: anyone, cost: 1}, {method: "GET", path: "/x", handler: ignore, who: reader, cost: 1},
	})
	for range 4 {
		r.call(t, "GET", "/x", "", "Authorization", "Bearer good")
		r.call(t, "GET", "/open", "")
	}
	text := string(r.writeMetrics())
	wellFormed(t, text)
	for _, want := range []string{`{dimension="user"} 2`, `{dimension="address"} 3`, `path="/x",status="429"} 2`, `path="/x",status="200"} 2`} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %s: %s", want, text)
		}
	}
}

// The buckets add up, at, under and over each bound.
func TestHistogram(t *testing.T) {
	m := newMetrics([]route{{method: "GET", path: "/x"}})
	st := m.stats(&m.table[0], "GET")
	for _, b := range bounds {
		st.add(200, b-1)
		st.add(299, b)
		st.add(200, b+1)
	}
	s := &Server{metrics: m}
	text := string(s.writeMetrics())
	for _, want := range []string{
		`le="0.001"} 2`, `le="0.0025"} 5`, `le="0.25"} 23`, `le="30"} 41`, `le="+Inf"} 42`, `_count{method="GET",path="/x"} 42`,
		`status="200"} 28`, `status="other"} 14`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %s:\n%s", want, text)
		}
	}
}

func TestMetricsListener(t *testing.T) {
	r := startRig(t, Options{}, oneRoute("GET", "/x", ignore, 0))
	r.call(t, "GET", "/x", "")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- r.ServeMetrics(ctx, ln) }()
	m := &rig{Server: r.Server, addr: ln.Addr().String()}
	if res, body := m.call(t, "GET", "/metrics", ""); res.StatusCode != 200 || !strings.Contains(body, `path="/x",status="200"} 1`) || res.Header.Get("Content-Type") != metricsType {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	for _, c := range [][2]string{{"GET", "/"}, {"POST", "/metrics"}, {"GET", "/x"}, {"GET", "/api/v1/health"}} {
		if res, _ := m.call(t, c[0], c[1], ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%v: %d", c, res.StatusCode)
		}
	}
	cancel()
	select {
	case err := <-over:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it does not end")
	}
}

func BenchmarkMetricsOfACall(b *testing.B) {
	m := newMetrics([]route{{method: "GET", path: "/x"}})
	c := &call{route: &m.table[0], method: "GET", status: 200, start: time.Now()}
	b.ReportAllocs()
	for b.Loop() {
		m.call(c, 100, time.Millisecond)
	}
}

package httpd

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	r := startRig(t, Options{}, routes())
	res, body := r.call(t, "GET", "/", "")
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(body, "<title>ScaiDrive</title>") {
		t.Fatalf("%d %q %s", res.StatusCode, res.Header.Get("Content-Type"), body)
	}
	checkPageHead(t, "/", res)
	held(t, res.Request, "", res, body)
	if c := res.Header.Get("Cache-Control"); c != "no-cache" {
		t.Errorf("the page is kept: %q", c)
	}
	paths := map[string]bool{}
	for _, m := range regexp.MustCompile(`"(/assets/[^"]+)"`).FindAllStringSubmatch(body, -1) {
		paths[m[1]] = true
	}
	if len(paths) < 3 {
		t.Errorf("the page names %d files", len(paths))
	}
	for path := range paths {
		res, file := r.call(t, "GET", path, "")
		if res.StatusCode != 200 || file == "" || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %d bytes, %q", path, res.StatusCode, len(file), res.Header.Get("Cache-Control"))
		}
		checkPageHead(t, path, res)
		held(t, res.Request, "", res, file)
		tag := res.Header.Get("ETag")
		res, file = r.call(t, "GET", path, "", "If-None-Match", tag)
		if res.StatusCode != 304 || file != "" || res.Header.Get("ETag") != tag {
			t.Errorf("%s again: %d, %d bytes, %q for %q", path, res.StatusCode, len(file), res.Header.Get("ETag"), tag)
		}
		res, file = r.call(t, "GET", path, "", "If-None-Match", `"other"`)
		if res.StatusCode != 200 || file == "" {
			t.Errorf("%s after a change: %d", path, res.StatusCode)
		}
		if res, _ = r.call(t, "HEAD", path, ""); res.StatusCode != 200 || res.Header.Get("ETag") != tag {
			t.Errorf("HEAD %s: %d", path, res.StatusCode)
		}
	}
}

// checkPageHead wants what keeps a page from running anything that is not ours.
func checkPageHead(t *testing.T, path string, res *http.Response) {
	t.Helper()
	policy := res.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%s: the policy %q lacks %s", path, policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%s: %v", path, res.Header)
	}
}

func TestNoOtherFilesAreServed(t *testing.T) {
	r := startRig(t, Options{}, routes())
	for _, path := range []string{
		"/assets", "/assets/", "/assets/x", "/assets/x/app.js", "/assets/x/index.html", "/assets/../routes.go",
		"/assets/x/%2e%2e%2findex.html", "/assets//app.js", "/index.html", "/static/app.js", "/page.css",
	} {
		if res, body := r.call(t, "GET", path, ""); res.StatusCode != 404 || body != `{"detail":"Not found"}` {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}

// TestPageTakesNothingOfTheRequest: what a Host or a query brings is not shown.
func TestPageTakesNothingOfTheRequest(t *testing.T) {
	r := startRig(t, Options{}, routes())
	_, plain := r.call(t, "GET", "/", "")
	answers, bodies, _ := r.exchange(t, "GET /?q=<script>alert(1)</script> HTTP/1.1\r\nHost: <script>alert(1)</script>\r\nConnection: close\r\n\r\n")
	if len(answers) == 1 && answers[0].StatusCode == 200 && bodies[0] != plain {
		t.Errorf("the page differs: %s", bodies[0])
	}
}

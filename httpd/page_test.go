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
	if c := res.Header.Get("Cache-Control"); c != "no-store" || res.Header.Get("ETag") != "" {
		t.Errorf("the page is kept: %q %q", c, res.Header.Get("ETag"))
	}
	nonce := regexp.MustCompile(`content="([\w-]{22})"`).FindStringSubmatch(body)
	if nonce == nil || !strings.Contains(res.Header.Get("Content-Security-Policy"), "style-src 'self' 'nonce-"+nonce[1]+"'") {
		t.Errorf("the nonce %q is not that of the policy %q", nonce, res.Header.Get("Content-Security-Policy"))
	}
	for _, address := range []string{"/my", "/files/shr_x/fld_y?sort=size", "/admin/", "/login"} {
		again, deep := r.call(t, "GET", address, "")
		if again.StatusCode != 200 || deep == body || nonce == nil || regexp.MustCompile(`"[\w-]{22}"`).ReplaceAllString(deep, "") != regexp.MustCompile(`"[\w-]{22}"`).ReplaceAllString(body, "") {
			t.Errorf("%s: %d, and not the page with a nonce of its own", address, again.StatusCode)
		}
		checkPageHead(t, address, again)
	}
	paths := map[string]bool{}
	for _, m := range regexp.MustCompile(`"(/assets/[^"]+)"`).FindAllStringSubmatch(body, -1) {
		paths[m[1]] = true
	}
	if len(paths) < 3 {
		t.Errorf("the page names %d files", len(paths))
	}
	for path := range paths {
		res, file := r.call(t, "GET", path, "", "Accept-Encoding", "identity")
		if res.StatusCode != 200 || file == "" || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %d bytes, %q", path, res.StatusCode, len(file), res.Header.Get("Cache-Control"))
		}
		checkPageHead(t, path, res)
		held(t, res.Request, "", res, file)
		tag := res.Header.Get("ETag")
		res, file = r.call(t, "GET", path, "", "If-None-Match", tag, "Accept-Encoding", "identity")
		if res.StatusCode != 304 || file != "" || res.Header.Get("ETag") != tag {
			t.Errorf("%s again: %d, %d bytes, %q for %q", path, res.StatusCode, len(file), res.Header.Get("ETag"), tag)
		}
		res, file = r.call(t, "GET", path, "", "If-None-Match", `"other"`)
		if res.StatusCode != 200 || file == "" {
			t.Errorf("%s after a change: %d", path, res.StatusCode)
		}
		res, file = r.call(t, "GET", path, "", "Accept-Encoding", "br, gzip;q=0.5")
		if res.StatusCode != 200 || res.Header.Get("Vary") != "Accept-Encoding" || res.Header.Get("Content-Encoding") == "gzip" == (res.Header.Get("ETag") == tag) {
			t.Errorf("%s compressed: %d %v", path, res.StatusCode, res.Header)
		}
		held(t, res.Request, "", res, file)
		if res, _ = r.call(t, "GET", path, "", "Accept-Encoding", "gzip;q=0"); res.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: compressed for who does not want it", path)
		}
		if res, _ = r.call(t, "HEAD", path, "", "Accept-Encoding", "identity"); res.StatusCode != 200 || res.Header.Get("ETag") != tag {
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
		"/assets", "/assets/", "/assets/x", "/assets/x/app.js", "/assets/index.html", "/unknown", "/filesx", "/assets/../routes.go",
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
	nonce := regexp.MustCompile(`"[\w-]{22}"`)
	if len(answers) == 1 && answers[0].StatusCode == 200 && nonce.ReplaceAllString(bodies[0], "") != nonce.ReplaceAllString(plain, "") {
		t.Errorf("the page differs: %s", bodies[0])
	}
}

package runner

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scaidrive/client/setup"
	"scaidrive/client/worker"
)

// TestPage: it shows the folders to who has the token and asks for its address, and
// names in it are text.
func TestPage(t *testing.T) {
	dir := t.TempDir()
	store := setup.NewStore(dir)
	cfg := &setup.Folder{ID: "syn-1", Dir: filepath.Join(t.TempDir(), "docs"), ShareName: "<script>alert(1)</script>", Added: time.Now()}
	if err := store.Add(cfg); err != nil {
		t.Fatal(err)
	}
	rescue := filepath.Join(cfg.Dir, worker.RescueDir)
	if err := os.MkdirAll(rescue, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(rescue, "kept"), "kept")
	s := Status{Status: worker.Status{Waiting: []worker.Item{{Path: "a<b", Reason: "why"}}}}
	if err := store.SaveStatus(cfg, s); err != nil {
		t.Fatal(err)
	}
	p, err := OpenPage(store, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if _, err := PageAddress(dir); err == nil {
			t.Error("a closed page has an address")
		}
	}()
	if at, err := PageAddress(dir); err != nil || at != p.Address {
		t.Fatalf("%q, %v", at, err)
	}
	base, query, _ := strings.Cut(p.Address, "/?")
	for _, tc := range []struct {
		name, method, address, host string
		status                      int
		has                         string
	}{
		{"page", "GET", p.Address, "", 200, "a&lt;b"},
		{"what was rescued", "GET", p.Address, "", 200, "<p>1 file was rescued, in "},
		{"names are text", "GET", p.Address, "", 200, "&lt;script&gt;"},
		{"for programs", "GET", base + "/status?" + query, "", 200, `"path":"a\u003cb"`},
		{"no token", "GET", base + "/", "", 403, ""},
		{"wrong token", "GET", base + "/?token=x", "", 403, ""},
		{"another name", "GET", p.Address, "evil.example.com", 403, ""},
		{"post", "POST", p.Address, "", 405, ""},
		{"elsewhere", "GET", base + "/x?" + query, "", 404, ""},
	} {
		r, err := http.NewRequest(tc.method, tc.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = tc.host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != tc.status || !strings.Contains(string(b), tc.has) || strings.Contains(string(b), "<script>") {
			t.Errorf("%s: %d %s", tc.name, resp.StatusCode, b)
		}
	}
}

func TestDescribeRescued(t *testing.T) {
	for n, want := range map[int]string{1: "1 file was rescued, in rescue", 2: "2 files were rescued, in rescue"} {
		if got := DescribeRescued(n, "rescue"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

package runner

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"scaidrive/client/setup"
)

// A Page shows on this machine only how the folders are. Whoever asks has to know
// a token that stands in a file which only its owner can read.
type Page struct {
	Address string // of the page, with its token
	srv     *http.Server
	done    chan struct{}
	file    string
}

// pageFile is where the page's address stands, in the folder of the settings.
const pageFile = "page"

// OpenPage shows a page at a free port of the loopback interface until it is closed.
func OpenPage(store *setup.Store, dir string) (*Page, error) {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	token := hex.EncodeToString(secret)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	host := l.Addr().String()
	p := &Page{Address: "http://" + host + "/?token=" + token, done: make(chan struct{}), file: filepath.Join(dir, pageFile)}
	p.srv = &http.Server{Handler: handler(store, host, token), ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10}
	if err := os.WriteFile(p.file, []byte(p.Address+"\n"), 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	go func() { // ends when Close closes the listener
		defer close(p.done)
		_ = p.srv.Serve(l)
	}()
	return p, nil
}

// Close ends the page.
func (p *Page) Close() error {
	err := errors.Join(p.srv.Close(), os.Remove(p.file))
	<-p.done
	return err
}

// PageAddress is where the page of a running client is; fs.ErrNotExist if none is.
func PageAddress(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, pageFile))
	return strings.TrimSpace(string(b)), err
}

// shownFolder is a folder as the page tells of it.
type shownFolder struct {
	Dir       string `json:"dir"`
	ShareName string `json:"share_name"`
	Line      string `json:"line"`
	Rescued   int    `json:"rescued"` // files in the rescue folder
	RescuedIn string `json:"rescued_in,omitempty"`
	Status
}

// RescuedLine is what the page says of the rescue folder.
func (f shownFolder) RescuedLine() string { return DescribeRescued(f.Rescued, f.RescuedIn) }

// DescribeRescued says in a line how many files were rescued, and where they are.
func DescribeRescued(n int, where string) string {
	if n == 1 {
		return "1 file was rescued, in " + where
	}
	return fmt.Sprintf("%d files were rescued, in %s", n, where)
}

// handler answers those who know the token and have asked for this very address, so
// that no other page in the same browser can ask through a name of its own.
func handler(store *setup.Store, host, token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		given := r.URL.Query().Get("token")
		if auth, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			given = auth
		}
		switch {
		case r.Host != host || subtle.ConstantTimeCompare([]byte(given), []byte(token)) != 1:
			http.Error(w, "The address with its token is shown by: scaidrive sync status", http.StatusForbidden)
			return
		case r.Method != http.MethodGet:
			http.Error(w, "This page only shows", http.StatusMethodNotAllowed)
			return
		}
		list, err := shownFolders(store)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		switch r.URL.Path {
		case "/":
			h.Set("Content-Type", "text/html; charset=utf-8")
			_ = page().Execute(w, list) // who does not read on has gone
		case "/status":
			h.Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(list)
		default:
			http.NotFound(w, r)
		}
	})
}

func shownFolders(store *setup.Store) ([]shownFolder, error) {
	all, err := store.All()
	if err != nil {
		return nil, err
	}
	list := []shownFolder{}
	for _, f := range all {
		one := shownFolder{Dir: f.Dir, ShareName: f.ShareName, Line: "not synced yet"}
		if err := store.Status(f, &one.Status); err == nil {
			one.Paused = f.Paused
			one.Line = Describe(&one.Status)
			if one.Rescued, one.RescuedIn = Rescued(f); one.Rescued == 0 {
				one.RescuedIn = ""
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			one.Line = err.Error()
		}
		list = append(list, one)
	}
	return list, nil
}

func page() *template.Template {
	return template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="3"><title>ScaiDrive: synced folders</title>
<style>body{font:15px system-ui,sans-serif;margin:2rem auto;max-width:50rem;padding:0 1rem;color:#1a1a1a;background:#fff}
section{border:1px solid #d0d0d0;border-radius:6px;padding:1rem;margin:1rem 0}h2{font-size:1.1rem;margin:0 0 .3rem}
p{margin:.2rem 0}.quiet{color:#595959}@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}section{border-color:#444}.quiet{color:#a8a8a8}}</style>
</head><body><main><h1>Synced folders</h1>
{{range .}}<section><h2>{{.Dir}}</h2><p class="quiet">{{.ShareName}}</p><p><strong>{{.Line}}</strong></p>
<p>{{.Files}} files and folders. Sent {{.Counts.BytesSent}} bytes, received {{.Counts.BytesReceived}}, saved {{.Counts.BytesSaved}}; {{.Counts.Conflicts}} {{if eq .Counts.Conflicts 1}}conflict{{else}}conflicts{{end}}.</p>
{{if .Rescued}}<p>{{.RescuedLine}}.</p>{{end}}
{{with .Waiting}}<h3>Not in step</h3><ul>{{range .}}<li>{{.Path}}: {{.Reason}}</li>{{end}}</ul>{{end}}
{{with .Skipped}}<h3>Left out</h3><ul>{{range .}}<li>{{.Path}}: {{.Reason}}</li>{{end}}</ul>{{end}}
</section>{{else}}<p>No folder is synced: <code>scaidrive sync add</code> adds one.</p>{{end}}
</main></body></html>
`))
}

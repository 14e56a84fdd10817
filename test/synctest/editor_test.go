package synctest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scaidrive/client"
)

// An editor is a person at work in a folder, with a memory of what must not be
// lost.
type editor struct {
	t    testing.TB
	name string
	root string
	rng  *rand.Rand
	made *int // of all editors
	mine map[string]bool
	log  func(format string, args ...any)
}

// content makes a new content, or one that somebody has made before.
func (e *editor) content() string {
	*e.made++
	n := *e.made
	if e.rng.IntN(10) == 0 && n > 3 {
		n -= 1 + e.rng.IntN(3)
	}
	text := fmt.Sprintf("content %d", n)
	switch e.rng.IntN(12) {
	case 0:
		return ""
	case 1: // long enough for several chunks
		var b strings.Builder
		noise := rand.New(rand.NewPCG(uint64(n), 5))
		for b.Len() < 700<<10 {
			fmt.Fprintf(&b, "%s %x\n", text, noise.Uint64())
		}
		return b.String()
	}
	return text
}

// gives up what lies at a path and below, as it was seen.
func (e *editor) givesUp(seen map[string]string, p string) {
	for q, text := range seen {
		if q == p || strings.HasPrefix(q, p+"/") {
			delete(e.mine, text)
		}
	}
}

func (e *editor) at(p string) string { return filepath.Join(e.root, filepath.FromSlash(p)) }

// step does one thing. What is not possible, because the client has changed the
// folder meanwhile, is not done.
func (e *editor) step() {
	seen := tree(e.t, e.root)
	paths := slices.Sorted(maps.Keys(seen))
	pick := func(what func(p string) bool) string {
		var fit []string
		for _, p := range paths {
			if what(p) {
				fit = append(fit, p)
			}
		}
		if len(fit) == 0 {
			return ""
		}
		return fit[e.rng.IntN(len(fit))]
	}
	any := func(p string) bool { return p != "anchor" }
	file := func(p string) bool { return seen[p] != "/" && any(p) }
	folder := func(p string) bool { return seen[p] == "/" }
	names := []string{"a", "b", "c.txt", "é", "Straße", "d e"}
	spot := func() string { // a free name
		dir := ""
		if e.rng.IntN(3) > 0 {
			dir = pick(folder)
		}
		p := path.Join(dir, names[e.rng.IntN(len(names))])
		for q := range seen {
			if client.NameKey(q) == client.NameKey(p) {
				return ""
			}
		}
		return p
	}
	did := ""
	var err error
	switch e.rng.IntN(14) {
	case 0, 1, 2: // new file
		p := spot()
		if p == "" || len(paths) > 60 {
			return
		}
		text := e.content()
		did = "create " + p + " " + brief(text)
		if err = e.write(p, text, os.O_EXCL); err == nil {
			e.mine[text] = true
		}
	case 3: // new folder, sometimes with something in it
		p := spot()
		if p == "" || len(paths) > 60 {
			return
		}
		did = "mkdir " + p
		if err = os.Mkdir(e.at(p), 0o755); err == nil && e.rng.IntN(2) == 0 {
			text := e.content()
			did += " with " + brief(text)
			if err = e.write(p+"/in", text, os.O_EXCL); err == nil {
				e.mine[text] = true
			}
		}
	case 4, 5, 6: // edit
		p := pick(file)
		if p == "" {
			return
		}
		text := e.content()
		if len(seen[p]) > 1<<18 && e.rng.IntN(2) == 0 { // in the middle
			at := e.rng.IntN(len(seen[p]))
			text = seen[p][:at] + text[:min(100, len(text))] + seen[p][at:]
		}
		e.givesUp(seen, p)
		if e.rng.IntN(2) == 0 {
			did = "edit " + p + " " + brief(text)
			err = e.write(p, text, os.O_TRUNC)
		} else { // as editors do
			did = "save " + p + " " + brief(text)
			if err = e.write(p+"~", text, os.O_TRUNC); err == nil {
				err = os.Rename(e.at(p+"~"), e.at(p))
			}
		}
		if err == nil {
			e.mine[text] = true
		}
	case 7, 8: // rename or move
		p, to := pick(any), spot()
		if p == "" || to == "" || strings.HasPrefix(to+"/", p+"/") {
			return
		}
		did = "move " + p + " " + to
		err = e.rename(p, to)
	case 9: // letters' case
		p := pick(any)
		to := path.Join(path.Dir(p), swapCase(path.Base(p)))
		if p == "" || to == p {
			return
		}
		did = "case " + p + " " + to
		err = e.rename(p, to)
	case 10: // two exchange their names
		p, q := pick(any), pick(any)
		if p == "" || p == q || strings.HasPrefix(p+"/", q+"/") || strings.HasPrefix(q+"/", p+"/") {
			return
		}
		did = "exchange " + p + " " + q
		x := e.at("exchange.tmp")
		if err = os.Rename(e.at(p), x); err == nil {
			if err = e.rename(q, p); err != nil {
				q = p // it goes back
			}
			if back := e.rename("exchange.tmp", q); back != nil {
				err = back
			}
		}
	case 11: // delete
		p := pick(any)
		if p == "" {
			return
		}
		e.givesUp(seen, p)
		did = "delete " + p
		err = os.RemoveAll(e.at(p))
	case 12: // a file becomes a folder, or a folder a file
		p := pick(any)
		if p == "" {
			return
		}
		e.givesUp(seen, p)
		text := e.content()
		if err = os.RemoveAll(e.at(p)); err != nil {
			return
		}
		if seen[p] == "/" {
			did = "to file " + p + " " + brief(text)
			err = e.write(p, text, os.O_EXCL)
		} else if err = os.Mkdir(e.at(p), 0o755); err == nil {
			did = "to folder " + p + " " + brief(text)
			err = e.write(p+"/was file", text, os.O_EXCL)
		}
		if err == nil {
			e.mine[text] = true
		}
	case 13: // only the time, or only the executable bit
		p := pick(file)
		if p == "" {
			return
		}
		if e.rng.IntN(2) == 0 {
			did = "touch " + p
			at := time.Unix(1_600_000_000+int64(e.rng.IntN(1e8)), 0)
			err = os.Chtimes(e.at(p), at, at)
		} else {
			did = "chmod " + p
			err = os.Chmod(e.at(p), []os.FileMode{0o644, 0o755}[e.rng.IntN(2)])
		}
	}
	if err != nil {
		did += ": " + err.Error()
	}
	e.log("%s: %s", e.name, did)
}

func brief(text string) string {
	if len(text) > 40 {
		return fmt.Sprintf("%s… (%d bytes)", text[:20], len(text))
	}
	return text
}

// rename gives up nothing: a name that is taken meanwhile is left alone.
func (e *editor) rename(p, to string) error {
	if _, err := os.Lstat(e.at(to)); err == nil {
		return os.ErrExist
	}
	return os.Rename(e.at(p), e.at(to))
}

func (e *editor) write(p, text string, flag int) error {
	f, err := os.OpenFile(e.at(p), os.O_WRONLY|os.O_CREATE|flag, 0o644)
	if err != nil {
		return err
	}
	if _, err = f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func swapCase(s string) string {
	if up := strings.ToUpper(s); up != s && client.NameKey(up) == client.NameKey(s) {
		return up
	}
	return strings.ToLower(s)
}

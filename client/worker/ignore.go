package worker

import (
	"path"
	"slices"
	"strings"

	"scaidrive/client"
	"scaidrive/client/disk"
)

// rules say which names are not synced. They are the same on every platform:
// names are compared by their keys.
type rules struct {
	exact          map[string]bool
	before, behind []string // what a name begins, ends with
	patterns       []string // all others
}

const whyIgnored = "ignored by a rule"

func newRules(more []string) rules {
	r := rules{exact: map[string]bool{ownKey: true}}
	for _, p := range append([]string{
		"~$*", "~wrl????.tmp", "*.~tmp", ".ds_store", "thumbs.db", "desktop.ini", ".scaidrive-part-*",
	}, more...) {
		if p = strings.TrimSpace(p); p != "" && !strings.HasPrefix(p, "#") {
			r.add(client.NameKey(disk.Normal(p)))
		}
	}
	return r
}

// Ignored reports whether a path below a root is not synced, by patterns beside the
// built-in ones.
func Ignored(more []string, p string) bool {
	return slices.ContainsFunc(strings.Split(p, "/"), newRules(more).ignored)
}

// add takes a pattern; what most of them are is compared quicker than as patterns.
func (r *rules) add(p string) {
	const special = `*?[\`
	switch {
	case !strings.ContainsAny(p, special):
		r.exact[p] = true
	case p[0] == '*' && !strings.ContainsAny(p[1:], special):
		r.behind = append(r.behind, p[1:])
	case p[len(p)-1] == '*' && !strings.ContainsAny(p[:len(p)-1], special):
		r.before = append(r.before, p[:len(p)-1])
	default:
		r.patterns = append(r.patterns, p)
	}
}

// ignored reports whether a name is not synced.
func (r rules) ignored(name string) bool {
	key := client.NameKey(name)
	if r.exact[key] {
		return true
	}
	for _, p := range r.before {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	for _, p := range r.behind {
		if strings.HasSuffix(key, p) {
			return true
		}
	}
	for _, p := range r.patterns {
		if ok, err := path.Match(p, key); ok && err == nil {
			return true
		}
	}
	return false
}

const ownKey = ".SCAIDRIVE"

// selection says what of a share is wanted on this disk.
type selection []string // keys of paths

func newSelection(only []string) selection {
	var s selection
	for _, p := range only {
		if p = strings.Trim(p, "/"); p != "" {
			s = append(s, client.NameKey(disk.Normal(p)))
		}
	}
	return s
}

// wants tells of a path: whether it is wanted, and whether something below it is.
func (s selection) wants(p string) (itself, below bool) {
	if len(s) == 0 {
		return true, true
	}
	key := client.NameKey(p)
	for _, w := range s {
		if key == w || strings.HasPrefix(key, w+"/") {
			return true, true
		}
		below = below || strings.HasPrefix(w, key+"/")
	}
	return false, below
}

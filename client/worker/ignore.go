package worker

import (
	"path"
	"strings"

	"scaidrive/client"
	"scaidrive/client/disk"
)

// rules say which names are not synced. They are the same on every platform:
// names are compared by their keys.
type rules struct{ patterns []string }

const whyIgnored = "ignored by a rule"

func newRules(more []string) rules {
	var r rules
	for _, p := range append([]string{
		"~$*", "~wrl????.tmp", "*.~tmp", ".ds_store", "thumbs.db", "desktop.ini", ".scaidrive-part-*",
	}, more...) {
		if p = strings.TrimSpace(p); p != "" && !strings.HasPrefix(p, "#") {
			r.patterns = append(r.patterns, client.NameKey(disk.Normal(p)))
		}
	}
	return r
}

// ignored reports whether a name is not synced.
func (r rules) ignored(name string) bool {
	key := client.NameKey(name)
	if key == ownKey {
		return true
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

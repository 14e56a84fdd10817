package client

import (
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NameKey is equal for names that the server takes for the same: composed form,
// and case folded by Unicode's simple folding. The server's own tables decide in
// the end (they are frozen, the ones used here come with the toolchain); where
// they differ the server refuses the second name, and nothing is lost.
func NameKey(name string) string {
	plain := true
	for i := 0; i < len(name) && plain; i++ {
		plain = name[i] < utf8.RuneSelf
	}
	if plain {
		return strings.ToUpper(name)
	}
	return norm.NFC.String(strings.Map(foldRune, norm.NFC.String(name)))
}

// foldRune gives the smallest rune of those that fold together.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}
	least := r
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		least = min(least, o)
	}
	return least
}

// SafeName reports whether a name that the server sent may become the name of a
// file here: one path element, no separator of any platform, nothing invisible
// that could stand for something else.
func SafeName(name string) bool {
	if name == "" || name == "." || name == ".." || len(name) > 255 || !utf8.ValidString(name) {
		return false
	}
	for _, r := range name {
		if r == '/' || r == '\\' || r < 0x20 || r == 0x7f {
			return false
		}
	}
	if filepath.Separator == '\\' && strings.ContainsAny(name, `<>:"|?*`) {
		return false
	}
	return filepath.IsLocal(name) && filepath.Base(name) == name
}

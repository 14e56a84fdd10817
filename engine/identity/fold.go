package identity

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// foldKey composes and folds case: the smallest rune of those that fold together.
func foldKey(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		least := r
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			least = min(least, o)
		}
		return least
	}, norm.NFC.String(s)))
}

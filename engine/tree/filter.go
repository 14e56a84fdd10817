package tree

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/names"
)

// maxFilter is the longest filter, in bytes.
const maxFilter = 255

// A filter passes names with a word that begins as it says. It compares keys, so
// that what names are equal by is equal here, too. nil passes everything.
//
// A word begins at the beginning of the name and where a letter or number follows
// something else. Scripts that put nothing between words have one at each of their
// letters. A filter that begins with something else fits wherever that stands.
type filter struct{ key []byte }

func newFilter(text string) (*filter, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, nil
	case len(text) > maxFilter || !utf8.ValidString(text):
		return nil, engine.Invalid("filter", "A filter is UTF-8 of at most %d bytes", maxFilter)
	}
	return &filter{[]byte(names.Key(text))}, nil
}

func (f *filter) matches(key []byte) bool {
	if f == nil {
		return true
	}
	first, _ := utf8.DecodeRune(f.key)
	anywhere := !inWord(first) || unicode.In(first, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	for from := 0; ; from++ {
		i := bytes.Index(key[from:], f.key)
		if i < 0 {
			return false
		}
		from += i
		before, _ := utf8.DecodeLastRune(key[:from])
		if from == 0 || anywhere || !inWord(before) {
			return true
		}
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

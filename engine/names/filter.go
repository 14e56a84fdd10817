package names

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxFilter is the longest filter, in bytes.
const MaxFilter = 255

// A Filter passes names with a word that begins as it says. It compares keys, so
// that what names are equal by is equal here, too. nil passes everything.
//
// A word begins at the beginning of the name and where a letter or number follows
// something else. Scripts that put nothing between words have one at each of their
// letters. A filter that begins with something else fits wherever that stands.
type Filter struct{ key []byte }

// NewFilter makes a filter of what somebody typed; of nothing, nil. What is too
// long or no UTF-8 is an error that may be shown.
func NewFilter(text string) (*Filter, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, nil
	case len(text) > MaxFilter || !utf8.ValidString(text):
		return nil, fmt.Errorf("it must be UTF-8 of at most %d bytes", MaxFilter)
	}
	return &Filter{[]byte(Key(text))}, nil
}

// Matches reports whether a name passes, by its key.
func (f *Filter) Matches(key []byte) bool {
	if f == nil {
		return true
	}
	first, _ := utf8.DecodeRune(f.key)
	anywhere := !inWord(first) || oneByOne(first)
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

package names

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of the words that an index keeps of a name.
const (
	MaxWord  = 32 // bytes of one; what is longer is cut at a character
	MaxWords = 64 // of one name
)

// Words gives the words of a name by its key, each once, for an index: a [Filter]
// that begins in a word passes a name only if one of its words begins as
// [Filter.Word] says. What a name has beyond MaxWords is left out.
func Words(key string) []string {
	var list []string
	seen := map[string]bool{}
	before := ' '
	for i, r := range key {
		if inWord(r) && (!inWord(before) || oneByOne(r)) {
			if w := wordAt(key[i:]); !seen[w] && len(list) < MaxWords {
				seen[w] = true
				list = append(list, w)
			}
		}
		before = r
	}
	return list
}

// oneByOne reports whether a script puts nothing between its words.
func oneByOne(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// wordAt is the word that s begins with, cut.
func wordAt(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return !inWord(r) })
	if end < 0 {
		end = len(s)
	}
	if end > MaxWord {
		for end = MaxWord; !utf8.RuneStart(s[end]); {
			end--
		}
	}
	return s[:end]
}

// Word gives the beginning of a word, as Words gives them, that a name must have
// to pass; whole: it must be all of the word, but for what is cut. Of the words in
// the filter it is the longest, of an e-mail address that of what stands before the
// "@", which says more than the domain. Empty: the filter is no help to an index.
func (f *Filter) Word() (word string, whole bool) {
	if f == nil {
		return "", false
	}
	key := string(f.key)
	if first, _ := utf8.DecodeRuneInString(key); !inWord(first) {
		return "", false
	}
	words := Words(key)
	if local, _, is := strings.Cut(key, "@"); is {
		words = Words(local)
	}
	for _, w := range words {
		if len(w) > len(word) {
			at := strings.Index(key, w)
			word, whole = w, len(w) < MaxWord && at+len(w) < len(key) && !continues(key[at+len(w):])
		}
	}
	return word, whole
}

// continues reports whether s goes on with a word.
func continues(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return inWord(r)
}

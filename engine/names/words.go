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
// that begins in a word passes a name only if its words are or begin as
// [Filter.Pieces] say. What a name has beyond MaxWords is left out.
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

// A Piece is a word that a name must have to pass a filter: Whole, or one that
// begins so. Long words are cut as those of Words.
type Piece struct {
	Word  string
	Whole bool
}

// Pieces gives the words that a name must have, each of them. None: the filter is
// no help to an index.
func (f *Filter) Pieces() []Piece {
	if f == nil {
		return nil
	}
	key := string(f.key)
	if first, _ := utf8.DecodeRuneInString(key); !inWord(first) {
		return nil
	}
	var list []Piece
	for _, w := range Words(key) {
		rest := key[strings.LastIndex(key, w)+len(w):]
		list = append(list, Piece{w, len(w) < MaxWord-utf8.UTFMax && rest != "" && !continues(rest)})
	}
	return list
}

// continues reports whether s goes on with a word.
func continues(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return inWord(r)
}

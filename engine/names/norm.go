package names

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// A decomposition is a character and its full canonical decomposition.
type decomposition struct {
	from rune
	to   string
}

// Hangul syllables are composed by arithmetic (Unicode, section 3.12).
const (
	hangulS, hangulEnd        = 0xac00, 0xd7a4
	hangulL, hangulV, hangulT = 0x1100, 0x1161, 0x11a7
	countL, countV, countT    = 19, 21, 28
)

// fold is simple case folding, character by character.
func fold(s string) string {
	var b []byte
	for i, r := range s {
		f := foldRune(r)
		if f != r && b == nil {
			b = append(make([]byte, 0, len(s)+8), s[:i]...)
		}
		if b != nil {
			b = utf8.AppendRune(b, f)
		}
	}
	if b == nil {
		return s
	}
	return string(b)
}

func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	i, ok := slices.BinarySearchFunc(folds1[:], r, func(e [2]rune, r rune) int { return cmp.Compare(e[0], r) })
	if !ok {
		return r
	}
	return folds1[i][1]
}

// nfc is Unicode's normal form C of a text of valid UTF-8.
func nfc(s string) string {
	if stable(s) {
		return s
	}
	runes := decompose(s)
	order(runes)
	return string(compose(runes))
}

// stable says that a text is surely in normal form C.
func stable(s string) bool {
	for _, r := range s {
		if r >= 0x300 && unstable(r) {
			return false
		}
	}
	return true
}

func unstable(r rune) bool {
	i, ok := slices.BinarySearchFunc(unstable1[:], r, func(e [2]rune, r rune) int { return cmp.Compare(e[0], r) })
	return ok || i > 0 && r <= unstable1[i-1][1]
}

// class is the canonical combining class.
func class(r rune) rune {
	if r < 0x300 {
		return 0
	}
	i, ok := slices.BinarySearchFunc(classes1[:], r, func(e [3]rune, r rune) int { return cmp.Compare(e[0], r) })
	if ok {
		return classes1[i][2]
	}
	if i > 0 && r <= classes1[i-1][1] {
		return classes1[i-1][2]
	}
	return 0
}

// decompose replaces every character by its full canonical decomposition.
func decompose(s string) []rune {
	out := make([]rune, 0, len(s)+8)
	for _, r := range s {
		switch {
		case r < 0xc0:
			out = append(out, r)
		case r >= hangulS && r < hangulEnd:
			i := r - hangulS
			out = append(out, hangulL+i/(countV*countT), hangulV+i%(countV*countT)/countT)
			if t := i % countT; t != 0 {
				out = append(out, hangulT+t)
			}
		default:
			i, ok := slices.BinarySearchFunc(decompositions1[:], r, func(e decomposition, r rune) int { return cmp.Compare(e.from, r) })
			if !ok {
				out = append(out, r)
				continue
			}
			out = append(out, []rune(decompositions1[i].to)...)
		}
	}
	return out
}

// order sorts each run of combining characters by class, keeping the order of
// equal ones.
func order(runes []rune) {
	for i := 0; i < len(runes); {
		if class(runes[i]) == 0 {
			i++
			continue
		}
		end := i + 1
		for end < len(runes) && class(runes[end]) != 0 {
			end++
		}
		slices.SortStableFunc(runes[i:end], func(a, b rune) int { return cmp.Compare(class(a), class(b)) })
		i = end
	}
}

// compose combines characters with the last starter before them where nothing
// that blocks them stands between. It works in place.
func compose(runes []rune) []rune {
	starter, n := -1, 0
	last := rune(0) // class of the character before; 0 only if it is the starter
	for _, r := range runes {
		c := class(r)
		if starter >= 0 && (starter == n-1 || last < c) {
			if p := pair(runes[starter], r); p != 0 {
				runes[starter] = p
				continue
			}
		}
		if c == 0 {
			starter = n
		}
		last = c
		runes[n] = r
		n++
	}
	return runes[:n]
}

// pair is the primary composite of two characters, or 0.
func pair(a, b rune) rune {
	if a >= hangulL && a < hangulL+countL && b >= hangulV && b < hangulV+countV {
		return hangulS + ((a-hangulL)*countV+(b-hangulV))*countT
	}
	if a >= hangulS && a < hangulEnd && (a-hangulS)%countT == 0 && b > hangulT && b < hangulT+countT {
		return a + b - hangulT
	}
	i, ok := slices.BinarySearchFunc(compositions1[:], [2]rune{a, b}, func(e [3]rune, k [2]rune) int {
		return cmp.Or(cmp.Compare(e[0], k[0]), cmp.Compare(e[1], k[1]))
	})
	if !ok {
		return 0
	}
	return compositions1[i][2]
}

package names

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for in, want := range map[string][]string{
		"":                         nil,
		"Ada Lovelace":             {"ada", "lovelace"},
		"ada.lovelace@example.com": {"ada", "lovelace", "example", "com"},
		"a a A":                    {"a"},
		"日本 x":                     {"日本", "本", "x"},
		strings.Repeat("é", 40):    {strings.Repeat("é", 16)},
	} {
		if got := Words(Key(in)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Whatever passes a filter is found by the filter's word among the words.
func TestAnIndexOfWordsMissesNothing(t *testing.T) {
	pieces := []string{"a", "ab", "ada", "B", " ", ".", "-", "é", "本", "日", "9", "@", strings.Repeat("w", 31), "xyz"}
	rnd := rand.New(rand.NewSource(7))
	text := func(n int) (s string) {
		for range rnd.Intn(n) + 1 {
			s += pieces[rnd.Intn(len(pieces))]
		}
		return s
	}
	passed := 0
	for range 200_000 {
		name, filter := text(6), text(3)
		if rnd.Intn(2) == 0 {
			name = fmt.Sprint(name, " ", filter, text(2))
		}
		f, err := NewFilter(filter)
		if err != nil || f == nil || !f.Matches([]byte(Key(name))) {
			continue
		}
		for _, p := range f.Pieces() {
			passed++
			if !slices.ContainsFunc(Words(Key(name)), func(w string) bool {
				return w == p.Word || !p.Whole && strings.HasPrefix(w, p.Word)
			}) {
				t.Fatalf("%q passes %q, but has no word %+v: %q", name, filter, p, Words(Key(name)))
			}
		}
	}
	if passed < 10_000 {
		t.Errorf("only %d passed", passed)
	}
}

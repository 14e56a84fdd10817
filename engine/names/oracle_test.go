package names

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// TestTablesAreFrozen: the tables names-1 never change. If this fails, undo the
// change; other tables get another version and a migration of all keys.
func TestTablesAreFrozen(t *testing.T) {
	h := sha256.New()
	for _, x := range folds1 {
		fmt.Fprintf(h, "f %x %x\n", x[0], x[1])
	}
	for _, x := range classes1 {
		fmt.Fprintf(h, "c %x %x %d\n", x[0], x[1], x[2])
	}
	for _, x := range decompositions1 {
		fmt.Fprintf(h, "d %x %x\n", x.from, x.to)
	}
	for _, x := range compositions1 {
		fmt.Fprintf(h, "p %x %x %x\n", x[0], x[1], x[2])
	}
	for _, x := range unstable1 {
		fmt.Fprintf(h, "u %x %x\n", x[0], x[1])
	}
	const want = "bae59b9c9796d9ac757f2253800ca637632f465b06b3f8ac941884b7727187cc"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("the tables changed: %s, want %s", got, want)
	}
}

// oracle skips where the implementations to compare with are of another Unicode.
func oracle(t *testing.T) {
	t.Helper()
	if unicode.Version != "15.0.0" || norm.Version != "15.0.0" || cases.UnicodeVersion != "15.0.0" {
		if os.Getenv("CI") == "true" {
			t.Error("the toolchain has no tables of Unicode 15.0 to compare with; the frozen ones are still checked by their digest")
		}
		t.Skipf("the toolchain's tables are of Unicode %s, not 15.0.0", unicode.Version)
	}
}

func everyRune(fn func(r rune)) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if utf8.ValidRune(r) {
			fn(r)
		}
	}
}

func TestEveryCodePoint(t *testing.T) {
	oracle(t)
	folding := cases.Fold()
	bad := 0
	check := func(what string, r rune, got, want string) {
		if got != want && bad < 20 {
			bad++
			t.Errorf("%s of %U is %+q, want %+q", what, r, got, want)
		}
	}
	everyRune(func(r rune) {
		s := string(r)
		check("normal form C", r, nfc(s), norm.NFC.String(s))
		check("forced normal form C", r, forced(s), norm.NFC.String(s))
		check("decomposition", r, string(decompose(s)), norm.NFD.String(s))
		if got, want := class(r), rune(norm.NFC.PropertiesString(s).CCC()); got != want {
			t.Errorf("class of %U is %d, want %d", r, got, want)
		}
		// Everything that folds together folds to one of it.
		f, member := foldRune(r), false
		for o := unicode.SimpleFold(r); ; o = unicode.SimpleFold(o) {
			member = member || o == f
			check("folding", o, string(foldRune(o)), string(f))
			if o == r {
				break
			}
		}
		if unicode.Is(unicode.Cherokee, r) && f >= 0xab70 {
			t.Errorf("%U folds to the lower case %U", r, f)
		}
		if !member || foldRune(f) != f {
			t.Errorf("%U folds to %U", r, f)
		}
		// Full folding to one character is simple folding. Cherokee, which folds
		// to its upper case, is wrong in x/text (golang/go issue 46101).
		if full := folding.String(s); utf8.RuneCountInString(full) == 1 && !unicode.Is(unicode.Cherokee, r) {
			check("folding", r, string(f), full)
		}
		// The key, by the definition.
		check("key", r, Key(s), norm.NFC.String(fold(norm.NFC.String(s))))
		check("key of the key", r, Key(Key(s)), Key(s))
	})
}

// forced is nfc without the short cut.
func forced(s string) string {
	runes := decompose(s)
	order(runes)
	return string(compose(runes))
}

// TestSequences compares random sequences, of characters that do something.
// x/text puts a joiner into runs of more than 30 combining characters (its
// stream-safe form), which the normal form proper does not, so runs are shorter.
func TestSequences(t *testing.T) {
	oracle(t)
	var pool []rune
	everyRune(func(r rune) {
		if class(r) != 0 || unstable(r) || foldRune(r) != r || len(decompose(string(r))) > 1 && r < hangulS {
			pool = append(pool, r)
		}
	})
	for r := rune(0x1100); r < 0x1200; r++ {
		pool = append(pool, r, r)
	}
	pool = append(pool, 'a', 'E', 'o', 'Q', 'α', 'Ω', 0xac00, 0xac01, 0xd7a3, '日', 0x50000, 0x345, 0x345)
	const seed = 1
	rounds := 60000
	if os.Getenv("SCAIDRIVE_LONG") != "" {
		rounds = 2000000
	}
	t.Logf("seed %d, %d characters", seed, len(pool))
	rng := rand.New(rand.NewPCG(seed, seed))
	for range rounds {
		runes := make([]rune, 1+rng.IntN(8))
		for i := range runes {
			runes[i] = pool[rng.IntN(len(pool))]
			if rng.IntN(3) == 0 { // what likes to combine
				p := compositions1[rng.IntN(len(compositions1))]
				runes[i] = p[rng.IntN(3)]
			}
		}
		s := string(runes)
		want := norm.NFC.String(s)
		if got := nfc(s); got != want || forced(s) != want || nfc(got) != got {
			t.Fatalf("normal form C of %+q is %+q, want %+q", s, got, want)
		}
		k := Key(s)
		if Key(k) != k || Key(want) != k || Key(norm.NFD.String(s)) != k {
			t.Fatalf("keys of %+q: %+q, of the key %+q, of NFC %+q, of NFD %+q", s, k, Key(k), Key(want), Key(norm.NFD.String(s)))
		}
	}
}

func TestEveryPair(t *testing.T) {
	oracle(t)
	for _, p := range compositions1 {
		s := string(p[:2])
		if got := nfc(s); got != string(p[2]) || norm.NFC.String(s) != got {
			t.Errorf("%+q is composed to %+q", s, got)
		}
		// The marks that stand between, by class.
		for _, mark := range []rune{0x334, 0x327, 0x323, 0x301, 0x345} {
			s := string([]rune{p[0], mark, p[1], mark})
			if got, want := nfc(s), norm.NFC.String(s); got != want {
				t.Errorf("%+q is composed to %+q, want %+q", s, got, want)
			}
		}
	}
}

// TestLongRuns has runs of marks as long as the oracle takes them, so that an
// order that is not stable shows.
func TestLongRuns(t *testing.T) {
	oracle(t)
	marks := []rune{0x301, 0x300, 0x302, 0x303, 0x323, 0x324, 0x325, 0x327, 0x328, 0x345, 0x334}
	rng := rand.New(rand.NewPCG(2, 2))
	for range 2000 {
		runes := []rune{'q'}
		for range 29 {
			runes = append(runes, marks[rng.IntN(len(marks))])
		}
		s := string(runes)
		if got, want := nfc(s), norm.NFC.String(s); got != want {
			t.Fatalf("normal form C of %+q is %+q, want %+q", s, got, want)
		}
	}
}

package identity

import (
	"iter"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Which passwords are refused as common. The list is not taken from a leak: it
// is generated from what people are known to begin with (words, names, seasons,
// keyboard rows) and what they are known to append (digits, years, a mark), in
// lower case; case makes no difference. These are about 260,000, of which about
// 110,000 have 12 characters or more (TestCommonPasswords counts them). Besides,
// a password that is one short piece said again and again is common. It is not
// known how much of any leaked list this covers.

// stems are what passwords begin with.
func stems() []string {
	return strings.Fields(`
		password passwort passw0rd passwd pass motdepasse contrasena kennwort geheim secret login logon
		admin administrator root user guest test tester testing demo default master system server
		welcome willkommen hello hallo letmein changeme changeit iloveyou ichliebedich trustno
		qwerty qwertz azerty asdf asdfgh yxcvbn zxcvbn qazwsx abc abcd abcdef
		monkey dragon tiger lion eagle falcon wolf horse shadow ninja hunter killer
		football baseball basketball soccer hockey fussball golf tennis
		summer winter spring autumn sommer herbst fruehling
		january february march april june july august september october november december
		monday tuesday wednesday thursday friday saturday sunday
		sunshine princess prinzessin superman batman spiderman pokemon starwars matrix jordan
		michael jennifer thomas jessica daniel ashley andrew nicole robert charlie george
		london berlin paris newyork america germany deutschland france england
		company office internet computer laptop windows microsoft google facebook apple samsung
		freedom whatever cheese chocolate cookie banana orange purple flower diamond silver golden
		money business access service support manager backup network cloud scaidrive drive
		mustang ferrari porsche mercedes harley yamaha corvette
		love lovely angel baby family mother father
	`)
}

// endings are what is put behind a stem.
func endings() []string {
	list := []string{"", "!", "!!", "!!!", "?", ".", "#", "@", "*", "$", "00", "000", "007", "01", "69", "99", "111", "222", "321", "666", "777", "888", "999", "1111", "2222", "4321", "54321", "654321", "0123", "012345", "1q2w3e", "1q2w3e4r", "abc", "xyz", "qwerty"}
	run := ""
	for d := 1; d <= 12; d++ {
		run += strconv.Itoa(d % 10)
		list = append(list, run, run+"!")
	}
	for year := 1970; year <= 2035; year++ {
		list = append(list, strconv.Itoa(year), strconv.Itoa(year)+"!")
	}
	return list
}

// rows are what lies beside each other on a keyboard or in the alphabet.
func rows() []string {
	return []string{
		"1234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiop", "azertyuiop",
		"asdfghjkl", "zxcvbnm", "yxcvbnm", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
		"1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "q1w2e3r4t5y6u7i8o9p0", "!@#$%^&*()",
	}
}

// disguises gives a stem as it is and with letters written as what resembles them.
func disguises(stem string) []string {
	out := []string{stem}
	for _, r := range []*strings.Replacer{
		strings.NewReplacer("o", "0"),
		strings.NewReplacer("a", "@"),
		strings.NewReplacer("a", "@", "o", "0"),
		strings.NewReplacer("a", "4", "e", "3", "i", "1", "o", "0", "s", "5"),
		strings.NewReplacer("a", "@", "e", "3", "i", "1", "o", "0", "s", "$"),
	} {
		if d := r.Replace(stem); d != stem {
			out = append(out, d)
		}
	}
	return out
}

// common generates the list; some passwords come more than once.
func common() iter.Seq[string] {
	return func(yield func(string) bool) {
		all, ends := stems(), endings()
		for _, stem := range all {
			for _, d := range disguises(stem) {
				for _, e := range ends {
					if !yield(d+e) || !yield(e+d) {
						return
					}
				}
			}
			for _, second := range all {
				if !yield(stem + second) {
					return
				}
			}
		}
		for _, row := range rows() {
			for _, round := range []string{row, reversed(row)} {
				endless := strings.Repeat(round, 4)
				for from := range len(round) {
					for size := 4; size <= 24 && from+size <= len(endless); size++ {
						if !yield(endless[from : from+size]) {
							return
						}
					}
				}
			}
		}
	}
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// isCommon reports whether a password is one of the common ones. It takes a few
// milliseconds, and less than the hash that follows.
func isCommon(password string) bool {
	p := strings.ToLower(norm.NFC.String(password))
	if isRepetition(p) {
		return true
	}
	for c := range common() {
		if c == p {
			return true
		}
	}
	return false
}

// isRepetition reports whether s is a piece of at most four characters, said
// again and again, the last time perhaps in part.
func isRepetition(s string) bool {
	r := []rune(s)
	for size := 1; size <= 4 && size*2 <= len(r); size++ {
		same := true
		for i := size; i < len(r) && same; i++ {
			same = r[i] == r[i-size]
		}
		if same {
			return true
		}
	}
	return false
}

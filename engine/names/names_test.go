package names_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"scaidrive/engine/names"
)

func TestClean(t *testing.T) {
	long := strings.Repeat("x", 255)
	for _, tt := range []struct {
		name    string
		any     names.Rule // refused in any case; "" is taken
		windows names.Rule // refused for Windows
		char    rune
		pos     int
	}{
		{name: "a"}, {name: "Report 2026.txt"}, {name: ".hidden"}, {name: "...", windows: names.RuleEnding, char: '.', pos: 3},
		{name: " leading"}, {name: "日本語"}, {name: "😀"}, {name: "\U0001fae9 new emoji"}, {name: "a%b&c'd~$"},
		{name: "zero\u200dwidth"}, {name: "\ufffd is a character"},
		{name: "", any: names.RuleEmpty},
		{name: ".", any: names.RuleDots}, {name: "..", any: names.RuleDots},
		{name: "a/b", any: names.RuleCharacter, char: '/', pos: 2},
		{name: "/", any: names.RuleCharacter, char: '/', pos: 1},
		{name: `äö\b`, any: names.RuleCharacter, char: '\\', pos: 3},
		{name: "a\u0308\u00f6\\", any: names.RuleCharacter, char: '\\', pos: 3},
		{name: "a\x00", any: names.RuleCharacter, char: 0, pos: 2},
		{name: "tab\t", any: names.RuleCharacter, char: '\t', pos: 4},
		{name: "\x1f", any: names.RuleCharacter, char: 0x1f, pos: 1},
		{name: "\x7f", any: names.RuleCharacter, char: 0x7f, pos: 1},
		{name: "a\u0085", any: names.RuleCharacter, char: 0x85, pos: 2},
		{name: "a\u009fb", any: names.RuleCharacter, char: 0x9f, pos: 2},
		{name: "a\u00a0b"}, {name: "a\u2028b"},
		{name: "a\xffb", any: names.RuleUTF8, char: utf8.RuneError, pos: 2},
		{name: "\ufffd\xff", any: names.RuleUTF8, char: utf8.RuneError, pos: 2},
		{name: "\xed\xa0\x80", any: names.RuleUTF8, char: utf8.RuneError, pos: 1},
		{name: "ab\xc3", any: names.RuleUTF8, char: utf8.RuneError, pos: 3},
		{name: long},
		{name: long + "x", any: names.RuleLength},
		{name: strings.Repeat("ä", 127)}, {name: strings.Repeat("ä", 127) + "x"},
		{name: strings.Repeat("ä", 128), any: names.RuleLength},
		{name: strings.Repeat("a\u0308", 127)}, // 381 bytes given, 254 stored
		{name: strings.Repeat("a\u0308", 128), any: names.RuleLength},
		{name: strings.Repeat("\u1112\u1161\u11ab", 85)}, // 765 given, 255 stored
		{name: strings.Repeat("\u1112\u1161\u11ab", 85) + "x", any: names.RuleLength},
		{name: strings.Repeat("\u0344", 100), any: names.RuleLength}, // 200 given, 400 stored
		{name: strings.Repeat("x", 1<<20), any: names.RuleLength},
		{name: "a<b", windows: names.RuleWindows, char: '<', pos: 2},
		{name: "a>b", windows: names.RuleWindows, char: '>', pos: 2},
		{name: "C:", windows: names.RuleWindows, char: ':', pos: 2},
		{name: `"`, windows: names.RuleWindows, char: '"', pos: 1},
		{name: "a|", windows: names.RuleWindows, char: '|', pos: 2},
		{name: "why?", windows: names.RuleWindows, char: '?', pos: 4},
		{name: "*.go", windows: names.RuleWindows, char: '*', pos: 1},
		{name: "end ", windows: names.RuleEnding, char: ' ', pos: 4},
		{name: "end.", windows: names.RuleEnding, char: '.', pos: 4},
		{name: " ", windows: names.RuleEnding, char: ' ', pos: 1},
		{name: "end\u00a0"}, {name: "a.b.c"},
	} {
		for _, windows := range []bool{false, true} {
			rule := tt.any
			if rule == "" && windows {
				rule = tt.windows
			}
			got, err := names.Clean(tt.name, windows)
			if rule == "" {
				if err != nil || got == "" || len(got) > names.MaxName {
					t.Errorf("%+q (Windows %v): %+q, error %v", tt.name, windows, got, err)
				}
				if again, err := names.Clean(got, windows); err != nil || again != got {
					t.Errorf("%+q is not stable: %+q, error %v", got, again, err)
				}
				continue
			}
			var e *names.Error
			if !errors.As(err, &e) || e.Rule != rule || e.Char != tt.char || e.Pos != tt.pos || e.Error() == "" || got != "" {
				t.Errorf("%.40q (Windows %v): %v (%+v), want rule %s, character %q at %d", tt.name, windows, err, e, rule, tt.char, tt.pos)
			}
		}
	}
}

func TestDevices(t *testing.T) {
	refused := []string{"CON", "con", "Con.txt", "con.tar.gz", "PRN", "AUX", "aux.h", "NUL", "nul.", "NUL .txt", "con  .x",
		"COM¹", "com².txt", "LPT³"}
	taken := []string{"CONN", "CO", "xcon", "con-1", "CON_", "_con", "nulL1", "COM", "LPT", "COM10", "COM1x", "comX", "COM⁴", "LPT٣",
		"CONIN$", "CLOCK$", "a.con", ".con", " con", "ＣＯＮ", "com-1.txt"}
	for i := range 10 {
		refused = append(refused, fmt.Sprintf("COM%d", i), fmt.Sprintf("lpt%d.log", i))
	}
	for _, name := range refused {
		var e *names.Error
		if _, err := names.Clean(name, true); !errors.As(err, &e) || e.Rule != names.RuleDevice && name != "nul." {
			t.Errorf("%q: %v", name, err)
		}
		if got, err := names.Clean(name, false); err != nil || got != name {
			t.Errorf("%q, not for Windows: %v", name, err)
		}
	}
	for _, name := range taken {
		if got, err := names.Clean(name, true); err != nil || got != name {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestMessages(t *testing.T) {
	for name, want := range map[string]string{
		"":                       "a name must not be empty",
		"..":                     `".." is not a name`,
		"a/b":                    "character 2 (/) must not be in a name",
		"a\x01":                  "character 2 (U+0001) is a control character and must not be in a name",
		"what?":                  "character 5 (?) cannot be in a name on Windows",
		"x ":                     "character 2 (space) cannot end a name on Windows",
		"Com1.txt":               `"Com1.txt" is the name of a device on Windows`,
		"a\xff":                  "character 2 is not valid UTF-8",
		strings.Repeat("x", 256): "a name must not be longer than 255 bytes",
	} {
		if _, err := names.Clean(name, true); err == nil || err.Error() != want {
			t.Errorf("%.20q: %v, want %s", name, err, want)
		}
	}
}

func TestCheckPath(t *testing.T) {
	for _, tt := range []struct {
		bytes, levels int
		want          names.Rule
	}{
		{0, 0, ""}, {4096, 128, ""}, {4097, 1, names.RulePath}, {10, 129, names.RuleLevels},
	} {
		err := names.CheckPath(tt.bytes, tt.levels)
		var e *names.Error
		if errors.As(err, &e) != (tt.want != "") || e != nil && e.Rule != tt.want {
			t.Errorf("%d bytes, %d levels: %v", tt.bytes, tt.levels, err)
		}
	}
}

func TestKey(t *testing.T) {
	same := [][]string{
		{"readme.txt", "README.TXT", "ReadMe.txt"},
		{"ä", "a\u0308", "Ä", "A\u0308"},
		{"σ", "ς", "Σ"},
		{"k", "K", "\u212a"},
		{"å", "Å", "\u212b", "A\u030a"},
		{"s", "S", "ſ"},
		{"ß", "ẞ"},
		{"θ", "ϑ", "ϴ", "Θ"},
		{"ﬀ"}, {"ff"}, // compatibility characters are not the same
		{"ı"}, {"i", "I"}, {"İ", "I\u0307"}, {"i\u0307"},
		{"ss"},
		{"\u13a0", "\uab70"},
		{"각", "\u1100\u1161\u11a8", "가\u11a8"},
		{"ệ", "e\u0323\u0302", "e\u0302\u0323", "Ệ", "ẹ\u0302", "ê\u0323"},
		{"ᾳ", "α\u0345", "ᾼ", "Α\u0345"},
		{"\U00010400", "\U00010428"},
		{"日本", "日本"},
		{"\u2126", "ω", "Ω"},
		{"\U0001fae9"}, {"\U00050000"}, // not assigned
	}
	seen := make(map[string]int)
	for i, group := range same {
		for _, name := range group {
			k := names.Key(name)
			if j, ok := seen[k]; ok && j != i {
				t.Errorf("%+q has the key of %+q", name, same[j])
			}
			seen[k] = i
			if k != names.Key(group[0]) {
				t.Errorf("%+q and %+q are not the same: %+q, %+q", name, group[0], k, names.Key(group[0]))
			}
		}
	}
	for name, want := range map[string]string{"": "", "ABC": "abc", "ÄÖ.Txt": "äö.txt", "ΣΑΣ": "σασ"} {
		if got := names.Key(name); got != want {
			t.Errorf("key of %q is %q, want %q", name, got, want)
		}
	}
}

func TestASCIIKeyDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { names.Key("already-lower.go") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkKey(b *testing.B) {
	for _, name := range []string{"already-lower.go", "README.md", "Übersicht 2026.docx", "Отчёт за год.docx", "A\u0308nderung", "한국어 문서.hwp", "日本語の文書.txt"} {
		b.Run(fmt.Sprintf("%+q", name), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				names.Key(name)
			}
		})
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"a", "CON.txt", "e\u0302\u0323", "\u1112\u1161\u11ab", "\u0345\u0301", "a\xff", "\u0344", "ΐ", "K\u030a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := names.Clean(s, true)
		if err != nil {
			if got != "" {
				t.Errorf("%+q is refused and given as %+q", s, got)
			}
			return
		}
		if !utf8.ValidString(got) || len(got) > names.MaxName || strings.ContainsAny(got, `/\<>:"|?*`+"\x00") {
			t.Errorf("%+q is cleaned to %+q", s, got)
		}
		if again, err := names.Clean(got, true); err != nil || again != got {
			t.Errorf("%+q is cleaned to %+q, and that to %+q, error %v", s, got, again, err)
		}
		k := names.Key(got)
		if k != names.Key(s) {
			t.Errorf("%+q and its clean form have two keys", s)
		}
		if names.Key(k) != k {
			t.Errorf("the key of %+q is %+q, and the key of that is %+q", got, k, names.Key(k))
		}
	})
}

// Package names says which names files, folders and shares may have, and which
// names are the same.
//
// A name is stored in Unicode's normal form C with its case kept. Two names are
// the same when their keys are equal: the key is NFC(fold(NFC(name))) with simple
// case folding, by the tables names-1 (Unicode 15.0), which are frozen in this
// repository. The toolchain's own tables change with it, and keys must not.
// Code points that are not assigned in that version stand for themselves.
//
// The package imports the standard library only and touches nothing.
package names

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

//go:generate go run gen/main.go

// Version names the tables that keys are made by; it stands in the store header.
const Version = "names-1"

// The limits.
const (
	MaxName   = 255  // bytes of a name as stored
	MaxPath   = 4096 // bytes of a path below the share's root, slashes between names included
	MaxLevels = 128  // names in a path
)

// maxRaw is the longest name looked at, in bytes: no longer one comes to MaxName
// in normal form C, which makes at most three bytes of decomposed text one.
const maxRaw = 4 * MaxName

// A Rule is what a refused name breaks.
type Rule string

// The rules.
const (
	RuleEmpty     Rule = "empty"
	RuleUTF8      Rule = "utf8"              // not valid UTF-8
	RuleDots      Rule = "dots"              // "." or ".."
	RuleCharacter Rule = "character"         // / \ NUL or a control character
	RuleLength    Rule = "length"            // more than MaxName bytes
	RuleWindows   Rule = "windows_character" // < > : " | ? *
	RuleEnding    Rule = "windows_ending"    // a space or dot at the end
	RuleDevice    Rule = "windows_device"    // CON, PRN and the like
	RulePath      Rule = "path_length"       // more than MaxPath bytes
	RuleLevels    Rule = "path_levels"       // more than MaxLevels names
)

// An Error says why a name is refused. Its message may be shown to whoever gave
// the name.
type Error struct {
	Rule Rule
	// Char is the refused character and Pos its place among the characters of
	// the name, from 1; Pos is 0 where the rule is not about one character.
	Char rune
	Pos  int

	msg string
}

func (e *Error) Error() string { return e.msg }

func refuse(rule Rule, format string, args ...any) error {
	return &Error{Rule: rule, msg: fmt.Sprintf(format, args...)}
}

func refuseChar(rule Rule, c rune, pos int, why string) error {
	shown := string(c)
	switch {
	case c == ' ':
		shown = "space"
	case isControl(c):
		shown = fmt.Sprintf("U+%04X", c)
	}
	return &Error{Rule: rule, Char: c, Pos: pos, msg: fmt.Sprintf("character %d (%s) %s", pos, shown, why)}
}

// Clean gives the form in which a name is stored, or an *Error. windows adds
// the rules for names that Windows can hold.
func Clean(name string, windows bool) (string, error) {
	if name == "" {
		return "", refuse(RuleEmpty, "a name must not be empty")
	}
	if len(name) > maxRaw {
		return "", tooLong()
	}
	if pos, ok := invalid(name); !ok {
		return "", &Error{Rule: RuleUTF8, Char: utf8.RuneError, Pos: pos,
			msg: fmt.Sprintf("character %d is not valid UTF-8", pos)}
	}
	name = nfc(name)
	if len(name) > MaxName {
		return "", tooLong()
	}
	if name == "." || name == ".." {
		return "", refuse(RuleDots, "%q is not a name", name)
	}
	pos := 0
	for _, c := range name {
		pos++
		switch {
		case c == '/' || c == '\\':
			return "", refuseChar(RuleCharacter, c, pos, "must not be in a name")
		case isControl(c):
			return "", refuseChar(RuleCharacter, c, pos, "is a control character and must not be in a name")
		case windows && c < utf8.RuneSelf && strings.ContainsRune(`<>:"|?*`, c):
			return "", refuseChar(RuleWindows, c, pos, "cannot be in a name on Windows")
		}
	}
	if windows {
		if c := name[len(name)-1]; c == ' ' || c == '.' {
			return "", refuseChar(RuleEnding, rune(c), pos, "cannot end a name on Windows")
		}
		if isDevice(name) {
			return "", refuse(RuleDevice, "%q is the name of a device on Windows", name)
		}
	}
	return name, nil
}

func tooLong() error {
	return refuse(RuleLength, "a name must not be longer than %d bytes", MaxName)
}

// CheckPath refuses a path of too many bytes or levels. bytes counts the names
// and the slashes between them.
func CheckPath(bytes, levels int) error {
	if bytes > MaxPath {
		return refuse(RulePath, "a path must not be longer than %d bytes", MaxPath)
	}
	if levels > MaxLevels {
		return refuse(RuleLevels, "a path must not be deeper than %d levels", MaxLevels)
	}
	return nil
}

// invalid gives the place of the first character that is not valid UTF-8.
func invalid(s string) (pos int, ok bool) {
	if utf8.ValidString(s) {
		return 0, true
	}
	for i := 0; i < len(s); {
		pos++
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return pos, false
		}
		i += n
	}
	return pos, false
}

// isControl says whether c is of the category Cc, which never grows.
func isControl(c rune) bool { return c < 0x20 || c >= 0x7f && c <= 0x9f }

// isDevice says whether Windows takes a name for a device: one of a few names,
// in any case, with any extension, spaces before it not counted.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	base = strings.TrimRight(base, " ")
	if len(base) < 3 || len(base) > 5 {
		return false
	}
	switch word := asciiUpper(base[:3]); word {
	case "CON", "PRN", "AUX", "NUL":
		return len(base) == 3
	case "COM", "LPT":
		switch number := base[3:]; number {
		case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
			return true
		}
	}
	return false
}

func asciiUpper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// Key gives what names are compared and sorted by in a folder. The name is
// valid UTF-8, as Clean gives it; the key may be longer than the name.
func Key(name string) string {
	if k, ok := asciiKey(name); ok {
		return k
	}
	return nfc(fold(nfc(name)))
}

// asciiKey is Key for names of ASCII alone.
func asciiKey(name string) (string, bool) {
	upper := false
	for i := range len(name) {
		c := name[i]
		if c >= utf8.RuneSelf {
			return "", false
		}
		upper = upper || c >= 'A' && c <= 'Z'
	}
	if !upper {
		return name, true
	}
	b := []byte(name)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b), true
}

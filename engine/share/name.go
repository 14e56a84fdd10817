package share

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"scaidrive/engine"
)

// maxName is the longest name, in bytes of its composed form.
const maxName = 255

// checkName gives the composed form of a share's name, or KindInvalid "name".
// Names of shares have no colon, which parts share and path on the command line.
func checkName(_ *engine.Tenant, name string) (string, error) {
	name = norm.NFC.String(name)
	switch {
	case name == "", name == ".", name == "..":
		return "", engine.Invalid("name", "Must not be empty, . or ..")
	case len(name) > maxName, !utf8.ValidString(name):
		return "", engine.Invalid("name", "Must be UTF-8 of at most %d bytes", maxName)
	case strings.ContainsAny(name, `/\:`), strings.ContainsFunc(name, unicode.IsControl):
		return "", engine.Invalid("name", `Must not contain / \ : or control characters`)
	}
	return name, nil
}

func nameKey(name string) []byte { return []byte(strings.ToLower(name)) }

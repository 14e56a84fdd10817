package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/names"
)

// maxEmail is the longest address, in bytes (RFC 5321: 254 between the brackets).
const maxEmail = 254

// FoldEmail gives the form in which an address is unique in the installation:
// without case, by the frozen tables that names of files are compared by. What is no address at all is KindInvalid
// "email": it must be local part, @ and domain, without spaces and controls. More
// is not asked of it; only a mail that arrives shows that it exists.
func FoldEmail(email string) (string, error) {
	local, domain, ok := strings.Cut(email, "@")
	switch {
	case len(email) > maxEmail:
		return "", engine.Invalid("email", "Must have at most %d bytes", maxEmail)
	case !ok, local == "", domain == "", strings.Contains(domain, "@"), !utf8.ValidString(email),
		strings.ContainsFunc(email, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || !unicode.IsPrint(r) }):
		return "", engine.Invalid("email", "Is not an e-mail address")
	}
	return names.Key(email), nil
}

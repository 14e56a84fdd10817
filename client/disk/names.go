package disk

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"scaidrive/client"
)

// Normal is the form in which a name stands on the server: composed (NFC). Disks
// keep other forms, too.
func Normal(name string) string { return norm.NFC.String(name) }

func nameKey(name string) string { return client.NameKey(name) }

// maxBytes is the longest name of most file systems, in bytes of UTF-8.
const maxBytes = 255

// plainRefusal is what no file system of ours takes.
func plainRefusal(name string) string {
	switch {
	case !utf8.ValidString(name):
		return "its name is not UTF-8"
	case len(name) > maxBytes:
		return "its name is longer than 255 bytes"
	case !client.SafeName(name):
		return "its name can't be the name of a file here"
	}
	return ""
}

// WindowsRefusal tells why Windows can't hold a name.
func WindowsRefusal(name string) string {
	if why := plainRefusal(name); why != "" {
		return why
	}
	if i := strings.IndexAny(name, `<>:"|?*\`); i >= 0 {
		return "this system has no names with " + name[i:i+1]
	}
	if strings.HasSuffix(name, " ") || strings.HasSuffix(name, ".") {
		return "this system has no names that end with a space or dot"
	}
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return "its name is reserved on this system"
	}
	if len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")) && '0' <= base[3] && base[3] <= '9' {
		return "its name is reserved on this system"
	}
	return ""
}

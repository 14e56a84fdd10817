package share

import (
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/names"
)

// checkName gives the form in which a share's name is stored, or KindInvalid
// "name". To the rules for names of files comes that there is no colon, which
// parts share and path on the command line.
func checkName(t *engine.Tenant, name string) (string, error) {
	clean, err := names.Clean(name, t.Settings.WindowsCompatibleNames)
	if err != nil {
		return "", engine.Invalid("name", "%s", err)
	}
	if i := strings.IndexByte(clean, ':'); i >= 0 {
		return "", engine.Invalid("name", "character %d (:) must not be in the name of a share", len([]rune(clean[:i]))+1)
	}
	return clean, nil
}

// nameKey is what shares are sorted by.
func nameKey(name string) string { return names.Key(name) }

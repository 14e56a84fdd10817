package tree

import (
	"strings"

	"scaidrive/engine"
)

func checkName(name string, windows bool) (stored string, key []byte, err error) {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") || len(name) > 255 {
		return "", nil, engine.Invalid("name", "bad name")
	}
	if windows && strings.ContainsAny(name, `<>:"|?*`) {
		return "", nil, engine.Invalid("name", "bad name")
	}
	return name, []byte(strings.ToLower(name)), nil
}

func lookupKey(name string) ([]byte, error) { return []byte(strings.ToLower(name)), nil }

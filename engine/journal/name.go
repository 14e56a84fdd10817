package journal

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"scaidrive/engine/names"
	"scaidrive/engine/tree"
)

// maxDeviceName is how much of a device's name stands in the name of a copy, in bytes.
const maxDeviceName = 32

// conflictNames offers the names of a conflict copy:
// "NAME (conflict, DEVICE, 2026-11-22 00-34-02Z).EXT", then " 2" before the
// extension and so on. NAME is cut at a character so that the whole has at most
// the bytes that a name may have.
func conflictNames(name, device string, at time.Time) tree.Names {
	suffix := " (conflict, " + plainDevice(device) + ", " + at.UTC().Format("2006-01-02 15-04-05Z") + ")"
	base, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 32 {
		base, ext = name[:i], name[i:]
	}
	return func(try int) string {
		end := suffix
		if try > 0 {
			end += " " + strconv.Itoa(try+1)
		}
		return cutAt(base, names.MaxName-len(end)-len(ext)) + end + ext
	}
}

// cutAt cuts a text at a character to at most n bytes.
func cutAt(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// plainDevice is a device's name as it can stand in a file's.
func plainDevice(device string) string {
	clean := strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r <= 0x9f || r == utf8.RuneError || strings.ContainsRune(`/\<>:"|?*`, r) {
			return '-'
		}
		return r
	}, device)
	if stored, err := names.Clean(cutAt(clean, maxDeviceName), false); err == nil {
		clean = stored
	}
	if clean = strings.TrimSpace(cutAt(clean, maxDeviceName)); clean == "" {
		return "device"
	}
	return clean
}

package httpd

import (
	"strconv"
	"strings"
)

// A span is a part of a content: length bytes from off.
type span struct{ off, length int64 }

// parseRange reads a Range header (RFC 9110, section 14) against a size.
// ok is false when the header is to be ignored and the whole served: it is
// malformed, of another unit, or asks for several ranges. satisfiable is false
// for one well-formed range beyond the end.
func parseRange(header string, size int64) (s span, ok, satisfiable bool) {
	unit, set, found := strings.Cut(header, "=")
	if !found || !strings.EqualFold(strings.TrimSpace(unit), "bytes") || strings.Contains(set, ",") {
		return span{}, false, true
	}
	first, last, found := strings.Cut(strings.Trim(set, " \t"), "-")
	if !found || (first == "" && last == "") {
		return span{}, false, true
	}
	if first == "" { // the last so many bytes
		n, valid := position(last)
		switch {
		case !valid:
			return span{}, false, true
		case n == 0 || size == 0:
			return span{}, true, false
		}
		n = min(n, size)
		return span{size - n, n}, true, true
	}
	from, valid := position(first)
	if !valid {
		return span{}, false, true
	}
	to := size - 1
	if last != "" {
		n, valid := position(last)
		if !valid || n < from {
			return span{}, false, true
		}
		to = min(n, to)
	}
	if from >= size {
		return span{}, true, false
	}
	return span{from, to - from + 1}, true, true
}

// position reads digits; what is over int64 is as far as one can go.
func position(s string) (int64, bool) {
	if !allDigits([]byte(s)) {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 1<<63 - 1, true
	}
	return n, true
}

// etagListed reports whether a list of entity tags (If-Match, If-None-Match)
// names tag, in its quotes. weak compares weakly.
func etagListed(header, tag string, weak bool) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.Trim(part, " \t")
		if part == "*" {
			return true
		}
		if rest, isWeak := strings.CutPrefix(part, "W/"); isWeak {
			if !weak {
				continue
			}
			part = rest
		}
		if part == tag {
			return true
		}
	}
	return false
}

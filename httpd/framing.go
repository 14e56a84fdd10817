package httpd

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// checkFraming looks at the header lines of a request as they came (without the
// request line) for what two parsers may read differently, and says what is
// wrong, or "". Where the message ends the gate has found out before; here it
// is about names, values, and fields that may stand only once.
func checkFraming(raw []byte) string {
	var seen [len(single)]bool
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, '\n')
		if end < 1 || raw[end-1] != '\r' {
			return "The request's head is not complete"
		}
		line := raw[:end-1]
		if raw = raw[end+1:]; len(line) == 0 {
			break
		}
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			return "A header line has no colon"
		}
		name, value := line[:colon], line[colon+1:]
		if !isToken(name) {
			return "The name of a header holds a character that it must not"
		}
		value = bytes.Trim(value, " \t")
		if holdsControl(value) {
			return "A header holds a control character"
		}
		for i, s := range single {
			if len(name) != len(s) || !bytes.EqualFold(name, []byte(s)) {
				continue
			}
			if seen[i] {
				return s + " stands twice"
			}
			seen[i] = true
		}
		if bytes.EqualFold(name, []byte("Host")) && !isHost(value) {
			return "Host is not an address"
		}
	}
	return ""
}

// holdsControl reports whether b holds a control character other than a tab.
func holdsControl(b []byte) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	// Eight at a time, for tokens are long: below the space a subtraction borrows,
	// and what is DEL becomes zero. It may suspect a word without reason, which is
	// looked at again.
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		del := x ^ 0x7f*each
		if ((x-' '*each)&^x|(del-each)&^del)&high != 0 && anyControl(b[:8]) {
			return true
		}
	}
	return anyControl(b)
}

func anyControl(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// single are fields of which a second one would be read by some and not by others.
var single = [...]string{"Host", "Content-Length", "Transfer-Encoding", "Content-Type", "Content-Encoding", "Authorization", "Expect", "Range"}

// inToken and inHost mark the bytes that tokens and hosts have.
var inToken, inHost = marks("!#$%&'*+-.^_`|~"), marks(".-_:[]%~")

// marks marks letters, digits and some more.
func marks(more string) (m [256]bool) {
	for c := range m {
		m[c] = isAlnum(byte(c)) || strings.IndexByte(more, byte(c)) >= 0
	}
	return m
}

// isToken reports whether b is a token as HTTP has it.
func isToken(b []byte) bool {
	for _, c := range b {
		if !inToken[c] {
			return false
		}
	}
	return len(b) > 0
}

// isHost reports whether b can be a host with or without a port.
func isHost(b []byte) bool {
	for _, c := range b {
		if !inHost[c] {
			return false
		}
	}
	return len(b) <= 255
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// hasToken reports whether a comma-separated header value holds a token.
func hasToken(value []byte, token string) bool {
	for part := range bytes.SplitSeq(value, []byte(",")) {
		if bytes.EqualFold(bytes.Trim(part, " \t"), []byte(token)) {
			return true
		}
	}
	return false
}

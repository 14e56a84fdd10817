package httpd

import "bytes"

// checkFraming looks at the header lines of a request as they came (without the
// request line) for what two parsers may read differently, and says what is
// wrong, or "". The server's HTTP library refuses some of it itself (two
// Content-Length, unknown transfer codings, a space before the colon); what it
// lets pass and we do not: a length beside a transfer coding, any transfer
// coding but "chunked", folded lines, and lines that end in a bare LF or hold a
// bare CR.
func checkFraming(raw []byte) string {
	var length, coding bool
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '\n')
		if i < 0 {
			return "The request's head is not complete"
		}
		line := raw[:i]
		raw = raw[i+1:]
		if len(line) == 0 || line[len(line)-1] != '\r' {
			return "A header line does not end in CR LF"
		}
		line = line[:len(line)-1]
		if len(line) == 0 {
			break
		}
		if bytes.IndexByte(line, '\r') >= 0 {
			return "A header line holds a CR"
		}
		if line[0] == ' ' || line[0] == '\t' {
			return "A header line is folded"
		}
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			return "A header line has no colon"
		}
		name, value := line[:colon], bytes.Trim(line[colon+1:], " \t")
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length {
				return "Content-Length stands twice"
			}
			length = true
			if !allDigits(value) {
				return "Content-Length is not a number"
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			if coding {
				return "Transfer-Encoding stands twice"
			}
			coding = true
			if !bytes.EqualFold(value, []byte("chunked")) {
				return "Transfer-Encoding is not understood"
			}
		}
	}
	if length && coding {
		return "Content-Length and Transfer-Encoding stand side by side"
	}
	return ""
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

package httpd

import (
	"bytes"
	"strconv"
	"strings"
)

// Limits of the framing of a request, in bytes.
const (
	maxSizeLine   = 256      // the line before a chunk, with its extensions
	maxChunkWaste = 16 << 10 // such lines in all, beyond what the chunks themselves excuse
	maxTrailer    = 8 << 10  // the fields behind a chunked body
	maxSizeDigits = 15       // of a chunk's size
	maxLenDigits  = 18       // of a Content-Length
)

// A gate follows the bytes that a peer sends and lets them through one message
// at a time: it ends each portion where a head ends and where a body ends. It
// stands before the HTTP library, whose reader is generous (a line may end in a
// bare LF, a chunk's extensions are as long as anybody likes, fields behind a
// body become fields of the head), and knows by itself where a message ends, so
// that the library cannot find another end. What two parsers could read
// differently does not pass. An empty line before a head and fields behind a body
// are looked at and left out.
//
// What the fields of a head say beyond its framing is not looked at here (see
// checkFraming), nor how long a head is (the library's buffer bounds it).
//
// The zero gate stands before a head. After an error it lets nothing through.
type gate struct {
	state gateState
	err   error

	line  [80]byte // how the current line begins
	n     int      // its length so far
	cr    bool     // it ends in CR so far
	blank bool     // an empty line stood before the head
	begun bool     // the request line is over

	length, coding bool  // the head has a Content-Length, a Transfer-Encoding
	left           int64 // of the body or chunk
	waste          int   // chunk lines that no chunk has excused
	trailer        int   // bytes of fields behind the body
	skip           bool  // the current line is left out
}

type gateState uint8

const (
	inHead     gateState = iota
	inFixed              // a body of known length
	inSize               // a line before a chunk
	inChunk              // a chunk
	inChunkEnd           // the CR LF behind it
	inTrailer            // the lines behind the last chunk
)

// pass looks at the next bytes. used of them are dealt with, and the first out
// of p (which may have moved) are let through. Where used is below len(p), a
// head or body ended, and the rest is for the next pass. After an error nothing
// of p may be let through.
func (g *gate) pass(p []byte) (out, used int, err error) {
	if g.err != nil {
		return 0, 0, g.err
	}
	for used < len(p) {
		begin := used
		keep, end := true, false
		switch g.state {
		case inFixed, inChunk:
			n := min(g.left, int64(len(p)-used))
			used += int(n)
			if g.left -= n; g.left == 0 {
				end = g.state == inFixed
				g.enter(inChunkEnd)
				if end {
					*g = gate{}
				}
			}
		default:
			n := bytes.IndexByte(p[used:], '\n') + 1
			if n == 0 {
				n = len(p) - used
			}
			if g.n == 0 {
				g.skip = g.state == inTrailer && p[used] != '\r' || g.state == inHead && !g.begun && p[used] == '\r'
			}
			keep = !g.skip
			used += n
			if end, g.err = g.follow(p[begin:used]); g.err != nil {
				return 0, 0, g.err
			}
		}
		if keep {
			out += copy(p[out:], p[begin:used])
		}
		if end {
			break
		}
	}
	return out, used, nil
}

func (g *gate) enter(s gateState) { g.state, g.n, g.cr = s, 0, false }

func broken(detail string) error {
	f := fail(400, detail)
	f.close = true
	return f
}

// follow takes a piece of a line, which may hold its end, and reports whether
// the message, or its head, is over.
func (g *gate) follow(piece []byte) (end bool, err error) {
	full := piece[len(piece)-1] == '\n'
	body := piece
	if full {
		body = piece[:len(piece)-1]
	}
	switch i := bytes.IndexByte(body, '\r'); {
	case g.cr && len(body) > 0, i >= 0 && i < len(body)-1:
		return false, broken("A line of the request holds a CR")
	case full && i < 0 && !g.cr:
		return false, broken("A line of the request does not end in CR LF")
	default:
		g.cr = g.cr || i >= 0
	}
	if g.n < len(g.line) {
		copy(g.line[g.n:], piece)
	}
	g.n += len(piece)
	switch {
	case g.state == inSize && g.n > maxSizeLine:
		return false, broken("The line before a chunk is too long")
	case g.state == inChunkEnd && g.n > 2:
		return false, broken("A chunk of the body does not end where it should")
	case g.state == inTrailer:
		if g.trailer += len(piece); g.trailer > maxTrailer {
			return false, broken("The fields behind the body are too long")
		}
	}
	if !full {
		return false, nil
	}
	line, whole := g.line[:min(g.n, len(g.line))], g.n <= len(g.line)
	if whole {
		line = line[:g.n-2]
	}
	switch g.state {
	case inHead:
		return g.headLine(line, whole)
	case inSize:
		return false, g.sizeLine(line)
	case inChunkEnd:
		g.enter(inSize)
		return false, nil
	}
	return g.trailerLine(line)
}

// headLine takes a line of a head; whole: all of it.
func (g *gate) headLine(line []byte, whole bool) (end bool, err error) {
	defer func() { g.n, g.cr = 0, false }()
	switch {
	case !g.begun && len(line) == 0:
		if g.blank {
			return false, broken("Empty lines stand before the request")
		}
		g.blank = true
		return false, nil
	case !g.begun:
		g.begun = true
		return false, nil
	case len(line) == 0:
		return true, g.headEnd()
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	name = bytes.Trim(name, " \t")
	if len(name) != len("content-length") && len(name) != len("transfer-encoding") {
		return false, nil
	}
	value = bytes.Trim(value, " \t")
	switch strings.ToLower(string(name)) {
	case "content-length":
		if g.length {
			return false, broken("Content-Length stands twice")
		}
		g.length = true
		if !whole || !allDigits(value) || len(value) > maxLenDigits {
			return false, broken("Content-Length is not a number")
		}
		g.left, _ = strconv.ParseInt(string(value), 10, 64) // so many digits fit
	case "transfer-encoding":
		if g.coding {
			return false, broken("Transfer-Encoding stands twice")
		}
		g.coding = true
		if !whole || !bytes.EqualFold(value, []byte("chunked")) {
			return false, broken("Transfer-Encoding is not understood")
		}
	}
	return false, nil
}

// headEnd goes on with the body, or with the next head.
func (g *gate) headEnd() error {
	left := g.left
	switch {
	case g.length && g.coding:
		return broken("Content-Length and Transfer-Encoding stand side by side")
	case g.coding:
		*g = gate{state: inSize}
	case left > 0:
		*g = gate{state: inFixed, left: left}
	default:
		*g = gate{}
	}
	return nil
}

// sizeLine takes the line before a chunk.
func (g *gate) sizeLine(line []byte) error {
	size, extension, extended := bytes.Cut(line, []byte(";"))
	if len(size) == 0 || len(size) > maxSizeDigits {
		return broken("The size of a chunk is not a number")
	}
	var n int64
	for _, c := range size {
		d := strings.IndexByte("0123456789abcdef", c|0x20)
		if d < 0 || c < '0' {
			return broken("The size of a chunk is not a number")
		}
		n = n<<4 | int64(d)
	}
	for _, c := range extension {
		if c < ' ' && c != '\t' || c == 0x7f {
			return broken("The extension of a chunk holds a control character")
		}
	}
	if extended && len(bytes.Trim(extension, " \t")) == 0 {
		return broken("The extension of a chunk is empty")
	}
	// Who sends hardly anything but such lines means no body.
	g.waste = max(0, g.waste+g.n-16-int(min(n, 1<<20)))
	if g.waste > maxChunkWaste {
		return broken("The body consists of chunk extensions")
	}
	g.left = n
	if n == 0 {
		g.trailer = 0
		g.enter(inTrailer)
		return nil
	}
	g.enter(inChunk)
	return nil
}

// Fields that decide where a message goes, where it ends, or who sent it have no
// business behind its body.
var notBehind = [...]string{
	"authorization", "connection", "content-encoding", "content-length", "content-range", "content-type", "cookie",
	"expect", "host", "if-match", "if-none-match", "range", "te", "trailer", "transfer-encoding", "upgrade",
}

// trailerLine takes a line behind the last chunk.
func (g *gate) trailerLine(line []byte) (end bool, err error) {
	if len(line) == 0 {
		*g = gate{}
		return true, nil
	}
	name, _, ok := bytes.Cut(line, []byte(":"))
	if !ok || !isToken(name) {
		return false, broken("A field behind the body is broken")
	}
	for _, s := range notBehind {
		if strings.EqualFold(string(name), s) {
			return false, broken("The field " + s + " must not stand behind the body")
		}
	}
	g.n, g.cr = 0, false
	return false, nil
}

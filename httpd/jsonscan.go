package httpd

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// The bounds of a JSON body beside its length.
const (
	maxNesting = 32
	maxList    = 10_000 // elements of a list, members of an object
)

// A syntaxError ends the reading of a JSON text.
type syntaxError struct {
	at  int // bytes from the start
	msg string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.msg, e.at) }

// A scanner reads one JSON text (RFC 8259) strictly: valid UTF-8, no lone
// surrogates, no member twice, no trailing text, bounded nesting and lists.
type scanner struct {
	b     []byte
	i     int
	depth int
}

func (s *scanner) fail(format string, args ...any) error {
	return &syntaxError{at: s.i, msg: fmt.Sprintf(format, args...)}
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\r', '\n':
			s.i++
		default:
			return
		}
	}
}

// peek gives the first byte of the next value or sign, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.i >= len(s.b) {
		return 0
	}
	return s.b[s.i]
}

// take consumes the byte c, which must come next.
func (s *scanner) take(c byte) error {
	if got := s.peek(); got != c {
		if got == 0 && s.i >= len(s.b) {
			return s.fail("the text ends where %q should stand", c)
		}
		return s.fail("%q stands where %q should", rune(got), c)
	}
	s.i++
	return nil
}

// end checks that nothing follows.
func (s *scanner) end() error {
	if s.peek(); s.i < len(s.b) {
		return s.fail("something follows the value")
	}
	return nil
}

// enter and leave keep count of the nesting.
func (s *scanner) enter(open byte) error {
	if err := s.take(open); err != nil {
		return err
	}
	if s.depth++; s.depth > maxNesting {
		return s.fail("nested deeper than %d", maxNesting)
	}
	return nil
}

func (s *scanner) leave() { s.depth-- }

// object reads an object and calls member with each name; member must read the
// value. Names that come twice are refused.
func (s *scanner) object(member func(name string) error) error {
	if err := s.enter('{'); err != nil {
		return err
	}
	defer s.leave()
	if s.peek() == '}' {
		s.i++
		return nil
	}
	var few [16]string
	names := few[:0]
	var many map[string]struct{}
	for n := 1; ; n++ {
		if n > maxList {
			return s.fail("more than %d members in an object", maxList)
		}
		if s.peek() != '"' {
			return s.fail("the name of a member should stand here")
		}
		name, err := s.str()
		if err != nil {
			return err
		}
		twice := false
		if many == nil && len(names) < cap(names) {
			for _, have := range names {
				twice = twice || have == name
			}
			names = append(names, name)
		} else {
			if many == nil {
				many = make(map[string]struct{}, 2*len(names))
				for _, have := range names {
					many[have] = struct{}{}
				}
			}
			_, twice = many[name]
			many[name] = struct{}{}
		}
		if twice {
			return s.fail("the member %q stands twice", name)
		}
		if err := s.take(':'); err != nil {
			return err
		}
		if err := member(name); err != nil {
			return err
		}
		if s.peek() == ',' {
			s.i++
			continue
		}
		return s.take('}')
	}
}

// list reads a list of at most limit elements and calls element with each index.
func (s *scanner) list(limit int, element func(i int) error) error {
	if err := s.enter('['); err != nil {
		return err
	}
	defer s.leave()
	if s.peek() == ']' {
		s.i++
		return nil
	}
	for n := 0; ; n++ {
		if n >= limit {
			return s.fail("more than %d elements in a list", limit)
		}
		if err := element(n); err != nil {
			return err
		}
		if s.peek() == ',' {
			s.i++
			continue
		}
		return s.take(']')
	}
}

// str reads a string.
func (s *scanner) str() (string, error) {
	if err := s.take('"'); err != nil {
		return "", err
	}
	start := s.i
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			raw := s.b[start:s.i]
			if !utf8.Valid(raw) {
				s.i = start
				return "", s.fail("a string is not valid UTF-8")
			}
			s.i++
			return string(raw), nil
		case c == '\\':
			return s.escaped(start)
		case c < 0x20:
			return "", s.fail("a control character stands in a string")
		}
		s.i++
	}
	return "", s.fail("a string does not end")
}

// escaped reads on from the first backslash of a string that began at start.
func (s *scanner) escaped(start int) (string, error) {
	out := append([]byte(nil), s.b[start:s.i]...)
	for s.i < len(s.b) {
		c := s.b[s.i]
		switch {
		case c == '"':
			if !utf8.Valid(out) {
				s.i = start
				return "", s.fail("a string is not valid UTF-8")
			}
			s.i++
			return string(out), nil
		case c < 0x20:
			return "", s.fail("a control character stands in a string")
		case c != '\\':
			out = append(out, c)
			s.i++
			continue
		}
		if s.i+1 >= len(s.b) {
			break
		}
		s.i += 2
		switch e := s.b[s.i-1]; e {
		case '"', '\\', '/':
			out = append(out, e)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, err := s.unicode()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
		default:
			return "", s.fail("%q is not an escape", "\\"+string(rune(e)))
		}
	}
	return "", s.fail("a string does not end")
}

// unicode reads what follows "\u", and the second half of a surrogate pair.
func (s *scanner) unicode() (rune, error) {
	r, err := s.hex4()
	if err != nil {
		return 0, err
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if s.i+1 < len(s.b) && s.b[s.i] == '\\' && s.b[s.i+1] == 'u' {
		s.i += 2
		low, err := s.hex4()
		if err != nil {
			return 0, err
		}
		if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
			return full, nil
		}
	}
	return 0, s.fail("half of a surrogate pair stands alone")
}

func (s *scanner) hex4() (rune, error) {
	if s.i+4 > len(s.b) {
		return 0, s.fail("an escape does not end")
	}
	v, err := strconv.ParseUint(string(s.b[s.i:s.i+4]), 16, 16)
	if err != nil {
		return 0, s.fail("an escape is not four hex digits")
	}
	s.i += 4
	return rune(v), nil
}

// number reads a number and gives its text.
func (s *scanner) number() (string, error) {
	s.space()
	start := s.i
	digits := func() bool {
		from := s.i
		for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
			s.i++
		}
		return s.i > from
	}
	if s.i < len(s.b) && s.b[s.i] == '-' {
		s.i++
	}
	zero := s.i < len(s.b) && s.b[s.i] == '0'
	first := s.i
	if !digits() || (zero && s.i-first > 1) {
		return "", s.fail("a number is not well formed")
	}
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		if !digits() {
			return "", s.fail("a number is not well formed")
		}
	}
	if s.i < len(s.b) && (s.b[s.i] == 'e' || s.b[s.i] == 'E') {
		s.i++
		if s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		if !digits() {
			return "", s.fail("a number is not well formed")
		}
	}
	return string(s.b[start:s.i]), nil
}

// word reads one of the words true, false, null.
func (s *scanner) word(w string) error {
	s.space()
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		return s.fail("a value should stand here")
	}
	s.i += len(w)
	return nil
}

// skip reads any value and forgets it.
func (s *scanner) skip() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(func(string) error { return s.skip() })
	case c == '[':
		return s.list(maxList, func(int) error { return s.skip() })
	case c == '"':
		_, err := s.str()
		return err
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	case c == '-' || (c >= '0' && c <= '9'):
		_, err := s.number()
		return err
	}
	return s.fail("a value should stand here")
}

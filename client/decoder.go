package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"scaidrive/httpd/wire"
)

// errAnswer: an answer that is no JSON, or not of the form that is documented.
var errAnswer = errors.New("the answer cannot be read")

// A decoder reads answers that are mostly entries: pages of trees, and what a batch of
// changes has done. The entry that it gives is its own, and the next one overwrites it.
type decoder struct {
	b     []byte
	i     int
	depth int

	e     wire.Entry
	id    string
	size  int64
	sum   wire.Hash
	attrs wire.Attributes
}

// maxNesting bounds the depth of values that are passed over.
const maxNesting = 64

// peek gives the next byte that is not white space, 0 at the end.
func (d *decoder) peek() byte {
	for ; d.i < len(d.b); d.i++ {
		switch c := d.b[d.i]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (d *decoder) take(c byte) error {
	if d.peek() != c {
		return fmt.Errorf("%w: %q expected at byte %d", errAnswer, c, d.i)
	}
	d.i++
	return nil
}

// list reads open, items parted by commas, and shut.
func (d *decoder) list(open, shut byte, item func() error) error {
	if err := d.take(open); err != nil {
		return err
	}
	if d.depth++; d.depth > maxNesting {
		return errAnswer
	}
	defer func() { d.depth-- }()
	if d.peek() == shut {
		d.i++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if d.peek() == shut {
			d.i++
			return nil
		}
		if err := d.take(','); err != nil {
			return err
		}
	}
}

func (d *decoder) object(field func(key string) error) error {
	return d.list('{', '}', func() error {
		raw, plain, err := d.quoted()
		if err != nil {
			return err
		}
		if err := d.take(':'); err != nil {
			return err
		}
		key := string(raw)
		if !plain {
			if key, err = unquote(raw); err != nil {
				return err
			}
		}
		return field(key)
	})
}

func (d *decoder) array(item func() error) error { return d.list('[', ']', item) }

// quoted reads a string; plain: its bytes are its text.
func (d *decoder) quoted() (raw []byte, plain bool, err error) {
	if err := d.take('"'); err != nil {
		return nil, false, err
	}
	from := d.i
	plain = true
	for ; d.i < len(d.b); d.i++ {
		switch c := d.b[d.i]; {
		case c == '"':
			d.i++
			return d.b[from : d.i-1], plain, nil
		case c == '\\':
			plain = false
			d.i++
		case c < 0x20:
			return nil, false, errAnswer
		}
	}
	return nil, false, errAnswer
}

// unquote turns escapes into text, by encoding/json.
func unquote(raw []byte) (string, error) {
	var s string
	b := make([]byte, 0, len(raw)+2)
	b = append(append(append(b, '"'), raw...), '"')
	if err := json.Unmarshal(b, &s); err != nil {
		return "", errAnswer
	}
	return s, nil
}

// null passes over a null.
func (d *decoder) null() bool {
	if d.peek() == 'n' && bytes.HasPrefix(d.b[d.i:], []byte("null")) {
		d.i += 4
		return true
	}
	return false
}

func (d *decoder) text(into *string) error {
	if d.null() {
		return nil
	}
	raw, plain, err := d.quoted()
	if err != nil {
		return err
	}
	if !plain {
		*into, err = unquote(raw)
		return err
	}
	s := string(raw)
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	*into = s
	return nil
}

func (d *decoder) number() (int64, error) {
	d.peek()
	from := d.i
	for d.i < len(d.b) && (d.b[d.i] == '-' || ('0' <= d.b[d.i] && d.b[d.i] <= '9')) {
		d.i++
	}
	n, err := strconv.ParseInt(string(d.b[from:d.i]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: a whole number expected at byte %d", errAnswer, from)
	}
	return n, nil
}

func (d *decoder) boolean(into *bool) error {
	switch {
	case d.null():
	case d.peek() == 't' && bytes.HasPrefix(d.b[d.i:], []byte("true")):
		d.i += 4
		*into = true
	case d.peek() == 'f' && bytes.HasPrefix(d.b[d.i:], []byte("false")):
		d.i += 5
		*into = false
	default:
		return errAnswer
	}
	return nil
}

// skip passes over a value of any kind.
func (d *decoder) skip() error {
	switch c := d.peek(); c {
	case '{':
		return d.object(func(string) error { return d.skip() })
	case '[':
		return d.array(d.skip)
	case '"':
		_, _, err := d.quoted()
		return err
	case 0:
		return errAnswer
	}
	from := d.i
	for d.i < len(d.b) && !strings.ContainsRune(" \t\r\n,]}:", rune(d.b[d.i])) {
		d.i++
	}
	if !json.Valid(d.b[from:d.i]) {
		return errAnswer
	}
	return nil
}

func (d *decoder) entry(each func(*wire.Entry) error) error {
	if d.null() {
		return errAnswer
	}
	d.e = wire.Entry{}
	if err := d.object(d.field); err != nil {
		return err
	}
	return each(&d.e)
}

func (d *decoder) field(key string) error {
	e := &d.e
	switch key {
	case "resource_type":
		return d.kind(&e.ResourceType)
	case "id":
		return d.text(&e.ID)
	case "parent_id":
		if d.null() {
			e.ParentID = nil
			return nil
		}
		e.ParentID = &d.id
		return d.text(&d.id)
	case "name":
		return d.text(&e.Name)
	case "version":
		if d.null() {
			return nil
		}
		n, err := d.number()
		if err == nil && n < 0 {
			err = errAnswer
		}
		e.Version = uint64(n)
		return err
	case "version_id":
		return d.text(&e.VersionID)
	case "size":
		if d.null() {
			return nil
		}
		n, err := d.number()
		d.size, e.Size = n, &d.size
		return err
	case "checksum_sha256":
		if d.null() {
			return nil
		}
		raw, _, err := d.quoted()
		if err != nil {
			return err
		}
		e.ChecksumSHA256 = &d.sum
		return d.sum.UnmarshalText(raw)
	case "modified_at":
		return d.time(&e.ModifiedAt)
	case "attributes":
		return d.attributes()
	case "bare":
		return d.boolean(&e.Bare)
	case "path":
		return d.text(&e.Path)
	}
	return d.skip()
}

// kind is text without an allocation for the two kinds there are.
func (d *decoder) kind(into *string) error {
	rest := d.b[min(d.i, len(d.b)):]
	for _, k := range [...]string{wire.TypeFile, wire.TypeFolder} {
		if n := len(k); len(rest) > n+1 && rest[0] == '"' && rest[n+1] == '"' && string(rest[1:n+1]) == k {
			d.i += n + 2
			*into = k
			return nil
		}
	}
	return d.text(into)
}

func (d *decoder) attributes() error {
	if d.null() {
		return nil
	}
	d.attrs = wire.Attributes{}
	d.e.Attributes = &d.attrs
	return d.object(func(key string) error {
		if key == "executable" {
			return d.boolean(&d.attrs.Executable)
		}
		return d.skip()
	})
}

func (d *decoder) time(into *wire.Time) error {
	if d.null() {
		return nil
	}
	raw, plain, err := d.quoted()
	if err != nil {
		return err
	}
	if t, ok := plainTime(raw); ok && plain {
		into.Time = t
		return nil
	}
	return into.UnmarshalText(raw)
}

// plainTime reads 2026-11-22T00:34:02Z and 2026-11-22T00:34:02.123Z.
func plainTime(b []byte) (time.Time, bool) {
	const form = "0000-00-00T00:00:00.000Z"
	if len(b) != len(form) && len(b) != len("0000-00-00T00:00:00Z") {
		return time.Time{}, false
	}
	var f [7]int
	k := 0
	for i, c := range b {
		switch want := form[i]; {
		case i == len(b)-1:
			if c != 'Z' {
				return time.Time{}, false
			}
		case want == '0':
			if c < '0' || c > '9' {
				return time.Time{}, false
			}
			f[k] = f[k]*10 + int(c-'0')
		case c != want:
			return time.Time{}, false
		default:
			k++
		}
	}
	t := time.Date(f[0], time.Month(f[1]), f[2], f[3], f[4], f[5], f[6]*1e6, time.UTC)
	// What time.Date would have carried over (the 31st of February) is no time.
	same := t.Year() == f[0] && int(t.Month()) == f[1] && t.Day() == f[2] && t.Hour() == f[3] && t.Minute() == f[4] && t.Second() == f[5]
	return t, same && f[0] > 0
}

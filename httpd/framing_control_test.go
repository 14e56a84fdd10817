package httpd

import (
	"bytes"
	"testing"
)

// Every byte at every place of values of many lengths.
func TestControlCharactersAreFound(t *testing.T) {
	for n := range 20 {
		value := bytes.Repeat([]byte("z"), n)
		if holdsControl(value) {
			t.Fatalf("found in %q", value)
		}
		for at := range n {
			for c := range 256 {
				value[at] = byte(c)
				if want := c < ' ' && c != '\t' || c == 0x7f; holdsControl(value) != want {
					t.Fatalf("%q: found %v", value, !want)
				}
			}
			value[at] = "\xff\t\x80 "[at%4]
		}
	}
}

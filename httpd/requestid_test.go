package httpd

import (
	"bytes"
	"testing"
	"time"

	"scaidrive/engine"
)

// The requests of a connection have identifiers of their own, each of its moment, made
// out of one that the connection was given.
func TestRequestIDs(t *testing.T) {
	var ids requestIDs
	given := engine.ID{0: 1, 6: 7, 14: 0xff, 15: 0xfe}
	asked := 0
	first := func() engine.ID { asked++; return given }
	at := time.UnixMilli(0x0123456789ab)
	seen := map[engine.ID]bool{}
	for i := range 1000 {
		id := ids.next(at, first)
		switch {
		case i == 0 && id != given:
			t.Fatalf("the first is %x", id)
		case i > 0 && !bytes.Equal(id[:7], []byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 7}):
			t.Fatalf("the time is not that of the request: %x", id)
		case seen[id]:
			t.Fatalf("%x came before", id)
		}
		seen[id] = true
	}
	if asked != 1 {
		t.Errorf("%d identifiers were asked for", asked)
	}
}

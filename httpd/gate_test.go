package httpd

import (
	"strings"
	"testing"
)

// portions feeds a gate pieces of the given lengths, over and over, and gives
// what it lets through: a portion a head or body, and the error that ended it.
func portions(in []byte, cuts ...int) (all []string, err error) {
	var g gate
	var b strings.Builder
	for i := 0; len(in) > 0; i++ {
		p := append([]byte(nil), in[:min(max(1, cuts[i%len(cuts)]), len(in))]...)
		out, used, err := g.pass(p)
		if err != nil {
			return append(all, b.String()), err
		}
		b.Write(p[:out])
		in = in[used:]
		if used == 0 {
			return all, nil
		}
		// A head ends where a body or the next head begins.
		if g == (gate{}) || g == (gate{state: inSize}) || used < len(p) {
			all = append(all, b.String())
			b.Reset()
		}
	}
	return append(all, b.String()), nil
}

func FuzzGate(f *testing.F) {
	for _, c := range brokenFramings {
		if len(c.raw) < 2000 {
			f.Add([]byte(c.raw), 1, 7)
		}
	}
	f.Add([]byte("\r\n"+inChunks("5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n")+length("5")+"GET / HTTP/1.1\r\n\r\n"), 3, 2)
	f.Fuzz(func(t *testing.T, in []byte, a, b int) {
		want, wrong := portions(in, len(in))
		for _, cuts := range [][]int{{1}, {a%50 + 1, b%50 + 1}, {2, 3}} {
			got, err := portions(in, cuts...)
			if (err == nil) != (wrong == nil) || strings.Join(got, "") != strings.Join(want, "") && err == nil {
				t.Fatalf("cut by %v:\n%q %v\nwhole:\n%q %v", cuts, got, err, want, wrong)
			}
			if err != nil && err.Error() != wrong.Error() && len(in) < 256 {
				t.Logf("%q: %v, cut by %v: %v", in, wrong, cuts, err) // both refuse; which line is named may differ
			}
		}
	})
}

// TestGateEndsWhereMessagesEnd: what is let through at once never spans a head
// and a body, or two messages.
func TestGateEndsWhereMessagesEnd(t *testing.T) {
	get := "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
	head, coded := "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
	in := get + head + "hello" + coded + "5\r\nhello\r\n0\r\nX: y\r\nZ: a\r\n\r\n" + get + coded + "0\r\n\r\n\r\n" + get
	want := []string{get, head, "hello", coded, "5\r\nhello\r\n0\r\n\r\n", get, coded, "0\r\n\r\n", get}
	var g gate
	var got []string
	for p := []byte(in); len(p) > 0; {
		q := append([]byte(nil), p...)
		out, used, err := g.pass(q)
		if err != nil {
			t.Fatal(err)
		}
		got, p = append(got, string(q[:out])), p[used:]
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

package main

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGrammarOfOneCommand holds the grammar of one command, which is built when
// its name comes first, against the grammar of all.
func TestGrammarOfOneCommand(t *testing.T) {
	all := reflect.TypeFor[commands]()
	for i := range all.NumField() {
		name := all.Field(i).Tag.Get("name")
		if name == "" {
			name = strings.ToLower(all.Field(i).Name)
		}
		for _, then := range []string{"--help", "--no-such-flag"} {
			show := func(args ...string) string {
				var out, errs bytes.Buffer
				code := run(args, os.Stdin, &out, &errs)
				return out.String() + errs.String() + string(rune('0'+code))
			}
			if diff := cmp.Diff(show("--quiet", name, then), show(name, then)); diff != "" {
				t.Errorf("%s %s (-all +one):\n%s", name, then, diff)
			}
		}
		var c cli
		if one, _ := c.grammar([]string{name}); one != any(&c.flags) {
			t.Errorf("%s has the grammar of all commands", name)
		}
	}
}

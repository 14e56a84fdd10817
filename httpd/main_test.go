package httpd

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"scaidrive/engine/preview"
)

// elsewhere are operations whose success is shown in another way.
var elsewhere = map[string]string{
	"openSyncSocket":     "succeeds with 101 and is no HTTP from then on: api_sockets_test.go",
	"openRealtimeSocket": "as the other",
}

// TestMain adds to a whole run that every other route was answered with success in a
// test that holds answers against the document: a route without a scenario is not
// known to be as documented.
//
// The test binary is also the child that makes pictures.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == preview.Command {
		os.Exit(preview.RunChild(os.Stdin, os.Stdout, os.Args[2:]))
	}
	code := m.Run()
	if code == 0 && wholeRun() {
		c, err := documented()
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		for _, rt := range routes() {
			if !c.Shown(rt.op.Name) && elsewhere[rt.op.Name] == "" {
				fmt.Printf("no API test has shown %s %s (%s) to succeed as documented; see api_test.go\n", rt.method, rt.path, rt.op.Name)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// wholeRun reports whether no flag of the test leaves tests out.
func wholeRun() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return !testing.Short()
}

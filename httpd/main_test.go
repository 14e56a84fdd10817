package httpd

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// elsewhere are operations whose success is shown in another way.
var elsewhere = map[string]string{
	"getPreview":         "needs the built binary as a child process: test/previews_test.go",
	"openSyncSocket":     "succeeds with 101 and is no HTTP from then on: api_sockets_test.go",
	"openRealtimeSocket": "as the other",
}

// TestMain adds to a whole run that every other route was answered with success in a
// test that holds answers against the document: a route without a scenario is not
// known to be as documented.
func TestMain(m *testing.M) {
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

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"scaidrive/client/clienttest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"scaidrive": main})
}

// TestClient runs the scripts of testdata/script, each against a server of its
// own at $SERVER that knows $EMAIL and $PASSWORD and has a share Work.
func TestClient(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			srv := clienttest.New(env.T().(testing.TB))
			env.Setenv("SERVER", srv.URL)
			env.Setenv("EMAIL", clienttest.Email)
			env.Setenv("PASSWORD", clienttest.Password)
			env.Setenv("WORK", srv.AddShare("Work"))
			env.Setenv("TWIN1", srv.AddShare("Twin"))
			env.Setenv("TWIN2", srv.AddShare("Twin"))
			env.Setenv("HOME", env.WorkDir+"/home")
			env.Setenv("XDG_CONFIG_HOME", env.WorkDir+"/conf")
			env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
			env.Values["server"] = srv
			return os.MkdirAll(filepath.Join(env.WorkDir, "home"), 0o777)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":   code,
			"token":  token,
			"sent":   sent,
			"expire": func(ts *testscript.TestScript, _ bool, _ []string) { server(ts).Expire() },
			"mode":   mode,
		},
	})
}

func server(ts *testscript.TestScript) *clienttest.Server {
	return ts.Value("server").(*clienttest.Server)
}

// code N scaidrive ARGS...: the command ends with exactly N.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N scaidrive ARGS...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		m := regexp.MustCompile(`exit status (\d+)`).FindStringSubmatch(err.Error())
		if m == nil {
			ts.Fatalf("%v", err)
		}
		got = m[1]
	}
	if got != args[0] {
		ts.Fatalf("%s ended with %s, not %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// token sets SCAIDRIVE_URL and SCAIDRIVE_TOKEN.
func token(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Setenv("SCAIDRIVE_URL", server(ts).URL)
	ts.Setenv("SCAIDRIVE_TOKEN", server(ts).SignIn())
}

// sent N: so many requests with chunks have come in all.
func sent(ts *testscript.TestScript, neg bool, args []string) {
	if got := server(ts).Uploaded() == 0; got != (args[0] == "0") {
		ts.Fatalf("%d bytes were sent", server(ts).Uploaded())
	}
}

// mode FILE BITS: the file has these permission bits.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := info.Mode().Perm().String(); got != args[1] {
		ts.Fatalf("%s has %s", args[0], got)
	}
}

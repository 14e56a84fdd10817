package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"scaidrive/appliance"
)

// TestServer runs the scripts of testdata/server, each against the server itself
// at $SERVER on a new data directory.
func TestServer(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/server",
		Setup: func(env *testscript.Env) error {
			cfg := appliance.Config{
				Data: filepath.Join(env.WorkDir, "data"), Listen: "127.0.0.1:0",
				AdminEmail: "admin@example.com", AdminPassword: "a long enough passphrase 7",
				Log: slog.New(slog.DiscardHandler),
			}
			ctx, cancel := context.WithCancel(context.Background())
			started, over := make(chan net.Addr, 1), make(chan error, 1)
			go func() { over <- appliance.Serve(ctx, cfg, func(a net.Addr) { started <- a }) }()
			env.Defer(func() {
				cancel()
				if err := <-over; err != nil {
					t.Errorf("Serve: %v", err)
				}
			})
			select {
			case a := <-started:
				env.Setenv("SERVER", "http://"+a.String())
			case err := <-over:
				over <- err
				return err
			}
			env.Setenv("EMAIL", cfg.AdminEmail)
			env.Setenv("HOME", env.WorkDir+"/home")
			env.Setenv("XDG_CONFIG_HOME", env.WorkDir+"/conf")
			env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
			return os.MkdirAll(filepath.Join(env.WorkDir, "home"), 0o777)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": code, "tokenenv": tokenEnv, "readenv": readEnv},
	})
}

// tokenenv FILE: SCAIDRIVE_TOKEN is what stands in the file.
func tokenEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tokenenv FILE")
	}
	ts.Setenv("SCAIDRIVE_TOKEN", strings.TrimSpace(ts.ReadFile(args[0])))
}

// readenv NAME FILE [PATTERN]: the variable is what stands in the file, or the first of
// it that fits the pattern.
func readEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: readenv NAME FILE [PATTERN]")
	}
	text := strings.TrimSpace(ts.ReadFile(args[1]))
	if len(args) == 3 {
		text = regexp.MustCompile(args[2]).FindString(text)
	}
	ts.Setenv(args[0], text)
}

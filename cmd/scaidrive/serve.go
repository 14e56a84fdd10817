package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"scaidrive/appliance"
)

type serveCmd struct {
	Data          string `help:"Data directory." env:"SCAIDRIVE_DATA" default:"./data" placeholder:"DIR"`
	Listen        string `help:"Address to listen on." env:"SCAIDRIVE_LISTEN" default:":8000" placeholder:"ADDR"`
	Memory        string `help:"Memory that the server may use, such as 512MiB. Default: a quarter of the machine, at most 1GiB." env:"SCAIDRIVE_MEMORY" placeholder:"SIZE"`
	AdminEmail    string `help:"E-mail address of the administrator made by the first start." env:"SCAIDRIVE_ADMIN_EMAIL" placeholder:"E"`
	AdminPassword string `hidden:"" env:"SCAIDRIVE_ADMIN_PASSWORD"`
	TestMode      bool   `help:"For tests: take the clock's offset from the file named by SCAIDRIVE_TEST_CLOCK_FILE."`
	LogJSON       bool   `name:"log-json" help:"Log as JSON." env:"SCAIDRIVE_LOG_JSON"`
}

// Help is shown by --help.
func (serveCmd) Help() string {
	return `The first start makes the store and the administrator, from SCAIDRIVE_ADMIN_EMAIL and
SCAIDRIVE_ADMIN_PASSWORD. SIGTERM ends the server in an orderly way.

Example:
  SCAIDRIVE_ADMIN_EMAIL=admin@example.com SCAIDRIVE_ADMIN_PASSWORD='...' \
    scaidrive serve --data /srv/scaidrive --listen :8000`
}

// Run serves until a signal comes.
func (c *serveCmd) Run(ctx context.Context, t *terminal) error {
	memory, err := parseSize(c.Memory)
	if err != nil {
		return fmt.Errorf("%w: --memory: %w", appliance.ErrUsage, err)
	}
	var handler slog.Handler = slog.NewTextHandler(t.errs, nil)
	if c.LogJSON {
		handler = slog.NewJSONHandler(t.errs, nil)
	}
	log := slog.New(handler)
	return appliance.Serve(ctx, appliance.Config{
		Data: c.Data, Listen: c.Listen, Memory: memory, AdminEmail: c.AdminEmail, AdminPassword: c.AdminPassword,
		TestMode: c.TestMode, Version: version, Log: log,
	}, func(addr net.Addr) {
		url := "http://" + reachable(addr)
		if t.json {
			_ = t.object(map[string]string{"event": "ready", "url": url}) // nobody may be reading
			return
		}
		t.say("ScaiDrive is ready at %s (data in %s).", url, c.Data)
		t.say("Sign in: scaidrive login %s --email YOUR-ADDRESS", url)
	})
}

// reachable makes an address that a browser on this machine can open.
func reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// parseSize reads a size such as 512MiB, 1GiB or a number of bytes; "" is 0.
func parseSize(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	var n int64
	unit := ""
	if _, err := fmt.Sscanf(s, "%d%s", &n, &unit); err != nil && unit != "" || n <= 0 {
		return 0, fmt.Errorf("%q is not a size: write a number of bytes, or such as 512MiB or 1GiB", s)
	}
	shift, ok := map[string]int{"": 0, "b": 0, "k": 10, "kib": 10, "kb": 10, "m": 20, "mib": 20, "mb": 20, "g": 30, "gib": 30, "gb": 30}[strings.ToLower(unit)]
	if !ok || n > 1<<62>>shift {
		return 0, fmt.Errorf("%q is not a size: write a number of bytes, or such as 512MiB or 1GiB", s)
	}
	return n << shift, nil
}

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"

	"scaidrive/appliance"
	"scaidrive/appliance/linelog"
)

type serveCmd struct {
	Config        string `help:"File with settings: one JSON object. Flags and variables go before it." env:"SCAIDRIVE_CONFIG" placeholder:"FILE"`
	Data          string `help:"Data directory." env:"SCAIDRIVE_DATA" default:"./data" placeholder:"DIR"`
	Listen        string `help:"Address to listen on." env:"SCAIDRIVE_LISTEN" default:":8000" placeholder:"ADDR"`
	Memory        string `help:"Memory that the server may use, such as 512MiB. Default: a quarter of the machine, at most 1GiB." env:"SCAIDRIVE_MEMORY" placeholder:"SIZE"`
	AdminEmail    string `help:"E-mail address of the administrator made by the first start." env:"SCAIDRIVE_ADMIN_EMAIL" placeholder:"E"`
	AdminPassword string `hidden:"" env:"SCAIDRIVE_ADMIN_PASSWORD"`
	TestMode      bool   `help:"For tests: take the clock's offset from the file named by SCAIDRIVE_TEST_CLOCK_FILE."`
	LogJSON       bool   `name:"log-json" help:"Log as JSON." env:"SCAIDRIVE_LOG_JSON"`
	LogRequests   bool   `help:"Log every call, not only those that the server failed at." env:"SCAIDRIVE_LOG_REQUESTS" default:"true" negatable:""`

	ChangelogDays string `help:"For how many days every change is kept for clients that were away; at least 90." env:"SCAIDRIVE_CHANGELOG_DAYS" default:"90" placeholder:"N"`
	ChangelogRows string `help:"How many changes of a tenant are kept, however old; at least 1000000." env:"SCAIDRIVE_CHANGELOG_ROWS" default:"1000000" placeholder:"N"`

	MetricsListen  string   `help:"A further address that gives /metrics to everybody who reaches it." env:"SCAIDRIVE_METRICS_LISTEN" placeholder:"ADDR"`
	TrustedProxies []string `help:"Networks of proxies whose X-Forwarded-For, -Proto and -Host are believed, such as 10.0.0.0/8." env:"SCAIDRIVE_TRUSTED_PROXIES" placeholder:"CIDR"`
	AllowedHosts   []string `help:"Names by which the server may be reached, *.example.com for all below. Default: any." env:"SCAIDRIVE_ALLOWED_HOSTS" placeholder:"NAME"`
	CORSOrigins    []string `name:"cors-origins" help:"Origins whose pages may call the API, such as https://app.example.com. Default: none." env:"SCAIDRIVE_CORS_ORIGINS" placeholder:"ORIGIN"`

	RateLimitProfile string `help:"How much callers may ask for in a minute: appliance, or public for the figures of the public service." env:"SCAIDRIVE_RATE_LIMIT_PROFILE" default:"appliance" placeholder:"NAME"`

	flagged []appliance.Given // what the command line says
}

// Help is shown by --help.
func (serveCmd) Help() string {
	return `The first start makes the store and the administrator, from SCAIDRIVE_ADMIN_EMAIL and
SCAIDRIVE_ADMIN_PASSWORD. SIGTERM ends the server in an orderly way. Settings that neither
flag, variable nor file fixes can be stored while it runs: scaidrive settings.

Example:
  SCAIDRIVE_ADMIN_EMAIL=admin@example.com SCAIDRIVE_ADMIN_PASSWORD='...' \
    scaidrive serve --data /srv/scaidrive --listen :8000`
}

// Run serves until a signal comes.
func (c *serveCmd) Run(ctx context.Context, t *terminal) error {
	given, err := c.given()
	if err != nil {
		return err
	}
	memory, err := parseSize(c.Memory)
	if err != nil {
		return fmt.Errorf("%w: memory: %w", appliance.ErrUsage, err)
	}
	lines := linelog.New(t.errs, func(w io.Writer) slog.Handler {
		if c.LogJSON {
			return slog.NewJSONHandler(w, nil)
		}
		return slog.NewTextHandler(w, nil)
	})
	defer func() { _ = lines.Close() }() // there is nowhere to tell
	log := slog.New(lines.Handler())
	return appliance.Serve(ctx, appliance.Config{
		Data: c.Data, Listen: c.Listen, Memory: memory, AdminEmail: c.AdminEmail, AdminPassword: c.AdminPassword,
		TestMode: c.TestMode, Version: version, Log: log, Settings: given, MetricsListen: c.MetricsListen,
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

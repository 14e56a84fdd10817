package appliance

import (
	"fmt"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"time"

	"scaidrive/engine/journal"
	"scaidrive/engine/meta"
)

// Config is what a process is told. Data is required.
type Config struct {
	Data   string // the data directory
	Listen string // address to listen on, ":8000"
	// Memory bounds the process in bytes: Go's limit and the caches follow it.
	// 0: a quarter of the machine, at most 1 GiB.
	Memory int64
	// AdminEmail and AdminPassword make the first administrator. They count only
	// while there is no store.
	AdminEmail    string
	AdminPassword string
	TestMode      bool
	Version       string
	Log           *slog.Logger
	// LogFailuresOnly leaves the log lines of calls out that the server did not
	// fail at.
	LogFailuresOnly bool

	// Proxies are those whose X-Forwarded headers are believed; Hosts the names
	// by which the server may be reached, empty for any.
	Proxies []netip.Prefix
	Hosts   []string
	// MetricsListen is a further address that gives /metrics to everybody; empty:
	// none.
	MetricsListen string
	// ChangeLog is how much of the change log is kept; zero: the default.
	ChangeLog journal.Keep
}

const (
	maxDefaultMemory = 1 << 30
	minMemory        = 64 << 20
)

// memory gives the bound of the process in bytes.
func (c *Config) memory() int64 {
	m := c.Memory
	if m == 0 {
		m = min(machineMemory()/4, maxDefaultMemory)
	}
	return max(m, minMemory)
}

// limitMemory sets Go's limit and gives what the caches may take.
func (c *Config) limitMemory() (cache, layers int64) {
	m := c.memory()
	debug.SetMemoryLimit(m)
	return min(64<<20, m/8), min(16<<20, m/16)
}

// KeepChanges is for how many days the change log is kept whole, and how many rows of
// a tenant at least. Tests may keep less than anybody is promised.
func KeepChanges(days, rows int, test bool) (journal.Keep, error) {
	k := journal.DefaultKeep()
	age := time.Duration(days) * 24 * time.Hour
	switch {
	case days < 0 || days > 36_500 || age < k.Age && !test:
		return k, fmt.Errorf("%w: --changelog-days: 90 to 36500", ErrUsage)
	case rows < 0 || uint64(rows) < k.Rows && !test:
		return k, fmt.Errorf("%w: --changelog-rows: at least %d", ErrUsage, k.Rows)
	}
	k.Age, k.Rows = age, uint64(rows)
	k.Deletions = max(k.Deletions, age)
	k.Least = min(k.Least, k.Rows/100)
	return k, nil
}

// keep is how much of the change log is kept.
func (c *Config) keep() journal.Keep {
	if c.ChangeLog == (journal.Keep{}) {
		return journal.DefaultKeep()
	}
	return c.ChangeLog
}

// metaOptions are the metadata engine's options on a data directory.
func (c *Config) metaOptions(d *dataDir, r *reserve, layers int64) meta.Options {
	stopped := uint64(0)
	if d.header.State == stateStopped {
		stopped = d.header.StopLSN
	}
	return meta.Options{
		StoppedLSN: stopped,
		FS:         reserveFS{d.fs, r},
		DBPath:     d.file(metaName),
		StoreID:    d.header.StoreID,
		FlushBytes: layers,
		MakeRoom:   func() bool { return r.release(reserveStep) },
		Log:        c.Log,
	}
}

package appliance

import (
	"log/slog"
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
	// Settings are what the process was told of its settings, what counts first before
	// what counts later: flags, environment variables, the config file.
	Settings []Given
	// MetricsListen is a further address that gives /metrics to everybody; empty:
	// none.
	MetricsListen string
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

// keep is how much of the change log is kept now.
func (a *Appliance) keep() journal.Keep {
	k, v := journal.DefaultKeep(), a.settings.Now()
	k.Age, k.Rows = time.Duration(v.ChangelogDays)*24*time.Hour, uint64(v.ChangelogRows)
	k.Deletions = max(k.Deletions, k.Age)
	k.Least = min(k.Least, k.Rows/100)
	return k
}

// metaOptions are the metadata engine's options on a data directory.
func (c *Config) metaOptions(d *dataDir, r *reserve, layers int64) meta.Options {
	return meta.Options{
		StoppedLSN: d.stopped(), Begin: d.awaitMark, UpkeepAfter: d.restAtStart(),
		FS:         reserveFS{d.fs, r},
		DBPath:     d.file(metaName),
		StoreID:    d.header.StoreID,
		FlushBytes: layers,
		MakeRoom:   func() bool { return r.release(reserveStep) },
		Log:        c.Log,
	}
}

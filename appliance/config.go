package appliance

import (
	"log/slog"
	"runtime/debug"

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
	// LogRequests has every call logged, not only those that failed.
	LogRequests bool
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

// metaOptions are the metadata engine's options on a data directory.
func (c *Config) metaOptions(d *dataDir, r *reserve, layers int64) meta.Options {
	return meta.Options{
		FS:         reserveFS{d.fs, r},
		DBPath:     d.file(metaName),
		StoreID:    d.header.StoreID,
		FlushBytes: layers,
		MakeRoom:   func() bool { return r.release(reserveStep) },
		Log:        c.Log,
	}
}

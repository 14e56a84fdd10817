package httpd

import (
	"scaidrive/engine/transfer/session"
	"scaidrive/httpd/wire"
)

func getConfig(c *call) error {
	return c.json(200, wire.Config{
		Version:  c.s.o.Version,
		Chunking: c.s.o.Chunking,
		TestMode: c.s.o.TestMode,
		Limits: wire.Limits{
			MaxFileSizeBytes:        c.s.maxFileSize(c.ctx),
			MaxUploadChunkSizeBytes: session.MaxPart,
		},
	})
}

func getHealth(c *call) error {
	return c.json(200, wire.Health{Status: "healthy", Version: c.s.o.Version})
}

func getReady(c *call) error {
	checks, ok := c.s.o.Ready()
	if ok {
		return c.json(200, wire.Ready{Status: "ready", Checks: checks})
	}
	c.setHeader("Retry-After", "5")
	return c.json(503, wire.Ready{Status: "not_ready", Checks: checks})
}

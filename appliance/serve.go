package appliance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
)

// Serve opens the data directory, serves until ctx ends, drains, and stops
// cleanly. started is called with the address once the server is ready.
func Serve(ctx context.Context, cfg Config, started func(addr net.Addr)) error {
	ln, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cfg.Listen, err)
	}
	a, err := Open(ctx, cfg)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	started(ln.Addr())
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { a.upkeep(background) })
	wg.Go(func() { a.tree.Run(background, a.reportRemoval) })
	wg.Go(func() { a.uploads.Run(background) })
	wg.Go(func() { a.jobs.Run(background) })
	wg.Go(func() { a.restLoop(background) })
	wg.Go(func() { a.once.Run(background, a.reportExpiry) })
	wg.Go(func() { a.desk.Run(background, a.reportRecent) })
	err = a.http.Serve(ctx, ln)
	stop()
	wg.Wait()
	if cerr := a.Close(); cerr != nil {
		err = errors.Join(err, fmt.Errorf("stop: %w", cerr))
	}
	return err
}

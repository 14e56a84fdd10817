package appliance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"scaidrive/engine/meta"
)

// Serve opens the data directory, serves until ctx ends, drains, and stops
// cleanly. started is called with the address once the server is ready.
func Serve(ctx context.Context, cfg Config, started func(addr net.Addr)) error {
	ln, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cfg.Listen, err)
	}
	metrics, err := listenMetrics(cfg.MetricsListen)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	a, err := Open(ctx, cfg)
	if err != nil {
		return errors.Join(err, ln.Close(), metrics.Close())
	}
	started(ln.Addr())
	background, stop := context.WithCancel(meta.Patiently(context.WithoutCancel(ctx)))
	var wg sync.WaitGroup
	wg.Go(func() { a.refill(background) })
	wg.Go(func() { a.keeper.Run(background) })
	wg.Go(func() { a.tree.Run(background, a.reportRemoval) })
	wg.Go(func() { a.uploads.Run(background) })
	wg.Go(func() { a.jobs.Run(background) })
	wg.Go(func() { a.restLoop(background) })
	wg.Go(func() { a.clearGroups(background) })
	wg.Go(func() { a.once.Run(background, a.reportExpiry) })
	wg.Go(func() { a.desk.Run(background, a.reportRecent) })
	wg.Go(func() { a.usage.Run(background, a.reportUsage) })
	wg.Go(func() { a.presence.Run(background, a.reportPresence) })
	wg.Go(func() { a.journal.Run(background, a.keep, a.reportThinning) })
	wg.Go(func() { a.serveMetrics(background, metrics) })
	err = a.http.Serve(ctx, ln)
	stop()
	wg.Wait()
	if cerr := a.Close(); cerr != nil {
		err = errors.Join(err, fmt.Errorf("stop: %w", cerr))
	}
	return err
}

// A metricsListener may be none.
type metricsListener struct{ net.Listener }

func listenMetrics(addr string) (metricsListener, error) {
	if addr == "" {
		return metricsListener{}, nil
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return metricsListener{}, fmt.Errorf("listen for metrics on %s: %w", addr, err)
	}
	return metricsListener{ln}, nil
}

// Close closes the listener that there may be.
func (l metricsListener) Close() error {
	if l.Listener == nil {
		return nil
	}
	return l.Listener.Close()
}

func (a *Appliance) serveMetrics(ctx context.Context, l metricsListener) {
	if l.Listener == nil {
		return
	}
	a.cfg.Log.Info("metrics are given to everybody who reaches this address", "address", l.Addr().String())
	if err := a.http.ServeMetrics(ctx, l.Listener); err != nil {
		a.cfg.Log.Error("metrics are not served any more", "err", err)
	}
}

package runner

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/client/setup"
	"scaidrive/client/worker"
)

// TestRestEndsWithTheOutage: who has no connection goes on within seconds of its coming
// back, however long the wait had become; other failures are waited out.
func TestRestEndsWithTheOutage(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	store := setup.NewStore(t.TempDir())
	cfg := &setup.Folder{ID: "syn-1", Dir: t.TempDir()}
	if err := store.Add(cfg); err != nil {
		t.Fatal(err)
	}
	r := &Runner{Store: store, Now: time.Now, Connect: func(*setup.Folder) (*client.Client, error) { return client.New("http://"+addr, client.Options{}) }}
	back := make(chan time.Time, 1)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) })}
	go func() {
		time.Sleep(4 * time.Second) // the outage
		l, err := net.Listen("tcp", addr)
		if err != nil {
			close(back)
			return
		}
		back <- time.Now()
		_ = srv.Serve(l)
	}()
	defer srv.Close()
	began := time.Now()
	r.rest(t.Context(), cfg, &client.Unreachable{Err: errors.New("refused")}, longestRetry)
	at, ok := <-back
	if !ok {
		t.Skip("skipped: the port was taken")
	}
	if time.Since(began) < 4*time.Second || time.Since(at) > 10*time.Second {
		t.Errorf("it went on %v after the end of the outage", time.Since(at))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	for _, cause := range []error{nil, worker.ErrRoot, errors.New("another one")} {
		if r.rest(ctx, cfg, cause, longestRetry); ctx.Err() == nil {
			t.Errorf("%v: it does not wait", cause)
		}
	}
	began = time.Now()
	time.AfterFunc(300*time.Millisecond, func() { _, _ = store.Change(cfg.ID, func(f *setup.Folder) { f.Down = 1 }) })
	if r.rest(t.Context(), cfg, errors.New("another one"), longestRetry); time.Since(began) > 10*time.Second {
		t.Errorf("settings that change are not heeded: %v", time.Since(began))
	}
}

package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestDrip: an answer that comes byte by byte is given up, and not asked for again; one
// that comes slowly but steadily is read to its end.
func TestDrip(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		every, piece, n := 20*time.Millisecond, []byte(" "), 1<<20
		if r.URL.Query().Get("share_id") == "steady" {
			piece, n = []byte("                    "), 20
		}
		for i := 0; i < n && r.Context().Err() == nil; i++ {
			if _, err := w.Write(piece); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-time.After(every): // the server's pace
			case <-r.Context().Done():
			}
		}
		_, _ = w.Write([]byte(`{"cursor":5}`))
	}))
	defer srv.Close()
	c, err := New(srv.URL, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.slow = 200 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := c.Changes(ctx, "drips", Position{}, 0); !errors.Is(err, errTooSlow) || asked != 1 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	if got, err := c.Changes(ctx, "steady", Position{}, 0); err != nil || got.Cursor != 5 {
		t.Errorf("a slow answer: %+v, %v", got, err)
	}
}

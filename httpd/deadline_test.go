package httpd

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A lifetime does what a context with a deadline does, asked early or late.
func TestLifetime(t *testing.T) {
	type step struct {
		do   string // ask (for Done), cancel, parent (cancel it), pass (the deadline)
		want error  // of Err after it
	}
	for name, steps := range map[string][]step{
		"nothing":                {{"", nil}, {"ask", nil}, {"", nil}},
		"cancelled":              {{"cancel", context.Canceled}, {"ask", context.Canceled}},
		"asked, then cancelled":  {{"ask", nil}, {"cancel", context.Canceled}, {"cancel", context.Canceled}},
		"passed":                 {{"pass", context.DeadlineExceeded}, {"ask", context.DeadlineExceeded}},
		"asked, then passed":     {{"ask", nil}, {"pass", context.DeadlineExceeded}, {"cancel", context.DeadlineExceeded}},
		"parent ended":           {{"parent", context.Canceled}, {"ask", context.Canceled}},
		"asked, then the parent": {{"ask", nil}, {"parent", context.Canceled}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				type key struct{}
				parent, end := context.WithCancel(context.WithValue(context.Background(), key{}, "v"))
				defer end()
				l := &lifetime{parent: parent, deadline: time.Now().Add(time.Minute)}
				defer l.cancel()
				var child context.Context
				for i, s := range steps {
					switch s.do {
					case "ask":
						var stop context.CancelFunc
						child, stop = context.WithCancel(l)
						defer stop()
					case "cancel":
						l.cancel()
					case "parent":
						end()
					case "pass":
						time.Sleep(time.Minute)
					}
					synctest.Wait()
					if err := l.Err(); !errors.Is(err, s.want) {
						t.Fatalf("step %d: %v, want %v", i, err, s.want)
					}
					if child != nil && !errors.Is(child.Err(), s.want) {
						t.Fatalf("step %d: a context made of it: %v, want %v", i, child.Err(), s.want)
					}
				}
				if l.Value(key{}) != "v" {
					t.Error("the parent's value is gone")
				}
				if d, ok := l.Deadline(); !ok || d.IsZero() {
					t.Error("no deadline")
				}
			})
		})
	}
}

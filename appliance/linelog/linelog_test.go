package linelog

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func text(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) }

type sink struct {
	mu     sync.Mutex
	b      bytes.Buffer
	writes int
	block  chan struct{} // nil: takes all
}

func (s *sink) Write(p []byte) (int, error) {
	if s.block != nil {
		<-s.block
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	return s.b.Write(p)
}

func (s *sink) state() (text string, writes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String(), s.writes
}

// Lines of a second go together; errors at once; the rest at the end.
func TestWhenLinesGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		w := New(s, text)
		log := slog.New(w.Handler()).With("a", 1).WithGroup("g")
		log.Info("one")
		log.Info("two")
		synctest.Wait()
		if got, _ := s.state(); got != "" {
			t.Errorf("at once: %s", got)
		}
		time.Sleep(flushEvery)
		synctest.Wait()
		if got, writes := s.state(); strings.Count(got, "\n") != 2 || writes != 1 {
			t.Errorf("after a second: %d writes: %s", writes, got)
		}
		log.Info("three")
		log.Error("four", "b", 2)
		synctest.Wait()
		if got, writes := s.state(); !strings.Contains(got, "level=ERROR msg=four a=1 g.b=2") || !strings.Contains(got, "three") || writes != 2 {
			t.Errorf("an error: %d writes: %s", writes, got)
		}
		for range 1000 {
			log.Info("many of them, each of them long enough to gather")
		}
		synctest.Wait()
		if _, writes := s.state(); writes == 2 {
			t.Error("many lines wait for the second")
		}
		log.Info("last")
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		log.Info("late")
		if got, _ := s.state(); strings.Count(got, "\n") != 1006 || !strings.Contains(got, "last") || !strings.Contains(got, "late") {
			t.Errorf("at the end: %d lines", strings.Count(got, "\n"))
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A reader that does not read holds nobody up: what is too much is dropped,
// counted and told.
func TestNobodyWaits(t *testing.T) {
	s := &sink{block: make(chan struct{})}
	w := New(s, text)
	line := []byte(strings.Repeat("x", 1023) + "\n")
	const lines = 4 * maxGathered / 1024
	for i := range lines {
		if n, err := w.Write(line); n != len(line) || err != nil {
			t.Fatal(i, n, err)
		}
	}
	close(s.block)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	got, _ := s.state()
	var dropped int
	i := strings.Index(got, "lines=")
	if i < 0 {
		t.Fatal("nothing is told of dropped lines")
	}
	if _, err := fmt.Sscanf(got[i:], "lines=%d", &dropped); err != nil {
		t.Fatal(err)
	}
	if kept := strings.Count(got, "\n") - strings.Count(got, "lines="); kept+dropped != lines || dropped < lines/2 {
		t.Errorf("%d kept, %d dropped of %d", kept, dropped, lines)
	}
}

func TestErrorsOfTheSink(t *testing.T) {
	r, pw := io.Pipe()
	_ = r.CloseWithError(io.ErrClosedPipe)
	w := New(pw, text)
	if n, err := w.Write([]byte("x\n")); n != 2 || err != nil {
		t.Error(n, err)
	}
	if err := w.Close(); err == nil {
		t.Error("the error of the log's file is not told")
	}
}

func TestManyWriters(t *testing.T) {
	s := &sink{}
	w := New(s, text)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				_, _ = w.Write([]byte("a line\n"))
			}
		})
	}
	wg.Wait()
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if got, _ := s.state(); got != strings.Repeat("a line\n", 8000) {
		t.Errorf("%d bytes", len(got))
	}
}

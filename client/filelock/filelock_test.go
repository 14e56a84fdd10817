package filelock

import (
	"os"
	"path/filepath"
	"testing"
)

// TestLock: who comes second gets it when the first closes, and not before.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	first, second, third := open(), open(), open()
	if ok, err := Try(first); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if ok, err := Try(second); ok || err != nil {
		t.Fatalf("locked twice: %v", err)
	}
	if _, err := first.WriteString("content"); err != nil {
		t.Errorf("a locked file can't be written: %v", err)
	}
	got := make(chan error, 1)
	go func() { got <- Wait(second) }()
	select {
	case err := <-got:
		t.Fatalf("waiting ended while it was locked: %v", err)
	default:
	}
	first.Close()
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	if ok, err := Try(third); ok || err != nil {
		t.Fatalf("locked twice: %v", err)
	}
}

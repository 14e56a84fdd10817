// Package machine measures what this machine can do at best: the yardsticks that
// the product's figures are read beside.
package machine

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"time"
)

func random(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// Hash gives MB/s of SHA-256 on one core.
func Hash(string) (float64, error) {
	b := random(8 << 20)
	t := time.Now()
	for range 64 {
		sha256.Sum256(b)
	}
	return 64 * float64(len(b)) / 1e6 / time.Since(t).Seconds(), nil
}

// Write gives MB/s of a file of 512 MiB written and synced.
func Write(dir string) (float64, error) {
	b := random(4 << 20)
	t := time.Now()
	f, err := os.Create(filepath.Join(dir, "big"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	for range 128 {
		if _, err := f.Write(b); err != nil {
			return 0, err
		}
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	return 128 * float64(len(b)) / 1e6 / time.Since(t).Seconds(), nil
}

// Files gives files a second made without a sync, 5,000 of 12 KiB.
func Files(dir string) (float64, error) {
	b := random(12 << 10)
	sub, err := os.MkdirTemp(dir, "files-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(sub)
	t := time.Now()
	for i := range 5000 {
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprint(i)), b, 0o600); err != nil {
			return 0, err
		}
	}
	return 5000 / time.Since(t).Seconds(), nil
}

// Syncs gives milliseconds of a write of 4 KiB and its sync.
func Syncs(dir string) (float64, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	b := random(4 << 10)
	t := time.Now()
	for i := range 200 {
		if _, err := f.WriteAt(b, int64(i)*4096); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(time.Since(t).Microseconds()) / 200 / 1000, nil
}

// Loopback gives MB/s of one TCP stream.
func Loopback(string) (float64, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	const total = 2 << 30
	failed := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			b := random(1 << 20)
			for i := 0; i < total && err == nil; i += len(b) {
				_, err = c.Write(b)
			}
			c.Close()
		}
		failed <- err
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return 0, err
	}
	defer c.Close()
	t := time.Now()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, c, make([]byte, 1<<20))
	if err != nil {
		return 0, err
	}
	return float64(n) / 1e6 / time.Since(t).Seconds(), <-failed
}

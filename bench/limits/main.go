// limits measures what this machine can do at best, so that the product's
// figures can be read as ratios: hash (SHA-256 of one core), write (a file
// written and synced), files (small files created without a sync), sync (one
// 4 KiB write and its sync), loopback (one TCP stream).
//
//	limits [-dir DIR] [-n RUNS]
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	dir := flag.String("dir", os.TempDir(), "directory on the volume to measure")
	runs := flag.Int("n", 3, "runs; the median is printed")
	flag.Parse()
	work, err := os.MkdirTemp(*dir, "limits-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(work)
	for _, m := range []struct {
		name, unit string
		measure    func(dir string) (float64, error)
	}{
		{"SHA-256, one core", "MB/s", hash},
		{"write and sync 512 MiB", "MB/s", write},
		{"create 5,000 files of 12 KiB, no sync", "files/s", files},
		{"4 KiB write and sync", "ms", syncs},
		{"one loopback stream", "MB/s", loopback},
	} {
		var v []float64
		for range *runs {
			x, err := m.measure(work)
			if err != nil {
				log.Fatalf("%s: %v", m.name, err)
			}
			v = append(v, x)
		}
		slices.Sort(v)
		fmt.Printf("limit | %s | %.2f %s\n", m.name, v[len(v)/2], m.unit)
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func hash(string) (float64, error) {
	b := random(8 << 20)
	t := time.Now()
	for range 64 {
		sha256.Sum256(b)
	}
	return 64 * float64(len(b)) / 1e6 / time.Since(t).Seconds(), nil
}

func write(dir string) (float64, error) {
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

func files(dir string) (float64, error) {
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

func syncs(dir string) (float64, error) {
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

func loopback(string) (float64, error) {
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

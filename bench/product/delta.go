package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// What deltas are measured with.
const (
	deltaSize  = 500_000_000
	deltaEdit  = 2 << 20
	deltaFront = 1 << 20
	deltaTimes = 20
)

// delta measures what moves when a part of a large file changes: from a client to
// the server, and from there to a second client, all bytes of all requests and
// answers. The clients run once for each edit, so signing in and the like counts.
func (b *bench) delta() error {
	if _, err := b.fresh("delta"); err != nil {
		return err
	}
	var one, two *device
	up, err := countBytes(b.addr)
	if err != nil {
		return err
	}
	defer up.close()
	down, err := countBytes(b.addr)
	if err != nil {
		return err
	}
	defer down.close()
	if one, err = b.device("delta-1", up.addr, filepath.Join(b.dir, "delta-1")); err != nil {
		return err
	}
	defer one.drop()
	if two, err = b.device("delta-2", down.addr, filepath.Join(b.dir, "delta-2")); err != nil {
		return err
	}
	defer two.drop()
	path := filepath.Join(one.dir, "big.bin")
	rng := rand.NewChaCha8([32]byte{'d', 'e', 'l', 't', 'a'})
	if err := writeRandom(path, rng, deltaSize); err != nil {
		return err
	}
	first := func() error {
		for _, d := range []*device{one, two} {
			if _, err := d.quiet(); err != nil {
				return err
			}
		}
		up.moved()
		down.moved()
		return nil
	}
	if err := first(); err != nil {
		return err
	}
	places := rand.New(rand.NewPCG(20, 500))
	sent, got, sec, secDown, cpu := []float64{}, []float64{}, []float64{}, []float64{}, []float64{}
	step := func() error {
		s, err := one.quiet()
		if err != nil {
			return err
		}
		g, err := two.quiet()
		if err != nil {
			return err
		}
		sent, got = append(sent, up.moved()), append(got, down.moved())
		sec, secDown, cpu = append(sec, s.seconds), append(secDown, g.seconds), append(cpu, s.cpu+g.cpu)
		return nil
	}
	rsync := []float64{}
	other := filepath.Join(b.dir, "delta-rsync")
	defer os.RemoveAll(other)
	if _, err := b.rsync("delta-1", other, false); err != nil {
		return err
	}
	for i := range deltaTimes {
		at := places.Int64N(deltaSize - deltaEdit)
		if err := overwrite(path, rng, at, deltaEdit); err != nil {
			return err
		}
		if err := step(); err != nil {
			return fmt.Errorf("edit %d at %d: %w", i, at, err)
		}
		if i < 3 {
			// -c as ours: what changed is found by reading, and both ends are local.
			r, _, err := b.peer(b.dir, nil, "rsync", "-a", "--no-whole-file", "--exclude=.scaidrive", one.dir+"/", other+"/")
			if err != nil {
				return err
			}
			if r.seconds > 0 {
				rsync = append(rsync, r.seconds)
			}
		}
	}
	atMost("2 MiB changed in 500 MB, mean of 20 places: bytes up", "MB", mean(sent), fixed(2.7))
	atMost("the same, down to a second client", "MB", mean(got), fixed(2.7))
	row("most of them, up and down", "%.2f, %.2f MB", maxOf(sent), maxOf(got))
	atMost("seconds of that, up", "s", median(sec), bound{1, "rsync", median(rsync)})
	atMost("seconds of that, down", "s", median(secDown), bound{1, "rsync", median(rsync)})
	row("of that", "%.2f CPU s, both clients", median(cpu))
	sent, got = nil, nil
	for i := range 3 {
		if err := insert(path, rng, deltaFront); err != nil {
			return err
		}
		if err := step(); err != nil {
			return fmt.Errorf("insertion %d: %w", i, err)
		}
	}
	atMost("1 MiB inserted in front, mean of 3: bytes up", "MB", mean(sent), fixed(1.8))
	atMost("the same, down", "MB", mean(got), fixed(1.8))
	if err := sameTrees(one.dir, two.dir); err != nil {
		return err
	}
	return b.stop()
}

func writeRandom(path string, rng io.Reader, n int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.CopyN(f, rng, n); err != nil {
		return err
	}
	return f.Close()
}

// overwrite replaces a part of a file in its place.
func overwrite(path string, rng io.Reader, at, n int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.CopyN(io.NewOffsetWriter(f, at), rng, n); err != nil {
		return err
	}
	time.Sleep(30 * time.Millisecond) // so that its time is not that of the next edit
	return f.Close()
}

// insert puts bytes in front of a file, as programs do: by a new one.
func insert(path string, rng io.Reader, n int64) error {
	old, err := os.Open(path)
	if err != nil {
		return err
	}
	defer old.Close()
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, io.MultiReader(io.LimitReader(rng, n), old)); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func mean(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}

func maxOf(v []float64) (m float64) {
	for _, x := range v {
		m = max(m, x)
	}
	return m
}

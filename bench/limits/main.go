// limits measures what this machine can do at best, so that the product's
// figures can be read as ratios: hash (SHA-256 of one core), write (a file
// written and synced), files (small files created without a sync), sync (one
// 4 KiB write and its sync), loopback (one TCP stream).
//
//	limits [-dir DIR] [-n RUNS]
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"slices"

	"scaidrive/bench/machine"
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
		{"SHA-256, one core", "MB/s", machine.Hash},
		{"write and sync 512 MiB", "MB/s", machine.Write},
		{"create 5,000 files of 12 KiB, no sync", "files/s", machine.Files},
		{"4 KiB write and sync", "ms", machine.Syncs},
		{"one loopback stream", "MB/s", machine.Loopback},
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

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"scaidrive/bench/machine"
)

// folder measures D3 as a synced folder: up, looked at again, and down.
func (b *bench) folder() error {
	n := float64(countFiles(filepath.Join(b.dir, "d3")))
	made, err := machine.Files(b.dir)
	if err != nil {
		return err
	}
	up, down, cpuUp, cpuDown, kopia, rsync := []float64{}, []float64{}, []float64{}, []float64{}, []float64{}, []float64{}
	var peakUp, peakDown float64
	var dirs []string
	defer func() {
		for _, d := range dirs {
			os.RemoveAll(d)
		}
	}()
	path := func(kind string, i int) string {
		p := filepath.Join(b.dir, fmt.Sprintf("folder-%s-%d", kind, i))
		dirs = append(dirs, p)
		return p
	}
	var one *device
	for i := range max(1, b.runs) {
		store, err := b.fresh("folder")
		if err != nil {
			return err
		}
		defer os.RemoveAll(store)
		from := path("up", i)
		if _, err := b.rsync("d3", from, false); err != nil {
			return err
		}
		if one, err = b.device("folder-1", b.addr, from); err != nil {
			return err
		}
		two, err := b.device("folder-2", b.addr, path("down", i))
		if err != nil {
			return err
		}
		settle()
		before := b.serverCPU()
		s, err := one.quiet()
		if err != nil {
			return err
		}
		up, cpuUp, peakUp = append(up, n/s.seconds), append(cpuUp, s.cpu+b.serverCPU()-before), max(peakUp, s.peakMiB)
		k, err := b.kopia("d3")
		if err != nil {
			return err
		}
		if k.seconds > 0 {
			kopia = append(kopia, n/k.seconds)
		}
		settle()
		before = b.serverCPU()
		if s, err = two.quiet(); err != nil {
			return err
		}
		down, cpuDown, peakDown = append(down, n/s.seconds), append(cpuDown, s.cpu+b.serverCPU()-before), max(peakDown, s.peakMiB)
		settle()
		r, err := b.rsync("d3", path("rsync", i), false)
		if err != nil {
			return err
		}
		if r.seconds > 0 {
			rsync = append(rsync, n/r.seconds)
		}
		if err := sameTrees(one.dir, two.dir); err != nil {
			return err
		}
		if i < b.runs-1 {
			if err := b.stop(); err != nil {
				return err
			}
		}
	}
	atLeast("D3 up, sync run, first sync", "files/s", median(up), bound{0.6, "kopia", median(kopia)}, bound{10, "syncthing = 0.011 x creating files", 0.011 * made})
	row("of that", "%.1f CPU s, both sides; peak memory of the client %.0f MiB", median(cpuUp), peakUp)
	atLeast("D3 down, sync run, first sync", "files/s", median(down), bound{1, "rsync", median(rsync)})
	row("of that", "%.1f CPU s, both sides; peak memory of the client %.0f MiB", median(cpuDown), peakDown)
	if err := b.again(one, "d3"); err != nil {
		return err
	}
	return errors.Join(b.idleClient(one), b.stop())
}

// downs measures the downward half alone: one loaded server, and for each run a new
// client with a fresh directory, in turn with rsync. Nothing is deleted between runs.
func (b *bench) downs() error {
	n := float64(countFiles(filepath.Join(b.dir, "d3")))
	if _, err := b.fresh("downs"); err != nil {
		return err
	}
	if _, err := b.cli("put", "-r", "--quiet", filepath.Join(b.dir, "d3"), "Bench:/"); err != nil {
		return err
	}
	var own, cpu, theirs []float64
	var peak float64
	for i := range max(1, b.runs) {
		d, err := b.device(fmt.Sprintf("downs-%d", i), b.addr, filepath.Join(b.dir, fmt.Sprintf("downs-%d", i)))
		if err != nil {
			return err
		}
		settle()
		before := b.serverCPU()
		s, err := d.quiet()
		if err != nil {
			return err
		}
		own, cpu, peak = append(own, n/s.seconds), append(cpu, s.cpu+b.serverCPU()-before), max(peak, s.peakMiB)
		settle()
		copied := filepath.Join(b.dir, fmt.Sprintf("downs-rsync-%d", i))
		r, err := b.rsync("d3", copied, false)
		if err != nil {
			return err
		}
		if r.seconds > 0 {
			theirs = append(theirs, n/r.seconds)
		}
		if err := sameTrees(copied, filepath.Join(d.dir, "d3")); err != nil {
			return err
		}
	}
	atLeast("D3 down, sync run, first sync", "files/s", median(own), bound{1, "rsync", median(theirs)})
	row("of that", "%.1f CPU s, both sides; peak memory of the client %.0f MiB", median(cpu), peak)
	return b.stop()
}

// again looks at a folder in which nothing has changed, in fresh processes, in turn
// with rsync -n.
func (b *bench) again(d *device, what string) error {
	copied := filepath.Join(b.dir, "again-rsync")
	defer os.RemoveAll(copied)
	if _, _, err := b.peer(b.dir, nil, "rsync", "-a", "--exclude=.scaidrive", d.dir+"/", copied+"/"); err != nil {
		return err
	}
	s, err := d.once()
	if err != nil {
		return err
	}
	if s.Counts.Hashed > 0 || s.Counts.FilesSent > 0 || s.Counts.FilesReceived > 0 {
		return fmt.Errorf("looking again has found changes: %+v", s.Counts)
	}
	var own, theirs, cpu, peak []float64
	for range max(5, b.runs) {
		s, err := d.quiet()
		if err != nil {
			return err
		}
		r, _, err := b.peer(b.dir, nil, "rsync", "-an", "--exclude=.scaidrive", d.dir+"/", copied+"/")
		if err != nil {
			return err
		}
		own, cpu, peak = append(own, s.seconds), append(cpu, s.cpu), append(peak, s.peakMiB)
		if r.seconds > 0 {
			theirs = append(theirs, r.seconds)
		}
	}
	atMost("rescan of "+what+", sync run --once, nothing changed", "s", median(own), bound{0.8, "rsync -n", median(theirs)})
	row("of that", "%.2f CPU s, peak memory %.0f MiB", median(cpu), median(peak))
	return nil
}

// idleClient measures a minute of following a folder in which nothing happens.
func (b *bench) idleClient(d *device) error {
	if err := d.follow(); err != nil {
		return err
	}
	defer d.stop()
	time.Sleep(5 * time.Second)
	before, server := onCPU(d.live.Process.Pid), onCPU(b.srv.Process.Pid)
	time.Sleep(60 * time.Second)
	used := onCPU(d.live.Process.Pid) - before
	atMost("CPU of an idle client in 60 s", "ms", used.Seconds()*1e3, fixed(10))
	row("of the server meanwhile", "%.1f ms", (onCPU(b.srv.Process.Pid)-server).Seconds()*1e3)
	row("memory of the idle client", "%.1f MiB", memoryOf(d.live.Process.Pid, "VmRSS"))
	return nil
}

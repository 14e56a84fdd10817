package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// compare measures two builds in turn: older, this, this, older. What is printed
// are medians of all rounds, and of the quotients within a round, which other
// work on the machine moves least. Of large, up is the part that goes up.
func (b *bench) compare(base string, big int64) (err error) {
	base, err = filepath.Abs(base)
	if err != nil {
		return err
	}
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	older := &bench{bin: base, dir: b.dir, side: "older-", addr: addr, runs: b.runs}
	for _, set := range []string{"d1", "d3", "d4"} {
		if err := b.data(set, big); err != nil {
			return err
		}
	}
	pair := [2]*bench{older, b}
	fmt.Printf("| row | older | this | this / older |\n|---|---|---|---|\n")
	for _, s := range []struct {
		name string
		f    func([2]*bench) error
	}{{"large", compareLarge}, {"up", func(p [2]*bench) error { return compareUp(p, "d1") }}, {"text", compareText}, {"gets", compareGets}, {"small", compareStart}} {
		if b.only == "" && s.name == "up" || b.only != "" && !slices.Contains(strings.Split(b.only, ","), s.name) {
			continue
		}
		if err := s.f(pair); err != nil {
			return errors.Join(err, older.stop(), b.stop())
		}
	}
	return nil
}

// beside are the figures of a row, of each side a round.
type beside struct{ of [2][]float64 }

// alternate runs f for both, the order turned each round.
func alternate(rounds int, pair [2]*bench, f func(side int, b *bench) error) error {
	for i := range 2 * rounds {
		side := (i ^ i>>1) & 1
		if err := f(side, pair[side]); err != nil {
			return err
		}
	}
	return nil
}

func (s *beside) add(side int, v float64) { s.of[side] = append(s.of[side], v) }

func (s *beside) print(what, unit string) {
	quotients := make([]float64, 0, len(s.of[0]))
	for i := range min(len(s.of[0]), len(s.of[1])) {
		quotients = append(quotients, s.of[1][i]/s.of[0][i])
	}
	fmt.Printf("| %s | %s %s | %s %s | %.3f |\n", what, figure(median(s.of[0])), unit, figure(median(s.of[1])), unit, median(quotients))
}

func compareGets(pair [2]*bench) error {
	dir, _, err := pair[1].makeSmall()
	if err != nil {
		return err
	}
	var targets [2]*target
	for i, b := range pair {
		if targets[i], err = b.loadSmall(dir); err != nil {
			return err
		}
		defer b.changeSomething(targets[i])()
	}
	for _, k := range []struct{ name, suffix string }{{"GET of 4 KiB", "/content"}, {"stat", ""}} {
		var cpu, rates beside
		if err := alternate(4*pair[1].runs, pair, func(side int, b *bench) error {
			before := b.serverCPU()
			r, err := hammer(b.addr, getConns, time.Second, func(rng *rand.Rand, q []byte) []byte { return targets[side].get(k.suffix)(rng, q) })
			cpu.add(side, (b.serverCPU()-before)/r*1e6)
			rates.add(side, r)
			return err
		}); err != nil {
			return err
		}
		cpu.print(k.name+", CPU of the server for one", "us")
		rates.print(k.name, "/s")
	}
	return errors.Join(pair[0].stop(), pair[1].stop())
}

func compareLarge(pair [2]*bench) error {
	if err := compareUp(pair, "d1"); err != nil {
		return err
	}
	var ids, tokens [2]string
	for i, b := range pair {
		var err error
		if _, err = b.serve(filepath.Join(b.dir, b.side+"store-d1")); err != nil {
			return err
		}
		if ids[i], tokens[i], err = b.firstFile("d1"); err != nil {
			return err
		}
	}
	var cpu, rates beside
	if err := alternate(2*pair[1].runs, pair, func(side int, b *bench) error {
		before, t := b.serverCPU(), time.Now()
		n, err := fetchAll("http://"+b.addr+"/api/v1/files/"+ids[side]+"/content", tokens[side])
		rates.add(side, float64(n)/1e6/time.Since(t).Seconds())
		cpu.add(side, (b.serverCPU()-before)/float64(n)*1e9)
		return err
	}); err != nil {
		return err
	}
	cpu.print("GET of D1, CPU of the server for a GB", "s")
	rates.print("GET of D1", "MB/s")
	return errors.Join(pair[0].stop(), pair[1].stop())
}

func compareText(pair [2]*bench) error { return compareUp(pair, "d4") }

// compareUp is put -r of a set into fresh stores.
func compareUp(pair [2]*bench, set string) error {
	size := float64(dirSize(filepath.Join(pair[1].dir, set))) / 1e6
	var client, server, rates beside
	if err := alternate(pair[1].runs, pair, func(side int, b *bench) error {
		if _, err := b.fresh(set); err != nil {
			return err
		}
		before := b.serverCPU()
		one, err := b.cli("put", "-r", "--quiet", filepath.Join(b.dir, set), "Bench:/")
		if err != nil {
			return err
		}
		server.add(side, b.serverCPU()-before)
		client.add(side, one.cpu)
		rates.add(side, size/one.seconds)
		return b.stop()
	}); err != nil {
		return err
	}
	client.print("put -r of "+set+", CPU of the client", "s")
	server.print("put -r of "+set+", CPU of the server", "s")
	rates.print("put -r of "+set, "MB/s")
	return nil
}

// compareStart is from the start of the process to the first signed-in answer, D3 loaded.
func compareStart(pair [2]*bench) error {
	var tokens [2]string
	for i, b := range pair {
		if _, err := b.fresh("d3"); err != nil {
			return err
		}
		if _, err := b.cli("put", "-r", "--quiet", filepath.Join(b.dir, "d3"), "Bench:/"); err != nil {
			return err
		}
		var err error
		if tokens[i], err = b.token(); err != nil {
			return err
		}
		if err := b.stop(); err != nil {
			return err
		}
	}
	var cpu, took beside
	if err := alternate(5*pair[1].runs, pair, func(side int, b *bench) error {
		t := time.Now()
		if _, err := b.serve(filepath.Join(b.dir, b.side+"store-d3")); err != nil {
			return err
		}
		if err := b.call("GET", "/users/me", tokens[side], nil, nil); err != nil {
			return err
		}
		took.add(side, time.Since(t).Seconds()*1e3)
		cpu.add(side, b.serverCPU()*1e3)
		return b.stop()
	}); err != nil {
		return err
	}
	cpu.print("start to the first signed-in answer, CPU of the server", "ms")
	took.print("start to the first signed-in answer, D3 loaded", "ms")
	return compareRescan(pair)
}

// compareRescan is put -r of what is there already.
func compareRescan(pair [2]*bench) error {
	for _, b := range pair {
		if _, err := b.serve(filepath.Join(b.dir, b.side+"store-d3")); err != nil {
			return err
		}
	}
	var client, server beside
	if err := alternate(3*pair[1].runs, pair, func(side int, b *bench) error {
		before := b.serverCPU()
		one, err := b.cli("put", "-r", "--quiet", filepath.Join(b.dir, "d3"), "Bench:/")
		if err != nil {
			return err
		}
		server.add(side, (b.serverCPU()-before)*1e3)
		client.add(side, one.cpu*1e3)
		return nil
	}); err != nil {
		return err
	}
	client.print("put -r again, CPU of the client", "ms")
	server.print("put -r again, CPU of the server", "ms")
	return errors.Join(pair[0].stop(), pair[1].stop())
}

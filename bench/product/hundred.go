package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// What many files are measured with.
const (
	manyFiles   = 100_000
	manyFolders = 1000
	manyEdits   = 25
)

// makeMany writes 100,000 small files in 1,000 folders below one.
func makeMany(dir string) error {
	for i := range manyFolders {
		sub := filepath.Join(dir, "all", fmt.Sprintf("group %02d", i/50), fmt.Sprintf("folder %03d", i))
		if err := os.MkdirAll(sub, 0o700); err != nil {
			return err
		}
		for j := range manyFiles / manyFolders {
			name := filepath.Join(sub, fmt.Sprintf("document number %05d.txt", i*100+j))
			if err := os.WriteFile(name, fmt.Appendf(nil, "content of %d in %d\n", j, i), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// hundred measures two clients with 100,000 files: what they take, how long a
// change needs from one to the other, and a folder with all of it renamed.
func (b *bench) hundred() error {
	store, err := b.fresh("hundred")
	if err != nil {
		return err
	}
	defer os.RemoveAll(store)
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
	one, err := b.device("hundred-1", up.addr, filepath.Join(b.dir, "hundred-1"))
	if err != nil {
		return err
	}
	defer one.drop()
	two, err := b.device("hundred-2", down.addr, filepath.Join(b.dir, "hundred-2"))
	if err != nil {
		return err
	}
	defer two.drop()
	if err := makeMany(one.dir); err != nil {
		return err
	}
	settle()
	s, err := one.quiet()
	if err != nil {
		return err
	}
	first := up.moved()
	row("100,000 small files up, first sync", "%.0f files/s, %.1f MB on the wire", manyFiles/s.seconds, first)
	atMost("peak memory of the client with 100,000 files, up", "MiB", s.peakMiB, fixed(150))
	if s, err = two.quiet(); err != nil {
		return err
	}
	firstDown := down.moved()
	row("the same down", "%.0f files/s, %.1f MB on the wire", manyFiles/s.seconds, firstDown)
	atMost("peak memory of that", "MiB", s.peakMiB, fixed(150))
	if err := b.again(one, "100,000 files"); err != nil {
		return err
	}
	if err := b.oneChange(one, two); err != nil {
		return err
	}
	up.moved()
	down.moved()
	if err := b.renameAll(one, two, up, down, first+firstDown); err != nil {
		return err
	}
	if err := sameTrees(one.dir, two.dir); err != nil {
		return err
	}
	return b.stop()
}

// oneChange measures from the end of a write at one client until the other has it.
func (b *bench) oneChange(one, two *device) error {
	for _, d := range []*device{one, two} {
		if err := d.follow(); err != nil {
			return err
		}
		defer d.stop()
	}
	var took []float64
	for i := range manyEdits {
		at := filepath.Join("all", fmt.Sprintf("group %02d", i/50*7%20), fmt.Sprintf("folder %03d", i*7%50+i/50*7%20*50), fmt.Sprintf("document number %05d.txt", (i*7%50+i/50*7%20*50)*100+i))
		text := fmt.Sprintf("edit %d of many", i)
		t := time.Now()
		if err := os.WriteFile(filepath.Join(one.dir, at), []byte(text+"\n"), 0o600); err != nil {
			return err
		}
		if err := two.until(30*time.Second, func() bool { return has(filepath.Join(two.dir, at), text) }); err != nil {
			return err
		}
		took = append(took, time.Since(t).Seconds())
		time.Sleep(300 * time.Millisecond)
	}
	slices.Sort(took)
	atMost(fmt.Sprintf("one change among 100,000 files until the second client has it, median of %d", len(took)), "s", median(took), fixed(2))
	row("of those the least, and the most", "%.2f, %.2f s", took[0], took[len(took)-1])
	for _, d := range []*device{one, two} {
		pid := d.live.Process.Pid
		atMost("memory of a client that follows 100,000 files, peak", "MiB", memoryOf(pid, "VmHWM"), fixed(150))
		row("the same at the end", "%.1f MiB", memoryOf(pid, "VmRSS"))
	}
	return nil
}

// renameAll renames the folder that holds all of it at one client.
func (b *bench) renameAll(one, two *device, up, down *counter, all float64) error {
	token, err := b.token()
	if err != nil {
		return err
	}
	share, err := b.benchShare(token)
	if err != nil {
		return err
	}
	before, err := b.cursor(token, share)
	if err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(one.dir, "all"), filepath.Join(one.dir, "everything")); err != nil {
		return err
	}
	s, err := one.once()
	if err != nil {
		return err
	}
	after, err := b.cursor(token, share)
	if err != nil {
		return err
	}
	g, err := two.once()
	if err != nil {
		return err
	}
	if s.Counts.Moves != 1 || g.Counts.Moves != 1 || s.Counts.FilesSent+g.Counts.FilesReceived+g.Counts.Deletes+g.Counts.Folders > 0 {
		return fmt.Errorf("a renamed folder was not a rename: %+v, %+v", s.Counts, g.Counts)
	}
	atMost("a folder of 100,000 files renamed: rows in the change log", "", float64(after-before), fixed(1))
	moved := up.moved() + down.moved()
	atMost("of that, bytes of both clients in both directions, of those of the first sync", "%", 100*moved/all, fixed(1))
	row("of that", "%.3f MB; %.2f s at the first client, %.2f s at the second", moved, s.seconds, g.seconds)
	return nil
}

// cursor is the newest of a share's change log.
func (b *bench) cursor(token, share string) (int64, error) {
	var c struct {
		Cursor int64 `json:"cursor"`
	}
	err := b.call("GET", "/sync/changes?share_id="+share, token, nil, &c)
	return c.Cursor, err
}

package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/planner"
)

// A placed is a file that was put in its place.
type placed struct {
	id    planner.ID
	path  string
	mtime int64
	size  int64
}

// fatal reports whether an error is about the disk, not about one file.
func fatal(err error) bool { return noSpace(err) }

// An executor carries out a stretch of operations.
type executor struct {
	f       *Folder
	fetched map[planner.ID]*fetch
	placed  []placed
	at      time.Time // when the last of it was
	done    int
}

// runAll carries operations out until one finds the disk full, or ctx ends.
func (x *executor) runAll(ctx context.Context, ops []planner.Op) error {
	defer func() { x.at = x.f.o.Now() }()
	for i := range ops {
		if ctx.Err() != nil {
			break
		}
		if err := x.run(&ops[i]); err != nil {
			if fatal(err) {
				return err
			}
			x.failed(&ops[i], err)
		}
	}
	return nil
}

// failed takes an operation that was not possible: what is there is looked at
// again, and the next plan knows more.
func (x *executor) failed(op *planner.Op, err error) {
	f := x.f
	path := f.path(op.ID)
	if f.trees.Local.Node(op.ID) == nil {
		path = disk.Join(f.path(op.Parent), op.Name)
	}
	f.touch(dirOf(path))
	f.touch(dirOf(disk.Join(f.path(op.Parent), op.Name)))
	f.problem(path, err)
}

func (x *executor) run(op *planner.Op) error {
	f, t := x.f, x.f.trees
	l, s, r := t.Local.Node(op.ID), t.Synced.Node(op.ID), t.Remote.Node(op.ID)
	to := ""
	switch op.Kind {
	case planner.PullFolder, planner.PullFile, planner.PullMove:
		if op.Parent != planner.Root && t.Local.Node(op.Parent) == nil {
			return errors.New("its folder is not on the disk")
		}
		if !client.SafeName(op.Name) {
			return fmt.Errorf("%w: a name that is none", errServer)
		}
		to = disk.Join(f.path(op.Parent), op.Name)
	default:
		if l == nil {
			return nil
		}
	}
	var err error
	switch op.Kind {
	case planner.PullFolder:
		err = x.mkdir(op, r, to)
	case planner.PullFile:
		err = x.file(op, r, to)
	case planner.PullUpdate:
		err = x.update(op, l, s, r)
	case planner.PullMove:
		err = x.move(op, l, s, to)
	case planner.PullDelete:
		err = x.remove(op, l, s)
	case planner.Rescue:
		err = f.rescue(op.ID)
	}
	if err == nil {
		x.done++
	}
	return err
}

func (x *executor) mkdir(op *planner.Op, r *planner.Node, to string) error {
	f := x.f
	if r == nil {
		return nil
	}
	if err := f.disk.Mkdir(to); err != nil {
		return err
	}
	e, err := f.disk.Look(to)
	if err != nil {
		return err
	}
	f.touch(dirOf(to))
	f.seen[op.ID] = &seen{stamp: planner.Stamp{Identity: e.Stamp.Identity}}
	n := *r
	n.Parent, n.Name = op.Parent, op.Name
	f.isHere(&n)
	f.count(func(c *Counts) { c.Folders++ })
	return nil
}

// isHere takes a node that is on the disk now as it is on the server.
func (f *Folder) isHere(n *planner.Node) {
	l, s := *n, *n
	f.trees.SetLocal(n.ID, &l)
	f.setSynced(n.ID, &s)
}

func (x *executor) file(op *planner.Op, r *planner.Node, to string) error {
	f := x.f
	got := x.fetched[op.ID]
	if r == nil || got == nil {
		return nil
	}
	if got.err != nil {
		return got.err
	}
	if err := f.disk.Place(got.tmp, to); err != nil {
		return err
	}
	got.tmp = ""
	f.touch(dirOf(to))
	n := *r
	n.File = got.file
	n.Version = got.version
	n.Parent, n.Name = op.Parent, op.Name
	x.placed = append(x.placed, placed{op.ID, to, got.mtime, got.file.Size})
	f.seen[op.ID] = &seen{planner.Stamp{}, n.File} // until it is looked at
	f.isHere(&n)
	f.received(to, n.File.Size)
	return nil
}

func (f *Folder) received(path string, size int64) {
	f.count(func(c *Counts) { c.FilesReceived++ })
	f.event("received", path, "", size)
}

func (x *executor) update(op *planner.Op, l, s, r *planner.Node) error {
	f := x.f
	if r == nil || s == nil || l.File != s.File {
		return nil
	}
	path := f.path(op.ID)
	want := f.stampOf(op.ID)
	if want == nil {
		return disk.ErrChanged
	}
	mtime := want.MTime
	file, version := r.File, r.Version
	if r.File.Hash == l.File.Hash && r.File.Size == l.File.Size {
		e, err := f.disk.Look(path)
		if err != nil {
			return err
		}
		if e.Kind != disk.File || e.Stamp != *want {
			return disk.ErrChanged
		}
		if err := f.disk.SetExec(path, r.File.Exec); err != nil {
			return err
		}
	} else {
		got := x.fetched[op.ID]
		if got == nil {
			return nil
		}
		if got.err != nil {
			return got.err
		}
		if err := f.disk.Replace(got.tmp, path, *want); err != nil {
			return err
		}
		got.tmp = ""
		mtime, file, version = got.mtime, got.file, got.version
		f.received(path, file.Size)
	}
	f.touch(dirOf(path))
	x.placed = append(x.placed, placed{op.ID, path, mtime, file.Size})
	f.seen[op.ID] = &seen{planner.Stamp{}, file}
	ln, sn := *l, *s
	ln.File, ln.Version = file, version
	sn.File, sn.Version = file, version
	f.trees.SetLocal(op.ID, &ln)
	f.setSynced(op.ID, &sn)
	return nil
}

func (x *executor) move(op *planner.Op, l, s *planner.Node, to string) error {
	f := x.f
	if l == nil || s == nil {
		return nil
	}
	from, same := f.path(op.ID), false
	if want := f.stampOf(op.ID); want != nil {
		e, err := f.disk.Look(from)
		if err != nil {
			return err
		}
		if e.Stamp.Identity != want.Identity || (e.Kind == disk.Folder) != l.Folder {
			return disk.ErrChanged
		}
		same = e.Stamp == *want
	}
	if err := f.disk.Place(from, to); err != nil {
		return err
	}
	f.touch(dirOf(from))
	f.touch(dirOf(to))
	if l.Folder {
		f.touchBelow(from)
	}
	delete(f.names, op.ID)
	ln, sn := *l, *s
	ln.Parent, ln.Name = op.Parent, op.Name
	sn.Parent, sn.Name = op.Parent, op.Name
	stamp := f.stampOf(op.ID)
	f.trees.SetLocal(op.ID, &ln)
	f.setSynced(op.ID, &sn)
	if !l.Folder && stamp != nil {
		// Moving changes the time of the inode, and nothing else.
		f.seen[op.ID] = &seen{planner.Stamp{Identity: stamp.Identity}, l.File}
		if same { // else it was edited meanwhile, and is read again
			x.placed = append(x.placed, placed{op.ID, to, stamp.MTime, stamp.Size})
		}
	}
	f.count(func(c *Counts) { c.Moves++ })
	f.event("moved", to, "", 0)
	return nil
}

func (x *executor) remove(op *planner.Op, l, s *planner.Node) error {
	f := x.f
	path := f.path(op.ID)
	if l.Folder {
		if err := f.disk.Rmdir(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.touch(path)
			if f.onlyIgnored(path, 0) {
				return errOnlyIgnored
			}
			return err
		}
		f.touchBelow(path)
	} else {
		want := f.stampOf(op.ID)
		if s == nil || l.File != s.File || want == nil {
			return disk.ErrChanged
		}
		if err := f.takeAway(path, *want); err != nil {
			return err
		}
	}
	f.touch(dirOf(path))
	f.trees.SetLocal(op.ID, nil)
	f.setSynced(op.ID, nil)
	f.count(func(c *Counts) { c.Deletes++ })
	f.event("deleted", path, "", 0)
	return nil
}

// errOnlyIgnored: a folder that is gone on the server stays for what is ignored in it,
// and nobody need do anything.
var errOnlyIgnored = errors.New("it holds only what is ignored by a rule")

// onlyIgnored reports whether a folder holds nothing but what is ignored.
func (f *Folder) onlyIgnored(path string, depth int) bool {
	list, err := f.disk.List(path)
	if err != nil || depth > maxDepth {
		return false
	}
	for i := range list {
		e := &list[i]
		if !f.rules.ignored(disk.Normal(e.Name)) && !(e.Kind == disk.Folder && f.onlyIgnored(disk.Join(path, e.Name), depth+1)) {
			return false
		}
	}
	return true
}

// takeAway removes a file that looks as want: it is put aside first, so that what
// somebody writes at the last moment is found and put back.
func (f *Folder) takeAway(path string, want planner.Stamp) error {
	e, err := f.disk.Look(path)
	if err != nil {
		return err
	}
	if e.Kind != disk.File || e.Stamp != want {
		return disk.ErrChanged
	}
	aside := f.tmpName("gone")
	if err := f.disk.Place(path, aside); err != nil {
		return err
	}
	if e, err = f.disk.Look(aside); err != nil || !disk.SameFile(e.Stamp, want) {
		return errors.Join(disk.ErrChanged, f.disk.Place(aside, path))
	}
	return f.disk.Remove(aside, nil)
}

// tmpName gives a name for a temporary file, also to those who fetch.
func (f *Folder) tmpName(kind string) string { return tmpDir + "/" + f.freshName(kind) }

func (f *Folder) freshName(kind string) string {
	return kind + "-" + f.token + "-" + strconv.FormatInt(f.temps.Add(1), 10)
}

// rescue puts local bytes that can't be pushed out of the folder.
func (f *Folder) rescue(id planner.ID) error {
	path := f.path(id)
	if err := f.rescueFile(path); err != nil {
		return err
	}
	f.touch(dirOf(path))
	f.trees.SetLocal(id, nil)
	if f.trees.Synced.Node(id) != nil {
		f.setSynced(id, nil)
	}
	return nil
}

// rescueFile moves a file to the rescue folder, under a name of its own.
func (f *Folder) rescueFile(path string) error {
	_, name := splitPath(path)
	at := f.o.Now().UTC().Format("2006-01-02 15-04-05")
	for n := 1; n < 1000; n++ {
		to := RescueDir + "/" + at + " " + name
		if n > 1 {
			to = fmt.Sprintf("%s/%s %d %s", RescueDir, at, n, name)
		}
		err := f.disk.Place(path, to)
		if errors.Is(err, disk.ErrChanged) {
			continue
		}
		if err == nil {
			f.count(func(c *Counts) { c.Rescued++ })
			f.event("rescued", path, to, 0)
		}
		return err
	}
	return fs.ErrExist
}

func splitPath(p string) (dir, name string) {
	dir = dirOf(p)
	if dir == "" {
		return "", p
	}
	return dir, p[len(dir)+1:]
}

// stamps looks how what was put in place is on the disk, so that a scan knows it
// without reading it. What was written to since is left to the scan.
func (x *executor) stamps() {
	if len(x.placed) == 0 {
		return
	}
	f := x.f
	// A change in the same tick of the file system's clock would not show.
	if left := racy - max(0, f.o.Now().Sub(x.at)); left > 0 {
		f.o.Sleep(left)
	}
	for _, p := range x.placed {
		s, ok := f.seen[p.id]
		if !ok || f.trees.Local.Node(p.id) == nil {
			continue
		}
		e, err := f.disk.Look(p.path)
		if err != nil || e.Kind != disk.File || e.Stamp.Size != p.size || !f.sameTime(&e, p.mtime) ||
			f.disk.Traits().Exec && e.Stamp.Exec != s.file.Exec {
			f.seen[p.id] = &seen{planner.Stamp{Identity: e.Stamp.Identity}, s.file}
			continue
		}
		f.seen[p.id] = &seen{e.Stamp, s.file}
	}
}

// sameTime reports whether a file has the time that it was given, as far as its file
// system keeps times, and would have another one if it had been edited since.
func (f *Folder) sameTime(e *disk.Entry, mtime int64) bool {
	lost := mtime - e.Stamp.MTime
	if lost == 0 && e.Stamp.CTime%int64(time.Second) != 0 {
		return true
	}
	// Units of a hundred nanoseconds, ten milliseconds, one and two seconds are in use.
	fits := lost == 0 || lost > 0 && (lost < 100 && e.Stamp.MTime%100 == 0 ||
		lost < int64(10*time.Millisecond) && e.Stamp.MTime%int64(10*time.Millisecond) == 0 ||
		lost < int64(coarse) && e.Stamp.MTime%int64(time.Second) == 0)
	young := f.o.Now().UnixNano()-mtime < 2*int64(coarse)
	return fits && !young
}

// problem notes that something could not be done on the disk.
func (f *Folder) problem(path string, err error) {
	item := Item{Path: path, Reason: plain(err), Ignored: errors.Is(err, errOnlyIgnored)}
	if !item.Ignored {
		f.event("waiting", path, item.Reason, 0)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.problems = append(f.problems, item)
}

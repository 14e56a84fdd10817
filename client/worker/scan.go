package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/planner"
)

// TouchAll says that something may have happened anywhere in the folder, so that the
// next scan lists all of it.
func (f *Folder) TouchAll() {
	clear(f.cache)
	f.dropAhead()
}

// Rehash has the next scan read all files of which the system does not tell when they
// were last changed in any way: an edit that keeps size and time shows only so.
func (f *Folder) Rehash() { f.rehash = true }

func (f *Folder) dropAhead() {
	if f.ahead != nil {
		f.ahead.Close()
		f.ahead = nil
	}
}

// TouchDir says that something has happened in one folder (a path of the disk; ""
// is the root), so that the next scan lists it.
func (f *Folder) TouchDir(dir string) { f.touch(dir) }

// Dirs are the folders on the disk, by their paths, as of the last scan, with what
// tells one from another that has its path later.
func (f *Folder) Dirs() map[string]planner.Identity {
	dirs := make(map[string]planner.Identity, len(f.cache))
	for dir, l := range f.cache {
		dirs[dir] = l.of
	}
	return dirs
}

// A listing is what lay in a folder.
type listing struct {
	of      planner.Identity // the folder; that of the root is not known
	entries []disk.Entry
}

// Position is up to where the server's changes are known.
func (f *Folder) Position() client.Position { return f.pos }

// Unsettled reports whether a file was being written when the disk was looked at, or
// may have been without a trace in its times, so that it should be looked at again soon.
func (f *Folder) Unsettled() bool { return f.writing }

// touch has one folder listed anew.
func (f *Folder) touch(dir string) {
	delete(f.cache, dir)
	f.touched[dir] = true
}

// touchBelow has a folder that is gone from its path forgotten, with all below.
func (f *Folder) touchBelow(dir string) {
	for at := range f.cache {
		if at == dir || strings.HasPrefix(at, dir+"/") {
			delete(f.cache, at)
		}
	}
}

// A scan is one look at the whole folder, of which what did not change comes from
// the look before.
type scan struct {
	f       *Folder
	found   []planner.Found
	raw     map[int]string // of found: the name on the disk, where it is another one
	dirs    []string       // of found: the folder in which it lies
	ids     []planner.ID   // of found: "" is left out
	unseen  map[int]bool   // of found: nobody knows what it is
	skipped []Item
	trouble []Item // new here, and to be synced if it could be
	closed  map[planner.ID]string
	blind   bool // something could not be looked into that may hold anything
	files   map[int]looked
	ready   map[string]listing // that were made just now, by path

	asRecorded bool // nothing was known but the records
	kept       int  // how many were found to be as they are in the records
}

// scan brings the local tree up to date.
func (f *Folder) scan(ctx context.Context) error {
	if m := marker(f.disk); m == "" || m != f.o.Marker {
		return ErrRoot
	}
	f.writing = false
	clear(f.sent)
	if f.suspect {
		clear(f.cache)
	}
	if f.ahead != nil {
		f.cache, f.ahead = f.ahead.lists(), nil
	}
	s := &scan{f: f, ready: f.listTouched(ctx), closed: map[planner.ID]string{}, files: map[int]looked{}, raw: map[int]string{}, unseen: map[int]bool{}}
	s.room()
	if err := s.walk(ctx, "", planner.Identity{}, -1, 0); err != nil {
		return err
	}
	f.room(len(s.found))
	known := &known{f: f, asRecorded: f.asRecorded()}
	s.asRecorded = known.asRecorded
	matches := planner.Recognise(known, s.found)
	s.name(matches)
	if err := s.read(ctx, matches); err != nil {
		return err
	}
	// What is being plugged out shows as gone: the marker is looked at again.
	if m := marker(f.disk); m != f.o.Marker {
		return ErrRoot
	}
	s.take(matches)
	f.troubles = s.troubles()
	s.missing()
	f.trees.Local.Closed = s.closed
	f.suspect = false
	f.mu.Lock()
	f.status.Skipped = s.skipped
	f.mu.Unlock()
	return nil
}

// listTouched lists folders in which something has happened, several at once, where
// there are many of them. What can't be listed is left to the scan.
func (f *Folder) listTouched(ctx context.Context) map[string]listing {
	defer clear(f.touched)
	if len(f.touched) < listTogether {
		return nil
	}
	ready := make(map[string]listing, len(f.touched))
	var mu sync.Mutex
	var wg sync.WaitGroup
	todo := make(chan string)
	for range listers() {
		wg.Go(func() {
			for dir := range todo {
				var of planner.Identity // that of the root is not known
				if dir != "" {
					e, err := f.disk.Look(dir)
					if err != nil || e.Kind != disk.Folder {
						continue
					}
					of = e.Stamp.Identity
				}
				if list, err := f.disk.List(dir); err == nil {
					mu.Lock()
					ready[dir] = listing{of, list}
					mu.Unlock()
				}
			}
		})
	}
	for dir := range f.touched {
		if ctx.Err() != nil {
			break
		}
		todo <- dir
	}
	close(todo)
	wg.Wait()
	return ready
}

// listTogether is from how many folders on they are listed by several.
const listTogether = 16

// room makes room for what will be found.
func (s *scan) room() {
	n := 0
	for _, l := range s.f.cache {
		n += len(l.entries)
	}
	s.found, s.dirs = make([]planner.Found, 0, n), make([]string, 0, n)
}

// place is the path on the disk of something found.
func (s *scan) place(i int) string {
	name, ok := s.raw[i]
	if !ok {
		name = s.found[i].Name
	}
	return disk.Join(s.dirs[i], name)
}

func (s *scan) skip(path, why string) {
	s.skipped = append(s.skipped, Item{Path: strings.ToValidUTF8(path, "?"), Reason: why})
}

// ails takes something that should be synced and can't be.
func (s *scan) ails(path, why string) {
	s.trouble = append(s.trouble, Item{Path: strings.ToValidUTF8(path, "?"), Reason: why})
}

// troubles names what could not be looked at, so that nobody knows whether it is in
// step: what is new here, and the topmost of what is known.
func (s *scan) troubles() []Item {
	list := s.trouble
	for i, id := range s.ids {
		why, closed := s.closed[id]
		if id == "" || !closed || s.f.passing(s.files[i].err) {
			continue
		}
		list = append(list, Item{Path: strings.ToValidUTF8(s.place(i), "?"), Reason: why})
	}
	return list
}

// passing reports whether a file is only being written and is looked at again soon:
// that is no news while a folder is followed.
func (f *Folder) passing(err error) bool { return f.o.Stable > 0 && errors.Is(err, errWriting) }

// walk lists a folder and those below, as far as they may have changed.
func (s *scan) walk(ctx context.Context, dir string, of planner.Identity, at, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f := s.f
	known, ok := f.cache[dir]
	if !ok {
		if known, ok = s.ready[dir]; ok {
			f.cache[dir] = known
		}
	}
	if !ok || known.of != of { // another folder has the path now
		list, err := f.disk.List(dir)
		if err != nil {
			return s.unreadable(dir, at, err)
		}
		known = listing{of, list}
		f.cache[dir] = known
	}
	list := known.entries
	for i := range list {
		e := &list[i]
		name := disk.Normal(e.Name)
		switch {
		case at < 0 && strings.EqualFold(e.Name, Own):
			continue
		case !utf8.ValidString(e.Name):
			s.ails(disk.Join(dir, e.Name), "its name is not UTF-8")
			continue
		case f.rules.ignored(name):
			continue
		case s.twin(list, i, name):
			s.ails(disk.Join(dir, e.Name), "another name here is the same in other characters")
			continue
		case depth >= maxDepth:
			s.ails(disk.Join(dir, e.Name), fmt.Sprintf("it lies more than %d levels deep", maxDepth))
			continue
		}
		fd := planner.Found{Folder: at, Name: name, IsDir: e.Kind == disk.Folder, Stamp: e.Stamp, Closed: e.Why}
		if e.Kind == disk.Folder {
			// A folder's times change with what is in it.
			fd.Stamp = planner.Stamp{Identity: e.Stamp.Identity}
		}
		s.found = append(s.found, fd)
		if name != e.Name {
			s.raw[len(s.found)-1] = e.Name
		}
		s.dirs = append(s.dirs, dir)
		if e.Kind == disk.Unseen {
			s.unseen[len(s.found)-1] = true
		}
		if e.Kind == disk.Folder {
			if err := s.walk(ctx, disk.Join(dir, e.Name), e.Stamp.Identity, len(s.found)-1, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// twin reports whether an entry has the same name as another in the server's form.
// The one that has the form keeps it; of others the first.
func (s *scan) twin(list []disk.Entry, i int, name string) bool {
	if name == list[i].Name && !plainASCII(name) {
		return false
	}
	if plainASCII(list[i].Name) {
		return false
	}
	for j := range list {
		if j != i && disk.Normal(list[j].Name) == name && (list[j].Name == name || j < i) {
			return true
		}
	}
	return false
}

func plainASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unreadable takes a folder that can't be listed. That of the root is an error.
func (s *scan) unreadable(dir string, at int, err error) error {
	delete(s.f.cache, dir)
	if at < 0 {
		return fmt.Errorf("%w: %w", ErrRoot, err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		// It went while its folder was listed.
		up := s.dirs[at]
		delete(s.f.cache, up)
	}
	s.found[at].Closed = "it can't be listed: " + plain(err)
	return nil
}

func plain(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// asRecorded reports whether synced, the local tree and what is known of the disk are
// what the records say.
func (f *Folder) asRecorded() bool {
	return f.unrecorded.empty() && len(f.seen) == 0 && len(f.names) == 0 && f.trees.Local.Differs() == 0
}

// name gives each thing found its ID.
func (s *scan) name(matches []planner.Match) {
	f := s.f
	sel := newSelection(f.o.Only)
	s.ids = make([]planner.ID, len(matches))
	paths := map[int]string{}
	for i := range matches {
		fd := &s.found[i]
		if fd.Folder >= 0 && s.ids[fd.Folder] == "" {
			continue // its folder is left out
		}
		if len(sel) > 0 {
			paths[i] = disk.Join(paths[fd.Folder], fd.Name)
		}
		id := matches[i].ID
		if id == "" {
			if fd.Closed != "" {
				if fd.IsDir || s.unseen[i] {
					s.ails(s.place(i), fd.Closed)
					s.blind = true
				} else {
					s.skip(s.place(i), fd.Closed)
				}
				continue
			}
			if itself, below := sel.wants(paths[i]); !itself && !(below && fd.IsDir) {
				s.skip(paths[i], "it is not in the part of the share that is kept here")
				continue
			}
			f.locals++
			id = planner.ID(fmt.Sprintf("~%s.%08d", f.token, f.locals))
		}
		s.ids[i] = id
		if fd.Closed != "" {
			s.closed[id] = fd.Closed
		}
	}
}

// take brings what was found into the local tree.
func (s *scan) take(matches []planner.Match) {
	f := s.f
	for i, id := range s.ids {
		if id == "" {
			continue
		}
		if _, closed := s.closed[id]; closed {
			s.asSynced(id)
			continue
		}
		fd := &s.found[i]
		n := planner.Node{ID: id, Parent: planner.Root, Name: fd.Name, Folder: fd.IsDir}
		if fd.Folder >= 0 {
			n.Parent = s.ids[fd.Folder]
		}
		if m := &matches[i]; s.asRecorded && m.Same && m.Node.Parent == n.Parent && m.Node.Name == n.Name && len(s.raw) == 0 {
			s.kept++
			continue
		}
		if !fd.IsDir && !s.content(i, &n, matches[i].Same) {
			continue
		}
		if fd.IsDir && !matches[i].Same {
			f.seen[id] = &seen{stamp: fd.Stamp}
		}
		if !matches[i].Same {
			f.learned(id, &n)
		}
		if raw, other := s.raw[i]; other {
			f.names[id] = raw
		} else {
			delete(f.names, id)
		}
		if cur := f.trees.Local.Node(id); cur != nil && cur.Parent == n.Parent && cur.Name == n.Name && cur.File == n.File && cur.Folder == n.Folder {
			continue
		}
		if strings.HasPrefix(fd.Name, tempPrefix) && f.trees.Synced.Node(id) != nil {
			f.leftOver(id, &n)
		}
		f.trees.SetLocal(id, &n)
	}
}

// learned has the records take how something that is in step looks now, so that the
// next run knows it without reading it, and by its identity.
func (f *Folder) learned(id planner.ID, n *planner.Node) {
	base, now := f.trees.Synced.Node(id), f.seen[id]
	if base == nil || now == nil || base.Folder != n.Folder || base.File != n.File || now.stamp.CTime < 0 {
		return
	}
	if old := f.rec.Stamp(id); old == nil || *old != now.stamp {
		f.note(id)
	}
}

// leftOver takes something that an earlier run has given a name for a moment, and
// did not come to the next: as if that had been recorded.
func (f *Folder) leftOver(id planner.ID, n *planner.Node) {
	m := *f.trees.Synced.Node(id)
	m.Parent, m.Name = n.Parent, n.Name
	f.setSynced(id, &m)
}

// content fills in what a file contains. False: it is not known now.
func (s *scan) content(i int, n *planner.Node, same bool) bool {
	f, id := s.f, n.ID
	base := f.trees.Synced.Node(id)
	if same {
		if have, ok := f.seen[id]; ok {
			n.File = have.file
		} else {
			n.File = base.File
		}
		return true
	}
	l := s.files[i]
	if l.err != nil {
		f.touch(s.dirs[i])
		f.writing = f.writing || errors.Is(l.err, errWriting)
		if base == nil {
			if f.passing(l.err) {
				s.skip(s.place(i), plain(l.err))
			} else {
				s.ails(s.place(i), plain(l.err))
			}
			s.ids[i] = ""
			if f.trees.Local.Node(id) != nil {
				s.closed[id] = plain(l.err)
			}
			return false
		}
		s.closed[id] = plain(l.err)
		s.asSynced(id)
		return false
	}
	if !f.disk.Traits().Exec {
		l.file.Exec = base != nil && base.File.Exec
	}
	if base != nil && f.doubtful(id, base, &l) {
		f.setAside(id, s.place(i), &l)
		f.touch(s.dirs[i])
		s.ids[i] = ""
		return false
	}
	n.File = l.file
	f.seen[id] = &seen{l.stamp, l.file}
	f.writing = f.writing || l.stamp.CTime < 0
	return true
}

// asSynced shows a node where and as it was last in step.
func (s *scan) asSynced(id planner.ID) {
	if base := s.f.trees.Synced.Node(id); base != nil {
		n := *base
		s.f.trees.SetLocal(id, &n)
	}
}

// complete reports whether all that synced has was found, and nothing else is known.
func (s *scan) complete() bool {
	f, n, other := s.f, 0, false
	if s.kept == len(s.ids) && s.kept == f.trees.Synced.Len() {
		return true // each is found once, and nothing else was known
	}
	for _, id := range s.ids {
		if id != "" && f.trees.Synced.Node(id) != nil {
			n++ // each is found once
		}
	}
	f.trees.Local.Changed(func(id planner.ID) { other = other || f.trees.Synced.Node(id) == nil })
	return n == f.trees.Synced.Len() && !other
}

// missing finds what is known and was not found. It is gone, unless it lies where
// nobody could look.
func (s *scan) missing() {
	f := s.f
	if s.complete() {
		return
	}
	found := make(map[planner.ID]struct{}, len(s.ids))
	for _, id := range s.ids {
		if id != "" {
			found[id] = struct{}{}
		}
	}
	var gone []planner.ID
	f.trees.Synced.All(func(n *planner.Node) {
		if _, ok := found[n.ID]; !ok {
			gone = append(gone, n.ID)
		}
	})
	f.trees.Local.Changed(func(id planner.ID) {
		if _, ok := found[id]; !ok && f.trees.Synced.Node(id) == nil && f.trees.Local.Node(id) != nil {
			gone = append(gone, id)
		}
	})
	slices.SortFunc(gone, cmp.Compare[planner.ID])
	for _, id := range gone {
		if _, closed := s.closed[id]; closed {
			continue
		}
		if why := s.hidden(id); why != "" && f.trees.Synced.Node(id) != nil {
			s.closed[id] = why
			s.asSynced(id)
			continue
		}
		if f.trees.Local.Node(id) != nil {
			f.trees.SetLocal(id, nil)
		}
		if f.trees.Synced.Node(id) == nil {
			delete(f.seen, id)
			delete(f.names, id)
		}
	}
}

// hidden tells why something may be there though it was not found, "" if it is
// gone.
func (s *scan) hidden(id planner.ID) string {
	if s.blind {
		return "it may lie in a folder that can't be listed"
	}
	for depth := 0; id != planner.Root && depth < maxDepth; depth++ {
		n := s.f.trees.Synced.Node(id)
		if n == nil {
			return ""
		}
		if s.f.rules.ignored(n.Name) {
			return whyIgnored
		}
		if id = n.Parent; id != planner.Root {
			if why, ok := s.closed[id]; ok {
				return why
			}
		}
	}
	return ""
}

// doubtful reports whether a file that the client wrote shortly before an unclean
// end differs from what it wrote without having been touched since: a damaged
// download, not an edit.
func (f *Folder) doubtful(id planner.ID, base *planner.Node, l *looked) bool {
	if !f.suspect || f.rec.Written(id) == 0 || f.rec.Written(id) < f.durable || l.file.Hash == base.File.Hash {
		return false
	}
	old := f.rec.Stamp(id)
	return old != nil && old.Identity == l.stamp.Identity && old.CTime > 0 && l.stamp.CTime <= old.CTime
}

// setAside takes a damaged download out of the folder, so that it is fetched again.
func (f *Folder) setAside(id planner.ID, path string, l *looked) {
	if l.file.Size == 0 {
		if f.disk.Remove(path, nil) != nil {
			return
		}
	} else if f.rescueFile(path) != nil {
		return
	}
	f.trees.SetLocal(id, nil)
	f.setSynced(id, nil)
}

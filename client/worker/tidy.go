package worker

import (
	"crypto/sha256"
	"io"
	"strings"

	"scaidrive/client/disk"
	"scaidrive/client/planner"
)

// partPrefix begins the names of downloads that go on where they ended.
const partPrefix = "part-"

// tidy looks through what an earlier run that did not end well has left among the
// temporary files. What the server has is removed; anything else may be what
// somebody wrote at the last moment, and is rescued. It is done once, before
// anything is fetched.
func (f *Folder) tidy() {
	if f.tidied {
		return
	}
	f.tidied = true
	left := map[[32]byte][]string{}
	nooks := f.temporary(func(path string, e *disk.Entry) {
		switch {
		case strings.HasPrefix(e.Name, partPrefix):
			f.parts = true
		case e.Kind == disk.Other || e.Stamp.Size == 0:
			_ = f.disk.Remove(path, nil) // else the next run does
		default:
			if sum, err := f.sum(path); err == nil {
				left[sum] = append(left[sum], path)
			}
		}
	})
	defer func() {
		for _, path := range nooks {
			_ = f.disk.Rmdir(path) // else the next run does
		}
	}()
	if len(left) == 0 {
		return
	}
	known := func(n *planner.Node) {
		for _, path := range left[n.File.Hash] {
			_ = f.disk.Remove(path, nil)
		}
		delete(left, n.File.Hash)
	}
	f.trees.Synced.All(known)
	f.trees.Remote.Changed(func(id planner.ID) {
		if n := f.trees.Remote.Node(id); n != nil {
			known(n)
		}
	})
	for _, paths := range left {
		for _, path := range paths {
			_ = f.rescueFile(path) // else the next run does
		}
	}
}

// tidyParts removes downloads that were broken off and are not wanted any more.
func (f *Folder) tidyParts() {
	if !f.parts {
		return
	}
	f.parts = false
	list, err := f.disk.List(tmpDir)
	if err != nil {
		return
	}
	for _, e := range list {
		if strings.HasPrefix(e.Name, partPrefix) && e.Kind != disk.Folder {
			_ = f.disk.Remove(tmpDir+"/"+e.Name, nil)
		}
	}
}

func (f *Folder) sum(path string) (sum [32]byte, err error) {
	r, err := f.disk.Open(path)
	if err != nil {
		return sum, err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, struct{ io.Reader }{r}); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	return sum, nil
}

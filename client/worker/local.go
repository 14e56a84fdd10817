package worker

import (
	"errors"
	"io/fs"

	"scaidrive/client/disk"
	"scaidrive/client/planner"
)

// The client's own folder at the root, and what lies in it: in RescueDir what would have
// been lost otherwise.
const (
	Own        = ".scaidrive"
	markerFile = Own + "/folder"
	tmpDir     = Own + "/tmp"
	RescueDir  = Own + "/rescue"
)

// isLocal reports whether an ID is the client's own, of what is only on the disk.
func isLocal(id planner.ID) bool { return len(id) > 0 && id[0] == '~' }

// Mark makes the client's own folder at a root, with a marker.
func Mark(d disk.FS, marker string) error {
	for _, dir := range []string{Own, tmpDir, RescueDir} {
		if err := d.Mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := d.Remove(markerFile, nil); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	w, err := d.Create(markerFile, false)
	if err != nil {
		return err
	}
	_, err = w.Write([]byte(marker))
	return errors.Join(err, w.Close(), d.Sync())
}

// marker reads the marker; "" if there is none.
func marker(d disk.FS) string {
	r, err := d.Open(markerFile)
	if err != nil {
		return ""
	}
	defer r.Close()
	b := make([]byte, 256)
	n, _ := r.Read(b)
	return string(b[:n])
}

// path is where a node of local lies on the disk.
func (f *Folder) path(id planner.ID) string { return f.pathIn(f.trees.Local, id) }

// pathIn is the path of a node by the names of the disk.
func (f *Folder) pathIn(t planner.Tree, id planner.ID) string {
	if id == planner.Root {
		return ""
	}
	n := t.Node(id)
	if n == nil {
		return Own + "/nowhere"
	}
	name := n.Name
	if raw, ok := f.names[id]; ok {
		name = raw
	}
	return disk.Join(f.pathIn(t, n.Parent), name)
}

// shown is the path of a node for people.
func shown(t planner.Tree, id planner.ID) string {
	p := ""
	for depth := 0; id != planner.Root && depth < maxDepth; depth++ {
		n := t.Node(id)
		if n == nil {
			return p
		}
		if p == "" {
			p = n.Name
		} else {
			p = n.Name + "/" + p
		}
		id = n.Parent
	}
	return p
}

// maxDepth is beyond the server's limit of levels.
const maxDepth = 200

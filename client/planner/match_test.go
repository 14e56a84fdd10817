package planner

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// disk is a known tree whose nodes carry their paths as IDs and inode numbers.
type disk struct {
	*Nodes
	stamps map[ID]*Stamp
	byIno  map[Identity]ID
}

func (d *disk) Stamp(id ID) *Stamp { return d.stamps[id] }

func (d *disk) ByIdentity(i Identity) (*Node, *Stamp) {
	id, ok := d.byIno[i]
	if !ok {
		return nil, nil
	}
	return d.Node(id), d.Stamp(id)
}

// knownDisk makes a tree of lines "path inode"; folders end in a slash.
func knownDisk(lines ...string) *disk {
	d := &disk{NewNodes(), map[ID]*Stamp{}, map[Identity]ID{}}
	for _, f := range foundDisk(lines...) {
		path := f.Name
		parent := Root
		if i := strings.LastIndexByte(path, '/'); i >= 0 {
			parent = ID(path[:i])
		}
		d.Put(&Node{ID: ID(path), Parent: parent, Name: path[strings.LastIndexByte(path, '/')+1:], Folder: f.IsDir})
		s := f.Stamp
		d.stamps[ID(path)] = &s
		d.byIno[s.Identity] = ID(path)
	}
	return d
}

// foundDisk lists things under their whole paths: names and folders are put in
// by scanOf.
func foundDisk(lines ...string) []Found {
	var out []Found
	for _, l := range lines {
		var f Found
		var ino uint64
		var rest string
		fmt.Sscan(l, &f.Name, &ino, &rest)
		f.IsDir = strings.HasSuffix(f.Name, "/")
		f.Name = strings.TrimSuffix(f.Name, "/")
		f.Stamp = Stamp{Identity: Identity{Volume: 1, Number: ino}, Size: 1}
		if ino == 0 {
			f.Stamp.Identity = Identity{}
		}
		switch rest {
		case "changed":
			f.Stamp.MTime = 5
		case "closed":
			f.Closed = "no right to read"
		}
		out = append(out, f)
	}
	return out
}

func scanOf(lines ...string) []Found {
	out := foundDisk(lines...)
	at := map[string]int{}
	for i := range out {
		path := out[i].Name
		at[path] = i
		out[i].Folder = -1
		if k := strings.LastIndexByte(path, '/'); k >= 0 {
			out[i].Folder = at[path[:k]]
			out[i].Name = path[k+1:]
		}
	}
	return out
}

func TestRecognise(t *testing.T) {
	known := knownDisk("a 1", "b 2", "d/ 3", "d/x 4", "d/e/ 5", "d/e/y 6")
	for _, c := range []struct {
		name string
		scan []string
		want string // IDs in the order of the scan, "=": the same stamp, "-": new
	}{
		{"nothing changed", []string{"a 1", "b 2", "d/ 3", "d/x 4", "d/e/ 5", "d/e/y 6"}, "a= b= d= d/x= d/e= d/e/y="},
		{"renamed", []string{"c 1", "b 2"}, "a= b="},
		{"names swapped", []string{"a 2", "b 1"}, "b= a="},
		{"in a circle", []string{"a 2", "b 4", "d/ 3", "d/x 1"}, "b= d/x= d= a="},
		{"changed in its place", []string{"a 1 changed", "b 2"}, "a b="},
		{"replaced by a new file (safe saving)", []string{"a 9", "b 2"}, "a b="},
		{"replaced, the old one kept under another name", []string{"a 9", "a~ 1", "b 2"}, "- a= b="},
		{"moved away and another put in its place", []string{"a 9", "d/ 3", "d/z 1"}, "- d= a="},
		{"a folder moved, with all in it", []string{"f/ 3", "f/x 4", "f/e/ 5", "f/e/y 6"}, "d= d/x= d/e= d/e/y="},
		{"a folder moved, a file in it replaced", []string{"f/ 3", "f/x 9", "f/e/ 5", "f/e/y 6"}, "d= d/x d/e= d/e/y="},
		{"a folder copied and the old one removed", []string{"d/ 10", "d/x 11", "d/e/ 12", "d/e/y 13"}, "d d/x d/e d/e/y"},
		{"taken out of a folder that is new", []string{"n/ 10", "n/x 4"}, "- d/x="},
		{"two names of one file", []string{"a 1", "b 1"}, "a= b"},
		{"two names of one file, the first is new", []string{"A0 1", "a 1"}, "- a="},
		{"no identities", []string{"a 0", "b 0", "d/ 0", "d/x 0", "new 0"}, "a b d d/x -"},
		{"a number used again for a folder", []string{"a/ 1"}, "-"},
		{"a folder in a file's place", []string{"a/ 9", "b 2"}, "- b="},
		{"something closed in a file's place", []string{"a/ 9 closed", "b 2"}, "a b="},
		{"only the case changed", []string{"A 1", "b 2"}, "a= b="},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, m := range Recognise(known, scanOf(c.scan...)) {
				s := string(m.ID)
				if s == "" {
					s = "-"
				}
				if m.Same {
					s += "="
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(strings.Fields(c.want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

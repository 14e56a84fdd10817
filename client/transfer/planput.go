package transfer

import "scaidrive/client"

// A PutAction is what becomes of a local file.
type PutAction uint8

// The actions.
const (
	PutCreate  PutAction = iota + 1 // there is none of that name
	PutReplace                      // the size differs
	PutCompare                      // the time differs: its hash decides
	PutTouch                        // only the executable bit differs
)

// A PutOp is one file to work on.
type PutOp struct {
	File   int32 // in LocalTree.Files
	Remote int32 // in RemoteTree.Nodes, -1 for PutCreate
	Action PutAction
}

// The values of PutPlan.DirNode beside indexes of remote nodes.
const (
	dirToMake  = -1
	dirRefused = -2
)

// A PutPlan is what a put has to do.
type PutPlan struct {
	// DirNode gives for each local folder the remote one, dirToMake or dirRefused.
	DirNode []int32
	// Folders are the local folders to make, parents first.
	Folders []int32
	Ops     []PutOp

	Unchanged      int64
	UnchangedBytes int64
	Problems       []Problem
}

// PlanPut compares a local tree with the listing of the target.
func PlanPut(l *LocalTree, r *RemoteTree) *PutPlan {
	p := &PutPlan{DirNode: make([]int32, len(l.Dirs))}
	taken := make(map[childName]struct{}, len(l.Dirs)+len(l.Files))
	for i := 1; i < len(l.Dirs); i++ {
		p.placeDir(l, r, int32(i), taken)
	}
	for i := range l.Files {
		p.placeFile(l, r, int32(i), taken)
	}
	return p
}

func (p *PutPlan) refuse(path, why string) {
	p.Problems = append(p.Problems, Problem{Path: path, Kind: Failed, Reason: why})
}

const (
	whyTwin   = "another name in the same folder differs only in case or form; the server takes them for one"
	whyIsFile = "a file of that name is on the server"
	whyIsDir  = "a folder of that name is on the server"
)

func (p *PutPlan) placeDir(l *LocalTree, r *RemoteTree, i int32, taken map[childName]struct{}) {
	d := &l.Dirs[i]
	parent := p.DirNode[d.Parent]
	if parent == dirRefused {
		p.DirNode[i] = dirRefused
		return
	}
	if !claim(taken, d.Parent, d.Name) {
		p.DirNode[i] = dirRefused
		p.refuse(d.shown, whyTwin)
		return
	}
	node := int32(dirToMake)
	if parent >= 0 {
		node = r.Child(parent, d.Name) // -1 is dirToMake
	}
	switch {
	case node == dirToMake:
		p.Folders = append(p.Folders, i)
	case !r.Nodes[node].Folder:
		p.refuse(d.shown, whyIsFile)
		node = dirRefused
	}
	p.DirNode[i] = node
}

func (p *PutPlan) placeFile(l *LocalTree, r *RemoteTree, i int32, taken map[childName]struct{}) {
	f := &l.Files[i]
	parent := p.DirNode[f.Dir]
	if parent == dirRefused {
		return // its folder was named
	}
	if !claim(taken, f.Dir, f.Name) {
		p.refuse(l.Path(i), whyTwin)
		return
	}
	node := int32(-1)
	if parent >= 0 {
		node = r.Child(parent, f.Name)
	}
	if node < 0 {
		p.Ops = append(p.Ops, PutOp{File: i, Remote: -1, Action: PutCreate})
		return
	}
	n := &r.Nodes[node]
	switch {
	case n.Folder:
		p.refuse(l.Path(i), whyIsDir)
	case n.Size != f.Size:
		p.Ops = append(p.Ops, PutOp{File: i, Remote: node, Action: PutReplace})
	case n.Mtime != millis(f.Mtime):
		p.Ops = append(p.Ops, PutOp{File: i, Remote: node, Action: PutCompare})
	case hasExec && n.Exec != f.Exec:
		p.Ops = append(p.Ops, PutOp{File: i, Remote: node, Action: PutTouch})
	default:
		p.Unchanged++
		p.UnchangedBytes += f.Size
	}
}

// claim takes a name in a local folder; false: it is taken.
func claim(taken map[childName]struct{}, dir int32, name string) bool {
	k := childName{dir, client.NameKey(name)}
	if _, ok := taken[k]; ok {
		return false
	}
	taken[k] = struct{}{}
	return true
}

// millis cuts a time in nanoseconds down to what the wire carries.
func millis(ns int64) int64 {
	ms := ns / 1e6
	if ns%1e6 < 0 {
		ms--
	}
	return ms
}

package transfer

import "scaidrive/client"

// A GetAction is what becomes of a remote file.
type GetAction uint8

// The actions.
const (
	GetFetch   GetAction = iota + 1 // there is none, or its size differs
	GetCompare                      // the time differs: its hash decides
	GetTouch                        // only the executable bit differs
)

// A GetOp is one file to work on.
type GetOp struct {
	Node   int32
	Action GetAction
	Perm   uint32 // of the file that is replaced; 0: there is none
}

// A LocalEntry is what lies under a name in a local folder.
type LocalEntry struct {
	Dir     bool
	Regular bool
	What    string // of what is neither: "link", "named pipe", ...
	Size    int64
	Mtime   int64 // nanoseconds
	Perm    uint32
}

// A GetPlan is what a get has to do.
type GetPlan struct {
	// Folders are to be made, parents first.
	Folders []int32
	Ops     []GetOp

	Unchanged      int64
	UnchangedBytes int64
	Problems       []Problem
}

// PlanGet compares a listing with what lies in the target. look gives what is in
// the local folder of a remote one, by name; it is asked for folders that are
// there only.
func PlanGet(r *RemoteTree, shown func(i int32) string, look func(i int32) (map[string]LocalEntry, error)) *GetPlan {
	p := &GetPlan{}
	state := make([]dirState, len(r.Nodes))
	here := make([]map[string]LocalEntry, len(r.Nodes))
	enter := func(i int32) {
		entries, err := look(i)
		if err != nil {
			p.refuse(shown(i), reason(err))
			state[i] = dirOut
			return
		}
		state[i], here[i] = dirThere, entries
	}
	enter(0)
	for i := int32(1); i < int32(len(r.Nodes)); i++ {
		n := &r.Nodes[i]
		if state[n.Parent] == dirOut {
			state[i] = dirOut
			continue
		}
		if !client.SafeName(n.Name) || ours(n.Name) {
			p.refuse(shown(i), "the server sent a name that cannot be used here")
			state[i] = dirOut
			continue
		}
		e, there := here[n.Parent][n.Name]
		if n.Folder {
			switch {
			case !there:
				p.Folders = append(p.Folders, i)
				state[i] = dirNew
			case !e.Dir:
				p.refuse(shown(i), "a "+e.kind()+" of that name is in the way")
				state[i] = dirOut
			default:
				enter(i)
			}
			continue
		}
		p.file(i, n, e, there, shown)
	}
	return p
}

type dirState uint8

const (
	dirNew   dirState = iota + 1 // to be made, so nothing is in it
	dirThere                     // looked at
	dirOut                       // left out, with all below it
)

func (e *LocalEntry) kind() string {
	switch {
	case e.Dir:
		return "folder"
	case e.Regular:
		return "file"
	}
	return e.What
}

func (p *GetPlan) refuse(path, why string) {
	p.Problems = append(p.Problems, Problem{Path: path, Kind: Failed, Reason: why})
}

func (p *GetPlan) file(i int32, n *RemoteNode, e LocalEntry, there bool, shown func(int32) string) {
	switch {
	case !there:
		p.Ops = append(p.Ops, GetOp{Node: i, Action: GetFetch})
	case !e.Regular:
		p.refuse(shown(i), "a "+e.kind()+" of that name is in the way")
	case e.Size != n.Size:
		p.Ops = append(p.Ops, GetOp{Node: i, Action: GetFetch, Perm: e.Perm})
	case millis(e.Mtime) != n.Mtime:
		p.Ops = append(p.Ops, GetOp{Node: i, Action: GetCompare, Perm: e.Perm})
	case hasExec && (e.Perm&0o100 != 0) != n.Exec:
		p.Ops = append(p.Ops, GetOp{Node: i, Action: GetTouch, Perm: e.Perm})
	default:
		p.Unchanged++
		p.UnchangedBytes += n.Size
	}
}

// permFor gives the permission bits of a file that has or has not the
// executable bit; old are those it had, 0 for a new one, whose bits the
// process's mask narrows.
func permFor(old uint32, exec bool) uint32 {
	switch {
	case old == 0 && exec:
		return 0o777
	case old == 0:
		return 0o666
	case exec:
		return old | 0o100 | (old&0o044)>>2
	}
	return old &^ 0o111
}

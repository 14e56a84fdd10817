package transfer

import (
	"os"
	"strings"

	"scaidrive/client/filelock"
)

// A stray is a temporary file that an earlier run left in a folder. Those of
// big files carry the version's ID and are taken up again; all others go.
type stray struct {
	dir  int32
	name string
}

func isPart(name string) bool { return strings.HasPrefix(name, partPrefix) }

// removeStrays clears up what no file of the plan will take up again.
func (d *download) removeStrays(plan *GetPlan) {
	if len(d.strays) == 0 {
		return
	}
	wanted := make(map[stray]struct{})
	for _, op := range plan.Ops {
		if n := &d.remote.Nodes[op.Node]; n.Size >= bigFile {
			wanted[stray{n.Parent, bigPartName(n)}] = struct{}{}
		}
	}
	for _, s := range d.strays {
		if _, ok := wanted[s]; ok {
			continue
		}
		if h, err := d.dirs.get(s.dir); err == nil {
			removeStray(h.root, s.name)
			h.put()
		}
	}
}

// removeStray removes a stray unless a living process holds it.
func removeStray(dir *os.Root, name string) {
	info, err := dir.Lstat(name)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	f, err := dir.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if locked(f) {
		dir.Remove(name)
	}
}

// locked takes a file's lock unless another process has it; closing gives it back.
func locked(f *os.File) bool {
	ok, err := filelock.Try(f)
	return ok && err == nil
}

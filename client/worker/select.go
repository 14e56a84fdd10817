package worker

import (
	"maps"
	"slices"
	"strings"

	"scaidrive/client"
	"scaidrive/client/planner"
)

// selective reports whether not all of the share is wanted.
func (f *Folder) selective() bool { return len(f.o.Only) > 0 || len(f.without) > 0 }

// selected names what is wanted, in the records: a run that wants something else lists
// the share.
func (f *Folder) selected() string {
	text := strings.Join(f.o.Only, "\n")
	for _, id := range slices.Sorted(maps.Keys(f.without)) {
		text += "\x00" + string(id)
	}
	return text
}

// Exclude says which folders are not wanted on this disk, in place of those that were
// not. What is here of them goes with the next round; what was edited is rescued.
func (f *Folder) Exclude(folders []string) {
	next := setOf(folders)
	if maps.Equal(next, f.without) {
		return
	}
	f.without = next
	if !f.started {
		return
	}
	if f.whole == nil {
		f.whole = planner.NewNodes()
		f.trees.Remote.Children(planner.Root, f.intoWhole)
	}
	f.again = true // with the times of what is wanted from now on
}

// Recorded is up to where the server's changes are in the records: what a later run
// goes on from. Zero: it would begin anew.
func (f *Folder) Recorded() (at client.Position) {
	if st := f.rec.State(); st.Listed {
		at = client.Position{Cursor: st.Cursor, Epoch: st.Epoch}
	}
	return at
}

func (f *Folder) intoWhole(n *planner.Node) bool {
	c := *n
	f.whole.Put(&c)
	if n.Folder {
		f.trees.Remote.Children(n.ID, f.intoWhole)
	}
	return true
}

func setOf(ids []string) map[planner.ID]bool {
	m := map[planner.ID]bool{}
	for _, id := range ids {
		m[planner.ID(id)] = true
	}
	return m
}

package worker

import (
	"math/rand/v2"
	"strings"
	"testing"

	"scaidrive/client/disk/disktest"
)

// TestFullDisk: of several large files those come for which there is room, one after
// another where there is not for all at once; of the others it is told what is to be
// done, and they come when there is room.
func TestFullDisk(t *testing.T) {
	const large = 4 << 20
	r := newRig(t)
	a := r.simDesk("a", disktest.New(), rand.New(rand.NewPCG(1, 1)))
	a.stretch = 100
	b := r.desk("b")
	want := map[string]string{}
	for i, name := range []string{"1", "2", "3", "4", "5", "6"} {
		want[name] = strings.Repeat(string(rune('a'+i)), large) // hardly anything to send
		b.write(name, want[name])
	}
	want["small"] = "small"
	b.write("small", want["small"])
	b.sync()
	a.mem.SetFull(leaveFree + 3*large + large/2) // all at once would have half of each
	s := a.sync()
	tree, whole := a.mem.Tree(Own), 0
	for name, content := range tree {
		if content != want[name] {
			t.Errorf("%s is not whole", name)
		}
		whole++
	}
	if whole < 3 || s.InStep || !a.folder.ShortOfRoom() {
		t.Errorf("%d files are here, in step: %v, short: %v", whole, s.InStep, a.folder.ShortOfRoom())
	}
	if len(s.Waiting) != len(want)-whole || !strings.Contains(s.Waiting[0].Reason, "make room") {
		t.Errorf("it waits for %+v", s.Waiting)
	}
	for p := range a.mem.Tree("") {
		if strings.Contains(p, partPrefix) {
			t.Errorf("%s takes room", p)
		}
	}
	a.mem.SetFull(0)
	if s = a.sync(); !s.InStep || a.folder.ShortOfRoom() {
		t.Errorf("with room: %+v", s)
	}
	tree = a.mem.Tree(Own)
	for name, content := range want {
		if tree[name] != content {
			t.Errorf("%s has %d bytes in the end", name, len(tree[name]))
		}
	}
}

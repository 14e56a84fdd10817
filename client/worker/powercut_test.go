package worker

import (
	"math/rand/v2"
	"testing"

	"scaidrive/client/disk/disktest"
)

// S31: what was sent and is then lost with the disk's last moments is fetched again,
// not deleted for everybody; a download that is lost is one that was not made.
func TestPowerCut(t *testing.T) {
	r := newRig(t)
	a := r.simDesk("a", disktest.New(), rand.New(rand.NewPCG(1, 1)))
	b := r.desk("b")
	ok(t, a.mem.Write("old", "old"))
	both(t, a, b)
	ok(t, a.mem.Write("new", "saved a moment ago"), a.mem.Write("old", "edited a moment ago"), a.mem.Rename("old", "moved"))
	b.write("of b", "of b")
	b.sync()
	a.sync()
	a.kill()
	a.mem.PowerCut()
	both(t, a, b)
	got := b.tree()
	if len(got) != 3 || got["new"] != "saved a moment ago" || got["moved"] != "edited a moment ago" || got["of b"] != "of b" {
		t.Errorf("after a power cut there is\n%s", show(got))
	}
}

package appliance

import (
	"errors"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
)

// TestMarkInUse: after an orderly stop the header is written beside everything else;
// awaitMark tells whether it is durable, and tries again what a full volume refused.
func TestMarkInUse(t *testing.T) {
	now := time.UnixMicro(1795310000000000).UTC()
	for _, c := range []struct {
		name   string
		state  storeState
		fail   error // of the first write
		beside bool
		want   error
		first  bool // marked before awaitMark
	}{
		{"after a stop", stateStopped, nil, true, nil, true},
		{"after a crash", stateInUse, nil, false, nil, true},
		{"a broken disk", stateStopped, vfs.ErrIO, true, vfs.ErrIO, false},
		{"a full disk", stateStopped, vfs.ErrNoSpace, true, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			mem := vfs.NewMem()
			fs := vfs.NewFault(mem)
			h := sampleHeader()
			h.State = c.state
			if err := h.write(fs); err != nil {
				t.Fatal(err)
			}
			d := &dataDir{fs: fs, header: h}
			fs.SetSyncDelay(5 * time.Millisecond)
			if c.fail != nil {
				fs.Inject(vfs.Rule{Ops: vfs.OpCreate, Err: c.fail})
			}
			told := make(chan error, 1)
			if err := d.markInUse(now, func(err error) { told <- err }); err != nil {
				t.Fatal(err)
			}
			if (d.inUse != nil) != c.beside {
				t.Errorf("beside: %v", d.inUse != nil)
			}
			if c.fail != nil {
				<-d.inUse.done
			}
			if d.marked() != c.first || len(told) == 1 == c.first {
				t.Errorf("marked: %v, told %d", d.marked(), len(told))
			}
			for range 2 {
				if err := d.awaitMark(); !errors.Is(err, c.want) {
					t.Errorf("awaitMark: %v", err)
				}
			}
			got, _, err := readHeader(mem.CrashDurable())
			if err != nil || (got.State == stateInUse) != (c.want == nil) || d.marked() != (c.want == nil) {
				t.Errorf("on the disk: %+v, %v", got, err)
			}
		})
	}
}

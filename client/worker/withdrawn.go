package worker

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"scaidrive/client"
	"scaidrive/client/planner"
	"scaidrive/client/records"
)

// ErrWithdrawn says that the share is on the server and may not be seen any more. What
// was in step is removed from the folder, what was edited since is in the rescue
// folder, and what was only here is where it was. A server that only does not know the
// share says something else, and then nothing is changed.
var ErrWithdrawn = errors.New("it is not shared with you any more")

// isWithdrawn reports whether the server has said for certain that the share was
// withdrawn: it knows the position that this client had in it.
func isWithdrawn(err error) bool {
	var se *client.StatusError
	return errors.As(err, &se) && se.Status == http.StatusNotFound && se.Gone == "withdrawn"
}

// withdraw takes the whole share out of the remote tree.
func (f *Folder) withdraw() {
	f.withdrawn = true
	var top []planner.ID
	f.server().Children(planner.Root, func(n *planner.Node) bool { top = append(top, n.ID); return true })
	for _, id := range top {
		f.goneRemote(id, planner.GoneWithdrawn)
	}
}

// removeWithdrawn removes what is here of a share that was withdrawn, and forgets how
// far it was followed: if it comes back, it is listed.
func (f *Folder) removeWithdrawn(ctx context.Context) error {
	before := f.Status().Counts
	f.setPhase(Receiving)
	// What is being written is looked at as it is now: there is no later look.
	stable := f.o.Stable
	f.o.Stable = 0
	defer func() { f.o.Stable = stable }()
	if f.writing {
		if err := f.scan(ctx); err != nil {
			return err
		}
	}
	for range maxLevels {
		p, err := f.plan()
		if err != nil {
			return err
		}
		n, err := f.pull(ctx, p.Pull)
		if err != nil {
			return errors.Join(err, f.flush())
		}
		f.waiting(p)
		if n == 0 {
			break
		}
		f.TouchAll()
		if err := f.scan(ctx); err != nil {
			return err
		}
	}
	if err := f.flush(); err != nil {
		return err
	}
	f.withdrawn, f.started, f.fresh, f.again, f.pos = false, false, false, false, client.Position{}
	st := f.rec.State()
	st.Cursor, st.Epoch, st.Listed = 0, "", false
	if err := f.rec.Commit(records.Commit{State: &st}); err != nil {
		return err
	}
	after := f.Status().Counts
	return fmt.Errorf("%w: %d files and folders were removed here, %d that were edited are in %s", ErrWithdrawn,
		after.Deletes-before.Deletes, after.Rescued-before.Rescued, RescueDir)
}

// maxLevels bounds how often what is left is looked at again.
const maxLevels = 10

package journal

import (
	"context"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// The bounds of one look into the change log.
const (
	MaxRows    = 5000 // in an answer
	maxExamine = 20_000
	examineFor = 50 * time.Millisecond
	MaxWait    = 55 * time.Second
)

// A Row is a row of the change log as one caller is shown it.
type Row struct {
	*engine.Change   // its Kind may be another than the stored one
	OldPath, NewPath *string
	// Parent is the folder that it tells of, zero when that is out of sight.
	Parent engine.ID
	// Node is what it is about, as it is now; nil when the row only says that it is
	// gone.
	Node *engine.Node
}

// A Follow asks for what happened in a share behind a cursor.
type Follow struct {
	Share  engine.ID
	Cursor *int64 // nil: from now on
	Epoch  string // that came with the cursor; empty: not told
	Limit  int    // at most MaxRows
	// Wait is how long to wait for a row, at most MaxWait; 0: not at all.
	Wait time.Duration
}

// A Feed is what happened, oldest first, and where to go on.
type Feed struct {
	Rows []Row
	Mark
	More bool
	Seq  uint64 // of the mark
}

// Changes gives the rows of a share's change log behind a cursor, as the caller
// may see them now. A look examines at most 20,000 rows or 50 ms and then says that
// there is more; a waiting one goes on until it has something to show, the time is
// over or ctx ends, which is no error. A cursor that can't be followed is a
// *GoneError.
func (s *Service) Changes(ctx context.Context, p *engine.Principal, f Follow) (*Feed, error) {
	if f.Limit < 1 || f.Limit > MaxRows || f.Wait < 0 || f.Wait > MaxWait {
		return nil, engine.Invalid("limit", "limit is 1 to %d, wait at most %d seconds", MaxRows, MaxWait/time.Second)
	}
	var woken chan struct{}
	if f.Wait > 0 {
		woken = make(chan struct{}, 1)
		defer s.hub.watch(p.Tenant, f.Share, woken)()
	}
	seq, err := s.from(context.WithoutCancel(ctx), p, &f)
	if err != nil {
		return nil, err
	}
	var timeout <-chan time.Time
	if f.Wait > 0 {
		t := time.NewTimer(f.Wait)
		defer t.Stop()
		timeout = t.C
	}
	for {
		out, err := s.look(context.WithoutCancel(ctx), p, f.Share, seq, f.Limit)
		if err != nil {
			return nil, err
		}
		if seq = out.Seq; len(out.Rows) > 0 || f.Wait == 0 {
			return out, nil
		}
		if out.More {
			select {
			case <-ctx.Done():
				return out, nil
			case <-timeout:
				return out, nil
			default:
				continue
			}
		}
		select {
		case <-woken:
		case <-timeout:
			return out, nil
		case <-ctx.Done():
			return out, nil
		}
	}
}

// from is where a follower begins.
func (s *Service) from(ctx context.Context, p *engine.Principal, f *Follow) (seq uint64, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		sub, err := access.CheckShare(v, p, f.Share, engine.RightRead)
		if err != nil {
			return err
		}
		if f.Cursor == nil {
			seq = sub.Share.Seq
			return nil
		}
		seq, err = s.position(v, p.Tenant, sub.Share, *f.Cursor, f.Epoch)
		return err
	})
	return seq, err
}

// look reads rows behind a sequence number, over as many views as it takes.
func (s *Service) look(ctx context.Context, p *engine.Principal, share engine.ID, seq uint64, limit int) (*Feed, error) {
	out := &Feed{Seq: seq, More: true}
	examined, until := 0, time.Now().Add(examineFor)
	for out.More && examined < maxExamine && len(out.Rows) < limit && (examined == 0 || time.Now().Before(until)) {
		err := s.db.View(ctx, func(v *meta.View) error {
			sub, err := access.CheckShare(v, p, share, engine.RightRead)
			if err != nil {
				return err
			}
			list, err := s.read(v, p.Tenant, share, out.Seq, min(500, limit-len(out.Rows)))
			if err != nil {
				return err
			}
			w := renderer{r: v, p: p, share: sub.Share}
			for _, c := range list {
				row, err := w.row(c)
				if err != nil {
					return err
				}
				if row != nil {
					out.Rows = append(out.Rows, *row)
				}
				out.Seq = c.Seq
			}
			examined += max(len(list), 1)
			out.More = out.Seq < sub.Share.Seq && len(list) > 0
			out.Cursor = s.Cursor(out.Seq)
			out.Epoch, err = s.EpochAt(v, p.Tenant, share, out.Seq)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) read(r schema.Reader, t engine.TenantNo, share engine.ID, behind uint64, n int) ([]*engine.Change, error) {
	var list []*engine.Change
	err := schema.ScanChanges(r, t, share, behind, func(c *engine.Change) (bool, error) {
		list = append(list, c)
		return len(list) < n, nil
	})
	return list, err
}

// A renderer shows rows of the change log to one caller, as of now. It is the only
// one: whoever may READ what a row is about gets it, with its paths as far as they
// are in sight; what moved out of sight is told as deleted to who may READ where it
// was, what moved into sight as created; everyone else gets nothing.
//
// What is in the trash by now is told only as deleted: the row of its deletion
// follows.
type renderer struct {
	r     schema.Reader
	p     *engine.Principal
	share *engine.Share
}

func (w *renderer) row(c *engine.Change) (*Row, error) {
	sub, sees, err := w.sees(c.Node)
	if err != nil {
		return nil, err
	}
	row := *c
	if c.Kind == engine.ChangeDeleted || !sees || sub.Share.ID != w.share.ID {
		return w.deleted(&row, sub, sees)
	}
	if sub.Trashed != nil {
		return nil, nil
	}
	out := &Row{Change: &row, Node: sub.Node}
	if out.NewPath, err = w.path(c.NewParent, c.NewName); err != nil {
		return nil, err
	}
	if out.NewPath != nil {
		out.Parent = c.NewParent
	}
	if c.Kind != engine.ChangeMoved && c.Kind != engine.ChangeRenamed {
		return out, nil
	}
	if out.OldPath, err = w.path(c.OldParent, c.OldName); err != nil {
		return nil, err
	}
	if out.OldPath == nil {
		row.Kind, row.OldName, row.OldParent = engine.ChangeCreated, "", engine.ID{}
	}
	return out, nil
}

// deleted shows that something is gone: to who may READ it still, or the folder
// that it was in.
func (w *renderer) deleted(row *engine.Change, sub *access.Subject, sees bool) (*Row, error) {
	old, err := w.path(row.OldParent, row.OldName)
	if err != nil {
		return nil, err
	}
	gone := row.Kind == engine.ChangeDeleted
	left := row.Kind == engine.ChangeMoved && !sees
	if old == nil && !(gone && sees) || !gone && !left {
		return nil, nil
	}
	if gone && sub != nil && !sees && sub.Node.Parent == row.OldParent {
		return nil, nil // hidden while its folder is in sight: it was hidden before
	}
	row.Kind = engine.ChangeDeleted
	row.NewParent, row.NewName = engine.ID{}, ""
	row.Version, row.VersionID, row.Size, row.SHA256 = 0, engine.ID{}, 0, [32]byte{}
	out := &Row{Change: row, OldPath: old}
	if old != nil {
		out.Parent = row.OldParent
	}
	return out, nil
}

// sees finds a node and whether the caller may READ it, in the trash or not. A node
// that is gone for good is nil.
func (w *renderer) sees(id engine.ID) (*access.Subject, bool, error) {
	sub, err := access.Resolve(w.r, w.p.Tenant, id)
	if err != nil {
		if engine.KindOf(err) == engine.KindNotFound {
			return nil, false, nil
		}
		return nil, false, err
	}
	have, err := access.Rights(w.r, w.p, sub)
	return sub, have&engine.RightRead != 0, err
}

// path is where a name in a folder is now; nil when the folder is out of sight. Of
// a folder that is gone for good nobody can tell any more who saw it: only who may
// READ the whole share is told.
func (w *renderer) path(folder engine.ID, name string) (*string, error) {
	if folder.IsZero() {
		return nil, nil
	}
	sub, sees, err := w.sees(folder)
	if err != nil {
		return nil, err
	}
	if sub == nil {
		if _, sees, err = w.sees(w.share.ID); err != nil || !sees || w.share.Exceptions.Count != 0 {
			return nil, err
		}
		gone := "/" + name
		return &gone, nil
	}
	if !sees {
		return nil, nil
	}
	at := tree.Locate(sub).Path
	if at != "/" {
		at += "/"
	}
	at += name
	return &at, nil
}

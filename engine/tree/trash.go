package tree

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/once"
)

// Trash moves a node to the trash: one record, one change row, whatever lies
// below. It needs DELETE on it and on all below. ifMatch, when not zero, is the
// version ID that a file must have (else KindPrecondition).
func (s *Service) Trash(ctx context.Context, p *engine.Principal, id engine.ID, kind engine.NodeKind, ifMatch engine.ID) error {
	return s.db.Update(ctx, func(tx *meta.Tx) error {
		b := s.Batch(tx, p)
		if _, err := b.Trash(id, kind, ifMatch); err != nil {
			return err
		}
		return b.finish(ctx, once.Made{ID: id})
	})
}

// Trash is Service.Trash in the batch.
func (b *Batch) Trash(id engine.ID, kind engine.NodeKind, ifMatch engine.ID) (Outcome, error) {
	return b.Delete(Deletion{ID: id, Kind: kind, IfMatch: ifMatch})
}

// TrashIn is Trash of what belongs to a group that is restored together.
func (b *Batch) TrashIn(group, id engine.ID, kind engine.NodeKind, ifMatch engine.ID) (Outcome, error) {
	return b.Delete(Deletion{ID: id, Kind: kind, IfMatch: ifMatch, Group: group})
}

// A Deletion moves a node to the trash.
type Deletion struct {
	ID      engine.ID
	Kind    engine.NodeKind
	IfMatch engine.ID
	Group   engine.ID // what is deleted together; zero: alone
	// DeletedAt is when its maker did it, by the server's clock; zero: now.
	DeletedAt time.Time
}

// Delete moves a node to the trash as Trash does.
func (b *Batch) Delete(d Deletion) (Outcome, error) {
	at, out, err := b.delete(d.ID, d.Kind, d.IfMatch)
	if err != nil {
		return Outcome{}, err
	}
	n := at.node
	if err := b.writeNode(n); err != nil {
		return Outcome{}, err
	}
	item := engine.TrashItem{
		Share: at.folder.share.share.ID, Node: n.ID, DeletedAt: b.now, DeletedBy: b.p.User, Kind: n.Kind,
		Group: d.Group, EditedAt: d.DeletedAt, Day: b.s.today.Load(),
	}
	if err := schema.PutTrash(b.w, b.p.Tenant, &item); err != nil {
		return Outcome{}, b.broken(err)
	}
	return out, b.settle(d.Kind)
}

// delete takes a node out of its folder and marks it as deleted; the deletion of
// what lies below is derived by walking up. The caller writes the node.
func (b *Batch) delete(id engine.ID, kind engine.NodeKind, ifMatch engine.ID) (revision, Outcome, error) {
	if err := b.settle(kind); err != nil {
		return revision{}, Outcome{}, err
	}
	at, err := b.node(engine.ID{}, id, kind, engine.RightDelete)
	if err == nil {
		err = at.matches(ifMatch)
	}
	if err == nil {
		err = b.below(at, engine.RightDelete)
	}
	if err == nil {
		err = b.unlink(at.folder, at.node)
	}
	if err != nil {
		return revision{}, Outcome{}, err
	}
	n := at.node
	at.folder.share.placed(n)
	n.DeletedAt, n.DeletedBy = b.now, b.p.User
	if err := schema.PutTrashed(b.w, b.p.Tenant, n.Parent, n.ID, n.Kind); err != nil {
		return revision{}, Outcome{}, b.broken(err)
	}
	c := moved(n)
	c.Kind, c.Regulated = engine.ChangeDeleted, schema.ExceptionOf(n).Any()
	out, err := b.record(at.folder.share, c)
	out.Located = at.folder.locate(n)
	return at, out, err
}

// Restore brings a node back from the trash to where it was, or, where that is
// gone, to the nearest folder above that is not. A taken name gets " (restored)".
// What is not in the trash stays as it is. It needs what its deletion needed, DELETE
// on the node and on all below it, and CREATE on the folder that it comes into, where
// that is not the one that it was deleted from. The quota does not matter: its bytes have been
// counted all the time. What lies in a deleted folder comes back with that folder
// only (KindGone).
func (s *Service) Restore(ctx context.Context, p *engine.Principal, id engine.ID, kind engine.NodeKind, ifMatch engine.ID) (*Located, error) {
	var loc *Located
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		b := s.Batch(tx, p)
		out, err := b.Restore(id, kind, ifMatch)
		if err != nil {
			return err
		}
		loc = out.Located
		return b.finish(ctx, once.Node(loc.Node))
	})
	return loc, err
}

// Restore is Service.Restore in the batch.
func (b *Batch) Restore(id engine.ID, kind engine.NodeKind, ifMatch engine.ID) (Outcome, error) {
	return b.RestoreAs(id, kind, ifMatch, "")
}

// RestoreAs is Restore with another name than " (restored)" makes, for when the
// node's own is taken; empty: that one.
func (b *Batch) RestoreAs(id engine.ID, kind engine.NodeKind, ifMatch engine.ID, other string) (Outcome, error) {
	if err := b.settle(kind); err != nil {
		return Outcome{}, err
	}
	sub, err := b.deleted(id, kind, engine.RightDelete)
	if err != nil {
		return Outcome{}, err
	}
	n := sub.Node
	if err := (&revision{node: n}).matches(ifMatch); err != nil {
		return Outcome{}, err
	}
	if sub.Trashed == nil {
		return Outcome{Located: Locate(sub)}, nil
	}
	if err := b.under(sub, engine.RightDelete, false); err != nil {
		return Outcome{}, err
	}
	f := b.living(sub)
	if f.node.ID != n.Parent {
		if err := b.decide(f, engine.RightCreate); err != nil {
			return Outcome{}, err
		}
	}
	to, err := b.freePlace(f, n, other)
	if err != nil {
		return Outcome{}, err
	}
	if err := b.untrash(f.share.share.ID, n, n.Parent); err != nil {
		return Outcome{}, b.broken(err)
	}
	f.share.placed(n)
	n.DeletedAt, n.DeletedBy = time.Time{}, engine.ID{}
	b.rename(n, to.name)
	n.Parent, n.UpdatedAt = f.node.ID, b.now
	if err := b.link(to, n); err != nil {
		return Outcome{}, err
	}
	if err := b.writeNode(n); err != nil {
		return Outcome{}, err
	}
	made := moved(n)
	made.Kind, made.OldParent, made.OldName = engine.ChangeCreated, engine.ID{}, ""
	made.NewParent, made.NewName = n.Parent, n.Name
	out, err := b.record(f.share, made)
	if err != nil {
		return Outcome{}, err
	}
	out.Located = f.locate(n)
	return out, b.settle(kind)
}

// deleted finds a node that is in the trash itself, or live, and checks a right
// on it as if it were live.
func (b *Batch) deleted(id engine.ID, kind engine.NodeKind, want engine.Right) (*access.Subject, error) {
	sub, err := access.Resolve(b.r, b.p.Tenant, id)
	if err != nil {
		return nil, err
	}
	if sub.Node.Kind != kind {
		return nil, access.NotFound()
	}
	have, err := access.Rights(b.r, b.p, sub)
	if err != nil {
		return nil, err
	}
	asLive := *sub
	if sub.Trashed == sub.Node {
		asLive.Trashed = nil
	}
	if _, err := access.Decide(&asLive, have, want); err != nil {
		return nil, access.Archived(b.p, &asLive, want, err)
	}
	if sub.Node.Parent.IsZero() {
		return nil, engine.E(engine.KindForbidden, "The root folder of a share can't be changed or deleted")
	}
	return sub, nil
}

// living opens the nearest folder above a deleted node that is live.
func (b *Batch) living(sub *access.Subject) *folderState {
	i := 0
	for i+1 < len(sub.Path) && sub.Path[i+1].DeletedAt.IsZero() {
		i++
	}
	if f := b.folders[sub.Path[i].ID]; f != nil {
		return f
	}
	return b.adopt(&access.Subject{Node: sub.Path[i], Share: sub.Share, Path: sub.Path[:i]})
}

// untrash takes a node's place out of the trash.
func (b *Batch) untrash(share engine.ID, n *engine.Node, parent engine.ID) error {
	if err := schema.DeleteTrash(b.w, b.p.Tenant, share, n.DeletedAt, n.ID); err != nil {
		return err
	}
	return schema.DeleteTrashed(b.w, b.p.Tenant, parent, n.ID)
}

// maxSuffix is how many names a restored node is offered.
const maxSuffix = 1000

// freePlace finds the place of a restored node: its name, or that name with a
// suffix where it is taken.
func (b *Batch) freePlace(f *folderState, n *engine.Node, other string) (place, error) {
	for i := range maxSuffix {
		name := restoredName(n.Name, i)
		if i == 1 && other != "" {
			name = other
		}
		to, _, err := b.placeOf(f, name, n)
		if err == nil || engine.KindOf(err) != engine.KindConflict {
			return to, err
		}
	}
	return place{}, engine.E(engine.KindConflict, "The name is already taken in this folder")
}

// restoredName is "a.txt", "a (restored).txt", "a (restored 2).txt" and so on, cut
// before the suffix to the longest name that is allowed.
func restoredName(name string, try int) string {
	if try == 0 {
		return name
	}
	suffix := " (restored)"
	if try > 1 {
		suffix = " (restored " + strconv.Itoa(try) + ")"
	}
	base, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 32 {
		base, ext = name[:i], name[i:]
	}
	if room := names.MaxName - len(suffix) - len(ext); len(base) > room {
		for room > 0 && !utf8.RuneStart(base[room]) {
			room--
		}
		base = base[:room]
	}
	return base + suffix + ext
}

// A TrashEntry is a node in the trash with where it was.
type TrashEntry struct {
	*Located
	Item *engine.TrashItem
}

// A TrashPage is a part of a share's trash, what was deleted last first. Total is
// exact when TotalExact.
type TrashPage struct {
	Items      []TrashEntry
	Total      int
	TotalExact bool
	NextToken  string // empty: the end
}

// ListTrash lists what was deleted in a share and the caller may read. What lies
// in a deleted folder is not listed by itself. token continues a listing.
func (s *Service) ListTrash(ctx context.Context, p *engine.Principal, share engine.ID, limit, offset int, token string) (*TrashPage, error) {
	if limit < 1 || limit > maxPage || offset < 0 || offset+limit > maxOffset {
		return nil, engine.Invalid("limit", "limit is 1 to %d, offset and limit together at most %d", maxPage, maxOffset)
	}
	l := trashLister{s: s, p: p, share: share, limit: limit, skip: offset, page: &TrashPage{TotalExact: true}}
	if token != "" {
		at, err := s.tokens.open(p, tokenTrash, token)
		if err != nil || at.root != share || len(at.levels) != 1 {
			return nil, engine.Invalid("page_token", "The page token is not one of this listing; begin the listing again")
		}
		l.behind = &engine.TrashItem{Node: at.levels[0].folder, DeletedAt: time.UnixMicro(int64(at.cursor)).UTC()}
	}
	return l.page, s.db.View(ctx, l.view)
}

type trashLister struct {
	s           *Service
	p           *engine.Principal
	share       engine.ID
	limit, skip int
	behind      *engine.TrashItem
	open        bool // nothing in the share restricts
	page        *TrashPage
}

func (l *trashLister) view(v *meta.View) error {
	sub, sight, err := access.LookShare(v, l.p, l.share)
	if err != nil {
		return err
	}
	if l.open = sight == access.Whole && sub.Share.Exceptions.Count == 0; l.open {
		if err := l.count(v); err != nil {
			return err
		}
	}
	examined, more := 0, false
	last := l.behind
	err = schema.ScanTrash(v, l.p.Tenant, l.share, l.behind, func(i *engine.TrashItem) (bool, error) {
		if len(l.page.Items) == l.limit || examined == maxExamine {
			more = true
			return false, nil
		}
		examined++
		last = i
		return true, l.take(v, i)
	})
	if !l.open { // those that were met
		l.page.TotalExact = l.behind == nil && !more
	}
	if err == nil && more {
		at := &listing{root: l.share, share: l.share, cursor: uint64(last.DeletedAt.UnixMicro()), levels: []level{{folder: last.Node}}}
		l.page.NextToken = l.s.tokens.seal(l.p, tokenTrash, at)
	}
	return err
}

// count counts the trash, up to the rows that one view may read.
func (l *trashLister) count(v *meta.View) error {
	return schema.ScanTrash(v, l.p.Tenant, l.share, nil, func(*engine.TrashItem) (bool, error) {
		l.page.Total++
		l.page.TotalExact = l.page.Total < viewRows
		return l.page.TotalExact, nil
	})
}

// take passes one row: it is skipped, shown or out of sight.
func (l *trashLister) take(v *meta.View, i *engine.TrashItem) error {
	sub, err := access.Resolve(v, l.p.Tenant, i.Node)
	var have engine.Right
	if err == nil {
		have, err = access.Rights(v, l.p, sub)
	}
	absent := err != nil && engine.KindOf(err) == engine.KindNotFound
	if err != nil && !absent {
		return err
	}
	if absent || have&engine.RightRead == 0 {
		if l.open {
			l.page.Total--
			l.page.TotalExact = false
		}
		return nil
	}
	if !l.open {
		l.page.Total++
	}
	if l.skip > 0 {
		l.skip--
		return nil
	}
	at := Locate(sub)
	if at.Path, err = access.PathOf(v, l.p, sub); err != nil {
		return err
	}
	l.page.Items = append(l.page.Items, TrashEntry{Located: at, Item: i})
	return nil
}

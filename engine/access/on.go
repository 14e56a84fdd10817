package access

import (
	"sync/atomic"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// onTop decides about a node when plain is what somebody may do with a thing of its
// kind beside it that says nothing itself and is nobody's: its own entries come
// before all that comes from above.
func onTop(r schema.Reader, p *engine.Principal, sh *engine.Share, n *engine.Node, plain engine.Right) (engine.Right, error) {
	own := n.Owner == p.User && plain&engine.RightManage == 0
	if n.Entries == (engine.Seal{}) && !n.CutOff && !own || p.User.IsZero() {
		return plain, nil
	}
	c, st, err := stand(r, p, sh)
	if err != nil || st.admin {
		return plain, err
	}
	var v verdict
	v.sayArchived(st)
	if st.owner || st.rights != 0 && n.Owner == p.User {
		v.say(engine.RightManage, true, Reason{})
	}
	if n.Entries != (engine.Seal{}) {
		entries, err := schema.PeekEntries(r, p.Tenant, n)
		if err != nil {
			return 0, err
		}
		v.sayEntries(c, entries, n.ID, 0, n.Kind)
	}
	if n.CutOff {
		plain = st.rights
	}
	v.say(plain, true, Reason{})
	return v.allowed, nil
}

// decisions are those that were asked for last about a principal, by folder: what
// they may do with files and folders in it that say nothing themselves. Safe for
// concurrent use.
type decisions [128]atomic.Pointer[decision]

// A decision is good while nobody's membership and nothing in the share that decides
// has changed, no membership that it rests on has ended, and the share is not archived.
type decision struct {
	folder, share            engine.ID
	principalsGen, accessGen uint64
	until                    time.Time
	plain                    [2]engine.Right // of files, of folders
}

func (t *decisions) slot(folder engine.ID) *atomic.Pointer[decision] {
	return &t[(uint(folder[15])|uint(folder[14])<<8)%uint(len(t))]
}

// On gives the rights of a principal on a live node, by its ID, and its kind. What is
// absent, deleted or in a deleted folder is KindNotFound. It is Resolve and Rights,
// but remembers what comes from above.
func On(r schema.Reader, p *engine.Principal, id engine.ID) (engine.Right, engine.NodeKind, error) {
	n, err := schema.PeekNode(r, p.Tenant, id)
	if err != nil {
		if _, err = Resolve(r, p.Tenant, id); err == nil {
			err = NotFound() // it cannot have come meanwhile
		}
		return 0, 0, err
	}
	t, _ := p.Memo.Decided().(*decisions)
	if t != nil && committed(r) && !n.Parent.IsZero() && n.DeletedAt.IsZero() && !n.Purged {
		d, plain, err := t.find(r, p, n)
		if err != nil {
			return 0, 0, err
		}
		if d != nil {
			if n.Entries != (engine.Seal{}) || n.CutOff || n.Owner == p.User {
				plain, err = d.special(r, p, id, plain)
			}
			return plain, n.Kind, err
		}
	}
	s, err := Resolve(r, p.Tenant, id)
	if err != nil {
		return 0, 0, err
	}
	if s.Trashed != nil {
		return 0, 0, NotFound()
	}
	if len(s.Path) == 0 || !committed(r) || p.Memo == nil {
		have, err := Rights(r, p, s)
		return have, n.Kind, err
	}
	plain, err := decideIn(r, p, s)
	if err != nil {
		return 0, 0, err
	}
	have, err := onTop(r, p, s.Share, s.Node, plain[kindIndex(s.Node)])
	return have, s.Node.Kind, err
}

// special decides about a node that says something itself.
func (d *decision) special(r schema.Reader, p *engine.Principal, id engine.ID, plain engine.Right) (engine.Right, error) {
	n, err := schema.GetNode(r, p.Tenant, id)
	if err != nil {
		return 0, err
	}
	sh, err := schema.GetShare(r, p.Tenant, d.share)
	if err != nil {
		return 0, err
	}
	return onTop(r, p, sh, n, plain)
}

func kindIndex(n *engine.Node) int {
	if n.Kind == engine.KindFolder {
		return 1
	}
	return 0
}

// find gives what was decided about the folder that a node lies in; nil: nothing that
// still holds.
func (t *decisions) find(r schema.Reader, p *engine.Principal, n *engine.Node) (*decision, engine.Right, error) {
	d := t.slot(n.Parent).Load()
	if d == nil || d.folder != n.Parent || !d.until.IsZero() && (p.At.IsZero() || !p.At.Before(d.until)) {
		return nil, 0, nil
	}
	tn, err := schema.PeekTenant(r, p.Tenant)
	if err != nil {
		return nil, 0, err
	}
	sh, err := schema.PeekShare(r, p.Tenant, d.share)
	if err != nil {
		return nil, 0, err
	}
	if tn.PrincipalGen != d.principalsGen || sh.AccessGen != d.accessGen || !sh.DeletedAt.IsZero() {
		return nil, 0, nil
	}
	return d, d.plain[kindIndex(n)], nil
}

// decideIn decides about what lies beside a live subject, and remembers it.
func decideIn(r schema.Reader, p *engine.Principal, s *Subject) (plain [2]engine.Right, err error) {
	up := s.Path[len(s.Path)-1]
	for i, kind := range [2]engine.NodeKind{engine.KindFile, engine.KindFolder} {
		like := &engine.Node{Kind: kind, Parent: up.ID}
		if plain[i], err = Rights(r, p, &Subject{Node: like, Share: s.Share, Path: s.Path}); err != nil {
			return plain, err
		}
	}
	tn, err := schema.PeekTenant(r, p.Tenant)
	if err != nil {
		return plain, err
	}
	d := &decision{
		folder: up.ID, share: s.Share.ID, principalsGen: tn.PrincipalGen, accessGen: s.Share.AccessGen, plain: plain,
	}
	k := remembered(p, tn.PrincipalGen)
	switch {
	case k == nil || !k.admin && k.shares[s.Share.ID].gen != s.Share.AccessGen:
		return plain, nil // pushed out meanwhile: it is not known until when this holds
	case !k.admin:
		d.until = k.shares[s.Share.ID].until
	}
	if end := s.Share.ArchiveAt; !end.IsZero() && !s.Share.Archived(p.At) && (d.until.IsZero() || end.Before(d.until)) {
		d.until = end
	}
	t, _ := p.Memo.Decided().(*decisions)
	if t == nil {
		t = new(decisions)
		p.Memo.Decide(t)
	}
	t.slot(up.ID).Store(d)
	return plain, nil
}

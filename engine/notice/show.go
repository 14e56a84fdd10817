package notice

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta/schema"
)

// Shown is a notice with what its reader may be told now.
type Shown struct {
	*engine.Notice
	Share    *engine.Share       // nil: none, or it is out of sight
	Subject  *access.Subject     // the file or folder; nil: none, or it is out of sight
	Path     string              // of it
	ByName   string              // "": nobody, or nobody who is to be named
	Standing access.Standing     // what the reader is in the share, where that is what it tells of
	Member   *engine.ShareMember // the same as it is stored for them alone; nil: by a group, or not at all
	Request  *engine.JoinRequest // of a NoticeJoinRequest
	Asker    *engine.User        // who made it
	Invited  *engine.Invitation  // of a NoticeInvited
	Job      *engine.Job         // of a NoticeJobFailed

	roles seen
}

// seen is what a reader was found to be in shares, in one view: many notices are about
// the same few.
type seen map[engine.ID]*Shown

// show decides what the reader of a notice is told; nil: nothing.
func show(r schema.Reader, p *engine.Principal, n *engine.Notice, known seen) (*Shown, error) {
	out := &Shown{Notice: n, roles: known}
	var ok bool
	var err error
	switch n.Kind {
	case engine.NoticeShareAdded, engine.NoticeRoleChanged, engine.NoticeJoinAccepted:
		ok, err = out.role(r, p)
	case engine.NoticeRoleEnds:
		ok, err = out.role(r, p)
		ok = ok && out.Member != nil && !out.Member.ExpiresAt.IsZero() && out.Member.Live(p.At)
	case engine.NoticeShareRemoved:
		_, err = out.share(r, p)
		ok = true
	case engine.NoticeInvitationAccepted:
		ok, err = out.share(r, p)
	case engine.NoticeShareArchived:
		ok, err = out.share(r, p)
		ok = ok && !out.Share.ArchiveAt.IsZero()
	case engine.NoticeInvited:
		ok, err = out.invited(r, p)
	case engine.NoticeJoinRequest:
		ok, err = out.request(r, p)
	case engine.NoticeJoinRefused:
		ok, err = out.refused(r, p)
	case engine.NoticeComment, engine.NoticeMention:
		ok, err = out.comment(r, p)
	case engine.NoticeConflict:
		ok, err = out.conflict(r, p)
	case engine.NoticeJobFailed:
		out.Job, err = schema.GetJob(r, p.Tenant, p.User, n.Subject)
		ok, err = there(err)
	default: // of a later build
	}
	if err != nil || !ok {
		return nil, err
	}
	return out, nil
}

// there tells what is absent or out of sight from what could not be decided.
func there(err error) (bool, error) {
	if err == nil {
		return true, nil
	}
	if k := engine.KindOf(err); errors.Is(err, schema.ErrNotFound) || k == engine.KindNotFound || k == engine.KindGone || k == engine.KindForbidden {
		return false, nil
	}
	return false, err
}

// share finds the share, if the reader sees anything of it.
func (s *Shown) share(r schema.Reader, p *engine.Principal) (bool, error) {
	sub, _, err := access.LookShare(r, p, s.Notice.Share)
	ok, err := there(err)
	if ok {
		s.Share = sub.Share
	}
	return ok, err
}

// role finds what the reader is in the share.
func (s *Shown) role(r schema.Reader, p *engine.Principal) (bool, error) {
	if was := s.roles[s.Notice.Share]; was != nil {
		s.Share, s.Standing, s.Member = was.Share, was.Standing, was.Member
		return s.Share != nil, nil
	}
	ok, err := s.stands(r, p)
	if err == nil {
		s.roles[s.Notice.Share] = &Shown{Share: s.Share, Standing: s.Standing, Member: s.Member}
	}
	return ok, err
}

func (s *Shown) stands(r schema.Reader, p *engine.Principal) (bool, error) {
	ok, err := s.share(r, p)
	if !ok || err != nil {
		return false, err
	}
	if s.Standing, err = access.StandingIn(r, p, s.Share); err != nil {
		return false, err
	}
	m, err := schema.GetShareMember(r, p.Tenant, s.Share.ID, p.User)
	if has, err := there(err); err != nil {
		return false, err
	} else if has {
		s.Member = m
	}
	return true, nil
}

// known finds the share of what somebody is asked or was answered who perhaps sees
// nothing of it.
func (s *Shown) known(r schema.Reader, p *engine.Principal) (bool, error) {
	sh, err := schema.GetShare(r, p.Tenant, s.Notice.Share)
	if ok, err := there(err); !ok || !sh.DeletedAt.IsZero() {
		return false, err
	}
	s.Share = sh
	return true, nil
}

// invited: as long as the invitation is open, and is for the reader's address.
func (s *Shown) invited(r schema.Reader, p *engine.Principal) (bool, error) {
	i, err := schema.GetInvitation(r, p.Tenant, s.Notice.Share, s.Notice.Subject)
	ok, err := there(err)
	if !ok || i.State != engine.InvitationOpen || !p.At.Before(i.ExpiresAt) {
		return false, err
	}
	u, err := schema.GetUser(r, p.Tenant, p.User)
	if ok, err := there(err); !ok {
		return false, err
	}
	mine, err := identity.FoldEmail(u.Email)
	if err != nil {
		return false, nil //nolint:nilerr // it is nobody's, then
	}
	if theirs, err := identity.FoldEmail(i.Email); err != nil || mine != theirs {
		return false, nil //nolint:nilerr // the same
	}
	s.Invited = i
	return s.known(r, p)
}

// request: as long as it is open, for who may answer it.
func (s *Shown) request(r schema.Reader, p *engine.Principal) (bool, error) {
	sub, err := access.CheckShare(r, p, s.Notice.Share, engine.RightManage)
	ok, err := there(err)
	if !ok {
		return false, err
	}
	may, err := access.Administers(r, p)
	if err == nil && !may {
		var st access.Standing
		st, err = access.StandingIn(r, p, sub.Share)
		may = st.Manages()
	}
	if err != nil || !may {
		return false, err
	}
	j, err := schema.GetJoinRequest(r, p.Tenant, sub.Share.ID, s.By)
	if ok, err = there(err); !ok || j.State != engine.JoinOpen {
		return false, err
	}
	s.Share, s.Request = sub.Share, j
	s.Asker, err = schema.GetUser(r, p.Tenant, s.By)
	return there(err)
}

// refused: while it may be known that the share is there.
func (s *Shown) refused(r schema.Reader, p *engine.Principal) (bool, error) {
	ok, err := s.known(r, p)
	if !ok || err != nil || s.Share.Discoverable && !s.Share.Archived(p.At) {
		return ok, err
	}
	s.Share = nil
	return s.share(r, p)
}

// comment: while it is there, on what the reader may read.
func (s *Shown) comment(r schema.Reader, p *engine.Principal) (bool, error) {
	m, err := schema.GetComment(r, p.Tenant, s.Notice.Subject)
	ok, err := there(err)
	if !ok || m.Node != s.Node {
		return false, err
	}
	return s.node(r, p)
}

// node finds what the reader may read.
func (s *Shown) node(r schema.Reader, p *engine.Principal) (bool, error) {
	sub, err := access.Check(r, p, s.Node, engine.RightRead)
	ok, err := there(err)
	if ok {
		s.Subject, s.Share = sub, sub.Share
	}
	return ok, err
}

// conflict: while it is open, or where there were several, any of the reader's is.
func (s *Shown) conflict(r schema.Reader, p *engine.Principal) (bool, error) {
	ok, err := s.share(r, p)
	if !ok || err != nil {
		return false, err
	}
	if s.Notice.Subject.IsZero() {
		ok = false
		err := schema.ScanConflicts(r, p.Tenant, s.Notice.Share, true, engine.ID{}, func(f *engine.Conflict) (bool, error) {
			ok = f.User == p.User
			return !ok, nil
		})
		return ok, err
	}
	f, err := schema.GetConflict(r, p.Tenant, s.Notice.Subject)
	if ok, err = there(err); !ok || !f.Open() || f.User != p.User {
		return false, err
	}
	if s.Node.IsZero() || s.Node == s.Share.ID {
		return true, nil
	}
	_, err = s.node(r, p)
	return true, err
}

// dress adds what only those that are shown on a page need.
func (s *Shown) dress(r schema.Reader, p *engine.Principal) (err error) {
	if s.Subject != nil {
		if s.Path, err = access.PathOf(r, p, s.Subject); err != nil {
			return err
		}
	}
	if s.By.IsZero() || s.Share == nil {
		return nil
	}
	u, err := schema.GetUser(r, p.Tenant, s.By)
	if ok, err := there(err); !ok {
		return err
	}
	s.ByName = u.DisplayName
	return nil
}

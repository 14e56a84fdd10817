package httpd

import (
	"context"
	"encoding/json"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/notice"
	"scaidrive/engine/share"
	"scaidrive/httpd/wire"
)

var noticeKinds = map[engine.NoticeKind]string{
	engine.NoticeShareAdded: "share_added", engine.NoticeShareRemoved: "share_removed", engine.NoticeRoleChanged: "role_changed",
	engine.NoticeRoleEnds: "role_ends", engine.NoticeInvited: "invited", engine.NoticeInvitationAccepted: "invitation_accepted",
	engine.NoticeJoinRequest: "join_request", engine.NoticeJoinAccepted: "join_accepted", engine.NoticeJoinRefused: "join_refused",
	engine.NoticeShareArchived: "share_archived", engine.NoticeComment: "comment", engine.NoticeMention: "mention",
	engine.NoticeConflict: "conflict", engine.NoticeJobFailed: "job_failed",
}

// some is a pointer to a text that is not empty.
func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func wireNotice(n *notice.Shown) wire.Notice {
	out := wire.Notice{
		ID: n.ID.Format(engine.PrefixNotice), Kind: noticeKinds[n.Kind], At: wire.At(n.At), ReadAt: wire.AtPtr(n.ReadAt), Count: max(n.Count, 1),
	}
	if n.Share != nil {
		out.ShareID, out.ShareName = some(n.Share.ID.Format(engine.PrefixShare)), some(n.Share.Name)
		out.ByID, out.ByName = idOr(engine.PrefixUser, n.By), some(n.ByName)
	}
	if n.Subject != nil {
		at := n.Subject.Node
		kind, id := wire.TypeFile, at.ID.Format(engine.PrefixFile)
		if at.Kind == engine.KindFolder {
			kind, id = wire.TypeFolder, at.ID.Format(engine.PrefixFolder)
		}
		out.ResourceType, out.ResourceID, out.Name, out.Path = &kind, &id, some(at.Name), some(n.Path)
	}
	if prefix, ok := map[engine.NoticeKind]string{
		engine.NoticeComment: engine.PrefixComment, engine.NoticeMention: engine.PrefixComment, engine.NoticeInvited: engine.PrefixInvitation,
		engine.NoticeConflict: engine.PrefixConflict, engine.NoticeJobFailed: engine.PrefixJob,
	}[n.Kind]; ok {
		out.SubjectID = idOr(prefix, n.Notice.Subject)
	}
	out.Role = some(n.Standing.Word())
	switch {
	case n.Member != nil && !n.Standing.Owner:
		out.EndsAt = wire.AtPtr(n.Member.ExpiresAt)
	case n.Invited != nil:
		out.Role, out.EndsAt = some(memberRoleName(n.Invited.Role)), wire.AtPtr(n.Invited.ExpiresAt)
	case n.Kind == engine.NoticeShareArchived:
		out.EndsAt = wire.AtPtr(n.Share.ArchiveAt)
	case n.Job != nil:
		out.JobKind = some(jobKinds[n.Job.Kind])
	case n.Request != nil:
		q := wireJoin(&share.Request{JoinRequest: n.Request, ShareName: n.Share.Name, Name: n.Asker.DisplayName, Email: n.Asker.Email})
		out.JoinRequest = &q
	}
	return out
}

func listNotices(c *call) error {
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	unread, err := c.queryBool("unread")
	if err != nil {
		return err
	}
	p, err := c.s.o.Notices.List(c.ctx, c.who, notice.Query{Unread: unread, Token: c.query["page_token"], Limit: limit, Offset: offset})
	if err != nil {
		return err
	}
	out := wire.Notices{Notices: make([]wire.Notice, len(p.List)), Total: p.Total, Unread: p.Unread, NextPageToken: p.Next}
	for i := range p.List {
		out.Notices[i] = wireNotice(&p.List[i])
	}
	return c.json(200, out)
}

func readNotices(c *call) error {
	var in wire.ReadNotices
	if err := c.decode(&in, false); err != nil {
		return err
	}
	if (len(in.IDs) > 0) == (in.Until != nil) {
		return badField("value_error", "Value error, give either ids or until", "body", "ids")
	}
	ids := make([]engine.ID, len(in.IDs))
	for i, text := range in.IDs {
		var err error
		if ids[i], err = bodyID(engine.PrefixNotice, text, "ids", i); err != nil {
			return err
		}
	}
	var until time.Time
	if in.Until != nil {
		until = in.Until.Time
	}
	n, err := c.s.o.Notices.Read(c.ctx, c.who, ids, until)
	if err != nil {
		return err
	}
	return c.json(200, wire.Unread{Unread: n})
}

// maxNews is how many notices a page is sent at once; beyond them it is told to ask.
const maxNews = 20

// heed has ch told when there is something for the notices of a page, until the returned
// function is called.
func (k *socket) heed(ch chan<- struct{}) (stop func()) {
	if !k.page || k.s.o.Notices == nil {
		return func() {}
	}
	stop = k.s.o.Notices.Follow(k.who, ch)
	k.told, _ = k.s.o.Notices.Newest(k.s.serving, k.who) // from the first, if that fails
	return stop
}

// tellNotices sends a page the notices that are new, or one frame that says that others
// are read than before.
func (k *socket) tellNotices(ctx context.Context) error {
	list, newest, more, err := k.s.o.Notices.News(ctx, k.who, k.told, maxNews)
	if err != nil {
		return nil //nolint:nilerr // it is told with the next
	}
	k.told = newest
	frames := make([]wire.Frame, 0, len(list)+1)
	for i := range list {
		n := wireNotice(&list[i])
		f := wire.Frame{EventType: "notice", Data: n}
		if n.ShareID != nil {
			f.ShareID = *n.ShareID
		}
		frames = append(frames, f)
	}
	if more || len(list) == 0 {
		frames = append(frames, wire.Frame{EventType: "notice"})
	}
	for _, f := range frames {
		f.Type = f.EventType
		b, err := json.Marshal(f)
		if err == nil {
			err = k.ws.write(b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

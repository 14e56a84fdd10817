package httpd

import (
	"time"

	"scaidrive/engine"
	"scaidrive/engine/share"
	"scaidrive/httpd/wire"
)

// bodyVisibility reads who may know of a share; "" is private.
func bodyVisibility(name string) (discoverable bool, err error) {
	switch name {
	case "", "private":
		return false, nil
	case "discoverable":
		return true, nil
	}
	return false, badField("literal_error", "Input should be private or discoverable", "body", "visibility")
}

// lifeChange reads how a share is to be found, until when it is written, and what
// holds in it.
func lifeChange(in *wire.UpdateShare, change *share.Change) error {
	change.Slug = in.Slug
	if in.Visibility != nil {
		yes, err := bodyVisibility(*in.Visibility)
		if err == nil && *in.Visibility == "" {
			err = badField("literal_error", "Input should be private or discoverable", "body", "visibility")
		}
		if err != nil {
			return err
		}
		change.Discoverable = &yes
	}
	if in.ArchiveAt != nil {
		change.ArchiveAt = &in.ArchiveAt.Time
	}
	if in.IsArchived != nil {
		if in.ArchiveAt != nil {
			return badField("value_error", "Value error, not together with archive_at", "body", "is_archived")
		}
		change.ArchiveAt = new(time.Time)
		if *in.IsArchived {
			*change.ArchiveAt = time.Unix(0, 0) // past, which is now
		}
	}
	if in.Settings != nil && in.Settings.ConflictResolution != nil {
		by, ok := strategyNamed(*in.Settings.ConflictResolution)
		if !ok || by == 0 {
			return badField("literal_error", "Input should be one of LAST_WRITER_WINS, KEEP_BOTH, MANUAL, SERVER_WINS, CLIENT_WINS", "body", "settings", "conflict_resolution")
		}
		change.Strategy = &by
	}
	change.QuotaBytes = in.QuotaBytes
	if in.Settings != nil {
		change.TrashDays = in.Settings.TrashRetentionDays
	}
	return nil
}

func joinStateName(s engine.JoinState) string {
	switch s {
	case engine.JoinOpen:
		return "open"
	case engine.JoinAccepted:
		return "accepted"
	}
	return "refused"
}

func listDiscoverable(c *call) error {
	limit, offset, err := c.sharePage()
	if err != nil {
		return err
	}
	list, total, err := c.s.o.Shares.Discover(c.ctx, c.who, limit, offset)
	if err != nil {
		return err
	}
	out := wire.OpenShares{Shares: make([]wire.OpenShare, len(list)), Total: total}
	for i, f := range list {
		out.Shares[i] = wire.OpenShare{
			ID: f.ID.Format(engine.PrefixShare), Name: f.Name, Description: f.Description, Type: shareTypeName(f.Type), OwnerName: f.Owner, Joined: f.Joined,
		}
		if f.Request != nil {
			state := joinStateName(f.Request.State)
			out.Shares[i].Request = &state
		}
	}
	return c.json(200, out)
}

func wireJoin(q *share.Request) wire.JoinRequest {
	return wire.JoinRequest{
		ShareID: q.Share.Format(engine.PrefixShare), ShareName: q.ShareName, UserID: q.User.Format(engine.PrefixUser), Name: q.Name, Email: q.Email,
		Role: memberRoleName(q.Role), Message: q.Message, Status: joinStateName(q.State), CreatedAt: wire.At(q.At),
		AnsweredBy: idOr(engine.PrefixUser, q.AnsweredBy), AnsweredAt: wire.AtPtr(q.AnsweredAt),
	}
}

func (c *call) joins(list []*share.Request, total int) error {
	out := wire.JoinRequests{JoinRequests: make([]wire.JoinRequest, len(list)), Total: total}
	for i, q := range list {
		out.JoinRequests[i] = wireJoin(q)
	}
	return c.json(200, out)
}

func askToJoin(c *call) error {
	id, err := c.pathShare(0)
	if err != nil {
		return err
	}
	var in wire.AskToJoin
	if err := c.decode(&in, false); err != nil {
		return err
	}
	role := engine.MemberReader
	if in.Role != "" {
		if role, err = bodyMemberRole(in.Role); err != nil {
			return err
		}
	}
	q, err := c.s.o.Shares.Ask(c.ctx, c.who, id, role, in.Message)
	if err != nil {
		return err
	}
	return c.json(201, wireJoin(q))
}

func listJoins(c *call) error { return pageOfShare(c, c.s.o.Shares.Requests, c.joins) }

func listMyJoins(c *call) error {
	list, err := c.s.o.Shares.MyRequests(c.ctx, c.who)
	if err != nil {
		return err
	}
	return c.joins(list, len(list))
}

// pathJoin reads the share and the user of a request.
func (c *call) pathJoin() (sh, user engine.ID, err error) {
	if sh, err = c.pathShare(0); err == nil {
		user, err = c.pathID(engine.PrefixUser, 1)
	}
	return sh, user, err
}

func acceptJoin(c *call) error {
	var in wire.AcceptJoin
	if err := c.decode(&in, false); err != nil {
		return err
	}
	var role engine.MemberRole
	if in.Role != "" {
		var err error
		if role, err = bodyMemberRole(in.Role); err != nil {
			return err
		}
	}
	return c.answerJoin(true, role)
}

func refuseJoin(c *call) error { return c.answerJoin(false, 0) }

func (c *call) answerJoin(accept bool, role engine.MemberRole) error {
	id, user, err := c.pathJoin()
	if err != nil {
		return err
	}
	q, err := c.s.o.Shares.Decide(c.ctx, c.who, id, user, accept, role)
	if err != nil {
		return err
	}
	return c.json(200, wireJoin(q))
}

func withdrawJoin(c *call) error {
	id, user, err := c.pathJoin()
	if err == nil {
		err = c.s.o.Shares.Withdraw(c.ctx, c.who, id, user)
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}

package httpd

import (
	"time"

	"scaidrive/engine"
	"scaidrive/engine/annotate"
	"scaidrive/engine/journal"
	"scaidrive/httpd/wire"
)

func (c nodeCall) on() annotate.On { return annotate.On{Node: c.id, Kind: c.kind} }

func wireComment(m *annotate.Comment) wire.Comment {
	out := wire.Comment{
		ID: m.ID.Format(engine.PrefixComment), ResourceType: wire.TypeFile, ResourceID: m.Node.Format(engine.PrefixFile), Text: m.Text,
		CreatedBy: m.By.Format(engine.PrefixUser), CreatedByName: m.Author, CreatedAt: wire.At(m.At), EditedAt: wire.AtPtr(m.EditedAt),
	}
	if m.Kind == engine.KindFolder {
		out.ResourceType, out.ResourceID = wire.TypeFolder, m.Node.Format(engine.PrefixFolder)
	}
	return out
}

func listComments(c nodeCall) error {
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	behind, err := c.pageBehind(engine.PrefixComment)
	if err != nil {
		return err
	}
	p, err := c.s.o.Annotate.Comments(c.ctx, c.who, c.on(), behind, limit, offset)
	if err != nil {
		return err
	}
	out := wire.Comments{Comments: make([]wire.Comment, len(p.List)), Total: p.Total}
	for i := range p.List {
		out.Comments[i] = wireComment(&p.List[i])
	}
	if !p.Next.IsZero() {
		out.NextPageToken = p.Next.Format(engine.PrefixComment)
	}
	return c.json(200, out)
}

func addComment(c nodeCall) error {
	var in wire.WriteComment
	if err := c.decode(&in, false); err != nil {
		return err
	}
	m, err := c.s.o.Annotate.AddComment(c.ctx, c.who, c.on(), in.Text)
	if err != nil {
		return err
	}
	return c.json(201, wireComment(m))
}

func commentAgain(c *call, a *engine.Answer) error {
	m, err := c.s.o.Annotate.Comment(c.ctx, c.who, a.ID)
	if err != nil {
		return err
	}
	return c.json(int(a.Status), wireComment(m))
}

func editComment(c *call) error {
	id, err := c.pathID(engine.PrefixComment, 0)
	if err != nil {
		return err
	}
	var in wire.WriteComment
	if err := c.decode(&in, false); err != nil {
		return err
	}
	m, err := c.s.o.Annotate.EditComment(c.ctx, c.who, id, in.Text)
	if err != nil {
		return err
	}
	return c.json(200, wireComment(m))
}

func deleteComment(c *call) error {
	id, err := c.pathID(engine.PrefixComment, 0)
	if err == nil {
		err = c.s.o.Annotate.DeleteComment(c.ctx, c.who, id)
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}

func getTags(c nodeCall) error {
	tags, err := c.s.o.Annotate.Tags(c.ctx, c.who, c.on())
	if err != nil {
		return err
	}
	return c.json(200, wire.Tags{Tags: tags})
}

func setTags(c nodeCall) error {
	var in wire.Tags
	if err := c.decode(&in, false); err != nil {
		return err
	}
	tags, err := c.s.o.Annotate.SetTags(c.ctx, c.who, c.on(), in.Tags)
	if err != nil {
		return err
	}
	return c.json(200, wire.Tags{Tags: tags})
}

func listTags(c *call) error {
	limit, err := c.queryInt("limit", defaultLimit, 1, annotate.MaxPage)
	if err != nil {
		return err
	}
	u, err := c.s.o.Annotate.Used(c.ctx, c.who, c.query["prefix"], c.query["page_token"], int(limit))
	if err != nil {
		return err
	}
	return c.json(200, wire.TagsInUse{Tags: append([]string{}, u.List...), NextPageToken: u.Next})
}

func listTagged(c *call) error {
	limit, err := c.queryInt("limit", defaultLimit, 1, annotate.MaxPage)
	if err != nil {
		return err
	}
	q := annotate.TagQuery{Tag: c.query["tag"], Limit: int(limit), Token: c.query["page_token"]}
	if _, ok := c.query["tag"]; !ok {
		return badField("missing", "Field required", "query", "tag")
	}
	if q.Share, _, err = c.queryID(engine.PrefixShare, "share_id"); err != nil {
		return err
	}
	if q.Folder, _, err = c.queryID(engine.PrefixFolder, "folder_id"); err != nil {
		return err
	}
	found, err := c.s.o.Annotate.Tagged(c.ctx, c.who, q)
	if err != nil {
		return err
	}
	nodes, items := make([]*engine.Node, len(found.List)), make([]wire.Item, len(found.List))
	for i, l := range found.List {
		nodes[i], items[i] = l.Node, wireItem(l.Share, l.Node)
	}
	if err := c.addTags(nodes, items); err != nil {
		return err
	}
	out := wire.Tagged{Items: make([]wire.TaggedItem, len(items)), NextPageToken: found.Next}
	for i, l := range found.List {
		out.Items[i] = wire.TaggedItem{Item: items[i], Path: l.Path}
	}
	return c.json(200, out)
}

// queryMoment reads a time; the zero time when it is not there.
func (c *call) queryMoment(name string) (time.Time, error) {
	text, ok := c.query[name]
	if !ok {
		return time.Time{}, nil
	}
	var t wire.Time
	if err := t.UnmarshalText([]byte(text)); err != nil {
		return time.Time{}, badField("datetime_parsing", "Input should be a time as 2026-01-31T12:00:00Z", "query", name)
	}
	return t.Time, nil
}

func listActivity(c *call) error {
	var q journal.Look
	limit, err := c.queryInt("limit", defaultLimit, 1, journal.MaxActivity)
	if err != nil {
		return err
	}
	q.Limit, q.Token = int(limit), c.query["page_token"]
	if q.From, err = c.queryMoment("from"); err != nil {
		return err
	}
	if q.To, err = c.queryMoment("to"); err != nil {
		return err
	}
	if q.Share, _, err = c.queryID(engine.PrefixShare, "share_id"); err != nil {
		return err
	}
	if q.By, _, err = c.queryID(engine.PrefixUser, "user_id"); err != nil {
		return err
	}
	file, isFile, err := c.queryID(engine.PrefixFile, "file_id")
	if err != nil {
		return err
	}
	folder, isFolder, err := c.queryID(engine.PrefixFolder, "folder_id")
	switch {
	case err != nil:
		return err
	case isFile && isFolder:
		return badField("value_error", "Value error, not together with file_id", "query", "folder_id")
	case isFile:
		q.Node, q.Kind = file, engine.KindFile
	case isFolder:
		q.Node, q.Kind = folder, engine.KindFolder
	case q.Share.IsZero():
		if q.Shares, err = c.s.o.Shares.Reachable(c.ctx, c.who); err != nil {
			return err
		}
	}
	h, err := c.s.o.Journal.Activity(c.ctx, c.who, q)
	if err != nil {
		return err
	}
	return c.json(200, wire.Activities{Activities: c.wireActivities(h), NextPageToken: h.Next})
}

func (c *call) wireActivities(h *journal.History) []wire.Activity {
	out := make([]wire.Activity, len(h.List))
	for i := range h.List {
		a := &h.List[i]
		out[i] = wire.Activity{Row: wireRow(c.who.TenantID, &a.Row), ShareName: a.ShareName}
		if !a.By.IsZero() {
			out[i].ChangedByName = &a.UserName
		}
	}
	return out
}

package httpd

import (
	"context"
	"strconv"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/httpd/wire"
)

func wireRow(tenant engine.ID, r *journal.Row) wire.Row {
	typ, prefix := typeAndPrefix(r.Resource)
	out := wire.Row{
		ID: r.ID.Format(engine.PrefixChange), TenantID: tenant.Format(engine.PrefixTenant), ShareID: r.Share.Format(engine.PrefixShare),
		ResourceType: typ, ResourceID: r.Change.Node.Format(prefix), ChangeType: changeName(r.Kind),
		ChangedBy: idOr(engine.PrefixUser, r.By), ChangedAt: timeOr(r.At), OldPath: r.OldPath, NewPath: r.NewPath,
		VersionID: idOr(engine.PrefixVersion, r.VersionID),
	}
	m := &out.Metadata
	m.Name, m.Recursive = r.NewName, r.Recursive
	m.AccessChanged, m.Bare = r.AccessChanged, r.Bare
	if !r.Parent.IsZero() {
		m.ParentID = parentID(r.Share, r.Parent)
	}
	if r.Kind == engine.ChangeDeleted {
		if r.OldPath != nil {
			m.Name = r.OldName
		}
		return out
	}
	if n := r.Node; n != nil && !r.Bare {
		m.ModifiedAt = wire.AtPtr(n.ModifiedAt)
		if n.Kind == engine.KindFile {
			hash := wire.Hash(r.SHA256)
			m.Size, m.ChecksumSHA256, m.Version = &r.Size, &hash, r.Version
			m.MIMEType, m.Attributes = n.MIME, &wire.Attributes{Executable: n.Executable}
		}
	}
	return out
}

// queryCursor reads a cursor; ok is false when it is not there.
func (c *call) queryCursor(name string) (cursor *int64, err error) {
	if _, ok := c.query[name]; !ok {
		return nil, nil
	}
	n, err := c.queryInt(name, 0, 0, 1<<53-1)
	return &n, err
}

func getChanges(c *call) error {
	f := journal.Follow{Epoch: c.query["epoch"]}
	var err error
	if f.Share, err = c.queryShare(); err != nil {
		return err
	}
	if f.Cursor, err = c.queryCursor("cursor"); err != nil {
		return err
	}
	limit, err := c.queryInt("limit", 1000, 1, journal.MaxRows)
	if err != nil {
		return err
	}
	wait, err := c.queryInt("wait", 0, 0, int64(journal.MaxWait/time.Second))
	if err != nil {
		return err
	}
	f.Limit, f.Wait = int(limit), time.Duration(wait)*time.Second
	f.Again = func(ctx context.Context) (*engine.Principal, error) { return c.s.recheck(ctx, c.who) }
	ctx, cancel := c.untilDrain()
	defer cancel()
	feed, err := c.s.o.Journal.Changes(ctx, c.who, f)
	if err != nil {
		return err
	}
	out := wire.Changes{
		Changes: make([]wire.Row, len(feed.Rows)), Cursor: feed.Cursor, Epoch: feed.Epoch,
		HasMore: feed.More, ShareID: f.Share.Format(engine.PrefixShare),
	}
	for i := range feed.Rows {
		out.Changes[i] = wireRow(c.who.TenantID, &feed.Rows[i])
	}
	return c.json(200, out)
}

// untilDrain is the call's context, which also ends when the server begins to end:
// nobody should be waited for who waits.
func (c *call) untilDrain() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(c.ctx)
	stop := context.AfterFunc(c.s.serving, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// shareAndDevice reads the two query parameters that must be there.
func (c *call) shareAndDevice() (share engine.ID, device string, err error) {
	if share, err = c.queryShare(); err != nil {
		return share, "", err
	}
	if device = c.query["device_id"]; device == "" {
		err = badField("missing", "Field required", "query", "device_id")
	}
	return share, device, err
}

func getSyncStatus(c *call) error {
	share, device, err := c.shareAndDevice()
	if err != nil {
		return err
	}
	st, err := c.s.o.Journal.Status(c.ctx, c.who, share, device)
	if err != nil {
		return err
	}
	return c.json(200, wireStatus(st))
}

func wireStatus(st *journal.Status) wire.SyncStatus {
	r := &st.Report
	out := wire.SyncStatus{
		CursorPosition: st.Cursor, Epoch: st.Epoch, LastSyncAt: wire.AtPtr(st.SyncedAt),
		PendingChanges: st.Pending, HasConflicts: st.Conflicts,
		ReportedAt: wire.AtPtr(r.At), Phase: r.Phase, Error: r.Trouble,
		WaitingTotal: int(r.Waiting), DeletesAllowed: r.DeletesAllowed,
	}
	if r.Held > 0 {
		out.Held = &wire.SyncHeld{Items: int(r.Held), Of: int(r.HeldOf)}
	}
	for _, w := range r.First {
		out.Waiting = append(out.Waiting, wire.SyncWaiting{Path: w.Path, Reason: w.Reason})
	}
	return out
}

// reportSyncStatus takes what a device says of itself.
func reportSyncStatus(c *call) error {
	share, device, err := c.shareAndDevice()
	if err != nil {
		return err
	}
	var in wire.SyncReport
	if err := c.decode(&in, false); err != nil {
		return err
	}
	if in.WaitingTotal < len(in.Waiting) || in.Held != nil && (in.Held.Items < 1 || in.Held.Of < in.Held.Items) {
		return badField("value_error", "Value error, the counts contradict each other", "body", "waiting_total")
	}
	r := journal.Report{Phase: in.Phase, Trouble: in.Error, Waiting: uint64(in.WaitingTotal)}
	if in.Held != nil {
		r.Held, r.HeldOf = uint64(in.Held.Items), uint64(in.Held.Of)
	}
	for _, w := range in.Waiting {
		r.First = append(r.First, journal.Waiting{Path: w.Path, Reason: w.Reason})
	}
	if _, err := c.s.o.Journal.Report(c.ctx, c.who, share, device, r); err != nil {
		return err
	}
	return getSyncStatus(c)
}

// allowDeletes allows a device to delete what it holds back, and tells it.
func allowDeletes(c *call) error {
	share, device, err := c.shareAndDevice()
	if err != nil {
		return err
	}
	if err := c.s.o.Journal.AllowDeletes(c.ctx, c.who, share, device); err != nil {
		return err
	}
	c.s.sockets.send(c.who.User, wire.Frame{EventType: "sync_preference_updated", ShareID: share.Format(engine.PrefixShare), DeviceID: device},
		func(k *socket) bool { return k.device == device })
	return c.noContent(204)
}

// askResync asks a device to list a share anew.
func askResync(c *call) error {
	share, device, err := c.shareAndDevice()
	if err != nil {
		return err
	}
	if err := c.s.o.Journal.AskResync(c.ctx, c.who, share, device); err != nil {
		return err
	}
	c.s.sockets.wake(c.who.User, func(k *socket) bool { return k.device == device })
	return c.noContent(204)
}

// askUserResync asks all devices of a user for that.
func askUserResync(c *call) error {
	id, err := c.pathID(engine.PrefixUser, 0)
	if err != nil {
		return err
	}
	if _, err := c.s.o.People.User(c.ctx, c.who, id); err != nil {
		return err
	}
	if err := c.s.o.Journal.AskResyncOf(c.ctx, c.who.Tenant, id); err != nil {
		return err
	}
	c.s.sockets.wake(id, func(k *socket) bool { return !k.page })
	return c.noContent(204)
}

func setSyncCursor(c *call) error {
	share, device, err := c.shareAndDevice()
	if err != nil {
		return err
	}
	cursor, err := c.queryCursor("position")
	if err != nil {
		return err
	}
	if cursor == nil {
		return badField("missing", "Field required", "query", "position")
	}
	mark, at, err := c.s.o.Journal.SetCursor(c.ctx, c.who, share, device, *cursor, c.query["epoch"])
	if err != nil {
		return err
	}
	return c.json(200, wire.SyncCursor{CursorPosition: mark.Cursor, Epoch: mark.Epoch, LastSyncAt: wire.At(at)})
}

// download is the content of a file, as /files/{id}/content gives it; a part may be
// named in the query too.
func download(c *call) error {
	from, err := c.queryInt("range_start", -1, 0, 1<<62)
	if err != nil {
		return err
	}
	to, err := c.queryInt("range_end", -1, 0, 1<<62)
	if err != nil {
		return err
	}
	if from < 0 && to < 0 {
		return getContent(c)
	}
	if to >= 0 && to < max(from, 0) {
		return badField("value_error", "Value error, range_end lies before range_start", "query", "range_end")
	}
	c.part = "bytes=" + strconv.FormatInt(max(from, 0), 10) + "-"
	if to >= 0 {
		c.part += strconv.FormatInt(to, 10)
	}
	return getContent(c)
}

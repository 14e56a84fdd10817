package httpd

import (
	"time"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/httpd/wire"
)

// latelyRows is how many lines of what happened the dashboard shows.
const latelyRows = 8

func getDashboard(c *call) error {
	out := wire.Dashboard{At: wire.At(c.s.env.Now()), Health: c.wireParts()}
	var err error
	// What fails is left out: a damaged store's dashboard says that it is damaged.
	note := func(what string, of error) {
		if of != nil && c.ctx.Err() == nil {
			c.s.log.Warn("the dashboard lacks a part", "id", c.id, "part", what, "err", of)
		}
	}
	out.Storage, err = c.dashboardStorage()
	note("storage", err)
	out.Users, err = c.dashboardUsers()
	note("users", err)
	if shares, err := c.s.o.Shares.Reachable(c.ctx, c.who); err != nil {
		note("activities", err)
	} else if h, err := c.s.o.Journal.Activity(c.ctx, c.who, journal.Look{Shares: shares, Limit: latelyRows}); err != nil {
		note("activities", err)
	} else {
		list := c.wireActivities(h)
		out.Activities = &list
	}
	if superAdmin.allowed(c.who) == nil {
		out.Process, err = c.dashboardProcess()
		note("process", err)
	}
	if err := c.ctx.Err(); err != nil {
		return err
	}
	return c.json(200, out)
}

func (c *call) dashboardStorage() (*wire.DashboardStorage, error) {
	sum, err := c.s.o.Usage.Tenant(c.ctx, c.who)
	if err != nil {
		return nil, err
	}
	alone, err := c.s.o.Usage.Alone(c.ctx)
	if err != nil {
		return nil, err
	}
	out := &wire.DashboardStorage{UsedBytes: sum.UsedBytes, ShareCount: sum.Count, AddedUpAt: wire.At(sum.AddedUp), Largest: []wire.DashboardShare{}}
	if f := sum.Figures; f != nil {
		living := max(0, sum.UsedBytes-f.VersionBytes-f.TrashBytes)
		out.FileBytes, out.VersionBytes, out.TrashBytes = &living, &f.VersionBytes, &f.TrashBytes
		out.FileCount, out.FolderCount, out.CalculatedAt = &f.Files, &f.Folders, wire.AtPtr(f.At)
	}
	if alone {
		disk := c.s.o.Footprint().Packs
		saved := max(0, sum.UsedBytes-disk)
		out.DiskBytes, out.SavedBytes = &disk, &saved
	}
	for _, sh := range sum.Largest {
		out.Largest = append(out.Largest, wire.DashboardShare{ShareID: sh.ID.Format(engine.PrefixShare), ShareName: sh.Name, UsedBytes: sh.UsedBytes, QuotaBytes: quotaOf(sh)})
	}
	return out, nil
}

func (c *call) dashboardUsers() (*wire.DashboardUsers, error) {
	t, err := c.s.o.Tenancy.Get(c.ctx, c.who.Tenant)
	if err != nil {
		return nil, err
	}
	seen, err := c.s.o.Presence.Count(c.ctx, c.who.Tenant)
	if err != nil {
		return nil, err
	}
	out := &wire.DashboardUsers{
		ActiveAccounts: t.People.Active + t.People.Inactive, PendingAccounts: t.People.Pending, SuspendedAccounts: t.People.Suspended, Groups: t.People.Groups,
		SeenToday: seen.Today, SeenIn7Days: seen.Week, SeenIn30Days: seen.Month,
	}
	for _, d := range seen.Days {
		out.Days = append(out.Days, wire.Day{Date: d.Day.Start().Format(time.DateOnly), Seen: d.Active})
	}
	return out, nil
}

func (c *call) dashboardProcess() (*wire.Process, error) {
	all, err := c.s.o.Usage.Whole(c.ctx, c.who)
	if err != nil {
		return nil, err
	}
	f := c.s.o.Footprint()
	out := &wire.Process{
		Version: c.s.o.Version, StartedAt: wire.At(f.StartedAt), TenantCount: all.Tenants, ShareCount: all.Shares,
		UsedBytes: all.UsedBytes, DiskBytes: f.Packs, SavedBytes: max(0, all.UsedBytes-f.Packs), ChunkCount: f.Chunks,
		DatabaseBytes: f.Database + f.Index + f.Log,
	}
	if f.Free >= 0 {
		out.FreeBytes, out.VolumeBytes = &f.Free, &f.Volume
	}
	return out, nil
}

// wireParts gives the parts, those that want something done first.
func (c *call) wireParts() []wire.Part {
	act, rest := []wire.Part{}, []wire.Part{}
	for _, p := range c.s.o.Parts() {
		w := wire.Part{Name: p.Name, State: partState(p.State), Reason: string(p.Reason), Causes: []string{}}
		w.Detail, w.Remedy = inWords(p.Reason)
		if superAdmin.allowed(c.who) == nil {
			w.Causes = append(w.Causes, p.Causes...)
		}
		if p.State == engine.PartAct {
			act = append(act, w)
		} else {
			rest = append(rest, w)
		}
	}
	return append(act, rest...)
}

func partState(s engine.PartState) string {
	switch s {
	case engine.PartGood:
		return "good"
	case engine.PartAct:
		return "act"
	default:
		return "off"
	}
}

// inWords tells what a reason means and what to do.
func inWords(r engine.PartReason) (detail, remedy string) {
	switch r {
	case engine.PartChecking:
		return "Works. What is stored is being checked since the start.", ""
	case engine.PartReadOnly:
		return "Nothing is taken any more, because a write to the disk failed. What was acknowledged is safe.", "Look at the disk and its connection, then restart the server."
	case engine.PartDamaged:
		return "Stored bytes are not what was written.", "Stop the server and run scaidrive verify --read-data, then scaidrive repair. Putting a damaged file again heals it."
	case engine.PartNoSnapshot:
		return "Works, but the last snapshot of the database failed.", "Look at the disk. It is tried again."
	case engine.PartNoRoom:
		return "The volume is full: no new content is taken. Reading, deleting and signing in go on.", "Make room on the volume. Writing works again within seconds."
	case engine.PartLowRoom:
		return "Less than a twentieth of the volume is free.", "Make room, or move the data to a larger volume."
	case engine.PartNotThere:
		return "This system can't run it.", ""
	default:
		return "Works.", ""
	}
}

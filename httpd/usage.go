package httpd

import (
	"math"

	"scaidrive/engine"
	"scaidrive/engine/people"
	"scaidrive/engine/share"
	"scaidrive/httpd/wire"
)

// maxShares is the longest page of shares.
const maxShares = 100

// sharePage reads limit and offset of a list of shares.
func (c *call) sharePage() (limit, offset int, err error) {
	if _, err := c.queryInt("limit", defaultLimit, 1, maxShares); err != nil {
		return 0, 0, err
	}
	return c.page()
}

func updateShare(c *call) error {
	id, err := c.pathShare(0)
	if err != nil {
		return err
	}
	var in wire.UpdateShare
	if err := c.decode(&in, false); err != nil {
		return err
	}
	change := share.Change{Name: in.Name, Description: in.Description}
	if in.IsDeleted != nil {
		if *in.IsDeleted {
			return badField("value_error", "Value error, DELETE deletes a share", "body", "is_deleted")
		}
		change.Restore = true
	}
	if err := lifeChange(&in, &change); err != nil {
		return err
	}
	sh, err := c.s.o.Shares.Edit(c.ctx, c.who, id, change)
	if err != nil {
		return err
	}
	return c.json(200, c.wireShare(sh))
}

func deleteShare(c *call) error {
	id, err := c.pathShare(0)
	if err == nil {
		err = c.s.o.Shares.Delete(c.ctx, c.who, id)
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}

func searchPrincipals(c *call) error {
	limit, err := c.queryInt("limit", 20, 1, people.MaxFound)
	if err != nil {
		return err
	}
	var kind engine.PrincipalKind
	if _, one := c.query["principal_type"]; one {
		i, err := c.queryChoice("principal_type", "user", "group")
		if err != nil {
			return err
		}
		kind = []engine.PrincipalKind{engine.PrincipalUser, engine.PrincipalGroup}[i]
	}
	if _, ok := c.query["q"]; !ok {
		return badField("missing", "Field required", "query", "q")
	}
	out := wire.Principals{Users: []wire.FoundUser{}, Groups: []wire.FoundGroup{}}
	users, groups, err := c.s.o.People.Find(c.ctx, c.who, c.query["q"], kind, int(limit))
	if err != nil {
		return err
	}
	for _, u := range users {
		out.Users = append(out.Users, wire.FoundUser{ID: u.ID.Format(engine.PrefixUser), Email: u.Email, Name: u.Name, DisplayName: u.DisplayName})
	}
	for _, g := range groups {
		out.Groups = append(out.Groups, wire.FoundGroup{ID: g.ID.Format(engine.PrefixGroup), Name: g.Name})
	}
	return c.json(200, out)
}

func getMyQuota(c *call) error {
	used, err := c.s.o.Shares.Used(c.ctx, c.who)
	if err != nil {
		return err
	}
	limit, err := c.s.o.Shares.Quota(c.ctx, c.who)
	if err != nil {
		return err
	}
	out := wire.UserQuota{UserID: c.who.User.Format(engine.PrefixUser), UsedBytes: used}
	if limit > 0 {
		percent := math.Round(float64(used)/float64(limit)*1000) / 10
		out.QuotaBytes, out.PercentUsed = &limit, &percent
	}
	return c.json(200, out)
}

func getMyStats(c *call) error {
	limit, offset, err := c.sharePage()
	if err != nil {
		return err
	}
	st, err := c.s.o.Usage.Stats(c.ctx, c.who, limit, offset)
	if err != nil {
		return err
	}
	out := wire.UserStats{Shares: make([]wire.ShareUsage, len(st.Shares)), Total: st.Total}
	for i, sh := range st.Shares {
		u := wire.ShareUsage{ShareID: sh.ID.Format(engine.PrefixShare), ShareName: sh.Name, UsedBytes: sh.UsedBytes}
		if f := sh.Figures; f != nil {
			u.FileCount, u.FolderCount, u.TrashBytes, u.VersionBytes = &f.Files, &f.Folders, &f.TrashBytes, &f.VersionBytes
			u.CalculatedAt = wire.AtPtr(f.At)
		}
		out.Shares[i] = u
	}
	sum := wire.UsageTotals{ShareCount: st.Count, UsedBytes: st.UsedBytes}
	if f := st.Sum; f != nil {
		sum.FileCount, sum.FolderCount, sum.TrashBytes, sum.VersionBytes = &f.Files, &f.Folders, &f.TrashBytes, &f.VersionBytes
		sum.CalculatedAt = wire.AtPtr(f.At)
	}
	out.Tenant = sum
	return c.json(200, out)
}

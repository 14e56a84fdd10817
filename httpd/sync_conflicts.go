package httpd

import (
	"context"
	"io"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/tree"
	"scaidrive/httpd/wire"
)

// strategies are the contract's names, in the order of the engine's numbers.
func strategies() []string {
	return []string{"", wire.LastWriterWins, wire.KeepBoth, wire.Manual, wire.ServerWins, wire.ClientWins}
}

func strategyNamed(name string) (engine.Strategy, bool) {
	for i, s := range strategies() {
		if s == name {
			return engine.Strategy(i), true
		}
	}
	return 0, false
}

func strategyName(s engine.Strategy) string {
	if all := strategies(); int(s) < len(all) {
		return all[s]
	}
	return ""
}

func conflictTypeName(t engine.ConflictType) string {
	names := []string{"", "edit_edit", "edit_delete", "delete_edit", "move_move", "move_cycle", "name_collision"}
	if int(t) < len(names) {
		return names[t]
	}
	return ""
}

func changeName(k engine.ChangeKind) string {
	names := []string{"", wire.ChangeCreated, wire.ChangeUpdated, wire.ChangeDeleted, wire.ChangeMoved, wire.ChangeRenamed}
	if int(k) < len(names) {
		return names[k]
	}
	return ""
}

// idOr formats an ID, nil for none.
func idOr(prefix string, id engine.ID) *string {
	if id.IsZero() {
		return nil
	}
	s := id.Format(prefix)
	return &s
}

func typeAndPrefix(r engine.ResourceKind) (name, prefix string) {
	switch r {
	case engine.ResourceFolder:
		return wire.TypeFolder, engine.PrefixFolder
	case engine.ResourceShare:
		return wire.TypeShare, engine.PrefixShare
	default:
		return wire.TypeFile, engine.PrefixFile
	}
}

func wireConflict(tenant engine.ID, f *engine.Conflict, at *tree.Located) wire.Conflict {
	i := &f.Intent
	typ, prefix := typeAndPrefix(f.Resource)
	_, subject := typ, prefix
	out := wire.Conflict{
		ID: f.ID.Format(engine.PrefixConflict), TenantID: tenant.Format(engine.PrefixTenant), ShareID: f.Share.Format(engine.PrefixShare),
		DeviceID: f.Device, DeviceName: f.DeviceName, ChangedBy: f.User.Format(engine.PrefixUser), ConflictType: conflictTypeName(f.Type),
		BaseVersionID: idOr(engine.PrefixVersion, i.Base), ServerVersionID: idOr(engine.PrefixVersion, f.Server),
		ClientChange: wire.ClientChange{ChangeType: changeName(i.Kind), ResourceID: idOr(prefix, i.Node), Name: i.Name, ModifiedAt: wire.AtPtr(i.ModifiedAt)},
		Strategy:     strategyName(f.Strategy), Status: wire.ConflictOpen, KeptVersion: f.Version,
		CreatedAt: wire.At(f.CreatedAt), ResolvedAt: wire.AtPtr(f.ResolvedAt), ResolvedBy: idOr(engine.PrefixUser, f.ResolvedBy),
	}
	if !i.Parent.IsZero() {
		out.ClientChange.ParentID = parentID(f.Share, i.Parent)
	}
	if i.HasContent {
		hash := wire.Hash(i.Content.SHA256)
		out.ClientChange.Size, out.ClientChange.ChecksumSHA256 = &i.Content.Size, &hash
	}
	if !f.Open() {
		name := strategyName(f.Resolution)
		out.Status, out.Resolution = wire.ConflictResolved, &name
	}
	if at != nil {
		out.Path = &at.Path
		typ, subject = wire.TypeFile, engine.PrefixFile
		if at.Node.Kind == engine.KindFolder {
			typ, subject = wire.TypeFolder, engine.PrefixFolder
		}
	}
	out.ResourceType, out.ResourceID = typ, f.Node.Format(subject)
	out.CopyID = idOr(prefix, f.Copy)
	return out
}

func (c *call) conflict(one journal.Shown) wire.Conflict {
	return wireConflict(c.who.TenantID, one.Conflict, one.Node)
}

func listConflicts(c *call) error {
	all, err := c.queryBool("include_resolved")
	if err != nil {
		return err
	}
	device := c.query["device_id"]
	var list []journal.Shown
	if _, one := c.query["share_id"]; one {
		share, err := c.queryShare()
		if err != nil {
			return err
		}
		if list, err = c.s.o.Journal.Conflicts(c.ctx, c.who, share, device, all); err != nil {
			return err
		}
	} else if list, err = c.s.o.Journal.AllConflicts(c.ctx, c.who, device, all); err != nil {
		return err
	}
	out := make([]wire.Conflict, len(list))
	for i := range list {
		out[i] = c.conflict(list[i])
	}
	return c.json(200, out)
}

func resolveConflict(c *call) error {
	id, err := c.pathID(engine.PrefixConflict, 0)
	if err != nil {
		return err
	}
	by, ok := strategyNamed(c.query["resolution"])
	if !ok || by == 0 || by == engine.Manual {
		return badField("literal_error", "Input should be LAST_WRITER_WINS, KEEP_BOTH, SERVER_WINS or CLIENT_WINS", "query", "resolution")
	}
	one, err := c.s.o.Journal.Resolve(c.ctx, c.who, id, by)
	if err != nil {
		return err
	}
	// No row tells of a conflict in which what is there stays: the device that waits for
	// it is told to ask.
	c.s.sockets.send(one.Conflict.User, wire.Frame{EventType: "change", ShareID: one.Conflict.Share.Format(engine.PrefixShare)},
		func(k *socket) bool { return !k.page && k.device == one.Conflict.Device })
	return c.json(200, c.conflict(one))
}

func getConflictContent(c *call) error {
	id, err := c.pathID(engine.PrefixConflict, 0)
	if err != nil {
		return err
	}
	o, err := c.s.o.Journal.ConflictContent(c.ctx, c.who, id)
	if err != nil {
		return err
	}
	c.setHeader("Cache-Control", "no-store")
	c.setHeader("Content-Type", safeMediaType(o.Located.Node.MIME))
	c.setHeader("Content-Disposition", attachment(o.Located.Node.Name))
	c.setHeader("Content-Security-Policy", "sandbox; default-src 'none'")
	c.setHeader("Cross-Origin-Resource-Policy", "same-origin")
	return c.stream(200, o.Version.Content.Size, func(ctx context.Context, w io.Writer) error {
		return o.WriteRange(ctx, w, 0, o.Version.Content.Size)
	})
}

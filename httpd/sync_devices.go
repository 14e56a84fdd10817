package httpd

import (
	"net/url"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/meta/schema"
	"scaidrive/httpd/wire"
)

func wireDevice(tenant engine.ID, d *engine.Device) wire.Device {
	return wire.Device{
		DeviceID: d.ID, DeviceName: d.Name, Platform: d.Platform, ClientVersion: d.Client,
		UserID: d.User.Format(engine.PrefixUser), TenantID: tenant.Format(engine.PrefixTenant),
		CreatedAt: wire.At(d.CreatedAt), LastSeenAt: wire.At(d.LastSeenAt),
	}
}

func listDevices(c *call) error {
	list, err := c.s.o.Journal.Devices(c.ctx, c.who)
	if err != nil {
		return err
	}
	out := make([]wire.Device, len(list))
	for i, d := range list {
		out[i] = wireDevice(c.who.TenantID, d)
	}
	return c.json(200, out)
}

func registerDevice(c *call) error {
	var in wire.RegisterDevice
	if err := c.decode(&in, true); err != nil {
		return err
	}
	d, err := c.s.o.Journal.PutDevice(c.ctx, c.who, journal.DeviceSpec{
		ID: in.DeviceID, Name: in.DeviceName, Platform: in.Platform, Client: in.ClientVersion,
	})
	if err != nil {
		return err
	}
	return c.json(201, wireDevice(c.who.TenantID, d))
}

// pathDevice reads a device's identifier from the path.
func (c *call) pathDevice(i int) (string, error) {
	id, err := url.PathUnescape(c.values[i])
	if err != nil {
		return "", notFound()
	}
	return id, nil
}

func updateDevice(c *call) error {
	id, err := c.pathDevice(0)
	if err != nil {
		return err
	}
	var in wire.UpdateDevice
	if err := c.decode(&in, false); err != nil {
		return err
	}
	d, err := c.s.o.Journal.RenameDevice(c.ctx, c.who, id, in.DeviceName)
	if err != nil {
		return err
	}
	return c.json(200, wireDevice(c.who.TenantID, d))
}

func removeDevice(c *call) error {
	id, err := c.pathDevice(0)
	if err != nil {
		return err
	}
	err = c.s.o.Journal.RemoveDevice(c.ctx, c.who, id, func(w schema.Writer, session engine.ID) error {
		return c.s.o.Identity.EndSession(w, c.who.Tenant, session)
	})
	if err != nil {
		return err
	}
	c.s.sockets.send(c.who.User, wire.Frame{EventType: "wipe", DeviceID: id}, func(k *socket) bool { return k.device == id })
	return c.noContent(204)
}

func (c *call) preferences(share engine.ID, device string, p journal.Preferences) wire.SyncPreferences {
	out := wire.SyncPreferences{
		ShareID: share.Format(engine.PrefixShare), DeviceID: device, ExcludedFolderIDs: make([]string, len(p.Excluded)),
		Paused: p.Paused, UpdatedAt: wire.AtPtr(p.ModifiedAt),
	}
	for i, id := range p.Excluded {
		out.ExcludedFolderIDs[i] = id.Format(engine.PrefixFolder)
	}
	return out
}

func getPreferences(c *call) error {
	share, device, err := c.shareAndDevice()
	if err != nil {
		return err
	}
	p, err := c.s.o.Journal.Preferences(c.ctx, c.who, share, device)
	if err != nil {
		return err
	}
	return c.json(200, c.preferences(share, device, p))
}

func setPreferences(c *call) error {
	share, device, err := c.shareAndDevice()
	if err != nil {
		return err
	}
	var in wire.SetSyncPreferences
	if err := c.decode(&in, false); err != nil {
		return err
	}
	want := journal.Preferences{Paused: in.Paused, Excluded: make([]engine.ID, len(in.ExcludedFolderIDs))}
	for i, text := range in.ExcludedFolderIDs {
		if want.Excluded[i], err = bodyID(engine.PrefixFolder, text, "excluded_folder_ids", i); err != nil {
			return err
		}
	}
	p, err := c.s.o.Journal.SetPreferences(c.ctx, c.who, share, device, want)
	if err != nil {
		return err
	}
	c.s.sockets.send(c.who.User, wire.Frame{EventType: "sync_preference_updated", ShareID: share.Format(engine.PrefixShare), DeviceID: device},
		func(k *socket) bool { return k.device == device })
	return c.json(200, c.preferences(share, device, p))
}

package journal

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// The bounds of devices.
const (
	MaxDevices      = 500 // of a user
	maxSessionsKept = 32  // of a device
	MaxDeviceText   = 255 // bytes of a device's name, platform and version
	MaxExcluded     = 10_000
)

// errNoDevice is the answer for a device that the caller does not have.
func errNoDevice() error { return access.NotFound() }

// A DeviceSpec is what a client says of its installation.
type DeviceSpec struct {
	ID, Name, Platform, Client string
}

// PutDevice registers an installation of the caller's, or brings its record up to
// date: the identifier is the client's choice and may be kept over installations.
// The session that it comes in is one of the device's, and ends with it.
func (s *Service) PutDevice(ctx context.Context, p *engine.Principal, d DeviceSpec) (*engine.Device, error) {
	if d.ID == "" || len(d.ID) > MaxDeviceID || !utf8.ValidString(d.ID) {
		return nil, engine.Invalid("device_id", "A device's identifier has 1 to %d bytes", MaxDeviceID)
	}
	for field, text := range map[string]string{"device_name": d.Name, "platform": d.Platform, "client_version": d.Client} {
		if len(text) > MaxDeviceText || !utf8.ValidString(text) {
			return nil, engine.Invalid(field, "At most %d bytes", MaxDeviceText)
		}
	}
	var out *engine.Device
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		now := s.env.Now()
		had, err := schema.GetDevice(tx, p.Tenant, p.User, d.ID)
		if errors.Is(err, schema.ErrNotFound) {
			had, err = &engine.Device{User: p.User, ID: d.ID, CreatedAt: now}, s.roomForDevice(tx, p)
		}
		if err != nil {
			return err
		}
		out = had
		out.Name, out.Platform, out.Client, out.LastSeenAt = d.Name, d.Platform, d.Client, now
		if !p.SessionID.IsZero() && !slices.Contains(out.Sessions, p.SessionID) {
			out.Sessions = append(out.Sessions, p.SessionID)
			out.Sessions = out.Sessions[max(0, len(out.Sessions)-maxSessionsKept):]
		}
		return schema.PutDevice(tx, p.Tenant, out)
	})
	return out, err
}

func (s *Service) roomForDevice(r schema.Reader, p *engine.Principal) error {
	n := 0
	err := schema.ScanDevices(r, p.Tenant, p.User, func(*engine.Device) (bool, error) {
		n++
		return n < MaxDevices, nil
	})
	if err == nil && n >= MaxDevices {
		err = engine.E(engine.KindConflict, "You have %d devices; remove one first", MaxDevices)
	}
	return err
}

// Devices lists the caller's devices.
func (s *Service) Devices(ctx context.Context, p *engine.Principal) ([]*engine.Device, error) {
	var list []*engine.Device
	err := s.db.View(ctx, func(v *meta.View) error {
		list = nil
		return schema.ScanDevices(v, p.Tenant, p.User, func(d *engine.Device) (bool, error) {
			list = append(list, d)
			return true, nil
		})
	})
	slices.SortFunc(list, func(a, b *engine.Device) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return list, err
}

// Device finds a device of the caller's.
func (s *Service) Device(ctx context.Context, p *engine.Principal, id string) (d *engine.Device, err error) {
	err = s.db.View(ctx, func(v *meta.View) (err error) {
		d, err = device(v, p, id)
		return err
	})
	return d, err
}

func device(r schema.Reader, p *engine.Principal, id string) (*engine.Device, error) {
	if id == "" || len(id) > MaxDeviceID {
		return nil, errNoDevice()
	}
	d, err := schema.GetDevice(r, p.Tenant, p.User, id)
	if errors.Is(err, schema.ErrNotFound) {
		err = errNoDevice()
	}
	return d, err
}

// RenameDevice gives a device another name.
func (s *Service) RenameDevice(ctx context.Context, p *engine.Principal, id, name string) (d *engine.Device, err error) {
	if len(name) > MaxDeviceText || !utf8.ValidString(name) || name == "" {
		return nil, engine.Invalid("device_name", "A name has 1 to %d bytes", MaxDeviceText)
	}
	err = s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		if d, err = device(tx, p, id); err != nil {
			return err
		}
		d.Name = name
		return schema.PutDevice(tx, p.Tenant, d)
	})
	return d, err
}

// RemoveDevice forgets a device and ends its sessions, with end in the same commit.
// What it was answered stays known: a change of it that comes late has one effect.
func (s *Service) RemoveDevice(ctx context.Context, p *engine.Principal, id string, end func(w schema.Writer, session engine.ID) error) error {
	return s.db.Update(ctx, func(tx *meta.Tx) error {
		d, err := device(tx, p, id)
		if err != nil {
			return err
		}
		for _, session := range d.Sessions {
			if err := end(tx, session); err != nil {
				return err
			}
		}
		if err := schema.DeleteDeviceShares(tx, p.Tenant, p.User, id); err != nil {
			return err
		}
		return schema.DeleteDevice(tx, p.Tenant, p.User, id)
	})
}

// A Status is how far a device has followed a share.
type Status struct {
	Mark
	SyncedAt time.Time
	// Pending is how many rows the caller may see behind the mark, at most 1,000.
	Pending   int
	Conflicts bool // the device has open ones
	Report    Report
}

// maxPending is up to how many rows are counted.
const maxPending = 1000

// Status tells how far a device of the caller's has followed a share. Without a
// mark it gets one at the end of the change log.
func (s *Service) Status(ctx context.Context, p *engine.Principal, share engine.ID, id string) (*Status, error) {
	var at *engine.DeviceShare
	read := func(r schema.Reader) (head uint64, err error) {
		sub, _, err := access.LookShare(r, p, share)
		if err != nil {
			return 0, err
		}
		if _, err := device(r, p, id); err != nil {
			return 0, err
		}
		at, err = schema.GetDeviceShare(r, p.Tenant, p.User, id, share)
		return sub.Share.Seq, err
	}
	err := s.db.View(ctx, func(v *meta.View) error {
		_, err := read(v)
		return err
	})
	if errors.Is(err, schema.ErrNotFound) {
		err = s.db.Update(ctx, func(tx *meta.Tx) error {
			head, err := read(tx)
			if !errors.Is(err, schema.ErrNotFound) {
				return err
			}
			at = &engine.DeviceShare{Position: head}
			return schema.PutDeviceShare(tx, p.Tenant, p.User, id, share, at)
		})
	}
	if err != nil {
		return nil, err
	}
	out := &Status{SyncedAt: at.SyncedAt, Report: s.reportOf(at)}
	out.Cursor = s.Cursor(at.Position)
	ahead, err := s.look(ctx, p, share, at.Position, maxPending)
	switch {
	case err == nil:
		out.Pending = len(ahead.Rows)
	case engine.KindOf(err) == engine.KindGone:
		out.Pending = maxPending // nobody knows any more
	default:
		return nil, err
	}
	err = s.db.View(ctx, func(v *meta.View) (err error) {
		if out.Epoch, err = s.EpochAt(v, p.Tenant, share, at.Position); err != nil {
			return err
		}
		return schema.ScanConflicts(v, p.Tenant, share, true, engine.ID{}, func(f *engine.Conflict) (bool, error) {
			out.Conflicts = out.Conflicts || f.User == p.User && f.Device == id
			return !out.Conflicts, nil
		})
	})
	return out, err
}

// SetCursor notes how far a device has followed a share.
func (s *Service) SetCursor(ctx context.Context, p *engine.Principal, share engine.ID, id string, cursor int64, epoch string) (m Mark, at time.Time, err error) {
	err = s.db.Update(ctx, func(tx *meta.Tx) error {
		sub, _, err := access.LookShare(tx, p, share)
		if err != nil {
			return err
		}
		d, err := device(tx, p, id)
		if err != nil {
			return err
		}
		seq, err := s.position(tx, p.Tenant, sub.Share, cursor, epoch)
		if err != nil {
			return err
		}
		ds, err := schema.GetDeviceShare(tx, p.Tenant, p.User, id, share)
		if errors.Is(err, schema.ErrNotFound) {
			ds, err = &engine.DeviceShare{}, nil
		}
		if err != nil {
			return err
		}
		at = s.env.Now()
		ds.Position, ds.SyncedAt, d.LastSeenAt = seq, at, at
		m.Cursor = s.Cursor(seq)
		if m.Epoch, err = s.EpochAt(tx, p.Tenant, share, seq); err != nil {
			return err
		}
		m.Epoch = KeepStanding(m.Epoch, epoch)
		if err := schema.PutDevice(tx, p.Tenant, d); err != nil {
			return err
		}
		return schema.PutDeviceShare(tx, p.Tenant, p.User, id, share, ds)
	})
	return m, at, err
}

// Preferences are what a device leaves out of a share.
type Preferences struct {
	Excluded   []engine.ID
	Paused     bool
	ModifiedAt time.Time
}

// Preferences gives those of a device of the caller's.
func (s *Service) Preferences(ctx context.Context, p *engine.Principal, share engine.ID, id string) (out Preferences, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		ds, err := s.deviceShare(v, p, share, id)
		if err == nil {
			out = Preferences{ds.Excluded, ds.Paused, ds.ModifiedAt}
		}
		return err
	})
	return out, err
}

func (s *Service) deviceShare(r schema.Reader, p *engine.Principal, share engine.ID, id string) (*engine.DeviceShare, error) {
	sub, _, err := access.LookShare(r, p, share)
	if err != nil {
		return nil, err
	}
	if _, err := device(r, p, id); err != nil {
		return nil, err
	}
	ds, err := schema.GetDeviceShare(r, p.Tenant, p.User, id, share)
	if errors.Is(err, schema.ErrNotFound) {
		return &engine.DeviceShare{Position: sub.Share.Seq}, nil
	}
	return ds, err
}

// SetPreferences replaces those of a device of the caller's. Folders need not be
// there any more.
func (s *Service) SetPreferences(ctx context.Context, p *engine.Principal, share engine.ID, id string, want Preferences) (out Preferences, err error) {
	if len(want.Excluded) > MaxExcluded {
		return out, engine.Invalid("excluded_folder_ids", "At most %d folders", MaxExcluded)
	}
	err = s.db.Update(ctx, func(tx *meta.Tx) error {
		ds, err := s.deviceShare(tx, p, share, id)
		if err != nil {
			return err
		}
		ds.Excluded, ds.Paused, ds.ModifiedAt = want.Excluded, want.Paused, s.env.Now()
		out = Preferences{ds.Excluded, ds.Paused, ds.ModifiedAt}
		return schema.PutDeviceShare(tx, p.Tenant, p.User, id, share, ds)
	})
	return out, err
}

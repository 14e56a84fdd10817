package journal

import (
	"context"
	"errors"
	"slices"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// A Resync says that a device is to list a share anew.
type Resync struct {
	Share engine.ID
	asked time.Time // zero: nobody has, the change log ends above where the device stands
}

// AskResync asks a device of the caller's to list a share anew. It is kept until the
// device was told.
func (s *Service) AskResync(ctx context.Context, p *engine.Principal, share engine.ID, id string) error {
	return s.db.Update(ctx, func(tx *meta.Tx) error {
		ds, err := s.deviceShare(tx, p, share, id)
		if err != nil {
			return err
		}
		ds.ResyncAt = s.env.Now()
		return schema.PutDeviceShare(tx, p.Tenant, p.User, id, share, ds)
	})
}

// AskResyncOf asks all devices of a user to list anew the shares that they follow. Who
// may ask that is the caller's business.
func (s *Service) AskResyncOf(ctx context.Context, t engine.TenantNo, user engine.ID) error {
	return s.db.Update(ctx, func(tx *meta.Tx) error {
		var devices []string
		err := schema.ScanDevices(tx, t, user, func(d *engine.Device) (bool, error) {
			devices = append(devices, d.ID)
			return true, nil
		})
		if err != nil {
			return err
		}
		for _, id := range devices {
			if err := s.askAll(tx, t, user, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) askAll(tx *meta.Tx, t engine.TenantNo, user engine.ID, id string) error {
	all := map[engine.ID]*engine.DeviceShare{}
	err := schema.ScanDeviceShares(tx, t, user, id, func(share engine.ID, ds *engine.DeviceShare) (bool, error) {
		all[share] = ds
		return true, nil
	})
	for share, ds := range all {
		if err == nil {
			ds.ResyncAt = s.env.Now()
			err = schema.PutDeviceShare(tx, t, user, id, share, ds)
		}
	}
	return err
}

// Resyncs gives the shares that a device of the caller's is to list anew, because
// somebody has asked for that or because the change log is not kept any more from
// where it stands. Shares that the caller does not see are left out.
func (s *Service) Resyncs(ctx context.Context, p *engine.Principal, id string) (list []Resync, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		list = nil
		if _, err := device(v, p, id); err != nil {
			return err
		}
		return schema.ScanDeviceShares(v, p.Tenant, p.User, id, func(share engine.ID, ds *engine.DeviceShare) (bool, error) {
			sub, _, err := access.LookShare(v, p, share)
			switch {
			case engine.KindOf(err) == engine.KindNotFound && err != nil:
				return true, nil
			case err != nil:
				return false, err
			case !ds.ResyncAt.IsZero(), ds.Position < sub.Share.LogFloor:
				list = append(list, Resync{share, ds.ResyncAt})
			}
			return true, nil
		})
	})
	return list, err
}

// ToldResyncs notes that a device of the caller's was told. What was asked for
// meanwhile stays.
func (s *Service) ToldResyncs(ctx context.Context, p *engine.Principal, id string, list []Resync) error {
	if !slices.ContainsFunc(list, func(r Resync) bool { return !r.asked.IsZero() }) {
		return nil
	}
	return s.db.Update(ctx, func(tx *meta.Tx) error {
		for _, r := range list {
			ds, err := schema.GetDeviceShare(tx, p.Tenant, p.User, id, r.Share)
			switch {
			case errors.Is(err, schema.ErrNotFound):
				continue
			case err != nil:
				return err
			case ds.ResyncAt.IsZero() || !ds.ResyncAt.Equal(r.asked):
				continue
			}
			ds.ResyncAt = time.Time{}
			if err := schema.PutDeviceShare(tx, p.Tenant, p.User, id, r.Share, ds); err != nil {
				return err
			}
		}
		return nil
	})
}

package journal

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// The bounds of what a device says of itself.
const (
	MaxWaiting      = 100  // things it names
	maxWaitingText  = 8192 // bytes of a path or a reason
	maxReportText   = 4096 // bytes of the rest
	allowDeletesFor = time.Hour
)

// A Report is what a device says of itself and a share: what its brake holds back,
// and what is not in step and why.
type Report struct {
	At           time.Time // when it said so; zero: it never did
	Phase        string
	Trouble      string
	Held, HeldOf uint64
	Waiting      uint64 // all of them
	First        []Waiting
	// DeletesAllowed: somebody has allowed it to delete what it holds back.
	DeletesAllowed bool
}

// Waiting is something that is not in step. Its path is the device's own.
type Waiting struct{ Path, Reason string }

// Report notes what a device of the caller's says of itself. A report that nothing
// is held back ends the permission to delete.
func (s *Service) Report(ctx context.Context, p *engine.Principal, share engine.ID, id string, in Report) (out Report, err error) {
	first, err := in.encode()
	if err != nil {
		return out, err
	}
	err = s.db.Update(ctx, func(tx *meta.Tx) error {
		ds, err := s.deviceShare(tx, p, share, id)
		if err != nil {
			return err
		}
		ds.ReportedAt, ds.Phase, ds.Trouble = s.env.Now(), in.Phase, in.Trouble
		ds.Held, ds.HeldOf, ds.Waiting, ds.WaitingFirst = in.Held, in.HeldOf, in.Waiting, first
		if ds.Held == 0 {
			ds.DeletesUntil = time.Time{}
		}
		out = s.reportOf(ds)
		return schema.PutDeviceShare(tx, p.Tenant, p.User, id, share, ds)
	})
	return out, err
}

func (in *Report) encode() ([]byte, error) {
	if len(in.First) > MaxWaiting {
		return nil, engine.Invalid("waiting", "At most %d are named", MaxWaiting)
	}
	for _, text := range []string{in.Phase, in.Trouble} {
		if len(text) > maxReportText || !utf8.ValidString(text) {
			return nil, engine.Invalid("error", "At most %d bytes", maxReportText)
		}
	}
	var b []byte
	for i, w := range in.First {
		for _, text := range []string{w.Path, w.Reason} {
			if len(text) > maxWaitingText || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return nil, engine.Invalid("waiting", "Item %d: a path and a reason have at most %d bytes", i, maxWaitingText)
			}
			b = append(append(b, text...), 0)
		}
	}
	if len(b) > 1<<20 {
		return nil, engine.Invalid("waiting", "At most 1 MiB together")
	}
	return b, nil
}

func (s *Service) reportOf(ds *engine.DeviceShare) Report {
	r := Report{At: ds.ReportedAt, Phase: ds.Phase, Trouble: ds.Trouble, Held: ds.Held, HeldOf: ds.HeldOf, Waiting: ds.Waiting,
		DeletesAllowed: s.env.Now().Before(ds.DeletesUntil)}
	parts := bytes.Split(ds.WaitingFirst, []byte{0})
	for i := 0; i+1 < len(parts); i += 2 {
		r.First = append(r.First, Waiting{string(parts[i]), string(parts[i+1])})
	}
	return r
}

// AllowDeletes allows a device of the caller's, for an hour, to delete what it holds
// back. A device that holds nothing back is a conflict.
func (s *Service) AllowDeletes(ctx context.Context, p *engine.Principal, share engine.ID, id string) error {
	return s.db.Update(ctx, func(tx *meta.Tx) error {
		if _, err := s.deviceShare(tx, p, share, id); err != nil {
			return err
		}
		ds, err := schema.GetDeviceShare(tx, p.Tenant, p.User, id, share)
		if errors.Is(err, schema.ErrNotFound) || err == nil && ds.Held == 0 {
			return engine.E(engine.KindConflict, "The device holds nothing back")
		}
		if err != nil {
			return err
		}
		ds.DeletesUntil = s.env.Now().Add(allowDeletesFor)
		return schema.PutDeviceShare(tx, p.Tenant, p.User, id, share, ds)
	})
}

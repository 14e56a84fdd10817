package schema

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"scaidrive/engine"
)

// The bounds of lists in the records of sync.
const (
	maxDeviceSessions = 64
	maxExcluded       = 10_000
	maxRoundRefs      = 1000
)

// The conflicts of a share stand in two ranges, open ones first.
const (
	conflictOpen     = 0
	conflictResolved = 1
)

func deviceFields(c *codec, d *engine.Device) {
	c.string(1, "id", &d.ID)
	c.string(2, "name", &d.Name)
	c.string(3, "platform", &d.Platform)
	c.string(4, "client", &d.Client)
	c.time(5, "created_at", &d.CreatedAt)
	c.time(6, "last_seen_at", &d.LastSeenAt)
	c.ids(7, "sessions", maxDeviceSessions, &d.Sessions)
	c.extra(&d.Extra)
}

func deviceShareFields(c *codec, d *engine.DeviceShare) {
	unsigned(c, 1, "position", &d.Position)
	c.time(2, "synced_at", &d.SyncedAt)
	c.ids(3, "excluded", maxExcluded, &d.Excluded)
	c.bool(4, "paused", &d.Paused)
	c.time(5, "modified_at", &d.ModifiedAt)
	c.time(6, "reported_at", &d.ReportedAt)
	c.string(7, "phase", &d.Phase)
	c.string(8, "trouble", &d.Trouble)
	unsigned(c, 9, "held", &d.Held)
	unsigned(c, 10, "held_of", &d.HeldOf)
	unsigned(c, 11, "waiting", &d.Waiting)
	c.bytes(12, "waiting_first", maxWaiting, &d.WaitingFirst)
	c.time(13, "deletes_until", &d.DeletesUntil)
	c.time(14, "resync_at", &d.ResyncAt)
	c.extra(&d.Extra)
}

// maxWaiting bounds what is kept of the things that a device names, in bytes.
const maxWaiting = 1 << 20

func outcomeFields(c *codec, o *engine.Outcome) {
	unsigned(c, 1, "number", &o.Number)
	unsigned(c, 2, "sum", &o.Sum)
	c.id(3, "node", &o.Node)
	unsigned(c, 4, "seq", &o.Seq)
	c.id(5, "change", &o.Change)
	c.id(6, "conflict", &o.Conflict)
	c.extra(&o.Extra)
}

// outcomeRound names the outcomes that were stored in one commit, by reference.
type outcomeRound struct {
	Refs  []engine.ID
	Extra engine.Extra
}

func outcomeRoundFields(c *codec, r *outcomeRound) {
	c.ids(1, "refs", maxRoundRefs, &r.Refs)
	c.extra(&r.Extra)
}

func intentFields(c *codec, i *engine.Intent) {
	unsigned(c, 1, "kind", &i.Kind)
	unsigned(c, 2, "resource", &i.Resource)
	c.id(3, "node", &i.Node)
	c.id(4, "parent", &i.Parent)
	c.string(5, "name", &i.Name)
	c.id(6, "base", &i.Base)
	c.id(7, "base_parent", &i.BaseParent)
	c.string(8, "base_name", &i.BaseName)
	unsigned(c, 9, "base_seq", &i.BaseSeq)
	c.time(10, "modified_at", &i.ModifiedAt)
	c.time(11, "edited_at", &i.EditedAt)
	unsigned(c, 12, "executable", &i.Executable)
	c.bool(13, "has_content", &i.HasContent)
	c.content(14, &i.Content)
	c.extra(&i.Extra)
}

func conflictFields(c *codec, f *engine.Conflict) {
	c.id(1, "share", &f.Share)
	c.id(2, "node", &f.Node)
	unsigned(c, 3, "resource", &f.Resource)
	unsigned(c, 4, "type", &f.Type)
	unsigned(c, 5, "strategy", &f.Strategy)
	c.id(6, "user", &f.User)
	c.string(7, "device", &f.Device)
	c.string(8, "device_name", &f.DeviceName)
	c.id(9, "server", &f.Server)
	one(c, 10, "intent", &f.Intent, intentFields)
	signed(c, 11, "held", &f.Held)
	c.id(12, "copy", &f.Copy)
	unsigned(c, 13, "version", &f.Version)
	c.time(14, "created_at", &f.CreatedAt)
	unsigned(c, 15, "resolution", &f.Resolution)
	c.time(16, "resolved_at", &f.ResolvedAt)
	c.id(17, "resolved_by", &f.ResolvedBy)
	c.extra(&f.Extra)
}

// conflictRef is the value of the two indexes of conflicts.
type conflictRef struct {
	User  engine.ID
	Extra engine.Extra
}

func conflictRefFields(c *codec, r *conflictRef) {
	c.id(1, "user", &r.User)
	c.extra(&r.Extra)
}

// HashID is the ID that a text of a client's choice has in keys: the first 16
// bytes of its SHA-256.
func HashID(text string) engine.ID {
	sum := sha256.Sum256([]byte(text))
	return engine.ID(sum[:idSize])
}

// DeviceKey is the key of a device.
func DeviceKey(t engine.TenantNo, user engine.ID, device string) []byte {
	return tenantKey(t, 0, user, HashID(device))
}

// DeviceShareKey is the key of what is kept of a device and a share.
func DeviceShareKey(t engine.TenantNo, user engine.ID, device string, share engine.ID) []byte {
	return tenantKey(t, 0, user, HashID(device), share)
}

// OutcomeKey is the key of the outcome of a change.
func OutcomeKey(t engine.TenantNo, user engine.ID, device, ref string) []byte {
	return tenantKey(t, 0, user, HashID(device), HashID(ref))
}

// OutcomeRoundKey is the key of a round of outcomes: the number of its first
// one, inverted, so that a scan gives the newest first.
func OutcomeRoundKey(t engine.TenantNo, user engine.ID, device string, first uint64) []byte {
	return binary.BigEndian.AppendUint64(tenantKey(t, seqSize, user, HashID(device)), ^first)
}

// ConflictKey is the key of a conflict.
func ConflictKey(t engine.TenantNo, id engine.ID) []byte { return tenantKey(t, 0, id) }

// ConflictByShareKey is the key of a conflict in its share's range.
func ConflictByShareKey(t engine.TenantNo, share engine.ID, open bool, id engine.ID) []byte {
	return append(conflictsOf(t, share, open), id[:]...)
}

func conflictsOf(t engine.TenantNo, share engine.ID, open bool) []byte {
	in := byte(conflictResolved)
	if open {
		in = conflictOpen
	}
	return append(tenantKey(t, 1+idSize, share), in)
}

// ConflictByNodeKey is the key of a conflict beside what it is about.
func ConflictByNodeKey(t engine.TenantNo, node, id engine.ID) []byte {
	return tenantKey(t, 0, node, id)
}

// GetDevice reads a user's device.
func GetDevice(r Reader, t engine.TenantNo, user engine.ID, device string) (*engine.Device, error) {
	d, err := get(r, Devices, DeviceKey(t, user, device), deviceFields)
	if err == nil {
		d.User = user
	}
	return d, err
}

// PutDevice writes a device; User and ID are its key.
func PutDevice(w Writer, t engine.TenantNo, d *engine.Device) error {
	return put(w, Devices, DeviceKey(t, d.User, d.ID), d, deviceFields)
}

// DeleteDevice removes a device.
func DeleteDevice(w Writer, t engine.TenantNo, user engine.ID, device string) error {
	return w.Delete(Devices, DeviceKey(t, user, device))
}

// ScanDevices goes through a user's devices.
func ScanDevices(r Reader, t engine.TenantNo, user engine.ID, fn func(*engine.Device) (bool, error)) error {
	return scanIDs(r, Devices, tenantKey(t, idSize, user), engine.ID{}, deviceFields, func(_ engine.ID, d *engine.Device) (bool, error) {
		d.User = user
		return fn(d)
	})
}

// GetDeviceShare reads what is kept of a device and a share.
func GetDeviceShare(r Reader, t engine.TenantNo, user engine.ID, device string, share engine.ID) (*engine.DeviceShare, error) {
	return get(r, DeviceShares, DeviceShareKey(t, user, device, share), deviceShareFields)
}

// PutDeviceShare writes it.
func PutDeviceShare(w Writer, t engine.TenantNo, user engine.ID, device string, share engine.ID, d *engine.DeviceShare) error {
	return put(w, DeviceShares, DeviceShareKey(t, user, device, share), d, deviceShareFields)
}

// ScanFollowers goes through what is kept of a tenant's devices and shares, behind a
// key; seen is when the device was.
func ScanFollowers(r Reader, t engine.TenantNo, behind []byte, fn func(key []byte, share engine.ID, seen time.Time, d *engine.DeviceShare) (bool, error)) error {
	prefix := tenantKey(t, 0)
	from := prefix
	if len(behind) > 0 {
		from = after(behind)
	}
	return scan(r, DeviceShares, from, prefixEnd(prefix), len(prefix)+3*idSize, deviceShareFields, func(k []byte, d *engine.DeviceShare) (bool, error) {
		of, err := get(r, Devices, k[:len(prefix)+2*idSize], deviceFields)
		if errors.Is(err, ErrNotFound) {
			of, err = &engine.Device{}, nil
		}
		if err != nil {
			return false, err
		}
		return fn(k, engine.ID(k[len(prefix)+2*idSize:]), of.LastSeenAt, d)
	})
}

// ScanDeviceShares gives what is kept of a device, by share.
func ScanDeviceShares(r Reader, t engine.TenantNo, user engine.ID, device string, fn func(share engine.ID, d *engine.DeviceShare) (bool, error)) error {
	return scanIDs(r, DeviceShares, tenantKey(t, idSize, user, HashID(device)), engine.ID{}, deviceShareFields, fn)
}

// DeleteDeviceShares removes all that is kept of a device and shares.
func DeleteDeviceShares(w Writer, t engine.TenantNo, user engine.ID, device string) error {
	var shares []engine.ID
	err := ScanDeviceShares(w, t, user, device, func(id engine.ID, _ *engine.DeviceShare) (bool, error) {
		shares = append(shares, id)
		return len(shares) < maxExcluded, nil
	})
	for _, id := range shares {
		if err == nil {
			err = w.Delete(DeviceShares, DeviceShareKey(t, user, device, id))
		}
	}
	return err
}

// GetOutcome reads what became of a change.
func GetOutcome(r Reader, t engine.TenantNo, user engine.ID, device, ref string) (*engine.Outcome, error) {
	return get(r, Outcomes, OutcomeKey(t, user, device, ref), outcomeFields)
}

// PutOutcomes stores the outcomes of one commit under their references and
// forgets those before the newest keep.
func PutOutcomes(w Writer, t engine.TenantNo, user engine.ID, device string, refs []string, list []engine.Outcome, keep uint64) error {
	if len(refs) == 0 || len(refs) > maxRoundRefs || len(refs) != len(list) {
		return errors.New("a round of outcomes has 1 to 1,000 references")
	}
	prefix := tenantKey(t, seqSize, user, HashID(device))
	next := uint64(0)
	err := scan(w, OutcomeRounds, prefix, prefixEnd(prefix), len(prefix)+seqSize, outcomeRoundFields, func(k []byte, r *outcomeRound) (bool, error) {
		next = ^binary.BigEndian.Uint64(k[len(prefix):]) + uint64(len(r.Refs))
		return false, nil
	})
	if err != nil {
		return err
	}
	round := outcomeRound{Refs: make([]engine.ID, len(refs))}
	for i := range list {
		round.Refs[i] = HashID(refs[i])
		list[i].Number = next + uint64(i) + 1
		if err := put(w, Outcomes, OutcomeKey(t, user, device, refs[i]), &list[i], outcomeFields); err != nil {
			return err
		}
	}
	if err := put(w, OutcomeRounds, OutcomeRoundKey(t, user, device, next), &round, outcomeRoundFields); err != nil {
		return err
	}
	next += uint64(len(refs))
	if next <= keep {
		return nil
	}
	return forgetOutcomes(w, t, user, device, next-keep)
}

// forgetOutcomes removes the rounds all of whose outcomes have a number of at most
// upTo.
func forgetOutcomes(w Writer, t engine.TenantNo, user engine.ID, device string, upTo uint64) error {
	prefix := tenantKey(t, seqSize, user, HashID(device))
	type old struct {
		first uint64
		refs  []engine.ID
	}
	var gone []old
	err := scan(w, OutcomeRounds, OutcomeRoundKey(t, user, device, upTo), prefixEnd(prefix), len(prefix)+seqSize, outcomeRoundFields, func(k []byte, r *outcomeRound) (bool, error) {
		first := ^binary.BigEndian.Uint64(k[len(prefix):])
		if first+uint64(len(r.Refs)) <= upTo {
			gone = append(gone, old{first, r.Refs})
		}
		return len(gone) < 20, nil // the rest goes with the next rounds
	})
	if err != nil {
		return err
	}
	for _, o := range gone {
		for i, ref := range o.refs {
			key := tenantKey(t, 0, user, HashID(device), ref)
			now, err := get(w, Outcomes, key, outcomeFields)
			if errors.Is(err, ErrNotFound) || err == nil && now.Number != o.first+uint64(i)+1 {
				continue
			}
			if err == nil {
				err = w.Delete(Outcomes, key)
			}
			if err != nil {
				return err
			}
		}
		if err := w.Delete(OutcomeRounds, OutcomeRoundKey(t, user, device, o.first)); err != nil {
			return err
		}
	}
	return nil
}

// GetConflict reads a conflict.
func GetConflict(r Reader, t engine.TenantNo, id engine.ID) (*engine.Conflict, error) {
	c, err := get(r, Conflicts, ConflictKey(t, id), conflictFields)
	if err == nil {
		c.ID = id
	}
	return c, err
}

// PutConflict writes a conflict and its places in the indexes. Share and Node of
// one that is there already must be the same.
func PutConflict(w Writer, t engine.TenantNo, c *engine.Conflict) error {
	if err := put(w, Conflicts, ConflictKey(t, c.ID), c, conflictFields); err != nil {
		return err
	}
	if err := w.Delete(ConflictsByShare, ConflictByShareKey(t, c.Share, !c.Open(), c.ID)); err != nil {
		return err
	}
	ref := conflictRef{User: c.User}
	if err := put(w, ConflictsByShare, ConflictByShareKey(t, c.Share, c.Open(), c.ID), &ref, conflictRefFields); err != nil {
		return err
	}
	return put(w, ConflictsByNode, ConflictByNodeKey(t, c.Node, c.ID), &ref, conflictRefFields)
}

// ScanConflicts goes through a share's conflicts, open or resolved, behind an ID,
// the oldest first.
func ScanConflicts(r Reader, t engine.TenantNo, share engine.ID, open bool, behind engine.ID, fn func(*engine.Conflict) (bool, error)) error {
	return scanIDs(r, ConflictsByShare, conflictsOf(t, share, open), behind, conflictRefFields, func(id engine.ID, _ *conflictRef) (bool, error) {
		c, err := conflictOf(r, t, id)
		if err != nil {
			return false, err
		}
		return fn(c)
	})
}

// ScanNodeConflicts goes through the conflicts of a node, the oldest first.
func ScanNodeConflicts(r Reader, t engine.TenantNo, node engine.ID, fn func(*engine.Conflict) (bool, error)) error {
	return scanIDs(r, ConflictsByNode, tenantKey(t, idSize, node), engine.ID{}, conflictRefFields, func(id engine.ID, _ *conflictRef) (bool, error) {
		c, err := conflictOf(r, t, id)
		if err != nil {
			return false, err
		}
		return fn(c)
	})
}

// conflictOf reads what an index names: that it is missing is damage.
func conflictOf(r Reader, t engine.TenantNo, id engine.ID) (*engine.Conflict, error) {
	c, err := GetConflict(r, t, id)
	if errors.Is(err, ErrNotFound) {
		return nil, damaged(Conflicts, ConflictKey(t, id), err)
	}
	return c, err
}

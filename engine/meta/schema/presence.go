package schema

import (
	"encoding/binary"
	"errors"

	"scaidrive/engine"
)

const daySize = 4

func presenceFields(c *codec, d *engine.PresenceDay) {
	signed(c, 1, "active", &d.Active)
	signed(c, 2, "last", &d.Last)
	c.extra(&d.Extra)
}

// PresenceKey is the key of a day.
func PresenceKey(t engine.TenantNo, d engine.Day) []byte {
	return binary.BigEndian.AppendUint32(tenantKey(t, daySize), uint32(d))
}

// GetPresence reads a day; one of which nothing is kept counts nobody, and found is
// false.
func GetPresence(r Reader, t engine.TenantNo, day engine.Day) (d *engine.PresenceDay, found bool, err error) {
	d, err = get(r, PresenceDays, PresenceKey(t, day), presenceFields)
	if errors.Is(err, ErrNotFound) {
		return &engine.PresenceDay{Day: day}, false, nil
	}
	if err == nil {
		d.Day = day
	}
	return d, err == nil, err
}

// PutPresence writes a day.
func PutPresence(w Writer, t engine.TenantNo, d *engine.PresenceDay) error {
	return put(w, PresenceDays, PresenceKey(t, d.Day), d, presenceFields)
}

// DeletePresence removes a day.
func DeletePresence(w Writer, t engine.TenantNo, d engine.Day) error {
	return w.Delete(PresenceDays, PresenceKey(t, d))
}

// ScanPresence goes through a tenant's days from one of them on.
func ScanPresence(r Reader, t engine.TenantNo, from engine.Day, fn func(*engine.PresenceDay) (bool, error)) error {
	prefix := tenantKey(t, 0)
	return scan(r, PresenceDays, PresenceKey(t, from), prefixEnd(prefix), len(prefix)+daySize, presenceFields, func(k []byte, d *engine.PresenceDay) (bool, error) {
		d.Day = engine.Day(binary.BigEndian.Uint32(k[len(prefix):]))
		return fn(d)
	})
}

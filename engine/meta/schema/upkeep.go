package schema

import (
	"errors"

	"scaidrive/engine"
)

func dayMarkFields(c *codec, m *engine.DayMark) {
	c.time(1, "at", &m.At)
	c.extra(&m.Extra)
}

func daysFields(c *codec, d *engine.Days) {
	unsigned(c, 1, "count", &d.Count)
	c.time(2, "last", &d.Last)
	records(c, 3, "marks", engine.MaxDayMarks, &d.Marks, dayMarkFields)
	c.extra(&d.Extra)
}

// DaysKey is the key of the count of days.
func DaysKey() []byte { return []byte("days") }

// GetDays reads the count of days; none is a new one.
func GetDays(r Reader) (*engine.Days, error) {
	d, err := get(r, UpkeepDays, DaysKey(), daysFields)
	if errors.Is(err, ErrNotFound) {
		return &engine.Days{}, nil
	}
	return d, err
}

// PutDays writes the count of days.
func PutDays(w Writer, d *engine.Days) error { return put(w, UpkeepDays, DaysKey(), d, daysFields) }

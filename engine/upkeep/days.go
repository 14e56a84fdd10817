package upkeep

import (
	"context"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

const (
	day   = 24 * time.Hour
	awake = 10 * time.Minute // that a process runs before it counts a day
)

// A calendar counts the days on which the server ran, in a record. A day is counted when
// the clock says that one has gone by since the last was, and of several that have gone
// by at once only as many as the process has run, and one. So a clock that is set wrong
// counts at most one day too many each time, however far it jumps, and days on which the
// server stood still count as one.
type calendar struct {
	db     *meta.DB
	now    func() time.Time
	uptime func() time.Duration

	days *engine.Days  // as stored
	ran  time.Duration // the uptime when a day was counted last
}

func (c *calendar) load(ctx context.Context) error {
	return c.db.View(ctx, func(v *meta.View) (err error) {
		c.days, err = schema.GetDays(v)
		return err
	})
}

// tick counts what has gone by and reports whether that was anything.
func (c *calendar) tick(ctx context.Context) (bool, error) {
	now, up := c.now(), c.uptime()
	gone := now.Sub(c.days.Last)
	if c.days.Last.IsZero() || gone < 0 {
		return false, c.store(ctx, 0, now, up) // the beginning, or the clock was set back
	}
	n := int64(min(gone/day, 1+(up-c.ran)/day))
	if n == 0 || up < awake {
		return false, nil
	}
	return true, c.store(ctx, n, now, up)
}

func (c *calendar) store(ctx context.Context, n int64, now time.Time, up time.Duration) error {
	next := *c.days
	next.Count += uint64(n)
	// What is over beyond a day counts for the next one, unless it is a jump.
	if next.Last = now; n > 0 {
		if rest := now.Sub(c.days.Last) - time.Duration(n)*day; rest < day {
			next.Last = now.Add(-rest)
		}
	}
	next.Marks = marks(c.days.Marks, n, now)
	err := c.db.Update(ctx, func(tx *meta.Tx) error { return schema.PutDays(tx, &next) })
	if err == nil {
		c.days, c.ran = &next, up
	}
	return err
}

// marks gives the marks after n more days; with none, the last one is no later than now.
func marks(had []engine.DayMark, n int64, now time.Time) []engine.DayMark {
	list := append([]engine.DayMark(nil), had...)
	switch {
	case n == 0 && len(list) == 0:
		return []engine.DayMark{{At: now}}
	case n == 0:
		if last := &list[len(list)-1]; now.Before(last.At) {
			last.At = now
		}
		return list
	}
	for i := min(n, engine.MaxDayMarks) - 1; i >= 0; i-- {
		list = append(list, engine.DayMark{At: now.Add(-time.Duration(i) * day)})
	}
	return list[max(0, len(list)-engine.MaxDayMarks):]
}

// before is a moment that certainly lies so many counted days back: the earliest that the
// clock has shown since. The zero time: so many have not been counted, or are not kept.
func (c *calendar) before(days int) time.Time {
	if len(c.days.Marks) <= days {
		return time.Time{}
	}
	var first time.Time
	for _, m := range c.days.Marks[len(c.days.Marks)-1-days:] {
		if first.IsZero() || m.At.Before(first) {
			first = m.At
		}
	}
	return first
}

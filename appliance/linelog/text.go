package linelog

import (
	"log/slog"
	"strconv"
	"time"
)

// appendText appends a record as slog's TextHandler forms it. It is for the many
// lines that are plain, and a fifth of the time; ok is false for all others, and
// then nothing that counts was appended.
func (m *moment) appendText(b []byte, r *slog.Record) (_ []byte, ok bool) {
	if b, ok = m.appendHead(b, r.Time, r.Level, r.Message); !ok {
		return b, false
	}
	r.Attrs(func(a slog.Attr) bool {
		b, ok = appendAttr(b, &a)
		return ok
	})
	return append(b, '\n'), ok
}

// appendHead appends what a line begins with.
func (m *moment) appendHead(b []byte, at time.Time, level slog.Level, msg string) (_ []byte, ok bool) {
	if at.IsZero() || !plain(msg) {
		return b, false
	}
	b = append(b, "time="...)
	b = m.append(b, at)
	b = append(append(b, " level="...), level.String()...)
	return append(append(b, " msg="...), msg...), true
}

func appendAttr(b []byte, a *slog.Attr) (_ []byte, ok bool) {
	if !plain(a.Key) {
		return b, false
	}
	b = append(append(append(b, ' '), a.Key...), '=')
	switch a.Value.Kind() {
	case slog.KindString:
		s := a.Value.String()
		return append(b, s...), plain(s)
	case slog.KindInt64:
		return strconv.AppendInt(b, a.Value.Int64(), 10), true
	case slog.KindUint64:
		return strconv.AppendUint(b, a.Value.Uint64(), 10), true
	case slog.KindBool:
		return strconv.AppendBool(b, a.Value.Bool()), true
	case slog.KindDuration:
		return append(b, a.Value.Duration().String()...), true
	}
	return b, false
}

// A moment remembers how the second of the last line was written: there are thousands
// of lines in one. The zero moment remembers none.
type moment struct {
	second     int64 // Unix
	place      *time.Location
	text, zone []byte
}

// append appends a time as slog has it, with milliseconds.
func (m *moment) append(b []byte, t time.Time) []byte {
	if s := t.Unix(); s != m.second || t.Location() != m.place {
		m.second, m.place = s, t.Location()
		m.text, m.zone = t.AppendFormat(m.text[:0], "2006-01-02T15:04:05."), t.AppendFormat(m.zone[:0], "Z07:00")
	}
	ms := t.Nanosecond() / 1e6
	b = append(append(b, m.text...), byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	return append(b, m.zone...)
}

// plain reports whether a text stands in a line without quotes.
func plain(s string) bool {
	for i := range len(s) {
		if !inPlain[s[i]] {
			return false
		}
	}
	return s != ""
}

var inPlain = func() (m [256]bool) {
	for c := range m {
		m[c] = c > ' ' && c <= '~' && c != '"' && c != '=' && c != '\\'
	}
	return m
}()

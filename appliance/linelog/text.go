package linelog

import (
	"log/slog"
	"strconv"
	"time"
)

// appendText appends a record as slog's TextHandler forms it. It is for the many
// lines that are plain, and a fifth of the time; ok is false for all others, and
// then nothing that counts was appended.
func appendText(b []byte, r *slog.Record) (_ []byte, ok bool) {
	if r.Time.IsZero() || !plain(r.Message) {
		return b, false
	}
	b = append(b, "time="...)
	b = appendMoment(b, r.Time)
	b = append(append(b, " level="...), r.Level.String()...)
	b = append(append(b, " msg="...), r.Message...)
	ok = true
	r.Attrs(func(a slog.Attr) bool {
		if !plain(a.Key) {
			ok = false
			return false
		}
		b = append(append(append(b, ' '), a.Key...), '=')
		switch a.Value.Kind() {
		case slog.KindString:
			s := a.Value.String()
			ok = plain(s)
			b = append(b, s...)
		case slog.KindInt64:
			b = strconv.AppendInt(b, a.Value.Int64(), 10)
		case slog.KindUint64:
			b = strconv.AppendUint(b, a.Value.Uint64(), 10)
		case slog.KindBool:
			b = strconv.AppendBool(b, a.Value.Bool())
		case slog.KindDuration:
			b = append(b, a.Value.Duration().String()...)
		default:
			ok = false
		}
		return ok
	})
	return append(b, '\n'), ok
}

// appendMoment appends a time as slog has it, with milliseconds.
func appendMoment(b []byte, t time.Time) []byte {
	start := len(b)
	b = t.AppendFormat(b, time.RFC3339) // several times as fast as a layout of one's own
	if b[len(b)-1] != 'Z' {
		return t.AppendFormat(b[:start], "2006-01-02T15:04:05.000Z07:00")
	}
	ms := t.Nanosecond() / 1e6
	return append(b[:len(b)-1], '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
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

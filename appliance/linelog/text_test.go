package linelog

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"
	"time"
)

// The short cut gives what slog gives, or nothing.
func TestPlainLinesAreSlogs(t *testing.T) {
	values := []slog.Value{
		slog.IntValue(-7), slog.Uint64Value(1 << 63), slog.BoolValue(true), slog.DurationValue(1234567), slog.StringValue("plain/{id}-_.:@"),
		slog.StringValue(""), slog.StringValue("a b"), slog.StringValue(`a"b`), slog.StringValue("a=b"), slog.StringValue("a\nb"), slog.StringValue("ä"),
		slog.StringValue("\x00"), slog.StringValue("\xff"), slog.StringValue(`a\b`), slog.Float64Value(1.5), slog.TimeValue(time.Unix(1, 2)),
		slog.AnyValue(errors.New("failed")), slog.GroupValue(slog.Int("x", 1)), slog.AnyValue(nil),
	}
	texts := []string{"call", "two words", "", "a=b", `"`, "\x7f", "tab\t"}
	second := time.Date(2026, 11, 22, 5, 41, 50, 999999999, time.UTC)
	times := []time.Time{time.Now(), second, second.Add(-5 * time.Millisecond), second.In(time.FixedZone("", 3600)), second.Add(time.Second), time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", -3*3600)), {}}
	short := 0
	var last moment // one for all, as for the lines of a log
	for _, at := range times {
		for _, msg := range texts {
			for _, key := range texts {
				for _, v := range values {
					for _, level := range []slog.Level{slog.LevelInfo, slog.LevelError, slog.LevelWarn + 1} {
						r := slog.NewRecord(at, level, msg, 0)
						attrs := []slog.Attr{slog.String("id", "x"), {Key: key, Value: v}}
						r.AddAttrs(attrs...)
						got, ok := last.appendText(nil, &r)
						w := &Writer{some: make(chan struct{}, 1), now: make(chan struct{}, 1)}
						if direct := w.line(at, level, msg, attrs); direct != ok || ok && !bytes.Equal(w.buf, got) || !ok && len(w.buf) > 0 {
							t.Errorf("without a record: %t, %q; with one: %t, %q", direct, w.buf, ok, got)
						}
						if !ok {
							continue
						}
						short++
						var want bytes.Buffer
						if err := slog.NewTextHandler(&want, nil).Handle(t.Context(), r); err != nil {
							t.Fatal(err)
						}
						if string(got) != want.String() {
							t.Errorf("%q, slog gives %q", got, want.String())
						}
					}
				}
			}
		}
	}
	if short < 40 {
		t.Errorf("only %d lines took the short cut", short)
	}
}

package runner

import (
	"context"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"scaidrive/client"
	"scaidrive/client/worker"
	"scaidrive/httpd/wire"
)

// The bounds of what the server is told.
const (
	mirrored     = 100  // things by name
	mirroredText = 2000 // bytes of a path or a reason
	mirrorFor    = 10 * time.Second
)

// mirror tells the server what is not in step here and why, and what the brake
// holds back, where that is not what it was told last. It takes the permission to
// delete that somebody gave there. A server that does not hear it is told with the
// next change: nothing depends on it.
func (w *work) mirror(ctx context.Context) {
	w.tellPosition(ctx)
	s := w.folder.Status()
	report := reportOf(&s)
	if w.mirrored != nil && reflect.DeepEqual(*w.mirrored, report) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, mirrorFor)
	defer cancel()
	got, err := w.api.ReportSync(ctx, w.cfg.Share, w.device, report)
	if err != nil {
		return
	}
	w.mirrored = &report
	w.allowed(got)
}

// tellEvery is how often the server is told how far this device is: it keeps its
// change log for those who are behind.
const tellEvery = time.Hour

// tellPosition tells the server how far this device has followed the share, as far as
// it is in the records.
func (w *work) tellPosition(ctx context.Context) {
	at, now := w.folder.Recorded(), w.r.Now()
	if at == (client.Position{}) || at.Cursor == w.told.Cursor || !w.toldAt.IsZero() && now.Sub(w.toldAt) < tellEvery {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, mirrorFor)
	defer cancel()
	if w.api.SetCursor(ctx, w.cfg.Share, w.device, at) == nil {
		w.told, w.toldAt = at, now
	}
}

// allowed lifts the brake if that was allowed on the server.
func (w *work) allowed(s *wire.SyncStatus) bool {
	if !s.DeletesAllowed || w.folder.Status().Held == nil {
		return false
	}
	w.folder.AllowDeletes()
	return true
}

// asked looks whether the server says something new about this device.
func (w *work) asked(ctx context.Context) error {
	s, err := w.api.SyncStatus(ctx, w.cfg.Share, w.device)
	if err != nil {
		return err
	}
	w.allowed(s)
	p, err := w.api.Preferences(ctx, w.cfg.Share, w.device)
	if err != nil {
		return err
	}
	w.rests = p.Paused
	w.folder.Exclude(p.ExcludedFolderIDs)
	return nil
}

func reportOf(s *worker.Status) wire.SyncReport {
	out := wire.SyncReport{Phase: string(s.Phase), Error: cutText(s.Error)}
	if s.Held != nil {
		out.Held = &wire.SyncHeld{Items: s.Held.Items, Of: max(s.Held.Of, s.Held.Items)}
	}
	for _, item := range s.Waiting {
		if item.Ignored {
			continue
		}
		if out.WaitingTotal++; len(out.Waiting) < mirrored {
			out.Waiting = append(out.Waiting, wire.SyncWaiting{Path: cutText(item.Path), Reason: cutText(item.Reason)})
		}
	}
	return out
}

// cutText makes a text that the server takes of one that the disk may have given.
func cutText(s string) string {
	if len(s) > mirroredText {
		s = s[:mirroredText]
		for !utf8.ValidString(s) && len(s) > mirroredText-utf8.UTFMax {
			s = s[:len(s)-1]
		}
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "?"), "?")
}

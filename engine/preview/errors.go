package preview

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"image/png"

	"scaidrive/engine"
	"scaidrive/engine/preview/render"
)

const op = "preview"

// unavailable is for what another moment may change.
func unavailable(msg string, err error) error {
	return &engine.Error{Op: op, Kind: engine.KindUnavailable, Msg: "no preview now: " + msg, Err: err}
}

// refusalError is the one table from reasons to kinds and words.
func refusalError(r *render.Refusal) error {
	kind, msg := engine.KindInvalid, ""
	switch r.Reason {
	case render.Unsupported:
		msg = "there is no preview of this kind of file"
	case render.Damaged:
		msg = "the file is damaged, or not what it begins as"
	case render.TooLarge:
		msg = "the file is too large for a preview"
	case render.Protected:
		msg = "the file is protected by a password"
	case render.NoPage:
		kind, msg = engine.KindNotFound, "the file has no such page"
	case render.TooSlow:
		msg = "a preview of the file takes too long to make"
	case render.Exhausted:
		msg = "a preview of the file takes too much memory to make"
	case render.Crashed:
		msg = "the file cannot be shown"
	default: // Unprepared, Failed, and what is not known
		kind, msg = engine.KindUnavailable, "no preview now: the renderer does not work"
	}
	return &engine.Error{Op: op, Kind: kind, Msg: msg, Err: r}
}

// keeps reports whether asking again would give the same refusal, so that it is
// kept. Those that might have been the machine's are kept for a while.
func keeps(r render.Reason) bool {
	switch r {
	case render.Damaged, render.TooLarge, render.Protected, render.NoPage:
		return true
	}
	return passing(r)
}

// passing are the refusals that are kept for refusalLife: long enough that a
// hostile file does not occupy a worker by being looked at.
func passing(r render.Reason) bool {
	return r == render.TooSlow || r == render.Exhausted || r == render.Crashed
}

// check looks at a rendition before it is kept and goes to a browser: it is what it
// says, and no larger than was asked for.
func check(a answer, size int) error {
	decode := jpeg.DecodeConfig
	if a.media == render.PNG {
		decode = png.DecodeConfig
	}
	c, err := decode(bytes.NewReader(a.payload))
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if c.Width > size || c.Height > size {
		return fmt.Errorf("answer: %d x %d", c.Width, c.Height)
	}
	return nil
}

// A streamError is what the caller's own stream of a file ended with.
type streamError struct{ err error }

func (e *streamError) Error() string { return "read the file: " + e.err.Error() }
func (e *streamError) Unwrap() error { return e.err }

package engine

import (
	"errors"
	"fmt"
	"time"
)

// Kind is what an error means to a caller. The set is closed; httpd maps each
// to one status.
type Kind uint8

// The kinds of errors.
const (
	KindInternal     Kind = iota // 500: unexpected
	KindInvalid                  // 422: a field breaks a rule; Field names it
	KindMalformed                // 400: path or query cannot be read
	KindUnauthorized             // 401
	KindForbidden                // 403: visible, but the right is missing
	KindNotFound                 // 404: absent or invisible
	KindConflict                 // 409
	KindGone                     // 410: in the trash, or expired
	KindPrecondition             // 412: If-Match failed
	KindTooLarge                 // 413
	KindRange                    // 416
	KindRateLimited              // 429
	KindDamaged                  // 500: stored data is not what it was
	KindUnavailable              // 503: writes refused until restart, or shutting down
	KindNoSpace                  // 507: a quota, or the storage of this server
)

// Error is the one error type that crosses rooms. Msg may be shown to a caller;
// Err never leaves the process.
type Error struct {
	Op    string
	Kind  Kind
	Field string // of KindInvalid: the field's path, dotted, e.g. "changes.3.name"
	Msg   string
	Err   error
	// RetryAfter is, of KindRateLimited, how long it makes no sense to try again;
	// 0: not known.
	RetryAfter time.Duration
}

func (e *Error) Error() string {
	s := e.Op
	if e.Msg != "" {
		if s != "" {
			s += ": "
		}
		s += e.Msg
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause, which is for logs only.
func (e *Error) Unwrap() error { return e.Err }

// E makes an error whose message may be shown.
func E(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Msg: fmt.Sprintf(format, args...)}
}

// Invalid makes a KindInvalid error about one field.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Kind: KindInvalid, Field: field, Msg: fmt.Sprintf(format, args...)}
}

// Wrap keeps the kind of err, if it has one, and says what was being done.
func Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Op: op, Kind: KindOf(err), Err: err}
	var in *Error
	if errors.As(err, &in) {
		e.Msg, e.Field, e.RetryAfter = in.Msg, in.Field, in.RetryAfter
	}
	return e
}

// KindOf is the kind of err, KindInternal if it has none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}

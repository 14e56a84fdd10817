package httpd

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/httpd/wire"
)

// statuses is the one table from the kind of an error to the status of an
// answer, with the sentence for an error that brings none.
var statuses = [...]struct {
	status int
	detail string
}{
	engine.KindInternal:     {500, "Internal error"},
	engine.KindInvalid:      {422, "Invalid input"},
	engine.KindMalformed:    {400, "The request cannot be read"},
	engine.KindUnauthorized: {401, "Not signed in"},
	engine.KindForbidden:    {403, "Permission denied"},
	engine.KindNotFound:     {404, "Not found"},
	engine.KindConflict:     {409, "Conflict"},
	engine.KindGone:         {410, "Gone"},
	engine.KindPrecondition: {412, "The precondition does not hold"},
	engine.KindTooLarge:     {413, "Too large"},
	engine.KindRange:        {416, "The range cannot be satisfied"},
	engine.KindRateLimited:  {429, "Too many calls"},
	engine.KindDamaged:      {500, "Stored data is damaged"},
	engine.KindUnavailable:  {503, "Not available now"},
	engine.KindNoSpace:      {507, "There is no room left on the storage of this server"},
}

// The seconds a client is told to wait where nothing better is known.
const (
	retryUnavailable = 10
	retryThrottled   = 30
)

// A failure is an error of the wire itself, with a status that no kind of the
// engine's errors has, or with headers of its own.
type failure struct {
	status  int
	detail  string
	headers [][2]string
	close   bool // the connection cannot be used any more
	err     error
}

func (f *failure) Error() string {
	if f.err != nil {
		return f.detail + ": " + f.err.Error()
	}
	return f.detail
}

func (f *failure) Unwrap() error { return f.err }

// fail makes a failure.
func fail(status int, detail string, headers ...[2]string) *failure {
	return &failure{status: status, detail: detail, headers: headers}
}

// notFound is the one answer for what does not exist and what is out of sight.
func notFound() error { return engine.E(engine.KindNotFound, "Not found") }

// An answer is what an error turns into.
type answer struct {
	status  int
	problem wire.Problem
	headers [][2]string
	close   bool
}

// answerTo turns an error into an answer. where is the first element of the
// location of an engine.KindInvalid: "body" or "query".
func answerTo(err error, where string) answer {
	var f *failure
	var inv *invalid
	switch {
	case errors.As(err, &f):
		return answer{status: f.status, problem: wire.Problem{Detail: f.detail}, headers: f.headers, close: f.close}
	case errors.As(err, &inv):
		return answer{status: 422, problem: wire.Problem{Fields: inv.fields}}
	}
	var gone *journal.GoneError
	kind := engine.KindOf(err)
	if kind == engine.KindInternal && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) {
		kind = engine.KindUnavailable
	}
	if int(kind) >= len(statuses) {
		kind = engine.KindInternal
	}
	a := answer{status: statuses[kind].status}
	a.problem.Detail = statuses[kind].detail
	msg, field := messageOf(err)
	if msg != "" && kind != engine.KindInternal {
		a.problem.Detail = msg
	}
	if errors.As(err, &gone) {
		a.headers = [][2]string{{"X-Sync-Gone", gone.Reason}}
	}
	switch kind {
	case engine.KindInvalid:
		a.problem = wire.Problem{Fields: []wire.FieldError{{Loc: locOf(where, field), Msg: a.problem.Detail, Type: "value_error"}}}
	case engine.KindUnauthorized:
		a.headers = [][2]string{{"WWW-Authenticate", "Bearer"}}
	case engine.KindUnavailable:
		a.headers = [][2]string{{"Retry-After", strconv.Itoa(retryUnavailable)}}
	case engine.KindRateLimited:
		wait := retryThrottled
		if e := new(engine.Error); errors.As(err, &e) && e.RetryAfter > 0 {
			wait = int((e.RetryAfter + time.Second - 1) / time.Second)
		}
		a.headers = [][2]string{{"Retry-After", strconv.Itoa(wait)}}
	}
	return a
}

// messageOf gives what may be shown of an error.
func messageOf(err error) (msg, field string) {
	var e *engine.Error
	if errors.As(err, &e) {
		return e.Msg, e.Field
	}
	return "", ""
}

// locOf turns a dotted path into a location: indexes become numbers.
func locOf(where, field string) []any {
	loc := []any{where}
	if field == "" || field == where {
		return loc
	}
	for part := range strings.SplitSeq(field, ".") {
		if n, err := strconv.Atoi(part); err == nil {
			loc = append(loc, n)
		} else {
			loc = append(loc, part)
		}
	}
	return loc
}

// bodyFailure says what an error while the body was read means.
func bodyFailure(err error) error {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &failure{status: 408, detail: "The body came slower than 1 KiB a second", close: true, err: err}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &failure{status: 400, detail: "The body ended before its announced length", close: true, err: err}
	}
	return &failure{status: 400, detail: "The body's transfer coding is broken", close: true, err: err}
}

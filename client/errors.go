package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"scaidrive/httpd/wire"
)

// StatusError is an answer of the server that is not a success.
type StatusError struct {
	Status    int
	Problem   wire.Problem
	RequestID string
	Gone      string // of 410 to a cursor: expired, rewound, foreign; of 404: withdrawn
}

func (e *StatusError) Error() string {
	msg := strings.TrimSpace(printable(e.Problem.String()))
	if msg == "" {
		msg = strings.ToLower(http.StatusText(e.Status))
	}
	return fmt.Sprintf("%s (%d)", msg, e.Status)
}

// StatusOf is the status in err, 0 if the server did not answer.
func StatusOf(err error) int {
	var se *StatusError
	if errors.As(err, &se) {
		return se.Status
	}
	return 0
}

// Unreachable is a failure to get an answer at all.
type Unreachable struct {
	Address string
	Err     error
}

func (e *Unreachable) Error() string {
	return fmt.Sprintf("no connection to %s: %v", e.Address, e.Err)
}

// Unwrap gives the cause.
func (e *Unreachable) Unwrap() error { return e.Err }

const maxProblem = 64 << 10

// statusError reads the body of an answer that is not a success.
func statusError(resp *http.Response) *StatusError {
	e := &StatusError{Status: resp.StatusCode, RequestID: resp.Header.Get("X-Request-Id"), Gone: resp.Header.Get("X-Sync-Gone")}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	if err == nil && json.Unmarshal(b, &e.Problem) != nil {
		e.Problem = wire.Problem{}
	}
	return e
}

// printable takes control characters out of what the server says, since it is
// shown on a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || (r >= 0x7f && r < 0xa0) {
			return ' '
		}
		return r
	}, s)
}

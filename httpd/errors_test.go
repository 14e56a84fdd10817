package httpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"scaidrive/engine"
)

func TestEveryKindHasItsStatus(t *testing.T) {
	want := map[engine.Kind]int{
		engine.KindInternal: 500, engine.KindInvalid: 422, engine.KindMalformed: 400, engine.KindUnauthorized: 401,
		engine.KindForbidden: 403, engine.KindNotFound: 404, engine.KindConflict: 409, engine.KindGone: 410,
		engine.KindPrecondition: 412, engine.KindTooLarge: 413, engine.KindRange: 416, engine.KindRateLimited: 429,
		engine.KindDamaged: 500, engine.KindUnavailable: 503, engine.KindNoSpace: 507,
	}
	if len(statuses) != len(want) {
		t.Fatalf("the table has %d kinds, the test %d", len(statuses), len(want))
	}
	for kind, status := range want {
		bare := answerTo(fmt.Errorf("somewhere: %w", &engine.Error{Kind: kind, Op: "op", Err: errors.New("secret cause")}), "body")
		if bare.status != status || bare.problem.String() == "" {
			t.Errorf("kind %d: %d %q", kind, bare.status, bare.problem)
		}
		told := answerTo(engine.Wrap("op", &engine.Error{Kind: kind, Field: "changes.3.name", Msg: "shown", Err: errors.New("secret cause")}), "body")
		b, err := told.problem.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		switch kind {
		case engine.KindInternal:
			if text != `{"detail":"Internal error"}` {
				t.Errorf("kind %d shows %s", kind, text)
			}
		case engine.KindInvalid:
			if text != `{"detail":[{"loc":["body","changes",3,"name"],"msg":"shown","type":"value_error"}]}` {
				t.Errorf("kind %d shows %s", kind, text)
			}
		default:
			if text != `{"detail":"shown"}` {
				t.Errorf("kind %d shows %s", kind, text)
			}
		}
		headers := map[string]bool{}
		for _, h := range told.headers {
			headers[h[0]] = h[1] != ""
		}
		if headers["WWW-Authenticate"] != (status == 401) || headers["Retry-After"] != (status == 429 || status == 503) {
			t.Errorf("kind %d: headers %v", kind, told.headers)
		}
	}
	if got := answerTo(engine.E(engine.Kind(200), "from the future"), "body").status; got != 500 {
		t.Errorf("an unknown kind: %d", got)
	}
}

func TestOtherErrors(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		detail string
	}{
		{errors.New("secret"), 500, "Internal error"},
		{context.DeadlineExceeded, 503, "Not available now"},
		{fmt.Errorf("wrapped: %w", context.Canceled), 503, "Not available now"},
		{fail(415, "no"), 415, "no"},
		{badField("missing", "Field required", "query", "share_id"), 422, "share_id: Field required"},
		{bodyFailure(fmt.Errorf("read: %w", os.ErrDeadlineExceeded)), 408, "The body came slower than 1 KiB a second"},
		{bodyFailure(io.ErrUnexpectedEOF), 400, "The body ended before its announced length"},
		{bodyFailure(errors.New("bad chunk")), 400, "The body's transfer coding is broken"},
		{bodyFailure(fail(413, "long")), 413, "long"},
	} {
		if a := answerTo(c.err, "body"); a.status != c.status || a.problem.String() != c.detail {
			t.Errorf("%v: %d %q", c.err, a.status, a.problem)
		}
	}
}

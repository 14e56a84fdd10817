package httpd

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"

	"scaidrive/engine"
	"scaidrive/engine/once"
	"scaidrive/engine/transfer"
	"scaidrive/httpd/wire"
)

// maxKey is the longest Idempotency-Key, in bytes.
const maxKey = 255

// A replay says how a route that takes an Idempotency-Key answers: the status of
// its success, and how the answer is rendered again from what is kept of it.
type replay struct {
	status int
	again  func(*call, *engine.Answer) error
	// begins: the handler begins the attempt itself, when it has read so much of
	// the body that it knows what is asked for.
	begins bool
}

// keyedRoutes are the routes that take a key. To join, a route is named here,
// and its service calls once.Keep in the mutation of its effect. A route that
// changes something and is not here passes the key over: it names what it
// changes so that a repeat has no second effect.
func keyedRoutes() map[string]replay {
	const v1 = wire.Prefix
	made, changed, gone := replay{status: 201}, replay{status: 200}, replay{status: 204, again: nothingAgain}
	ordered := replay{status: 202, again: jobAgain}
	with := func(r replay, again func(*call, *engine.Answer) error) replay { r.again = again; return r }
	return map[string]replay{
		"POST " + v1 + "/shares":        with(made, shareAgain),
		"PATCH " + v1 + "/shares/{id}":  with(changed, shareAgain),
		"DELETE " + v1 + "/shares/{id}": gone,

		"POST " + v1 + "/folders":              with(made, folderAgain),
		"PATCH " + v1 + "/folders/{id}":        with(changed, folderAgain),
		"DELETE " + v1 + "/folders/{id}":       gone,
		"POST " + v1 + "/folders/{id}/restore": with(changed, folderAgain),
		"POST " + v1 + "/folders/{id}/move":    with(changed, folderAgain),
		"POST " + v1 + "/folders/{id}/copy":    with(made, folderAgain),

		"POST " + v1 + "/files":                                 {status: 201, begins: true},
		"PATCH " + v1 + "/files/{id}":                           with(changed, fileAgain),
		"DELETE " + v1 + "/files/{id}":                          gone,
		"POST " + v1 + "/files/{id}/restore":                    with(changed, fileAgain),
		"POST " + v1 + "/files/{id}/move":                       with(changed, fileAgain),
		"POST " + v1 + "/files/{id}/copy":                       with(made, fileAgain),
		"POST " + v1 + "/files/{id}/versions/{version}/restore": with(changed, versionAgain),

		"POST " + v1 + "/files/{id}/comments":   with(made, commentAgain),
		"POST " + v1 + "/folders/{id}/comments": with(made, commentAgain),

		"DELETE " + v1 + "/trash": gone,

		"POST " + v1 + "/auth/tokens":        with(made, secretAgain),
		"DELETE " + v1 + "/auth/tokens/{id}": gone,

		"POST " + v1 + "/admin/users":  with(made, secretAgain),
		"POST " + v1 + "/admin/groups": with(made, groupAgain),

		"POST " + v1 + "/jobs":                      ordered,
		"POST " + v1 + "/jobs/{id}/undo":            ordered,
		"POST " + v1 + "/jobs/{id}/cancel":          ordered,
		"POST " + v1 + "/trash/groups/{id}/restore": ordered,

		"POST " + v1 + "/uploads":               with(made, uploadAgain),
		"DELETE " + v1 + "/uploads/{id}":        gone,
		"POST " + v1 + "/uploads/{id}/complete": with(changed, completedAgain),
	}
}

// handle runs the handler, under the key of the request if there is one.
func (c *call) handle() error {
	r, keyed := c.s.keyed[c.route]
	keys := c.rc.Request.Header.PeekAll("Idempotency-Key")
	if !keyed || len(keys) == 0 {
		return c.route.handler(c)
	}
	c.key = string(keys[0])
	if len(keys) > 1 || !saneKey(c.key) {
		return badField("value_error", "Value error, one key of 1 to 255 visible ASCII characters", "header", "Idempotency-Key")
	}
	defer func() {
		if c.attempt != nil {
			c.attempt.End()
		}
	}()
	if r.begins {
		return c.route.handler(c)
	}
	body, err := c.canonicalBody()
	if err != nil {
		return err
	}
	before, err := c.begin(body)
	switch {
	case err != nil:
		return err
	case before != nil:
		return r.again(c, before)
	}
	return c.route.handler(c)
}

func saneKey(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxKey
}

// begin begins the attempt that the request's key stands for, or gives what came
// of it before. asked is what the request asks for beside its method, path and
// query. Without a key it does nothing.
func (c *call) begin(asked ...[]byte) (*engine.Answer, error) {
	if c.key == "" {
		return nil, nil
	}
	a, before, err := c.s.o.Once.Begin(c.ctx, c.who, once.Request{
		Route: c.route.method + " " + c.route.path, Key: c.key,
		Fingerprint: c.fingerprint(asked), Status: c.s.keyed[c.route].status,
	})
	switch {
	case errors.Is(err, once.ErrRunning):
		return nil, fail(409, once.ErrRunning.Error(), [2]string{"Retry-After", "1"})
	case errors.Is(err, once.ErrOther):
		return nil, otherRequest()
	case err != nil || before != nil:
		return before, err
	}
	c.attempt, c.ctx = a, a.Context(c.ctx)
	return nil, nil
}

func otherRequest() error {
	return badField("value_error", "Value error, this key was used for another request", "header", "Idempotency-Key")
}

// fingerprint hashes all that a request asks for.
func (c *call) fingerprint(asked [][]byte) (sum [32]byte) {
	h := sha256.New()
	put := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	put([]byte(c.route.method))
	put([]byte(c.route.path))
	for _, v := range c.values {
		put([]byte(v))
	}
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		put([]byte(name))
		put([]byte(c.query[name]))
	}
	for _, b := range asked {
		put(b)
	}
	return [32]byte(h.Sum(nil))
}

// canonicalBody reads the body, and gives JSON in one form, whatever its order of
// fields and its spaces. What is not JSON is told by the handler.
func (c *call) canonicalBody() ([]byte, error) {
	if c.route.limit == noBody {
		return nil, nil
	}
	b, err := c.body.all()
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return b, nil
	}
	if one, err := json.Marshal(v); err == nil {
		return one, nil
	}
	return b, nil
}

func nothingAgain(c *call, a *engine.Answer) error { return c.noContent(int(a.Status)) }

func shareAgain(c *call, a *engine.Answer) error {
	sh, err := c.s.o.Shares.Get(c.ctx, c.who, a.ID)
	if err != nil {
		return err
	}
	return c.json(int(a.Status), c.wireShare(sh))
}

func folderAgain(c *call, a *engine.Answer) error {
	l, err := c.s.o.Tree.Get(c.ctx, c.who, a.ID, engine.KindFolder)
	return nodeCall{call: c, kind: engine.KindFolder}.answer(int(a.Status), l, err)
}

func fileAgain(c *call, a *engine.Answer) error {
	l, err := c.s.o.Tree.GetAt(c.ctx, c.who, a.ID, a.Version)
	return nodeCall{call: c, kind: engine.KindFile}.answer(int(a.Status), l, err)
}

func versionAgain(c *call, a *engine.Answer) error {
	l, err := c.s.o.Tree.GetAt(c.ctx, c.who, a.ID, a.Version)
	if err != nil {
		return err
	}
	return c.revertedTo(l)
}

func uploadAgain(c *call, a *engine.Answer) error {
	u, err := c.s.o.Uploads.Get(c.ctx, c.who, a.ID)
	if err != nil {
		return err
	}
	return c.uploadBegun(u)
}

func completedAgain(c *call, a *engine.Answer) error {
	l, err := c.s.o.Tree.GetAt(c.ctx, c.who, a.ID, a.Version)
	if err != nil {
		return err
	}
	return c.uploadCompleted(l)
}

// beginUpload is begin for POST /files. The bytes are no part of the
// fingerprint: they are compared by their SHA-256 with those of the file made.
func (c *call) beginUpload(spec *transfer.UploadSpec) (*engine.Answer, error) {
	modified := []byte("")
	if !spec.ModifiedAt.IsZero() {
		modified = binary.BigEndian.AppendUint64(nil, uint64(spec.ModifiedAt.UnixMicro()))
	}
	return c.begin(spec.Share[:], spec.Parent[:], []byte(spec.Name), modified)
}

// uploadAgain answers a form whose file is there already. Content whose hash is
// announced, and which is not here yet, is not waited for; other content is read
// and compared.
func (f *form) uploadAgain(c *call, a *engine.Answer, spec *transfer.UploadSpec, content io.Reader) error {
	l, err := c.s.o.Tree.GetAt(c.ctx, c.who, a.ID, a.Version)
	if err != nil {
		return err
	}
	var sum [32]byte
	if spec.SHA256 != nil && f.streaming {
		sum = *spec.SHA256
	} else {
		h := sha256.New()
		if _, err := io.Copy(h, content); err != nil {
			return c.formError(err)
		}
		sum = [32]byte(h.Sum(nil))
	}
	if sum != l.Node.SHA256 {
		return otherRequest()
	}
	return c.uploaded(l)
}

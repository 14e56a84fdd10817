package httpd

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/transfer"
	"scaidrive/engine/tree"
	"scaidrive/httpd/wire"
)

// Bounds of a multipart body, in bytes and parts.
const (
	heldBack  = 1 << 20  // of a file, to read the fields behind it
	maxField  = 16 << 10 // one field
	maxUnread = 1 << 20  // all unknown parts together
	maxParts  = 100
)

// uploadFile takes a multipart form and makes a file of it. The file's bytes
// flow straight into the store; only the first MiB is held back, so that a small
// file may stand before its fields.
func uploadFile(c *call) error {
	mediaType, params, err := mime.ParseMediaType(string(c.rc.Request.Header.ContentType()))
	if err != nil || mediaType != "multipart/form-data" {
		return fail(415, "The body must be multipart/form-data")
	}
	if err := c.plain(); err != nil {
		return err
	}
	boundary := params["boundary"]
	if boundary == "" || len(boundary) > 70 {
		return badField("value_error", "Value error, the multipart boundary is missing or too long", "body")
	}
	f := newForm(&c.body, boundary)
	file, err := f.next()
	if err != nil {
		return c.formError(err)
	}
	if file == nil {
		return badField("missing", "Field required", "body", "file")
	}
	content, err := f.content(file)
	if err != nil {
		return c.formError(err)
	}
	spec, err := f.spec(file.FileName())
	if err != nil {
		return c.formError(err)
	}
	if held, ok := content.(*bytes.Buffer); ok {
		spec.Size = int64(held.Len())
	}
	if before, err := c.beginUpload(&spec); err != nil {
		return err
	} else if before != nil {
		return f.uploadAgain(c, before, &spec, content)
	}
	l, err := c.s.o.Transfer.Upload(c.ctx, c.who, spec, content)
	if err != nil {
		if f.err != nil && f.err != io.EOF { // at its end the form was whole
			return c.formError(f.err)
		}
		return err
	}
	return c.uploaded(l)
}

// uploaded answers with a file that was made.
func (c *call) uploaded(l *tree.Located) error {
	c.setHeader("Location", wire.Prefix+"/files/"+l.Node.ID.Format(engine.PrefixFile))
	c.setHeader("ETag", etag(l.Node.VersionID))
	f := wireFile(c.who.TenantID, l)
	return c.json(201, &f)
}

// formError tells a broken form from a broken body, which is told by the body.
func (c *call) formError(err error) error {
	var inv *invalid
	if errors.As(err, &inv) || c.body.broken() != nil {
		return err
	}
	return badField("multipart_invalid", "The multipart body is broken or ends too early", "body")
}

// A form reads the parts of a body in order.
type form struct {
	body      io.Reader
	r         *multipart.Reader
	fields    map[string]string
	parts     int
	unread    int64
	seenFile  bool
	streaming bool  // the file is on its way into the store: no field may follow
	err       error // what the parts behind the file did wrong
}

func newForm(body io.Reader, boundary string) *form {
	return &form{body: body, r: multipart.NewReader(body, boundary), fields: map[string]string{}}
}

// A filePart is the part that holds the file.
type filePart struct{ *multipart.Part }

// FileName gives the name that the part brings, as it stands there.
func (p filePart) FileName() string {
	_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	if err != nil {
		return ""
	}
	return params["filename"]
}

// next reads parts up to the file, which it returns, or to the end: nil.
func (f *form) next() (*filePart, error) {
	for {
		p, err := f.r.NextRawPart()
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if f.parts++; f.parts > maxParts {
			return nil, badField("too_many", "The form has too many parts", "body")
		}
		switch name := p.FormName(); name {
		case "file":
			if f.seenFile {
				return nil, badField("value_error", "Value error, there is more than one file", "body", "file")
			}
			f.seenFile = true
			return &filePart{p}, nil
		case "share_id", "folder_id", "name", "modified_at", "checksum_sha256":
			if err := f.field(name, p); err != nil {
				return nil, err
			}
		default:
			n, err := io.Copy(io.Discard, io.LimitReader(p, maxUnread+1))
			if err != nil {
				return nil, err
			}
			if f.unread += n; f.unread > maxUnread {
				return nil, badField("too_long", "The unknown parts of the form are over 1 MiB", "body")
			}
		}
	}
}

func (f *form) field(name string, p *multipart.Part) error {
	if f.streaming {
		return badField("value_error", "Value error, this field must stand before a file over 1 MiB", "body", name)
	}
	if _, twice := f.fields[name]; twice {
		return badField("value_error", "Value error, the field stands twice", "body", name)
	}
	b, err := io.ReadAll(io.LimitReader(p, maxField+1))
	switch {
	case err != nil:
		return err
	case len(b) > maxField:
		return badField("string_too_long", "The field is over 16 KiB", "body", name)
	case !utf8.Valid(b):
		return badField("value_error", "Value error, the field is not valid UTF-8", "body", name)
	}
	f.fields[name] = string(b)
	return nil
}

// rest reads the parts behind the file and on to the end of the body, which must
// come: a body that is cut behind the form is not whole either.
func (f *form) rest() error {
	if _, err := f.next(); err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, io.LimitReader(f.body, maxUnread+1))
	if err == nil && n > maxUnread {
		err = badField("too_long", "What follows the form is over 1 MiB", "body")
	}
	return err
}

// content gives the file's bytes: a *bytes.Buffer of all of them when they are
// few, and then every field has been read; else a reader that goes on with the
// body.
func (f *form) content(file *filePart) (io.Reader, error) {
	held := &bytes.Buffer{}
	n, err := io.CopyN(held, file, heldBack)
	if n < heldBack && err == io.EOF {
		return held, f.rest()
	}
	f.streaming = true
	return io.MultiReader(held, &tail{f: f, part: file}), err
}

// spec makes what the fields say.
func (f *form) spec(fileName string) (transfer.UploadSpec, error) {
	spec := transfer.UploadSpec{Size: -1, Name: fileName}
	text, ok := f.fields["share_id"]
	if !ok {
		return spec, badField("missing", "Field required, before the file when that is over 1 MiB", "body", "share_id")
	}
	var err error
	if spec.Share, err = bodyID(engine.PrefixShare, text, "share_id"); err != nil {
		return spec, err
	}
	if spec.Parent, err = parentOf(spec.Share, f.fields["folder_id"], "folder_id"); err != nil {
		return spec, err
	}
	if name, ok := f.fields["name"]; ok {
		spec.Name = name
	}
	if !utf8.ValidString(spec.Name) {
		return spec, badField("value_error", "Value error, the name is not valid UTF-8", "body", "name")
	}
	if text := f.fields["modified_at"]; text != "" {
		var t wire.Time
		if err := t.UnmarshalText([]byte(text)); err != nil {
			return spec, badField("value_error", "Value error, "+err.Error(), "body", "modified_at")
		}
		spec.ModifiedAt = t.Time
	}
	if text := f.fields["checksum_sha256"]; text != "" {
		var h wire.Hash
		if err := h.UnmarshalText([]byte(text)); err != nil {
			return spec, badField("value_error", "Value error, "+err.Error(), "body", "checksum_sha256")
		}
		spec.SHA256 = (*[32]byte)(&h)
	}
	return spec, nil
}

// A tail reads the file's remaining bytes, and tells of its end only when the
// form has come to its own end and is whole: so that nothing is stored of a
// form that breaks behind the file.
type tail struct {
	f    *form
	part *filePart
}

func (t *tail) Read(p []byte) (int, error) {
	if t.f.err != nil {
		return 0, t.f.err
	}
	n, err := t.part.Read(p)
	if err == io.EOF {
		err = t.f.rest()
		if err == nil {
			err = io.EOF
		}
	}
	if err != nil {
		t.f.err = err
	}
	if err == io.EOF && n > 0 {
		return n, nil
	}
	return n, err
}

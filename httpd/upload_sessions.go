package httpd

import (
	"errors"
	"strconv"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/transfer/session"
	"scaidrive/engine/tree"
	"scaidrive/httpd/wire"
)

func createUpload(c *call) error {
	var in wire.CreateUpload
	if err := c.decode(&in, true); err != nil {
		return err
	}
	spec := session.Spec{Name: in.FileName, Size: in.FileSize, MIME: in.MIMEType, SHA256: (*[32]byte)(in.ChecksumSHA256)}
	var err error
	if spec.Share, err = bodyID(engine.PrefixShare, in.ShareID, "share_id"); err != nil {
		return err
	}
	if spec.Parent, err = parentOf(spec.Share, in.FolderID, "folder_id"); err != nil {
		return err
	}
	if in.ReplaceFileID != "" {
		if spec.Replace, err = bodyID(engine.PrefixFile, in.ReplaceFileID, "replace_file_id"); err != nil {
			return err
		}
	}
	if in.ChunkSize != nil {
		if spec.PartSize = *in.ChunkSize; spec.PartSize == 0 {
			spec.PartSize = -1 // refused; 0 means that none was asked for
		}
	}
	if in.ModifiedAt != nil {
		spec.ModifiedAt = in.ModifiedAt.Time
	}
	u, err := c.s.o.Uploads.Create(c.ctx, c.who, spec)
	if err != nil {
		return err
	}
	return c.uploadBegun(u)
}

// uploadBegun answers with a session that was made.
func (c *call) uploadBegun(u *session.Session) error {
	id := u.ID.Format(engine.PrefixUpload)
	c.setHeader("Location", wire.Prefix+"/uploads/"+id)
	return c.json(201, wire.UploadSession{
		SessionID: id, ChunkSize: int64(u.PartSize), TotalChunks: int64(u.Parts()), ExpiresAt: wire.At(u.ExpiresAt),
	})
}

func getUpload(c *call) error {
	id, err := c.pathID(engine.PrefixUpload, 0)
	if err != nil {
		return err
	}
	u, err := c.s.o.Uploads.Get(c.ctx, c.who, id)
	if err != nil {
		return err
	}
	out := wire.UploadProgress{
		SessionID: id.Format(engine.PrefixUpload), ChunkSize: int64(u.PartSize), TotalChunks: int64(u.Parts()),
		ExpiresAt: wire.At(u.ExpiresAt), FileName: u.Name, FileSize: u.Size,
		Received: u.Received, ReceivedBytes: u.Bytes, Status: wire.UploadOpen,
	}
	if out.Received == nil {
		out.Received = [][2]uint32{}
	}
	switch {
	case u.Status == engine.UploadCompleted:
		out.Status, out.FileID = wire.UploadCompleted, u.File.Format(engine.PrefixFile)
	case u.Completing:
		out.Status = wire.UploadCompleting
	}
	return c.json(200, out)
}

// putUploadPart takes a part; its bytes flow into the store as they come.
func putUploadPart(c *call) error {
	id, err := c.pathID(engine.PrefixUpload, 0)
	if err != nil {
		return err
	}
	if err := c.plain(); err != nil {
		return err
	}
	part := session.Part{Length: c.body.length}
	if part.Index, err = strconv.ParseInt(c.values[1], 10, 64); err != nil || !allDigits([]byte(c.values[1])) {
		return engine.E(engine.KindMalformed, "The number of a part is a whole number from 0")
	}
	if text := c.header("X-Chunk-SHA256"); text != "" {
		var h wire.Hash
		if err := h.UnmarshalText([]byte(text)); err != nil {
			return badField("value_error", "Value error, "+err.Error(), "header", "X-Chunk-SHA256")
		}
		part.SHA256 = (*[32]byte)(&h)
	}
	err = c.s.o.Uploads.Put(c.ctx, c.who, id, part, &c.body)
	var e *engine.Error
	if errors.As(err, &e) && e.Kind == engine.KindInvalid && e.Field == session.FieldPartSHA256 {
		return badField("value_error", e.Msg, "header", "X-Chunk-SHA256")
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}

// putUploadContent takes all parts in one body; each is stored as soon as it is whole.
func putUploadContent(c *call) error {
	id, err := c.pathID(engine.PrefixUpload, 0)
	if err != nil {
		return err
	}
	if err := c.plain(); err != nil {
		return err
	}
	if err := c.s.o.Uploads.PutAll(c.ctx, c.who, id, c.body.length, &c.body); err != nil {
		return err
	}
	return c.noContent(204)
}

func completeUpload(c *call) error {
	id, err := c.pathID(engine.PrefixUpload, 0)
	if err != nil {
		return err
	}
	var match func(engine.ID) bool
	if h := strings.Trim(c.header("If-Match"), " \t"); h != "" {
		match = func(version engine.ID) bool { return etagListed(h, etag(version), false) }
	}
	l, err := c.s.o.Uploads.Complete(c.ctx, c.who, id, match)
	if err != nil {
		return err
	}
	return c.uploadCompleted(l)
}

// uploadCompleted answers with the file of a completed session.
func (c *call) uploadCompleted(l *tree.Located) error {
	c.setHeader("ETag", etag(l.Node.VersionID))
	return c.json(200, wire.CompletedUpload{FileID: l.Node.ID.Format(engine.PrefixFile), File: wireFile(c.who.TenantID, l)})
}

func deleteUpload(c *call) error {
	id, err := c.pathID(engine.PrefixUpload, 0)
	if err != nil {
		return err
	}
	if err := c.s.o.Uploads.Delete(c.ctx, c.who, id); err != nil {
		return err
	}
	return c.noContent(204)
}

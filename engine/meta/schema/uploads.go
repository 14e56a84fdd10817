package schema

import (
	"encoding/binary"
	"errors"

	"scaidrive/engine"
)

// The sessions of a user stand in two ranges, so that those that count can be
// counted: open ones, and those that are over and only answer for a while.
const (
	uploadOpen  = 0
	uploadEnded = 1
)

const partSize = 4 // of a part's number in a key

// maxPartChunks bounds the chunks that end in one part: a part of 64 MiB has at
// most 1,025 of the smallest ones.
const maxPartChunks = 4096

// maxHashState bounds the stored state of a hash; that of SHA-256 has 108 bytes.
const maxHashState = 1024

func uploadFields(c *codec, u *engine.Upload) {
	unsigned(c, 1, "status", &u.Status)
	c.id(2, "share", &u.Share)
	c.id(3, "parent", &u.Parent)
	c.string(4, "name", &u.Name)
	c.id(5, "replace", &u.Replace)
	signed(c, 6, "size", &u.Size)
	unsigned(c, 7, "part_size", &u.PartSize)
	c.string(8, "mime", &u.MIME)
	c.hash(9, "sha256", &u.SHA256)
	c.bool(10, "has_sha256", &u.HasSHA256)
	c.time(11, "modified_at", &u.ModifiedAt)
	c.time(12, "created_at", &u.CreatedAt)
	c.time(13, "touched_at", &u.TouchedAt)
	unsigned(c, 14, "front", &u.Front)
	c.string(15, "chunking", &u.Chunking)
	c.id(16, "file", &u.File)
	unsigned(c, 17, "version", &u.Version)
	c.id(18, "version_id", &u.VersionID)
	c.extra(&u.Extra)
}

func uploadPartFields(c *codec, p *engine.UploadPart) {
	unsigned(c, 1, "size", &p.Size)
	c.hash(2, "sha256", &p.SHA256)
	c.id(3, "spool", &p.Spool)
	unsigned(c, 4, "skip", &p.Skip)
	c.chunkList(5, "chunks", "chunk list", maxPartChunks, &p.Chunks)
	c.hash(6, "rest_sha256", &p.Rest.Hash)
	unsigned(c, 7, "rest_size", &p.Rest.Size)
	c.bytes(8, "sum", maxHashState, &p.Sum)
	c.extra(&p.Extra)
}

// UploadKey is the key of an upload session in the range of its status.
func UploadKey(t engine.TenantNo, user engine.ID, status engine.UploadStatus, id engine.ID) []byte {
	return append(uploadsOf(t, user, status), id[:]...)
}

func uploadsOf(t engine.TenantNo, user engine.ID, status engine.UploadStatus) []byte {
	in := byte(uploadEnded)
	if status == engine.UploadOpen {
		in = uploadOpen
	}
	return append(tenantKey(t, 1+idSize, user), in)
}

// UploadPartKey is the key of a part.
func UploadPartKey(t engine.TenantNo, user, upload engine.ID, index uint32) []byte {
	return binary.BigEndian.AppendUint32(tenantKey(t, partSize, user, upload), index)
}

// GetUpload reads a user's session, whatever its status.
func GetUpload(r Reader, t engine.TenantNo, user, id engine.ID) (*engine.Upload, error) {
	for _, status := range []engine.UploadStatus{engine.UploadOpen, engine.UploadCompleted} {
		u, err := get(r, Uploads, UploadKey(t, user, status, id), uploadFields)
		if err == nil {
			u.ID, u.User = id, user
			return u, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	return nil, ErrNotFound
}

// PutUpload writes a session in the range of its status. One that is over does
// not stand in the range of the open ones any more.
func PutUpload(w Writer, t engine.TenantNo, u *engine.Upload) error {
	if u.Status != engine.UploadOpen {
		if err := w.Delete(Uploads, UploadKey(t, u.User, engine.UploadOpen, u.ID)); err != nil {
			return err
		}
	}
	return put(w, Uploads, UploadKey(t, u.User, u.Status, u.ID), u, uploadFields)
}

// DeleteUpload removes a session, but none of its parts.
func DeleteUpload(w Writer, t engine.TenantNo, u *engine.Upload) error {
	return w.Delete(Uploads, UploadKey(t, u.User, u.Status, u.ID))
}

// ScanOpenUploads goes through a user's open sessions in the order of their IDs.
func ScanOpenUploads(r Reader, t engine.TenantNo, user engine.ID, fn func(*engine.Upload) (bool, error)) error {
	return scanIDs(r, Uploads, uploadsOf(t, user, engine.UploadOpen), engine.ID{}, uploadFields, func(id engine.ID, u *engine.Upload) (bool, error) {
		u.ID, u.User = id, user
		return fn(u)
	})
}

// ScanUploads goes through the sessions of everybody behind a key that an
// earlier call gave; nil is the beginning. fn must not keep the key.
func ScanUploads(r Reader, behind []byte, fn func(key []byte, t engine.TenantNo, u *engine.Upload) (bool, error)) error {
	var from []byte
	if behind != nil {
		from = after(behind)
	}
	return scan(r, Uploads, from, nil, tenantSize+2*idSize+1, uploadFields, func(k []byte, u *engine.Upload) (bool, error) {
		copy(u.User[:], k[tenantSize:])
		u.ID = tailID(k)
		return fn(k, tenantOf(k), u)
	})
}

// GetUploadPart reads a part of a session.
func GetUploadPart(r Reader, t engine.TenantNo, user, upload engine.ID, index uint32) (*engine.UploadPart, error) {
	p, err := get(r, UploadParts, UploadPartKey(t, user, upload, index), uploadPartFields)
	if err == nil {
		p.User, p.Upload, p.Index = user, upload, index
	}
	return p, err
}

// PutUploadPart writes a part; User, Upload and Index are its key.
func PutUploadPart(w Writer, t engine.TenantNo, p *engine.UploadPart) error {
	return put(w, UploadParts, UploadPartKey(t, p.User, p.Upload, p.Index), p, uploadPartFields)
}

// DeleteUploadPart removes a part.
func DeleteUploadPart(w Writer, t engine.TenantNo, user, upload engine.ID, index uint32) error {
	return w.Delete(UploadParts, UploadPartKey(t, user, upload, index))
}

// ScanUploadParts goes through the parts of a session from a number on.
func ScanUploadParts(r Reader, t engine.TenantNo, user, upload engine.ID, from uint32, fn func(*engine.UploadPart) (bool, error)) error {
	prefix := tenantKey(t, 0, user, upload)
	return scan(r, UploadParts, UploadPartKey(t, user, upload, from), prefixEnd(prefix), len(prefix)+partSize, uploadPartFields, func(k []byte, p *engine.UploadPart) (bool, error) {
		p.User, p.Upload, p.Index = user, upload, binary.BigEndian.Uint32(k[len(prefix):])
		return fn(p)
	})
}

// NextUploadOfPart finds the first session, behind the one named, that has a
// part; zero names are the beginning. ErrNotFound: there is none.
func NextUploadOfPart(r Reader, t engine.TenantNo, user, upload engine.ID) (engine.TenantNo, engine.ID, engine.ID, error) {
	from := tenantKey(t, 0, user, upload)
	if t != 0 {
		if from = prefixEnd(from); from == nil {
			return 0, engine.ID{}, engine.ID{}, ErrNotFound
		}
	}
	found := false
	err := scan(r, UploadParts, from, nil, tenantSize+2*idSize+partSize, uploadPartFields, func(k []byte, _ *engine.UploadPart) (bool, error) {
		found, t = true, tenantOf(k)
		copy(user[:], k[tenantSize:])
		copy(upload[:], k[tenantSize+idSize:])
		return false, nil
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return t, user, upload, err
}

func tenantOf(k []byte) engine.TenantNo { return engine.TenantNo(binary.BigEndian.Uint32(k)) }

package engine

import "time"

// PrefixUpload begins the wire form of an upload session's ID.
const PrefixUpload = "upl_"

// UploadStatus is the state of an upload session.
type UploadStatus uint8

// The states.
const (
	UploadOpen      UploadStatus = 1
	UploadCompleted UploadStatus = 2
	UploadExpired   UploadStatus = 3 // or completed so long ago that nobody asks any more
)

// An Upload is a session in which a file arrives in parts. Parts are numbered
// from 0; all but the last have PartSize bytes.
type Upload struct {
	ID         ID
	User       ID // whose session it is; nobody else's
	Status     UploadStatus
	Share      ID
	Parent     ID // of a new file
	Name       string
	Replace    ID // the file that gets a new version; zero: a new file
	Size       int64
	PartSize   uint32
	MIME       string // as announced, "" for what the name says
	SHA256     [32]byte
	HasSHA256  bool // SHA256 was announced
	ModifiedAt time.Time
	CreatedAt  time.Time
	TouchedAt  time.Time // the last sign of life

	// Front is how many parts, from the first on, have been cut and hashed as one
	// stream. Chunking is the set that they are cut by.
	Front    uint32
	Chunking string

	// What came of a completed one.
	File      ID
	Version   uint64
	VersionID ID

	Extra Extra
}

// Parts is the number of parts.
func (u *Upload) Parts() uint32 {
	if u.Size <= 0 {
		return 0
	}
	return uint32((u.Size-1)/int64(u.PartSize)) + 1
}

// PartLen is the length of a part in bytes.
func (u *Upload) PartLen(index uint32) int64 {
	return min(int64(u.PartSize), u.Size-int64(index)*int64(u.PartSize))
}

// An UploadPart is a part that was acknowledged. Its bytes are in a spool file,
// or in the chunk store: then they are those of Chunks from Skip on, and of Rest
// behind them.
type UploadPart struct {
	User, Upload ID
	Index        uint32
	Size         uint32
	SHA256       [32]byte
	Spool        ID // names the file; zero: the bytes are in the chunk store

	// Of a part that was cut. Chunks end in this part, the first of them may
	// have begun, Skip bytes earlier, in an earlier one. Rest is what lies
	// behind the last cut, or all when there is none; its Size may be 0.
	Skip   uint32
	Chunks []Chunk
	Rest   Chunk
	// Sum is the state of the file's SHA-256 behind this part. It holds while
	// the part lies before the session's Front.
	Sum []byte

	Extra Extra
}

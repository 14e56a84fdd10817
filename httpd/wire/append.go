package wire

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// An Appender writes its JSON without reflection, byte for byte what
// encoding/json makes of it: for bodies of calls that come in thousands a second, or
// that have thousands of entries.
type Appender interface {
	AppendJSON(b []byte) []byte
}

var (
	_ Appender = (*File)(nil)
	_ Appender = (*Tree)(nil)
)

// AppendJSON appends the JSON of f to b.
func (f *File) AppendJSON(b []byte) []byte {
	b = appendText(append(b, `{"id":`...), f.ID)
	b = appendText(append(b, `,"tenant_id":`...), f.TenantID)
	b = appendText(append(b, `,"share_id":`...), f.ShareID)
	b = append(b, `,"folder_id":`...)
	if f.FolderID == nil {
		b = append(b, "null"...)
	} else {
		b = appendText(b, *f.FolderID)
	}
	b = appendText(append(b, `,"name":`...), f.Name)
	b = appendText(append(b, `,"path":`...), f.Path)
	b = appendText(append(b, `,"mime_type":`...), f.MIMEType)
	b = strconv.AppendInt(append(b, `,"size":`...), f.Size, 10)
	b = hex.AppendEncode(append(b, `,"checksum_sha256":"`...), f.ChecksumSHA256[:])
	b = appendText(append(b, `","checksum_state":`...), f.ChecksumState)
	b = strconv.AppendUint(append(b, `,"version":`...), f.Version, 10)
	b = appendText(append(b, `,"version_id":`...), f.VersionID)
	b = strconv.AppendBool(append(b, `,"attributes":{"executable":`...), f.Attributes.Executable)
	b = appendText(append(b, `},"owner_id":`...), f.OwnerID)
	b = appendText(append(b, `,"created_by":`...), f.CreatedBy)
	b = appendTime(append(b, `,"created_at":`...), f.CreatedAt)
	b = appendText(append(b, `,"modified_by":`...), f.ModifiedBy)
	b = appendTime(append(b, `,"modified_at":`...), f.ModifiedAt)
	b = appendTime(append(b, `,"updated_at":`...), f.UpdatedAt)
	b = strconv.AppendBool(append(b, `,"is_deleted":`...), f.IsDeleted)
	b = append(b, `,"vectorized_at":`...)
	if f.VectorizedAt == nil {
		b = append(b, "null"...)
	} else {
		b = appendTime(b, *f.VectorizedAt)
	}
	return append(b, '}')
}

// appendText appends a JSON string.
func appendText(b []byte, s string) []byte {
	// What has to be escaped is found while it is copied.
	had := len(b)
	b = append(append(append(b, '"'), s...), '"')
	for _, c := range b[had+1 : len(b)-1] {
		if escaped[c] {
			j, _ := json.Marshal(s) // a string always has a JSON form
			return append(b[:had], j...)
		}
	}
	return b
}

// escaped marks the bytes that encoding/json may write otherwise than they are.
var escaped = func() (m [256]bool) {
	for c := range m {
		m[c] = c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&'
	}
	return m
}()

func appendTime(b []byte, t Time) []byte {
	b = append(b, '"')
	u := t.UTC()
	b = u.AppendFormat(b, time.RFC3339) // several times as fast as a layout of one's own; it ends in Z
	if ms := u.Nanosecond() / 1e6; ms != 0 {
		b = append(b[:len(b)-1], '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
	}
	return append(b, '"')
}

// AppendJSON appends the JSON of t to b.
func (t *Tree) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, 64+400*len(t.Entries))
	b = append(b, `{"entries":`...)
	if t.Entries == nil {
		b = append(b, "null"...)
	} else {
		b = append(b, '[')
		for i := range t.Entries {
			if i > 0 {
				b = append(b, ',')
			}
			b = t.Entries[i].appendJSON(b)
		}
		b = append(b, ']')
	}
	if t.NextPageToken != "" {
		b = appendText(append(b, `,"next_page_token":`...), t.NextPageToken)
	}
	b = strconv.AppendInt(append(b, `,"cursor":`...), t.Cursor, 10)
	b = appendText(append(b, `,"epoch":`...), t.Epoch)
	return append(b, '}')
}

func (e *Entry) appendJSON(b []byte) []byte {
	b = appendText(append(b, `{"resource_type":`...), e.ResourceType)
	b = appendText(append(b, `,"id":`...), e.ID)
	b = append(b, `,"parent_id":`...)
	if e.ParentID == nil {
		b = append(b, "null"...)
	} else {
		b = appendText(b, *e.ParentID)
	}
	b = appendText(append(b, `,"name":`...), e.Name)
	if e.Version != 0 {
		b = strconv.AppendUint(append(b, `,"version":`...), e.Version, 10)
	}
	if e.VersionID != "" {
		b = appendText(append(b, `,"version_id":`...), e.VersionID)
	}
	if e.Size != nil {
		b = strconv.AppendInt(append(b, `,"size":`...), *e.Size, 10)
	}
	if e.ChecksumSHA256 != nil {
		b = hex.AppendEncode(append(b, `,"checksum_sha256":"`...), e.ChecksumSHA256[:])
		b = append(b, '"')
	}
	if !e.ModifiedAt.IsZero() {
		b = appendTime(append(b, `,"modified_at":`...), e.ModifiedAt)
	}
	if e.Attributes != nil {
		b = strconv.AppendBool(append(b, `,"attributes":{"executable":`...), e.Attributes.Executable)
		b = append(b, '}')
	}
	if e.Bare {
		b = append(b, `,"bare":true`...)
	}
	if e.Path != "" {
		b = appendText(append(b, `,"path":`...), e.Path)
	}
	return append(b, '}')
}

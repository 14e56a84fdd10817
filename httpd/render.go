package httpd

import (
	"time"

	"scaidrive/engine"
	"scaidrive/engine/share"
	"scaidrive/engine/tree"
	"scaidrive/httpd/wire"
)

// The functions of this file give the wire form of what the engine returns.

func shareTypeName(t engine.ShareType) string {
	switch t {
	case engine.ShareCentral:
		return "central"
	case engine.SharePersonal:
		return "personal"
	}
	return "project"
}

func principalID(k engine.PrincipalKind, id engine.ID) string {
	if k == engine.PrincipalGroup {
		return id.Format(engine.PrefixGroup)
	}
	return id.Format(engine.PrefixUser)
}

func quotaOf(s *engine.Share) *int64 {
	if s.QuotaBytes < 0 {
		return nil
	}
	return &s.QuotaBytes
}

// timeOr leaves out what the caller does not see.
func timeOr(t time.Time) wire.Time {
	if t.IsZero() {
		return wire.Time{}
	}
	return wire.At(t)
}

// ownerOf is the wire form of a share's owner; "": one that shows only its name.
func ownerOf(s *engine.Share) string {
	if s.OwnerKind == 0 {
		return ""
	}
	return principalID(s.OwnerKind, s.Owner)
}

// slugOf is the slug of a share, nil for none.
func slugOf(s *engine.Share) *string {
	if s.Slug == "" {
		return nil
	}
	return &s.Slug
}

func visibility(s *engine.Share) string {
	if s.Discoverable {
		return "discoverable"
	}
	return "private"
}

func (c *call) wireShare(s *engine.Share) wire.Share {
	strategy := s.Strategy
	if strategy == 0 {
		strategy = engine.KeepBoth
	}
	return wire.Share{
		Bare: s.OwnerKind == 0,
		ID:   s.ID.Format(engine.PrefixShare), TenantID: c.who.TenantID.Format(engine.PrefixTenant),
		Name: s.Name, Description: s.Description,
		ShareType: shareTypeName(s.Type), Type: shareTypeName(s.Type),
		OwnerID: ownerOf(s), IsDeleted: !s.DeletedAt.IsZero(),
		QuotaBytes: quotaOf(s), UsedBytes: s.UsedBytes, Slug: slugOf(s), Visibility: visibility(s),
		ArchiveAt: wire.AtPtr(s.ArchiveAt), IsArchived: s.Archived(c.who.At), Settings: wire.ShareSettings{ConflictResolution: strategyName(strategy), TrashRetentionDays: trashDays(s)},
		CreatedAt: timeOr(s.CreatedAt), ModifiedAt: timeOr(s.ModifiedAt),
	}
}

// trashDays is null where the tenant's rule holds.
func trashDays(s *engine.Share) *int {
	if s.TrashDays == 0 {
		return nil
	}
	days := max(s.TrashDays, 0) // nothing is removed: 0
	return &days
}

func (c *call) wireMyShare(s share.Listed) wire.MyShare {
	out := wire.MyShare{
		ID: s.ID.Format(engine.PrefixShare), Name: s.Name, Type: shareTypeName(s.Type),
		OwnerID: ownerOf(s.Share), QuotaBytes: quotaOf(s.Share), UsedBytes: s.UsedBytes,
		CreatedAt: timeOr(s.CreatedAt), Bare: s.OwnerKind == 0,
		Slug: slugOf(s.Share), IsArchived: s.Archived(c.who.At),
	}
	if role := s.Standing.Word(); role != "" {
		out.Role = &role
	}
	return out
}

// parentID is null at the root of a share, whose folder has the share's own ID.
func parentID(share, parent engine.ID) *string {
	if parent == share || parent.IsZero() {
		return nil
	}
	s := parent.Format(engine.PrefixFolder)
	return &s
}

func hashState(s engine.HashState) string {
	if s == engine.HashVerified {
		return "verified"
	}
	return "claimed"
}

func wireFolder(tenant engine.ID, l *tree.Located) wire.Folder {
	n := l.Node
	return wire.Folder{
		ID: n.ID.Format(engine.PrefixFolder), TenantID: tenant.Format(engine.PrefixTenant),
		ShareID: l.Share.Format(engine.PrefixShare), ParentID: parentID(l.Share, n.Parent),
		Name: n.Name, Path: l.Path,
		OwnerID: n.Owner.Format(engine.PrefixUser), CreatedBy: n.CreatedBy.Format(engine.PrefixUser),
		CreatedAt: wire.At(n.CreatedAt), ModifiedAt: wire.At(n.ModifiedAt), UpdatedAt: wire.At(n.UpdatedAt),
		IsDeleted: !n.DeletedAt.IsZero(),
	}
}

func wireFile(tenant engine.ID, l *tree.Located) wire.File {
	n := l.Node
	// The IDs lie in one string: a file is asked for more often than anything else.
	var room [256]byte
	b := n.ID.Append(room[:0], engine.PrefixFile)
	b = tenant.Append(b, engine.PrefixTenant)
	b = l.Share.Append(b, engine.PrefixShare)
	b = n.Parent.Append(b, engine.PrefixFolder)
	b = n.VersionID.Append(b, engine.PrefixVersion)
	b = n.Owner.Append(b, engine.PrefixUser)
	b = n.CreatedBy.Append(b, engine.PrefixUser)
	b = n.ModifiedBy.Append(b, engine.PrefixUser)
	ids := string(b)
	next := func(prefix string) (id string) {
		size := len(prefix) + ulidLength
		id, ids = ids[:size], ids[size:]
		return id
	}
	f := wire.File{
		ID: next(engine.PrefixFile), TenantID: next(engine.PrefixTenant), ShareID: next(engine.PrefixShare),
		Name: n.Name, Path: l.Path, MIMEType: n.MIME, Size: n.Size,
		ChecksumSHA256: n.SHA256, ChecksumState: hashState(n.HashState),
		Version:    n.Version,
		Attributes: wire.Attributes{Executable: n.Executable},
		CreatedAt:  wire.At(n.CreatedAt), ModifiedAt: wire.At(n.ModifiedAt), UpdatedAt: wire.At(n.UpdatedAt),
		IsDeleted: !n.DeletedAt.IsZero(),
	}
	if parent := next(engine.PrefixFolder); n.Parent != l.Share && !n.Parent.IsZero() {
		f.FolderID = &parent
	}
	f.VersionID = next(engine.PrefixVersion)
	f.OwnerID, f.CreatedBy, f.ModifiedBy = next(engine.PrefixUser), next(engine.PrefixUser), next(engine.PrefixUser)
	return f
}

// ulidLength is the length of an ID behind its prefix.
const ulidLength = 26

func wireItem(share engine.ID, n *engine.Node) wire.Item {
	it := wire.Item{
		ID: n.ID.Format(engine.PrefixFolder), Name: n.Name, Type: wire.TypeFolder,
		ShareID: share.Format(engine.PrefixShare), ParentID: parentID(share, n.Parent),
		ModifiedAt: timeOr(n.ModifiedAt), CreatedAt: timeOr(n.CreatedAt),
	}
	if n.Kind == engine.KindFile {
		hash := wire.Hash(n.SHA256)
		it.ID, it.Type = n.ID.Format(engine.PrefixFile), wire.TypeFile
		it.Size, it.MIMEType = &n.Size, n.MIME
		it.Version, it.VersionID = n.Version, n.VersionID.Format(engine.PrefixVersion)
		it.ChecksumSHA256, it.Attributes = &hash, &wire.Attributes{Executable: n.Executable}
	}
	if !n.DeletedAt.IsZero() {
		at := wire.At(n.DeletedAt)
		it.IsDeleted, it.DeletedAt = true, &at
	}
	return it
}

func wireEntry(share engine.ID, n *engine.Node) wire.Entry {
	e := wire.Entry{
		ResourceType: wire.TypeFolder, ID: n.ID.Format(engine.PrefixFolder),
		ParentID: parentID(share, n.Parent), Name: n.Name, ModifiedAt: timeOr(n.ModifiedAt),
	}
	if n.Kind == engine.KindFile {
		hash := wire.Hash(n.SHA256)
		e.ResourceType, e.ID = wire.TypeFile, n.ID.Format(engine.PrefixFile)
		e.Version, e.VersionID = n.Version, n.VersionID.Format(engine.PrefixVersion)
		e.Size, e.ChecksumSHA256 = &n.Size, &hash
		e.Attributes = &wire.Attributes{Executable: n.Executable}
	}
	return e
}

func wireVersion(v *engine.Version) wire.Version {
	return wire.Version{
		ID: v.ID.Format(engine.PrefixVersion), VersionNumber: v.Number, Size: v.Content.Size,
		ChecksumSHA256: v.Content.SHA256, CreatedBy: v.CreatedBy.Format(engine.PrefixUser),
		CreatedAt: wire.At(v.CreatedAt), ModifiedAt: wire.At(v.ModifiedAt),
	}
}

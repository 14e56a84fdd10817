package journal

import (
	"strings"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/transfer"
)

// formBatch checks what a batch says of itself.
func formBatch(b *Batch) error {
	switch {
	case len(b.Changes) == 0 || len(b.Changes) > MaxChanges:
		return engine.Invalid("changes", "A batch has 1 to %d changes", MaxChanges)
	case len(b.DeviceID) > MaxDeviceID || !utf8.ValidString(b.DeviceID):
		return engine.Invalid("device_id", "A device's identifier has at most %d bytes", MaxDeviceID)
	case len(b.RoundID) > MaxRef:
		return engine.Invalid("round_id", "A round's identifier has at most %d bytes", MaxRef)
	case b.Strategy > engine.ClientWins:
		return engine.Invalid("conflict_resolution", "The strategy is not known")
	}
	return nil
}

// form checks what a change says of itself.
func form(c *Change) error {
	if c.Resource != engine.ResourceFile && c.Resource != engine.ResourceFolder {
		return engine.Invalid("resource_type", "The type is file or folder")
	}
	if c.Content != nil && c.Resource == engine.ResourceFolder {
		return engine.Invalid("content", "A folder has no content")
	}
	if len(c.ClientRef) > MaxRef || !utf8.ValidString(c.ClientRef) {
		return engine.Invalid("client_ref", "A reference has at most %d bytes", MaxRef)
	}
	if c.Kind != engine.ChangeCreated && c.ResourceID.IsZero() {
		return engine.Invalid("resource_id", "The change names what it is about")
	}
	if c.Kind != engine.ChangeCreated && c.Kind != engine.ChangeUpdated && c.Content != nil {
		return engine.Invalid("content", "Only what is created or updated has a content")
	}
	switch c.Kind {
	case engine.ChangeCreated:
		if !c.ResourceID.IsZero() {
			return engine.Invalid("resource_id", "What is created has no ID yet")
		}
		if c.Resource == engine.ResourceFile && c.Content == nil {
			return engine.Invalid("content", "A new file needs its content")
		}
		return formPlace(c)
	case engine.ChangeUpdated:
		if c.Content != nil && c.Base.IsZero() {
			return engine.Invalid("base_version_id", "A new version needs the version it was made from")
		}
		return nil
	case engine.ChangeMoved, engine.ChangeRenamed:
		if c.Path == "" && c.Name == "" && c.ParentID.IsZero() {
			return engine.Invalid("name", "A move tells the new place or the new name")
		}
		return formPlace(c)
	case engine.ChangeDeleted:
		return nil
	default:
		return engine.Invalid("change_type", "The type is created, updated, deleted, moved or renamed")
	}
}

// formPlace checks that a place is told in one way.
func formPlace(c *Change) error {
	if c.Path == "" {
		return nil // an empty name is refused with the rules of names
	}
	if !c.ParentID.IsZero() {
		return engine.Invalid("path", "A place is told by path, or by parent_id and name")
	}
	_, name := splitPath(c.Path)
	if c.Path[0] != '/' || name == "" {
		return engine.Invalid("path", "A path begins with a slash and ends in a name")
	}
	if c.Name != "" && c.Name != name {
		return engine.Invalid("name", "The name is not the last one of the path")
	}
	return nil
}

// splitPath cuts a path into the path of the parent folder and the last name.
func splitPath(path string) (parent, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

func claim(c *Change) transfer.Claim {
	cl := transfer.Claim{
		Size: c.Content.Size, SHA256: c.Content.SHA256, Chunking: c.Content.Chunking,
		Chunks: c.Content.Chunks, Patch: c.Content.Patch, List: c.Content.List,
		Sources: c.Content.Sources, Proofs: c.Content.Proofs,
	}
	if c.Kind == engine.ChangeUpdated {
		cl.File, cl.Base = c.ResourceID, c.Base
	}
	return cl
}

package transfer

import (
	"context"
	"fmt"
	"strings"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// A RemoteTree is a listing of a folder, compact. Nodes[0] is the folder itself.
type RemoteTree struct {
	Share string
	Nodes []RemoteNode
	// Problems are entries that cannot be used, by what the server sent.
	Problems []Problem

	byName map[childName]int32
	byID   map[string]int32 // folders, and what is left out
}

// A RemoteNode is a file or a folder; parents come before children.
type RemoteNode struct {
	ID     string // "" for a share's root
	Parent int32
	Folder bool
	Exec   bool
	Name   string
	Mtime  int64 // milliseconds since 1970

	// Of files only.
	Version   uint64
	VersionID string
	Size      int64
	Sum       wire.Hash
}

type childName struct {
	parent int32
	key    string
}

// NewRemoteTree makes a listing that holds nothing but its folder; id "" is the
// share's root, or a folder that is yet to be made.
func NewRemoteTree(share, id string) *RemoteTree {
	return &RemoteTree{Share: share, Nodes: []RemoteNode{{ID: id, Parent: -1, Folder: true}},
		byName: make(map[childName]int32), byID: make(map[string]int32)}
}

// List lists what lies below a folder; id "" is the share's root.
func List(ctx context.Context, api API, share, id string) (*RemoteTree, error) {
	t := NewRemoteTree(share, id)
	return t, t.listBelow(ctx, api, id)
}

// listBelow adds what lies below a folder that is in the tree.
func (t *RemoteTree) listBelow(ctx context.Context, api API, id string) error {
	if err := api.Tree(ctx, t.Share, id, t.Add); err != nil {
		return listError(err)
	}
	return nil
}

func listError(err error) error { return fmt.Errorf("list the folder: %w", err) }

// Add takes an entry. One that lies in no folder listed before it is an error; a
// second one of a name is a problem and left out, with all below it.
func (t *RemoteTree) Add(e *wire.Entry) error {
	parent := int32(0)
	if e.ParentID != nil && *e.ParentID != t.Nodes[0].ID && *e.ParentID != t.Share {
		p, ok := t.byID[*e.ParentID]
		if !ok {
			return fmt.Errorf("the entry %q lies in no folder that was listed before it", e.Name)
		}
		parent = p
	}
	if parent == leftOut {
		t.byID[e.ID] = leftOut
		return nil
	}
	if e.ID == "" {
		return fmt.Errorf("the entry %q has no ID", e.Name)
	}
	folder := e.ResourceType == wire.TypeFolder
	if _, twice := t.byID[e.ID]; twice && folder {
		return fmt.Errorf("the folder %q is listed twice", e.Name)
	}
	name := childName{parent, client.NameKey(e.Name)}
	if _, taken := t.byName[name]; taken {
		t.Problems = append(t.Problems, Problem{Path: t.Path(parent) + "/" + e.Name, Kind: Failed,
			Reason: "the server lists this name twice"})
		t.byID[e.ID] = leftOut
		return nil
	}
	n := RemoteNode{ID: e.ID, Parent: parent, Name: e.Name, Folder: folder,
		Mtime: e.ModifiedAt.UnixMilli()}
	if !n.Folder {
		if e.Size == nil || *e.Size < 0 || e.ChecksumSHA256 == nil {
			return fmt.Errorf("the entry %q has no size or no checksum", e.Name)
		}
		n.Version, n.VersionID, n.Size, n.Sum = e.Version, e.VersionID, *e.Size, *e.ChecksumSHA256
		n.Exec = e.Attributes != nil && e.Attributes.Executable
	}
	i := int32(len(t.Nodes))
	t.Nodes = append(t.Nodes, n)
	t.byName[name] = i
	if folder {
		t.byID[e.ID] = i
	}
	return nil
}

// leftOut stands for a node that is not in the tree.
const leftOut = -1

// Child finds a name in a folder, -1 if it is not there.
func (t *RemoteTree) Child(parent int32, name string) int32 {
	if i, ok := t.byName[childName{parent, client.NameKey(name)}]; ok {
		return i
	}
	return -1
}

// Path is a node's path below the folder listed, "/a/b"; "" for the folder.
func (t *RemoteTree) Path(i int32) string {
	var parts []string
	for ; i > 0; i = t.Nodes[i].Parent {
		parts = append(parts, t.Nodes[i].Name)
	}
	var b strings.Builder
	for j := len(parts) - 1; j >= 0; j-- {
		b.WriteByte('/')
		b.WriteString(parts[j])
	}
	return b.String()
}

package tree

import (
	"context"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/once"
)

// MaxCopy is how many files and folders a folder may hold that is copied: a copy
// is one commit, and a commit has bounds.
const MaxCopy = 4000

// A Copy makes another node of the same content.
type Copy struct {
	Share   engine.ID // that the source lies in; zero: any
	ID      engine.ID
	Kind    engine.NodeKind
	To      Target
	Name    string // empty: the source's
	IfMatch engine.ID
}

// Copy copies a file's current version, or a folder with all that lives below it,
// in one commit. No content is moved: the copy names the same chunks. It needs
// READ on the source and on all below, and CREATE on the target. A taken name, a
// folder into itself and a folder of more than MaxCopy things are KindConflict.
func (s *Service) Copy(ctx context.Context, p *engine.Principal, c Copy) (*Located, error) {
	if err := s.env.CheckRoom(); err != nil {
		return nil, err
	}
	var loc *Located
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		b := s.Batch(tx, p)
		out, err := b.Copy(c)
		if err != nil {
			return err
		}
		loc = out.Located
		return b.finish(ctx, once.Node(loc.Node))
	})
	return loc, err
}

// Copy is Service.Copy in the batch.
func (b *Batch) Copy(c Copy) (Outcome, error) {
	if err := b.settle(c.Kind); err != nil {
		return Outcome{}, err
	}
	at, err := b.node(c.Share, c.ID, c.Kind, engine.RightRead)
	if err == nil {
		err = at.matches(c.IfMatch)
	}
	if err != nil {
		return Outcome{}, err
	}
	f, err := b.parent(c.To.Share, c.To.Folder)
	if err != nil {
		return Outcome{}, err
	}
	if err := f.outside(at.node); err != nil {
		return Outcome{}, err
	}
	if err := b.below(at, engine.RightRead); err != nil {
		return Outcome{}, err
	}
	name := c.Name
	if name == "" {
		name = at.node.Name
	}
	to, there, err := b.placeOf(f, name, &engine.Node{Name: at.node.Name, Height: at.node.Height, PathBytes: at.node.PathBytes})
	if err != nil {
		return Outcome{Located: there}, err
	}
	cp := copying{b: b}
	if err := cp.read(at.node); err != nil {
		return Outcome{}, err
	}
	if err := b.room(f.share.share, cp.holds.Bytes); err != nil {
		return Outcome{}, err
	}
	n, err := cp.write(to)
	if err != nil {
		return Outcome{}, b.broken(err)
	}
	f.share.share.Count(cp.holds, 1)
	made := engine.Change{
		Kind: engine.ChangeCreated, Resource: resourceOf(n.Kind), Node: n.ID,
		NewParent: n.Parent, NewName: n.Name,
		Version: n.Version, VersionID: n.VersionID, Size: n.Size, SHA256: n.SHA256,
		Recursive: n.Kind == engine.KindFolder,
	}
	out, err := b.record(f.share, made)
	if err != nil {
		return Outcome{}, err
	}
	out.Located = f.locate(n)
	return out, b.settle(c.Kind)
}

// copying is a copy on its way: the sources, parents before children, with the
// versions of files.
type copying struct {
	b       *Batch
	holds   engine.Holding
	sources []copySource
}

type copySource struct {
	node    *engine.Node
	version *engine.Version // of a file
}

// read collects what is to be copied, and writes nothing.
func (c *copying) read(n *engine.Node) error {
	err := c.visit(n)
	if err == nil && n.Kind == engine.KindFolder {
		left := MaxCopy - 1
		err = c.b.descend(n.ID, &left, c.visit)
	}
	if errors.Is(err, errTooMany) {
		return tooMany("The folder holds more than %d files and folders; copy it in parts or by a job", MaxCopy)
	}
	return err
}

func (c *copying) visit(n *engine.Node) error {
	src, holds := copySource{node: n}, engine.Holding{Folders: 1}
	if n.Kind == engine.KindFile {
		var err error
		if src.version, err = CurrentVersion(c.b.r, c.b.p.Tenant, n); err != nil {
			return err
		}
		holds = engine.Holding{Files: 1, Bytes: n.Size}
	}
	c.holds.Add(holds, 1)
	c.sources = append(c.sources, src)
	return nil
}

// write makes the copies and gives the first.
func (c *copying) write(to place) (*engine.Node, error) {
	b := c.b
	folders := map[engine.ID]*engine.Node{} // the copy of each source folder
	var first *engine.Node
	for i := range c.sources {
		src := &c.sources[i]
		n := c.like(src.node)
		if first == nil {
			first = n
			b.rename(n, to.name)
			n.Parent = to.folder.node.ID
			if err := b.link(to, n); err != nil {
				return nil, err
			}
		} else {
			up := folders[src.node.Parent]
			n.Parent = up.ID
			child := engine.Child{Node: n.ID, Kind: n.Kind}
			if err := schema.LinkChild(b.w, b.p.Tenant, up, []byte(names.Key(n.Name)), &child); err != nil {
				return nil, err
			}
		}
		if n.Kind == engine.KindFolder {
			folders[src.node.ID] = n
			continue
		}
		if err := b.writeVersion(n, src.version.Content, time.Time{}); err != nil {
			return nil, err
		}
	}
	for _, n := range folders {
		if err := b.writeNode(n); err != nil {
			return nil, err
		}
	}
	return first, nil
}

// like is a new node like another one. Entries, cut and holds are not copied: the
// copy has the rights of the place it comes to.
func (c *copying) like(src *engine.Node) *engine.Node {
	b := c.b
	n := &engine.Node{
		ID: b.s.env.NewID(), Kind: src.Kind, Name: src.Name,
		Owner: b.p.User, CreatedBy: b.p.User, CreatedAt: b.now,
		ModifiedBy: b.p.User, ModifiedAt: src.ModifiedAt, UpdatedAt: b.now,
		MIME: src.MIME, Executable: src.Executable,
		Height: src.Height, PathBytes: src.PathBytes,
	}
	if n.Kind == engine.KindFile {
		n.Version, n.VersionID = 1, b.s.env.NewID()
		n.Size, n.SHA256, n.HashState = src.Size, src.SHA256, src.HashState
	}
	return n
}

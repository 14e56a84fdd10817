// Package upkeep looks after a store as a whole. Check holds every file against what
// must be there for it to be read; a Keeper removes what is kept for a time only: what
// lies in the trash, sessions and refresh tokens that are over.
//
// Check reads only, in short views, and may run beside everything else: a thing that
// changes while it looks is looked at again before it counts as wrong.
//
// A Keeper trusts no clock alone: what it removes has been due for as many days as the
// server has counted while it ran. It removes in small commits, as a person would who
// deletes for good.
//
// Check tells how things belong together. That each record is what was written is
// engine/meta's own verification, that each chunk's bytes are is chunkstore's.
package upkeep

import (
	"context"
	"errors"
	"fmt"

	"scaidrive/chunkstore"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// A Finding is something that is not as it must be.
type Finding struct {
	Tenant engine.TenantNo
	Share  engine.ID
	Path   string // of the file or folder, as far as it is known
	ID     engine.ID
	What   string
}

func (f Finding) String() string {
	return fmt.Sprintf("tenant %d, %s, %q: %s", f.Tenant, f.Share.Format(engine.PrefixShare), f.Path, f.What)
}

// Counts are what Check has seen.
type Counts struct {
	Shares, Folders, Files, Versions, Chunks int64
	Bytes                                    int64 // logical, of all versions
}

// A ChunkLister lists the chunks of a content in order; transfer.Service is one.
type ChunkLister interface {
	EachChunk(ctx context.Context, d chunkstore.Domain, c engine.Content, fn func(engine.Chunk) error) error
}

// A checker is one run of Check.
type checker struct {
	db      *meta.DB
	chunks  *chunkstore.Store
	lister  ChunkLister
	report  func(Finding)
	counts  Counts
	tenant  *engine.Tenant
	share   *engine.Share
	counted engine.Holding // what is found in the share
}

// page is how many records a view reads at most.
const page = 500

// Check walks every tenant, share, folder, trashed item, file and version, and
// looks for each chunk. report is called with what is wrong. The error is not
// nil when the walk could not go on at all.
func Check(ctx context.Context, db *meta.DB, chunks *chunkstore.Store, lister ChunkLister, report func(Finding)) (Counts, error) {
	c := &checker{db: db, chunks: chunks, lister: lister, report: report}
	var tenants []*engine.Tenant
	err := db.View(ctx, func(v *meta.View) error {
		return schema.ScanTenants(v, 0, func(t *engine.Tenant) (bool, error) {
			tenants = append(tenants, t)
			return true, nil
		})
	})
	if err != nil {
		return c.counts, fmt.Errorf("list the tenants: %w", err)
	}
	for _, t := range tenants {
		c.tenant = t
		if err := c.checkShares(ctx); err != nil {
			return c.counts, err
		}
	}
	return c.counts, nil
}

func (c *checker) checkShares(ctx context.Context) error {
	var behind engine.ID
	for {
		var shares []*engine.Share
		err := c.db.View(ctx, func(v *meta.View) error {
			return schema.ScanShares(v, c.tenant.No, behind, func(s *engine.Share) (bool, error) {
				shares = append(shares, s)
				return len(shares) < page, nil
			})
		})
		if err != nil {
			return fmt.Errorf("list the shares of tenant %d: %w", c.tenant.No, err)
		}
		for _, s := range shares {
			c.share, c.counted = s, engine.Holding{Folders: -1} // the root is not counted
			c.counts.Shares++
			if err := c.checkShare(ctx); err != nil {
				return err
			}
			behind = s.ID
		}
		if len(shares) < page {
			return nil
		}
	}
}

func (c *checker) checkShare(ctx context.Context) error {
	if err := c.subtree(ctx, c.share.ID, ""); err != nil {
		return err
	}
	var last *engine.TrashItem
	for {
		var items []*engine.TrashItem
		err := c.db.View(ctx, func(v *meta.View) error {
			return schema.ScanTrash(v, c.tenant.No, c.share.ID, last, func(i *engine.TrashItem) (bool, error) {
				items = append(items, i)
				return len(items) < page, nil
			})
		})
		if err != nil {
			c.found(c.share.ID, "(trash)", "the trash cannot be listed: %v", err)
			break
		}
		for _, i := range items {
			if err := c.trashed(ctx, i); err != nil {
				return err
			}
			last = i
		}
		if len(items) < page {
			break
		}
	}
	if err := c.purged(ctx); err != nil {
		return err
	}
	if err := c.conflicts(ctx); err != nil {
		return err
	}
	return c.usage(ctx)
}

// conflicts adds what waits in open conflicts, and looks for its chunks.
func (c *checker) conflicts(ctx context.Context) error {
	var behind engine.ID
	for {
		var list []*engine.Conflict
		err := c.db.View(ctx, func(v *meta.View) error {
			return schema.ScanConflicts(v, c.tenant.No, c.share.ID, true, behind, func(f *engine.Conflict) (bool, error) {
				list = append(list, f)
				return len(list) < page, nil
			})
		})
		if err != nil {
			c.found(c.share.ID, "(conflicts)", "the open conflicts cannot be listed: %v", err)
			return ctx.Err()
		}
		for _, f := range list {
			behind = f.ID
			c.counted.Bytes += f.Held
			if !f.Intent.HasContent {
				continue
			}
			v := engine.Version{Content: f.Intent.Content}
			if err := c.content(ctx, &v, &engine.Node{ID: f.ID}, "(conflict)/"+f.Intent.Name); err != nil {
				return err
			}
		}
		if len(list) < page {
			return nil
		}
	}
}

// purged adds what is being removed for good and still counts. It is there in
// part only, so nothing else of it is looked at.
func (c *checker) purged(ctx context.Context) error {
	var waiting []engine.ID
	var behind engine.ID
	for more := true; more; {
		err := c.db.View(ctx, func(v *meta.View) error {
			more = false
			n := 0
			return schema.ScanPurges(v, c.tenant.No, behind, func(p *engine.Purge) (bool, error) {
				if behind = p.Node; p.Share == c.share.ID {
					waiting = append(waiting, p.Node)
				}
				n++
				more = n == page
				return !more, nil
			})
		})
		if err != nil {
			c.found(c.share.ID, "", "what is being removed cannot be listed: %v", err)
			return ctx.Err()
		}
	}
	for len(waiting) > 0 {
		id := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		err := c.db.View(ctx, func(v *meta.View) error {
			below, holds, err := counts(v, c.tenant.No, id)
			c.counted.Add(holds, 1)
			waiting = append(waiting, below...)
			return err
		})
		if err != nil {
			c.found(id, "(being removed)", "%v", err)
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return nil
}

// counts gives what a file or a folder still counts, and what lies in a folder.
func counts(v *meta.View, t engine.TenantNo, id engine.ID) (below []engine.ID, holds engine.Holding, err error) {
	n, err := schema.GetNode(v, t, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, holds, nil // gone meanwhile
	}
	if err != nil {
		return nil, holds, err
	}
	if n.Kind == engine.KindFolder {
		holds.Folders = 1
		err = schema.ScanChildren(v, t, id, nil, func(_ []byte, ch *engine.Child) (bool, error) {
			below = append(below, ch.Node)
			return true, nil
		})
		return below, holds, err
	}
	holds.Files = 1
	err = schema.ScanVersions(v, t, id, 0, func(ver *engine.Version) (bool, error) {
		if ver.Number == n.Version {
			holds.Bytes += ver.Content.Size
		} else {
			holds.Bytes += ver.Kept
			holds.VersionBytes += ver.Kept
		}
		return true, nil
	})
	return nil, holds, err
}

// usage compares what the share says it holds with what was found. It is exact
// only when nothing was written meanwhile.
func (c *checker) usage(ctx context.Context) error {
	var now *engine.Share
	err := c.db.View(ctx, func(v *meta.View) (err error) {
		now, err = schema.GetShare(v, c.tenant.No, c.share.ID)
		return err
	})
	if err != nil {
		c.found(c.share.ID, "", "the share's record: %v", err)
		return ctx.Err()
	}
	if now.Seq != c.share.Seq || now.Holding() != c.share.Holding() {
		return nil
	}
	told, found := now.Holding(), c.counted
	if told.Bytes != found.Bytes {
		c.found(c.share.ID, "", "used bytes are %d, its versions count %d", told.Bytes, found.Bytes)
	}
	told.Bytes, found.Bytes = 0, 0
	if now.Counted && told != found {
		c.found(c.share.ID, "", "it counts %d files, %d folders and %d bytes of older versions; there are %d, %d and %d",
			told.Files, told.Folders, told.VersionBytes, found.Files, found.Folders, found.VersionBytes)
	}
	return nil
}

func (c *checker) trashed(ctx context.Context, i *engine.TrashItem) error {
	n, err := c.node(ctx, i.Node)
	switch {
	case err != nil:
		c.found(i.Node, "(trash)", "it is in the trash and its record cannot be read: %v", err)
		return ctx.Err()
	case n.DeletedAt.IsZero():
		c.found(i.Node, "(trash)/"+n.Name, "it is in the trash and not marked as deleted")
	}
	return c.one(ctx, n, "(trash)/"+n.Name)
}

func (c *checker) node(ctx context.Context, id engine.ID) (n *engine.Node, err error) {
	err = c.db.View(ctx, func(v *meta.View) error {
		n, err = schema.GetNode(v, c.tenant.No, id)
		return err
	})
	return n, err
}

// one checks a node, and what is below it if it is a folder.
func (c *checker) one(ctx context.Context, n *engine.Node, path string) error {
	if n.Kind == engine.KindFolder {
		return c.subtree(ctx, n.ID, path)
	}
	return c.file(ctx, n, path)
}

// subtree checks a folder and everything below it. Folders that wait are kept by
// ID and path, so that memory follows the width of the tree, not its size.
func (c *checker) subtree(ctx context.Context, root engine.ID, path string) error {
	type place struct {
		id   engine.ID
		path string
	}
	waiting := []place{{root, path}}
	for len(waiting) > 0 {
		at := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		c.counts.Folders++
		c.counted.Folders++
		files, folders, err := c.children(ctx, at.id, at.path)
		if err != nil {
			return err
		}
		for _, f := range folders {
			waiting = append(waiting, place{f.ID, at.path + "/" + f.Name})
		}
		for _, f := range files {
			if err := c.file(ctx, f, at.path+"/"+f.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// children reads a folder's children and holds them against its counts and
// digest and their own records. A folder that changed meanwhile is read again.
func (c *checker) children(ctx context.Context, id engine.ID, path string) (files, folders []*engine.Node, err error) {
	const tries = 5
	for try := 1; ; try++ {
		before, err := c.node(ctx, id)
		if err != nil {
			c.found(id, path, "the folder's record cannot be read: %v", err)
			return nil, nil, ctx.Err()
		}
		wrong := wrongs{}
		var tally schema.Tally
		files, folders, err = c.list(ctx, before, &tally, &wrong)
		if err == nil {
			err = tally.Check(c.tenant.No, before)
		}
		if err != nil {
			wrong.add(id, path, "its children: %v", err)
		}
		if len(wrong) == 0 {
			return files, folders, nil
		}
		after, err := c.node(ctx, id)
		if try < tries && err == nil && after.Children != before.Children {
			continue
		}
		for _, w := range wrong {
			c.found(w.ID, path+w.Path, "%s", w.What)
		}
		return files, folders, ctx.Err()
	}
}

// wrongs collects findings that may turn out to be changes.
type wrongs []Finding

func (w *wrongs) add(id engine.ID, path, format string, args ...any) {
	*w = append(*w, Finding{ID: id, Path: path, What: fmt.Sprintf(format, args...)})
}

// list reads the child rows of a folder and the records they name.
func (c *checker) list(ctx context.Context, folder *engine.Node, tally *schema.Tally, wrong *wrongs) (files, folders []*engine.Node, err error) {
	var behind []byte
	for {
		n := 0
		err := c.db.View(ctx, func(v *meta.View) error {
			return schema.ScanChildren(v, c.tenant.No, folder.ID, behind, func(key []byte, ch *engine.Child) (bool, error) {
				tally.Add(c.tenant.No, folder.ID, key, ch)
				behind = append(behind[:0], key...)
				n++
				child, err := schema.GetNode(v, c.tenant.No, ch.Node)
				switch {
				case err != nil:
					wrong.add(ch.Node, fmt.Sprintf("/(name key %x)", key), "its record cannot be read: %v", err)
				case child.Parent != folder.ID || child.Kind != ch.Kind || names.Key(child.Name) != string(key) || !child.DeletedAt.IsZero():
					wrong.add(child.ID, "/"+child.Name, "its record and its place in the folder disagree")
				case child.Kind == engine.KindFolder:
					folders = append(folders, child)
				default:
					files = append(files, child)
				}
				return n < page, nil
			})
		})
		if err != nil || n < page {
			return files, folders, err
		}
	}
}

// file checks a file's versions and that every chunk of each is there.
func (c *checker) file(ctx context.Context, n *engine.Node, path string) error {
	c.counts.Files++
	c.counted.Files++
	var versions []*engine.Version
	below := uint64(0)
	for {
		got := 0
		err := c.db.View(ctx, func(v *meta.View) error {
			return schema.ScanVersions(v, c.tenant.No, n.ID, below, func(ver *engine.Version) (bool, error) {
				versions = append(versions, ver)
				below = ver.Number
				got++
				return got < page, nil
			})
		})
		if err != nil {
			c.found(n.ID, path, "its versions cannot be read: %v", err)
			return ctx.Err()
		}
		if got < page || below == 1 {
			break
		}
	}
	if len(versions) == 0 || versions[0].Number < n.Version {
		c.found(n.ID, path, "its current version %d is missing", n.Version)
	}
	for _, v := range versions {
		switch {
		case v.Number == n.Version && (v.ID != n.VersionID || v.Content.Size != n.Size):
			c.found(n.ID, path, "version %d and the file's record disagree", v.Number)
		case v.Number == n.Version:
			c.counted.Bytes += v.Content.Size
		case v.Number <= n.Newest():
			c.counted.Bytes += v.Kept
			c.counted.VersionBytes += v.Kept
		}
		if err := c.content(ctx, v, n, path); err != nil {
			return err
		}
	}
	return nil
}

// content looks for every chunk of a version.
func (c *checker) content(ctx context.Context, v *engine.Version, n *engine.Node, path string) error {
	c.counts.Versions++
	c.counts.Bytes += v.Content.Size
	domain := chunkstore.Domain(c.tenant.ID)
	var size int64
	var hashes []chunkstore.Hash
	missing := 0
	look := func() error {
		has, err := c.chunks.Has(ctx, domain, hashes)
		if err != nil {
			return err
		}
		for _, ok := range has {
			if !ok {
				missing++
			}
		}
		hashes = hashes[:0]
		return nil
	}
	err := c.lister.EachChunk(ctx, domain, v.Content, func(ch engine.Chunk) error {
		c.counts.Chunks++
		size += int64(ch.Size)
		if hashes = append(hashes, ch.Hash); len(hashes) == page {
			return look()
		}
		return nil
	})
	if err == nil {
		err = look()
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case err != nil:
		c.found(n.ID, path, "version %d: the list of its chunks cannot be read: %v", v.Number, err)
	case missing > 0:
		c.found(n.ID, path, "version %d: %d of its %d chunks are missing or damaged", v.Number, missing, v.Content.Count)
	case size != v.Content.Size:
		c.found(n.ID, path, "version %d: its chunks are %d bytes, it has %d", v.Number, size, v.Content.Size)
	}
	return nil
}

func (c *checker) found(id engine.ID, path, format string, args ...any) {
	c.report(Finding{Tenant: c.tenant.No, Share: c.share.ID, Path: path, ID: id, What: fmt.Sprintf(format, args...)})
}

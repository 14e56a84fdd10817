package transfer

import (
	"context"
	"fmt"

	"scaidrive/chunkstore/split"
	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// PutOptions say what to put where.
type PutOptions struct {
	Share string
	// Folder is the ID of the deepest folder of the target that is there, "" the
	// share's root; Missing are the names below it that are to be made.
	Folder  string
	Missing []string
	// Target is the whole path of the target, "/a/b", "/" the share's root.
	Target string

	Args      []string // local paths
	Recursive bool

	Chunking string // the name of the set that the server's store cuts by
	Device   string // names this run to the server
	Progress Progress
	Notes    *Notes // nil: nothing is noted
}

// Put brings what the arguments name into a folder of a share. The summary is
// given beside an error too.
func Put(ctx context.Context, api API, o PutOptions) (*Summary, error) {
	if o.Progress == nil {
		o.Progress = noProgress{}
	}
	set, err := split.ByName(o.Chunking)
	if err != nil {
		return &Summary{Problems: []Problem{}}, fmt.Errorf("the server cuts files in a way that this program is too old for: %w", err)
	}
	u := &put{api: api, set: set, device: o.Device, progress: o.Progress,
		notes: o.Notes.in(o.Share, o.Target)}
	u.sum.Problems = []Problem{}
	tops, err := topsOf(o.Args, o.Recursive)
	if err != nil {
		return &u.sum, err
	}
	// Both sides are listed at the same time.
	listing := make(chan error, 1)
	listCtx, stopListing := context.WithCancel(ctx)
	go func() {
		var err error
		if len(o.Missing) > 0 {
			u.remote = NewRemoteTree(o.Share, "")
		} else {
			u.remote, err = ListTarget(listCtx, api, o.Share, o.Folder, tops)
		}
		listing <- err
	}()
	local, err := Scan(ctx, o.Args)
	if err != nil {
		stopListing()
	}
	lerr := <-listing
	stopListing()
	if err != nil {
		return &u.sum, err
	}
	defer local.Close()
	u.local = local
	u.sum.Problems = append(u.sum.Problems, local.Problems...)
	if lerr != nil {
		return &u.sum, lerr
	}
	u.plan = PlanPut(local, u.remote)
	u.sum.Problems = append(u.sum.Problems, u.plan.Problems...)
	u.sum.FilesUnchanged = u.plan.Unchanged
	err = u.run(ctx, o)
	return &u.sum, err
}

func (u *put) run(ctx context.Context, o PutOptions) error {
	var total int64
	for i := range u.local.Files {
		total += u.local.Files[i].Size
	}
	u.sum.BytesTotal = total
	u.progress.Total(int64(len(u.local.Files)), total)
	u.progress.Add(u.plan.Unchanged, u.plan.UnchangedBytes)
	if len(u.plan.Folders) == 0 && len(u.plan.Ops) == 0 {
		return nil
	}
	target, err := u.makeTarget(ctx, o.Folder, o.Missing)
	if err != nil {
		return err
	}
	u.dirIDs = make([]string, len(u.local.Dirs))
	for i, node := range u.plan.DirNode {
		if node >= 0 {
			u.dirIDs[i] = u.remote.Nodes[node].ID
		}
	}
	u.dirIDs[0] = target
	if err := u.makeFolders(ctx, o.Target); err != nil {
		return err
	}
	var tasks []task
	for _, op := range u.plan.Ops {
		if u.plan.DirNode[u.local.Files[op.File].Dir] != dirRefused {
			tasks = append(tasks, task{op: op})
		}
	}
	for round := 0; len(tasks) > 0; round++ {
		if round == rounds {
			for _, t := range tasks {
				u.problem(u.newJob(t), "the server kept asking for its chunks")
			}
			return nil
		}
		if tasks, err = u.pipeline(ctx, tasks); err != nil {
			return err
		}
	}
	return nil
}

// ListTarget lists of a folder only what the arguments could meet: the folder
// itself, and all below those of its folders that are to be put.
func ListTarget(ctx context.Context, api API, share, id string, tops *Tops) (*RemoteTree, error) {
	if tops.contents {
		return List(ctx, api, share, id)
	}
	t := NewRemoteTree(share, id)
	left := len(tops.dirs)
	for token := ""; left > 0; {
		page, err := api.Children(ctx, share, id, token)
		if err != nil {
			return nil, listError(err)
		}
		for i := range page.Items {
			it := &page.Items[i]
			isDir, wanted := tops.dirs[client.NameKey(it.Name)]
			if !wanted {
				continue
			}
			left--
			if err := t.Add(itemEntry(it)); err != nil {
				return nil, listError(err)
			}
			if isDir && it.Type == wire.TypeFolder {
				if err := t.listBelow(ctx, api, it.ID); err != nil {
					return nil, err
				}
			}
		}
		if page.NextPageToken == "" || page.NextPageToken == token {
			break
		}
		token = page.NextPageToken
	}
	return t, nil
}

func itemEntry(it *wire.Item) *wire.Entry {
	return &wire.Entry{ResourceType: it.Type, ID: it.ID, ParentID: it.ParentID, Name: it.Name,
		Version: it.Version, VersionID: it.VersionID, Size: it.Size, ChecksumSHA256: it.ChecksumSHA256,
		ModifiedAt: it.ModifiedAt, Attributes: it.Attributes, Bare: it.Bare}
}

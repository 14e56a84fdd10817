package transfer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// makeTarget makes the folders of the target that are missing, and gives the
// ID of the last one.
func (u *put) makeTarget(ctx context.Context, parent string, missing []string) (string, error) {
	for _, name := range missing {
		res, err := u.api.Apply(ctx, &wire.Apply{DeviceID: u.device, ShareID: u.remote.Share,
			Changes: []wire.Change{{ClientRef: u.nextRef(), ResourceType: wire.TypeFolder,
				ChangeType: wire.ChangeCreated, ParentID: parent, Name: name}}})
		if err != nil {
			return "", fmt.Errorf("make the folder %q: %w", name, err)
		}
		id, err := madeFolder(res)
		if err != nil {
			return "", fmt.Errorf("make the folder %q: %w", name, err)
		}
		if id.made {
			u.sum.FoldersNew++
		}
		parent = id.id
	}
	return parent, nil
}

type made struct {
	id   string
	made bool
}

// madeFolder reads the answer to one folder. One that is there already is fine.
func madeFolder(res *wire.ApplyResult) (made, error) {
	switch {
	case len(res.Applied) == 1:
		return made{res.Applied[0].Resource.ID, true}, nil
	case len(res.Errors) == 1:
		return folderThere(&res.Errors[0])
	}
	return made{}, errors.New("the server did not answer for it")
}

func folderThere(e *wire.ApplyError) (made, error) {
	if r := e.Resource; e.Status == http.StatusConflict && r != nil && r.ID != "" {
		if r.ResourceType == wire.TypeFolder {
			return made{r.ID, false}, nil
		}
		return made{}, errors.New(whyIsFile)
	}
	return made{}, &client.StatusError{Status: e.Status, Problem: wire.Problem{Detail: e.Detail}}
}

// makeFolders makes the plan's folders in batches. Each is named by its parent's
// ID where that is known, else by its path, which finds folders made earlier in
// the same batch. One that is refused is a problem, and nothing below it is sent.
func (u *put) makeFolders(ctx context.Context, target string) error {
	for rest := u.plan.Folders; len(rest) > 0; {
		n := min(len(rest), client.ApplyLimit)
		part := rest[:n]
		rest = rest[n:]
		if err := u.folderBatch(ctx, target, part); err != nil {
			return err
		}
	}
	return nil
}

func (u *put) folderBatch(ctx context.Context, target string, part []int32) error {
	a := &wire.Apply{DeviceID: u.device, ShareID: u.remote.Share}
	var dirs []int32
	for _, d := range part {
		parent := u.local.Dirs[d].Parent
		if u.plan.DirNode[parent] == dirRefused {
			u.plan.DirNode[d] = dirRefused
			continue
		}
		at := wire.At(time.Unix(0, u.local.Dirs[d].Mtime))
		ch := wire.Change{ClientRef: u.nextRef(), ResourceType: wire.TypeFolder,
			ChangeType: wire.ChangeCreated, ModifiedAt: &at}
		if parent == 0 || u.dirIDs[parent] != "" {
			ch.ParentID, ch.Name = u.dirIDs[parent], u.local.Dirs[d].Name
		} else {
			ch.Path = u.remotePath(target, d)
		}
		a.Changes = append(a.Changes, ch)
		dirs = append(dirs, d)
	}
	if len(dirs) == 0 {
		return nil
	}
	res, err := u.api.Apply(ctx, a)
	if err != nil {
		return fmt.Errorf("make %d folders: %w", len(dirs), err)
	}
	u.sum.Batches++
	for _, ok := range res.Applied {
		if ok.Index < 0 || ok.Index >= len(dirs) || ok.Resource.ID == "" {
			return errors.New("make folders: the server's answer does not fit what was asked")
		}
		u.dirIDs[dirs[ok.Index]] = ok.Resource.ID
		u.sum.FoldersNew++
	}
	refused := make(map[int32]error)
	for i := range res.Errors {
		e := &res.Errors[i]
		if e.Index < 0 || e.Index >= len(dirs) {
			return errors.New("make folders: the server's answer does not fit what was asked")
		}
		if m, err := folderThere(e); err != nil {
			refused[dirs[e.Index]] = err
		} else {
			u.dirIDs[dirs[e.Index]] = m.id
		}
	}
	u.refuseFolders(dirs, refused)
	return nil
}

// refuseFolders names the topmost of the folders that could not be made.
func (u *put) refuseFolders(dirs []int32, refused map[int32]error) {
	for _, d := range dirs {
		if u.dirIDs[d] != "" {
			continue
		}
		u.plan.DirNode[d] = dirRefused
		if u.plan.DirNode[u.local.Dirs[d].Parent] == dirRefused {
			continue
		}
		why := "the server did not answer for it"
		if err := refused[d]; err != nil {
			why = err.Error()
		}
		u.sum.Problems = append(u.sum.Problems, Problem{Path: u.local.Dirs[d].shown, Kind: Failed,
			Reason: why + "; nothing in it was sent"})
	}
}

// remotePath is where a local folder is to lie, from the share's root.
func (u *put) remotePath(target string, d int32) string {
	var parts []string
	for ; d > 0; d = u.local.Dirs[d].Parent {
		parts = append(parts, u.local.Dirs[d].Name)
	}
	var b strings.Builder
	b.WriteString(strings.TrimRight(target, "/"))
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteByte('/')
		b.WriteString(parts[i])
	}
	return b.String()
}

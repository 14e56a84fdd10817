package appliance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/split"
	"scaidrive/engine"
	"scaidrive/engine/meta"
)

// RepairOptions say how far Repair may go.
type RepairOptions struct {
	// AcceptLoss lets the operation log go on behind frames that cannot be read.
	AcceptLoss bool
}

// Repair rebuilds what can be rebuilt of a stopped server's data, and verifies
// it afterwards: the store header from a pack or the log, the operation log's
// readable part, the metadata from it, the chunk index from the packs. It
// removes nothing that could still be read: what is replaced is put aside.
func Repair(ctx context.Context, cfg Config, o RepairOptions, found func(Finding)) (*Report, error) {
	i := &inspection{Appliance: &Appliance{cfg: cfg}, report: &Report{}, found: found}
	var err error
	if i.env, err = newEnv(false); err != nil {
		return nil, err
	}
	if i.dir, err = i.openForRepair(); err != nil {
		return nil, err
	}
	err = errors.Join(i.repair(ctx, o), i.closeRepaired())
	return i.report, err
}

// openForRepair opens the data directory, with a header written anew if the old
// one is damaged.
func (i *inspection) openForRepair() (*dataDir, error) {
	d, err := openDataDir(i.cfg.Data, false, i.env.Now)
	if !errors.Is(err, errHeaderDamaged) {
		return d, err
	}
	path := filepath.Join(i.cfg.Data, headerName)
	id, from, ierr := identify(i.cfg.Data)
	if ierr != nil {
		return nil, fmt.Errorf("%w, and no other file tells whose store this is: %w", err, ierr)
	}
	if err := os.Rename(path, path+".damaged"); err != nil {
		return nil, fmt.Errorf("put the damaged header aside: %w", err)
	}
	d, err = remakeHeader(i.cfg.Data, id, i.env.Now)
	if err == nil {
		i.tell(Repaired, "the store header FORMAT was written anew, with the identity from %s; clients list their shares again", from)
	}
	return d, err
}

// identify reads the store's identity from the header of a pack or a segment of
// the operation log (docs/formats/pack.md, operation-log.md).
func identify(data string) (id [16]byte, from string, err error) {
	err = filepath.WalkDir(filepath.Join(data, packsName), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".pack") {
			return err
		}
		head := make([]byte, chunkstore.PackHeaderLen)
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := f.ReadAt(head, 0); err != nil {
			return nil // too short to have held anything
		}
		if store, ok := chunkstore.StoreOf(head); ok {
			id, from = store, filepath.Base(path)
			return fs.SkipAll
		}
		return nil
	})
	if err == nil && from == "" {
		err = errors.New("no pack has a readable header")
	}
	return id, from, err
}

// remakeHeader writes a header for a known store. The epoch is drawn anew, so
// that clients do not take up cursors of which nobody knows whether they hold.
func remakeHeader(data string, id [16]byte, now func() time.Time) (*dataDir, error) {
	d, err := lockDataDir(data)
	if err != nil {
		return nil, err
	}
	d.header = newHeader(now())
	d.header.StoreID, d.header.State, d.header.Chunking = id, stateInUse, split.Default().Name
	d.unclean = true
	if err := d.header.write(d.fs); err != nil {
		return nil, errors.Join(fmt.Errorf("write the store header: %w", err), d.close())
	}
	return d, nil
}

// repair brings the rooms up one after the other, and looks at everything.
func (i *inspection) repair(ctx context.Context, o RepairOptions) error {
	cache, layers := i.cfg.limitMemory()
	var err error
	if i.reserve, err = openReserve(i.dir); err != nil {
		return err
	}
	err = i.openStore(ctx, cache, layers)
	if engine.KindOf(err) == engine.KindDamaged {
		if err := i.repairLog(ctx, layers, o); err != nil {
			return err
		}
		err = i.openStore(ctx, cache, layers)
	}
	if err != nil {
		return err
	}
	metadata, err := i.meta.Verify(ctx)
	if err != nil {
		return fmt.Errorf("verify the metadata: %w", err)
	}
	if len(metadata.Problems) > 0 {
		if err := i.meta.Repair(ctx); err != nil {
			return fmt.Errorf("rebuild the metadata: %w", err)
		}
		i.tell(Repaired, "meta.db was rebuilt from the operation log: %s", strings.Join(metadata.Problems, "; "))
	}
	return i.look(ctx, true)
}

// repairLog lets the log go on after what is readable of it.
func (i *inspection) repairLog(ctx context.Context, layers int64, o RepairOptions) error {
	s, err := meta.RepairLog(ctx, i.cfg.metaOptions(i.dir, i.reserve, layers), o.AcceptLoss)
	if err != nil {
		if engine.KindOf(err) == engine.KindDamaged && !o.AcceptLoss {
			return fmt.Errorf("%w; with --accept-loss repair goes on without what cannot be read", err)
		}
		return fmt.Errorf("repair the operation log: %w", err)
	}
	i.tell(Repaired, "the operation log was begun anew after frame %d; the damaged one is in %s", s.LSN, s.OldLog)
	switch {
	case s.LostTo > 0:
		i.tell(Damaged, "the changes of frames %d to %d are lost", s.LostFrom, s.LostTo)
	case s.Uncertain:
		i.tell(Damaged, "changes after frame %d may be lost: the end of the log is not there", s.LSN)
	}
	return nil
}

// closeRepaired notes a clean stop and forgets the crashes that led here.
func (i *inspection) closeRepaired() error {
	if i.meta == nil || i.chunks == nil {
		return i.release()
	}
	i.dir.header.Crashes = [3]time.Time{}
	return i.Close()
}

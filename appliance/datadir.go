package appliance

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"scaidrive/chunkstore/split"
	"scaidrive/chunkstore/vfs"
)

// The names in a data directory; docs/formats/README.md says what each is worth.
const (
	packsName     = "packs"
	oplogName     = "oplog"
	snapshotsName = "snapshots"
	stagingName   = "staging"
	derivedName   = "derived"
	keysName      = "keys"
	metaName      = "meta.db"
	indexName     = "index.db"
	lockName      = "LOCK"
	crashName     = "CRASH"
	reserveName   = "reserve"
)

// crashLoop is how close together three crashes of the process itself must be
// for the server to stop trying and ask for repair. A kill or a power cut is no crash.
const crashLoop = 10 * time.Minute

// storeDirs are the directories of every store.
func storeDirs() []string {
	return []string{packsName, oplogName, snapshotsName, stagingName, derivedName, keysName}
}

// dataDir is an opened and locked data directory.
type dataDir struct {
	path     string
	fs       vfs.FS
	header   *storeHeader
	lock     *os.File
	fresh    bool // made by this start; nothing is in it yet
	unclean  bool // the last process did not stop cleanly
	crashed  bool // and it ended by a fault of its own
	readOnly bool // a feature of class 2 is unknown

	// inUse writes the header of a store in use beside everything else, and waits
	// for it; nil: that is done.
	inUse *mark
}

// lockDataDir takes a directory for this process.
func lockDataDir(path string) (*dataDir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open the data directory: %w", err)
	}
	if name, err := networkFS(path); err != nil {
		return nil, fmt.Errorf("look at the volume of %s: %w", path, err)
	} else if name != "" {
		return nil, fmt.Errorf("%s lies on a network file system (%s), which can lose what it confirmed; use a local disk", path, name)
	}
	lock, err := lockFile(filepath.Join(path, lockName))
	if err != nil {
		return nil, fmt.Errorf("another scaidrive process uses %s: %w", path, err)
	}
	return &dataDir{path: path, fs: vfs.OS(path), lock: lock}, nil
}

// openDataDir locks the directory and reads its header. With create it makes a
// new one where there is none, and begins again one whose making was interrupted.
func openDataDir(path string, create bool, now func() time.Time) (_ *dataDir, err error) {
	if create {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, fmt.Errorf("make the data directory: %w", err)
		}
	}
	d, err := lockDataDir(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	d.header, d.readOnly, err = readHeader(d.fs)
	switch {
	case err == nil && d.header.State != stateMaking:
		d.unclean = d.header.State == stateInUse
		if d.stopped() > 0 {
			d.fs = vfs.OS(d.path, append(storeDirs(), ".")...)
		}
		fi, err := os.Stat(d.file(crashName))
		d.crashed = d.unclean && err == nil && fi.Size() > 0
		return d, nil
	case err == nil && !create:
		return nil, fmt.Errorf("the first start in %s was interrupted before anything was stored; run scaidrive serve to finish it", d.path)
	case err == nil:
		err = d.clear()
	case errors.Is(err, fs.ErrNotExist) && create:
		err = d.refuseForeign()
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("%s is not a data directory of scaidrive: it has no file FORMAT", d.path)
	}
	if err != nil {
		return nil, err
	}
	return d, d.begin(now())
}

// newHeader draws the header of a new store.
func newHeader(now time.Time) *storeHeader {
	h := &storeHeader{Created: now.Truncate(time.Microsecond), Chunking: split.Default().Name, State: stateMaking}
	rand.Read(h.StoreID[:])
	var e [4]byte
	rand.Read(e[:])
	h.Epoch = 1 + binary.LittleEndian.Uint32(e[:])%maxEpoch
	return h
}

// begin writes the header of a new store. Until commitFirstStart the store counts as
// not made.
func (d *dataDir) begin(now time.Time) error {
	d.header, d.fresh = newHeader(now), true
	if err := d.header.write(d.fs); err != nil {
		return fmt.Errorf("write the store header: %w", err)
	}
	for _, dir := range storeDirs() {
		if err := d.fs.MkdirAll(dir); err != nil {
			return fmt.Errorf("make the data directory: %w", err)
		}
	}
	return d.fs.SyncDir(".")
}

// setState writes a new state into the header durably. A start after a crash is noted.
func (d *dataDir) setState(s storeState, lsn uint64, now time.Time) error {
	h := *d.header
	if s == stateInUse && d.crashed {
		h.Crashes = [3]time.Time{now, h.Crashes[0], h.Crashes[1]}
	}
	h.State, h.StopLSN = s, lsn
	if err := h.write(d.fs); err != nil {
		return fmt.Errorf("write the store header: %w", err)
	}
	*d.header = h
	return nil
}

// stopped is the number of the last frame if the last process stopped in an orderly
// way and all that it synced was synced; else 0.
func (d *dataDir) stopped() uint64 {
	if d.header.State != stateStopped {
		return 0
	}
	return d.header.StopLSN
}

// restAtStart is how long the check of all records and of the chunk index waits after
// an orderly stop, so that it does not keep the processors from the first calls.
func (d *dataDir) restAtStart() time.Duration {
	if d.stopped() == 0 {
		return 0
	}
	return time.Second
}

// repairNeeded reports that this start follows the third crash within crashLoop.
func (d *dataDir) repairNeeded(now time.Time) bool {
	c := d.header.Crashes
	return d.crashed && !c[1].IsZero() && now.Sub(c[1]) < crashLoop
}

// watchCrashes has the runtime write the report of a crash of this process into
// the data directory. The last one is kept beside it.
func (d *dataDir) watchCrashes() error {
	if d.crashed {
		if err := os.Rename(d.file(crashName), d.file(crashName+".last")); err != nil {
			return fmt.Errorf("keep the report of the last crash: %w", err)
		}
	}
	f, err := os.OpenFile(d.file(crashName), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the crash report: %w", err)
	}
	defer f.Close() // the runtime keeps a handle of its own
	if err := debug.SetCrashOutput(f, debug.CrashOptions{}); err != nil {
		return fmt.Errorf("open the crash report: %w", err)
	}
	return nil
}

// clear removes what an interrupted first start left. Nothing in it was ever
// acknowledged. The header goes last, so that an interruption here is recognised too.
func (d *dataDir) clear() error {
	for _, name := range []string{packsName, oplogName, snapshotsName, stagingName, derivedName, keysName, metaName, indexName, reserveName, crashName, headerName} {
		if err := os.RemoveAll(filepath.Join(d.path, name)); err != nil {
			return fmt.Errorf("remove what an interrupted first start left: %w", err)
		}
	}
	return d.fs.SyncDir(".")
}

// refuseForeign fails when a directory without a header holds anything but the
// lock and a header that was never renamed into place.
func (d *dataDir) refuseForeign() error {
	entries, err := d.fs.ReadDir(".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name != lockName && e.Name != headerName+".tmp" && e.Name != "lost+found" {
			return fmt.Errorf("%s is not empty and not a data directory of scaidrive (it holds %q and no FORMAT); choose an empty directory", d.path, e.Name)
		}
	}
	return nil
}

func (d *dataDir) file(name string) string { return filepath.Join(d.path, name) }

func (d *dataDir) close() error {
	if d.inUse != nil {
		<-d.inUse.done
	}
	return d.lock.Close()
}

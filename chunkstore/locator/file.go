package locator

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// load opens the file and takes over what it says of itself. ErrDamaged means
// that a new one is needed.
func (x *Index) load() error {
	if err := removeFile(x.path + newSuffix); err != nil && !x.opt.ReadOnly {
		return err
	}
	if _, err := os.Stat(x.path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: no file", ErrDamaged)
	}
	db, err := openDB(x.path, x.opt.ReadOnly)
	if err != nil {
		return err
	}
	x.db = db
	err = x.view(x.checkTrees)
	if err == nil {
		err = x.view(x.readSmall)
	}
	if err != nil {
		x.discard()
		return err
	}
	x.verified = x.state.count == 0
	if !x.verified {
		b, err := os.ReadFile(x.path + filterSuffix)
		if err != nil {
			b = nil
		}
		x.never = parseFilter(b, x.opt.StoreID, x.state.generation)
	}
	return nil
}

const (
	newSuffix    = ".new"
	filterSuffix = ".filter"
)

// readSmall reads state, domains and packs and checks them against each other.
func (x *Index) readSmall(tx *bbolt.Tx) error {
	for _, name := range []string{bucketState, bucketDomains, bucketPacks, bucketChunks} {
		if tx.Bucket([]byte(name)) == nil {
			return fmt.Errorf("%w: no bucket %s", ErrDamaged, name)
		}
	}
	var ok bool
	x.state, ok = parseState(tx.Bucket([]byte(bucketState)).Get([]byte(bucketState)), x.opt.StoreID)
	if !ok {
		return fmt.Errorf("%w: state", ErrDamaged)
	}
	err := tx.Bucket([]byte(bucketDomains)).ForEach(func(k, v []byte) error {
		body, ok := open(bucketDomains, k, v)
		if !ok || len(k) != 16 || len(body) != 4 {
			return fmt.Errorf("%w: domain", ErrDamaged)
		}
		x.domains[[16]byte(k)] = le32(body)
		return nil
	})
	if err != nil {
		return err
	}
	err = tx.Bucket([]byte(bucketPacks)).ForEach(func(k, v []byte) error {
		body, ok := open(bucketPacks, k, v)
		if !ok || len(k) != 4 || len(body) != 9 || body[8] > 1 {
			return fmt.Errorf("%w: pack", ErrDamaged)
		}
		x.covered[be32(k)] = Cover{Length: int64(le64(body)), Sealed: body[8] == 1}
		return nil
	})
	if err != nil {
		return err
	}
	if len(x.domains) != int(x.state.domains) || len(x.covered) != int(x.state.packs) ||
		smallDigest(x.domains, x.covered) != x.state.small {
		return fmt.Errorf("%w: domains or packs are not all there", ErrDamaged)
	}
	return nil
}

// create puts an empty file in the place of whatever is there.
func (x *Index) create() error {
	tmp := x.path + newSuffix
	if err := removeFile(tmp); err != nil {
		return err
	}
	db, err := openDB(tmp, false)
	if err != nil {
		return err
	}
	st := state{small: smallDigest(nil, nil)}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{bucketState, bucketDomains, bucketPacks, bucketChunks} {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		return tx.Bucket([]byte(bucketState)).Put([]byte(bucketState), st.encode(x.opt.StoreID))
	})
	if err = errors.Join(classify(err), db.Close()); err != nil {
		return err
	}
	if err := removeFile(x.path + filterSuffix); err != nil {
		return err
	}
	if err := os.Rename(tmp, x.path); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(x.path)); err != nil {
		return fmt.Errorf("%w: %w", ErrSync, err)
	}
	if x.db, err = openDB(x.path, false); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.state = st
	return nil
}

// openDB opens a bbolt file. What bbolt says or panics about its content is
// ErrDamaged; other errors are the system's.
func openDB(path string, readOnly bool) (db *bbolt.DB, err error) {
	o := *bbolt.DefaultOptions
	o.Timeout = 5 * time.Second
	o.FreelistType = bbolt.FreelistMapType
	o.ReadOnly = readOnly
	if strconv.IntSize == 64 && runtime.GOOS != "windows" {
		o.InitialMmapSize = 1 << 30 // address space only; growing would wait for readers
	}
	err = guarded(func() error {
		db, err = bbolt.Open(path, 0o600, &o)
		return err
	})
	var sys syscall.Errno
	switch {
	case err == nil:
		db.AllocSize = 1 << 20 // the step by which the file grows
		return db, nil
	case errors.Is(err, ErrDamaged), errors.Is(err, syscall.EIO):
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case errors.Is(err, berrors.ErrTimeout):
		return nil, errors.New("chunk index is in use by another process")
	case errors.As(err, &sys):
		return nil, err
	}
	return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
}

// guarded runs f and makes a panic, or a fault in the mapped file, ErrDamaged.
func guarded(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	return f()
}

// view runs f in a read transaction. Damage that it finds is remembered.
// Called with dbMu held.
func (x *Index) view(f func(*bbolt.Tx) error) error {
	if x.db == nil {
		return fmt.Errorf("%w: not open", ErrDamaged)
	}
	err := guarded(func() error { return x.db.View(f) })
	if errors.Is(err, ErrDamaged) {
		x.mu.Lock()
		x.damaged = err
		x.mu.Unlock()
	}
	return err
}

// update runs f in a write transaction. Called with fold held.
func (x *Index) update(f func(*bbolt.Tx) error) error {
	x.dbMu.RLock()
	defer x.dbMu.RUnlock()
	if x.db == nil {
		return fmt.Errorf("%w: not open", ErrDamaged)
	}
	err := guarded(func() error { return x.db.Update(f) })
	if errors.Is(err, ErrDamaged) {
		x.mu.Lock()
		x.damaged = err
		x.mu.Unlock()
		return err
	}
	return classify(err)
}

// classify makes every error of a commit an ErrSync, but for those of writing
// and growing: these left nothing behind and may be tried again. bbolt does not
// wrap the error of growing, so it is told by its text.
func classify(err error) error {
	if err == nil || strings.HasPrefix(err.Error(), "file resize error") {
		return err
	}
	var pe *fs.PathError
	if errors.As(err, &pe) && (pe.Op == "write" || pe.Op == "truncate") {
		return err
	}
	return fmt.Errorf("%w: %w", ErrSync, err)
}

// discard lets go of the file. One that made bbolt panic may hold a lock for
// ever, so it is left to the end of the process.
func (x *Index) discard() {
	db := x.db
	x.db = nil
	if db == nil {
		return
	}
	if x.damaged == nil {
		_ = guarded(db.Close)
	}
}

// get reads one entry. A miss is checked against its neighbours: a damaged
// branch page can lead to the wrong leaf, and then they do not enclose the key.
func get(tx *bbolt.Tx, k key) (Entry, bool, error) {
	var buf [keySize]byte
	want := k.append(buf[:0])
	b := tx.Bucket([]byte(bucketChunks))
	if b == nil {
		return Entry{}, false, fmt.Errorf("%w: no bucket %s", ErrDamaged, bucketChunks)
	}
	c := b.Cursor()
	kb, vb := c.Seek(want)
	if bytes.Equal(kb, want) {
		e, ok := parseEntry(kb, vb)
		if !ok {
			return Entry{}, false, fmt.Errorf("%w: entry of a chunk", ErrDamaged)
		}
		return e, true, nil
	}
	if kb == nil {
		kb, vb = c.Last()
	} else {
		if bytes.Compare(kb, want) < 0 {
			return Entry{}, false, fmt.Errorf("%w: order of keys", ErrDamaged)
		}
		if _, ok := parseEntry(kb, vb); !ok {
			return Entry{}, false, fmt.Errorf("%w: entry of a chunk", ErrDamaged)
		}
		kb, vb = c.Prev()
	}
	if kb == nil {
		return Entry{}, false, nil
	}
	if _, ok := parseEntry(kb, vb); !ok || bytes.Compare(kb, want) >= 0 {
		return Entry{}, false, fmt.Errorf("%w: order of keys", ErrDamaged)
	}
	return Entry{}, false, nil
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// writeFile replaces a file atomically and durably.
func writeFile(path string, b []byte) error {
	tmp := path + newSuffix
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // NTFS journals names; a directory cannot be flushed
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

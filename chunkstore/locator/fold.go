package locator

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.etcd.io/bbolt"
)

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
func le64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// Fold writes the entries that are durable to the file, and then how far the
// packs in cover are covered. ErrSync is final; ErrDamaged asks for a Reset;
// after any other error (disk full) nothing is lost, and Fold can be called
// again. In memory it does nothing.
func (x *Index) Fold(cover map[uint32]Cover, durable func(Entry) bool) error {
	if x.path == "" {
		return nil
	}
	if x.opt.ReadOnly {
		return ErrReadOnly
	}
	x.fold.Lock()
	defer x.fold.Unlock()

	x.mu.Lock()
	if err := x.damaged; err != nil {
		x.mu.Unlock()
		return err
	}
	next, packs := x.state, maps.Clone(x.covered)
	maps.Copy(packs, cover)
	unsaved := x.unsaved
	x.unsaved = nil
	// A map keeps its memory when it is emptied, so what stays gets a new one.
	x.frozen = make(map[key]Entry)
	rest := make(map[key]Entry)
	for k, e := range x.fresh {
		if durable(e) {
			x.frozen[k] = e
		} else {
			rest[k] = e
		}
	}
	x.fresh = rest
	domains := maps.Clone(x.domains)
	keys := slices.Collect(maps.Keys(x.frozen))
	unchanged := len(keys) == 0 && len(unsaved) == 0 && maps.Equal(packs, x.covered)
	x.mu.Unlock()
	if unchanged {
		return nil
	}

	err := x.write(&next, keys, domains, packs)

	x.mu.Lock()
	defer x.mu.Unlock()
	x.state = next
	if err == nil {
		x.covered = packs
	} else {
		x.unsaved = append(unsaved, x.unsaved...)
		for k, e := range x.frozen {
			if _, ok := x.fresh[k]; !ok {
				x.fresh[k] = e
			}
		}
	}
	x.frozen = nil
	return err
}

// write puts the frozen entries of keys, the domains and the packs into the
// file in sorted batches, and next goes along with each that was committed.
func (x *Index) write(next *state, keys []key, domains map[[16]byte]uint32, packs map[uint32]Cover) error {
	slices.SortFunc(keys, func(a, b key) int {
		if a.domain != b.domain {
			return int(int64(a.domain) - int64(b.domain))
		}
		return bytes.Compare(a.hash[:], b.hash[:])
	})
	for {
		n := min(len(keys), x.opt.Batch)
		st, last := *next, n == len(keys)
		covered := packs
		if !last {
			covered = x.covered // only written with fold held
		}
		st.generation++
		err := x.update(func(tx *bbolt.Tx) error {
			if err := putEntries(tx, &st, keys[:n], x.frozen); err != nil {
				return err
			}
			return x.putSmall(tx, &st, domains, covered)
		})
		if err != nil {
			return err
		}
		*next = st
		if keys = keys[n:]; last {
			return nil
		}
	}
}

func putEntries(tx *bbolt.Tx, st *state, keys []key, from map[key]Entry) error {
	b := tx.Bucket([]byte(bucketChunks))
	b.FillPercent = 0.7 // hashes: pages fill evenly
	for _, k := range keys {
		kb := k.append(make([]byte, 0, keySize))
		if old := b.Get(kb); old != nil {
			if _, ok := parseEntry(kb, old); !ok {
				return fmt.Errorf("%w: entry of a chunk", ErrDamaged)
			}
			st.digest.sub(kb, old)
			st.count--
		}
		v := from[k].append(kb, make([]byte, 0, valueSize))
		if err := b.Put(kb, v); err != nil {
			return err
		}
		st.digest.add(kb, v)
		st.count++
	}
	return nil
}

func (x *Index) putSmall(tx *bbolt.Tx, st *state, domains map[[16]byte]uint32, packs map[uint32]Cover) error {
	b := tx.Bucket([]byte(bucketDomains))
	for d, n := range domains {
		if k, v := domainKV(d, n); !bytes.Equal(b.Get(k), v) {
			if err := b.Put(k, v); err != nil {
				return err
			}
		}
	}
	b = tx.Bucket([]byte(bucketPacks))
	for p, c := range packs {
		if k, v := packKV(p, c); !bytes.Equal(b.Get(k), v) {
			if err := b.Put(k, v); err != nil {
				return err
			}
		}
	}
	st.domains, st.packs, st.small = uint32(len(domains)), uint32(len(packs)), smallDigest(domains, packs)
	return tx.Bucket([]byte(bucketState)).Put([]byte(bucketState), st.encode(x.opt.StoreID))
}

// page is how many entries one read transaction walks: a long one would keep
// the pages that folds free.
const page = 4096

// Walk calls f for each entry, each chunk once, those in memory last. Folds
// wait until it is done; f must not call the index. Errors are f's, the
// context's, or ErrDamaged.
func (x *Index) Walk(ctx context.Context, f func(domain [16]byte, hash [32]byte, e Entry) error) error {
	x.fold.Lock()
	defer x.fold.Unlock()
	x.mu.RLock()
	names := make(map[uint32][16]byte, len(x.domains))
	for d, n := range x.domains {
		names[n] = d
	}
	fresh := maps.Clone(x.fresh)
	x.mu.RUnlock()
	err := x.walk(ctx, func(k key, _, _ []byte, e Entry) error {
		if _, ok := fresh[k]; ok {
			return nil
		}
		d, ok := names[k.domain]
		if !ok {
			return fmt.Errorf("%w: domain number %d", ErrDamaged, k.domain)
		}
		return f(d, k.hash, e)
	})
	if err != nil {
		return err
	}
	for k, e := range fresh {
		if err := f(names[k.domain], k.hash, e); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// walk visits the file's entries. Called with fold held.
func (x *Index) walk(ctx context.Context, f func(k key, kb, vb []byte, e Entry) error) error {
	if x.path == "" {
		return nil
	}
	from := make([]byte, 0, keySize)
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		x.dbMu.RLock()
		err := x.view(func(tx *bbolt.Tx) (err error) {
			from, more, err = walkPage(tx, from, f)
			return err
		})
		x.dbMu.RUnlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// walkPage visits a page of entries after the key from and gives the last key.
func walkPage(tx *bbolt.Tx, from []byte, f func(k key, kb, vb []byte, e Entry) error) (last []byte, more bool, err error) {
	c := tx.Bucket([]byte(bucketChunks)).Cursor()
	kb, vb := c.Seek(from)
	if len(from) > 0 && bytes.Equal(kb, from) {
		kb, vb = c.Next()
	}
	for range page {
		if kb == nil {
			return from, false, nil
		}
		k, ok := parseKey(kb)
		e, ok2 := parseEntry(kb, vb)
		if !ok || !ok2 || bytes.Compare(from, kb) >= 0 {
			return from, false, fmt.Errorf("%w: entry of a chunk", ErrDamaged)
		}
		if err := f(k, kb, vb, e); err != nil {
			return from, false, err
		}
		from = append(from[:0], kb...)
		kb, vb = c.Next()
	}
	return from, true, nil
}

// Verify walks all entries and compares number and digest with the file's own
// account, and makes the filter if there is none. nil means that a miss
// of a Lookup that follows is believed. Errors: ErrDamaged, or the context's.
func (x *Index) Verify(ctx context.Context) error {
	if x.path == "" {
		return nil
	}
	x.fold.Lock()
	defer x.fold.Unlock()
	x.mu.RLock()
	want, damaged, f := x.state, x.damaged, x.never
	x.mu.RUnlock()
	if damaged != nil {
		return damaged
	}
	var made *filter
	if f == nil {
		made = newFilter(want.count)
	}
	var got state
	x.dbMu.RLock()
	err := x.view(x.checkTrees)
	x.dbMu.RUnlock()
	if err != nil {
		return err
	}
	err = x.walk(ctx, func(k key, kb, vb []byte, _ Entry) error {
		got.count++
		got.digest.add(kb, vb)
		if made != nil {
			made.add(k)
		}
		return nil
	})
	if err == nil && (got.count != want.count || got.digest != want.digest) {
		err = fmt.Errorf("%w: it holds %d entries, %d were written", ErrDamaged, got.count, want.count)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if errors.Is(err, ErrDamaged) {
		x.damaged = err
	}
	if err != nil {
		return err
	}
	if made != nil {
		for k := range x.fresh {
			made.add(k)
		}
		x.never = made
	}
	x.verified = true
	return nil
}

// Reset puts an empty file in the place of the one there is. Entries in memory
// stay; everything else is to be added again. In memory it does nothing.
func (x *Index) Reset() error {
	if x.path == "" {
		return nil
	}
	if x.opt.ReadOnly {
		return ErrReadOnly
	}
	x.fold.Lock()
	defer x.fold.Unlock()
	x.dbMu.Lock()
	defer x.dbMu.Unlock()
	x.discard()
	if err := x.create(); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.covered = make(map[uint32]Cover)
	x.unsaved = slices.Collect(maps.Keys(x.domains))
	x.never = newFilter(uint64(len(x.fresh)))
	for k := range x.fresh {
		x.never.add(k)
	}
	x.verified, x.damaged = true, nil
	return nil
}

// Close saves the filter and closes the file. What is in memory and was not
// folded is forgotten: the packs have it.
func (x *Index) Close() error {
	if x.path == "" {
		return nil
	}
	x.fold.Lock()
	defer x.fold.Unlock()
	x.dbMu.Lock()
	defer x.dbMu.Unlock()
	var err error
	if x.never != nil && x.damaged == nil && !x.opt.ReadOnly && x.db != nil {
		err = writeFile(x.path+filterSuffix, x.never.encode(x.opt.StoreID, x.state.generation))
	}
	x.discard()
	return err
}

// Damaged says what was found wrong with the index, or nil.
func (x *Index) Damaged() error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.damaged
}

// Suspect marks the index as damaged: its user could not feed it to the end.
func (x *Index) Suspect(why error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.damaged = fmt.Errorf("%w: %w", ErrDamaged, why)
}

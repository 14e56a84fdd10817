package schema

import (
	"fmt"

	"scaidrive/engine"
)

// damaged says that a stored record is not what it was. Table and key are for
// the log; they may hold names, so they are not in the message.
func damaged(t Table, key []byte, err error) error {
	return &engine.Error{
		Kind: engine.KindDamaged,
		Msg:  "stored data is damaged",
		Err:  fmt.Errorf("table %s key %x: %w", t, key, err),
	}
}

// get reads and decodes one record.
func get[T any](r Reader, t Table, key []byte, walk func(*codec, *T)) (*T, error) {
	rec := new(T)
	m, remembers := r.(Memory)
	if remembers {
		if known, ok := m.Recall(t, key).(*T); ok {
			*rec = *known
			return rec, nil
		}
	}
	v, err := r.Get(t, key)
	if err != nil {
		return nil, err
	}
	if err := decode(v, rec, walk); err != nil {
		return nil, damaged(t, key, err)
	}
	if remembers && m.Worth(t, key) {
		own := *rec
		m.Remember(t, key, &own)
	}
	return rec, nil
}

// peek is get of a record that nobody may change: it may be the one that is
// remembered.
func peek[T any](r Reader, t Table, key []byte, walk func(*codec, *T)) (*T, error) {
	if m, remembers := r.(Memory); remembers {
		if known, ok := m.Recall(t, key).(*T); ok {
			return known, nil
		}
	}
	return get(r, t, key, walk)
}

// put encodes and writes one record.
func put[T any](w Writer, t Table, key []byte, rec *T, walk func(*codec, *T)) error {
	return w.Put(t, key, encode(rec, walk))
}

// scan decodes the records in [from, to). Keys have keySize bytes, or any number
// when it is 0. fn may keep the record, but not the key.
func scan[T any](r Reader, t Table, from, to []byte, keySize int, walk func(*codec, *T), fn func(key []byte, rec *T) (bool, error)) error {
	return r.Scan(t, from, to, eachRecord(t, keySize, walk, fn))
}

// eachRecord decodes what a scan gives.
func eachRecord[T any](t Table, keySize int, walk func(*codec, *T), fn func(key []byte, rec *T) (bool, error)) func(k, v []byte) (bool, error) {
	return func(k, v []byte) (bool, error) {
		if keySize != 0 && len(k) != keySize {
			return false, damaged(t, k, fmt.Errorf("a key of %d bytes", len(k)))
		}
		rec := new(T)
		if err := decode(v, rec, walk); err != nil {
			return false, damaged(t, k, err)
		}
		return fn(k, rec)
	}
}

// scanIDs is scan over records of one prefix whose keys end in an ID, from
// behind that ID; the zero ID is the beginning.
func scanIDs[T any](r Reader, t Table, prefix []byte, behind engine.ID, walk func(*codec, *T), fn func(id engine.ID, rec *T) (bool, error)) error {
	from := prefix
	if !behind.IsZero() {
		from = after(append(prefix[:len(prefix):len(prefix)], behind[:]...))
	}
	return scan(r, t, from, prefixEnd(prefix), len(prefix)+idSize, walk, func(k []byte, rec *T) (bool, error) {
		return fn(tailID(k), rec)
	})
}

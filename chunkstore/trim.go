package chunkstore

import (
	"errors"

	"scaidrive/chunkstore/locator"
)

// Trim gives back memory that only speed needs: for a time in which nothing is
// asked. It folds the index, empties the cache of hot chunks and lets go of
// mapped pages. The error is one of folding; the rest was done.
func (s *Store) Trim() error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	s.cache.clear()
	var err error
	if s.loc.Fresh() > 0 {
		if err = s.fold(); errors.Is(err, locator.ErrDamaged) {
			err = nil // noted; the next miss rebuilds it
		}
	}
	s.loc.Trim()
	return err
}

package chunkstoretest_test

import (
	"errors"

	"scaidrive/chunkstore"
)

func isMiss(err error) bool { return errors.Is(err, chunkstore.ErrNotFound) }

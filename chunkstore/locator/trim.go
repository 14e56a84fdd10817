package locator

import (
	"unsafe"

	"go.etcd.io/bbolt"
)

// Trim lets go of the resident pages of the file's mapping: they are in the
// system's page cache and come back with the next look-up.
func (x *Index) Trim() {
	x.dbMu.RLock()
	defer x.dbMu.RUnlock()
	if x.path == "" || x.db == nil {
		return
	}
	// The transaction keeps the mapping where it is.
	_ = x.view(func(tx *bbolt.Tx) error {
		info := tx.DB().Info()
		release(*(*unsafe.Pointer)(unsafe.Pointer(&info.Data)), tx.Size())
		return nil
	})
}

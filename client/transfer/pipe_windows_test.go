package transfer_test

import "os"

// makePipe makes a link that leads nowhere: there are no named pipes in folders here.
func makePipe(path string) error { return os.Symlink("nowhere", path) }

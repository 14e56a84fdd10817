package vfs

// OpKind is a kind of call, and a set of them: kinds are combined with |.
type OpKind uint16

// The kinds of calls.
const (
	OpCreate OpKind = 1 << iota
	OpOpen          // Open and OpenRW
	OpRead
	OpWrite
	OpTruncate
	OpAllocate
	OpSync
	OpSyncDir
	OpRename
	OpRemove
	OpMkdir
	OpReadDir
	OpStat // Stat and Size

	// OpMutating are the calls that change what a disk holds, or promise that
	// a change is durable.
	OpMutating = OpCreate | OpWrite | OpTruncate | OpAllocate | OpSync | OpSyncDir | OpRename | OpRemove | OpMkdir
	// OpAny is every kind.
	OpAny OpKind = 1<<13 - 1
)

func (k OpKind) String() string {
	names := [...]string{"create", "open", "read", "write", "truncate", "allocate",
		"sync", "syncdir", "rename", "remove", "mkdir", "readdir", "stat"}
	s := ""
	for i, n := range names {
		if k&(1<<i) != 0 {
			if s != "" {
				s += "|"
			}
			s += n
		}
	}
	return s
}

// An Op is one call that changes a file system. N counts them from 1.
type Op struct {
	N    int
	Kind OpKind
	Name string
	To   string // of a rename
	Off  int64  // of a write or allocation; of a truncation the new size
	Len  int64  // of a write or allocation, in bytes
}

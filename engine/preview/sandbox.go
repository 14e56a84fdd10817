package preview

// A stage is how much the child has given up.
type stage int

const (
	// loading: no sockets, no other processes, no files but for reading.
	loading stage = iota
	// decoding: no files at all, and no new executable memory.
	decoding
)

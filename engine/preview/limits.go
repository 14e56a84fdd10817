package preview

import (
	"time"

	"scaidrive/engine/preview/render"
)

// The sizes that renditions come in: the longest edge, in pixels. A picture that
// is smaller stays as it is; a page of a document is drawn at the size.
const (
	SizeIcon   = 64   // beside a name in a list
	SizeTile   = 256  // a tile of a grid
	SizeScreen = 1024 // one page or picture on a screen
)

// sizeKnown reports whether renditions come in a size: few sizes make a cache that
// is hit.
func sizeKnown(size int) bool {
	return size == SizeIcon || size == SizeTile || size == SizeScreen
}

// Limits bound what one rendition takes. Each is held twice where it can be: by a
// look at what is known beforehand, and by force.
type Limits struct {
	// Render is checked by the child as it decodes.
	Render render.Limits

	// CPU is processor time of the child; the kernel kills at it (in whole seconds).
	CPU time.Duration
	// Wall is the time from the child's start to its answer; the parent kills.
	Wall time.Duration
	// Resident is the child's memory in RAM, in bytes; the parent looks every
	// watchEvery and kills.
	Resident int64
	// Mapped is the child's private writable memory, in bytes, touched or not; past
	// it the kernel gives no more. 0: not limited.
	Mapped int64
}

// DefaultLimits is the table. A photograph of 50 megapixels or a scanned book
// passes; the figures that were measured are in docs/decisions.
func DefaultLimits() Limits {
	return Limits{
		Render: render.Limits{
			Input:  96 << 20,
			Side:   65535,
			Pixels: 100_000_000,
			Decode: 320 << 20,
			Pages:  5000,
			Output: 5 << 20, // 1024 x 1024 pixels of 4 bytes and what PNG adds
		},
		CPU:      15 * time.Second,
		Wall:     45 * time.Second,
		Resident: 640 << 20,
		Mapped:   1 << 30,
	}
}

// prepareLimits are for compiling the PDF engine, which nobody's bytes take part in.
func prepareLimits(l Limits) Limits {
	l.CPU, l.Wall = 2*time.Minute, 4*time.Minute
	return l
}

const (
	// watchEvery is how often the parent looks at the child's memory. At some
	// gigabytes a second that a process can touch, Mapped holds what Resident lets
	// through in between.
	watchEvery = 25 * time.Millisecond

	// DefaultQueue is how many renditions may wait for a worker: a page of a grid
	// asks for a hundred at once.
	DefaultQueue = 256

	// DefaultCacheBytes is the room on disk for renditions, in bytes.
	DefaultCacheBytes = 1 << 30

	// maxStderr is how much of what a child says at its end is kept for the log.
	maxStderr = 4 << 10
)

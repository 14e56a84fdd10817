package split

// Gear1 is an entry of the table g1.
func Gear1(b byte) uint64 { return gear1[b] }

// Table is the set's table.
func (s Set) Table() *[256]uint64 { return s.table }

// Buffered is the size of a Splitter's buffer.
func (s *Splitter) Buffered() int { return len(s.buf) }

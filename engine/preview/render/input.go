package render

import "io"

// blockSize is the unit in which an Input takes memory, so that a long file is
// never copied to grow.
const blockSize = 1 << 20

// An Input holds a whole file in memory. It does not change once it is filled, and
// may then be read by several at once.
type Input struct {
	blocks [][]byte
	size   int64
}

// NewInput takes bytes that are already there; it keeps b.
func NewInput(b []byte) *Input {
	in := &Input{size: int64(len(b))}
	for len(b) > 0 {
		n := min(len(b), blockSize)
		in.blocks, b = append(in.blocks, b[:n:n]), b[n:]
	}
	return in
}

// ReadInput reads r to its end, or to the byte after limit: then the Input's Size
// is above limit.
func ReadInput(r io.Reader, limit int64) (*Input, error) {
	in := &Input{}
	r = io.LimitReader(r, limit+1)
	for {
		b := make([]byte, blockSize)
		n, err := io.ReadFull(r, b)
		if n > 0 {
			in.blocks = append(in.blocks, b[:n:n])
			in.size += int64(n)
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return in, nil
		default:
			return nil, err
		}
	}
}

// Size is the number of bytes.
func (in *Input) Size() int64 { return in.size }

// Reader reads from the beginning; it seeks and reads at positions too.
func (in *Input) Reader() *io.SectionReader { return io.NewSectionReader(in, 0, in.size) }

// ReadAt is io.ReaderAt.
func (in *Input) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n := 0
	for n < len(p) && off < in.size {
		c := copy(p[n:], in.blocks[off/blockSize][off%blockSize:])
		n += c
		off += int64(c)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

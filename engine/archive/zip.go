package archive

import (
	"bufio"
	"fmt"
	"hash/crc32"
	"io"
)

// bufferSize is how many bytes go out together at least, in between.
const bufferSize = 64 << 10

// A zipWriter writes an archive as a stream: entries, then their directory.
type zipWriter struct {
	w    *bufio.Writer
	dir  directory
	head []byte // of the entry that is written
}

func newZipWriter(w io.Writer) *zipWriter {
	return &zipWriter{w: bufio.NewWriterSize(w, bufferSize)}
}

// folder writes an entry without content.
func (z *zipWriter) folder(r record) error {
	r.dir, r.told = true, true
	return z.whole(r, nil)
}

// whole writes an entry whose bytes are at hand.
func (z *zipWriter) whole(r record, b []byte) error {
	r.told, r.size, r.crc = true, int64(len(b)), crc32.ChecksumIEEE(b)
	if err := z.begin(&r); err != nil {
		return err
	}
	if _, err := z.w.Write(b); err != nil {
		return err
	}
	z.dir.add(&r)
	return nil
}

// stream writes an entry of r.size bytes that write writes.
func (z *zipWriter) stream(r record, write func(io.Writer) error) error {
	r.told = false
	if err := z.begin(&r); err != nil {
		return err
	}
	s := summing{w: z.w}
	if err := write(&s); err != nil {
		return err
	}
	if s.n != r.size {
		return fmt.Errorf("archive: %d bytes of content were written instead of %d", s.n, r.size)
	}
	r.crc = s.crc
	z.head = r.appendDescriptor(z.head[:0], z.dir.offset)
	if _, err := z.w.Write(z.head); err != nil {
		return err
	}
	z.dir.add(&r)
	return nil
}

func (z *zipWriter) begin(r *record) error {
	if len(r.name) > max16 {
		return fmt.Errorf("archive: a name of %d bytes", len(r.name))
	}
	z.head = r.appendLocal(z.head[:0], z.dir.offset)
	_, err := z.w.Write(z.head)
	return err
}

// finish writes the directory and ends the archive.
func (z *zipWriter) finish() error {
	err := z.dir.each(func(r *record, offset int64) error {
		z.head = r.appendCentral(z.head[:0], offset)
		_, err := z.w.Write(z.head)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := z.w.Write(appendEnd(z.head[:0], z.dir.count, z.dir.length, z.dir.offset)); err != nil {
		return err
	}
	return z.w.Flush()
}

// summing passes bytes on and sums them.
type summing struct {
	w   io.Writer
	n   int64
	crc uint32
}

func (s *summing) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n += int64(n)
	s.crc = crc32.Update(s.crc, crc32.IEEETable, p[:n])
	return n, err
}

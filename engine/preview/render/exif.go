package render

import (
	"encoding/binary"
	"io"
)

// orientation is the EXIF value that says how a picture is to be turned to stand
// upright: 1 (as it is) to 8. Whatever cannot be read is 1.
func orientation(r io.ReaderAt, size int64, kind Kind) int {
	var block *io.SectionReader
	switch kind {
	case KindTIFF:
		block = io.NewSectionReader(r, 0, size)
	case KindJPEG:
		block = jpegExif(r, size)
	case KindPNG:
		block = pngExif(r, size)
	case KindWebP:
		block = webpExif(r, size)
	}
	if block == nil {
		return 1
	}
	return tiffOrientation(block)
}

// The searches below look at this many segments or chunks at most.
const maxSegments = 1000

// readAt fills b or reports that it cannot.
func readAt(r io.ReaderAt, b []byte, off int64) bool {
	n, _ := r.ReadAt(b, off)
	return n == len(b)
}

// jpegSegments walks over the segments before the first scan: f gets the marker's
// second byte, and place and length of what it carries, until it says stop.
func jpegSegments(r io.ReaderAt, size int64, f func(marker byte, off, n int64) (stop bool)) {
	off := int64(2)
	for range maxSegments {
		var h [4]byte
		if !readAt(r, h[:], off) || h[0] != 0xff {
			return
		}
		switch m := h[1]; {
		case m == 0xff: // a fill byte
			off++
			continue
		case m == 0x01 || m >= 0xd0 && m <= 0xd7: // nothing follows
			off += 2
			continue
		case m == 0xda || m == 0xd9: // the scan, or the end
			return
		}
		n := int64(binary.BigEndian.Uint16(h[2:])) - 2
		if n < 0 || off+4+n > size || f(h[1], off+4, n) {
			return
		}
		off += 4 + n
	}
}

func jpegExif(r io.ReaderAt, size int64) (block *io.SectionReader) {
	jpegSegments(r, size, func(marker byte, off, n int64) bool {
		var id [6]byte
		if marker != 0xe1 || n < 6 || !readAt(r, id[:], off) || string(id[:]) != "Exif\x00\x00" {
			return false
		}
		block = io.NewSectionReader(r, off+6, n-6)
		return true
	})
	return block
}

func pngExif(r io.ReaderAt, size int64) *io.SectionReader {
	off := int64(8)
	for range maxSegments {
		var h [8]byte
		if !readAt(r, h[:], off) {
			return nil
		}
		n := int64(binary.BigEndian.Uint32(h[:]))
		switch string(h[4:]) {
		case "eXIf":
			if off+8+n > size {
				return nil
			}
			return io.NewSectionReader(r, off+8, n)
		case "IDAT", "IEND":
			return nil
		}
		off += 12 + n // the checksum is the decoder's business
	}
	return nil
}

func webpExif(r io.ReaderAt, size int64) *io.SectionReader {
	off := int64(12)
	for range maxSegments {
		var h [8]byte
		if !readAt(r, h[:], off) {
			return nil
		}
		n := int64(binary.LittleEndian.Uint32(h[4:]))
		if string(h[:4]) == "EXIF" {
			if off+8+n > size {
				return nil
			}
			var id [6]byte // some writers put the name of the JPEG segment in front
			if n >= 6 && readAt(r, id[:], off+8) && string(id[:]) == "Exif\x00\x00" {
				return io.NewSectionReader(r, off+14, n-6)
			}
			return io.NewSectionReader(r, off+8, n)
		}
		off += 8 + n + n&1
	}
	return nil
}

// tiffOrientation reads tag 0x0112 of the first directory:
//
//	0  "II" or "MM", the byte order
//	2  uint16 42
//	4  uint32 place of the directory: uint16 count, then entries of 12 bytes:
//	   uint16 tag, uint16 type (3: uint16), uint32 count, value
func tiffOrientation(r io.ReaderAt) int {
	const tag, short, maxEntries = 0x0112, 3, 512
	var h [8]byte
	if !readAt(r, h[:], 0) {
		return 1
	}
	var order binary.ByteOrder
	switch string(h[:2]) {
	case "II":
		order = binary.LittleEndian
	case "MM":
		order = binary.BigEndian
	default:
		return 1
	}
	if order.Uint16(h[2:]) != 42 {
		return 1
	}
	off := int64(order.Uint32(h[4:]))
	if !readAt(r, h[:2], off) {
		return 1
	}
	for i := range min(int64(order.Uint16(h[:])), maxEntries) {
		var e [12]byte
		if !readAt(r, e[:], off+2+12*i) {
			return 1
		}
		if order.Uint16(e[:]) != tag {
			continue
		}
		v := order.Uint16(e[8:])
		if order.Uint16(e[2:]) != short || order.Uint32(e[4:]) != 1 || v < 1 || v > 8 {
			return 1
		}
		return int(v)
	}
	return 1
}

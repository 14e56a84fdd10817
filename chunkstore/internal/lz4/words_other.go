//go:build !amd64 && !arm64

package lz4

import "encoding/binary"

// words reads a source.
type words struct{ b []byte }

func wordsOf(b []byte) words { return words{b} }

func (w words) load8(i int) byte    { return w.b[i] }
func (w words) load32(i int) uint32 { return binary.LittleEndian.Uint32(w.b[i:]) }
func (w words) load64(i int) uint64 { return binary.LittleEndian.Uint64(w.b[i:]) }

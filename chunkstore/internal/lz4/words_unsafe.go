//go:build amd64 || arm64

package lz4

import "unsafe"

// words reads a source that is not empty, without checks of bounds: where the
// processor reads words in this order from any address. With checks the encoder is
// a fifth slower.
type words struct{ p unsafe.Pointer }

func wordsOf(b []byte) words { return words{unsafe.Pointer(unsafe.SliceData(b))} }

func (w words) load8(i int) byte    { return *(*byte)(unsafe.Add(w.p, i)) }
func (w words) load32(i int) uint32 { return *(*uint32)(unsafe.Add(w.p, i)) }
func (w words) load64(i int) uint64 { return *(*uint64)(unsafe.Add(w.p, i)) }

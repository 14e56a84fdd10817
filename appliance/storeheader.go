package appliance

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"scaidrive/chunkstore/vfs"
)

// The store header is drawn in docs/formats/store-header.md.
const (
	headerName    = "FORMAT"
	headerMagic   = "SCAIDRV\n"
	headerLen     = 256
	formatVersion = 1
	namesVersion  = 1
	hashSHA256    = 1

	// maxEpoch keeps epoch × 2^36 + sequence below 2^53.
	maxEpoch = 1<<17 - 1
)

// Feature bits that this build knows, by class. None so far.
const (
	knownReadOnlyFeatures uint64 = 0
	knownRefuseFeatures   uint64 = 0
)

type storeState uint8

const (
	stateMaking  storeState = 1
	stateInUse   storeState = 2
	stateStopped storeState = 3
)

// storeHeader is the decoded content of FORMAT.
type storeHeader struct {
	StoreID        [16]byte
	Created        time.Time
	FeaturesIgnore uint64
	FeaturesRO     uint64
	FeaturesRefuse uint64
	Epoch          uint32
	Chunking       string
	State          storeState
	StopLSN        uint64
	Crashes        [3]time.Time // newest first, zero: none
}

var errHeaderDamaged = errors.New("the store header FORMAT is damaged; run scaidrive repair")

func (h *storeHeader) encode() []byte {
	b := make([]byte, headerLen)
	copy(b, headerMagic)
	le := binary.LittleEndian
	le.PutUint16(b[8:], 1)
	le.PutUint16(b[10:], headerLen)
	le.PutUint32(b[12:], formatVersion)
	copy(b[16:], h.StoreID[:])
	le.PutUint64(b[32:], uint64(h.Created.UnixMicro()))
	le.PutUint64(b[40:], h.FeaturesIgnore)
	le.PutUint64(b[48:], h.FeaturesRO)
	le.PutUint64(b[56:], h.FeaturesRefuse)
	b[64] = hashSHA256
	le.PutUint16(b[66:], namesVersion)
	le.PutUint32(b[68:], h.Epoch)
	copy(b[72:128], h.Chunking)
	b[160] = byte(h.State)
	le.PutUint64(b[168:], h.StopLSN)
	for i, t := range h.Crashes {
		if !t.IsZero() {
			le.PutUint64(b[176+8*i:], uint64(t.UnixMicro()))
		}
	}
	le.PutUint32(b[252:], crc32.Checksum(b[:252], crc32.MakeTable(crc32.Castagnoli)))
	return b
}

// decodeHeader refuses what this build must not open. readOnly is set when a
// feature of class 2 is unknown.
func decodeHeader(b []byte) (h *storeHeader, readOnly bool, err error) {
	if len(b) < 12 || string(b[:8]) != headerMagic {
		return nil, false, errHeaderDamaged
	}
	le := binary.LittleEndian
	if len(b) != headerLen || le.Uint32(b[252:]) != crc32.Checksum(b[:252], crc32.MakeTable(crc32.Castagnoli)) {
		return nil, false, errHeaderDamaged
	}
	if v := le.Uint32(b[12:]); v != formatVersion {
		return nil, false, fmt.Errorf("this data directory has format version %d; this build opens version %d", v, formatVersion)
	}
	h = &storeHeader{
		Created:        time.UnixMicro(int64(le.Uint64(b[32:]))).UTC(),
		FeaturesIgnore: le.Uint64(b[40:]),
		FeaturesRO:     le.Uint64(b[48:]),
		FeaturesRefuse: le.Uint64(b[56:]),
		Epoch:          le.Uint32(b[68:]),
		Chunking:       string(bytes.TrimRight(b[72:128], "\x00")),
		State:          storeState(b[160]),
		StopLSN:        le.Uint64(b[168:]),
	}
	copy(h.StoreID[:], b[16:32])
	for i := range h.Crashes {
		if v := int64(le.Uint64(b[176+8*i:])); v != 0 {
			h.Crashes[i] = time.UnixMicro(v).UTC()
		}
	}
	switch {
	case h.FeaturesRefuse&^knownRefuseFeatures != 0:
		return nil, false, fmt.Errorf("this data directory uses features (%#x) that a newer version of scaidrive made", h.FeaturesRefuse&^knownRefuseFeatures)
	case b[64] != hashSHA256:
		return nil, false, fmt.Errorf("this data directory uses hash algorithm %d, which this build does not know", b[64])
	case b[65] != 0:
		return nil, false, fmt.Errorf("this data directory is encrypted (scheme %d), which this build does not know", b[65])
	case le.Uint16(b[66:]) != namesVersion:
		return nil, false, fmt.Errorf("this data directory has names version %d; this build knows %d", le.Uint16(b[66:]), namesVersion)
	case h.Epoch == 0 || h.Epoch > maxEpoch, h.State < stateMaking || h.State > stateStopped,
		!allZero(b[128:160]), !allZero(b[161:168]), !allZero(b[200:252]), le.Uint16(b[8:]) != 1, le.Uint16(b[10:]) != headerLen:
		return nil, false, errHeaderDamaged
	}
	return h, h.FeaturesRO&^knownReadOnlyFeatures != 0, nil
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

func readHeader(fsys vfs.FS) (*storeHeader, bool, error) {
	b, err := vfs.ReadFile(fsys, headerName)
	if err != nil {
		return nil, false, err
	}
	return decodeHeader(b)
}

func (h *storeHeader) write(fsys vfs.FS) error { return vfs.WriteFile(fsys, headerName, h.encode()) }

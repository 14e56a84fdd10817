package chunkstore

// PackHeaderLen is the length of a pack's header in bytes.
const PackHeaderLen = packHeadSize

// StoreOf reads the identity of the store from the header of a pack, for a
// repair; ok is false where the header is damaged.
func StoreOf(header []byte) (store [16]byte, ok bool) {
	h, err := decodePackHead(header)
	return h.store, err == nil
}

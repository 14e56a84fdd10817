// Package chunkstore keeps content-addressed chunks durably in packs.
//
// It knows bytes, SHA-256 hashes and domains (a domain is the scope of
// deduplication: one tenant). It knows no files, no users and no HTTP.
//
// Invariants:
//   - no byte leaves the store unverified: the record's header must name the
//     domain, hash and length asked for and its checksum must hold before the
//     first byte is returned;
//   - what Sync covered survives a crash; what it did not cover may vanish,
//     but never comes back changed;
//   - the index is a cache of the packs and can be rebuilt from them alone.
package chunkstore

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// Domain is the scope of deduplication: the 16 raw bytes of a tenant's ID.
type Domain [16]byte

// Hash is the SHA-256 of a chunk's uncompressed bytes.
type Hash [32]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Kind tells what a record holds; its values are part of the pack format.
type Kind uint8

// The kinds of records.
const (
	KindData     Kind = 1 // bytes of file content
	KindManifest Kind = 2 // a segment or root of a manifest
)

// PackID numbers the packs of a store in the order in which they were begun,
// from 1.
type PackID uint32

// A Mark says how many bytes of a pack, from its start, are durable. The marks
// returned by Sync are put into the operation log's next frame; the newest mark
// of each pack is given back to Open.
type Mark struct {
	Pack   PackID
	Length int64
}

var (
	// ErrNotFound: the store has no such chunk in that domain.
	ErrNotFound = errors.New("chunk not found")
	// ErrReadOnly: a sync failed since Open, nothing is accepted any more.
	ErrReadOnly = errors.New("chunk store is read-only after a failed sync")
	// ErrNoSpace: the volume is full. Not fatal.
	ErrNoSpace = errors.New("no storage left on this server")
	// ErrFormat: a pack was written by a later version of this program.
	ErrFormat = errors.New("format of a later version")
	// ErrClosed: Close was called.
	ErrClosed = errors.New("chunk store is closed")
)

// DamagedError names a chunk whose stored bytes are not what they were.
type DamagedError struct {
	Domain Domain
	Hash   Hash
	Pack   PackID
	Offset int64
	What   string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("chunk %s is damaged (pack %d, offset %d): %s", e.Hash, e.Pack, e.Offset, e.What)
}

// A Damage is one thing found wrong with what is stored. Hash and Domain are
// zero when it is not known which chunk it concerns. Offset and Length are in
// bytes; Length 0 means that it is not known. Pack 0 means that it concerns no
// pack, but the index or a file that does not belong there.
type Damage struct {
	Pack   PackID
	Offset int64
	Length int64
	Domain Domain
	Hash   Hash
	What   string
}

func (d Damage) String() string {
	if d.Pack == 0 {
		return d.What
	}
	s := fmt.Sprintf("pack %d, offset %d", d.Pack, d.Offset)
	if d.Length > 0 {
		s += fmt.Sprintf(", %d bytes", d.Length)
	}
	if d.Hash != (Hash{}) {
		s += ", chunk " + d.Hash.String()
	}
	return s + ": " + d.What
}

// A Ref names a chunk that somebody expects: its hash and its length in bytes.
type Ref struct {
	Hash Hash
	Size uint32
}

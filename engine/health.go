package engine

import "time"

// A Part is a part of the server and how it does.
type Part struct {
	Name   string // database, storage, disk, identity, previews
	State  PartState
	Reason PartReason
	// Causes are in words of the machine, for who runs it: they may name its paths.
	Causes []string
}

// A PartState says whether somebody has to do something.
type PartState uint8

// The states.
const (
	PartGood PartState = 1
	PartAct  PartState = 2 // somebody has to
	PartOff  PartState = 3 // it is not there, and nothing is wrong
)

// A PartReason says why a part is in its state.
type PartReason string

// The reasons.
const (
	PartWorks      PartReason = "works"
	PartChecking   PartReason = "checking"    // good; what is stored is still being checked since the start
	PartReadOnly   PartReason = "read_only"   // after a failed write nothing is taken any more
	PartDamaged    PartReason = "damaged"     // stored bytes are not what was written
	PartNoSnapshot PartReason = "no_snapshot" // the last snapshot of the database failed
	PartNoRoom     PartReason = "no_room"     // the volume is full
	PartLowRoom    PartReason = "low_room"    // the volume is nearly full
	PartNotThere   PartReason = "not_there"   // this system can't run it
)

// A Footprint is what the whole store takes on its machine, in bytes.
type Footprint struct {
	StartedAt time.Time // of the process
	Packs     int64     // all content, chunks of it stored once and compressed
	Chunks    uint64
	Database  int64
	Index     int64 // of the chunks
	Log       int64 // of operations, since the last snapshot
	Free      int64 // on the volume; -1: not known
	Volume    int64
}

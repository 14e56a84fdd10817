package engine

import "time"

// An Answer is what is kept of a request that carried an idempotency key and was
// carried out: enough to tell the request again, and to render its answer again.
// It is written in the commit of the request's effect.
type Answer struct {
	User ID
	Seq  uint64 // in the order of the user's commits, from 1

	Request     [32]byte // names the request: a hash over its route and key
	Fingerprint [32]byte // of what it asked for
	Status      uint32   // of the answer
	At          time.Time

	// What was made or changed; zero where the answer names nothing. Version
	// and VersionID are those of a file at that moment.
	ID        ID
	Version   uint64
	VersionID ID

	Extra Extra
}

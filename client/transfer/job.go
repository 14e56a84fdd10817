package transfer

import (
	"hash"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// A task is a file to put, in one round.
type task struct {
	op PutOp
	// prove, of a later round: the server does not remember who sent the chunks,
	// but may have them, so they are proven in the place of sending them.
	prove bool
	// force, of a later round: the server said that it lacks these chunks. The
	// others it has, and they are proven where it does not remember them.
	force map[wire.Hash]struct{}
}

// A job is one reading of a task's file.
type job struct {
	task
	size  int64 // as it was when it was read
	mtime int64 // nanoseconds
	exec  bool

	chunks []wire.Chunk
	sum    wire.Hash
	whole  hash.Hash // nil: of one chunk at most, sum is its hash
	proofs map[string]wire.Hash

	base     []wire.Chunk // of the version to be replaced, as far as known
	baseAt   map[wire.Hash]int
	provable int64 // bytes from the start that an earlier run has sent

	err error // why it was given up
}

// setBase tells the job the chunks of the version that it replaces.
func (j *job) setBase(chunks []wire.Chunk) {
	j.base = chunks
	j.baseAt = make(map[wire.Hash]int, len(chunks))
	for i, c := range chunks {
		if _, ok := j.baseAt[c.SHA256]; !ok {
			j.baseAt[c.SHA256] = i
		}
	}
}

// take adds a chunk that has been hashed and sent.
func (j *job) take(c *windowChunk) {
	j.chunks = append(j.chunks, wire.Chunk{SHA256: c.hash, Size: uint32(c.size)})
	if c.proven {
		if j.proofs == nil {
			j.proofs = make(map[string]wire.Hash)
		}
		j.proofs[c.hash.String()] = c.proof
	}
}

// content describes the bytes read: as a patch against the base version where
// that has chunks in common, else as the full list.
func (j *job) content(chunking string) *wire.Content {
	c := &wire.Content{Size: j.size, ChecksumSHA256: j.sum, Chunking: chunking, Proofs: j.proofs}
	if patch, kept := client.Patch(j.base, j.chunks); kept > 0 {
		c.Patch = patch
	} else {
		c.Chunks = j.chunks
	}
	return c
}

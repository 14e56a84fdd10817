// Package planner decides what a client has to do so that a local folder and a
// share say the same. It is pure: three trees in, operations out, no input or
// output, no clock.
//
// The trees: remote is the server by what the client knows of it, local is the
// disk, synced is what both last agreed on (the merge base). Each is a set of
// nodes by ID; things that are only on the disk have an ID of the client's own.
//
// What is right when edits meet is decided by the server alone. So whatever
// changed locally is pushed with the base that it was made from, whether or not
// the server has changed as well; the server settles it by the strategy, and its
// answer becomes the remote tree. Only what is unchanged locally is pulled. The
// rule that ties both together: after an acknowledged push, synced holds what was
// pushed, because that content is safe on the server, wherever the server has put
// it; the difference to remote is then an ordinary pull.
//
// Invariants:
//   - nothing local is replaced, moved or removed that differs from synced;
//   - absence is deletion only where the tree says so: remote tells why a node is
//     gone (Gone), local tells what could not be looked at (Local.Closed);
//   - Push and Pull are each valid in their order on the trees they were made from;
//   - a plan on equal trees is empty.
//
// It does not move bytes, and does not know what a conflict is called.
package planner

// An ID names a file or folder: the server's ID, or one that the client gave to
// something which is only on the disk. Root is the synced folder itself.
type ID string

// Root is the ID of the root in all three trees.
const Root ID = ""

// A File is what a file contains, as far as it is kept in step.
type File struct {
	Hash [32]byte // SHA-256 of the content
	Size int64
	Exec bool
}

// A Node is a file or folder in one of the trees.
type Node struct {
	ID     ID
	Parent ID
	Name   string
	Folder bool
	File   File // of a file

	// Version is the server's ID of the version, in remote and synced.
	Version string
	// Bare: a folder of which only the name may be seen (remote).
	Bare bool
	// Held: the local content belongs to an open conflict: it is with the server,
	// and stays on the disk until the conflict is resolved (synced).
	Held bool
}

// Gone says why a node of synced is not in remote.
type Gone uint8

// The reasons. Lost is what is assumed where nothing is known: the server has it
// no more, and does not say that anybody deleted it.
const (
	GoneLost      Gone = iota
	GoneDeleted        // somebody deleted it
	GoneWithdrawn      // the right to see it was taken away
	GoneExcluded       // it is not wanted on this disk
)

// A Tree is a set of nodes. Node gives nil for what is not there. Children are in
// no order; fn returning false ends the walk.
type Tree interface {
	Node(id ID) *Node
	Children(parent ID, fn func(*Node) bool)
}

// Remote is the server's tree.
type Remote struct {
	*Overlay
	// Gone says why nodes are missing; what it does not name is GoneLost.
	Gone map[ID]Gone
	// Partial holds folders below which something is not wanted on this disk. When
	// such a folder goes from the disk, that is not its deletion.
	Partial map[ID]bool
}

// Local is the tree of the disk.
type Local struct {
	*Overlay
	// Closed holds nodes that are there but could not be looked at (a folder that
	// can't be listed, a file that can't be read, a link in a file's place), with
	// the reason. The tree shows them, and what lies below, as synced has them;
	// nothing is done with them in either direction.
	Closed map[ID]string
	// Refused holds nodes whose present local state the server has refused, with
	// what to do about it. The entry goes when the local state changes.
	Refused map[ID]Refusal
}

// A Refusal says what becomes of a local change that the server does not take.
type Refusal uint8

// The refusals.
const (
	RefusedNow  Refusal = 1 + iota // it stays and is tried again later (quota, a name)
	RefusedEver                    // the right is missing: bytes are rescued, the server's state comes back
)

// Mode is the direction of a synced folder.
type Mode uint8

// The modes.
const (
	TwoWay Mode = iota
	SendOnly
	ReceiveOnly
)

// Options of a plan.
type Options struct {
	Mode Mode
	// Key gives names that are equal in the server's name space the same key.
	Key func(name string) string
	// Storable tells why the local file system can't hold a name, "" if it can.
	Storable func(name string) string
	// TempName gives a name for the n-th node that has to make way for a moment.
	TempName func(n int) string
}

// OpKind says what an operation does.
type OpKind uint8

// The operations on the server, and those on the disk.
const (
	PushFolder OpKind = 1 + iota // make a folder: ID is local
	PushFile                     // make a file: ID is local
	PushUpdate                   // new content, with Base
	PushMove                     // Parent and Name; it was at BaseParent and BaseName
	PushDelete                   // to the trash, with all below

	PullFolder // make a folder
	PullFile   // fetch a new file
	PullUpdate // replace a file's content
	PullMove   // move or rename
	PullDelete // remove a file, or a folder that is empty by then
	Rescue     // put local bytes that can't be pushed aside, out of the folder
)

// An Op is one operation. Parent and Name are where the node is to be.
type Op struct {
	Kind       OpKind
	ID         ID
	Parent     ID
	Name       string
	BaseParent ID
	BaseName   string
	Base       string // the version that a push was made from
	Folder     bool
	// Temp marks a move to a name that is only for a moment; another move follows.
	Temp bool
}

// A Waiting node is not in step, and no operation of this plan changes that.
type Waiting struct {
	ID     ID
	Reason string
}

// A Plan is what is to be done. Push comes first; after it, remote is brought up
// to date and a new plan made, whose Pull is then carried out.
type Plan struct {
	Push    []Op
	Pull    []Op
	Waiting []Waiting
	// Aside is what differs because the folder only sends or only receives, and needs
	// nobody's attention. What is only on the server and was never here is not named.
	Aside []Waiting
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool { return len(p.Push) == 0 && len(p.Pull) == 0 }

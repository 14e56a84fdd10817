// Package worker keeps one local folder in step with a share: it looks at both
// sides, lets client/planner decide, and carries out the plan on the server and on
// the disk.
//
// A round: what an earlier one sent without hearing an answer is sent again; the
// disk is scanned, as far as it may have changed; the server's changes are read;
// what both sides say alike is settled; the rest of the local changes is pushed;
// the server's answers and changes are read again; then what is unchanged locally
// is pulled.
//
// Invariants:
//   - the records never say more than the disk holds durably: content is synced
//     before it gets its name, and names before they are recorded. So a crash at
//     any moment leaves things that the next round sees as done already, or as not
//     begun;
//   - what is pushed is the content of one moment: the bytes sent have the hash
//     that a scan found between two equal looks at the file;
//   - nothing on the disk is replaced, moved or removed that does not look as when
//     it was last in step;
//   - what is missing is a deletion only if the folder above it was listed whole and
//     the root has its marker;
//   - a change whose answer was lost is sent again word for word, under the same
//     reference, before anything else.
//
// A Folder is used by one goroutine; Status may be asked from others. It does not
// watch the disk and does not wait: client/watch and the command do.
package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"scaidrive/chunkstore/split"
	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/planner"
	"scaidrive/client/records"
	"scaidrive/client/upload"
	"scaidrive/httpd/wire"
)

// API is what a worker needs of the server; [client.Client] is one.
type API interface {
	TreeAt(ctx context.Context, share, folder string, each func(*wire.Entry) error) (client.Position, error)
	Changes(ctx context.Context, share string, at client.Position, wait int) (*wire.Changes, error)
	upload.API
	ApplyBody(ctx context.Context, body []byte, changes int) (*wire.ApplyResult, error)
	Manifest(ctx context.Context, file string, version uint64) (*wire.Manifest, error)
	ManifestRuns(ctx context.Context, file string, version, since uint64) (*wire.Manifest, error)
	ManifestSince(ctx context.Context, file string, version, since uint64, base []wire.Chunk) (*wire.Manifest, error)
	FetchChunks(ctx context.Context, file string, version uint64, chunks []wire.Hash, each func(i int, b []byte) error) error
	FetchFiles(ctx context.Context, files []wire.FileVersion, each func(f wire.FileFrame, content io.Reader) error) error
	ReadContent(ctx context.Context, file string, version uint64, buf []byte) error
	Conflicts(ctx context.Context, share, device string, resolved bool) ([]wire.Conflict, error)
}

// Options are what a folder is kept in step with, and how.
type Options struct {
	API      API
	Disk     disk.FS
	Records  *records.Store
	Server   string // its address
	Share    string // shr_…
	Device   string // names this client to the server
	Marker   string // what the marker file at the root says
	Chunking string // the server's
	Strategy string // "": the share's own
	Mode     planner.Mode
	Only     []string // paths below the root that are wanted; none: all
	Excluded []string // IDs of folders that are not, wherever they lie
	Ignore   []string // patterns beside the built-in ones
	Ahead    *Ahead   // listings begun just now, for Once; nil: none. Close ends it
	Pending  string   // the file that keeps a batch until it is answered; "": none
	// AllowDeletes lets the next round delete as much as it finds deleted.
	AllowDeletes bool
	Up, Down     *Limit // of bandwidth; nil: none
	// Stable is how long a file must have been left alone to be looked at.
	Stable time.Duration

	Now   func() time.Time
	Sleep func(time.Duration) // for moments only; nil: by the clock
	Token func() string       // another random text each time, safe in a name
	// Room is told how many files and folders are about to be held in memory; nil:
	// nobody asks.
	Room func(entries int)
	// Event is told what is done; nil: nobody listens.
	Event func(Event)

	// Of tests: the bytes from which on a list of chunks goes up by itself.
	listFrom int
	batch    int // changes of one; 0: batchChanges
	stretch  int // operations of one; 0: pullOps
	nodes    int // files and folders that are held at most; 0: maxNodes
}

// ErrRoot says that the folder's root is not the one that was set up: it is
// unplugged, emptied or another one. Nothing is done until it is back.
var ErrRoot = errors.New("the folder is not there or is not the one that was set up")

// A Folder is a synced folder at work.
type Folder struct {
	o     Options
	api   API
	disk  disk.FS
	rec   *records.Store
	trees *planner.Trees
	set   split.Set
	rules rules

	pos     client.Position
	fresh   bool // remote has been brought up to date once
	started bool
	live    bool // the disk has been scanned once: what is found now is new
	again   bool // the share is to be listed anew
	// withdrawn: the server says that the share may not be seen any more.
	withdrawn bool
	listings  int  // of folders, for the rows of this look
	rehash    bool // files without a time of their inode are to be read
	resumed   bool // what an earlier run was pushing has been looked for

	seen    map[planner.ID]*seen     // how the disk looked, where that is not in the records
	names   map[planner.ID]string    // names on the disk that are not in the server's form
	whole   *planner.Nodes           // of a selective folder: all of the share
	sent    map[planner.ID]wire.Hash // contents that the scan has sent
	mtimes  map[planner.ID]int64     // of files of remote that may have to be fetched
	refused map[planner.ID]refusal
	without map[planner.ID]bool // folders that are excluded
	holds   map[planner.ID]bool // files whose content belongs to an open conflict
	cache   map[string]listing  // listings that hold, by path
	touched map[string]bool     // folders that the next scan lists anew
	ahead   *Ahead              // those for the first scan
	locals  int                 // IDs given to what is only on the disk
	token   string              // of this run
	refs    int
	temps   atomic.Int64 // temporary files that had a name
	nooks   nooks
	slots   chan struct{} // one for each that fetches
	space   *space
	pending *batch
	pushing bool   // the disk is only read
	kept    bool   // what the scan has found is durable
	durable uint64 // writes that were durable when the records were opened
	suspect bool
	held    *Held
	writing bool // a file was being written when it was looked at
	tidied  bool // what an earlier run has left has been looked through
	parts   bool // there may be downloads that were broken off

	unrecorded unrecorded

	mu       sync.Mutex
	status   Status
	problems []Item // of this round, on the disk
	troubles []Item // of the last scan: what could not be looked at
}

// seen is what is on the disk.
type seen struct {
	stamp planner.Stamp
	file  planner.File
}

// A refusal is a local change that the server did not take.
type refusal struct {
	why   string
	kind  planner.Refusal
	local *planner.Node // what was refused; nil: its deletion
	at    time.Time
	tries int
	// conflict is the open one that it waits for; "": it is tried again.
	conflict string
}

// Open begins work on a folder. The caller has the records open for itself.
func Open(o Options) (*Folder, error) {
	set := split.Default()
	if o.Chunking != "" {
		var err error
		if set, err = split.ByName(o.Chunking); err != nil {
			return nil, fmt.Errorf("the server cuts contents in a way that this client does not know: %w", err)
		}
	}
	if o.Sleep == nil {
		o.Sleep = time.Sleep
	}
	st := o.Records.State()
	if st.Share != "" && (st.Share != o.Share || st.Server != o.Server) {
		return nil, errors.New("the records are of another share")
	}
	f := &Folder{
		o: o, api: o.API, disk: o.Disk, rec: o.Records, set: set,
		trees: planner.NewTrees(o.Records.Synced()),
		rules: newRules(o.Ignore), ahead: o.Ahead,
		seen: map[planner.ID]*seen{}, names: map[planner.ID]string{}, mtimes: map[planner.ID]int64{}, sent: map[planner.ID]wire.Hash{},
		refused: map[planner.ID]refusal{}, cache: map[string]listing{}, touched: map[string]bool{}, token: o.Token(),
		without: setOf(o.Excluded), space: newSpace(),
		holds: map[planner.ID]bool{}, unrecorded: newUnrecorded(), slots: make(chan struct{}, fetchers),
		durable: st.Durable, suspect: o.Records.Suspect(),
		pos: client.Position{Cursor: st.Cursor, Epoch: st.Epoch},
	}
	o.Records.Synced().All(func(n *planner.Node) {
		if n.Held {
			f.holds[n.ID] = true
		}
	})
	return f, nil
}

// maxRounds bounds a run that should end by itself.
const maxRounds = 100

// Once runs rounds until there is nothing left to do in either direction.
func (f *Folder) Once(ctx context.Context) error {
	if f.ahead == nil {
		f.TouchAll()
	}
	for range maxRounds {
		did, err := f.Round(ctx)
		if err != nil {
			return err
		}
		if !did {
			return nil
		}
	}
	return errors.New("it does not come to rest: things keep changing")
}

// Round is one round. It tells whether anything was done, so that another one may
// find more to do.
func (f *Folder) Round(ctx context.Context) (did bool, err error) {
	defer f.disk.Forget()
	f.setPhase(Looking)
	defer func() { f.endRound(err) }()
	f.space.begin()
	if err := f.start(ctx); err != nil {
		return false, err
	}
	if did, err = f.sendPending(ctx); err != nil {
		return did, err
	}
	if err := f.scan(ctx); err != nil {
		return did, err
	}
	if err := f.readRemote(ctx); err != nil {
		return did, err
	}
	f.tidy()
	if f.withdrawn {
		return did, f.removeWithdrawn(ctx)
	}
	p, err := f.plan()
	if err != nil {
		return did, err
	}
	f.held = f.brake(p)
	if f.held != nil {
		p.Push = nil
		p.Pull = nil
	}
	if len(p.Push) > 0 {
		f.setPhase(Sending)
		n, err := f.push(ctx, p.Push)
		did = did || n > 0
		if err != nil {
			return did, errors.Join(err, f.flush())
		}
		if err := f.readRemote(ctx); err != nil {
			return did, errors.Join(err, f.flush())
		}
		if f.withdrawn {
			return did, f.removeWithdrawn(ctx)
		}
		if p, err = f.plan(); err != nil {
			return did, err
		}
	}
	if len(p.Pull) > 0 {
		f.setPhase(Receiving)
		n, err := f.pull(ctx, p.Pull)
		did = did || n > 0
		if err != nil {
			return did, errors.Join(err, f.flush())
		}
	}
	f.waiting(p)
	f.o.AllowDeletes = f.o.AllowDeletes && f.held != nil
	f.live = true
	if !did && len(p.Push) == 0 && len(p.Pull) == 0 {
		f.tidyParts()
	}
	return did, f.flush()
}

// options of the planner.
func (f *Folder) options() planner.Options {
	return planner.Options{
		Mode: f.o.Mode,
		Key:  client.NameKey,
		Storable: func(name string) string {
			if !client.SafeName(name) {
				return "its name can't be the name of a file"
			}
			if f.rules.ignored(name) {
				return whyIgnored
			}
			if f.disk.Traits().Refuses != nil {
				return f.disk.Traits().Refuses(name)
			}
			return ""
		},
		TempName: func(n int) string { return fmt.Sprintf("%s%s-%d-%d", tempPrefix, f.token, f.refs, n) },
	}
}

// tempPrefix begins names that something has for a moment.
const tempPrefix = ".scaidrive-temp-"

// plan settles the trees and makes a plan.
func (f *Folder) plan() (*planner.Plan, error) {
	f.forgetRefusals()
	for _, r := range planner.Settle(f.trees, f.options()) {
		if r.Adopted && r.Local != r.ID {
			f.renamed(r.Local, r.ID)
		}
		f.note(r.ID)
	}
	if err := f.flush(); err != nil {
		return nil, err
	}
	f.refs++
	return planner.Make(f.trees, f.options()), nil
}

// note has a node of synced recorded with the next flush.
func (f *Folder) note(id planner.ID) { f.unrecorded.note(id, f.trees.Synced.Node(id) != nil) }

// setSynced changes synced and has it recorded.
func (f *Folder) setSynced(id planner.ID, n *planner.Node) {
	f.trees.SetSynced(id, n)
	f.note(id)
}

func (f *Folder) room(entries int) {
	if f.o.Room != nil {
		f.o.Room(entries)
	}
}

// renamed moves what is known of a local ID to the server's.
func (f *Folder) renamed(from, to planner.ID) {
	if from == to {
		return
	}
	if s, ok := f.seen[from]; ok {
		f.seen[to] = s
		delete(f.seen, from)
	}
	if n, ok := f.names[from]; ok {
		f.names[to] = n
		delete(f.names, from)
	}
	delete(f.refused, from)
	delete(f.trees.Local.Refused, from)
}

// stampOf is how the disk looked when a node was last seen.
func (f *Folder) stampOf(id planner.ID) *planner.Stamp {
	if s, ok := f.seen[id]; ok {
		return &s.stamp
	}
	return f.rec.Stamp(id)
}

// forgetRefusals lets what has changed since it was refused be tried again, and
// what may be taken by now.
func (f *Folder) forgetRefusals() {
	now := f.o.Now()
	for id, r := range maps.Clone(f.refused) {
		l := f.trees.Local.Node(id)
		same := (l == nil) == (r.local == nil) && (l == nil || l.File == r.local.File && l.Parent == r.local.Parent && l.Name == r.local.Name)
		s := f.trees.Synced.Node(id)
		settled := l != nil && s != nil && l.File == s.File && l.Parent == s.Parent && l.Name == s.Name || l == nil && s == nil
		retry := r.kind == planner.RefusedNow && r.conflict == "" && now.Sub(r.at) >= retryAfter<<min(r.tries, 6)
		switch {
		case !same || settled:
			delete(f.refused, id)
			delete(f.trees.Local.Refused, id)
		case retry:
			delete(f.trees.Local.Refused, id)
		}
	}
}

// retryAfter is when a refused change is tried again; it doubles six times.
const retryAfter = time.Minute

func (f *Folder) refuse(id planner.ID, kind planner.Refusal, why string) {
	r := refusal{why: why, kind: kind, at: f.o.Now(), tries: f.refused[id].tries + 1}
	if l := f.trees.Local.Node(id); l != nil {
		c := *l
		r.local = &c
	}
	f.refused[id] = r
	f.trees.Local.Refused[id] = kind
}

// Close ends the work on a folder.
func (f *Folder) Close() error {
	f.dropAhead()
	return errors.Join(f.rec.Close(true), f.disk.Close())
}

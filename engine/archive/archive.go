// Package archive gives files and folders out as one ZIP archive, made while it
// flows: nothing is stored, and memory does not grow with what is in it but for
// the directory at the end of the format (some 30 bytes an entry).
//
// Invariants:
//   - what the caller may not read is absent, and every file is asked for again
//     when its turn comes;
//   - the sizes told before an entry's bytes, and the archive's where it is told,
//     are right: a file's version is fixed when it is opened, or, where the length
//     of the whole was told, when that was counted;
//   - an archive that met damage, or cannot keep what it told, never ends as if it
//     were whole: WriteTo gives an error before the directory;
//   - every name in it stays below the folder it is extracted to.
//
// Entries are stored uncompressed, in UTF-8, with ZIP64 where a size, a place or
// the count needs it, the time as DOS fields and extended timestamp, and a Unix
// mode. A file of up to [smallFile] bytes has a complete header; a longer one has
// its sizes in the header and its sum behind its bytes.
//
// It decides no rights (access, through tree and transfer).
package archive

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/share"
	"scaidrive/engine/transfer"
	"scaidrive/engine/tree"
)

const (
	// MaxItems is the longest list of things to put into one archive.
	MaxItems = 10_000

	// planEntries and planTime bound what is listed before the first byte, to tell
	// the length of the whole.
	planEntries = 10_000
	planTime    = 200 * time.Millisecond

	// smallFile is up to which length, in bytes, a file is read before its header
	// is written, which then holds its sum.
	smallFile = 1 << 20
)

// Service makes archives.
type Service struct {
	tree     *tree.Service
	transfer *transfer.Service
	shares   *share.Service
	env      engine.Env

	tickets tickets
	flows   flows
}

// New makes the service. Its tickets are valid for this service only. recheck
// recognises the user of a ticket again.
func New(tr *tree.Service, tf *transfer.Service, sh *share.Service, recheck Rechecker, env engine.Env) *Service {
	return &Service{tree: tr, transfer: tf, shares: sh, env: env, tickets: newTickets(recheck, env)}
}

// An Item names a file, a folder or a share (its root folder) to put into an
// archive. Kind 0 is a file or folder.
type Item struct {
	ID   engine.ID
	Kind engine.NodeKind
}

// An Archive is ready to be written, once.
type Archive struct {
	// Name is what the archive may be called: "folder.zip".
	Name string
	// Length is the exact length in bytes, -1 if it is not known before the end.
	Length int64

	s    *Service
	p    *engine.Principal
	src  *source
	plan []entry // the first entries; all of them when pinned
	// pinned: the versions in plan are those that go out.
	pinned bool
}

// Open looks up what an archive will hold, and all of it if that is quick, so
// that its length is known. A single item that is not there is an error
// (KindNotFound, or KindGone in the trash). Of several, those that are not there
// are left out, unless that is all of them.
func (s *Service) Open(ctx context.Context, p *engine.Principal, items []Item) (*Archive, error) {
	if len(items) == 0 || len(items) > MaxItems {
		return nil, engine.Invalid("items", "items has 1 to %d elements", MaxItems)
	}
	a := &Archive{s: s, p: p, Length: -1, src: newSource(s, p, items)}
	var lengths directory
	until := s.env.Now().Add(planTime)
	for n := 0; n < planEntries && (n == 0 || n%64 != 0 || !s.env.Now().After(until)); n = len(a.plan) {
		e, err := a.src.next(ctx)
		if errors.Is(err, io.EOF) {
			a.pinned, a.Length = true, lengths.total()
			break
		}
		if err != nil {
			return nil, err
		}
		r := e.record()
		lengths.pass(&r)
		a.plan = append(a.plan, e)
	}
	if !a.src.found {
		return nil, a.src.missing
	}
	a.Name = "archive.zip"
	if len(items) == 1 {
		a.Name = a.src.first + ".zip"
	}
	return a, nil
}

// An entry is what goes into an archive, by the listing.
type entry struct {
	name       string
	node       engine.ID
	version    uint64
	size       int64
	modified   time.Time
	dir        bool
	executable bool
}

func (e *entry) record() record {
	return record{
		name: e.name, size: e.size, seconds: e.modified.Unix(), dir: e.dir, executable: e.executable,
		told: e.dir || e.size <= smallFile,
	}
}

func entryOf(n *engine.Node, name string) entry {
	if n.Kind == engine.KindFolder {
		return entry{name: name + "/", node: n.ID, modified: n.ModifiedAt, dir: true}
	}
	return entry{
		name: name, node: n.ID, version: n.Version, size: n.Size, modified: n.ModifiedAt, executable: n.Executable,
	}
}

// safeName keeps a name from leading anywhere else when it is extracted. Stored
// names hold none of what it replaces but a colon, which a tenant may allow:
// Windows would take the first part "c:x" of a path for a drive.
func safeName(name string, first bool) string {
	name = strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r < 0x20 || r == 0x7f {
			return '_'
		}
		return r
	}, name)
	switch {
	case name == "", name == ".", name == "..":
		return "_" + strings.ReplaceAll(name, ".", "_")
	case first && len(name) > 1 && name[1] == ':' && (name[0]|0x20) >= 'a' && (name[0]|0x20) <= 'z':
		return name[:1] + "_" + name[2:]
	}
	return name
}

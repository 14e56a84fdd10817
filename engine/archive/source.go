package archive

import (
	"context"
	"fmt"
	"io"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/names"
	"scaidrive/engine/tree"
)

// page is how many nodes are listed at once.
const page = 1000

// A source gives the entries of an archive in order: each item, a folder with
// all that the caller may read below it, folders before what is in them.
type source struct {
	s     *Service
	p     *engine.Principal
	items []Item // not begun yet
	many  bool
	seen  map[engine.ID]bool // items that were begun; of several
	tops  map[string]bool    // keys of the names at the top; of several

	found   bool   // there is something
	first   string // the name of the first item that is there
	missing error  // why the last item that is not there is not

	// The folder that is listed.
	root   *tree.Located
	token  string
	rows   []*engine.Node
	open   []level // the folders on the way to the next row
	listed bool
}

type level struct {
	id   engine.ID
	path string // in the archive, ending in a slash unless it is empty
}

func newSource(s *Service, p *engine.Principal, items []Item) *source {
	src := &source{s: s, p: p, items: items, many: len(items) > 1}
	if src.many {
		src.seen, src.tops = map[engine.ID]bool{}, map[string]bool{}
	}
	return src
}

// next gives the next entry; io.EOF: there are no more.
func (s *source) next(ctx context.Context) (entry, error) {
	for {
		for len(s.rows) > 0 {
			n := s.rows[0]
			s.rows = s.rows[1:]
			return s.below(n)
		}
		switch {
		case s.root != nil && !s.listed:
			if err := s.list(ctx); err != nil {
				return entry{}, err
			}
		case len(s.items) == 0:
			return entry{}, io.EOF
		default:
			e, ok, err := s.begin(ctx)
			if ok || err != nil {
				return e, err
			}
		}
	}
}

// begin looks the next item up. ok: it is an entry itself.
func (s *source) begin(ctx context.Context) (e entry, ok bool, err error) {
	it := s.items[0]
	s.items, s.root = s.items[1:], nil
	if s.seen[it.ID] {
		return e, false, nil
	}
	l, err := s.s.tree.Get(ctx, s.p, it.ID, it.Kind)
	if k := engine.KindOf(err); err != nil && (k == engine.KindNotFound || k == engine.KindGone) {
		s.missing = err
		return e, false, nil
	}
	if err != nil {
		return e, false, err
	}
	if s.many {
		s.seen[it.ID] = true
	}
	name, err := s.nameOf(ctx, l)
	if err != nil {
		return e, false, err
	}
	if !s.found {
		s.found, s.first = true, name
	}
	top := s.unique(safeName(name, true))
	if l.Node.Kind == engine.KindFile {
		return entryOf(l.Node, top), true, nil
	}
	s.root, s.token, s.listed = l, "", false
	if l.Node.ID == l.Share && !s.many {
		// A share by itself is its contents.
		s.open = append(s.open[:0], level{id: l.Node.ID})
		return e, false, nil
	}
	s.open = append(s.open[:0], level{id: l.Node.ID, path: top + "/"})
	return entryOf(l.Node, top), true, nil
}

// nameOf is a node's name, or its share's for a root folder.
func (s *source) nameOf(ctx context.Context, l *tree.Located) (string, error) {
	if l.Node.ID != l.Share {
		return l.Node.Name, nil
	}
	sh, err := s.s.shares.Get(ctx, s.p, l.Share)
	if err != nil {
		return "", err
	}
	return sh.Name, nil
}

// unique makes a name at the top differ from those before it: "a (2).txt".
func (s *source) unique(name string) string {
	if !s.many {
		return name
	}
	try := name
	for i := 2; s.tops[names.Key(try)]; i++ {
		stem, ext := name, ""
		if dot := strings.LastIndexByte(name, '.'); dot > 0 {
			stem, ext = name[:dot], name[dot:]
		}
		try = fmt.Sprintf("%s (%d)%s", stem, i, ext)
	}
	s.tops[names.Key(try)] = true
	return try
}

// list reads the next page of the folder. One that has gone meanwhile ends.
func (s *source) list(ctx context.Context) error {
	l, err := s.s.tree.Walk(ctx, s.p, s.root.Share, s.root.Node.ID, page, s.token)
	if err != nil {
		return err
	}
	s.rows, s.token = l.Entries, l.NextToken
	s.listed = l.NextToken == ""
	return nil
}

// below makes an entry of a row: the folder it is in stands on the way to it.
func (s *source) below(n *engine.Node) (entry, error) {
	for len(s.open) > 0 && s.open[len(s.open)-1].id != n.Parent {
		s.open = s.open[:len(s.open)-1]
	}
	if len(s.open) == 0 {
		return entry{}, engine.E(engine.KindConflict, "The folder changed under this archive; try again")
	}
	at := s.open[len(s.open)-1].path
	e := entryOf(n, at+safeName(n.Name, at == ""))
	if e.dir {
		s.open = append(s.open, level{id: n.ID, path: e.name})
	}
	return e, nil
}

package access

import (
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// A Sight is what somebody sees of a node.
type Sight uint8

// What is seen.
const (
	Hidden Sight = iota // nothing, as if it were not there
	Bare                // its name, as the way to something below it: see Name
	Whole               // what may be read
)

// See tells what a principal sees of a subject, and their rights if that is the whole
// of it. What is in the trash is whole or hidden.
func See(r schema.Reader, p *engine.Principal, s *Subject) (Sight, engine.Right, error) {
	have, err := Rights(r, p, s)
	switch {
	case err != nil:
		return Hidden, 0, err
	case have&engine.RightRead != 0:
		return Whole, have, nil
	case s.Node.Kind != engine.KindFolder || s.Trashed != nil || s.Share.Exceptions.Count == 0:
		return Hidden, 0, nil
	}
	ways, err := WaysIn(r, p, s.Share)
	if err != nil {
		return Hidden, 0, err
	}
	way, err := ways.Has(r, s.Node, s.Path)
	if !way || err != nil {
		return Hidden, 0, err
	}
	return Bare, 0, nil
}

// Look is Check of READ for who walks a tree: a live folder that is only a way is
// found, too.
func Look(r schema.Reader, p *engine.Principal, id engine.ID) (*Subject, Sight, error) {
	s, err := Resolve(r, p.Tenant, id)
	if err != nil {
		return nil, Hidden, err
	}
	sight, have, err := See(r, p, s)
	if err != nil {
		return nil, Hidden, err
	}
	if sight == Bare {
		return s, sight, nil
	}
	s, err = Decide(s, have, engine.RightRead)
	return s, sight, err
}

// LookShare is Look for a share's root, by the share's ID: whoever sees anything in a
// share sees its root.
func LookShare(r schema.Reader, p *engine.Principal, share engine.ID) (*Subject, Sight, error) {
	s, sight, err := Look(r, p, share)
	if err == nil && s.Share.ID != s.Node.ID {
		return nil, Hidden, NotFound()
	}
	return s, sight, err
}

// Name is what is seen of a bare folder.
func Name(n *engine.Node) *engine.Node {
	return &engine.Node{ID: n.ID, Kind: n.Kind, Parent: n.Parent, Name: n.Name}
}

// PathOf is where a subject lies or lay, with a name for each folder above it that
// the principal sees; what they don't see stands as "…". Of what lives and may be
// read every folder above is seen, as the way to it.
func PathOf(r schema.Reader, p *engine.Principal, s *Subject) (string, error) {
	var b strings.Builder
	for i, n := range s.Path {
		if n.Parent.IsZero() {
			continue
		}
		b.WriteByte('/')
		seen := s.Trashed == nil
		if !seen {
			up := &Subject{Node: n, Share: s.Share, Path: s.Path[:i]}
			for j := 0; j <= i && up.Trashed == nil; j++ {
				if !s.Path[j].DeletedAt.IsZero() {
					up.Trashed = s.Path[j]
				}
			}
			sight, _, err := See(r, p, up)
			if err != nil {
				return "", err
			}
			seen = sight != Hidden
		}
		if seen {
			b.WriteString(n.Name)
		} else {
			b.WriteString("…")
		}
	}
	b.WriteByte('/')
	if !s.Node.Parent.IsZero() {
		b.WriteString(s.Node.Name)
	}
	return b.String(), nil
}

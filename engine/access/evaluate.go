package access

import (
	"bytes"
	"slices"

	"scaidrive/engine"
)

// A Circle is whom entries can speak of when they speak of a user: the user, and
// every group that they are in, directly or through other groups.
type Circle struct {
	User   engine.ID
	Groups []engine.ID // in order
}

// holds reports whether an entry speaks of somebody in the circle. Everybody in
// a circle is an active user of the tenant, and so one of everyone.
func (c *Circle) holds(e *engine.Entry) bool {
	switch e.Kind {
	case engine.PrincipalUser:
		return e.Principal == c.User
	case engine.PrincipalGroup:
		return c.In(e.Principal)
	case engine.PrincipalEveryone:
		return true
	}
	return false
}

// In reports whether the user is in a group.
func (c *Circle) In(group engine.ID) bool {
	_, in := slices.BinarySearchFunc(c.Groups, group, func(a, b engine.ID) int { return bytes.Compare(a[:], b[:]) })
	return in
}

// Applies reports whether an entry counts for an object of a kind that lies so many
// levels below the one it stands on, whomever it speaks of.
func Applies(e *engine.Entry, below int, kind engine.NodeKind) bool { return applies(e, below, kind) }

// applies reports whether an entry counts for an object of a kind that lies so
// many levels below the one it stands on.
func applies(e *engine.Entry, below int, kind engine.NodeKind) bool {
	if e.OneLevel && below > 1 {
		return false
	}
	folder := kind == engine.KindFolder
	switch e.AppliesTo {
	case engine.AppliesToThisAndDescendants:
		return true
	case engine.AppliesToThisOnly:
		return below == 0
	case engine.AppliesToThisAndFolders:
		return below == 0 || folder
	case engine.AppliesToThisAndFiles:
		return below == 0 || !folder
	case engine.AppliesToDescendantsOnly:
		return below > 0
	case engine.AppliesToFoldersOnly:
		return below > 0 && folder
	case engine.AppliesToFilesOnly:
		return below > 0 && !folder
	}
	return false
}

// A Reason says what decided about one right.
type Reason struct {
	Right   engine.Right
	Allowed bool
	// Entry and On are the deciding entry and the object that it stands on.
	Entry *engine.Entry
	On    engine.ID
	// Otherwise By says it in a word: what the caller is, or that nothing spoke.
	By Ground
}

// A Ground decides a right where no entry does.
type Ground uint8

// The grounds.
const (
	ByNothing   Ground = iota // nothing speaks of the right: denied
	ByEntry                   // an entry: see Reason.Entry
	ByRole                    // the role on the share, or owning it
	ByAdmin                   // an administration role stored in our database
	ByOwnership               // whoever owns an object may change who may do what with it
	ByState                   // who is suspended, or has not signed in yet, may do nothing
	ByArchive                 // the share is read-only
)

// A verdict collects what is decided, right by right. The first word counts.
type verdict struct {
	decided, allowed engine.Right
	reasons          []Reason // only if explain
	explain          bool
}

// say decides those of some rights that are not decided yet.
func (v *verdict) say(rights engine.Right, allow bool, why Reason) {
	open := rights &^ v.decided
	if open == 0 {
		return
	}
	v.decided |= open
	if allow {
		v.allowed |= open
	}
	if !v.explain {
		return
	}
	for bit := engine.RightRead; bit <= engine.RightManage; bit <<= 1 {
		if open&bit != 0 {
			r := why
			r.Right, r.Allowed = bit, allow
			v.reasons = append(v.reasons, r)
		}
	}
}

// sayEntries takes the entries of one object into account, for an object of a
// kind so many levels below it: what denies comes before what allows.
func (v *verdict) sayEntries(c *Circle, entries []engine.Entry, on engine.ID, below int, kind engine.NodeKind) {
	for _, want := range [2]engine.EntryType{engine.EntryDeny, engine.EntryAllow} {
		for i := range entries {
			e := &entries[i]
			if e.Type == want && e.Rights&^v.decided != 0 && applies(e, below, kind) && c.holds(e) {
				v.say(e.Rights, want == engine.EntryAllow, Reason{By: ByEntry, Entry: e, On: on})
			}
		}
	}
}

// standing is what a user is for a share, whatever its entries say.
type standing struct {
	admin  bool         // passes every check
	owner  bool         // of the share, by themself or by a group
	rights engine.Right // of the role, the share's owner's included

	archived bool // the share is read-only, for everybody
}

// archiveRights are what an archived share leaves.
const archiveRights = engine.RightRead | engine.RightManage

// sayArchived denies the rest where a share is archived: before anything else.
func (v *verdict) sayArchived(st standing) {
	if st.archived {
		v.say(engine.RightsAll&^archiveRights, false, Reason{By: ByArchive})
	}
}

// ownsNode reports whether a user owns an object. The root folder of a share is the
// share's owner's, whoever made it.
func ownsNode(c *Circle, s *Subject) bool {
	return s.Node.Owner == c.User && !c.User.IsZero() && s.Node.ID != s.Share.ID
}

// judge decides all rights on a subject: that the share is archived first; then administration; the owner's right
// to manage; then, from the object up to the nearest cut, the entries of each
// object, denials before grants; the role on the share last.
//
// entriesOf reads the entries of a node; it is asked only for nodes that have
// some, and only as long as something is undecided.
func judge(c *Circle, st standing, s *Subject, v *verdict, entriesOf func(*engine.Node) ([]engine.Entry, error)) error {
	v.sayArchived(st)
	if st.admin {
		v.say(engine.RightsAll, true, Reason{By: ByAdmin})
		return nil
	}
	if st.owner || st.rights != 0 && ownsNode(c, s) {
		v.say(engine.RightManage, true, Reason{By: ByOwnership})
	}
	for below := 0; below <= len(s.Path) && v.decided != engine.RightsAll; below++ {
		n := s.Node
		if below > 0 {
			n = s.Path[len(s.Path)-below]
		}
		if n.Entries != (engine.Seal{}) {
			entries, err := entriesOf(n)
			if err != nil {
				return err
			}
			v.sayEntries(c, entries, n.ID, below, s.Node.Kind)
		}
		if n.CutOff {
			break
		}
	}
	v.say(st.rights, true, Reason{By: ByRole})
	v.say(engine.RightsAll, false, Reason{By: ByNothing})
	return nil
}

package access

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
)

const (
	read, write, remove, create = engine.RightRead, engine.RightWrite, engine.RightDelete, engine.RightCreate
	reader                      = read
	contributor                 = read | write | remove | create
)

func testID(b byte) (i engine.ID) {
	i[15] = b
	return i
}

var (
	me, other       = testID(1), testID(2)
	myGroup, theirs = testID(11), testID(12)
)

// allow and deny make entries for me; with says for whom else and where.
func allow(r engine.Right) engine.Entry {
	return engine.Entry{Type: engine.EntryAllow, Kind: engine.PrincipalUser, Principal: me, Rights: r, AppliesTo: engine.AppliesToThisAndDescendants}
}

func deny(r engine.Right) engine.Entry {
	e := allow(r)
	e.Type = engine.EntryDeny
	return e
}

func on(e engine.Entry, to engine.AppliesTo) engine.Entry {
	e.AppliesTo = to
	return e
}

func once(e engine.Entry) engine.Entry {
	e.OneLevel = true
	return e
}

func of(e engine.Entry, kind engine.PrincipalKind, id engine.ID) engine.Entry {
	e.Kind, e.Principal = kind, id
	return e
}

// at is an object on the way from the share's root to the subject.
type at struct {
	entries []engine.Entry
	cut     bool
	owner   engine.ID
}

func entries(e ...engine.Entry) at { return at{entries: e} }

// subject makes a subject of a way; the last one is the object itself.
func subject(kind engine.NodeKind, way []at) (*Subject, func(*engine.Node) ([]engine.Entry, error)) {
	s := &Subject{Share: &engine.Share{}}
	of := map[*engine.Node][]engine.Entry{}
	for i, a := range way {
		n := &engine.Node{ID: testID(byte(100 + i)), Kind: engine.KindFolder, CutOff: a.cut, Owner: a.owner}
		if len(a.entries) > 0 {
			n.Entries.Count = uint32(len(a.entries))
		}
		of[n] = a.entries
		if i == len(way)-1 {
			n.Kind = kind
			s.Node = n
		} else {
			s.Path = append(s.Path, n)
		}
	}
	return s, func(n *engine.Node) ([]engine.Entry, error) { return of[n], nil }
}

func rightsOf(t *testing.T, st standing, kind engine.NodeKind, way []at) engine.Right {
	t.Helper()
	s, entriesOf := subject(kind, way)
	var v verdict
	if err := judge(&Circle{User: me, Groups: []engine.ID{myGroup}}, st, s, &v, entriesOf); err != nil {
		t.Fatal(err)
	}
	return v.allowed
}

func TestOrderOfEvaluation(t *testing.T) {
	file, folder := engine.KindFile, engine.KindFolder
	for _, c := range []struct {
		name string
		role engine.Right
		kind engine.NodeKind
		way  []at
		want engine.Right
	}{
		{"nothing speaks", 0, file, []at{entries(), entries()}, 0},
		{"the role", reader, file, []at{entries(), entries()}, read},
		{"an entry alone", 0, file, []at{entries(), entries(allow(read))}, read},
		{"an entry adds to the role", reader, file, []at{entries(), entries(allow(write))}, read | write},
		{"a denial beats the role", contributor, file, []at{entries(), entries(deny(write))}, contributor &^ write},
		{"a denial at the root beats the role", contributor, file, []at{entries(deny(write)), entries(), entries()}, contributor &^ write},
		{"at one place a denial comes first", 0, file, []at{entries(), entries(allow(read|write), deny(write))}, read},
		{"an explicit grant beats an inherited denial", 0, file, []at{entries(deny(read)), entries(allow(read))}, read},
		{"a nearer inherited grant beats a farther denial", 0, file, []at{entries(deny(read)), entries(allow(read)), entries()}, read},
		{"a nearer inherited denial beats a farther grant", 0, file, []at{entries(allow(read)), entries(deny(read)), entries()}, 0},
		{"each right by itself", reader, file, []at{entries(allow(write)), entries(deny(read)), entries(allow(create))}, write | create},

		{"a group of mine", 0, file, []at{entries(of(allow(read), engine.PrincipalGroup, myGroup))}, read},
		{"a group of others", 0, file, []at{entries(of(allow(read), engine.PrincipalGroup, theirs))}, 0},
		{"another user", 0, file, []at{entries(of(allow(read), engine.PrincipalUser, other))}, 0},
		{"a user with my group's ID", 0, file, []at{entries(of(allow(read), engine.PrincipalUser, myGroup))}, 0},
		{"a group with my ID", 0, file, []at{entries(of(allow(read), engine.PrincipalGroup, me))}, 0},
		{"everyone", 0, file, []at{entries(of(allow(read), engine.PrincipalEveryone, engine.ID{}))}, read},
		{"a group's denial beats my grant beside it", 0, file, []at{entries(allow(read), of(deny(read), engine.PrincipalGroup, myGroup))}, 0},
		{"an unknown kind of principal", 0, file, []at{entries(of(allow(read), 9, me))}, 0},
		{"an unknown type of entry", reader, file, []at{entries(engine.Entry{Type: 9, Kind: engine.PrincipalUser, Principal: me, Rights: read, AppliesTo: 1})}, read},

		{"cut off from a grant", 0, file, []at{entries(allow(read)), {cut: true}}, 0},
		{"cut off from a denial", reader, file, []at{entries(deny(read)), {cut: true}}, read},
		{"a cut does not cut off the role", contributor, file, []at{{cut: true}, {cut: true}}, contributor},
		{"a cut above: what is between counts", 0, file, []at{entries(allow(write)), {cut: true, entries: []engine.Entry{allow(read)}}, entries()}, read},
		{"what stands on the cut object counts", reader, file, []at{entries(), {cut: true, entries: []engine.Entry{of(deny(read), engine.PrincipalEveryone, engine.ID{})}}}, 0},

		{"this only: here", 0, folder, []at{entries(on(allow(read), engine.AppliesToThisOnly))}, read},
		{"this only: below", 0, file, []at{entries(on(allow(read), engine.AppliesToThisOnly)), entries()}, 0},
		{"this and folders: a folder below", 0, folder, []at{entries(on(allow(read), engine.AppliesToThisAndFolders)), entries()}, read},
		{"this and folders: a file below", 0, file, []at{entries(on(allow(read), engine.AppliesToThisAndFolders)), entries()}, 0},
		{"this and folders: here", 0, folder, []at{entries(on(allow(read), engine.AppliesToThisAndFolders))}, read},
		{"this and files: a file below", 0, file, []at{entries(on(allow(read), engine.AppliesToThisAndFiles)), entries()}, read},
		{"this and files: a folder below", 0, folder, []at{entries(on(allow(read), engine.AppliesToThisAndFiles)), entries()}, 0},
		{"this and files: here", 0, folder, []at{entries(on(allow(read), engine.AppliesToThisAndFiles))}, read},
		{"descendants only: here", 0, folder, []at{entries(on(allow(read), engine.AppliesToDescendantsOnly))}, 0},
		{"descendants only: below", 0, file, []at{entries(on(allow(read), engine.AppliesToDescendantsOnly)), entries(), entries()}, read},
		{"folders only: here", 0, folder, []at{entries(on(allow(read), engine.AppliesToFoldersOnly))}, 0},
		{"folders only: a folder below", 0, folder, []at{entries(on(allow(read), engine.AppliesToFoldersOnly)), entries(), entries()}, read},
		{"files only: a file below", 0, file, []at{entries(on(allow(read), engine.AppliesToFilesOnly)), entries(), entries()}, read},
		{"files only: a folder below", 0, folder, []at{entries(on(allow(read), engine.AppliesToFilesOnly)), entries()}, 0},
		{"one level: the next", 0, file, []at{entries(once(allow(read))), entries()}, read},
		{"one level: the one after", 0, file, []at{entries(once(allow(read))), entries(), entries()}, 0},
		{"one level of descendants only", 0, file, []at{entries(once(on(allow(read), engine.AppliesToDescendantsOnly))), entries()}, read},
		{"an unknown choice applies nowhere", 0, file, []at{entries(on(allow(read), 99))}, 0},

		{"who owns an object manages it, with any role", reader, file, []at{entries(), {owner: me}}, read | engine.RightManage},
		{"who owns an object and has no role, does not", 0, file, []at{entries(), {owner: me}}, 0},
		{"owning the folder above is not owning", reader, file, []at{{owner: me}, entries()}, read},
		{"a denial does not take it from the owner", reader, file, []at{{owner: me, entries: []engine.Entry{deny(engine.RightsAll)}}}, engine.RightManage},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rightsOf(t, standing{rights: c.role}, c.kind, c.way); got != c.want {
				t.Errorf("%06b, want %06b", got, c.want)
			}
		})
	}
}

func TestStandings(t *testing.T) {
	shut := []at{entries(deny(engine.RightsAll)), {cut: true, entries: []engine.Entry{deny(engine.RightsAll)}}}
	if got := rightsOf(t, standing{admin: true}, engine.KindFile, shut); got != engine.RightsAll {
		t.Errorf("administrator: %06b", got)
	}
	if got := rightsOf(t, standing{owner: true, rights: engine.RightsAll}, engine.KindFile, shut); got != engine.RightManage {
		t.Errorf("the share's owner shut out: %06b", got)
	}
}

// statement is an entry as the reference sees it.
type statement struct {
	distance, order int // order: 0 deny, 1 allow
	allow           bool
}

// reference decides one right by sorting all that speaks of it, as the rules are
// written: nearest first, denials before grants, the role last.
func reference(right engine.Right, c *Circle, st standing, kind engine.NodeKind, way []at) bool {
	if st.admin {
		return true
	}
	object := way[len(way)-1]
	if right == engine.RightManage && (st.owner || st.rights != 0 && object.owner == c.User) {
		return true
	}
	var all []statement
	for i := len(way) - 1; i >= 0; i-- {
		distance := len(way) - 1 - i
		for _, e := range way[i].entries {
			mine := e.Kind == engine.PrincipalEveryone || e.Kind == engine.PrincipalUser && e.Principal == c.User ||
				e.Kind == engine.PrincipalGroup && slices.Contains(c.Groups, e.Principal)
			here, below, folders, files := true, true, true, true
			switch e.AppliesTo {
			case engine.AppliesToThisOnly:
				below = false
			case engine.AppliesToThisAndFolders:
				files = false
			case engine.AppliesToThisAndFiles:
				folders = false
			case engine.AppliesToDescendantsOnly:
				here = false
			case engine.AppliesToFoldersOnly:
				here, files = false, false
			case engine.AppliesToFilesOnly:
				here, folders = false, false
			}
			counts := here
			if distance > 0 {
				counts = below && (kind == engine.KindFolder && folders || kind == engine.KindFile && files)
				if e.OneLevel && distance != 1 {
					counts = false
				}
			}
			if !mine || !counts || e.Rights&right == 0 {
				continue
			}
			s := statement{distance: distance, allow: e.Type == engine.EntryAllow}
			if s.allow {
				s.order = 1
			}
			all = append(all, s)
		}
		if way[i].cut {
			break
		}
	}
	slices.SortFunc(all, func(a, b statement) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return a.order - b.order
	})
	if len(all) > 0 {
		return all[0].allow
	}
	return st.rights&right != 0
}

// randomWay draws objects with entries of every sort.
func randomWay(rng *rand.Rand, users, groups []engine.ID) []at {
	way := make([]at, 1+rng.IntN(8))
	for i := range way {
		way[i].cut = rng.IntN(8) == 0
		if rng.IntN(4) == 0 {
			way[i].owner = users[rng.IntN(len(users))]
		}
		for range rng.IntN(4) {
			e := engine.Entry{
				Type: engine.EntryType(1 + rng.IntN(2)), Rights: engine.Right(1 + rng.IntN(63)),
				AppliesTo: engine.AppliesTo(1 + rng.IntN(7)), OneLevel: rng.IntN(4) == 0,
			}
			switch rng.IntN(3) {
			case 0:
				e.Kind, e.Principal = engine.PrincipalUser, users[rng.IntN(len(users))]
			case 1:
				e.Kind, e.Principal = engine.PrincipalGroup, groups[rng.IntN(len(groups))]
			case 2:
				e.Kind = engine.PrincipalEveryone
			}
			way[i].entries = append(way[i].entries, e)
		}
	}
	return way
}

func TestAgainstTheReference(t *testing.T) {
	const seed = 5
	rng := rand.New(rand.NewPCG(seed, seed))
	users := []engine.ID{testID(1), testID(2)}
	groups := []engine.ID{testID(11), testID(12), testID(13)}
	for n := range 100_000 {
		way := randomWay(rng, users, groups)
		c := &Circle{User: users[rng.IntN(2)]}
		for _, g := range groups {
			if rng.IntN(2) == 0 {
				c.Groups = append(c.Groups, g)
			}
		}
		st := standing{rights: []engine.Right{0, reader, contributor, engine.RightsAll}[rng.IntN(4)], admin: rng.IntN(20) == 0}
		st.owner = st.rights == engine.RightsAll && rng.IntN(2) == 0
		kind := []engine.NodeKind{engine.KindFile, engine.KindFolder}[rng.IntN(2)]
		s, entriesOf := subject(kind, way)
		v := verdict{explain: true}
		if err := judge(c, st, s, &v, entriesOf); err != nil {
			t.Fatal(err)
		}
		var want engine.Right
		for r := engine.RightRead; r <= engine.RightManage; r <<= 1 {
			if reference(r, c, st, kind, way) {
				want |= r
			}
		}
		if v.allowed != want {
			t.Fatalf("seed %d, case %d: %06b, the reference says %06b\n%+v\n%+v", seed, n, v.allowed, want, st, way)
		}
		if v.decided != engine.RightsAll {
			t.Fatalf("seed %d, case %d: only %06b is decided", seed, n, v.decided)
		}
		var told, granted engine.Right
		for _, r := range v.reasons {
			told |= r.Right
			if r.Allowed {
				granted |= r.Right
			}
			if (r.By == ByEntry) != (r.Entry != nil) || r.Entry != nil && (r.Entry.Type == engine.EntryAllow) != r.Allowed {
				t.Fatalf("seed %d, case %d: %+v", seed, n, r)
			}
		}
		if told != engine.RightsAll || granted != want || len(v.reasons) != 6 {
			t.Fatalf("seed %d, case %d: the reasons differ from the verdict: %+v", seed, n, v.reasons)
		}
		laws(t, fmt.Sprintf("seed %d, case %d", seed, n), rng, c, st, kind, way, v.allowed)
	}
}

// laws holds what must be so whatever the entries are.
func laws(t *testing.T, name string, rng *rand.Rand, c *Circle, st standing, kind engine.NodeKind, way []at, had engine.Right) {
	t.Helper()
	ask := func(way []at) engine.Right {
		s, entriesOf := subject(kind, way)
		var v verdict
		if err := judge(c, st, s, &v, entriesOf); err != nil {
			t.Fatal(err)
		}
		return v.allowed
	}
	changed := slices.Clone(way)
	i := rng.IntN(len(way))
	list := slices.Clone(way[i].entries)
	rng.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
	changed[i].entries = list
	if got := ask(changed); got != had {
		t.Fatalf("%s: the order of entries on one object matters: %06b, %06b", name, had, got)
	}
	changed[i].entries = append(slices.Clone(list), of(deny(engine.Right(1+rng.IntN(63))), engine.PrincipalEveryone, engine.ID{}))
	if got := ask(changed); got&^had != 0 {
		t.Fatalf("%s: a denial gave %06b", name, got&^had)
	}
}

func TestReasons(t *testing.T) {
	s, entriesOf := subject(engine.KindFile, []at{entries(allow(write)), entries(deny(remove))})
	v := verdict{explain: true}
	if err := judge(&Circle{User: me}, standing{rights: reader}, s, &v, entriesOf); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range v.reasons {
		got = append(got, fmt.Sprint(Names(r.Right), " ", r.Allowed, " ", r.By, " ", r.On[15]))
	}
	want := []string{
		"DELETE false 1 101", "WRITE true 1 100", "READ true 2 0",
		"CREATE false 0 0", "SHARE false 0 0", "MANAGE_PERMISSIONS false 0 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkJudge(b *testing.B) {
	way := make([]at, 12)
	way[3].entries = []engine.Entry{of(allow(write), engine.PrincipalGroup, testID(20))}
	way[7].entries = []engine.Entry{of(deny(remove), engine.PrincipalGroup, testID(60)), allow(create)}
	c := &Circle{User: me}
	for i := range 50 {
		c.Groups = append(c.Groups, testID(byte(15+i)))
	}
	s, entriesOf := subject(engine.KindFile, way)
	for b.Loop() {
		var v verdict
		if err := judge(c, standing{rights: reader}, s, &v, entriesOf); err != nil {
			b.Fatal(err)
		}
	}
}

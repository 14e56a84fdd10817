// Package journaltest holds the scenario table of the sync rules as values, so that
// the same table runs against the engine, over HTTP and with real clients.
//
// A scenario is what lies there before, what clients then do without having seen
// each other's doings, and what must come out under each strategy. It knows nothing
// of how a client does it.
//
// A step is "WHO VERB ARGUMENTS": "A create PATH CONTENT", "A mkdir PATH",
// "A edit PATH CONTENT", "A rm PATH", "A mv FROM TO", "A sync" (it follows all that
// was committed before it goes on). A step with "!" behind the client is refused.
//
// What comes out is a list of lines in their order: "PATH=CONTENT" for files,
// "PATH/" for folders without anything in them, "trash PATH=CONTENT" for what is in
// the trash, "pending NAME=CONTENT" for a content that waits in an open conflict,
// and "open NAME" for another open conflict. A conflict copy's name is written
// "NAME (conflict DEVICE).EXT".
package journaltest

// The columns of the table. Last writer wins stands twice: with the change that is
// committed later made later, and made earlier.
const (
	LWWLater   = "LWW later"
	LWWEarlier = "LWW earlier"
	KB         = "KB"
	M          = "M"
	SW         = "SW"
	CW         = "CW"
)

// Columns lists them.
func Columns() []string { return []string{LWWLater, LWWEarlier, KB, M, SW, CW} }

// A Scenario is a row of the table, with an order in which its changes are committed.
type Scenario struct {
	Name  string // "S01", with what tells it from another of that row
	Given []string
	Acts  []string
	Want  map[string]string // lines separated by " | ", by column
}

func all(want string) map[string]string {
	m := map[string]string{}
	for _, c := range Columns() {
		m[c] = want
	}
	return m
}

// but gives another outcome to some columns.
func but(m map[string]string, pairs ...string) map[string]string {
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// Scenarios is the table, as far as the server decides.
func Scenarios() []Scenario {
	file := []string{"create a base"}
	tree := []string{"mkdir d", "create d/f F", "mkdir d/e", "create d/e/h H"}
	return []Scenario{
		{"S01 edit and edit", file, []string{"A edit a X", "B edit a Y"}, map[string]string{
			LWWLater: "a=Y", LWWEarlier: "a=X", KB: "a (conflict B)=Y | a=X", M: "a=X | pending a=Y", SW: "a=X", CW: "a=Y"}},
		{"S01 two edits by each", file, []string{"A edit a X1", "A edit a X", "B edit a Y"}, map[string]string{
			LWWLater: "a=Y", LWWEarlier: "a=X", KB: "a (conflict B)=Y | a=X", M: "a=X | pending a=Y", SW: "a=X", CW: "a=Y"}},
		{"S02 identical edits", file, []string{"A edit a X", "B edit a X"}, all("a=X")},
		{"S03a edit, then delete", file, []string{"A edit a X", "B rm a"}, map[string]string{
			LWWLater: "trash a=X", LWWEarlier: "a=X", KB: "a=X", M: "a=X | open a", SW: "a=X", CW: "trash a=X"}},
		{"S03b delete, then edit", file, []string{"A rm a", "B edit a X"}, map[string]string{
			LWWLater: "a=X", LWWEarlier: "trash a=base", KB: "a=X", M: "pending a=X | trash a=base", SW: "trash a=base", CW: "a=X"}},
		{"S04 edit in a folder, then its deletion", tree, []string{"A edit d/e/h X", "B rm d"}, but(
			all("d/e/h=X | trash d/e/ | trash d/f=F"),
			LWWLater, "trash d/e/h=X | trash d/f=F", M, "d/e/h=X | open h | trash d/e/ | trash d/f=F", CW, "trash d/e/h=X | trash d/f=F")},
		{"S04 deletion of a folder, then an edit in it", tree, []string{"B rm d", "A edit d/e/h X"}, but(
			all("d/e/h=X | trash d/e/ | trash d/f=F"),
			LWWEarlier, "trash d/e/h=H | trash d/f=F", M, "d/e/h=X | open h | trash d/e/ | trash d/f=F", SW, "trash d/e/h=H | trash d/f=F")},
		{"S05 new in a folder, then its deletion", tree, []string{"A create d/e/n N", "B rm d"},
			all("d/e/n=N | trash d/e/h=H | trash d/f=F")},
		{"S05 new folder in a folder, then its deletion", tree, []string{"A mkdir d/new", "A create d/new/n N", "B rm d"},
			all("d/new/n=N | trash d/e/h=H | trash d/f=F")},
		{"S05 deletion of a folder, then new in it", tree, []string{"B rm d", "A create d/e/n N"}, but(
			all("d/e/n=N | trash d/e/h=H | trash d/f=F"),
			SW, "trash d/e/h=H | trash d/e/n=N | trash d/f=F")},
		{"S05 moved into a folder, then its deletion", []string{"mkdir d", "create d/f F", "create m M"}, []string{"A mv m d/m", "B rm d"},
			all("d/m=M | trash d/f=F")},
		{"S06 rename and rename", file, []string{"A mv a b", "B mv a c"}, map[string]string{
			LWWLater: "c=base", LWWEarlier: "b=base", KB: "b=base", M: "b=base | open b", SW: "b=base", CW: "c=base"}},
		{"S06 rename and move are both kept", []string{"create a base", "mkdir d"}, []string{"A mv a b", "B mv a d/a"}, all("d/b=base")},
		{"S07 rename and edit", file, []string{"A mv a b", "B edit a Y"}, all("b=Y")},
		{"S07 edit and rename", file, []string{"B edit a Y", "A mv a b"}, all("b=Y")},
		{"S08 rename, then delete", file, []string{"A mv a b", "B rm a"}, map[string]string{
			LWWLater: "trash b=base", LWWEarlier: "b=base", KB: "b=base", M: "b=base | open b", SW: "b=base", CW: "trash b=base"}},
		{"S08 delete, then rename", file, []string{"B rm a", "A mv a b"}, map[string]string{
			LWWLater: "b=base", LWWEarlier: "trash a=base", KB: "b=base", M: "b=base | open b", SW: "trash a=base", CW: "b=base"}},
		{"S08 folder renamed, then deleted", tree, []string{"A mv d c", "B rm d"}, map[string]string{
			LWWLater: "trash c/e/h=H | trash c/f=F", LWWEarlier: "c/e/h=H | c/f=F", KB: "c/e/h=H | c/f=F",
			M: "c/e/h=H | c/f=F | open c", SW: "c/e/h=H | c/f=F", CW: "trash c/e/h=H | trash c/f=F"}},
		{"S08 folder deleted, then renamed", tree, []string{"B rm d", "A mv d c"}, map[string]string{
			LWWLater: "c/e/h=H | c/f=F", LWWEarlier: "trash d/e/h=H | trash d/f=F", KB: "c/e/h=H | c/f=F",
			M: "c/e/h=H | c/f=F | open c", SW: "trash d/e/h=H | trash d/f=F", CW: "c/e/h=H | c/f=F"}},
		{"S08 rename in a folder, then its deletion", tree, []string{"A mv d/f d/g", "B rm d"}, map[string]string{
			LWWLater: "trash d/e/h=H | trash d/g=F", LWWEarlier: "d/g=F | trash d/e/h=H", KB: "d/g=F | trash d/e/h=H",
			M: "d/g=F | open g | trash d/e/h=H", SW: "d/g=F | trash d/e/h=H", CW: "trash d/e/h=H | trash d/g=F"}},
		{"S09 two things renamed to one name", []string{"create x 1", "create y 2"}, []string{"A mv x n", "B mv y n"}, map[string]string{
			LWWLater: "n (conflict B)=1 | n=2", LWWEarlier: "n (conflict B)=2 | n=1", KB: "n (conflict B)=2 | n=1",
			M: "n (conflict B)=2 | n=1 | open n (conflict B)", SW: "n (conflict B)=2 | n=1", CW: "n (conflict B)=1 | n=2"}},
		{"S10 two new files of one name", nil, []string{"A create n X", "B create n Y"}, map[string]string{
			LWWLater: "n=Y", LWWEarlier: "n=X", KB: "n (conflict B)=Y | n=X", M: "n=X | pending n=Y", SW: "n=X", CW: "n=Y"}},
		{"S11 two new files of one name and content", nil, []string{"A create n X", "B create n X"}, all("n=X")},
		{"S11 two new folders of one name", nil, []string{"A mkdir d", "A create d/a 1", "B mkdir d", "B create d/b 2"}, all("d/a=1 | d/b=2")},
		{"S12 two folders moved into each other", []string{"mkdir x", "mkdir y"}, []string{"A mv x y/x", "B mv y x/y"}, all("y/x/")},
		{"S13 three folders moved into each other", []string{"mkdir x", "mkdir y", "mkdir z"}, []string{"A mv x y/x", "B mv y z/y", "C mv z x/z"}, all("z/y/x/")},
		{"S14 rename in case only", []string{"create foo base", "mkdir dir", "create dir/f F"}, []string{"A mv foo Foo", "A mv dir DIR"}, all("DIR/f=F | Foo=base")},
		{"S15 names that differ in case", nil, []string{"A create a.txt X", "B! create A.txt Y"}, all("a.txt=X")},
		{"S15 rename to a name that differs in case", []string{"create a.txt 1", "create b 2"}, []string{"A! mv b A.txt"}, all("a.txt=1 | b=2")},
		{"S16 folder becomes a file, then new in the folder", []string{"mkdir d"}, []string{"A rm d", "A create d F", "B create d/n N"}, map[string]string{
			LWWLater: "d (conflict B)=F | d/n=N | trash d/", LWWEarlier: "d (conflict B)/n=N | d=F | trash d/", KB: "d (conflict B)/n=N | d=F | trash d/",
			M: "d=F | pending n=N | trash d/", SW: "d=F | trash d/n=N", CW: "d (conflict B)=F | d/n=N | trash d/"}},
		{"S16 new in the folder, then it becomes a file", []string{"mkdir d"}, []string{"B create d/n N", "A rm d", "A create d F"}, map[string]string{
			LWWLater: "d (conflict A)/n=N | d=F | trash d/", LWWEarlier: "d (conflict A)=F | d/n=N | trash d/", KB: "d (conflict A)=F | d/n=N | trash d/",
			M: "d/n=N | pending d=F | trash d/", SW: "d/n=N | trash d (conflict A)=F | trash d/", CW: "d (conflict A)/n=N | d=F | trash d/"}},
		{"S17 file becomes a folder, then an edit of the file", []string{"create d base"}, []string{"A rm d", "A mkdir d", "B edit d Y"}, map[string]string{
			LWWLater: "d (conflict B)/ | d=Y", LWWEarlier: "d (conflict B)=Y | d/", KB: "d (conflict B)=Y | d/",
			M: "d/ | pending d=Y | trash d=base", SW: "d/ | trash d=base", CW: "d (conflict B)/ | d=Y"}},
		{"S18 deleted and made anew, then an edit of the old", file, []string{"A rm a", "A create a N", "B edit a Y"}, map[string]string{
			LWWLater: "a=Y | trash a=base", LWWEarlier: "a=N | trash a=base", KB: "a (conflict B)=Y | a=N | trash a=base",
			M: "a=N | pending a=Y | trash a=base", SW: "a=N | trash a=base", CW: "a=Y | trash a=base"}},
		{"S19 delete and delete", file, []string{"A rm a", "B rm a"}, all("trash a=base")},
		{"S19 folder and a file in it", tree, []string{"A rm d/f", "B rm d"}, all("trash d/e/h=H | trash d/f=F")},
		{"S19 folder, then a file in it", tree, []string{"B rm d", "A rm d/f"}, all("trash d/e/h=H | trash d/f=F")},
		{"S37 new in a folder that was renamed", tree, []string{"A mv d c", "B create d/n N"}, all("c/e/h=H | c/f=F | c/n=N")},
		{"S41 safe save", file, []string{"A create a.tmp X", "A mv a a.old", "A mv a.tmp a", "A rm a.old"}, all("a=X | trash a.old=base")},
		{"S42 many edits by one", file, []string{"A edit a 1", "A edit a 2", "A edit a 3", "B sync", "B edit a 4", "A sync", "A edit a 5", "B sync", "B edit a 6"}, all("a=6")},
		{"S43 names swapped", []string{"create x 1", "create y 2"}, []string{"A mv x tmp", "A mv y x", "A mv tmp y"}, all("x=2 | y=1")},
		{"S44 a round of names", []string{"create a 1", "create b 2", "create c 3"}, []string{"A mv c tmp", "A mv b c", "A mv a b", "A mv tmp a"}, all("a=3 | b=1 | c=2")},
		{"S49 three edits", file, []string{"A edit a X", "B edit a Y", "C edit a Z"}, map[string]string{
			LWWLater: "a=Z", LWWEarlier: "a=X", KB: "a (conflict B)=Y | a (conflict C)=Z | a=X",
			M: "a=X | pending a=Y | pending a=Z", SW: "a=X", CW: "a=Z"}},
		{"MANUAL: a further edit takes the place of the one that waits", file, []string{"A edit a X", "B edit a Y", "B edit a Z"}, map[string]string{
			LWWLater: "a=Z", LWWEarlier: "a=X", KB: "a (conflict B)=Y | a (conflict B)=Z | a=X", M: "a=X | pending a=Z", SW: "a=X", CW: "a=Z"}},
	}
}

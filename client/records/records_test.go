package records

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/client/planner"
)

func sample(i int) Record {
	r := Record{
		Node: planner.Node{
			ID: planner.ID(fmt.Sprintf("fil_%d", i)), Parent: "fld_1", Name: fmt.Sprintf("näme %d", i), Version: fmt.Sprintf("ver_%d", i),
			File: planner.File{Size: int64(i) << 33, Exec: i%2 == 0}, Held: i%3 == 0,
		},
		Stamp:   planner.Stamp{Identity: planner.Identity{Volume: 1 << 63, Number: uint64(i), Birth: -5}, Size: 7, MTime: -1, CTime: 1 << 60, Exec: i%2 == 1},
		Written: uint64(i),
	}
	r.Node.File.Hash[31] = byte(i)
	return r
}

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.f.Close() })
	return s
}

func TestRecordsComeBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.db")
	s := open(t, path)
	folder := Record{Node: planner.Node{ID: "fld_1", Name: "d", Folder: true, Bare: true}}
	state := State{Server: "srv", Share: "shr_1", Cursor: 1<<52 + 1, Epoch: "e1-x", Round: 3, Listed: true, Durable: 9}
	if err := s.Commit(Commit{Put: []Record{folder, sample(1), sample(2), sample(3)}, State: &state}); err != nil {
		t.Fatal(err)
	}
	moved := sample(2)
	moved.Node.Parent, moved.Node.Name = planner.Root, "elsewhere"
	moved.Stamp.Identity.Number = 77
	if err := s.Commit(Commit{Put: []Record{moved}, Remove: []planner.ID{"fil_3", "fil_unknown"}}); err != nil {
		t.Fatal(err)
	}
	check := func(s *Store) {
		t.Helper()
		if s.State() != state {
			t.Errorf("state %+v", s.State())
		}
		if s.Synced().Len() != 3 {
			t.Errorf("%d nodes", s.Synced().Len())
		}
		for _, r := range []Record{folder, sample(1), moved} {
			if diff := cmp.Diff(r.Node, *s.Node(r.Node.ID)); diff != "" {
				t.Error(diff)
			}
			if *s.Stamp(r.Node.ID) != r.Stamp || s.Written(r.Node.ID) != r.Written {
				t.Errorf("%s: stamp %+v written %d", r.Node.ID, s.Stamp(r.Node.ID), s.Written(r.Node.ID))
			}
			if n, stamp := s.ByIdentity(r.Stamp.Identity); (n != nil) != (r.Stamp.Identity != planner.Identity{}) || n != nil && (n.ID != r.Node.ID || *stamp != r.Stamp) {
				t.Errorf("%s is found as %+v", r.Node.ID, n)
			}
		}
		if n, _ := s.ByIdentity(sample(2).Stamp.Identity); n != nil {
			t.Error("the old identity is still known")
		}
		if s.Stamp("fil_3") != nil || s.Node("fil_3") != nil {
			t.Error("fil_3 is still there")
		}
	}
	check(s)
	if err := s.Close(true); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	check(s)
	if s.Suspect() {
		t.Error("suspect after a clean end")
	}
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(false); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	if s.Suspect() {
		t.Error("suspect after a run that committed nothing")
	}
	if err := s.Close(true); err != nil {
		t.Fatal(err)
	}
	if is, err := os.ReadFile(path); err != nil || !bytes.Equal(is, was) {
		t.Errorf("runs that committed nothing have written (%v)", err)
	}
	s = open(t, path)
	if err := s.Commit(Commit{State: &State{Round: 7}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(false); err != nil {
		t.Fatal(err)
	}
	for range 2 { // until a run has ended well
		if s = open(t, path); !s.Suspect() {
			t.Error("not suspect after an end that was not clean")
		}
		if err := s.Close(false); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, path)
	if err := s.Close(true); err != nil {
		t.Fatal(err)
	}
	if s = open(t, path); s.Suspect() {
		t.Error("suspect after a run that has ended well")
	}
}

// file makes a store of two commits and gives its bytes, and where the second
// begins.
func file(t *testing.T) (b []byte, second int64) {
	path := filepath.Join(t.TempDir(), "records")
	s := open(t, path)
	if err := s.Commit(Commit{Put: []Record{sample(1), sample(2)}, State: &State{Share: "shr_1"}}); err != nil {
		t.Fatal(err)
	}
	second = s.size
	if err := s.Commit(Commit{Put: []Record{sample(3)}, Remove: []planner.ID{"fil_1"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(true); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b, second
}

func ids(s *Store) string {
	var out []string
	s.Synced().All(func(n *planner.Node) { out = append(out, string(n.ID)) })
	slices.Sort(out)
	return strings.Join(out, " ")
}

// Whatever byte changes: what is read is what was written, up to a last frame
// that is not there, or the records say that they are damaged.
func TestDamageIsNoticed(t *testing.T) {
	good, _ := file(t)
	dir := t.TempDir()
	noticed := 0
	for at := range good {
		bad := slices.Clone(good)
		bad[at] ^= 0x41
		path := filepath.Join(dir, fmt.Sprint(at))
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("byte %d: %v", at, err)
			}
			noticed++
			continue
		}
		if ids(s) != "fil_2 fil_3" || *s.Node("fil_2") != sample(2).Node {
			t.Fatalf("byte %d: %s", at, ids(s))
		}
		if !s.Suspect() {
			t.Fatalf("byte %d: the last frame is gone and nothing is suspected", at)
		}
		_ = s.f.Close()
	}
	if noticed < len(good)-2*frameHead {
		t.Errorf("%d of %d damaged bytes noticed", noticed, len(good))
	}
}

// A crash leaves a beginning of the file: whole commits are there, the torn one
// is not, and the store goes on.
func TestTornEnd(t *testing.T) {
	good, second := file(t)
	for size := range len(good) {
		path := filepath.Join(t.TempDir(), "records")
		if err := os.WriteFile(path, good[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path)
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		want := "fil_1 fil_2"
		switch got := ids(s); {
		case int64(size) < second:
			want = ""
			if got == "" {
				break
			}
			fallthrough
		default:
			if got != want && got != "fil_2 fil_3" {
				t.Fatalf("%d bytes: %q", size, got)
			}
		}
		if err := s.Commit(Commit{Put: []Record{sample(9)}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(true); err != nil {
			t.Fatal(err)
		}
		if s = open(t, path); s.Node("fil_9") == nil || s.Suspect() {
			t.Fatalf("%d bytes: the next commit is not there", size)
		}
	}
}

func TestCompacts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records")
	s := open(t, path)
	for round := range 30 {
		var c Commit
		for i := range 500 {
			r := sample(i)
			r.Node.Version = fmt.Sprint(round)
			c.Put = append(c.Put, r)
		}
		c.State = &State{Round: uint64(round)}
		if err := s.Commit(c); err != nil {
			t.Fatal(err)
		}
	}
	if s.size > 1<<21 {
		t.Errorf("%d bytes for %d live", s.size, s.live)
	}
	if err := s.Close(false); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	if s.Synced().Len() != 500 || s.Node("fil_499").Version != "29" || s.State().Round != 29 || !s.Suspect() {
		t.Errorf("%d nodes, %+v, state %+v", s.Synced().Len(), s.Node("fil_499"), s.State())
	}
}

// TestCompactsWhatIsCommitted: the tree may be ahead of the commits when the file is
// written anew.
func TestCompactsWhatIsCommitted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records")
	s := open(t, path)
	if err := s.Commit(Commit{Put: []Record{sample(1), sample(2), sample(3)}}); err != nil {
		t.Fatal(err)
	}
	moved := sample(1).Node
	moved.Name = "moved"
	s.Synced().Put(&moved)
	s.Synced().Remove(sample(2).Node.ID)
	fresh := sample(4).Node
	s.Synced().Put(&fresh)
	at := s.size
	for s.size >= at { // until it is written anew
		at = s.size
		var c Commit
		for i := range 500 {
			c.Put = append(c.Put, sample(1000+i))
		}
		if err := s.Commit(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(false); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	for _, i := range []int{1, 2, 3} {
		want := sample(i)
		if n := s.Node(want.Node.ID); n == nil || *n != want.Node || *s.Stamp(n.ID) != want.Stamp {
			t.Errorf("%d: %+v, want %+v", i, n, want.Node)
		}
	}
	if n := s.Node(fresh.ID); n != nil || s.Synced().Len() != 503 {
		t.Errorf("%d records, %+v was never committed", s.Synced().Len(), n)
	}
}

// plainTexts is the keeper of a test.
type plainTexts struct{}

func (plainTexts) text(b []byte) string       { return string(b) }
func (plainTexts) parent(b []byte) planner.ID { return planner.ID(b) }

func decodeCommit(b []byte) (*Commit, error) {
	r := &reader{b: b}
	c := &Commit{}
	c.State, c.Remove = r.commitHead()
	for len(r.b) > 0 {
		var k kept
		r.record(plainTexts{}, &k)
		c.Put = append(c.Put, Record{k.node, k.stamp, k.written})
	}
	return c, r.failed()
}

func FuzzCommit(f *testing.F) {
	f.Add(encodeCommit(&Commit{Put: []Record{sample(1), sample(2)}, Remove: []planner.ID{"a"}, State: &State{Share: "s"}}))
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeCommit(b)
		if err != nil {
			return
		}
		again, err := decodeCommit(encodeCommit(c))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Error(diff)
		}
	})
}

package transfer

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/httpd/wire"
)

// localTree makes a tree of lines "path size mtime [x]"; a path that ends in a
// slash is a folder. Times are in milliseconds.
func localTree(t *testing.T, lines ...string) *LocalTree {
	t.Helper()
	l := &LocalTree{Dirs: []LocalDir{{Parent: -1}}, Sources: []source{{path: "L"}}}
	dirs := map[string]int32{"": 0}
	for _, line := range lines {
		var path, x string
		var size, ms int64
		if n, _ := fmt.Sscan(line, &path, &size, &ms, &x); n < 1 {
			t.Fatalf("bad line %q", line)
		}
		parent, name := cut(strings.TrimSuffix(path, "/"))
		if strings.HasSuffix(path, "/") {
			l.Dirs = append(l.Dirs, LocalDir{Parent: dirs[parent], Name: name, shown: path})
			dirs[strings.TrimSuffix(path, "/")] = int32(len(l.Dirs) - 1)
			continue
		}
		l.Files = append(l.Files, LocalFile{Dir: dirs[parent], Name: name, Size: size, Mtime: ms*1e6 + 999_999, Exec: x == "x"})
	}
	return l
}

func remoteTree(t *testing.T, lines ...string) *RemoteTree {
	t.Helper()
	r := NewRemoteTree("shr", "")
	ids := map[string]string{}
	for i, line := range lines {
		var path, x string
		var size, ms int64
		if n, _ := fmt.Sscan(line, &path, &size, &ms, &x); n < 1 {
			t.Fatalf("bad line %q", line)
		}
		parent, name := cut(strings.TrimSuffix(path, "/"))
		e := wire.Entry{ID: fmt.Sprint("id", i), Name: name, ResourceType: wire.TypeFolder}
		if parent != "" {
			p := ids[parent]
			e.ParentID = &p
		}
		if !strings.HasSuffix(path, "/") {
			e.ResourceType, e.Size, e.ChecksumSHA256 = wire.TypeFile, &size, &wire.Hash{}
			e.ModifiedAt = wire.Time{Time: msTime(ms)}
			e.Attributes = &wire.Attributes{Executable: x == "x"}
		}
		ids[strings.TrimSuffix(path, "/")] = e.ID
		if err := r.Add(&e); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func cut(path string) (parent, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

func TestPlanPut(t *testing.T) {
	names := map[PutAction]string{PutCreate: "create", PutReplace: "replace", PutCompare: "compare", PutTouch: "touch"}
	for _, tc := range []struct {
		name          string
		local, remote []string
		want          []string // "mkdir d", "create d/f", "problem ..."
		unchanged     int64
	}{
		{"nothing there", []string{"d/", "d/e/", "d/f 1 5", "g 2 5"}, nil,
			[]string{"mkdir d", "mkdir e", "create f", "create g"}, 0},
		{"all there", []string{"d/", "d/f 1 5", "g 2 5 x"}, []string{"d/", "d/f 1 5", "g 2 5 x"}, nil, 2},
		{"size", []string{"f 1 5"}, []string{"f 2 5"}, []string{"replace f"}, 0},
		{"time", []string{"f 1 6"}, []string{"f 1 5"}, []string{"compare f"}, 0},
		{"time before 1970", []string{"f 1 -5"}, []string{"f 1 -5"}, nil, 1},
		{"bit", []string{"f 1 5 x"}, []string{"f 1 5"}, []string{"touch f"}, 0},
		{"bit and time", []string{"f 1 6 x"}, []string{"f 1 5"}, []string{"compare f"}, 0},
		{"name in another case", []string{"D/", "D/F 1 5"}, []string{"d/", "d/f 1 5"}, nil, 1},
		{"composed and decomposed", []string{"e\u0301 1 5"}, []string{"é 1 5"}, nil, 1},
		{"same name elsewhere", []string{"d/", "d/f 1 5"}, []string{"e/", "e/f 1 5"}, []string{"mkdir d", "create f"}, 0},
		{"file in a folder's place", []string{"d/", "d/e/", "d/f 1 5", "d/e/g 1 5", "h 1 5"}, []string{"d 1 5"},
			[]string{"create h", "problem d/"}, 0},
		{"folder in a file's place", []string{"f 1 5"}, []string{"f/"}, []string{"problem L/f"}, 0},
		{"twin files", []string{"f 1 5", "F 1 5"}, nil, []string{"create f", "problem L/F"}, 0},
		{"twin folders", []string{"d/", "d/a 1 5", "D/", "D/b 1 5"}, nil, []string{"mkdir d", "create a", "problem D/"}, 0},
		{"more there", []string{"f 1 5"}, []string{"f 1 5", "other 9 9"}, nil, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := localTree(t, tc.local...)
			p := PlanPut(l, remoteTree(t, tc.remote...))
			var got []string
			for _, d := range p.Folders {
				got = append(got, "mkdir "+l.Dirs[d].Name)
			}
			for _, op := range p.Ops {
				got = append(got, names[op.Action]+" "+l.Files[op.File].Name)
			}
			for _, pr := range p.Problems {
				got = append(got, "problem "+pr.Path)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
			if p.Unchanged != tc.unchanged {
				t.Errorf("%d unchanged, want %d", p.Unchanged, tc.unchanged)
			}
		})
	}
}

func TestPlanGet(t *testing.T) {
	names := map[GetAction]string{GetFetch: "fetch", GetCompare: "compare", GetTouch: "touch"}
	type lm = map[string]LocalEntry
	file := func(size, ms int64, perm uint32) LocalEntry {
		return LocalEntry{Regular: true, Size: size, Mtime: ms * 1e6, Perm: perm}
	}
	for _, tc := range []struct {
		name      string
		remote    []string
		local     map[string]lm // by remote path
		want      []string
		unchanged int64
	}{
		{"nothing there", []string{"d/", "d/f 1 5", "g 2 5"}, nil, []string{"mkdir d", "fetch f", "fetch g"}, 0},
		{"all there", []string{"d/", "d/f 1 5", "g 2 5 x"},
			map[string]lm{"": {"d": {Dir: true}, "g": file(2, 5, 0o755)}, "/d": {"f": file(1, 5, 0o644)}}, nil, 2},
		{"size", []string{"f 1 5"}, map[string]lm{"": {"f": file(2, 5, 0o644)}}, []string{"fetch f"}, 0},
		{"time", []string{"f 1 5"}, map[string]lm{"": {"f": file(1, 6, 0o644)}}, []string{"compare f"}, 0},
		{"bit", []string{"f 1 5 x"}, map[string]lm{"": {"f": file(1, 5, 0o644)}}, []string{"touch f"}, 0},
		{"folder in the way", []string{"f 1 5"}, map[string]lm{"": {"f": {Dir: true}}}, []string{"problem /f"}, 0},
		{"link in the way", []string{"f 1 5", "d/", "d/g 1 5"},
			map[string]lm{"": {"f": {What: "link"}, "d": {What: "link"}}}, []string{"problem /f", "problem /d"}, 0},
		{"unreadable folder", []string{"d/", "d/f 1 5", "g 1 5"}, map[string]lm{"": {"d": {Dir: true}}, "/d": nil},
			[]string{"fetch g", "problem /d"}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := remoteTree(t, tc.remote...)
			p := PlanGet(r, r.Path, func(i int32) (map[string]LocalEntry, error) {
				m, ok := tc.local[r.Path(i)]
				if ok && m == nil {
					return nil, errors.New("unreadable")
				}
				return m, nil
			})
			var got []string
			for _, d := range p.Folders {
				got = append(got, "mkdir "+r.Nodes[d].Name)
			}
			for _, op := range p.Ops {
				got = append(got, names[op.Action]+" "+r.Nodes[op.Node].Name)
			}
			for _, pr := range p.Problems {
				got = append(got, "problem "+pr.Path)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
			if p.Unchanged != tc.unchanged {
				t.Errorf("%d unchanged, want %d", p.Unchanged, tc.unchanged)
			}
		})
	}
}

func TestPermFor(t *testing.T) {
	for _, tc := range []struct {
		old  uint32
		exec bool
		want uint32
	}{{0, false, 0o666}, {0, true, 0o777}, {0o644, true, 0o755}, {0o755, false, 0o644}, {0o600, true, 0o700},
		{0o640, true, 0o750}, {0o700, false, 0o600}, {0o444, false, 0o444}} {
		if got := permFor(tc.old, tc.exec); got != tc.want {
			t.Errorf("permFor(%o, %v) = %o, want %o", tc.old, tc.exec, got, tc.want)
		}
	}
}

func msTime(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"scaidrive/client"
)

// A LocalTree is what was found under the arguments of put, in the form in
// which it is to lie in the target. Dirs[0] is the target itself.
type LocalTree struct {
	Dirs     []LocalDir
	Files    []LocalFile
	Sources  []source
	Problems []Problem

	roots []*os.Root
}

// A LocalDir is a folder to have in the target; parents come before children.
type LocalDir struct {
	Parent int32
	Name   string
	Mtime  int64  // nanoseconds since 1970
	shown  string // its local path, for messages
}

// A LocalFile is a regular file.
type LocalFile struct {
	Dir   int32 // index in Dirs
	Src   int32 // index in Sources: where it lies
	Name  string
	Size  int64
	Mtime int64 // nanoseconds since 1970
	Exec  bool
}

// A source is a local directory in which files lie.
type source struct {
	root *os.Root
	rel  string // below root
	path string // for messages
}

// hasExec: this platform has the executable bit.
const hasExec = runtime.GOOS != "windows"

// Close gives the directories back.
func (t *LocalTree) Close() {
	for _, r := range t.roots {
		r.Close()
	}
}

// Path is a file's local path, for messages.
func (t *LocalTree) Path(i int32) string {
	f := &t.Files[i]
	return filepath.Join(t.Sources[f.Src].path, f.Name)
}

// Tops are the names that the arguments of put will have right in the target.
type Tops struct {
	dirs     map[string]bool // by name key; true: a folder
	contents bool            // a folder without a name of its own is among them
}

// topsOf looks at the arguments. A folder without recursive is client.ErrUsage,
// found before anything else is done.
func topsOf(args []string, recursive bool) (*Tops, error) {
	t := &Tops{dirs: make(map[string]bool)}
	for _, arg := range args {
		path := trimSlash(arg)
		info, err := os.Lstat(path)
		if err != nil {
			continue // named by Scan
		}
		if info.IsDir() && !recursive {
			return nil, client.Usagef("%s is a folder: -r is needed", arg)
		}
		switch name := filepath.Base(path); {
		case !info.IsDir():
			t.dirs[client.NameKey(name)] = t.dirs[client.NameKey(name)]
		case nameable(name):
			t.dirs[client.NameKey(name)] = true
		default:
			t.contents = true
		}
	}
	return t, nil
}

// Scan finds what the arguments name. Each is placed in the target under its own
// name; "." (and what else has no name of its own) places its contents. What
// cannot be read is a problem, not an error.
func Scan(ctx context.Context, args []string) (*LocalTree, error) {
	t := &LocalTree{Dirs: []LocalDir{{Parent: -1}}}
	for _, arg := range args {
		if err := t.addArg(ctx, arg); err != nil {
			t.Close()
			return nil, err
		}
	}
	return t, nil
}

// trimSlash takes trailing separators away, so that a link is seen as one.
func trimSlash(p string) string {
	for len(p) > 1 && os.IsPathSeparator(p[len(p)-1]) && p != filepath.VolumeName(p)+p[len(p)-1:] {
		p = p[:len(p)-1]
	}
	return p
}

func (t *LocalTree) fail(path string, err error) {
	t.Problems = append(t.Problems, Problem{Path: path, Kind: Failed, Reason: reason(err)})
}

func (t *LocalTree) skip(path, why string) {
	t.Problems = append(t.Problems, Problem{Path: path, Kind: Skipped, Reason: why})
}

// reason is an error without the path that the message names anyway.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func (t *LocalTree) addArg(ctx context.Context, arg string) error {
	path := trimSlash(arg)
	info, err := os.Lstat(path)
	if err != nil {
		t.fail(arg, err)
		return nil
	}
	if !info.IsDir() {
		dir, name := filepath.Split(path)
		if dir == "" {
			dir = "."
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.fail(arg, err)
			return nil
		}
		t.roots = append(t.roots, root)
		src := t.addSource(source{root: root, rel: ".", path: filepath.Clean(dir)})
		t.addEntry(0, src, name, path, info)
		return nil
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		t.fail(arg, err)
		return nil
	}
	t.roots = append(t.roots, root)
	if opened, err := root.Stat("."); err != nil || !os.SameFile(opened, info) {
		t.fail(arg, errors.New("was replaced while it was looked at"))
		return nil
	}
	dir := int32(0)
	if name := filepath.Base(path); nameable(name) {
		if !utf8.ValidString(name) {
			t.fail(path, errors.New("its name is not UTF-8"))
			return nil
		}
		dir = t.addDir(0, name, path, info)
	}
	return t.walk(ctx, root, root, dir, ".", path, 0)
}

// nameable: a folder of this name has a name of its own to be placed under.
func nameable(name string) bool {
	return name != "." && name != ".." && (len(name) != 1 || !os.IsPathSeparator(name[0]))
}

func (t *LocalTree) addDir(parent int32, name, shown string, info fs.FileInfo) int32 {
	t.Dirs = append(t.Dirs, LocalDir{Parent: parent, Name: name, Mtime: info.ModTime().UnixNano(), shown: shown})
	return int32(len(t.Dirs) - 1)
}

func (t *LocalTree) addSource(s source) int32 {
	t.Sources = append(t.Sources, s)
	return int32(len(t.Sources) - 1)
}

// addEntry adds what is not a folder.
func (t *LocalTree) addEntry(dir, src int32, name, shown string, info fs.FileInfo) {
	switch {
	case !utf8.ValidString(name):
		t.fail(strings.ToValidUTF8(shown, "?"), errors.New("its name is not UTF-8"))
	case info.Mode().IsRegular():
		t.Files = append(t.Files, LocalFile{Dir: dir, Src: src, Name: name, Size: info.Size(),
			Mtime: info.ModTime().UnixNano(), Exec: info.Mode()&0o100 != 0})
	default:
		t.skip(shown, kindOf(info.Mode()))
	}
}

func kindOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeSymlink != 0:
		return "link"
	case m&fs.ModeNamedPipe != 0:
		return "named pipe"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeDevice != 0:
		return "device"
	}
	return "not a regular file"
}

// maxDepth is beyond the server's own limit of levels; it bounds open handles.
const maxDepth = 200

// walk adds what lies in the open directory at, which is rel below root.
func (t *LocalTree) walk(ctx context.Context, root, at *os.Root, dir int32, rel, shown string, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if depth > maxDepth {
		t.fail(shown, fmt.Errorf("more than %d levels deep", maxDepth))
		return nil
	}
	entries, err := readDir(at)
	if err != nil {
		t.fail(shown, err)
		return nil
	}
	src := int32(-1)
	for _, e := range entries {
		name := e.Name()
		if ours(name) {
			continue
		}
		path := filepath.Join(shown, name)
		info, err := e.Info()
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) { // else: it went meanwhile
				t.fail(path, err)
			}
			continue
		}
		if !info.IsDir() {
			if src < 0 {
				src = t.addSource(source{root: root, rel: rel, path: shown})
			}
			t.addEntry(dir, src, name, path, info)
			continue
		}
		if err := t.walkSub(ctx, root, at, info, dir, filepath.Join(rel, name), path, depth); err != nil {
			return err
		}
	}
	return nil
}

func (t *LocalTree) walkSub(ctx context.Context, root, at *os.Root, info fs.FileInfo, dir int32, rel, path string, depth int) error {
	name := info.Name()
	if !utf8.ValidString(name) {
		t.fail(strings.ToValidUTF8(path, "?"), errors.New("its name is not UTF-8"))
		return nil
	}
	sub, err := at.OpenRoot(name)
	if err != nil {
		t.fail(path, err)
		return nil
	}
	defer sub.Close()
	if opened, err := sub.Stat("."); err != nil || !os.SameFile(opened, info) {
		t.fail(path, errors.New("was replaced while it was looked at"))
		return nil
	}
	return t.walk(ctx, root, sub, t.addDir(dir, name, path, info), rel, path, depth+1)
}

// readDir lists an open directory in the order of names.
func readDir(at *os.Root) ([]fs.DirEntry, error) {
	f, err := at.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

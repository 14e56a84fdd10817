package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/records"
	"scaidrive/httpd/wire"
)

// A hostile server says what a test has it say.
type hostile struct {
	entries []wire.Entry
	rows    []wire.Row
	content []byte
	applied func(*wire.Apply) *wire.ApplyResult
	more    bool
}

func (h *hostile) TreeAt(_ context.Context, _, _ string, each func(*wire.Entry) error) (client.Position, error) {
	for i := range h.entries {
		if err := each(&h.entries[i]); err != nil {
			return client.Position{}, err
		}
	}
	return client.Position{Cursor: 1}, nil
}

func (h *hostile) Changes(context.Context, string, client.Position, int) (*wire.Changes, error) {
	return &wire.Changes{Changes: h.rows, Cursor: 1, HasMore: h.more}, nil
}

func (h *hostile) Query(_ context.Context, _ string, c []wire.Hash) (*wire.ChunkQueryResult, error) {
	return &wire.ChunkQueryResult{Missing: c, Nonce: "n"}, nil
}

func (h *hostile) SendChunks(context.Context, string, [][]byte) (*wire.ReceivedChunks, error) {
	return &wire.ReceivedChunks{}, nil
}

func (h *hostile) ApplyBody(_ context.Context, body []byte, _ int) (*wire.ApplyResult, error) {
	if h.applied != nil {
		a := &wire.Apply{}
		if err := json.Unmarshal(body, a); err != nil {
			return nil, err
		}
		return h.applied(a), nil
	}
	return &wire.ApplyResult{}, nil
}

func (h *hostile) SendManifest(context.Context, client.ManifestPiece) (*wire.ManifestProgress, error) {
	return &wire.ManifestProgress{}, nil
}

func (h *hostile) ManifestRuns(context.Context, string, uint64, uint64) (*wire.Manifest, error) {
	return nil, nil
}

func (h *hostile) ManifestSince(ctx context.Context, file string, version, _ uint64, _ []wire.Chunk) (*wire.Manifest, error) {
	return h.Manifest(ctx, file, version)
}

func (h *hostile) FetchFiles(_ context.Context, files []wire.FileVersion, each func(wire.FileFrame, io.Reader) error) error {
	for i := range files {
		if err := each(wire.FileFrame{Index: i, Status: 200, Size: int64(len(h.content))}, bytes.NewReader(h.content)); err != nil {
			return err
		}
	}
	return nil
}

func (h *hostile) Manifest(context.Context, string, uint64) (*wire.Manifest, error) {
	return &wire.Manifest{Chunks: []wire.Chunk{{Size: 1 << 31}}}, nil
}

func (h *hostile) FetchChunks(_ context.Context, _ string, _ uint64, c []wire.Hash, each func(int, []byte) error) error {
	for i := range c {
		if err := each(i, h.content); err != nil {
			return err
		}
	}
	return nil
}

func (h *hostile) ReadContent(_ context.Context, _ string, _ uint64, buf []byte) error {
	copy(buf, h.content)
	return nil
}

func (h *hostile) Conflicts(context.Context, string, string, bool) ([]wire.Conflict, error) {
	return nil, nil
}

// against runs one folder against a hostile server, in a folder with a sibling that
// nothing may touch.
func against(t *testing.T, h API, how ...func(*Options)) (root string, s Status, err error) {
	t.Helper()
	top := t.TempDir()
	root = filepath.Join(top, "root")
	if err := os.MkdirAll(filepath.Join(root, "mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"sibling", "root/file", "root/mine/file"} {
		if err := os.WriteFile(filepath.Join(top, p), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fsys, err := disk.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := Mark(fsys, "m"); err != nil {
		t.Fatal(err)
	}
	rec, err := records.Open(filepath.Join(t.TempDir(), "records"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	o := Options{API: h, Disk: fsys, Records: rec, Share: "shr_1", Marker: "m", Now: time.Now,
		Token: func() string { n++; return fmt.Sprint("t", n) }}
	for _, fn := range how {
		fn(&o)
	}
	f, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	err = f.Once(ctx)
	s = f.Status()
	if cerr := f.Close(); cerr != nil {
		t.Error(cerr)
	}
	for _, p := range []string{"sibling", "root/file", "root/mine/file"} {
		if b, err := os.ReadFile(filepath.Join(top, p)); err != nil || string(b) != "mine" {
			t.Errorf("%s is %q, %v", p, b, err)
		}
	}
	if left, _ := os.ReadDir(top); len(left) != 2 {
		t.Errorf("beside the root there is %v", left)
	}
	return root, s, err
}

func fileEntry(id, name string, content string) wire.Entry {
	size := int64(len(content))
	var sum wire.Hash
	copy(sum[:], "not the hash of anything")
	return wire.Entry{ResourceType: wire.TypeFile, ID: id, Name: name, Size: &size, ChecksumSHA256: &sum, Version: 1, VersionID: "ver_1"}
}

func folderEntry(id, parent, name string) wire.Entry {
	e := wire.Entry{ResourceType: wire.TypeFolder, ID: id, Name: name}
	if parent != "" {
		e.ParentID = &parent
	}
	return e
}

// TestHostileNames: a name is one plain name, or nothing is made of it.
func TestHostileNames(t *testing.T) {
	for _, name := range []string{"..", ".", "", "../sibling", "/etc/motd", "a/b", `..\sibling`, `C:\x`, "nul\x00", "line\nbreak",
		".scaidrive", ".SCAIDRIVE", strings.Repeat("x", 300), "\xff\xfe"} {
		inside := "fld_2"
		h := &hostile{entries: []wire.Entry{folderEntry(inside, "", name), folderEntry("fld_3", inside, "below"), fileEntry("fil_4", name, "")}}
		empty := wire.Hash{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
			0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}
		h.entries[2].ChecksumSHA256 = &empty
		root, _, _ := against(t, h)
		list, err := os.ReadDir(root)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 3 {
			t.Errorf("%q: the root has %v", name, list)
		}
		if b, _ := os.ReadFile(filepath.Join(root, ".scaidrive", "folder")); string(b) != "m" {
			t.Errorf("%q: the marker is %q", name, b)
		}
	}
}

// TestHostileAnswers: what contradicts itself ends the round or changes nothing.
func TestHostileAnswers(t *testing.T) {
	parent := "fld_b"
	for name, h := range map[string]*hostile{
		"false hash":       {entries: []wire.Entry{fileEntry("fil_1", "x", "content")}, content: []byte("CONTENT")},
		"false large hash": {entries: []wire.Entry{fileEntry("fil_1", "x", strings.Repeat("c", 300<<10))}, content: make([]byte, 10)},
		"negative size":    {entries: []wire.Entry{func() wire.Entry { e := fileEntry("fil_1", "x", ""); n := int64(-1); e.Size = &n; return e }()}},
		"no hash":          {entries: []wire.Entry{{ResourceType: wire.TypeFile, ID: "fil_1", Name: "x"}}},
		"own ID":           {entries: []wire.Entry{folderEntry("~t1.1", "", "x")}},
		"no ID":            {entries: []wire.Entry{folderEntry("", "", "x")}},
		"cycle":            {entries: []wire.Entry{folderEntry("fld_a", parent, "x"), folderEntry("fld_b", "fld_a", "y")}},
		"in itself":        {entries: []wire.Entry{folderEntry("fld_a", "fld_a", "x")}},
		"no parent":        {entries: []wire.Entry{folderEntry("fld_a", "fld_zzz", "x")}},
		"same name":        {entries: []wire.Entry{folderEntry("fld_a", "", "x"), fileEntry("fil_b", "x", "")}},
		"log without end":  {more: true},
		"foreign answer":   {applied: func(*wire.Apply) *wire.ApplyResult { return &wire.ApplyResult{Applied: []wire.Applied{{Index: 99}}} }},
		"answer for nobody": {applied: func(a *wire.Apply) *wire.ApplyResult {
			return &wire.ApplyResult{Applied: []wire.Applied{{Index: 0, Resource: folderEntry("~x", "", "..")}}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			root, s, err := against(t, h)
			if b, rerr := os.ReadFile(filepath.Join(root, "x")); rerr == nil && string(b) == "CONTENT" {
				t.Error("a false content has its place")
			}
			if err == nil && s.InStep {
				t.Errorf("it says that it is in step: %+v", s)
			}
			if left, _ := os.ReadDir(filepath.Join(root, ".scaidrive", "tmp")); len(left) > 0 && name != "false large hash" {
				t.Errorf("left over: %v", left)
			}
		})
	}
}

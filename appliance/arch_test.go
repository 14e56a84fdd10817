package appliance_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// room is a part of the house: what it is, and which of our other rooms it may
// import. A room covers the packages below it that have no row of their own.
type room struct {
	may []string
	why string
}

// rooms is the table of docs/architecture.md.
var rooms = map[string]room{
	"cmd/scaidrive": {may: []string{"appliance", "client", "httpd/wire"}, why: "a process: one file a subcommand"},
	"appliance":     {may: []string{"httpd", "engine", "chunkstore"}, why: "where everything meets"},
	"httpd":         {may: []string{"engine", "httpd/wire", "webui"}, why: "the wire decodes, calls one service, encodes"},
	"httpd/wire":    {why: "request and response structs: the standard library only"},
	"webui":         {why: "the page as files with their types and tags; nothing of ours"},
	"engine":        {may: []string{"chunkstore"}, why: "what ScaiDrive is, without HTTP"},
	"chunkstore":    {why: "durable chunks; knows no files, no users"},
	"client":        {may: []string{"httpd/wire", "chunkstore/split"}, why: "the Go client of the API"},
	"test":          {may: []string{"appliance", "client", "httpd", "engine", "chunkstore", "httpd/wire"}, why: "acceptance tests of the whole product"},
	"bench":         {may: []string{"client", "chunkstore", "engine", "appliance", "httpd/wire"}, why: "measuring programs"},
}

// guarded lists modules that only some packages may import, by package.
var guarded = map[string][]string{
	"go.etcd.io/bbolt":            {"engine/meta/kv", "chunkstore/locator", "bench"},
	"github.com/valyala/fasthttp": {"httpd", "client", "bench"},
	"net/http":                    {"client", "cmd/scaidrive", "test", "bench", "httpd/openapi/openapitest"},

	// What only tests use, through one package of theirs.
	"github.com/getkin/kin-openapi/openapi3":   {"httpd/openapi/openapitest"},
	"github.com/santhosh-tekuri/jsonschema/v6": {"httpd/openapi/openapitest"},
	"scaidrive/httpd/openapi/openapitest":      {},
}

func roomOf(pkg string) string {
	for p := pkg; p != "." && p != "/"; p = filepath.Dir(p) {
		if _, ok := rooms[p]; ok {
			return p
		}
	}
	return ""
}

func within(pkg string, places []string) bool {
	for _, p := range places {
		if pkg == p || strings.HasPrefix(pkg, p+"/") {
			return true
		}
	}
	return false
}

// TestImportsGoDownTheStairs holds every import of the product against the table.
func TestImportsGoDownTheStairs(t *testing.T) {
	root := ".."
	seen := 0
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "testdata" || e.Name() == "node_modules" || strings.HasPrefix(e.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if e.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		rel, _ := filepath.Rel(root, path)
		pkg := filepath.ToSlash(filepath.Dir(rel))
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		seen++
		test := strings.HasSuffix(path, "_test.go")
		from := roomOf(pkg)
		if from == "" {
			t.Errorf("%s: package %s is in no room of the table; docs/architecture.md lists them", rel, pkg)
			return nil
		}
		for _, spec := range f.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			if places, ok := guarded[imp]; ok && !test && !within(pkg, places) {
				t.Errorf("%s imports %s, which only %v may", rel, imp, places)
			}
			own, ok := strings.CutPrefix(imp, "scaidrive/")
			if !ok {
				continue
			}
			to := roomOf(own)
			if to == from || within(own, rooms[from].may) && (own == to || to != "httpd/wire" || within("httpd/wire", rooms[from].may)) {
				continue
			}
			if test && from != "chunkstore" && (strings.HasSuffix(own, "test") || from == "cmd/scaidrive" || from == "client" || from == "httpd") {
				continue // tests of the upper floors may stand on the whole house
			}
			t.Errorf("%s: room %s (%s) may not import %s", rel, from, rooms[from].why, imp)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Fatalf("only %d files seen: the test looks in the wrong place", seen)
	}
}

// TestLeavesOfTheEngine: vocabulary and wire stay free of everything.
func TestLeavesImportAlmostNothing(t *testing.T) {
	for dir, allowed := range map[string][]string{
		"../engine":     {"github.com/oklog/ulid/v2"},
		"../httpd/wire": {},
	} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", dir, err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range f.Imports {
				imp, _ := strconv.Unquote(spec.Path.Value)
				if strings.Contains(imp, ".") && !within(imp, allowed) || strings.HasPrefix(imp, "scaidrive/") {
					t.Errorf("%s imports %s; it may import the standard library and %v only", path, imp, allowed)
				}
			}
		}
	}
}

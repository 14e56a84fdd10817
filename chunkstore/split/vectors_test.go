package split_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"
	"unsafe"

	"github.com/PlakarKorp/go-cdc-chunkers"
	"github.com/PlakarKorp/go-cdc-chunkers/chunkers/fastcdc"
	"github.com/google/go-cmp/cmp"

	"scaidrive/chunkstore/split"
)

// A vector is one published case: an input by formula, and where it is cut.
type vector struct {
	Set     string `json:"set"`
	Formula string `json:"formula"`
	Size    int    `json:"size"`
	SHA256  string `json:"sha256"`
	Cuts    []int  `json:"cuts"` // offsets of the ends of the chunks
}

const vectorFile = "testdata/vectors.json"

var update = flag.Bool("update", false, "write "+vectorFile+" anew; never after a release")

func vectorInputs() []vector {
	set := split.Default()
	list := []vector{
		{Formula: "counter", Size: 4 << 20},
		{Formula: "numbers", Size: 3000000},
		{Formula: "period", Size: 2000000},
		{Formula: "sparse", Size: 3000000},
	}
	for _, size := range []int{0, 1, set.Min - 1, set.Min, set.Min + 1, set.Max, set.Max + 1, 2*set.Max + 65537} {
		list = append(list, vector{Formula: "zeros", Size: size})
	}
	for i := range list {
		data := formulas[list[i].Formula](list[i].Size)
		sum := sha256.Sum256(data)
		list[i].Set, list[i].SHA256 = set.Name, hex.EncodeToString(sum[:])
		list[i].Cuts = ends(reference(set, data))
	}
	return list
}

func ends(lengths []int) []int {
	out, at := []int{}, 0
	for _, n := range lengths {
		at += n
		out = append(out, at)
	}
	return out
}

// reference is the definition in docs/formats/chunking.md, as plainly as it can
// be written.
func reference(set split.Set, data []byte) []int {
	var out []int
	for len(data) > 0 {
		n := min(len(data), 524288)
		cut := n
		var h uint64
		for i := 65536; i < n; i++ {
			h = 2*h + set.Table()[data[i]]
			if h>>48 == 0 {
				cut = i
				break
			}
		}
		out = append(out, cut)
		data = data[cut:]
	}
	return out
}

func TestVectors(t *testing.T) {
	if *update {
		b, err := json.MarshalIndent(vectorInputs(), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(vectorFile, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(vectorInputs(), list); d != "" {
		t.Errorf("the file is not by its formulas:\n%s", d)
	}
	for _, v := range list {
		set, err := split.ByName(v.Set)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(v.Cuts, ends(lengths(set, formulas[v.Formula](v.Size)))); d != "" {
			t.Errorf("%s, %d bytes:\n%s", v.Formula, v.Size, d)
		}
	}
}

// TestAgainstLibrary compares with FastCDC of go-cdc-chunkers, an independent
// implementation of the same loop: a set here is its algorithm with our table
// (an exported field) and one mask in place of its two (fields that are not
// exported, set by reflection). What is compared is all of the cut finder:
// table look-up, recurrence, comparison, minimum, maximum and short ends. Not
// compared: the table's formula and the choice of the mask, which are ours.
func TestAgainstLibrary(t *testing.T) {
	set := split.Default()
	opts := &chunkers.ChunkerOpts{MinSize: set.Min, NormalSize: set.Avg, MaxSize: set.Max}
	lib := &fastcdc.FastCDC{}
	if err := lib.Setup(opts); err != nil {
		t.Fatal(err)
	}
	lib.G = set.Table()
	for _, name := range []string{"maskS", "maskL"} {
		field := reflect.ValueOf(lib).Elem().FieldByName(name)
		*(*uint64)(unsafe.Pointer(field.UnsafeAddr())) = 0xffff << 48
	}
	inputs := [][]byte{random(21, 32<<20), random(22, 100), random(23, set.Min+1)}
	for name, formula := range formulas {
		inputs = append(inputs, formula(4<<20+len(name)))
	}
	chunks := 0
	for _, data := range inputs {
		got := lengths(set, data)
		var want []int
		for rest := data; len(rest) > 0; {
			n := lib.Algorithm(opts, rest, len(rest))
			want = append(want, n)
			rest = rest[n:]
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%d bytes are cut otherwise:\n%s", len(data), d)
		}
		chunks += len(got)
	}
	t.Logf("%d chunks are the same", chunks)
}

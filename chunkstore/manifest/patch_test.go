package manifest_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/chunkstore/manifest"
)

func TestPatchExamples(t *testing.T) {
	c := chunks(newRand(t, 20), 10)
	keep := func(first, n uint32) manifest.Step { return manifest.Step{First: first, Keep: n} }
	fresh := func(i int) manifest.Step { return manifest.Step{Chunk: c[i]} }
	pick := func(index ...int) (out []manifest.Chunk) {
		for _, i := range index {
			out = append(out, c[i])
		}
		return out
	}
	for _, tt := range []struct {
		name       string
		old, newer []manifest.Chunk
		want       []manifest.Step
	}{
		{"nothing", nil, nil, nil},
		{"from nothing", nil, pick(0, 1), []manifest.Step{fresh(0), fresh(1)}},
		{"to nothing", pick(0, 1), nil, nil},
		{"the same", pick(0, 1, 2), pick(0, 1, 2), []manifest.Step{keep(0, 3)}},
		{"one changed", pick(0, 1, 2, 3), pick(0, 9, 2, 3), []manifest.Step{keep(0, 1), fresh(9), keep(2, 2)}},
		{"in front", pick(0, 1, 2), pick(8, 9, 0, 1, 2), []manifest.Step{fresh(8), fresh(9), keep(0, 3)}},
		{"cut out", pick(0, 1, 2, 3), pick(0, 3), []manifest.Step{keep(0, 1), keep(3, 1)}},
		{"moved", pick(0, 1, 2, 3), pick(2, 3, 0, 1), []manifest.Step{keep(2, 2), keep(0, 2)}},
		{"repeated", pick(0, 0, 0, 1), pick(0, 0, 0, 0, 1), []manifest.Step{keep(0, 3), keep(2, 2)}},
		{"the longer run", pick(0, 1, 2, 3, 0, 5), pick(9, 0, 1, 2, 3), []manifest.Step{fresh(9), keep(0, 4)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := manifest.Patch(tt.old, tt.newer)
			back, err := manifest.Apply(tt.old, got, len(tt.newer))
			if err != nil || !slices.Equal(back, tt.newer) {
				t.Fatalf("applied it gives %v, error %v", back, err)
			}
			if tt.name != "repeated" { // there only the result counts
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

// mutate copies a list and edits it a few times.
func mutate(rng *rand.Rand, list []manifest.Chunk) []manifest.Chunk {
	out := slices.Clone(list)
	for range rng.IntN(6) {
		i := rng.IntN(len(out) + 1)
		j := min(len(out), i+rng.IntN(20))
		switch rng.IntN(4) {
		case 0:
			out = slices.Delete(out, i, j)
		case 1:
			out = slices.Insert(out, i, chunks(rng, rng.IntN(10))...)
		case 2: // moved or copied
			out = slices.Insert(out, rng.IntN(len(out)+1), slices.Clone(out[i:j])...)
		case 3:
			out = slices.Replace(out, i, j, chunks(rng, j-i)...)
		}
	}
	return out
}

func TestPatchProperties(t *testing.T) {
	rng := newRand(t, 21)
	for range 3000 {
		old := chunks(rng, rng.IntN(200))
		if len(old) > 0 && rng.IntN(3) == 0 { // many repetitions
			few := old[:1+rng.IntN(min(len(old), 4))]
			for i := range old {
				old[i] = few[rng.IntN(len(few))]
			}
		}
		newer := mutate(rng, old)
		p := manifest.Patch(old, newer)
		got, err := manifest.Apply(old, p, len(newer))
		if err != nil || !slices.Equal(got, newer) {
			t.Fatalf("the patch makes another list, error %v", err)
		}
		if len(p) > len(newer) {
			t.Fatalf("%d steps for %d chunks", len(p), len(newer))
		}
		known := make(map[manifest.Chunk]bool)
		for _, c := range old {
			known[c] = true
		}
		for _, s := range p {
			if s.Keep == 0 && known[s.Chunk] {
				t.Fatal("a chunk that is known is told again")
			}
		}
		if len(newer) > 0 {
			if _, err := manifest.Apply(old, p, len(newer)-1); !errors.Is(err, manifest.ErrMalformed) {
				t.Fatalf("beyond the limit: %v", err)
			}
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	old := chunks(newRand(t, 22), 10)
	for name, patch := range map[string][]manifest.Step{
		"behind the end":  {{First: 5, Keep: 6}},
		"far behind":      {{First: 11, Keep: 1}},
		"sum wraps":       {{First: 1<<32 - 1, Keep: 2}},
		"all of it":       {{First: 0, Keep: 1<<32 - 1}},
		"no bytes":        {{}},
		"more than limit": slices.Repeat([]manifest.Step{{Keep: 10}}, 11),
	} {
		if got, err := manifest.Apply(old, patch, 100); !errors.Is(err, manifest.ErrMalformed) || got != nil {
			t.Errorf("%s: %v, error %v", name, got, err)
		}
	}
	if _, err := manifest.Apply(old, []manifest.Step{{Keep: 1}}, -1); err == nil {
		t.Error("a negative limit")
	}
}

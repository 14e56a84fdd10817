package manifest

import "slices"

// A Step is an item of a patch: Keep chunks of the older list from First on, or,
// where Keep is 0, the new Chunk.
type Step struct {
	First, Keep uint32
	Chunk       Chunk
}

// Patch describes the newer list against the older one. It holds both in
// memory; runs that are in both in the same order become one step.
func Patch(older, newer []Chunk) []Step {
	places := make(map[Chunk][]uint32, len(older))
	for i, c := range older {
		places[c] = append(places[c], uint32(i))
	}
	var out []Step
	next := uint32(0) // behind the last chunk kept
	for i, c := range newer {
		kept := len(out) > 0 && out[len(out)-1].Keep > 0
		if kept && int(next) < len(older) && older[next] == c {
			out[len(out)-1].Keep++
			next++
			continue
		}
		at := places[c]
		if len(at) == 0 {
			out = append(out, Step{Chunk: c})
			continue
		}
		p := bestPlace(older, newer[i:], at, next)
		out = append(out, Step{First: p, Keep: 1})
		next = p + 1
	}
	return out
}

// bestPlace chooses where to begin a run that several places of the older list
// could begin: the first one behind the last run, unless the first one of all
// goes on for longer. Both are followed for a few chunks only.
func bestPlace(older, newer []Chunk, at []uint32, next uint32) uint32 {
	k, _ := slices.BinarySearch(at, next)
	if k == len(at) {
		return at[0]
	}
	if k > 0 && runLength(older[at[0]:], newer) > runLength(older[at[k]:], newer) {
		return at[0]
	}
	return at[k]
}

func runLength(older, newer []Chunk) int {
	n := min(len(older), len(newer), 16)
	for i := range n {
		if older[i] != newer[i] {
			return i
		}
	}
	return n
}

// Apply gives the newer list that a patch describes against the older one. A
// step outside of the older list, a new chunk without bytes or a result of more
// than limit chunks is ErrMalformed; nothing larger than limit is made.
func Apply(older []Chunk, patch []Step, limit int) ([]Chunk, error) {
	total := uint64(0)
	for i, s := range patch {
		switch {
		case s.Keep > 0 && uint64(s.First)+uint64(s.Keep) > uint64(len(older)):
			return nil, malformed("step %d keeps %d chunks from %d of a list of %d", i, s.Keep, s.First, len(older))
		case s.Keep == 0 && s.Chunk.Size == 0:
			return nil, malformed("step %d neither keeps chunks nor names one with bytes", i)
		}
		total += uint64(max(s.Keep, 1))
		if total > uint64(max(limit, 0)) {
			return nil, malformed("the patch makes more than %d chunks", limit)
		}
	}
	out := make([]Chunk, 0, total)
	for _, s := range patch {
		if s.Keep > 0 {
			out = append(out, older[s.First:s.First+s.Keep]...)
		} else {
			out = append(out, s.Chunk)
		}
	}
	return out, nil
}

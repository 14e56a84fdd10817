package client

import "scaidrive/httpd/wire"

// Patch tells chunks against those of an older version, with runs as long as they
// get, and how many of them that has.
func Patch(base, chunks []wire.Chunk) (items []wire.PatchItem, kept int) {
	first := make(map[wire.Hash]int, len(base))
	for i, c := range base {
		if _, ok := first[c.SHA256]; !ok {
			first[c.SHA256] = i
		}
	}
	for i := range chunks {
		// Going on after the last run is better than the first place of the hash.
		if n := len(items); n > 0 && items[n-1].Keep != nil {
			next := int(items[n-1].Keep[0] + items[n-1].Keep[1])
			if next < len(base) && base[next] == chunks[i] {
				items[n-1].Keep[1]++
				kept++
				continue
			}
		}
		if at, ok := first[chunks[i].SHA256]; ok && base[at] == chunks[i] {
			items = append(items, wire.PatchItem{Keep: []uint32{uint32(at), 1}})
			kept++
		} else {
			items = append(items, wire.PatchItem{SHA256: &chunks[i].SHA256, Size: chunks[i].Size})
		}
	}
	return items, kept
}

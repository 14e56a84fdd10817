package httpd

import (
	"testing"

	"scaidrive/engine"
)

// TestPreviewKey: what a client claims has no part in which picture it is shown.
func TestPreviewKey(t *testing.T) {
	chunk := func(b byte) engine.Chunk { return engine.Chunk{Hash: [32]byte{b}, Size: 10} }
	base := engine.Content{Size: 20, SHA256: [32]byte{1}, Inline: []engine.Chunk{chunk(1), chunk(2)}}
	key := previewKey(engine.ID{1}, &base)
	claimed := base
	claimed.SHA256 = [32]byte{9}
	if previewKey(engine.ID{1}, &claimed) != key {
		t.Error("the claimed hash makes another key")
	}
	other, long, longer := base, base, base
	other.Inline = []engine.Chunk{chunk(1), chunk(3)}
	long.Inline, long.Root = nil, [32]byte{1}
	longer.Size = 21
	seen := map[[32]byte]string{key: "itself"}
	for name, k := range map[string][32]byte{
		"of another tenant": previewKey(engine.ID{2}, &base), "other chunks": previewKey(engine.ID{1}, &other),
		"a manifest": previewKey(engine.ID{1}, &long), "another size": previewKey(engine.ID{1}, &longer),
	} {
		if same, ok := seen[k]; ok {
			t.Errorf("%s has the key of %s", name, same)
		}
		seen[k] = name
	}
}

package tree_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/tree"
)

// bigFolder is a share on the real disk with n files in its root.
func bigFolder(b *testing.B, n int) *world {
	b.Helper()
	dir := b.TempDir()
	opts := meta.Options{FS: vfs.OS(dir), DBPath: filepath.Join(dir, "meta.db"), StoreID: [16]byte{1}, SnapshotBytes: -1, ScrubEvery: -1}
	if err := meta.Create(context.Background(), opts); err != nil {
		b.Fatal(err)
	}
	db, err := meta.Open(context.Background(), opts)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	if err := db.Verified(context.Background()); err != nil {
		b.Fatal(err)
	}
	w := worldOn(b, db)
	rnd := rand.New(rand.NewPCG(1, 1))
	for from := 0; from < n; from += 4000 {
		w.update(func(tx *meta.Tx) error {
			batch := w.tree.Batch(tx, w.owner)
			for i := from; i < min(n, from+4000); i++ {
				// In no order of names, as files come in life.
				name := fmt.Sprintf("%08x report %d.%s", rnd.Uint32(), i, []string{"txt", "pdf", "jpg"}[i%3])
				c := engine.Content{Chunking: "test", Size: int64(rnd.IntN(1 << 30)), HashState: engine.HashClaimed}
				c.Count, c.Inline = 1, []engine.Chunk{{Size: uint32(c.Size)}}
				spec := tree.FileSpec{Share: w.share, Name: name, Content: c, ModifiedAt: time.Unix(int64(rnd.IntN(1<<30)), 0)}
				if _, err := batch.PutFile(spec); err != nil {
					return err
				}
			}
			return batch.Flush()
		})
	}
	if err := db.Flush(); err != nil {
		b.Fatal(err)
	}
	return w
}

// BenchmarkList: a page of 100 in a folder of 100,000, and with SCAIDRIVE_LONG of
// 1,000,000 instead: anywhere in it by name, and the first page in every other order.
func BenchmarkList(b *testing.B) {
	sizes := []int{100_000}
	if os.Getenv("SCAIDRIVE_LONG") != "" {
		sizes = []int{1_000_000}
	}
	for _, n := range sizes {
		w := bigFolder(b, n)
		// Tokens of places all over the folder.
		var tokens, back []string
		for _, desc := range []bool{false, true} {
			spec := tree.ListSpec{Folder: w.share, Limit: 1000, Desc: desc}
			for {
				p, err := w.tree.List(ctx, w.owner, spec)
				if err != nil {
					b.Fatal(err)
				}
				if spec.Token = p.NextToken; spec.Token == "" {
					break
				}
				if desc {
					back = append(back, spec.Token)
				} else {
					tokens = append(tokens, spec.Token)
				}
			}
		}
		for name, spec := range map[string]tree.ListSpec{
			"name": {}, "name-desc": {Desc: true}, "size": {Sort: tree.SortSize}, "modified": {Sort: tree.SortModified, Desc: true},
			"type": {Sort: tree.SortType}, "size-first": {Sort: tree.SortSize}, "filter-all": {Filter: "report"}, "filter-one": {Filter: "77777"},
		} {
			spec.Folder, spec.Limit = w.share, 100
			b.Run(fmt.Sprintf("entries=%d/%s", n, name), func(b *testing.B) {
				var longest time.Duration
				for i := 0; b.Loop(); i++ {
					if name == "name" {
						spec.Token = tokens[i*7919%len(tokens)]
					}
					if name == "name-desc" {
						spec.Token = back[i*7919%len(back)]
					}
					if name == "size-first" {
						w.tree.Trim() // the folder is ranked
					}
					began := time.Now()
					p, err := w.tree.List(ctx, w.owner, spec)
					if err != nil || len(p.Items) == 0 && spec.Filter == "" {
						b.Fatal(err)
					}
					longest = max(longest, time.Since(began))
				}
				b.ReportMetric(float64(longest.Microseconds())/1000, "ms-longest")
			})
		}
	}
}

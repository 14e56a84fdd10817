package meta_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// benchDB is a database on the real disk; syncs counts those of its log.
func benchDB(b *testing.B, delay time.Duration) (db *meta.DB, syncs func() int) {
	b.Helper()
	dir := b.TempDir()
	fault := vfs.NewFault(vfs.OS(dir))
	opts := meta.Options{FS: fault, DBPath: filepath.Join(dir, "meta.db"), StoreID: [16]byte{1}, SnapshotBytes: -1, ScrubEvery: -1}
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
	fault.SetSyncDelay(delay)
	fault.ResetCounts()
	return db, func() int { return fault.Count(vfs.OpSync|vfs.OpSyncDir, "") }
}

func benchKey(b []byte, n uint64) []byte {
	// Spread, as IDs of different folders are.
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 1), n*0x9e3779b97f4a7c15)
}

// BenchmarkUpdate: writers × keys a mutation, values of 100 bytes. syncs/op are
// the log's, flushes/op the transactions of the file (two syncs each).
func BenchmarkUpdate(b *testing.B) {
	for _, delay := range []time.Duration{0, 5 * time.Millisecond} {
		for _, c := range []struct{ writers, keys int }{{1, 1}, {64, 1}, {64, 5}, {1, 1000}} {
			b.Run(fmt.Sprintf("delay=%s/writers=%d/keys=%d", delay, c.writers, c.keys), func(b *testing.B) {
				db, syncs := benchDB(b, delay)
				value := make([]byte, 100)
				var next atomic.Uint64
				start := time.Now()
				b.ResetTimer()
				parallel(b, c.writers, func() error {
					return db.Update(context.Background(), func(tx *meta.Tx) error {
						for range c.keys {
							if err := tx.Put(schema.Nodes, benchKey(nil, next.Add(1)), value); err != nil {
								return err
							}
						}
						return nil
					})
				})
				b.StopTimer()
				s := db.Status()
				b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "updates/s")
				b.ReportMetric(float64(b.N*c.keys)/time.Since(start).Seconds(), "keys/s")
				b.ReportMetric(float64(syncs())/float64(b.N), "syncs/op")
				b.ReportMetric(float64(s.Flushes)/float64(b.N), "flushes/op")
			})
		}
	}
}

func parallel(b *testing.B, writers int, fn func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := fn(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkBareBolt is the yardstick: one key, or a thousand, in a transaction
// of bbolt alone; and 64 writers grouped by its Batch.
func BenchmarkBareBolt(b *testing.B) {
	for _, c := range []struct {
		writers, keys int
		batch         bool
	}{{1, 1, false}, {64, 1, true}, {1, 1000, false}} {
		b.Run(fmt.Sprintf("writers=%d/keys=%d", c.writers, c.keys), func(b *testing.B) {
			db, err := bolt.Open(filepath.Join(b.TempDir(), "x.db"), 0o600, &bolt.Options{FreelistType: bolt.FreelistMapType})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			name, value := []byte("b"), make([]byte, 100)
			if err := db.Update(func(tx *bolt.Tx) error { _, err := tx.CreateBucket(name); return err }); err != nil {
				b.Fatal(err)
			}
			run := db.Update
			if c.batch {
				db.MaxBatchDelay = time.Millisecond
				run = db.Batch
			}
			var next atomic.Uint64
			start := time.Now()
			b.ResetTimer()
			parallel(b, c.writers, func() error {
				return run(func(tx *bolt.Tx) error {
					for range c.keys {
						if err := tx.Bucket(name).Put(benchKey(nil, next.Add(1)), value); err != nil {
							return err
						}
					}
					return nil
				})
			})
			b.StopTimer()
			b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "updates/s")
			b.ReportMetric(float64(b.N*c.keys)/time.Since(start).Seconds(), "keys/s")
		})
	}
}

// BenchmarkGet reads one of 100,000 records, from the layers and from the file.
func BenchmarkGet(b *testing.B) {
	for _, flushed := range []bool{false, true} {
		b.Run(fmt.Sprintf("file=%v", flushed), func(b *testing.B) {
			db, _ := benchDB(b, 0)
			const n = 100_000
			for from := range n / 1000 {
				err := db.Update(context.Background(), func(tx *meta.Tx) error {
					for i := range 1000 {
						if err := tx.Put(schema.Nodes, benchKey(nil, uint64(from*1000+i)), make([]byte, 100)); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			if flushed {
				if err := db.Flush(); err != nil {
					b.Fatal(err)
				}
			}
			var next atomic.Uint64
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					err := db.View(context.Background(), func(v *meta.View) error {
						_, err := v.Get(schema.Nodes, benchKey(nil, next.Add(7919)%n))
						return err
					})
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

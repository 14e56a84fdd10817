package archive_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/split"
	"scaidrive/engine"
	"scaidrive/engine/archive"
	"scaidrive/engine/meta"
	"scaidrive/engine/transfer"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/tree"
)

// forest makes n files of size bytes, a thousand a folder, in a directory on disk.
func forest(b testing.TB, n, size int) (*rig, engine.ID) {
	s := transfertest.Disk(b)
	r := &rig{Stack: s, Archives: archive.New(s.Tree, s.Transfer, s.Shares, trust{}, s.Env())}
	r.env()
	top := r.mkdir(b, r.Share, "forest")
	dom := chunkstore.Domain(r.Owner.TenantID)
	for i := 0; i < n; {
		dir := r.mkdir(b, top, fmt.Sprintf("folder %04d", i/1000))
		err := r.DB.Update(b.Context(), func(tx *meta.Tx) error {
			batch := r.Tree.Batch(tx, r.Owner)
			for end := min(n, i+1000); i < end; i++ {
				data := transfertest.Random(uint64(i), size)
				h := sha256.Sum256(data)
				if _, err := r.Chunks.Put(b.Context(), dom, chunkstore.KindData, chunkstore.Hash(h), data); err != nil {
					return err
				}
				_, err := batch.PutFile(tree.FileSpec{Share: r.Share, Parent: dir, Name: fmt.Sprintf("file %06d.txt", i), Content: engine.Content{
					Size: int64(size), SHA256: h, HashState: engine.HashVerified, Chunking: split.Default().Name,
					Count: 1, Inline: []engine.Chunk{{Hash: h, Size: uint32(size)}},
				}})
				if err != nil {
					return err
				}
			}
			return batch.Flush()
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return r, top
}

// env gives archives the real clock: their planning ends by it.
func (r *rig) env() {
	env := r.Env()
	env.Now = time.Now
	r.Archives = archive.New(r.Tree, r.Transfer, r.Shares, trust{}, env)
}

// first notes when the first byte came, and the heap now and then.
type first struct {
	at   time.Time
	n    int64
	next int64
	heap uint64
}

func (f *first) Write(p []byte) (int, error) {
	if f.n == 0 {
		f.at = time.Now()
	}
	if f.n += int64(len(p)); f.n >= f.next {
		f.next += 64 << 20
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		f.heap = max(f.heap, m.HeapAlloc)
	}
	return len(p), nil
}

// BenchmarkArchive archives 100,000 files of 4 KiB (SCAIDRIVE_FILES: another
// number): the time until the first byte, and files and bytes a second.
//
//	go test -run '^$' -bench Archive -benchtime 3x ./engine/archive
func BenchmarkArchive(b *testing.B) {
	n := 100_000
	if s := os.Getenv("SCAIDRIVE_FILES"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	r, top := forest(b, n, 4096)
	var waited time.Duration
	var heap uint64
	var bytes int64
	for b.Loop() {
		began := time.Now()
		a, err := r.Archives.Open(b.Context(), r.Owner, []archive.Item{folder(top)})
		if err != nil {
			b.Fatal(err)
		}
		f := first{}
		if err := a.WriteTo(b.Context(), &f); err != nil {
			b.Fatal(err)
		}
		waited, heap, bytes = max(waited, f.at.Sub(began)), max(heap, f.heap), f.n
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(float64(waited.Milliseconds()), "ms/first")
	b.ReportMetric(float64(n)/seconds, "files/s")
	b.ReportMetric(float64(bytes)/1e6/seconds, "MB/s")
	b.ReportMetric(float64(heap)/(1<<20), "MiB/heap")
}

// repeat reads the same bytes again and again.
type repeat struct {
	b []byte
	n int64
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.n <= 0 {
		return 0, io.EOF
	}
	n := min(copy(p, r.b), int(min(r.n, int64(len(r.b)))))
	r.n -= int64(n)
	return n, nil
}

// TestFileBeyond4GiB archives a stored file of more than 4 GiB.
func TestFileBeyond4GiB(t *testing.T) {
	if os.Getenv("SCAIDRIVE_LONG") == "" {
		t.Skip("a long test: set SCAIDRIVE_LONG")
	}
	s := transfertest.Disk(t)
	r := &rig{Stack: s, Archives: archive.New(s.Tree, s.Transfer, s.Shares, trust{}, s.Env())}
	const size = 1<<32 + 12345
	spec := transfer.UploadSpec{Share: r.Share, Name: "large", Size: size}
	l, err := r.Transfer.Upload(t.Context(), r.Owner, spec, &repeat{make([]byte, 1<<20), size})
	if err != nil {
		t.Fatal(err)
	}
	r.put(t, r.Share, "small", []byte("behind it"))
	a, err := r.Archives.Open(t.Context(), r.Owner, []archive.Item{{ID: l.Node.ID}})
	if err != nil {
		t.Fatal(err)
	}
	tail := &tail{}
	if err := a.WriteTo(t.Context(), tail); err != nil {
		t.Fatal(err)
	}
	if tail.n != a.Length || !bytes.HasSuffix(tail.b, []byte("PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00\x50\x00\x00\x00\xff\xff\xff\xff\x00\x00")) {
		t.Errorf("%d bytes, %d told, ending in %x", tail.n, a.Length, tail.b)
	}
}

// tail keeps the last bytes.
type tail struct {
	n int64
	b []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.n += int64(len(p))
	t.b = append(t.b, p[max(0, len(p)-100):]...)
	t.b = t.b[max(0, len(t.b)-100):]
	return len(p), nil
}

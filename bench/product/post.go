package main

import (
	"bufio"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"scaidrive/bench/machine"
)

// postCount is how many of D3's files are posted in a timed run.
const postCount = 4000

// posts measures small writes, one request a file, and their syncs.
func (b *bench) posts() error {
	if _, err := b.fresh("posts"); err != nil {
		return err
	}
	files, err := contents(filepath.Join(b.dir, "d3"), postCount)
	if err != nil {
		return err
	}
	made, err := machine.Files(b.dir)
	if err != nil {
		return err
	}
	var many []float64
	for run := range b.runs {
		r, err := b.postAll(16, files, fmt.Sprintf("run %d", run))
		if err != nil {
			return err
		}
		many = append(many, r)
	}
	atLeast("D3 up, one POST a file, 16 at once", "files/s", median(many), bound{1.5, "sftpgo = 0.11 x creating files", 0.11 * made})
	small := make([][]byte, 64*50)
	for i := range small {
		small[i] = fmt.Appendf(make([]byte, 0, 4096), "file %d", i)[:4096]
	}
	for _, writers := range []int{1, 16, 64} {
		n := 50 * writers
		rate, err := b.postAll(writers, small[:n], fmt.Sprint("timed ", writers))
		if err != nil {
			return err
		}
		countSyncs := b.syncCounter()
		if _, err := b.postAll(writers, small[:n], fmt.Sprint("counted ", writers)); err != nil {
			return err
		}
		row(fmt.Sprintf("POST /files, 4 KiB, %d at once", writers), "%.0f files/s, %.2f syncs a file", rate, float64(countSyncs())/float64(n))
	}
	return b.stop()
}

// contents reads the first files of a set.
func contents(dir string, n int) (out [][]byte, err error) {
	err = filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if out = append(out, data); len(out) == n {
			return fs.SkipAll
		}
		return nil
	})
	return out, err
}

// postAll uploads contents by multipart, some at once, and gives files a second.
func (b *bench) postAll(writers int, files [][]byte, name string) (float64, error) {
	token, err := b.token()
	if err != nil {
		return 0, err
	}
	share, err := b.benchShare(token)
	if err != nil {
		return 0, err
	}
	var next atomic.Int64
	return together(b.addr, writers, func(_ int, c net.Conn, r *bufio.Reader) (n int, err error) {
		var head, body []byte
		for {
			i := int(next.Add(1)) - 1
			if i >= len(files) {
				return n, nil
			}
			body = fmt.Appendf(body[:0], "--sep\r\nContent-Disposition: form-data; name=\"share_id\"\r\n\r\n%s\r\n"+
				"--sep\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n%s %d.bin\r\n"+
				"--sep\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n", share, name, i)
			body = append(append(body, files[i]...), "\r\n--sep--\r\n"...)
			head = fmt.Appendf(head[:0], "POST /api/v1/files HTTP/1.1\r\nHost: bench.example.com\r\nAuthorization: Bearer %s\r\n"+
				"Content-Type: multipart/form-data; boundary=sep\r\nContent-Length: %d\r\n\r\n", token, len(body))
			if _, err := c.Write(append(head, body...)); err != nil {
				return n, err
			}
			if err := skipAnswer(r, created201); err != nil {
				return n, err
			}
			n++
		}
	})
}

// What the metadata writes are measured with.
const (
	renameWriters = 64
	renameTime    = 4 * time.Second
)

// renames measures complete metadata writes over HTTP, each writer on a file of
// its own, in turn with bare bbolt.
func (b *bench) renames() error {
	if _, err := b.fresh("renames"); err != nil {
		return err
	}
	if _, err := b.postAll(16, make([][]byte, renameWriters), "renamed"); err != nil {
		return err
	}
	token, err := b.token()
	if err != nil {
		return err
	}
	share, err := b.benchShare(token)
	if err != nil {
		return err
	}
	files, _, err := b.treeIDs(token, share)
	if err != nil {
		return err
	}
	if len(files) != renameWriters {
		return fmt.Errorf("%d files are listed", len(files))
	}
	run := 0
	rename := func() (float64, error) {
		run++
		until := time.Now().Add(renameTime)
		return together(b.addr, renameWriters, func(w int, c net.Conn, r *bufio.Reader) (n int, err error) {
			var q []byte
			for time.Now().Before(until) {
				body := fmt.Sprintf(`{"name":"file %d of run %d, %d"}`, w, run, n)
				q = fmt.Appendf(q[:0], "PATCH /api/v1/files/%s HTTP/1.1\r\nHost: bench.example.com\r\nAuthorization: Bearer %s\r\n"+
					"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", files[w], token, len(body), body)
				if _, err := c.Write(q); err != nil {
					return n, err
				}
				if err := skipAnswer(r, ok200); err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		})
	}
	var own, bare []float64
	for range b.runs {
		r, err := rename()
		if err != nil {
			return err
		}
		y, err := bareBolt(filepath.Join(b.dir, "bare.db"))
		if err != nil {
			return err
		}
		own, bare = append(own, r), append(bare, y)
	}
	atLeast("rename of one file over HTTP, 64 writers", "/s", median(own), bound{0.35, "bare bbolt, 64 writers", median(bare)})
	countSyncs := b.syncCounter()
	r, err := rename()
	if err != nil {
		return err
	}
	row("syncs of that", "%.3f a rename", float64(countSyncs())/(r*renameTime.Seconds()))
	return b.stop()
}

// bareBolt gives updates a second of 64 writers of one key each, grouped by
// bbolt, in a database of 200,000 keys.
func bareBolt(path string) (float64, error) {
	os.Remove(path)
	defer os.Remove(path)
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType, NoFreelistSync: true})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	db.MaxBatchDelay = 2 * time.Millisecond
	bucket, value := []byte("c"), make([]byte, 24)
	key := func(i uint64) []byte { return fmt.Appendf(nil, "%032x", i*0x9e3779b97f4a7c15) }
	for from := 0; from < 200_000; from += 20_000 {
		err := db.Update(func(tx *bbolt.Tx) error {
			bu, err := tx.CreateBucketIfNotExists(bucket)
			for i := from; i < from+20_000 && err == nil; i++ {
				err = bu.Put(fmt.Appendf(nil, "%032x", uint64(i)<<40), value)
			}
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	const each = 200
	failed := make(chan error, renameWriters)
	begin := time.Now()
	for w := range renameWriters {
		go func() {
			for i := range each {
				if err := db.Batch(func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Put(key(uint64(w*each+i)), value) }); err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	for range renameWriters {
		if err := <-failed; err != nil {
			return 0, err
		}
	}
	return renameWriters * each / time.Since(begin).Seconds(), nil
}

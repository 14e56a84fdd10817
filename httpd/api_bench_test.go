package httpd

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/transfer/transfertest"
)

// benchSize is the file of the benchmarks of long transfers.
const benchSize = 2 << 30

// noiseReader gives bytes that do not compress, fast.
type noiseReader struct {
	block []byte
	left  int64
	n     byte
}

func newNoise(size int64) *noiseReader {
	return &noiseReader{block: []byte(noise(9, 1<<20)), left: size}
}

func (r *noiseReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	at := int(r.left % (1 << 20))
	n := copy(p, r.block[at:])
	n = int(min(int64(n), r.left))
	for i := 0; i < n; i += 4096 {
		p[i] ^= byte(r.left >> 12)
		p[i] += r.n
	}
	r.n++
	r.left -= int64(n)
	return n, nil
}

// sendFile uploads size bytes and gives the file's ID.
func (a *api) sendFile(name string, size int64) string {
	a.t.Helper()
	pr, pw := io.Pipe()
	form := multipart.NewWriter(pw)
	go func() {
		_ = form.WriteField("share_id", a.vars["share"])
		w, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = io.CopyBuffer(struct{ io.Writer }{w}, newNoise(size), make([]byte, 256<<10))
		}
		_ = form.Close()
		_ = pw.CloseWithError(err)
	}()
	req, _ := http.NewRequest("POST", "http://"+a.addr+"/api/v1/files", pr)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+a.vars["user"])
	res, err := (&http.Client{Transport: &http.Transport{WriteBufferSize: 256 << 10, DisableKeepAlives: true}}).Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	if res.StatusCode != 201 {
		a.t.Fatalf("%d %s", res.StatusCode, b)
	}
	var id string
	if _, err := fmt.Sscanf(string(b), `{"id":"%30s`, &id); err != nil {
		a.t.Fatal(err)
	}
	return id
}

func benchAPI(b *testing.B) *api {
	b.Helper()
	return serveAPI(b, transfertest.Disk(b))
}

// BenchmarkUpload is POST /files of a long file.
func BenchmarkUpload(b *testing.B) {
	a := benchAPI(b)
	b.SetBytes(benchSize / 4)
	for i := 0; b.Loop(); i++ {
		a.sendFile(fmt.Sprint("f", i), benchSize/4)
	}
}

// BenchmarkDownload is GET of 2 GiB, beside what the store gives to nobody.
func BenchmarkDownload(b *testing.B) {
	a := benchAPI(b)
	id := a.sendFile("f", benchSize)
	b.Run("http", func(b *testing.B) {
		b.SetBytes(benchSize)
		for b.Loop() {
			if n := rawGet(b, a.addr, "/api/v1/files/"+id+"/content", a.vars["user"]); n != benchSize {
				b.Fatal(n)
			}
		}
	})
	b.Run("store", func(b *testing.B) {
		file, _ := engine.ParseID(engine.PrefixFile, id)
		b.SetBytes(benchSize)
		for b.Loop() {
			o, err := a.Transfer.Open(context.Background(), a.Owner, file, 0)
			if err == nil {
				err = o.WriteRange(context.Background(), io.Discard, 0, benchSize)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// rawGet reads an answer with as little work as a client can do.
func rawGet(b *testing.B, addr, path, token string) int64 {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	if _, err := io.WriteString(nc, "GET "+path+" HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer "+token+"\r\n\r\n"); err != nil {
		b.Fatal(err)
	}
	br := bufio.NewReaderSize(nc, 4096)
	if res, err := http.ReadResponse(br, nil); err != nil || res.StatusCode != 200 {
		b.Fatal(res, err)
	}
	total := int64(br.Buffered())
	for buf := make([]byte, 1<<20); ; {
		n, err := nc.Read(buf)
		total += int64(n)
		if err == io.EOF {
			return total
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGetSmall is GET of 4 KiB files at random, signed in and checked, from
// 32 connections, each waiting for its answer.
func BenchmarkGetSmall(b *testing.B) { smallReads(b, "/content") }

// BenchmarkStat is BenchmarkGetSmall without the content.
func BenchmarkStat(b *testing.B) { smallReads(b, "") }

func smallReads(b *testing.B, what string) {
	a := benchAPI(b)
	const files = 1000
	requests := make([]string, files)
	for i := range requests {
		id := a.sendFile(fmt.Sprint("f", i), 4096)
		requests[i] = "GET /api/v1/files/" + id + what + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + a.vars["user"] + "\r\n\r\n"
	}
	var at atomic.Int64
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		nc, err := net.Dial("tcp", a.addr)
		if err != nil {
			b.Error(err)
			return
		}
		defer nc.Close()
		_ = nc.SetDeadline(time.Now().Add(5 * time.Minute))
		buf := make([]byte, 16<<10)
		for pb.Next() {
			if _, err := io.WriteString(nc, requests[at.Add(7919)%files]); err != nil {
				b.Error(err)
				return
			}
			if err := rawAnswer(nc, buf); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// rawAnswer reads an answer that says how long its body is.
func rawAnswer(nc net.Conn, buf []byte) error {
	have, whole := 0, -1
	for have != whole {
		n, err := nc.Read(buf[have:])
		if err != nil {
			return err
		}
		have += n
		head, _, over := bytes.Cut(buf[:have], []byte("\r\n\r\n"))
		if whole >= 0 || !over {
			continue
		}
		if string(head[9:12]) != "200" {
			return fmt.Errorf("status %s", head[9:12])
		}
		_, length, _ := bytes.Cut(head, []byte("Content-Length: "))
		digits, _, _ := bytes.Cut(length, []byte("\r\n"))
		if n, err = strconv.Atoi(string(digits)); err != nil {
			return err
		}
		whole = len(head) + 4 + n
	}
	return nil
}

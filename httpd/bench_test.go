package httpd

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
)

// The wire's own share of a download: the bytes come from memory.
func BenchmarkStream(b *testing.B) {
	chunk := make([]byte, 1<<20)
	const size = 256 << 20
	h := func(c *call) error {
		return c.stream(200, size, func(_ context.Context, w io.Writer) error {
			for range size / len(chunk) {
				if _, err := w.Write(chunk); err != nil {
					return err
				}
			}
			return nil
		})
	}
	addr := startBench(b, route{"GET", "/x", h, reader, 0, bulk, 1, op{}})
	b.SetBytes(size)
	for b.Loop() {
		if n := benchGet(b, addr); n != size {
			b.Fatal(n)
		}
	}
}

// BenchmarkSmall is 4 KiB, signed in, from 32 connections.
func BenchmarkSmall(b *testing.B) {
	data := make([]byte, 4096)
	h := func(c *call) error {
		c.setHeader("ETag", `"x"`)
		return c.stream(200, 4096, func(_ context.Context, w io.Writer) error {
			_, err := w.Write(data)
			return err
		})
	}
	addr := startBench(b, route{"GET", "/x", h, reader, 0, bulk, 1, op{}})
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			b.Error(err)
			return
		}
		defer nc.Close()
		br := bufio.NewReaderSize(nc, 16<<10)
		for pb.Next() {
			if _, err := io.WriteString(nc, "GET /x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\n\r\n"); err != nil {
				b.Error(err)
				return
			}
			res, err := http.ReadResponse(br, nil)
			if err != nil {
				b.Error(err)
				return
			}
			if n, err := io.Copy(io.Discard, res.Body); n != 4096 || err != nil {
				b.Error(n, err)
				return
			}
		}
	})
}

func startBench(b *testing.B, rt route) string {
	s := newServer(Options{Env: testEnv()}, []route{rt})
	s.authenticate = testAuthenticate
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- s.Serve(ctx, ln) }()
	b.Cleanup(func() {
		cancel()
		if err := <-over; err != nil {
			b.Error(err)
		}
	})
	return ln.Addr().String()
}

// benchGet reads an answer with as little work as a client can do.
func benchGet(b *testing.B, addr string) int64 {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	if _, err := io.WriteString(nc, "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer good\r\n\r\n"); err != nil {
		b.Fatal(err)
	}
	br := bufio.NewReaderSize(nc, 4096)
	if _, err := http.ReadResponse(br, nil); err != nil {
		b.Fatal(err)
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

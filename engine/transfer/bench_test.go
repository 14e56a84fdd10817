package transfer_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"scaidrive/engine/transfer"
	"scaidrive/engine/transfer/transfertest"
)

// BenchmarkUpload sends random bytes, 1 GiB a file, to a stack on disk; with
// -benchtime 1x it is one file.
func BenchmarkUpload(b *testing.B) {
	s := transfertest.Disk(b)
	const size = 1 << 30
	b.SetBytes(size)
	i := 0
	for b.Loop() {
		i++
		r := io.LimitReader(rand.NewChaCha8([32]byte{byte(i)}), size)
		_, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{Share: s.Share, Name: fmt.Sprint(i), Size: size}, r)
		if err != nil {
			b.Fatal(err)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-sys")
}

// BenchmarkDownload reads a file of 256 MiB whole.
func BenchmarkDownload(b *testing.B) {
	s := transfertest.Disk(b)
	data := transfertest.Random(1, 256<<20)
	loc := upload(b, s, "f", data)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		o, err := s.Transfer.Open(ctx, s.Owner, loc.Node.ID, 0)
		if err == nil {
			err = o.WriteRange(ctx, io.Discard, 0, int64(len(data)))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSmallUploads makes files of 4 KiB, one upload each, 16 at a time.
func BenchmarkSmallUploads(b *testing.B) {
	s := transfertest.Disk(b)
	i := make(chan int, 1)
	i <- 0
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := <-i
			i <- n + 1
			_, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{Share: s.Share, Name: fmt.Sprint(n), Size: -1}, io.LimitReader(rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}), 4096))
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "files/s")
}

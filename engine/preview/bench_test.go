package preview

import (
	"encoding/binary"
	"os"
	"testing"
)

// The figures of docs/decisions/0005: how long a caller waits, with the child's
// start in it; and the start alone, by a file that ends it at once.
//
//	go test -run '^$' -bench . -benchtime 10x ./engine/preview

func benchmarkPage(b *testing.B, s *Service, file []byte, size int) {
	var cpu int64
	for i := 0; b.Loop(); i++ {
		var k [32]byte
		binary.LittleEndian.PutUint64(k[:], uint64(i)+1)
		if _, err := s.Page(b.Context(), k, 1, size, from(file)); err != nil {
			b.Fatal(err)
		}
	}
	cpu = s.childCPU.Load()
	b.ReportMetric(float64(cpu)/1e6/float64(b.N), "cpu-ms/op")
}

func BenchmarkChildStart(b *testing.B) {
	benchmarkPage(b, newService(b, Options{}), photo(1, 1), SizeIcon)
}

func BenchmarkPhoto12MP(b *testing.B) {
	benchmarkPage(b, newService(b, Options{}), photo(4000, 3000), SizeTile)
}

func BenchmarkPhoto12MPScreen(b *testing.B) {
	benchmarkPage(b, newService(b, Options{}), photo(4000, 3000), SizeScreen)
}

func BenchmarkPageWarm(b *testing.B) {
	benchmarkPage(b, newPDFService(b, Options{}), document(1), SizeScreen)
}

func BenchmarkPageCold(b *testing.B) {
	s := newService(b, Options{})
	for b.Loop() {
		_ = os.RemoveAll(s.engine)
		if err := s.prepare(b.Context(), s.prepares.Load()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(s.childCPU.Load())/1e6/float64(b.N), "cpu-ms/op")
}

func BenchmarkCached(b *testing.B) {
	s := newService(b, Options{})
	file := photo(1000, 1000)
	if _, err := page(b, s, file, 1, SizeTile); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := page(b, s, file, 1, SizeTile); err != nil {
			b.Fatal(err)
		}
	}
}

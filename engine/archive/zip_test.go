package archive

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// holes keeps what is written but for blocks of zeros, so that an archive of
// gigabytes fits a test.
type holes struct {
	size  int64
	parts []hole
}

type hole struct {
	at int64
	b  []byte
}

var zeros [1 << 20]byte

func (h *holes) Write(p []byte) (int, error) {
	if len(p) > 64<<10 && bytes.Equal(p, zeros[:len(p)]) {
		h.size += int64(len(p))
		return len(p), nil
	}
	h.parts = append(h.parts, hole{h.size, bytes.Clone(p)})
	h.size += int64(len(p))
	return len(p), nil
}

func (h *holes) ReadAt(p []byte, off int64) (int, error) {
	n := int(min(int64(len(p)), h.size-off))
	clear(p[:n])
	for _, x := range h.parts {
		if x.at < off+int64(n) && x.at+int64(len(x.b)) > off {
			from := max(off, x.at)
			copy(p[from-off:n], x.b[from-x.at:])
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// writeZeros streams a file of n zeros.
func writeZeros(n int64) func(io.Writer) error {
	return func(w io.Writer) error {
		for n > 0 {
			m := min(n, int64(len(zeros)))
			if _, err := w.Write(zeros[:m]); err != nil {
				return err
			}
			n -= m
		}
		return nil
	}
}

// large writes an archive with files on both sides of 4 GiB, and entries beyond it.
func large(t *testing.T, w io.Writer, sizes ...int64) (list []record) {
	t.Helper()
	z := newZipWriter(w)
	for i, n := range sizes {
		r := record{name: fmt.Sprintf("d/%d.bin", i), size: n, seconds: 1e9}
		if err := z.stream(r, writeZeros(n)); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	if err := z.folder(record{name: "late/", seconds: 1e9}); err != nil {
		t.Fatal(err)
	}
	last := record{name: "late/last.txt", seconds: 1e9, size: 5}
	if err := z.whole(last, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	var told directory
	for _, r := range list {
		told.pass(&r)
	}
	told.pass(&record{name: "late/", seconds: 1e9, dir: true, told: true})
	last.told = true
	told.pass(&last)
	if err := z.finish(); err != nil {
		t.Fatal(err)
	}
	if h, ok := w.(*holes); ok && told.total() != h.size {
		t.Errorf("%d bytes were told, %d written", told.total(), h.size)
	}
	return append(list, last)
}

func TestBeyond4GiB(t *testing.T) {
	if testing.Short() {
		t.Skip("it sums gigabytes")
	}
	h := &holes{}
	want := large(t, h, 1<<32+10, 3<<20)
	zr, err := zip.NewReader(h, h.size)
	if err != nil {
		t.Fatal(err)
	}
	if len(zr.File) != len(want)+1 {
		t.Fatalf("%d entries", len(zr.File))
	}
	for i, f := range []*zip.File{zr.File[0], zr.File[1], zr.File[3]} {
		if f.Name != want[i].name || f.UncompressedSize64 != uint64(want[i].size) {
			t.Errorf("%s: %d bytes", f.Name, f.UncompressedSize64)
		}
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, rc); err != nil || n != want[i].size {
			t.Errorf("%s: %d bytes, %v", f.Name, n, err)
		}
	}
}

// TestManyEntries is above the 65,535 that the old format counts.
func TestManyEntries(t *testing.T) {
	const n = 70_000
	path := filepath.Join(t.TempDir(), "many.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := newZipWriter(f)
	content := func(i int) string { return strings.Repeat("x", i%3) }
	for i := range n {
		r := record{name: fmt.Sprintf("folder %d/file %d.txt", i/1000, i), seconds: int64(i) * 3600}
		if err := z.whole(r, []byte(content(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.finish(); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil || info.Size() != z.dir.total() {
		t.Fatalf("%d bytes were told, %d written", z.dir.total(), info.Size())
	}
	zr, err := zip.NewReader(f, info.Size())
	if err != nil || len(zr.File) != n {
		t.Fatal(len(zr.File), err)
	}
	for _, i := range []int{0, 1, 65_535, n - 1} {
		rc, err := zr.File[i].Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(rc)
		if err != nil || string(b) != content(i) || zr.File[i].Name != fmt.Sprintf("folder %d/file %d.txt", i/1000, i) {
			t.Errorf("%d: %q %v", i, b, err)
		}
		if want := time.Unix(int64(i)*3600, 0); !zr.File[i].Modified.Equal(want) {
			t.Errorf("%d: %v, want %v", i, zr.File[i].Modified, want)
		}
	}
	tools(t, path)
}

// tools has an archive tested by programs of others.
func tools(t *testing.T, path string) {
	t.Helper()
	for _, cmd := range [][]string{
		{"unzip", "-tq", path},
		{"bsdtar", "-tf", path},
		{"python3", "-c", "import sys,zipfile\nassert zipfile.ZipFile(sys.argv[1]).testzip() is None", path},
	} {
		if _, err := exec.LookPath(cmd[0]); err != nil {
			if os.Getenv("CI") == "true" {
				t.Error(err)
			}
			t.Log("not installed:", cmd[0])
			continue
		}
		if out, err := exec.Command(cmd[0], cmd[1:]...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %.500s", cmd[0], err, out)
		}
	}
}

// TestToolsBeyond4GiB takes minutes: programs of others read gigabytes.
func TestToolsBeyond4GiB(t *testing.T) {
	if os.Getenv("SCAIDRIVE_LONG") == "" {
		t.Skip("a long test: set SCAIDRIVE_LONG")
	}
	for _, sizes := range [][]int64{{1<<32 + 10, 3 << 20}, {1<<32 - 2, 3 << 20}, {3 << 30, 3 << 30, 3 << 20}, {1<<32 - 1, 3 << 20}} {
		t.Run(fmt.Sprint(sizes), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "large.zip")
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			large(t, &sparse{f: f}, sizes...)
			tools(t, path)
		})
	}
}

// sparse leaves holes in a file for blocks of zeros.
type sparse struct {
	f  *os.File
	at int64
}

func (s *sparse) Write(p []byte) (int, error) {
	n := len(p)
	if n <= 64<<10 || !bytes.Equal(p, zeros[:n]) {
		if _, err := s.f.WriteAt(p, s.at); err != nil {
			return 0, err
		}
	}
	s.at += int64(n)
	return n, nil
}

// TestDirectoryIsSmall measures what an entry takes.
func TestDirectoryIsSmall(t *testing.T) {
	const n = 200_000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var d directory
	for i := range n {
		d.add(&record{
			name: fmt.Sprintf("Projects/2026/customer %03d/photographs/IMG_%06d.jpeg", i/1000, i), told: true,
			size: int64(i*7919%5_000_000) + 1, crc: uint32(i) * 2654435761, seconds: 1_700_000_000 + int64(i*7919%30_000_000),
		})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := float64(after.HeapAlloc-before.HeapAlloc) / n
	t.Logf("%.1f bytes of memory an entry, %.1f in the archive", each, float64(d.length)/n)
	if each > 40 {
		t.Errorf("%.1f bytes of memory an entry", each)
	}
	i := 0
	var length, offset int64
	err := d.each(func(r *record, at int64) error {
		if want := fmt.Sprintf("Projects/2026/customer %03d/photographs/IMG_%06d.jpeg", i/1000, i); r.name != want || at != offset ||
			r.size != int64(i*7919%5_000_000)+1 || r.crc != uint32(i)*2654435761 || r.seconds != 1_700_000_000+int64(i*7919%30_000_000) || !r.told || r.dir || r.executable {
			t.Fatalf("entry %d: %+v at %d", i, r, at)
		}
		if got := int64(len(r.appendCentral(nil, at))); got != r.centralLen(at) {
			t.Fatalf("entry %d has %d bytes in the directory, not %d", i, got, r.centralLen(at))
		}
		length += r.centralLen(at)
		offset += r.localLen(offset)
		i++
		return nil
	})
	if err != nil || i != n || length != d.length || offset != d.offset {
		t.Error(err, i, length, d.length, offset, d.offset)
	}
}

// TestLengths: what is told of a record's length is what is written, at the edges.
func TestLengths(t *testing.T) {
	for _, size := range []int64{0, 1, max32 - 1, max32, max32 + 1} {
		for _, offset := range []int64{0, max32 - 1, max32, 1 << 40} {
			for _, seconds := range []int64{0, -1 << 40, 1 << 40, 1 << 31, 1<<31 - 1, -1 << 31} {
				for _, told := range []bool{true, false} {
					r := record{name: "a/b", size: size, seconds: seconds, told: told}
					local := int64(len(r.appendLocal(nil, offset))) + size
					if !told {
						local += int64(len(r.appendDescriptor(nil, offset)))
					}
					if local != r.localLen(offset) {
						t.Errorf("%+v: %d bytes, %d told", r, local, r.localLen(offset))
					}
					if wide := le.Uint32(r.appendLocal(nil, offset)[18:]) == max32; !told && wide != (r.centralExtra(offset) > 0) {
						t.Errorf("%+v at %d: the descriptor's length is another by the local header than by the directory", r, offset)
					}
					if central := int64(len(r.appendCentral(nil, offset))); central != r.centralLen(offset) {
						t.Errorf("%+v at %d: %d bytes, %d told", r, offset, central, r.centralLen(offset))
					}
				}
			}
		}
	}
	for _, count := range []int64{0, max16 - 1, max16, 1 << 40} {
		for _, n := range []int64{0, max32 - 1, max32} {
			if got := int64(len(appendEnd(nil, count, n, n))); got != endLength(count, n, n) {
				t.Errorf("end of %d entries, %d bytes: %d bytes, %d told", count, n, got, endLength(count, n, n))
			}
		}
	}
}

func TestSafeName(t *testing.T) {
	for _, c := range []struct {
		in    string
		first bool
		want  string
	}{
		{"plain.txt", true, "plain.txt"}, {"..", false, "___"}, {".", true, "__"}, {"", true, "_"}, {"...", false, "..."},
		{"../x", false, ".._x"}, {`..\x`, true, ".._x"}, {"/etc/passwd", true, "_etc_passwd"}, {`\\host\share`, true, "__host_share"},
		{"c:x", true, "c_x"}, {"C:", true, "C_"}, {"c:x", false, "c:x"}, {"12:30", true, "12:30"}, {"1:30", true, "1:30"},
		{"a\x00b\x1f\x7f", false, "a_b__"}, {"CON", true, "CON"}, {"日本", true, "日本"},
	} {
		if got := safeName(c.in, c.first); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestDOSTime(t *testing.T) {
	for _, c := range []struct {
		at   string
		want string
	}{
		{"2026-11-22T12:34:57Z", "2026-11-22T12:34:56Z"}, {"1970-01-01T00:00:00Z", "1980-01-01T00:00:00Z"},
		{"1601-01-01T00:00:00Z", "1980-01-01T00:00:00Z"}, {"2107-12-31T23:59:59Z", "2107-12-31T23:59:58Z"}, {"2999-01-01T00:00:00Z", "2107-12-31T23:59:58Z"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		clock, date := dosTime(at.Unix())
		got := time.Date(1980+int(date>>9), time.Month(date>>5&15), int(date&31), int(clock>>11), int(clock>>5&63), int(clock&31)*2, 0, time.UTC)
		if got.Format(time.RFC3339) != c.want {
			t.Errorf("%s: %s, want %s", c.at, got.Format(time.RFC3339), c.want)
		}
	}
}

package chunkstoretest_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"scaidrive/chunkstore"
	. "scaidrive/chunkstore/chunkstoretest"
	"scaidrive/chunkstore/vfs"
)

// A ruin is a store that was closed, as files, to be damaged and looked at.
type ruin struct {
	files map[string][]byte // packs, and the index with its filter
	m     *Model
	in    map[Name]string // in which pack each chunk was found
}

const (
	indexName  = "index.db"
	filterName = "index.db.filter"
)

// buildRuin fills a store with some packs. The last one is not sealed.
func buildRuin(t *testing.T, seed uint64, chunks, size int, packSize int64) *ruin {
	t.Helper()
	dir := t.TempDir()
	m := NewModel()
	o := chunkstore.Options{
		FS: vfs.OS(dir), IndexPath: filepath.Join(dir, indexName), StoreID: StoreID,
		PackSize: packSize, CacheBytes: -1, Rand: rand.NewChaCha8([32]byte{2}),
	}
	s, err := chunkstore.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{rng: rand.New(rand.NewPCG(seed, 5)), s: s, m: m}
	for range chunks {
		n, b := RandomChunk(w.rng, size)
		if err := w.put(n, b); err != nil {
			t.Fatal(err)
		}
	}
	marks, err := s.Sync(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	m.Synced(slices.Collect(maps.Keys(m.Put)), marks)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r := &ruin{files: readTree(t, dir), m: m, in: make(map[Name]string)}
	for name, b := range r.files {
		if filepath.Ext(name) != ".pack" {
			continue
		}
		for n := range m.Bytes {
			// A record's header has domain and hash at 16 and 48.
			for i := 0; ; i++ {
				j := bytes.Index(b[i:], n.Hash[:])
				if j < 0 {
					break
				}
				if i += j; i >= 48 && bytes.Equal(b[i-32:i-16], n.Domain[:]) {
					r.in[n] = name
					break
				}
			}
		}
	}
	return r
}

func readTree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		files[filepath.ToSlash(rel)], err = os.ReadFile(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// packs are the names of the packs in order.
func (r *ruin) packs() []string {
	var list []string
	for name := range r.files {
		if filepath.Ext(name) == ".pack" {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// A look is how a ruin is opened.
type look struct {
	name string
	// index: with the index file (in dir), else it is built from the packs.
	index bool
	dir   string
	fold  int
}

// open writes the files and opens them.
func (r *ruin) open(l look, files map[string][]byte) (*chunkstore.Store, *vfs.Mem, error) {
	disk := vfs.NewMem()
	o := chunkstore.Options{
		FS: disk, StoreID: StoreID, Marks: r.m.MarkList(), CacheBytes: -1, FlushBytes: -1, PackSize: 1 << 20,
		FoldEntries: l.fold,
	}
	for name, b := range files {
		if filepath.Ext(name) != ".pack" {
			if l.index {
				if err := os.WriteFile(filepath.Join(l.dir, name), b, 0o600); err != nil {
					return nil, nil, err
				}
			}
			continue
		}
		if err := write(disk, name, b); err != nil {
			return nil, nil, err
		}
	}
	if l.index {
		o.IndexPath = filepath.Join(l.dir, indexName)
		for _, name := range []string{indexName, filterName} {
			if _, ok := files[name]; !ok {
				os.Remove(filepath.Join(l.dir, name))
			}
		}
	}
	s, err := chunkstore.Open(context.Background(), o)
	return s, disk, err
}

func write(disk *vfs.Mem, name string, b []byte) error {
	dir := filepath.ToSlash(filepath.Dir(name))
	if err := disk.MkdirAll(dir); err != nil {
		return err
	}
	return vfs.WriteFile(disk, name, b)
}

// examine opens damaged files and demands: never a wrong byte, never "not
// found"; chunks outside the packs in hurt are all right; the damage is found
// (unless harmless), and every damaged chunk can be healed by putting it again.
func (r *ruin) examine(l look, files map[string][]byte, hurt []string, harmless bool) error {
	ctx := context.Background()
	s, _, err := r.open(l, files)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer s.Close()
	var broken []Name
	for n, want := range r.m.Bytes {
		got, err := s.Get(ctx, n.Domain, n.Hash, uint32(len(want)), nil)
		var de *chunkstore.DamagedError
		switch {
		case err == nil && !bytes.Equal(got, want):
			return fmt.Errorf("chunk %s: wrong bytes", n.Hash)
		case err == nil:
		case !errors.As(err, &de):
			return fmt.Errorf("chunk %s of %s: %w", n.Hash, r.in[n], err)
		case !slices.Contains(hurt, r.in[n]):
			return fmt.Errorf("chunk %s of the undamaged %s: %w", n.Hash, r.in[n], err)
		case de.Hash != n.Hash || de.Domain != n.Domain:
			return fmt.Errorf("chunk %s: the error names another: %w", n.Hash, err)
		default:
			broken = append(broken, n)
		}
	}
	found := len(s.Damage())
	err = s.Verify(ctx, true, func(chunkstore.Damage) { found++ })
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if found == 0 && !harmless {
		return errors.New("the damage was not found")
	}
	for _, n := range broken {
		has, err := s.Has(ctx, n.Domain, []chunkstore.Hash{n.Hash})
		if err != nil || has[0] {
			return fmt.Errorf("chunk %s is damaged, and Has says %v, %w", n.Hash, has, err)
		}
		if _, err := s.Put(ctx, n.Domain, chunkstore.KindData, n.Hash, r.m.Bytes[n]); err != nil {
			return fmt.Errorf("heal chunk %s: %w", n.Hash, err)
		}
	}
	if _, err := s.Sync(ctx); err != nil {
		return err
	}
	for n, want := range r.m.Bytes {
		got, err := s.Get(ctx, n.Domain, n.Hash, uint32(len(want)), nil)
		if err != nil || !bytes.Equal(got, want) {
			return fmt.Errorf("chunk %s after healing: %w", n.Hash, err)
		}
	}
	return nil
}

// looks are both ways to open a ruin. The index lies in memory where the
// system has such a place: its syncs are not what is tested here.
func looks(t *testing.T) []look {
	dir, err := os.MkdirTemp("/dev/shm", "chunkstoretest")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return []look{{name: "index", index: true, dir: dir}, {name: "rebuilt"}}
}

func with(files map[string][]byte, name string, b []byte) map[string][]byte {
	files = maps.Clone(files)
	if b == nil {
		delete(files, name)
	} else {
		files[name] = b
	}
	return files
}

// TestFlip flips one bit of each byte of a sealed pack and of the last one.
func TestFlip(t *testing.T) {
	r := buildRuin(t, 1, 24, 600, 4<<10)
	packs := r.packs()
	rng := rand.New(rand.NewPCG(1, 6))
	for _, l := range looks(t) {
		for _, name := range []string{packs[0], packs[len(packs)-1]} {
			t.Run(l.name+"/"+filepath.Base(name), func(t *testing.T) {
				step := 1
				if l.index {
					step = 3 // opening is slower
				}
				if testing.Short() || raceEnabled {
					step = 13
				}
				for i := 0; i < len(r.files[name]); i += step {
					b := bytes.Clone(r.files[name])
					b[i] ^= 1 << rng.IntN(8)
					if err := r.examine(l, with(r.files, name, b), []string{name}, false); err != nil {
						t.Fatalf("bit of byte %d of %d: %v", i, len(b), err)
					}
				}
			})
		}
	}
}

// TestPackDamage does worse things to packs.
func TestPackDamage(t *testing.T) {
	r := buildRuin(t, 2, 60, 900, 5<<10)
	other := buildRuin(t, 3, 60, 900, 5<<10)
	foreign := bytes.Clone(other.files[other.packs()[0]])
	foreign[16] ^= 0xff
	nameless := bytes.Clone(foreign)
	// Another store's, with a checksum that holds.
	binary.LittleEndian.PutUint32(foreign[60:], crc32.Checksum(foreign[:60], crc32.MakeTable(crc32.Castagnoli)))
	packs := r.packs()
	rng := rand.New(rand.NewPCG(3, 6))
	for _, l := range looks(t) {
		t.Run(l.name, func(t *testing.T) {
			try := func(what string, files map[string][]byte, hurt ...string) {
				t.Helper()
				if err := r.examine(l, files, hurt, false); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			for i, name := range packs {
				b := r.files[name]
				try("delete "+name, with(r.files, name, nil), name)
				try("empty "+name, with(r.files, name, []byte{}), name)
				for range 40 {
					cut := rng.IntN(len(b))
					try(fmt.Sprintf("cut %s at %d", name, cut), with(r.files, name, b[:cut]), name)
				}
				for range 40 {
					try("noise in "+name, with(r.files, name, overwrite(rng, b, true)), name)
					try("zeros in "+name, with(r.files, name, overwrite(rng, b, false)), name)
				}
				try("foreign "+name, with(r.files, name, foreign), name)
				try("unknown "+name, with(r.files, name, nameless), name)
				next := packs[(i+1)%len(packs)]
				swapped := with(with(r.files, name, r.files[next]), next, b)
				try("exchange "+name+" and "+next, swapped, name, next)
				try("copy of "+next+" as "+name, with(r.files, name, r.files[next]), name)
			}
		})
	}
}

// overwrite replaces a run of bytes.
func overwrite(rng *rand.Rand, b []byte, noise bool) []byte {
	out := bytes.Clone(b)
	for {
		at := rng.IntN(len(b))
		n := min(1+rng.IntN(700), len(b)-at)
		for i := at; i < at+n; i++ {
			out[i] = 0
			if noise {
				out[i] = byte(rng.Uint32())
			}
		}
		if !bytes.Equal(out, b) {
			return out
		}
	}
}

// TestSwapRecords exchanges two records of one length, and two of different
// length that lie side by side.
func TestSwapRecords(t *testing.T) {
	r := buildRuin(t, 4, 40, 0, 1<<20) // one empty chunk a domain
	name := r.packs()[0]
	b := r.files[name]
	if len(r.m.Bytes) != 2 || len(b) != 64+2*128 {
		t.Fatalf("%d chunks in %d bytes", len(r.m.Bytes), len(b))
	}
	same := slices.Concat(b[:64], b[192:320], b[64:192])
	for _, l := range looks(t) {
		// Rebuilt from the packs they are both found; an index tells.
		if err := r.examine(l, with(r.files, name, same), []string{name}, !l.index); err != nil {
			t.Errorf("%s: two records of one length: %v", l.name, err)
		}
	}
	r = buildRuin(t, 5, 12, 500, 1<<20)
	b = r.files[r.packs()[0]]
	var at []int
	for i := 64; i < len(b); i += 8 {
		if bytes.HasPrefix(b[i:], []byte("SDRC")) && bytes.Equal(b[i+8:i+16], b[40:48]) {
			at = append(at, i)
		}
	}
	at = append(at, len(b))
	for i := 0; i+2 < len(at); i++ {
		swapped := slices.Concat(b[:at[i]], b[at[i+1]:at[i+2]], b[at[i]:at[i+1]], b[at[i+2]:])
		for _, l := range looks(t) {
			if err := r.examine(l, with(r.files, r.packs()[0], swapped), r.packs(), !l.index); err != nil {
				t.Errorf("%s: records %d and %d: %v", l.name, i, i+1, err)
			}
		}
	}
}

// TestOlderPack replaces each pack by what it was at an earlier sync.
func TestOlderPack(t *testing.T) {
	ctx := context.Background()
	seeds(t, 60, 5, func(seed uint64) error {
		w := crashed(rand.New(rand.NewPCG(seed, 7)), vfs.NewMem(), NewModel())
		if err := w.open(); err != nil {
			return err
		}
		var older []map[string][]byte
		for range 60 {
			if err := w.step(); err != nil && !isMiss(err) {
				return err
			}
			if w.rng.IntN(6) == 0 {
				older = append(older, memPacks(w.disk))
			}
		}
		marks, err := w.s.Sync(ctx)
		if err != nil {
			return err
		}
		w.m.Synced(slices.Collect(maps.Keys(w.m.Put)), marks)
		if err := w.s.Close(); err != nil {
			return err
		}
		now := memPacks(w.disk)
		r := &ruin{m: w.m, in: make(map[Name]string)}
		for _, old := range older {
			for name, b := range old {
				if bytes.Equal(b, now[name]) {
					continue
				}
				for n := range w.m.Bytes {
					r.in[n] = name // any chunk may have been in it
				}
				files := with(now, name, b)
				if err := r.examine(look{name: "rebuilt"}, files, []string{name}, onlyFooter(w.m, name, b, now[name])); err != nil {
					return fmt.Errorf("older copy of %s: %w", name, err)
				}
			}
		}
		return nil
	})
}

// onlyFooter reports whether all that an older copy lacks is the footer that a
// Close has written behind what the log knows.
func onlyFooter(m *Model, name string, old, now []byte) bool {
	var id chunkstore.PackID
	if _, err := fmt.Sscanf(filepath.Base(name), "%08x.pack", &id); err != nil {
		return false
	}
	told := int(m.Marks[id])
	return told <= len(old) && told <= len(now) && bytes.Equal(old[:told], now[:told])
}

// memPacks reads all packs of a disk.
func memPacks(disk *vfs.Mem) map[string][]byte {
	files := make(map[string][]byte)
	dirs, _ := disk.ReadDir("packs")
	for _, d := range dirs {
		names, _ := disk.ReadDir("packs/" + d.Name)
		for _, f := range names {
			name := "packs/" + d.Name + "/" + f.Name
			if b, err := vfs.ReadFile(disk, name); err == nil {
				files[name] = b
			}
		}
	}
	return files
}

// TestIndexDamage damages index.db and its filter: nothing is lost, nothing is
// wrong, whatever becomes of a cache.
func TestIndexDamage(t *testing.T) {
	r := buildRuin(t, 6, 1500, 40, 64<<10)
	early := buildRuin(t, 6, 500, 40, 64<<10) // the same at an earlier time
	l := looks(t)[0]
	n := trials(200)
	rng := rand.New(rand.NewPCG(5, 6))
	intact := func(what string, files map[string][]byte) {
		t.Helper()
		if err := r.examine(l, files, nil, true); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	intact("nothing", r.files)
	intact("no index", with(r.files, indexName, nil))
	intact("no filter", with(r.files, filterName, nil))
	intact("neither", with(with(r.files, filterName, nil), indexName, nil))
	intact("empty index", with(r.files, indexName, []byte{}))
	intact("older index", with(r.files, indexName, early.files[indexName]))
	intact("older filter", with(r.files, filterName, early.files[filterName]))
	intact("older index and filter", with(with(r.files, filterName, early.files[filterName]), indexName, early.files[indexName]))
	db, f := r.files[indexName], r.files[filterName]
	for i := range n {
		b := bytes.Clone(db)
		at := rng.IntN(len(b))
		for b[at] == 0 && rng.IntN(20) > 0 { // much of the file is empty
			at = rng.IntN(len(b))
		}
		b[at] ^= 1 << rng.IntN(8)
		files := with(r.files, indexName, b)
		if i%2 == 0 {
			files = with(files, filterName, nil)
		}
		intact(fmt.Sprintf("bit of byte %d of the index (%d)", at, i), files)
	}
	for i := range n / 10 {
		intact(fmt.Sprintf("page of the index (%d)", i), with(r.files, indexName, overwritePage(rng, db)))
		intact(fmt.Sprintf("noise in the index (%d)", i), with(r.files, indexName, overwrite(rng, db, true)))
		intact(fmt.Sprintf("cut index (%d)", i), with(r.files, indexName, db[:rng.IntN(len(db))]))
		intact(fmt.Sprintf("noise in the filter (%d)", i), with(r.files, filterName, overwrite(rng, f, true)))
	}
}

// trials is how many random trials a test makes.
func trials(n int) int {
	switch {
	case os.Getenv("SCAIDRIVE_LONG") != "":
		return n * 20
	case testing.Short() || raceEnabled:
		return max(n/10, 1)
	}
	return n
}

// TestIndexDamageWhileOpen flips bits of index.db under a store that is
// working with it, and folds into it.
func TestIndexDamageWhileOpen(t *testing.T) {
	r := buildRuin(t, 8, 1500, 40, 64<<10)
	l := looks(t)[0]
	for i := range trials(100) {
		if err := r.live(l, rand.New(rand.NewPCG(uint64(i), 8))); err != nil {
			t.Fatalf("trial %d: %v", i, err)
		}
	}
}

func (r *ruin) live(l look, rng *rand.Rand) error {
	l.fold = 40
	s, disk, err := r.open(l, r.files)
	if err != nil {
		return err
	}
	w := &world{rng: rng, disk: disk, fsys: disk, s: s, m: r.m.Clone(), faulty: true}
	w.names = slices.Collect(maps.Keys(w.m.Bytes))
	path := filepath.Join(l.dir, indexName)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	for round := range 4 {
		var b [1]byte
		for tries := 0; b[0] == 0 && tries < 20; tries++ {
			at := rng.Int64N(int64(len(r.files[indexName])))
			if _, err := f.ReadAt(b[:], at); err != nil {
				return err
			}
			if b[0] ^= 1 << rng.IntN(8); tries == 19 || b[0]&(b[0]-1) != 0 {
				if _, err := f.WriteAt(b[:], at); err != nil {
					return err
				}
				break
			}
			b[0] = 0
		}
		for range 30 {
			n, b := RandomChunk(rng, 40)
			if err := w.put(n, b); err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
		}
		if _, err := s.Sync(context.Background()); err != nil {
			return fmt.Errorf("round %d: %w", round, err)
		}
		if err := w.right(); err != nil {
			return fmt.Errorf("round %d: %w", round, err)
		}
	}
	if err := s.Close(); err != nil {
		return err
	}
	o := options(disk, w.m)
	o.IndexPath = path
	if w.s, err = chunkstore.Open(context.Background(), o); err != nil {
		return err
	}
	if err := w.right(); err != nil {
		return fmt.Errorf("opened again: %w", err)
	}
	return w.s.Close()
}

// right demands every chunk.
func (w *world) right() error {
	for n, want := range w.m.Bytes {
		got, err := w.s.Get(context.Background(), n.Domain, n.Hash, uint32(len(want)), nil)
		if err != nil || !bytes.Equal(got, want) {
			return fmt.Errorf("chunk %s: %w", n.Hash, err)
		}
	}
	return nil
}

func overwritePage(rng *rand.Rand, b []byte) []byte {
	out := bytes.Clone(b)
	page := rng.IntN(len(b)/4096) * 4096
	from := rng.IntN(len(b)/4096) * 4096
	copy(out[page:page+4096], b[from:])
	return out
}

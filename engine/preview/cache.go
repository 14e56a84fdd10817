package preview

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"scaidrive/engine/preview/render"
)

// rendererVersion changes when the same file would come out otherwise; what older
// renderers made is then not found and ages out.
const rendererVersion = 1

// A key names a rendition. A thumbnail is page 1 of its size, so it is not made
// twice when the page is looked at.
type key struct {
	content [32]byte
	page    int
	size    int
}

// name is the file below the cache's directory, in one of 256 folders.
func (k key) name() string {
	h := hex.EncodeToString(k.content[:])
	return filepath.Join(h[:2], fmt.Sprintf("%s-p%d-s%d-v%d", h, k.page, k.size, rendererVersion))
}

// A cache keeps answers in files, the ones used last. A file is
//
//	0   4   "SDPC"
//	4   1   reason of a refusal, 0: a rendition follows
//	5   1   media
//	6   2   0
//	8   4   pages
//	12  4   length
//	16  32  SHA-256 of the key's name, bytes 0 to 16, and the rendition
//	48      the rendition
//
// Integers are little-endian. What is not whole, or is another key's, is not there
// and is removed. Nothing is synced: a file that a crash tore has a wrong sum. That
// something could not be kept is no error.
type cache struct {
	dir  string
	max  int64
	now  func() time.Time
	room func() error // nil while the storage takes new files; may itself be nil

	mu     sync.Mutex
	looked bool  // total counts what was there at the start
	total  int64 // bytes on disk, about
	serial int   // of temporary names
}

const (
	cacheMagic = "SDPC"
	cacheHead  = 48

	// touchAfter is how coarse the order of use is: a file that is read more often
	// is not marked each time.
	touchAfter = 10 * time.Minute
	// refusalLife is how long a refusal is believed that the machine may have caused.
	refusalLife = time.Hour

	tempSuffix = ".tmp"
)

func sum(name string, head, payload []byte) []byte {
	h := sha256.New()
	h.Write([]byte(name))
	h.Write(head)
	h.Write(payload)
	return h.Sum(nil)
}

func encodeEntry(k key, a answer) []byte {
	b := make([]byte, cacheHead, cacheHead+len(a.payload))
	copy(b, cacheMagic)
	b[4], b[5] = byte(a.reason), byte(a.media)
	binary.LittleEndian.PutUint32(b[8:], a.pages)
	binary.LittleEndian.PutUint32(b[12:], uint32(len(a.payload)))
	copy(b[16:], sum(filepath.ToSlash(k.name()), b[:16], a.payload))
	return append(b, a.payload...)
}

func decodeEntry(k key, b []byte) (answer, bool) {
	if len(b) < cacheHead || string(b[:4]) != cacheMagic {
		return answer{}, false
	}
	payload := b[cacheHead:]
	if string(sum(filepath.ToSlash(k.name()), b[:16], payload)) != string(b[16:cacheHead]) {
		return answer{}, false
	}
	return answer{reason: render.Reason(b[4]), media: render.Media(b[5]),
		pages: binary.LittleEndian.Uint32(b[8:]), payload: payload}, true
}

// get looks a rendition up.
func (c *cache) get(k key) (answer, bool) {
	path := filepath.Join(c.dir, k.name())
	b, err := os.ReadFile(path)
	if err != nil {
		return answer{}, false
	}
	a, ok := decodeEntry(k, b)
	if !ok {
		_ = os.Remove(path)
		return answer{}, false
	}
	st, err := os.Stat(path)
	if err != nil {
		return a, true // deleted meanwhile
	}
	age := c.now().Sub(st.ModTime())
	if passing(a.reason) {
		return a, age < refusalLife
	}
	if age > touchAfter {
		_ = os.Chtimes(path, time.Time{}, c.now())
	}
	return a, true
}

// put keeps an answer and makes room for it.
func (c *cache) put(k key, a answer) {
	if c.room != nil && c.room() != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b := encodeEntry(k, a)
	path := filepath.Join(c.dir, k.name())
	var before int64
	if st, err := os.Stat(path); err == nil {
		before = onDisk(st.Size())
	}
	if !c.write(path, b) {
		return
	}
	if !c.looked {
		c.looked = true
		c.total = 0
		for _, f := range c.files() {
			c.total += f.size
		}
	} else {
		c.total += onDisk(int64(len(b))) - before
	}
	if c.total > c.max {
		c.sweep()
	}
}

// write makes the file appear whole or not at all.
func (c *cache) write(path string, b []byte) bool {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false
	}
	c.serial++
	temp := fmt.Sprintf("%s.%d%s", path, c.serial, tempSuffix)
	err := os.WriteFile(temp, b, 0o600)
	if err == nil {
		err = os.Chtimes(temp, time.Time{}, c.now())
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err == nil
}

type cachedFile struct {
	path string
	size int64
	used time.Time
}

// onDisk is what a file of n bytes takes.
func onDisk(n int64) int64 { return (n + 4095) &^ 4095 }

// files lists what is kept, and removes what a crash left half-written.
func (c *cache) files() []cachedFile {
	var list []cachedFile
	_ = filepath.WalkDir(c.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil // what cannot be seen is not counted
		}
		if strings.HasSuffix(path, tempSuffix) {
			_ = os.Remove(path) // nobody writes now: the lock is held
			return nil
		}
		if st, err := e.Info(); err == nil {
			list = append(list, cachedFile{path, onDisk(st.Size()), st.ModTime()})
		}
		return nil
	})
	return list
}

// sweep removes the files that were used longest ago, until nine tenths of the room
// are taken: so that looking through all of them is rare.
func (c *cache) sweep() {
	list := c.files()
	slices.SortFunc(list, func(a, b cachedFile) int {
		if d := a.used.Compare(b.used); d != 0 {
			return d
		}
		return strings.Compare(a.path, b.path)
	})
	c.total = 0
	for _, f := range list {
		c.total += f.size
	}
	for _, f := range list {
		if c.total <= c.max/10*9 {
			return
		}
		if err := os.Remove(f.path); err == nil || errors.Is(err, fs.ErrNotExist) {
			c.total -= f.size
		}
	}
}

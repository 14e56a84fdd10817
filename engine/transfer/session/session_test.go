package session_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer"
	"scaidrive/engine/transfer/session"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/tree"
)

var ctx = context.Background()

const part = session.MinPart

func wantKind(t testing.TB, err error, kind engine.Kind, what string) {
	t.Helper()
	if err == nil || engine.KindOf(err) != kind {
		t.Errorf("%s: got %v (kind %d), want kind %d", what, err, engine.KindOf(err), kind)
	}
}

// An upload is a session of a test with the bytes that it should have.
type upload struct {
	*transfertest.Stack
	t    testing.TB
	id   engine.ID
	data []byte
}

func begin(t testing.TB, s *transfertest.Stack, data []byte, adjust ...func(*session.Spec)) *upload {
	t.Helper()
	spec := session.Spec{Share: s.Share, Parent: s.Share, Name: "f", Size: int64(len(data)), PartSize: part}
	for _, f := range adjust {
		f(&spec)
	}
	u, err := s.Uploads.Create(ctx, s.Owner, spec)
	if err != nil {
		t.Fatal(err)
	}
	return &upload{s, t, u.ID, data}
}

func (u *upload) parts() int { return (len(u.data) + part - 1) / part }

func (u *upload) part(i int) []byte { return u.data[i*part : min((i+1)*part, len(u.data))] }

func (u *upload) put(i int, data []byte) error {
	return u.Uploads.Put(ctx, u.Owner, u.id, session.Part{Index: int64(i), Length: -1}, bytes.NewReader(data))
}

// send puts parts that must be taken.
func (u *upload) send(list ...int) {
	u.t.Helper()
	for _, i := range list {
		if err := u.put(i, u.part(i)); err != nil {
			u.t.Fatalf("part %d: %v", i, err)
		}
	}
}

func (u *upload) complete() (*tree.Located, error) {
	return u.Uploads.Complete(ctx, u.Owner, u.id, nil)
}

// received gives the progress as text.
func (u *upload) received() string {
	u.t.Helper()
	p, err := u.Uploads.Get(ctx, u.Owner, u.id)
	if err != nil {
		u.t.Fatal(err)
	}
	return fmt.Sprint(p.Received, p.Bytes)
}

// whole completes and compares every byte, the hash, and what is left.
func (u *upload) whole() *tree.Located {
	u.t.Helper()
	l := u.made()
	u.clean()
	return l
}

// made is whole beside sessions that stay open.
func (u *upload) made() *tree.Located {
	u.t.Helper()
	l, err := u.complete()
	if err != nil {
		u.t.Fatal("complete:", err)
	}
	u.holds(l)
	return l
}

func (u *upload) holds(l *tree.Located) {
	u.t.Helper()
	o, err := u.Transfer.Open(ctx, u.Owner, l.Node.ID, 0)
	if err != nil {
		u.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := o.WriteRange(ctx, &b, 0, o.Version.Content.Size); err != nil {
		u.t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), u.data) || l.Node.SHA256 != sha256.Sum256(u.data) || l.Node.HashState != engine.HashVerified {
		u.t.Fatalf("the file has %d bytes, want %d, or they or the hash are others", b.Len(), len(u.data))
	}
	want, _ := transfertest.Split(u.data)
	if got, err := o.Manifest(ctx); err != nil || !slices.Equal(got, want) {
		u.t.Fatalf("the file is not cut as a client cuts it: %v", err)
	}
}

// clean fails when a session left something.
func (u *upload) clean() {
	u.t.Helper()
	if names := spooled(u.t, u.FS); len(names) > 0 {
		u.t.Errorf("left below staging/: %v", names)
	}
	err := u.DB.View(ctx, func(v *meta.View) error {
		_, _, _, err := schema.NextUploadOfPart(v, 0, engine.ID{}, engine.ID{})
		return err
	})
	if !errors.Is(err, schema.ErrNotFound) {
		u.t.Errorf("records of parts are left: %v", err)
	}
}

func spooled(t testing.TB, fsys vfs.FS) (names []string) {
	t.Helper()
	dirs, err := fsys.ReadDir(transfertest.Staging)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, d := range dirs {
		names = append(names, d.Name)
		files, err := fsys.ReadDir(transfertest.Staging + "/" + d.Name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		for _, f := range files {
			names = append(names, d.Name+"/"+f.Name)
		}
	}
	return names
}

// reopened is the session in a new process, on what a crash has left.
func (u *upload) reopened(fsys vfs.FS) *upload {
	return &upload{u.Reopen(u.t, fsys), u.t, u.id, u.data}
}

// run runs the background work until the test ends or stop is called.
func (u *upload) run() (stop func()) {
	c, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { u.Uploads.Run(c) })
	stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	u.t.Cleanup(stop)
	return stop
}

func seed(t testing.TB, otherwise uint64) *rand.Rand {
	if text := os.Getenv("SCAIDRIVE_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		otherwise = n
	}
	t.Logf("SCAIDRIVE_SEED=%d", otherwise)
	return rand.New(rand.NewPCG(otherwise, 1))
}

// Lengths around every boundary, in order, backwards and shuffled.
func TestOrders(t *testing.T) {
	s := transfertest.Memory(t)
	rng := seed(t, 1)
	orders := map[string]func(n int) []int{
		"forwards": func(n int) (list []int) {
			for i := range n {
				list = append(list, i)
			}
			return list
		},
		"backwards": func(n int) (list []int) {
			for i := range n {
				list = append(list, n-1-i)
			}
			return list
		},
		"shuffled": rng.Perm,
	}
	for i, n := range []int{0, 1, part - 1, part, part + 1, 3*part - 1, 21*part + 77} {
		for name, order := range orders {
			u := begin(t, s, transfertest.Random(uint64(i), n), func(p *session.Spec) { p.Name = fmt.Sprint(name, n) })
			list := order(u.parts())
			u.send(list...)
			if want := fmt.Sprintf("[[0 %d]] %d", u.parts()-1, n); n > 0 && u.received() != want {
				t.Errorf("%s, %d bytes: received %s, want %s", name, n, u.received(), want)
			}
			l := u.whole()
			again, err := u.complete()
			if err != nil || again.Node.ID != l.Node.ID || again.Node.VersionID != l.Node.VersionID || again.Path != l.Path {
				t.Errorf("%s, %d bytes: complete again: %+v, %v", name, n, again, err)
			}
		}
	}
}

// Everybody sends everything at once, some of it twice.
func TestParallel(t *testing.T) {
	u := begin(t, transfertest.Memory(t), transfertest.Random(1, 23*part+5))
	u.run()
	list := append(seed(t, 3).Perm(u.parts()), seed(t, 4).Perm(u.parts())...)
	work := make(chan int)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range work {
				if err := u.put(i, u.part(i)); err != nil {
					t.Errorf("part %d: %v", i, err)
				}
			}
		})
	}
	for _, i := range list {
		work <- i
	}
	close(work)
	wg.Wait()
	var made []*tree.Located
	var mu sync.Mutex
	for range 5 {
		wg.Go(func() {
			l, err := u.complete()
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made = append(made, l)
			} else if engine.KindOf(err) != engine.KindConflict {
				t.Errorf("complete beside others: %v", err)
			}
		})
	}
	wg.Wait()
	if len(made) == 0 {
		t.Fatal("nobody completed it")
	}
	for _, l := range made {
		if l.Node.VersionID != made[0].Node.VersionID {
			t.Error("two files were made")
		}
	}
	u.holds(made[0])
	u.clean()
}

// What comes at the front, or again behind it, is never spooled.
func TestOnlyPartsAheadAreSpooled(t *testing.T) {
	u := begin(t, transfertest.Memory(t), transfertest.Random(1, 8*part))
	u.send(0, 1, 1, 0, 2)
	if names := spooled(t, u.FS); len(names) > 0 {
		t.Errorf("spooled in order: %v", names)
	}
	u.send(4, 5, 4, 4)
	if names := spooled(t, u.FS); len(names) != 3 { // the directory and two files
		t.Errorf("spooled ahead: %v", names)
	}
	u.run()
	u.send(3)
	eventually(t, func() bool { return len(spooled(t, u.FS)) == 1 })
	u.send(6, 7)
	u.whole()
}

func TestRefusals(t *testing.T) {
	s := transfertest.Memory(t)
	data := transfertest.Random(1, 3*part+9)
	wrong := sha256.Sum256([]byte("x"))
	u := begin(t, s, data)
	put := func(p *engine.Principal, index, length int64, sum *[32]byte, b []byte) error {
		return s.Uploads.Put(ctx, p, u.id, session.Part{Index: index, Length: length, SHA256: sum}, bytes.NewReader(b))
	}
	for _, p := range []*engine.Principal{s.Stranger, s.Root, s.Foreigner} {
		wantKind(t, put(p, 0, -1, nil, u.part(0)), engine.KindNotFound, "another user's put")
		_, err := s.Uploads.Get(ctx, p, u.id)
		wantKind(t, err, engine.KindNotFound, "another user's get")
		_, err = s.Uploads.Complete(ctx, p, u.id, nil)
		wantKind(t, err, engine.KindNotFound, "another user's complete")
		wantKind(t, s.Uploads.Delete(ctx, p, u.id), engine.KindNotFound, "another user's delete")
	}
	for i := range int64(2) { // at the front and ahead of it
		wantKind(t, put(s.Owner, i, part+1, nil, nil), engine.KindInvalid, "announced too long")
		wantKind(t, put(s.Owner, i, part-1, nil, nil), engine.KindInvalid, "announced too short")
		wantKind(t, put(s.Owner, i, -1, nil, nil), engine.KindInvalid, "empty")
		wantKind(t, put(s.Owner, i, part, nil, data), engine.KindInvalid, "longer than announced")
		err := put(s.Owner, i, part, &wrong, u.part(int(i)))
		var e *engine.Error
		if !errors.As(err, &e) || e.Kind != engine.KindInvalid || e.Field != session.FieldPartSHA256 {
			t.Errorf("a wrong hash: %v", err)
		}
	}
	for _, i := range []int64{-1, 4, 1 << 40} {
		wantKind(t, put(s.Owner, i, -1, nil, nil), engine.KindInvalid, "a part that is not there")
	}
	broken := errors.New("the line broke")
	for i := range int64(2) {
		r := io.MultiReader(bytes.NewReader(data[:100]), &failing{broken})
		if err := s.Uploads.Put(ctx, s.Owner, u.id, session.Part{Index: i, Length: part}, r); !errors.Is(err, broken) {
			t.Errorf("a body that breaks off: %v", err)
		}
	}
	if names := spooled(t, u.FS); u.received() != "[] 0" || len(names) > 1 {
		t.Errorf("refused parts left %s, %v", u.received(), names)
	}
	u.send(2)
	_, err := u.complete()
	wantKind(t, err, engine.KindConflict, "complete with missing parts")
	if err != nil && !strings.Contains(err.Error(), "3 of 4 parts are missing: 0, 1, 3") {
		t.Error(err)
	}
	u.send(0, 1, 3)
	u.whole()
	wantKind(t, put(s.Owner, 0, -1, nil, u.part(0)), engine.KindConflict, "a part after complete")
	u.clean()
	if err := s.Uploads.Delete(ctx, s.Owner, u.id); err != nil {
		t.Error("delete after complete:", err)
	}
	wantKind(t, s.Uploads.Delete(ctx, s.Owner, u.id), engine.KindNotFound, "delete again")
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func TestMissingAreNamed(t *testing.T) {
	u := begin(t, transfertest.Memory(t), make([]byte, 300*part))
	u.send(1, 250)
	_, err := u.complete()
	if err == nil || !strings.Contains(err.Error(), "298 of 300 parts are missing: 0, 2, 3,") || !strings.HasSuffix(err.Error(), " 99, 100, and 198 more") {
		t.Error(err)
	}
}

func TestCreateChecks(t *testing.T) {
	s := transfertest.Memory(t)
	small := s.NewShare(t, 10)
	u := begin(t, s, []byte("x"), func(p *session.Spec) { p.Name = "taken" })
	u.send(0)
	file := u.whole().Node.ID
	tests := map[string]struct {
		p      *engine.Principal
		adjust func(*session.Spec)
		kind   engine.Kind
	}{
		"stranger":          {s.Stranger, func(*session.Spec) {}, engine.KindNotFound},
		"bad name":          {s.Owner, func(p *session.Spec) { p.Name = "a/b" }, engine.KindInvalid},
		"taken":             {s.Owner, func(p *session.Spec) { p.Name = "TAKEN" }, engine.KindConflict},
		"over quota":        {s.Owner, func(p *session.Spec) { p.Share, p.Parent, p.Size = small, small, 11 }, engine.KindNoSpace},
		"over file size":    {s.Owner, func(p *session.Spec) { p.Size = 1<<40 + 1; p.PartSize = 0 }, engine.KindTooLarge},
		"negative":          {s.Owner, func(p *session.Spec) { p.Size = -1 }, engine.KindInvalid},
		"bad media type":    {s.Owner, func(p *session.Spec) { p.MIME = "nothing\r\nX: y" }, engine.KindInvalid},
		"parts too small":   {s.Owner, func(p *session.Spec) { p.PartSize = part / 2 }, engine.KindInvalid},
		"parts too large":   {s.Owner, func(p *session.Spec) { p.PartSize = session.MaxPart * 2 }, engine.KindInvalid},
		"no power of two":   {s.Owner, func(p *session.Spec) { p.PartSize = 100_000 }, engine.KindInvalid},
		"too many parts":    {s.Owner, func(p *session.Spec) { p.Size = part*session.MaxParts + 1 }, engine.KindInvalid},
		"version of nobody": {s.Owner, func(p *session.Spec) { p.Replace = engine.ID{9} }, engine.KindNotFound},
		"version, stranger": {s.Stranger, func(p *session.Spec) { p.Replace = file }, engine.KindNotFound},
		"version elsewhere": {s.Owner, func(p *session.Spec) { p.Replace, p.Share = file, small }, engine.KindNotFound},
	}
	for name, tt := range tests {
		spec := session.Spec{Share: s.Share, Parent: s.Share, Name: "n", Size: 1, PartSize: part}
		tt.adjust(&spec)
		_, err := s.Uploads.Create(ctx, tt.p, spec)
		wantKind(t, err, tt.kind, name)
	}
	big, err := s.Uploads.Create(ctx, s.Owner, session.Spec{Share: s.Share, Parent: s.Share, Name: "n", Size: 1 << 40})
	if err != nil || big.PartSize != session.DefaultPart || big.Parts() != session.MaxParts {
		t.Errorf("1 TiB: %+v, %v", big, err)
	}
}

// What held at create must hold at complete.
func TestCompleteChecksAgain(t *testing.T) {
	s := transfertest.Memory(t)
	small := s.NewShare(t, 3*part)
	into := func(p *session.Spec) { p.Share, p.Parent = small, small }
	one, two := begin(t, s, transfertest.Random(1, 2*part), into), begin(t, s, transfertest.Random(2, 2*part), into, func(p *session.Spec) { p.Name = "g" })
	same := begin(t, s, transfertest.Random(3, 10), into)
	for _, u := range []*upload{one, two} {
		u.send(0, 1)
	}
	same.send(0)
	one.made()
	_, err := two.complete()
	wantKind(t, err, engine.KindNoSpace, "over quota at complete")
	_, err = same.complete()
	wantKind(t, err, engine.KindConflict, "the name is taken at complete")
	if used := s.GetShare(t, small).UsedBytes; used != 2*part {
		t.Errorf("%d bytes are used", used)
	}
	sum := sha256.Sum256([]byte("other"))
	u := begin(t, s, []byte("right"), func(p *session.Spec) { p.SHA256 = &sum })
	if err := u.put(0, []byte("wrong")); err != nil {
		t.Fatal(err)
	}
	_, err = u.complete()
	wantKind(t, err, engine.KindInvalid, "another hash than announced")
	u.data = []byte("other")
	u.send(0) // the session stayed open
	if l := u.made(); l.Node.SHA256 != sum {
		t.Error("not the announced bytes")
	}
}

func TestNewVersion(t *testing.T) {
	s := transfertest.Memory(t)
	data := transfertest.Random(1, 60*part)
	u := begin(t, s, data)
	for i := range u.parts() {
		u.send(i)
	}
	l := u.whole()
	first := l.Node.VersionID
	used := s.GetShare(t, s.Share).UsedBytes
	edited := slices.Clone(data)
	copy(edited[20*part:], "edited")
	replace := func(p *session.Spec) { p.Name, p.Replace, p.MIME = "another name", l.Node.ID, "Image/PNG" }
	v := begin(t, s, edited, replace)
	for i := range v.parts() {
		v.send(i)
	}
	match := func(id engine.ID) func(engine.ID) bool { return func(now engine.ID) bool { return now == id } }
	_, err := s.Uploads.Complete(ctx, s.Owner, v.id, match(engine.ID{1}))
	wantKind(t, err, engine.KindPrecondition, "If-Match of another version")
	l2, err := s.Uploads.Complete(ctx, s.Owner, v.id, match(first))
	if err != nil {
		t.Fatal(err)
	}
	v.holds(l2)
	v.clean()
	if l2.Node.ID != l.Node.ID || l2.Node.Version != 2 || l2.Node.Name != "f" || l2.Node.MIME != "image/png" {
		t.Errorf("the new version: %+v", l2.Node)
	}
	// The old version goes on to count what the new one does not share, and the
	// chunk that was edited has at most 512 KiB.
	more := s.GetShare(t, s.Share).UsedBytes - used
	if more <= 0 || more > 512<<10 {
		t.Errorf("an edit of 6 bytes costs %d bytes", more)
	}
	o, err := s.Transfer.Open(ctx, s.Owner, l.Node.ID, 1)
	if err != nil || o.Version.Kept != more {
		t.Errorf("version 1 keeps %d bytes, %d are counted: %v", o.Version.Kept, more, err)
	}
	// Asked again after a third version, it still tells of its own.
	third := begin(t, s, []byte("three"), replace)
	third.send(0)
	third.whole()
	again, err := s.Uploads.Complete(ctx, s.Owner, v.id, match(first))
	if err != nil || again.Node.VersionID != l2.Node.VersionID || again.Node.Size != int64(len(edited)) || again.Node.SHA256 != l2.Node.SHA256 {
		t.Errorf("complete again: %+v, %v", again, err)
	}
	_, err = s.Uploads.Complete(ctx, s.Owner, begin(t, s, nil, func(p *session.Spec) { p.Name = "new" }).id, match(first))
	wantKind(t, err, engine.KindPrecondition, "If-Match of a new file")
}

func TestExpiry(t *testing.T) {
	s := transfertest.Memory(t)
	u := begin(t, s, transfertest.Random(1, 3*part))
	done := begin(t, s, []byte("x"), func(p *session.Spec) { p.Name = "done" })
	done.send(0)
	if _, err := done.complete(); err != nil {
		t.Fatal(err)
	}
	s.Clock.Pass(23 * time.Hour)
	u.send(2) // a sign of life
	s.Clock.Pass(23 * time.Hour)
	if err := s.Uploads.Expire(ctx); err != nil {
		t.Fatal(err)
	}
	if got := u.received(); got != fmt.Sprint([][2]uint32{{2, 2}}, part) {
		t.Errorf("after 23 hours: %s", got)
	}
	s.Clock.Pass(time.Hour)
	check := func(when string, kind engine.Kind) {
		t.Helper()
		for _, id := range []engine.ID{u.id, done.id} {
			_, err := s.Uploads.Get(ctx, s.Owner, id)
			wantKind(t, err, kind, when+": get")
			wantKind(t, s.Uploads.Put(ctx, s.Owner, id, session.Part{Length: -1}, nil), kind, when+": put")
			_, err = s.Uploads.Complete(ctx, s.Owner, id, nil)
			wantKind(t, err, kind, when+": complete")
			wantKind(t, s.Uploads.Delete(ctx, s.Owner, id), kind, when+": delete")
			_, err = s.Uploads.Get(ctx, s.Stranger, id)
			wantKind(t, err, engine.KindNotFound, when+": another user's")
		}
	}
	check("expired", engine.KindGone)
	if err := s.Uploads.Expire(ctx); err != nil {
		t.Fatal(err)
	}
	u.clean()
	check("expired and cleaned up", engine.KindGone)
	s.Clock.Pass(8 * 24 * time.Hour)
	if err := s.Uploads.Expire(ctx); err != nil {
		t.Fatal(err)
	}
	check("forgotten", engine.KindNotFound)
}

func TestDeleteCleansUp(t *testing.T) {
	mem := vfs.NewMem()
	u := begin(t, transfertest.OnFS(t, mem), transfertest.Random(1, 300*part))
	for i := 299; i > 200; i-- {
		u.send(i)
	}
	u.send(0, 1)
	if err := u.Uploads.Delete(ctx, u.Owner, u.id); err != nil {
		t.Fatal(err)
	}
	u.clean()
	_, err := u.Uploads.Get(ctx, u.Owner, u.id)
	wantKind(t, err, engine.KindNotFound, "a deleted session")
}

func TestAtMostAThousandAUser(t *testing.T) {
	s := transfertest.Memory(t)
	spec := session.Spec{Share: s.Share, Parent: s.Share, Name: "n", Size: 1}
	var last *session.Session
	for i := range session.MaxOpen {
		u, err := s.Uploads.Create(ctx, s.Owner, spec)
		if err != nil {
			t.Fatalf("session %d: %v", i, err)
		}
		last = u
	}
	_, err := s.Uploads.Create(ctx, s.Owner, spec)
	wantKind(t, err, engine.KindRateLimited, "one too many")
	if _, err := s.Uploads.Create(ctx, s.Root, spec); err != nil {
		t.Errorf("another user's: %v", err)
	}
	if err := s.Uploads.Delete(ctx, s.Owner, last.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Uploads.Create(ctx, s.Owner, spec); err != nil {
		t.Errorf("after one was deleted: %v", err)
	}
	s.Clock.Pass(session.Lifetime)
	if _, err := s.Uploads.Create(ctx, s.Owner, spec); err != nil {
		t.Errorf("after they expired: %v", err)
	}
}

// Another content under the same name in the meantime, and a plain upload beside
// it: sessions and uploads make the same versions of the same bytes.
func TestSameBytesMakeTheSameContent(t *testing.T) {
	s := transfertest.Memory(t)
	data := transfertest.Random(8, 19*part)
	plain, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{Share: s.Share, Name: "plain", Size: int64(len(data))}, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	u := begin(t, s, data)
	for i := range u.parts() {
		u.send(i)
	}
	l := u.whole()
	a, err1 := s.Transfer.Open(ctx, s.Owner, plain.Node.ID, 0)
	b, err2 := s.Transfer.Open(ctx, s.Owner, l.Node.ID, 0)
	if err1 != nil || err2 != nil || a.Version.Content.Digest != b.Version.Content.Digest || a.Version.Content.Root != b.Version.Content.Root {
		t.Error("the two are not of the same chunks", err1, err2)
	}
}

// A part that arrives slowly is overtaken: by its own number with other bytes, or
// by other bytes before it. The last that was acknowledged counts, and the file
// is right.
func TestOvertaken(t *testing.T) {
	slow := func(u *upload, i int, b []byte) (finish func() error) {
		r, w := io.Pipe()
		over := make(chan error, 1)
		go func() { over <- u.Uploads.Put(ctx, u.Owner, u.id, session.Part{Index: int64(i), Length: -1}, r) }()
		_, _ = w.Write(b[:1])
		return func() error {
			_, _ = w.Write(b[1:])
			w.Close()
			return <-over
		}
	}
	set := func(u *upload, i int, seed uint64) []byte {
		copy(u.part(i), transfertest.Random(seed, len(u.part(i))))
		return slices.Clone(u.part(i))
	}
	tests := map[string]func(t *testing.T, u *upload) error{
		"a spooled part by itself": func(t *testing.T, u *upload) error {
			finish := slow(u, 1, transfertest.Random(50, part))
			u.send(0, 1, 2, 3)
			set(u, 1, 50)
			return finish()
		},
		"a spooled part by the same": func(t *testing.T, u *upload) error {
			finish := slow(u, 1, u.part(1))
			u.send(0, 1, 2, 3)
			return finish()
		},
		"a part at the front by one before it": func(t *testing.T, u *upload) error {
			u.send(0)
			finish := slow(u, 1, u.part(1))
			set(u, 0, 51)
			u.send(0, 2, 3)
			return finish()
		},
		"a part at the front by one before it and itself": func(t *testing.T, u *upload) error {
			u.send(0)
			finish := slow(u, 1, transfertest.Random(52, part))
			set(u, 0, 53)
			u.send(0, 1, 2, 3)
			set(u, 1, 52)
			return finish()
		},
		"a part that comes again by one before it": func(t *testing.T, u *upload) error {
			u.send(0, 1, 2, 3)
			finish := slow(u, 2, transfertest.Random(54, part))
			set(u, 1, 55)
			u.send(1)
			set(u, 2, 54)
			return finish()
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			u := begin(t, transfertest.Memory(t), transfertest.Random(49, 5*part))
			if err := test(t, u); err != nil {
				t.Fatal(err)
			}
			u.send(4)
			u.whole()
		})
	}
}

// Other bytes for parts that were cut and hashed long ago.
func TestReplacedBehindTheFront(t *testing.T) {
	u := begin(t, transfertest.Memory(t), transfertest.Random(1, 9*part+1))
	for i := range u.parts() {
		u.send(i)
	}
	for _, i := range []int{8, 0, 4, 4} {
		copy(u.part(i), transfertest.Random(uint64(i)+9, part/2))
		u.send(i)
		if got, want := u.received(), fmt.Sprint([][2]uint32{{0, 9}}, len(u.data)); got != want {
			t.Errorf("received %s, want %s", got, want)
		}
	}
	u.whole()
}

// openHook calls back when a file is opened to be read.
type openHook struct {
	vfs.FS
	hook func(name string)
}

func (o *openHook) Open(name string) (vfs.File, error) {
	f, err := o.FS.Open(name)
	if o.hook != nil {
		o.hook(name)
	}
	return f, err
}

// A spooled part gets other bytes at the very moment at which the front takes it.
func TestReplacedWhileItIsTakenIn(t *testing.T) {
	fsys := &openHook{FS: vfs.NewMem()}
	u := begin(t, transfertest.OnFS(t, fsys), transfertest.Random(1, 4*part))
	u.send(1, 2)
	replaced := make(chan struct{})
	fsys.hook = func(name string) {
		if strings.Contains(name, "/1-") {
			copy(u.part(1), transfertest.Random(2, part))
			u.send(1)
			close(replaced)
		}
	}
	stop := u.run()
	u.send(0)
	<-replaced
	eventually(t, func() bool { return len(spooled(t, u.FS)) == 1 })
	stop()
	u.send(3)
	u.whole()
}

// A part that breaks off is not taken, at the front, ahead of it or behind it,
// and what was acknowledged before stays.
func TestPartThatBreaksOff(t *testing.T) {
	u := begin(t, transfertest.Memory(t), transfertest.Random(1, 5*part+9))
	u.send(0, 3)
	for _, i := range []int{0, 1, 3, 4, 5} {
		b := u.part(i)
		for _, n := range []int{0, 1, len(b) / 2, len(b) - 1, len(b)} {
			r := io.MultiReader(bytes.NewReader(b[:n]), iotest.ErrReader(io.ErrUnexpectedEOF))
			err := u.Uploads.Put(t.Context(), u.Owner, u.id, session.Part{Index: int64(i), Length: -1}, r)
			if err == nil {
				t.Errorf("part %d: %d bytes of %d were taken", i, n, len(b))
			}
		}
	}
	if got := u.received(); !strings.HasPrefix(got, "[[0 0] [3 3]]") {
		t.Errorf("received %s", got)
	}
	u.run()
	u.send(5, 4, 2, 1)
	u.whole()
}

// TestOneBody: a whole file in one body gives its parts; what came whole of one that
// broke off stays, and one with too many bytes is refused.
func TestOneBody(t *testing.T) {
	u := begin(t, transfertest.Memory(t), transfertest.Random(9, 4*part+9))
	all := func(length int64, r io.Reader) error { return u.Uploads.PutAll(ctx, u.Owner, u.id, length, r) }
	size := int64(len(u.data))
	wantKind(t, all(size-1, bytes.NewReader(u.data)), engine.KindInvalid, "another length")
	if got := u.received(); got != "[] 0" {
		t.Errorf("after a refused body: %s", got)
	}
	broke := errors.New("the connection broke")
	if err := all(size, io.MultiReader(bytes.NewReader(u.data[:2*part+77]), iotest.ErrReader(broke))); !errors.Is(err, broke) {
		t.Errorf("a body that breaks off: %v", err)
	}
	if got, want := u.received(), fmt.Sprint([][2]uint32{{0, 1}}, 2*part); got != want {
		t.Errorf("after a body that broke off: %s, want %s", got, want)
	}
	wantKind(t, all(-1, bytes.NewReader(u.data[:3*part])), engine.KindInvalid, "too short")
	wantKind(t, all(-1, bytes.NewReader(append(slices.Clone(u.data), 1))), engine.KindInvalid, "too long")
	if err := all(size, bytes.NewReader(u.data)); err != nil {
		t.Fatal(err)
	}
	u.whole()
}

// TestOneBodyOfManyCuts: parts shorter and longer than what they are cut into, with some
// of them sent before, and with a session that ends meanwhile.
func TestOneBodyOfManyCuts(t *testing.T) {
	s := transfertest.Memory(t)
	for i, size := range []int64{part, 4 * part, 64 * part} {
		data := transfertest.Random(uint64(20+i), 150*part+int(size)/3)
		u := begin(t, s, data, func(p *session.Spec) { p.PartSize, p.Name = size, fmt.Sprint("f", i) })
		if i == 0 {
			u.send(0, 1, 7)
			if err := u.put(3, transfertest.Random(99, part)); err != nil { // other bytes, replaced
				t.Fatal(err)
			}
		}
		if err := u.Uploads.PutAll(ctx, u.Owner, u.id, -1, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		u.made()
	}
	u := begin(t, s, transfertest.Random(31, 40*part), func(p *session.Spec) { p.Name = "deleted" })
	body := io.MultiReader(bytes.NewReader(u.data[:20*part]), readerFunc(func([]byte) (int, error) {
		if err := u.Uploads.Delete(ctx, u.Owner, u.id); err != nil {
			t.Error(err)
		}
		return 0, io.EOF
	}), bytes.NewReader(u.data[20*part:]))
	wantKind(t, u.Uploads.PutAll(ctx, u.Owner, u.id, -1, body), engine.KindNotFound, "a session that was deleted meanwhile")
	u.clean()
}

// TestOneBodyReadsOn: the next part is read while the one before is made durable.
func TestOneBodyReadsOn(t *testing.T) {
	s := transfertest.Memory(t)
	u := begin(t, s, transfertest.Random(32, 3*part))
	held, read, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	body := io.MultiReader(bytes.NewReader(u.data[:part/2]), readerFunc(func([]byte) (int, error) {
		go func() { // a mutation that no other one can pass
			done <- s.DB.Update(ctx, func(*meta.Tx) error {
				close(held)
				select {
				case <-read:
				case <-time.After(20 * time.Second):
					t.Error("the second part is not read before the first is durable")
				}
				return nil
			})
		}()
		<-held
		return 0, io.EOF
	}), bytes.NewReader(u.data[part/2:2*part-1]), readerFunc(func([]byte) (int, error) {
		close(read)
		return 0, io.EOF
	}), bytes.NewReader(u.data[2*part-1:]))
	if err := u.Uploads.PutAll(ctx, u.Owner, u.id, -1, body); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	u.whole()
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestShutOutWhilePartsFlow: who is suspended, or loses the right to write there, while
// the bytes of a part come has nothing of it committed, at the front and ahead of it.
func TestShutOutWhilePartsFlow(t *testing.T) {
	for name, shut := range map[string]func(*testing.T, *transfertest.Stack, *upload){
		"suspended": func(t *testing.T, s *transfertest.Stack, u *upload) {
			err := s.DB.Update(ctx, func(tx *meta.Tx) error {
				who, err := schema.GetUser(tx, s.User.Tenant, s.User.ID)
				if err != nil {
					return err
				}
				who.Status = engine.StatusSuspended
				return schema.PutUser(tx, who)
			})
			if err != nil {
				t.Error(err)
			}
		},
		"no owner any more": func(t *testing.T, s *transfertest.Stack, u *upload) {
			if _, err := s.Shares.Transfer(ctx, s.Root, s.Share, engine.PrincipalUser, s.Admin.ID); err != nil {
				t.Error(err)
			}
		},
	} {
		for _, index := range []int{1, 3} {
			t.Run(fmt.Sprint(name, ", part ", index), func(t *testing.T) {
				s := transfertest.Memory(t)
				u := begin(t, s, transfertest.Random(7, 5*part))
				u.send(0)
				before := u.received()
				b, flows := u.part(index), false
				r := io.MultiReader(bytes.NewReader(b[:part/2]), readerFunc(func([]byte) (int, error) {
					if !flows {
						flows = true
						shut(t, s, u)
					}
					return 0, io.EOF
				}), bytes.NewReader(b[part/2:]))
				err := s.Uploads.Put(ctx, s.Owner, u.id, session.Part{Index: int64(index), Length: part}, r)
				if k := engine.KindOf(err); err == nil || k != engine.KindForbidden && k != engine.KindNotFound {
					t.Errorf("the part: %v", err)
				}
				if got := u.received(); !flows || got != before {
					t.Errorf("received %s, before %s", got, before)
				}
			})
		}
	}
}

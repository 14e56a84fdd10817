package transfer_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"scaidrive/chunkstore/split"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/transfer"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/tree"
)

var ctx = context.Background()

// stacks runs a test in memory and on disk.
func stacks(t *testing.T, test func(t *testing.T, s *transfertest.Stack)) {
	t.Run("memory", func(t *testing.T) { test(t, transfertest.Memory(t)) })
	t.Run("disk", func(t *testing.T) { test(t, transfertest.Disk(t)) })
}

func wantKind(t testing.TB, err error, kind engine.Kind, what string) {
	t.Helper()
	if err == nil || engine.KindOf(err) != kind {
		t.Errorf("%s: got %v (kind %d), want kind %d", what, err, engine.KindOf(err), kind)
	}
}

func field(err error) string {
	var e *engine.Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}

func upload(t testing.TB, s *transfertest.Stack, name string, data []byte) *tree.Located {
	t.Helper()
	loc, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{Share: s.Share, Parent: s.Share, Name: name, Size: int64(len(data))}, bytes.NewReader(data))
	if err != nil {
		t.Fatalf("upload of %d bytes: %v", len(data), err)
	}
	return loc
}

func download(t testing.TB, s *transfertest.Stack, file engine.ID, version uint64) []byte {
	t.Helper()
	o, err := s.Transfer.Open(ctx, s.Owner, file, version)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := o.WriteRange(ctx, &b, 0, o.Version.Content.Size); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Lengths around every boundary of blocks and chunks go in and come out, read by
// readers of every kind, whole and in ranges.
func TestRoundTrip(t *testing.T) {
	set := split.Default()
	sizes := []int{0, 1, set.Min - 1, set.Min, set.Min + 1, set.Max, 1 << 20, 2<<20 - 1, 2 << 20, 2<<20 + 1, 2<<20 + set.Min, 9<<20 + 7}
	stacks(t, func(t *testing.T, s *transfertest.Stack) {
		for i, n := range sizes {
			data := transfertest.Random(uint64(i), n)
			readers := map[string]io.Reader{
				"whole": bytes.NewReader(data), "with eof": iotest.DataErrReader(bytes.NewReader(data)), "halves": iotest.HalfReader(bytes.NewReader(data)),
			}
			for how, r := range readers {
				size := int64(n)
				if how == "halves" {
					size = -1
				}
				sum := sha256.Sum256(data)
				loc, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{
					Share: s.Share, Parent: s.Share, Name: fmt.Sprint(n, how), Size: size, SHA256: &sum}, r)
				if err != nil {
					t.Fatalf("%d bytes, %s: %v", n, how, err)
				}
				if loc.Node.SHA256 != sum || loc.Node.HashState != engine.HashVerified || loc.Node.Size != int64(n) {
					t.Errorf("%d bytes, %s: the node says %d bytes, %x", n, how, loc.Node.Size, loc.Node.SHA256)
				}
				o, err := s.Transfer.Open(ctx, s.Owner, loc.Node.ID, 0)
				if err != nil {
					t.Fatal(err)
				}
				want, _ := transfertest.Split(data)
				if got, err := o.Manifest(ctx); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%d bytes, %s: the manifest is not that of a client: %v", n, how, err)
				}
				for _, r := range [][2]int{{0, n}, {0, min(1, n)}, {n, 0}, {n / 2, n - n/2}, {n / 3, n / 3}, {max(n-1, 0), min(n, 1)}} {
					var b bytes.Buffer
					if err := o.WriteRange(ctx, &b, int64(r[0]), int64(r[1])); err != nil {
						t.Fatal(err)
					}
					if !bytes.Equal(b.Bytes(), data[r[0]:r[0]+r[1]]) {
						t.Errorf("%d bytes, %s: range %v is wrong", n, how, r)
					}
				}
				for _, r := range [][2]int64{{-1, 1}, {0, int64(n) + 1}, {int64(n) + 1, 0}, {1, -1}, {1 << 62, 1 << 62}} {
					wantKind(t, o.WriteRange(ctx, io.Discard, r[0], r[1]), engine.KindRange, fmt.Sprint("range ", r))
				}
			}
		}
	})
}

// unread fails the test when it is read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// What can be refused before the body is refused before the body.
func TestRefusedBeforeReading(t *testing.T) {
	s := transfertest.Memory(t)
	loc := upload(t, s, "taken", []byte("x"))
	small := s.NewShare(t, 10)
	tests := map[string]struct {
		p    *engine.Principal
		spec transfer.UploadSpec
		kind engine.Kind
	}{
		"stranger":       {s.Stranger, transfer.UploadSpec{Share: s.Share, Name: "n"}, engine.KindNotFound},
		"foreigner":      {s.Foreigner, transfer.UploadSpec{Share: s.Share, Name: "n"}, engine.KindNotFound},
		"unknown folder": {s.Owner, transfer.UploadSpec{Share: s.Share, Parent: s.NewID(), Name: "n"}, engine.KindNotFound},
		"file as folder": {s.Owner, transfer.UploadSpec{Share: s.Share, Parent: loc.Node.ID, Name: "n"}, engine.KindNotFound},
		"other share":    {s.Owner, transfer.UploadSpec{Share: small, Parent: s.Share, Name: "n"}, engine.KindNotFound},
		"bad name":       {s.Owner, transfer.UploadSpec{Share: s.Share, Name: "a/b"}, engine.KindInvalid},
		"taken":          {s.Owner, transfer.UploadSpec{Share: s.Share, Name: "TAKEN"}, engine.KindConflict},
		"quota":          {s.Owner, transfer.UploadSpec{Share: small, Name: "n", Size: 11}, engine.KindNoSpace},
		"too large":      {s.Owner, transfer.UploadSpec{Share: s.Share, Name: "n", Size: 1<<40 + 1}, engine.KindTooLarge},
	}
	for name, c := range tests {
		_, err := s.Transfer.Upload(ctx, c.p, c.spec, unread{t})
		wantKind(t, err, c.kind, name)
	}
}

// Whatever goes wrong on the way, nothing becomes visible and nothing counts.
func TestFailedUploads(t *testing.T) {
	broken := errors.New("connection reset")
	late := errors.New("408")
	for _, n := range []int{5, 100 << 10, 5 << 20} {
		data := transfertest.Random(1, n)
		wrong := sha256.Sum256([]byte("other"))
		tests := map[string]struct {
			size  int64
			sum   *[32]byte
			r     io.Reader
			kind  engine.Kind
			field string
		}{
			"short":    {int64(n) + 1, nil, bytes.NewReader(data), engine.KindInvalid, "file_size"},
			"long":     {int64(n) - 1, nil, bytes.NewReader(data), engine.KindInvalid, "file_size"},
			"longer":   {int64(n) - 1, nil, iotest.OneByteReader(bytes.NewReader(data[:min(n, 70<<10)])), engine.KindInvalid, "file_size"},
			"checksum": {int64(n), &wrong, bytes.NewReader(data), engine.KindInvalid, "checksum_sha256"},
			"broken":   {int64(n), nil, io.MultiReader(bytes.NewReader(data[:n/2]), iotest.ErrReader(broken)), engine.KindMalformed, ""},
			"cut":      {int64(n), nil, io.MultiReader(bytes.NewReader(data[:n/2]), iotest.ErrReader(io.ErrUnexpectedEOF)), engine.KindMalformed, ""},
			"own kind": {-1, nil, io.MultiReader(bytes.NewReader(data), iotest.ErrReader(&engine.Error{Kind: engine.KindTooLarge, Err: late})), engine.KindTooLarge, ""},
		}
		s := transfertest.Memory(t)
		for name, c := range tests {
			_, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{Share: s.Share, Name: "f", Size: c.size, SHA256: c.sum}, c.r)
			wantKind(t, err, c.kind, fmt.Sprint(name, " of ", n))
			if field(err) != c.field {
				t.Errorf("%s of %d: field %q, want %q", name, n, field(err), c.field)
			}
		}
		cancelled, cancel := context.WithCancel(ctx)
		r := io.MultiReader(bytes.NewReader(data), readerFunc(func([]byte) (int, error) { cancel(); return 0, nil }), bytes.NewReader(data), bytes.NewReader(data))
		if _, err := s.Transfer.Upload(cancelled, s.Owner, transfer.UploadSpec{Share: s.Share, Name: "f", Size: -1}, io.LimitReader(r, 1<<30)); err == nil {
			t.Error("a cancelled upload succeeded")
		}
		page, err := s.Tree.Children(ctx, s.Owner, s.Share, 10, 0, "")
		if err != nil || page.Total != 0 || len(page.Items) != 0 {
			t.Errorf("visible after failures: %+v, %v", page, err)
		}
		if sh := s.GetShare(t, s.Share); sh.UsedBytes != 0 || sh.Seq != 0 {
			t.Errorf("used %d bytes, %d changes after failures", sh.UsedBytes, sh.Seq)
		}
	}
}

// An error that comes with the last bytes of a full buffer is not lost.
func TestErrorWithFullBuffer(t *testing.T) {
	for _, n := range []int{64 << 10, 2 << 20} {
		s := transfertest.Memory(t)
		data := transfertest.Random(1, n)
		at := 0
		r := readerFunc(func(p []byte) (int, error) {
			k := copy(p, data[at:])
			if at += k; at == n && k > 0 {
				return k, engine.E(engine.KindTooLarge, "enough")
			}
			return k, nil
		})
		_, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{Share: s.Share, Name: "f", Size: -1}, r)
		wantKind(t, err, engine.KindTooLarge, fmt.Sprint("an error after ", n))
	}
}

// A body that breaks off is no body that ended, wherever it breaks off and
// whatever error says so.
func TestBodyThatBreaksOff(t *testing.T) {
	for _, whole := range []int{1000, 64 << 10, 3 << 20} {
		for _, n := range []int{0, 1, whole / 2, whole - 1, whole} {
			s := transfertest.Memory(t)
			broken := func() io.Reader {
				return io.MultiReader(bytes.NewReader(transfertest.Random(1, n)), iotest.ErrReader(io.ErrUnexpectedEOF))
			}
			if _, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{Share: s.Share, Name: "f", Size: -1}, broken()); err == nil {
				t.Errorf("%d bytes of %d became a file", n, whole)
			}
			for _, last := range []bool{false, true} {
				front := transfer.Front{Chunking: split.Default().Name}
				if st, err := s.Transfer.Stretch(ctx, s.Owner, front, broken(), last); err == nil {
					t.Errorf("%d bytes of %d became a stretch of %d", n, whole, st.Size)
				}
			}
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) {
	n, err := f(p)
	if n == 0 && err == nil {
		return 0, io.EOF
	}
	return n, err
}

// A body without announced length is stopped soon after the quota, not at its end.
func TestEndlessBody(t *testing.T) {
	s := transfertest.Memory(t)
	small := s.NewShare(t, 1<<20)
	read := int64(0)
	endless := readerFunc(func(p []byte) (int, error) { read += int64(len(p)); return len(p), nil })
	_, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{Share: small, Name: "f", Size: -1}, endless)
	wantKind(t, err, engine.KindNoSpace, "an endless body")
	if read > 80<<20 {
		t.Errorf("%d bytes were read", read)
	}
}

func TestUploadRace(t *testing.T) {
	s := transfertest.Memory(t)
	var wg sync.WaitGroup
	var won atomic.Int32
	for i := range 50 {
		wg.Go(func() {
			_, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{Share: s.Share, Name: []string{"n", "N"}[i%2], Size: -1}, strings.NewReader(fmt.Sprint("content ", i)))
			if err == nil {
				won.Add(1)
			} else if engine.KindOf(err) != engine.KindConflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d of 50 made the file", won.Load())
	}
}

func TestOpenNeedsRead(t *testing.T) {
	s := transfertest.Memory(t)
	loc := upload(t, s, "f", []byte("secret"))
	_, absent := s.Transfer.Open(ctx, s.Owner, s.NewID(), 0)
	for _, p := range []*engine.Principal{s.Stranger, s.Foreigner} {
		_, err := s.Transfer.Open(ctx, p, loc.Node.ID, 0)
		if err == nil || err.Error() != absent.Error() {
			t.Errorf("a stranger got %v, an unknown ID %v", err, absent)
		}
		_, err = s.Transfer.Fetch(ctx, p, loc.Node.ID, 0, [][32]byte{sha256.Sum256([]byte("secret"))})
		wantKind(t, err, engine.KindNotFound, "fetch")
		_, _, err = s.Transfer.Query(ctx, p, s.Share, nil)
		wantKind(t, err, engine.KindNotFound, "query")
		_, err = s.Transfer.Receive(ctx, p, s.Share, unread{t})
		wantKind(t, err, engine.KindNotFound, "receive")
	}
	_, err := s.Transfer.Open(ctx, s.Owner, loc.Node.ID, 2)
	wantKind(t, err, engine.KindNotFound, "a version that is not there")
	_, err = s.Transfer.Open(ctx, s.Owner, s.Share, 0)
	wantKind(t, err, engine.KindNotFound, "a folder's content")
}

func TestReceiveAndFetch(t *testing.T) {
	stacks(t, func(t *testing.T, s *transfertest.Stack) {
		data := transfertest.Random(3, 3<<20)
		chunks, parts := transfertest.Split(data)
		got, err := s.Transfer.Receive(ctx, s.Owner, s.Share, bytes.NewReader(transfertest.Frames(append(parts, parts[0])...)))
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range chunks {
			if got[i].Hash != c.Hash || got[i].Size != c.Size {
				t.Errorf("chunk %d: %x of %d bytes", i, got[i].Hash, got[i].Size)
			}
		}
		if last := got[len(got)-1]; last.Hash != chunks[0].Hash || last.Stored && got[0].Stored {
			t.Errorf("the repeated chunk: %+v", last)
		}
		loc := upload(t, s, "f", data)
		ask := [][32]byte{chunks[len(chunks)-1].Hash, chunks[0].Hash, chunks[1].Hash, chunks[0].Hash}
		write, err := s.Transfer.Fetch(ctx, s.Owner, loc.Node.ID, 1, ask)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), transfertest.Frames(parts[len(parts)-1], parts[0], parts[1], parts[0])) {
			t.Error("the frames are not those asked for")
		}
		_, err = s.Transfer.Fetch(ctx, s.Owner, loc.Node.ID, 1, append(ask, [32]byte{1}))
		wantKind(t, err, engine.KindNotFound, "a chunk that is not in the version")
		if write, err = s.Transfer.Fetch(ctx, s.Owner, loc.Node.ID, 0, nil); err != nil || write(&b) != nil {
			t.Errorf("fetch of nothing: %v", err)
		}
	})
}

func TestReceiveRefuses(t *testing.T) {
	s := transfertest.Memory(t)
	longest := split.Default().Max
	big := make([]byte, longest)
	var many [][]byte
	for range 64<<20/longest + 1 {
		many = append(many, big)
	}
	tests := map[string]struct {
		body []byte
		kind engine.Kind
	}{
		"empty frame": {transfertest.Frames([]byte("a"), nil), engine.KindInvalid},
		"long frame":  {transfertest.Frames(make([]byte, longest+1)), engine.KindInvalid},
		"huge length": {[]byte{0xff, 0xff, 0xff, 0xff, 1}, engine.KindInvalid},
		"cut head":    {append(transfertest.Frames([]byte("a")), 0, 0), engine.KindInvalid},
		"cut frame":   {transfertest.Frames([]byte("abc"))[:6], engine.KindInvalid},
		"too much":    {transfertest.Frames(many...), engine.KindTooLarge},
		"too many":    {bytes.Repeat([]byte{0, 0, 0, 1, 'x'}, transfer.MaxFrames+1), engine.KindTooLarge},
	}
	for name, c := range tests {
		_, err := s.Transfer.Receive(ctx, s.Owner, s.Share, bytes.NewReader(c.body))
		wantKind(t, err, c.kind, name)
	}
	if got, err := s.Transfer.Receive(ctx, s.Owner, s.Share, strings.NewReader("")); err != nil || len(got) != 0 {
		t.Errorf("nothing sent: %v, %v", got, err)
	}
}

// The memory of what was sent is per user and tenant, and says nothing of chunks
// that others have.
func TestQuery(t *testing.T) {
	s := transfertest.Memory(t)
	mine, others := []byte("mine"), []byte("others")
	hm, ho := sha256.Sum256(mine), sha256.Sum256(others)
	if _, err := s.Transfer.Receive(ctx, s.Owner, s.Share, bytes.NewReader(transfertest.Frames(mine))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Transfer.Receive(ctx, s.Root, s.Share, bytes.NewReader(transfertest.Frames(others))); err != nil {
		t.Fatal(err)
	}
	missing, nonce, err := s.Transfer.Query(ctx, s.Owner, s.Share, [][32]byte{hm, ho, {9}, ho})
	if err != nil || len(missing) != 2 || missing[0] != ho || missing[1] != [32]byte{9} || nonce == "" {
		t.Errorf("missing %x, nonce %q, %v", missing, nonce, err)
	}
	_, again, _ := s.Transfer.Query(ctx, s.Owner, s.Share, nil)
	_, roots, _ := s.Transfer.Query(ctx, s.Root, s.Share, nil)
	if again != nonce || roots == nonce {
		t.Errorf("nonces %q, %q and another user's %q", nonce, again, roots)
	}
	_, _, err = s.Transfer.Query(ctx, s.Owner, s.Share, make([][32]byte, transfer.MaxQuery+1))
	wantKind(t, err, engine.KindInvalid, "too many")
}

// settle makes one claim of a new file.
func settle(t *testing.T, s *transfertest.Stack, p *engine.Principal, c transfer.Claim) transfer.Settled {
	t.Helper()
	out, err := s.Transfer.Settle(ctx, p, []transfer.Claim{c})
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

func claimOf(data []byte) transfer.Claim {
	chunks, _ := transfertest.Split(data)
	return transfer.Claim{Size: int64(len(data)), SHA256: sha256.Sum256(data), Chunking: split.Default().Name, Chunks: chunks}
}

func TestPossession(t *testing.T) {
	stacks(t, func(t *testing.T, s *transfertest.Stack) {
		data := transfertest.Random(5, 3<<20)
		chunks, parts := transfertest.Split(data)
		if len(chunks) <= engine.MaxInlineChunks {
			t.Fatalf("%d chunks are too few for this test", len(chunks))
		}
		loc := upload(t, s, "f", data)

		// The uploader is remembered; nobody else is, whatever they know.
		if got := settle(t, s, s.Owner, claimOf(data)); got.Err != nil || got.Content.Count != uint32(len(chunks)) || got.Content.Root == [32]byte{} {
			t.Errorf("the uploader: %+v", got)
		}
		got := settle(t, s, s.Root, claimOf(data))
		wantKind(t, got.Err, engine.KindConflict, "another user")
		if len(got.Missing) != len(chunks) || got.Missing[0] != chunks[0].Hash {
			t.Errorf("%d of %d chunks are missing for another user", len(got.Missing), len(chunks))
		}

		// A source that may be read stands in; one that may not is as good as none.
		c := claimOf(data)
		c.Sources = []transfer.Source{{File: loc.Node.ID, Version: 1}}
		if got := settle(t, s, s.Root, c); got.Err != nil || len(got.Relied) != 1 || len(got.Drawn) != len(chunks) {
			t.Errorf("with a source: %v, %v", got.Err, got.Relied)
		}
		for _, p := range []*engine.Principal{s.Stranger, s.Foreigner} {
			if got := settle(t, s, p, c); len(got.Missing) != len(chunks) {
				t.Errorf("a stranger with a source: %+v", got)
			}
		}
		wrong := c
		wrong.Chunks = append([]engine.Chunk(nil), chunks...)
		wrong.Chunks[1].Size--
		wrong.Size--
		if got := settle(t, s, s.Root, wrong); len(got.Missing) != 1 || got.Missing[0] != chunks[1].Hash {
			t.Errorf("a source's chunk with another length: %d missing, %v", len(got.Missing), got.Err)
		}
		c.Sources = []transfer.Source{{File: s.NewID()}, {File: s.Share}, {File: loc.Node.ID, Version: 7}}
		if got := settle(t, s, s.Root, c); len(got.Missing) != len(chunks) {
			t.Errorf("with sources that are none: %+v", got)
		}

		// Proofs by the bytes.
		_, nonce, err := s.Transfer.Query(ctx, s.Root, s.Share, nil)
		if err != nil {
			t.Fatal(err)
		}
		prove := func(nonce string) map[[32]byte][32]byte {
			m := map[[32]byte][32]byte{}
			for i := range parts {
				mac := hmac.New(sha256.New, []byte(nonce))
				mac.Write(parts[i])
				m[chunks[i].Hash] = [32]byte(mac.Sum(nil))
			}
			return m
		}
		c = claimOf(data)
		c.Proofs = prove(nonce)
		for name, p := range map[string]*engine.Principal{"another user's nonce": s.Stranger, "another tenant": s.Foreigner} {
			if got := settle(t, s, p, c); len(got.Missing) != len(chunks) {
				t.Errorf("%s: %d missing, %v", name, len(got.Missing), got.Err)
			}
		}
		c.Proofs = prove("guess")
		if got := settle(t, s, s.Root, c); len(got.Missing) != len(chunks) {
			t.Errorf("wrong proofs: %d missing", len(got.Missing))
		}
		c.Proofs = prove(nonce)
		s.Pass(16 * time.Minute)
		if got := settle(t, s, s.Root, c); len(got.Missing) != len(chunks) {
			t.Errorf("an old nonce: %d missing", len(got.Missing))
		}
		_, nonce, _ = s.Transfer.Query(ctx, s.Root, s.Share, nil)
		c.Proofs = prove(nonce)
		s.Pass(10 * time.Minute)
		if got := settle(t, s, s.Root, c); got.Err != nil {
			t.Errorf("proofs after ten minutes: %v", got.Err)
		}

		// A base version stands in, when it is current.
		edit := append(bytes.Clone(data), "tail"...)
		c = claimOf(edit)
		c.File, c.Base = loc.Node.ID, loc.Node.VersionID
		c.Chunks = append(c.Chunks[:0:0], chunks...)
		c.Size, c.SHA256 = int64(len(data)), [32]byte{1}
		if got := settle(t, s, s.As(s.Admin), c); got.Err != nil || got.Kept != 0 {
			t.Errorf("from the base: %v", got.Err)
		}
		c.Base = s.NewID()
		if got := settle(t, s, s.Root, c); !got.Stale {
			t.Errorf("from a stale base: %+v", got)
		}
	})
}

func TestForm(t *testing.T) {
	s := transfertest.Memory(t)
	data := transfertest.Random(6, 600<<10)
	upload(t, s, "f", data)
	base := claimOf(data)
	if len(base.Chunks) < 3 {
		t.Fatal("too few chunks for this test")
	}
	tests := map[string]struct {
		change func(c *transfer.Claim)
		field  string
	}{
		"unknown set":    {func(c *transfer.Claim) { c.Chunking = "fixed-4m" }, "content.chunking"},
		"sum":            {func(c *transfer.Claim) { c.Size++ }, "content.size"},
		"negative":       {func(c *transfer.Claim) { c.Size = -1 }, "content.size"},
		"empty chunk":    {func(c *transfer.Claim) { c.Chunks[1].Size = 0 }, "content.chunks.1.size"},
		"short chunk":    {func(c *transfer.Claim) { c.Chunks[0].Size = 1 }, "content.chunks.0.size"},
		"long chunk":     {func(c *transfer.Claim) { c.Chunks[0].Size = 1 << 30 }, "content.chunks.0.size"},
		"wrong size":     {func(c *transfer.Claim) { c.Chunks[0].Size--; c.Size-- }, "content.chunks.0.size"},
		"hash of one":    {func(c *transfer.Claim) { c.Chunks = c.Chunks[:1]; c.Size = int64(c.Chunks[0].Size) }, "content.checksum_sha256"},
		"hash of none":   {func(c *transfer.Claim) { c.Chunks = nil; c.Size = 0 }, "content.checksum_sha256"},
		"patch and list": {func(c *transfer.Claim) { c.Patch = []transfer.Patch{{Count: 1}} }, "content.patch"},
		"patch of none":  {func(c *transfer.Claim) { c.Patch, c.Chunks = []transfer.Patch{{Count: 1}}, nil }, "content.patch"},
	}
	for name, c := range tests {
		cl := claimOf(data)
		c.change(&cl)
		got := settle(t, s, s.Owner, cl)
		if engine.KindOf(got.Err) != engine.KindInvalid || field(got.Err) != c.field {
			t.Errorf("%s: %v, field %q, want %q", name, got.Err, field(got.Err), c.field)
		}
	}
	one := claimOf([]byte("one chunk"))
	if _, err := s.Transfer.Receive(ctx, s.Owner, s.Share, bytes.NewReader(transfertest.Frames([]byte("one chunk")))); err != nil {
		t.Fatal(err)
	}
	if got := settle(t, s, s.Owner, one); got.Err != nil || got.Content.HashState != engine.HashVerified {
		t.Errorf("a content of one chunk: %+v", got)
	}
	if got := settle(t, s, s.Owner, base); got.Err != nil || got.Content.HashState != engine.HashClaimed {
		t.Errorf("a content of more: %+v", got)
	}
}

// put makes a file of a settled claim.
func put(t *testing.T, s *transfertest.Stack, name string, c transfer.Claim) *tree.Located {
	t.Helper()
	st := settle(t, s, s.Owner, c)
	if st.Err != nil {
		t.Fatal(st.Err)
	}
	var loc *tree.Located
	err := s.DB.Update(ctx, func(tx *meta.Tx) (err error) {
		tx.NeedChunks()
		loc, _, err = s.Tree.PutFile(tx, s.Owner, tree.FileSpec{Share: s.Share, Name: name, Content: st.Content})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// A claimed hash is verified by the first full read in order; a false one is
// corrected, told, and its reader never gets the end.
func TestClaimedHashes(t *testing.T) {
	s := transfertest.Memory(t)
	var told []transfer.FalseClaim
	s.Transfer.OnFalseClaim = func(c transfer.FalseClaim) { told = append(told, c) }
	data := transfertest.Random(8, 3<<20)
	upload(t, s, "bytes", data)
	state := func(id engine.ID) (engine.HashState, [32]byte) {
		loc, err := s.Tree.Get(ctx, s.Owner, id, engine.KindFile)
		if err != nil {
			t.Fatal(err)
		}
		vs, _, err := s.Tree.Versions(ctx, s.Owner, id, 1, 0)
		if err != nil || vs[0].Content.SHA256 != loc.Node.SHA256 || vs[0].Content.HashState != loc.Node.HashState {
			t.Errorf("node and version disagree: %v", err)
		}
		return loc.Node.HashState, loc.Node.SHA256
	}

	honest := put(t, s, "honest", claimOf(data)).Node.ID
	o, err := s.Transfer.Open(ctx, s.Owner, honest, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.WriteRange(ctx, io.Discard, 1, int64(len(data))-1); err != nil {
		t.Fatal(err)
	}
	if st, _ := state(honest); st != engine.HashClaimed {
		t.Error("a part of the content verified the whole")
	}
	if !bytes.Equal(download(t, s, honest, 0), data) {
		t.Error("wrong bytes")
	}
	if st, sum := state(honest); st != engine.HashVerified || sum != sha256.Sum256(data) {
		t.Error("a full read did not verify the hash")
	}

	c := claimOf(data)
	c.SHA256 = sha256.Sum256([]byte("a lie"))
	liar := put(t, s, "liar", c).Node.ID
	seq := s.GetShare(t, s.Share).Seq
	o, err = s.Transfer.Open(ctx, s.Owner, liar, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	err = o.WriteRange(ctx, &b, 0, int64(len(data)))
	wantKind(t, err, engine.KindDamaged, "a read of a false claim")
	if b.Len() >= len(data) || !bytes.HasPrefix(data, b.Bytes()) {
		t.Errorf("the reader got %d of %d bytes", b.Len(), len(data))
	}
	if st, sum := state(liar); st != engine.HashVerified || sum != sha256.Sum256(data) {
		t.Error("the claim was not corrected")
	}
	if len(told) != 1 || told[0].File != liar || told[0].Claimed != c.SHA256 || told[0].Actual != sha256.Sum256(data) || told[0].Author != s.Owner.User {
		t.Errorf("told %+v", told)
	}
	if now := s.GetShare(t, s.Share).Seq; now != seq+1 {
		t.Errorf("the correction wrote %d change rows", now-seq)
	}
	if !bytes.Equal(download(t, s, liar, 0), data) || len(told) != 1 {
		t.Error("the second read is not clean")
	}
}

// A flipped byte in a pack is damage that names file and version, and no stream
// that meets it ends as if it were whole.
func TestDamagedContent(t *testing.T) {
	s := transfertest.Memory(t)
	data := transfertest.Random(9, 4<<20)
	loc := upload(t, s, "report.bin", data)
	chunks, parts := transfertest.Split(data)
	victim := len(chunks) - 2
	flip(t, s, parts[victim][1000:1040])

	var b bytes.Buffer
	o, err := s.Transfer.Open(ctx, s.Owner, loc.Node.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	err = o.WriteRange(ctx, &b, 0, int64(len(data)))
	wantKind(t, err, engine.KindDamaged, "a full read")
	if !bytes.HasPrefix(data, b.Bytes()) {
		t.Error("wrong bytes went out")
	}
	if msg := fmt.Sprint(err); !strings.Contains(msg, loc.Node.ID.Format(engine.PrefixFile)) || !strings.Contains(msg, "version 1") {
		t.Errorf("the message does not name file and version: %v", err)
	}
	write, err := s.Transfer.Fetch(ctx, s.Owner, loc.Node.ID, 0, [][32]byte{chunks[victim].Hash, chunks[0].Hash})
	if err != nil {
		t.Fatal(err)
	}
	b.Reset()
	wantKind(t, write(&b), engine.KindDamaged, "a fetch")
	if b.Len() != 0 {
		t.Errorf("%d bytes went out before the first chunk was verified", b.Len())
	}
	// It counts as missing now, so a sender heals it.
	missing, _, err := s.Transfer.Query(ctx, s.Owner, s.Share, [][32]byte{chunks[victim].Hash})
	if err != nil || len(missing) != 1 {
		t.Errorf("a damaged chunk counts as there: %v", err)
	}
	c := claimOf(data)
	c.Sources = []transfer.Source{{File: loc.Node.ID}}
	for _, p := range []*engine.Principal{s.Owner, s.Root} {
		if got := settle(t, s, p, c); len(got.Missing) != 1 || got.Missing[0] != chunks[victim].Hash {
			t.Errorf("a damaged chunk counts as there in a claim: %d missing, %v", len(got.Missing), got.Err)
		}
	}
	if _, err := s.Transfer.Receive(ctx, s.Owner, s.Share, bytes.NewReader(transfertest.Frames(parts[victim]))); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(download(t, s, loc.Node.ID, 0), data) {
		t.Error("the chunk was not healed")
	}
}

// flip changes a byte of a stretch of bytes wherever it lies in the packs.
func flip(t *testing.T, s *transfertest.Stack, needle []byte) {
	t.Helper()
	found := false
	var search func(dir string)
	search = func(dir string) {
		list, err := s.FS.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			name := dir + "/" + e.Name
			if e.Dir {
				search(name)
				continue
			}
			f, err := s.FS.OpenRW(name)
			if err != nil {
				t.Fatal(err)
			}
			all := make([]byte, e.Size)
			if _, err := f.ReadAt(all, 0); err != nil && err != io.EOF {
				t.Fatal(err)
			}
			if i := bytes.Index(all, needle); i >= 0 {
				found = true
				if _, err := f.WriteAt([]byte{needle[0] ^ 1}, int64(i)); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	search("packs")
	if !found {
		t.Fatal("the bytes are in no pack")
	}
}

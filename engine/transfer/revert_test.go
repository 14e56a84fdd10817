package transfer_test

import (
	"bytes"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/tree"
)

// A revert of contents too long to stand in the version's record counts what its
// versions do not share.
func TestRevertOfLongContent(t *testing.T) {
	s := transfertest.Memory(t)
	one, two := transfertest.Random(1, 5<<20), transfertest.Random(2, 6<<20)
	f := upload(t, s, "f", one)
	g := upload(t, s, "g", append(bytes.Clone(one), two...))
	o, err := s.Transfer.Open(ctx, s.Owner, g.Node.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if o.Version.Content.Count <= engine.MaxInlineChunks {
		t.Fatalf("%d chunks are too few for this test", o.Version.Content.Count)
	}
	err = s.DB.Update(ctx, func(tx *meta.Tx) error {
		_, _, err := s.Tree.PutFile(tx, s.Owner, tree.FileSpec{
			Share: s.Share, File: f.Node.ID, Base: f.Node.VersionID, Content: o.Version.Content, Kept: 100,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	before := s.GetShare(t, s.Share).UsedBytes
	loc, err := s.Transfer.Revert(ctx, s.Owner, f.Node.ID, 1, engine.ID{})
	if err != nil || loc.Node.Version != 3 || loc.Node.SHA256 != f.Node.SHA256 || loc.Node.VersionID == f.Node.VersionID {
		t.Fatalf("%+v, %v", loc, err)
	}
	now, err := s.Transfer.Open(ctx, s.Owner, f.Node.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	list, err := now.Manifest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	all, err := o.Manifest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := before + int64(len(one)) + tree.Kept(all, list) - int64(len(one)+len(two))
	if got := s.GetShare(t, s.Share).UsedBytes; got != want || tree.Kept(all, list) < int64(len(two)) {
		t.Errorf("%d bytes are counted, want %d", got, want)
	}
	var b bytes.Buffer
	if err := now.WriteRange(ctx, &b, 0, now.Version.Content.Size); err != nil || !bytes.Equal(b.Bytes(), one) {
		t.Errorf("the content is not that of version 1, %v", err)
	}
	_, err = s.Transfer.Revert(ctx, s.Owner, f.Node.ID, 1, f.Node.VersionID)
	if engine.KindOf(err) != engine.KindPrecondition {
		t.Errorf("another version than If-Match: %v", err)
	}
	for _, p := range []*engine.Principal{s.Stranger, s.Foreigner} {
		if _, err := s.Transfer.Revert(ctx, p, f.Node.ID, 1, engine.ID{}); engine.KindOf(err) != engine.KindNotFound {
			t.Errorf("by somebody else: %v", err)
		}
	}
}

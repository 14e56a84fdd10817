package schema_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/meta/schema/schematest"
)

// A session stands in one range only, is counted while it is open, and is its
// user's alone.
func TestUploadsStandInOneRange(t *testing.T) {
	m := schematest.New()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	u := &engine.Upload{ID: id(9), User: id(1), Status: engine.UploadOpen, Name: "a", Size: 5, PartSize: 3}
	must(schema.PutUpload(m, 7, u))
	must(schema.PutUpload(m, 7, &engine.Upload{ID: id(8), User: id(2), Status: engine.UploadOpen}))
	open := func() (ids []engine.ID) {
		must(schema.ScanOpenUploads(m, 7, u.User, func(u *engine.Upload) (bool, error) { ids = append(ids, u.ID); return true, nil }))
		return ids
	}
	for _, status := range []engine.UploadStatus{engine.UploadOpen, engine.UploadCompleted, engine.UploadExpired} {
		u.Status = status
		must(schema.PutUpload(m, 7, u))
		got, err := schema.GetUpload(m, 7, u.User, u.ID)
		must(err)
		if diff := cmp.Diff(u, got); diff != "" {
			t.Errorf("status %d:\n%s", status, diff)
		}
		if n := len(open()); (n == 1) != (status == engine.UploadOpen) {
			t.Errorf("status %d: %d are open", status, n)
		}
		var all []string
		var behind []byte
		for more := true; more; {
			more = false
			must(schema.ScanUploads(m, behind, func(k []byte, tn engine.TenantNo, u *engine.Upload) (bool, error) {
				all, behind, more = append(all, fmt.Sprint(tn, u.User[15], u.ID[15])), append(behind[:0], k...), true
				return false, nil
			}))
		}
		if diff := cmp.Diff([]string{"7 1 9", "7 2 8"}, all); diff != "" {
			t.Errorf("status %d: all sessions:\n%s", status, diff)
		}
	}
	for _, other := range []engine.ID{id(2), {}} {
		if _, err := schema.GetUpload(m, 7, other, u.ID); !errors.Is(err, schema.ErrNotFound) {
			t.Errorf("another user's session: %v", err)
		}
	}
	must(schema.DeleteUpload(m, 7, u))
	if _, err := schema.GetUpload(m, 7, u.User, u.ID); !errors.Is(err, schema.ErrNotFound) {
		t.Errorf("a deleted session: %v", err)
	}
}

func TestUploadPartsOfASession(t *testing.T) {
	m := schematest.New()
	for _, tn := range []engine.TenantNo{1, 2} {
		for _, session := range []byte{1, 2, 0xff} {
			for _, index := range []uint32{0, 1, 300} {
				part := &engine.UploadPart{User: id(5), Upload: id(session), Index: index, Size: 7, Chunks: make([]engine.Chunk, 20), Sum: []byte{1}}
				if err := schema.PutUploadPart(m, tn, part); err != nil {
					t.Fatal(err)
				}
				got, err := schema.GetUploadPart(m, tn, part.User, part.Upload, index)
				if diff := cmp.Diff(part, got); err != nil || diff != "" {
					t.Errorf("%v\n%s", err, diff)
				}
			}
		}
	}
	var list []uint32
	err := schema.ScanUploadParts(m, 1, id(5), id(2), 1, func(p *engine.UploadPart) (bool, error) { list = append(list, p.Index); return true, nil })
	if err != nil || cmp.Diff([]uint32{1, 300}, list) != "" {
		t.Errorf("parts from 1 on: %v, %v", list, err)
	}
	var tn engine.TenantNo
	var user, upload engine.ID
	var all []string
	for {
		if tn, user, upload, err = schema.NextUploadOfPart(m, tn, user, upload); err != nil {
			break
		}
		all = append(all, fmt.Sprint(tn, user[15], upload[15]))
	}
	if diff := cmp.Diff([]string{"1 5 1", "1 5 2", "1 5 255", "2 5 1", "2 5 2", "2 5 255"}, all); diff != "" || !errors.Is(err, schema.ErrNotFound) {
		t.Errorf("sessions with parts: %v\n%s", err, diff)
	}
}

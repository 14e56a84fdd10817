package transfer_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/transfer/transfertest"
)

// FuzzReceive: whatever is sent as frames is refused, or stored as it was sent.
func FuzzReceive(f *testing.F) {
	f.Add(transfertest.Frames([]byte("one"), []byte("two")))
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{0, 0, 0, 9, 'x'})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	s := transfertest.Memory(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := s.Transfer.Receive(ctx, s.Owner, s.Share, bytes.NewReader(body))
		if err != nil {
			if engine.KindOf(err) != engine.KindInvalid && engine.KindOf(err) != engine.KindTooLarge {
				t.Error(err)
			}
			return
		}
		for _, c := range got {
			body = body[4:]
			if sha256.Sum256(body[:c.Size]) != c.Hash {
				t.Error("another chunk than was sent")
			}
			body = body[c.Size:]
		}
		if len(body) != 0 {
			t.Errorf("%d bytes were not looked at", len(body))
		}
	})
}

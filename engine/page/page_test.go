package page_test

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/page"
)

func TestATokenIsOfOneCallerAndOneQuestion(t *testing.T) {
	s := page.New(rand.Reader)
	me := &engine.Principal{Tenant: 1, User: engine.ID{1}}
	place := bytes.Repeat([]byte("place"), 5)
	token := s.Seal(me, "q", place)
	if got, err := s.Open(me, "q", token); err != nil || !bytes.Equal(got, place) {
		t.Fatal(got, err)
	}
	if again := s.Seal(me, "q", place); again == token {
		t.Error("equal places have equal tokens")
	}
	flipped := "A" + token[1:]
	if token[0] == 'A' {
		flipped = "B" + token[1:]
	}
	for name, open := range map[string]func() ([]byte, error){
		"another's":        func() ([]byte, error) { return s.Open(&engine.Principal{Tenant: 1, User: engine.ID{2}}, "q", token) },
		"another tenant's": func() ([]byte, error) { return s.Open(&engine.Principal{Tenant: 2, User: engine.ID{1}}, "q", token) },
		"another question": func() ([]byte, error) { return s.Open(me, "r", token) },
		"changed":          func() ([]byte, error) { return s.Open(me, "q", flipped) },
		"cut":              func() ([]byte, error) { return s.Open(me, "q", token[:8]) },
		"empty":            func() ([]byte, error) { return s.Open(me, "q", "") },
		"no token":         func() ([]byte, error) { return s.Open(me, "q", strings.Repeat("%", 60)) },
		"another process":  func() ([]byte, error) { return page.New(rand.Reader).Open(me, "q", token) },
	} {
		if got, err := open(); engine.KindOf(err) != engine.KindInvalid || got != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

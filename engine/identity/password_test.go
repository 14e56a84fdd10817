package identity

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"scaidrive/engine"
)

func TestPasswordRules(t *testing.T) {
	tests := []struct {
		password string
		ok       bool
	}{
		{"correct horse battery", true},
		{"xkcdxkcdabcd", true},
		{"éàüöäéàüöäéà", true}, // 12 characters
		{"vogel baum!", false}, // 11
		{"éàüöäé", false},      // 12 bytes, 6 characters
		{"passwordpassword", false},
		{"Password1234", false},
		{"P@ssw0rd2024!", false},
		{"qwertyuiop[]", true},
		{"QWERTYUIOPasdf", false},
		{"aaaaaaaaaaaaaa", false},
		{"abcabcabcabcab", false},
		{"123456789012", false},
		{"987654321098", false},
		{"1qaz2wsx3edc", false},
		{"welcome123456", false},
		{"adminadministrator", false},
		{"            ", false},
		{strings.Repeat("long words ", 93), true}, // 1,023 bytes
		{strings.Repeat("long words ", 93) + "xx", false},
		{"not UTF-8 \xff\xfe at all", false},
		{"", false},
	}
	for _, tt := range tests {
		err := checkPassword(tt.password, 12)
		if (err == nil) != tt.ok {
			t.Errorf("%.30q: %v", tt.password, err)
		}
		if err != nil {
			is(t, tt.password, err, engine.KindInvalid, "")
			if e := err.(*engine.Error); e.Field != "password" {
				t.Errorf("field %q", e.Field)
			}
		}
	}
	if checkPassword("", 0) == nil || checkPassword("vogel", 0) != nil || checkPassword("vogel", 6) == nil {
		t.Error("the tenant's length does not count")
	}
}

// The list is at least as long as promised. The figure is for the documentation.
func TestCommonPasswords(t *testing.T) {
	all, long := map[string]bool{}, 0
	for c := range common() {
		if c != strings.ToLower(c) {
			t.Fatalf("%q is not in lower case: it would never be found", c)
		}
		if !all[c] && len(c) >= 12 {
			long++
		}
		all[c] = true
	}
	t.Logf("%d common passwords, %d of them with 12 characters or more", len(all), long)
	if len(all) < 10_000 || long < 10_000 {
		t.Error("too few")
	}
}

func TestHashes(t *testing.T) {
	b := newBench(t)
	h := b.hasher
	const p = "Käse, Brot und Wein"
	one, err1 := h.hash(t.Context(), p)
	two, err2 := h.hash(t.Context(), p)
	if err1 != nil || err2 != nil || one == two {
		t.Fatal("no salt", one, two, err1, err2)
	}
	if !strings.HasPrefix(one, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Error(one)
	}
	for _, tt := range []struct {
		stored, password string
		ok               bool
	}{
		{one, p, true},
		{two, p, true},
		{one, "Ka\u0308se, Brot und Wein", true}, // typed on another system
		{one, p + " ", false},
		{one, "", false},
		{"", "", false},
		{"", p, false},
		{"$2a$10$abcdefghijklmnopqrstuu", p, false},
		{one[:len(one)-2], p, false},
		{one + "=", p, false},
		{strings.Replace(one, "m=8", "m=08", 1), p, false},
		{strings.Replace(one, "m=8", "m=4294967295", 1), p, false},
		{strings.Replace(one, "t=1", "t=4000000000", 1), p, false},
		{strings.Replace(one, "t=1", "t=0", 1), p, false},
		{strings.Replace(one, "p=1", "p=0", 1), p, false},
		{strings.Replace(one, "argon2id", "argon2i", 1), p, false},
		{strings.Replace(one, "v=19", "v=16", 1), p, false},
	} {
		ok, err := h.verify(t.Context(), tt.stored, tt.password)
		if ok != tt.ok || err != nil {
			t.Errorf("%q with %q: %v, %v", tt.password, tt.stored, ok, err)
		}
	}
}

func TestDefaultCostIsStated(t *testing.T) {
	h, err := newHasher(DefaultCost(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := h.hash(t.Context(), "correct horse battery")
	if err != nil || !strings.HasPrefix(s, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Error(s, err)
	}
	if ok, err := h.verify(t.Context(), s, "correct horse battery"); !ok || err != nil {
		t.Error(ok, err)
	}
}

// The third waits; whoever has waited for as long as they may is told to come back.
func TestTwoHashesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := newHasher(Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range maxHashes {
			if err := h.acquire(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = h.verify(ctx, "", "x")
		is(t, "verify", err, engine.KindUnavailable, "")
		_, err = h.hash(ctx, "x")
		is(t, "hash", err, engine.KindUnavailable, "")

		done := make(chan error)
		go func() {
			_, err := h.verify(t.Context(), "", "x")
			done <- err
		}()
		synctest.Wait()
		select {
		case <-done:
			t.Error("a third one at the same time")
		default:
		}
		h.release()
		if err := <-done; err != nil {
			t.Error(err)
		}
		h.release()
		if len(h.slots) != 0 {
			t.Error("a slot is lost")
		}
	})
}

func TestEmailFolding(t *testing.T) {
	same := [][]string{
		{"ann@example.com", "ANN@EXAMPLE.COM", "Ann@Example.Com"},
		{"jörg@example.com", "JÖRG@example.com", "jo\u0308rg@example.com"},
	}
	for _, group := range same {
		want, err := FoldEmail(group[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range group {
			if got, err := FoldEmail(e); got != want || err != nil {
				t.Errorf("%q: %q, %v", e, got, err)
			}
		}
	}
	for _, e := range []string{"", "@", "a@", "@b", "a", "a@b@c", "a b@c", "a@b c", "a@b\n", "\x00@b", "a\xff@b", "a\u200b@b", "a\u00a0@b",
		strings.Repeat("a", 250) + "@b.cd", fmt.Sprintf("%c@b", 0x7f)} {
		_, err := FoldEmail(e)
		is(t, fmt.Sprintf("%q", e), err, engine.KindInvalid, "")
	}
}

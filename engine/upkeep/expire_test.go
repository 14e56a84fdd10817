package upkeep_test

import (
	"fmt"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/notice"
	"scaidrive/engine/tree"
	"scaidrive/engine/upkeep"
)

const day = 24 * time.Hour

// A house is a world with a keeper in it, whose uptime the test moves.
type house struct {
	*enginetest.World
	t      *testing.T
	tree   *tree.Service
	keeper *upkeep.Keeper
	up     time.Duration
}

func newHouse(t *testing.T) *house {
	h := &house{World: enginetest.New(t), t: t}
	h.tree = tree.New(h.DB, h.Env())
	h.restart()
	if err := h.tree.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

// restart is another process on the same store.
func (h *house) restart() {
	h.t.Helper()
	h.up = 0
	k, err := upkeep.New(h.t.Context(), upkeep.Options{
		DB: h.DB, Tree: h.tree, Identity: h.Identity, Notices: notice.New(h.DB, h.Env()), Env: h.Env(), Uptime: func() time.Duration { return h.up },
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.keeper = k
	h.look()
}

// look is what Run does each time.
func (h *house) look() {
	h.t.Helper()
	counted, err := h.keeper.Count(h.t.Context())
	if err == nil {
		err = h.keeper.Expire(h.t.Context(), counted)
	}
	if err == nil {
		err = h.tree.RemovePurged(h.t.Context())
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// run lets time pass in which the server runs and looks every hour.
func (h *house) run(d time.Duration) {
	h.t.Helper()
	for ; d > 0; d -= time.Hour {
		h.Pass(time.Hour)
		h.up += time.Hour
		h.look()
	}
}

// deleted makes a folder with something in it and deletes it.
func (h *house) deleted(name string) engine.ID {
	h.t.Helper()
	p := h.As(h.User)
	f, err := h.tree.Mkdir(h.t.Context(), p, h.UserShare.ID, engine.ID{}, name)
	if err == nil {
		_, err = h.tree.Mkdir(h.t.Context(), p, h.UserShare.ID, f.Node.ID, "below")
	}
	if err == nil {
		err = h.tree.Trash(h.t.Context(), p, f.Node.ID, engine.KindFolder, engine.ID{})
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return f.Node.ID
}

// kept reports whether a deleted folder is still there, with what it holds counted.
func (h *house) kept(id engine.ID) bool {
	h.t.Helper()
	_, err := h.tree.Get(h.t.Context(), h.As(h.User), id, engine.KindFolder)
	switch engine.KindOf(err) {
	case engine.KindGone:
		return true
	case engine.KindNotFound:
		return false
	}
	h.t.Fatalf("a deleted folder: %v", err)
	return false
}

func (h *house) share() (sh *engine.Share) {
	h.t.Helper()
	err := h.DB.View(h.t.Context(), func(v *meta.View) (err error) {
		sh, err = schema.GetShare(v, 1, h.UserShare.ID)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return sh
}

func (h *house) keep(days int) {
	h.t.Helper()
	err := h.DB.Update(h.t.Context(), func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, h.UserShare.ID)
		if err != nil {
			return err
		}
		sh.TrashDays = days
		return schema.PutShare(tx, 1, sh)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestTrashExpires(t *testing.T) {
	h := newHouse(t)
	before := h.share().Holding()
	first := h.deleted("a")
	h.run(29 * day)
	second := h.deleted("b")
	if !h.kept(first) {
		t.Fatal("it went after 29 days")
	}
	h.run(1*day + 2*time.Hour)
	if h.kept(first) || !h.kept(second) {
		t.Fatalf("after 30 days the first is kept: %v, the second: %v", h.kept(first), h.kept(second))
	}
	h.run(30 * day)
	if h.kept(second) {
		t.Error("the second stays")
	}
	if now := h.share().Holding(); now != before {
		t.Errorf("the share holds %+v, before %+v", now, before)
	}
}

func TestClocksThatAreWrong(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(h *house) (kept engine.ID)
		days int // after which it goes at the latest, beyond do
	}{
		{"ahead by ten years and back", func(h *house) engine.ID {
			id := h.deleted("x")
			h.run(day)
			h.Pass(3650 * day)
			h.run(2 * day)
			h.Pass(-3650 * day)
			return id
		}, 30},
		{"ahead for good", func(h *house) engine.ID {
			id := h.deleted("x")
			h.Pass(3650 * day)
			h.run(25 * day)
			return id
		}, 7},
		{"ahead and back twenty times", func(h *house) engine.ID {
			id := h.deleted("x")
			for range 20 {
				h.Pass(400 * day)
				h.run(time.Hour)
				h.Pass(-400 * day)
				h.run(time.Hour)
			}
			return id
		}, 31},
		{"behind when it was deleted", func(h *house) engine.ID {
			h.Pass(-3650 * day)
			h.run(time.Hour)
			id := h.deleted("x")
			h.Pass(3650 * day)
			h.run(day)
			return id
		}, 31},
		{"many short processes", func(h *house) engine.ID {
			id := h.deleted("x")
			for range 100 {
				h.Pass(400 * day)
				h.restart()
			}
			return id
		}, 31},
		{"stood still for a year", func(h *house) engine.ID {
			id := h.deleted("x")
			h.Pass(365 * day)
			h.restart()
			h.run(2 * day)
			return id
		}, 30},
		{"before days were counted", func(h *house) engine.ID {
			h.tree.Today(0) // as an older build writes it
			id := h.deleted("x")
			h.Pass(100 * day)
			h.restart()
			h.run(5 * day)
			return id
		}, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			if c.name != "before days were counted" {
				h.run(40 * day) // so that enough days of others have been counted
			}
			id := c.do(h)
			if !h.kept(id) {
				t.Fatal("it went too early")
			}
			h.run(time.Duration(c.days) * day)
			if h.kept(id) {
				t.Errorf("it stays %d days later", c.days)
			}
		})
	}
}

func TestAShareHasItsOwnRule(t *testing.T) {
	h := newHouse(t)
	h.keep(2)
	id := h.deleted("a")
	h.run(2*day + time.Hour)
	if h.kept(id) {
		t.Error("two days are over")
	}
	h.keep(engine.NeverExpires)
	id = h.deleted("b")
	h.run(40 * day)
	if !h.kept(id) {
		t.Error("nothing expires here")
	}
	h.keep(0)
	h.run(time.Hour)
	if h.kept(id) {
		t.Error("the tenant's rule holds again")
	}
}

func TestWhatIsHeldStays(t *testing.T) {
	h := newHouse(t)
	held, holds, plain := h.deleted("held"), h.deleted("holds"), h.deleted("plain")
	err := h.DB.Update(t.Context(), func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, h.UserShare.ID)
		if err != nil {
			return err
		}
		n, err := schema.GetNode(tx, 1, held)
		if err != nil {
			return err
		}
		below, err := schema.GetChild(tx, 1, holds, []byte(names.Key("below")))
		if err != nil {
			return err
		}
		inner, err := schema.GetNode(tx, 1, below.Node)
		if err != nil {
			return err
		}
		for _, n := range []*engine.Node{n, inner} {
			n.Holds = engine.Seal{Count: 1}
			if err := schema.IndexException(tx, 1, sh, n); err != nil {
				return err
			}
			if err := schema.PutNode(tx, 1, n); err != nil {
				return err
			}
		}
		return schema.PutShare(tx, 1, sh)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.run(31 * day)
	if !h.kept(held) || !h.kept(holds) || h.kept(plain) {
		t.Errorf("held %v, holding %v, plain %v", h.kept(held), h.kept(holds), h.kept(plain))
	}
}

func TestManyExpireInSmallCommits(t *testing.T) {
	h := newHouse(t)
	const many = 350
	for i := range many {
		h.deleted(fmt.Sprint(i))
	}
	h.run(31 * day)
	left := 0
	err := h.DB.View(t.Context(), func(v *meta.View) error {
		return schema.ScanTrash(v, 1, h.UserShare.ID, nil, func(*engine.TrashItem) (bool, error) {
			left++
			return true, nil
		})
	})
	if err != nil || left != 0 {
		t.Errorf("%d are left, %v", left, err)
	}
}

func TestSessionsExpire(t *testing.T) {
	h := newHouse(t)
	count := func() (sessions, tokens int) {
		err := h.DB.View(t.Context(), func(v *meta.View) error {
			err := schema.ScanSessions(v, 1, engine.ID{}, func(*engine.Session) (bool, error) { sessions++; return true, nil })
			if err != nil {
				return err
			}
			return schema.ScanRefreshTokens(v, [32]byte{}, func([32]byte, *engine.RefreshToken) (bool, error) { tokens++; return true, nil })
		})
		if err != nil {
			t.Fatal(err)
		}
		return sessions, tokens
	}
	sign := func() string {
		g, err := h.Identity.Login(t.Context(), "user@example.com", enginetest.Password, "192.0.2.1", "http://s")
		if err != nil {
			t.Fatal(err)
		}
		return g.RefreshToken
	}
	kept := sign()
	for range 10 {
		sign()
	}
	if s, n := count(); s != 11 || n != 11 {
		t.Fatalf("%d sessions, %d tokens", s, n)
	}
	// A clock that is ten years ahead for a day signs nobody out for good.
	h.run(day)
	h.Pass(3650 * day)
	h.run(2 * day)
	h.Pass(-3652 * day)
	h.run(day)
	g, err := h.Identity.Refresh(t.Context(), kept, "http://s")
	if err != nil {
		t.Fatal("after the clock was set back:", err)
	}
	// All but the one that is turned over go, and a used token with its time.
	for range 45 {
		h.run(day)
		if g, err = h.Identity.Refresh(t.Context(), g.RefreshToken, "http://s"); err != nil {
			t.Fatal(err)
		}
	}
	s, n := count()
	if s != 1 {
		t.Errorf("%d sessions are left", s)
	}
	if n < 25 || n > 40 {
		t.Errorf("%d tokens are left, of about 30 that could come again and those of a week", n)
	}
	if _, err := h.Identity.Refresh(t.Context(), kept, "http://s"); engine.KindOf(err) != engine.KindUnauthorized {
		t.Errorf("a token that is gone: %v", err)
	}
}

package archive

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"slices"
	"sync"
	"time"

	"scaidrive/engine"
)

const (
	// TicketLife is how long a ticket is good for.
	TicketLife = time.Minute
	// ticketMemory is how long it is known afterwards that a ticket was one.
	ticketMemory = 10 * time.Minute

	ticketBytes = 32
	// The bounds of what is remembered: tickets that can be used, of one user and
	// in all, their items in all, and used ones.
	userTickets  = 100
	maxTickets   = 10_000
	maxHeldItems = 1 << 20
)

// A Rechecker recognises a principal again: whether user, tenant and session may
// still act. identity.Service is one.
type Rechecker interface {
	Recheck(ctx context.Context, p *engine.Principal) (*engine.Principal, error)
}

// tickets stand for archives that were asked for. A ticket is 256 random bits,
// kept as their hash; it can be used once, within its life, and only its user's
// rights at that moment count.
type tickets struct {
	recheck Rechecker
	env     engine.Env

	mu    sync.Mutex
	held  map[[32]byte]*ticket
	items int // of all that can be used
}

type ticket struct {
	user    engine.ID
	p       *engine.Principal // nil: used
	items   []Item
	expires time.Time
}

func newTickets(recheck Rechecker, env engine.Env) tickets {
	return tickets{recheck: recheck, env: env, held: map[[32]byte]*ticket{}}
}

// Issue checks that the caller may read each of the items and gives a ticket for
// an archive of them, good once until expires. An item that is not there is
// KindNotFound, one in the trash KindGone; too many open tickets of the caller's
// are KindRateLimited.
func (s *Service) Issue(ctx context.Context, p *engine.Principal, items []Item) (token string, expires time.Time, err error) {
	if len(items) == 0 || len(items) > MaxItems {
		return "", expires, engine.Invalid("items", "items has 1 to %d elements", MaxItems)
	}
	for _, it := range items {
		if _, err := s.tree.Get(ctx, p, it.ID, it.Kind); err != nil {
			return "", expires, err
		}
	}
	raw := make([]byte, ticketBytes)
	if _, err := io.ReadFull(s.env.Rand, raw); err != nil {
		return "", expires, err
	}
	token = base64.RawURLEncoding.EncodeToString(raw)
	expires, err = s.tickets.put(token, p, items)
	return token, expires, err
}

func (t *tickets) put(token string, p *engine.Principal, items []Item) (time.Time, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.env.Now()
	t.sweep(now)
	own := 0
	for _, h := range t.held {
		if h.p != nil && h.user == p.User {
			own++
		}
	}
	if own >= userTickets || len(t.held) >= maxTickets || t.items+len(items) > maxHeldItems {
		return time.Time{}, engine.E(engine.KindRateLimited, "Too many archives were asked for and not fetched")
	}
	h := &ticket{user: p.User, p: p, items: slices.Clone(items), expires: now.Add(TicketLife)}
	t.held[sha256.Sum256([]byte(token))] = h
	t.items += len(items)
	return h.expires, nil
}

// sweep lets go what has expired, and forgets what expired long ago.
func (t *tickets) sweep(now time.Time) {
	for k, h := range t.held {
		if !now.Before(h.expires) {
			t.drop(h)
		}
		if now.Sub(h.expires) > ticketMemory {
			delete(t.held, k)
		}
	}
}

func (t *tickets) drop(h *ticket) {
	t.items -= len(h.items)
	h.p, h.items = nil, nil
}

// Redeem opens the archive that a ticket stands for, as the ticket's user. look:
// the ticket is not used up. caller is who presents it, nil if that is not known.
//
// KindNotFound: no ticket, or not the caller's; KindGone: expired or used;
// KindUnauthorized, KindForbidden: the user's session is over, or the user is
// suspended; the rest as Open.
func (s *Service) Redeem(ctx context.Context, token string, caller *engine.Principal, look bool) (*Archive, *engine.Principal, error) {
	issued, items, err := s.tickets.take(token, caller, look)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.tickets.recheck.Recheck(ctx, issued)
	if err != nil {
		return nil, nil, err
	}
	if !p.Has(engine.ScopeFilesRead) {
		return nil, p, engine.E(engine.KindForbidden, "The token lacks the scope %s", engine.ScopeFilesRead)
	}
	a, err := s.Open(ctx, p, items)
	return a, p, err
}

func (t *tickets) take(token string, caller *engine.Principal, look bool) (*engine.Principal, []Item, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.held[sha256.Sum256([]byte(token))]
	if h == nil || caller != nil && caller.User != h.user {
		return nil, nil, engine.E(engine.KindNotFound, "Not found")
	}
	if h.p == nil || !t.env.Now().Before(h.expires) {
		return nil, nil, engine.E(engine.KindGone, "This address was used or has expired; ask for another")
	}
	p, items := h.p, h.items
	if !look {
		t.drop(h)
	}
	return p, items, nil
}

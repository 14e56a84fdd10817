package httpd

import (
	"encoding/base64"
	"io"
	"sync"
	"time"

	"scaidrive/engine"
	"scaidrive/httpd/wire"
)

// The bounds of tickets.
const (
	ticketLife = 30 * time.Second
	maxTickets = 10_000
)

// tickets are one-time passes to a socket, so that no token stands in an address.
// They live in memory.
type tickets struct {
	mu   sync.Mutex
	open map[[32]byte]ticket
}

type ticket struct {
	who  *engine.Principal
	ends time.Time
}

// give makes a ticket. When there are too many the oldest of them are void.
func (t *tickets) give(p *engine.Principal, rand io.Reader, now time.Time) (string, error) {
	var key [32]byte
	if _, err := io.ReadFull(rand, key[:]); err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[[32]byte]ticket{}
	}
	if len(t.open) >= maxTickets {
		for k, old := range t.open {
			if !now.Before(old.ends) {
				delete(t.open, k)
			}
		}
	}
	for k := range t.open { // any: its owner asks for another
		if len(t.open) < maxTickets {
			break
		}
		delete(t.open, k)
	}
	t.open[key] = ticket{p, now.Add(ticketLife)}
	return base64.RawURLEncoding.EncodeToString(key[:]), nil
}

// take uses a ticket up.
func (t *tickets) take(text string, now time.Time) (*engine.Principal, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != 32 {
		return nil, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	it, ok := t.open[[32]byte(raw)]
	delete(t.open, [32]byte(raw))
	if !ok || !now.Before(it.ends) {
		return nil, false
	}
	return it.who, true
}

func giveTicket(c *call) error {
	text, err := c.s.tickets.give(c.who, c.s.env.Rand, c.s.env.Now())
	if err != nil {
		return err
	}
	return c.json(201, wire.Ticket{Ticket: text, ExpiresIn: int(ticketLife / time.Second)})
}

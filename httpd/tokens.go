package httpd

import (
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/identity"
	"scaidrive/httpd/wire"
)

func wireServiceToken(t *engine.ServiceToken) wire.ServiceToken {
	out := wire.ServiceToken{
		ID: t.ID.Format(engine.PrefixServiceToken), Name: t.Name, Scopes: strings.Fields(t.Scopes), CreatedAt: wire.At(t.CreatedAt),
	}
	if !t.ExpiresAt.IsZero() {
		at := wire.At(t.ExpiresAt)
		out.ExpiresAt = &at
	}
	if !t.LastUsedAt.IsZero() {
		at := wire.At(t.LastUsedAt)
		out.LastUsedAt = &at
	}
	return out
}

func listServiceTokens(c *call) error {
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	list, err := c.s.o.Identity.ServiceTokens(c.ctx, c.who)
	if err != nil {
		return err
	}
	out := wire.ServiceTokens{Tokens: []wire.ServiceToken{}, Total: len(list)}
	for _, t := range list[min(offset, len(list)):min(offset+limit, len(list))] {
		out.Tokens = append(out.Tokens, wireServiceToken(t))
	}
	return c.json(200, out)
}

func createServiceToken(c *call) error {
	var in wire.CreateServiceToken
	if err := c.decode(&in, false); err != nil {
		return err
	}
	spec := identity.ServiceTokenSpec{Name: in.Name, Scopes: in.Scopes}
	if in.ExpiresAt != nil {
		spec.ExpiresAt = in.ExpiresAt.Time
	}
	t, err := c.s.o.Identity.CreateServiceToken(c.ctx, c.who, spec)
	if err != nil {
		return err
	}
	w := wireServiceToken(t.ServiceToken)
	return c.json(201, wire.NewServiceToken{
		ID: w.ID, Name: w.Name, Scopes: w.Scopes, CreatedAt: w.CreatedAt, ExpiresAt: w.ExpiresAt, Token: t.Text,
	})
}

func deleteServiceToken(c *call) error {
	id, err := c.pathID(engine.PrefixServiceToken, 0)
	if err != nil {
		return err
	}
	if err := c.s.o.Identity.DeleteServiceToken(c.ctx, c.who, id); err != nil {
		return err
	}
	return c.noContent(204)
}

// secretAgain refuses to tell again what was told once.
func secretAgain(*call, *engine.Answer) error {
	return engine.E(engine.KindConflict, "This request was carried out before; its answer held a secret, which is not kept")
}

package schema

import (
	"errors"

	"scaidrive/engine"
)

func namedFields(c *codec, n *engine.Named) {
	c.bool(1, "leads", &n.Leads)
	c.bool(2, "denies", &n.Denies)
	c.extra(&n.Extra)
}

// NamedKey is the key of a node among those of a share whose entries name a
// principal; the zero ID is everyone.
func NamedKey(t engine.TenantNo, principal, share, node engine.ID) []byte {
	return tenantKey(t, 0, principal, share, node)
}

// ScanNamed goes through the nodes of a share whose entries name a principal, in the
// order of their IDs, those in the trash too. The zero ID is everyone.
func ScanNamed(r Reader, t engine.TenantNo, principal, share engine.ID, fn func(node engine.ID, n *engine.Named) (bool, error)) error {
	return scanIDs(r, Named, tenantKey(t, idSize, principal, share), engine.ID{}, namedFields, fn)
}

// namesIn is what entries say of those whom they name; the zero ID is everyone.
func namesIn(entries []engine.Entry) map[engine.ID]engine.Named {
	set := map[engine.ID]engine.Named{}
	for i := range entries {
		e := &entries[i]
		n := set[e.Principal]
		if e.Rights&engine.RightRead != 0 {
			even := e.AppliesTo == engine.AppliesToThisAndDescendants && !e.OneLevel
			n.Leads = n.Leads || e.Type == engine.EntryAllow || !even
			n.Denies = n.Denies || e.Type == engine.EntryDeny
		}
		set[e.Principal] = n
	}
	return set
}

// indexNamed brings the index of whom entries name in line with a node whose entries
// were and are others.
func indexNamed(w Writer, t engine.TenantNo, share, node engine.ID, was, is []engine.Entry) error {
	before, after := namesIn(was), namesIn(is)
	for p := range before {
		if _, still := after[p]; still {
			continue
		}
		if err := w.Delete(Named, NamedKey(t, p, share, node)); err != nil {
			return err
		}
	}
	for p, n := range after {
		key := NamedKey(t, p, share, node)
		had, err := get(w, Named, key, namedFields)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return err
		default:
			n.Extra = had.Extra
		}
		if err := put(w, Named, key, &n, namedFields); err != nil {
			return err
		}
	}
	return nil
}

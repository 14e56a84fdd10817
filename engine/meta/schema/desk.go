package schema

import (
	"errors"

	"scaidrive/engine"
)

func favouriteFields(c *codec, f *engine.Favourite) {
	unsigned(c, 1, "kind", &f.Kind)
	c.time(2, "at", &f.At)
	c.extra(&f.Extra)
}

func recentFields(c *codec, r *engine.Recent) {
	c.id(1, "node", &r.Node)
	unsigned(c, 2, "kind", &r.Kind)
	c.time(3, "at", &r.At)
	c.extra(&r.Extra)
}

// recentList is the value of Recents.
type recentList struct {
	List  []engine.Recent
	Extra engine.Extra
}

func recentListFields(c *codec, l *recentList) {
	records(c, 1, "recents", engine.MaxRecent, &l.List, recentFields)
	c.extra(&l.Extra)
}

// FavouriteKey is the key of a user's mark on a node.
func FavouriteKey(t engine.TenantNo, user, node engine.ID) []byte { return tenantKey(t, 0, user, node) }

// RecentsKey is the key of what a user opened or changed last.
func RecentsKey(t engine.TenantNo, user engine.ID) []byte { return tenantKey(t, 0, user) }

// HasFavourite reports whether a user has marked a node.
func HasFavourite(r Reader, t engine.TenantNo, user, node engine.ID) (bool, error) {
	_, err := get(r, Favourites, FavouriteKey(t, user, node), favouriteFields)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// PutFavourite writes a mark; User and Node are its key.
func PutFavourite(w Writer, t engine.TenantNo, f *engine.Favourite) error {
	return put(w, Favourites, FavouriteKey(t, f.User, f.Node), f, favouriteFields)
}

// DeleteFavourite removes a mark.
func DeleteFavourite(w Writer, t engine.TenantNo, user, node engine.ID) error {
	return w.Delete(Favourites, FavouriteKey(t, user, node))
}

// ScanFavourites goes through a user's marks in the order of the nodes' IDs, behind
// one of them; zero is the beginning.
func ScanFavourites(r Reader, t engine.TenantNo, user, behind engine.ID, fn func(*engine.Favourite) (bool, error)) error {
	return scanIDs(r, Favourites, tenantKey(t, idSize, user), behind, favouriteFields, func(id engine.ID, f *engine.Favourite) (bool, error) {
		f.User, f.Node = user, id
		return fn(f)
	})
}

// GetRecents reads what a user opened or changed last, newest first; none is no
// error.
func GetRecents(r Reader, t engine.TenantNo, user engine.ID) ([]engine.Recent, error) {
	l, err := get(r, Recents, RecentsKey(t, user), recentListFields)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return l.List, nil
}

// PutRecents writes what a user opened or changed last, newest first, at most
// engine.MaxRecent.
func PutRecents(w Writer, t engine.TenantNo, user engine.ID, list []engine.Recent) error {
	return put(w, Recents, RecentsKey(t, user), &recentList{List: list}, recentListFields)
}

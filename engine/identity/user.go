package identity

import (
	"errors"
	"slices"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// AddUser writes a new user whose address must be free in the installation: a
// malformed one is KindInvalid, a taken one KindConflict.
func AddUser(w schema.Writer, u *engine.User) error {
	folded, err := FoldEmail(u.Email)
	if err != nil {
		return err
	}
	if err := takeEmail(w, folded, u); err != nil {
		return err
	}
	if err := schema.PutUser(w, u); err != nil {
		return err
	}
	return index(w, new(engine.User), u)
}

func takeEmail(w schema.Writer, folded string, u *engine.User) error {
	switch _, err := schema.GetUserByEmail(w, folded); {
	case err == nil:
		return engine.E(engine.KindConflict, "This e-mail address is taken")
	case !errors.Is(err, schema.ErrNotFound):
		return err
	}
	return schema.PutUserByEmail(w, folded, &schema.UserRef{Tenant: u.Tenant, User: u.ID})
}

// ChangeUser writes a user who was another way before, and brings in line what
// they are found by: address, words, role. A deleted one is found by their ID only.
// The errors are those of AddUser.
func ChangeUser(w schema.Writer, was, now *engine.User) error {
	before, err := FoldEmail(was.Email)
	if err != nil {
		return err
	}
	after, err := FoldEmail(now.Email)
	if err != nil {
		return err
	}
	gone := now.Status == engine.StatusDeleted
	if gone || before != after {
		if err := schema.DeleteUserByEmail(w, before); err != nil {
			return err
		}
	}
	if !gone && before != after {
		if err := takeEmail(w, after, now); err != nil {
			return err
		}
	}
	if err := schema.PutUser(w, now); err != nil {
		return err
	}
	return index(w, was, now)
}

// Index brings in line what a user is found by whose record an older build wrote.
func Index(w schema.Writer, u *engine.User) error { return index(w, new(engine.User), u) }

// index writes the words and the role, and raises the generation of principals if
// what decisions go by has changed.
func index(w schema.Writer, was, now *engine.User) error {
	if err := schema.ChangeWords(w, now.Tenant, engine.PrincipalUser, now.ID, wordsOf(was), wordsOf(now)); err != nil {
		return err
	}
	if role := roleOf(now); role != roleOf(was) {
		if err := schema.SetAdmin(w, now.Tenant, now.ID, role); err != nil {
			return err
		}
	}
	if was.Status != now.Status {
		if err := schema.CountUser(w, now.Tenant, was.Status, now.Status); err != nil {
			return err
		}
	}
	if was.Status == now.Status && was.AdminRole == now.AdminRole {
		return nil
	}
	return schema.RaisePrincipals(w, now.Tenant)
}

func roleOf(u *engine.User) engine.AdminRole {
	if u.Status == engine.StatusDeleted {
		return engine.RoleNone
	}
	return u.AdminRole
}

// wordsOf lists the words that a user is found by.
func wordsOf(u *engine.User) []string {
	if u.ID.IsZero() || u.Status == engine.StatusDeleted {
		return nil
	}
	var list []string
	for _, text := range []string{u.DisplayName, u.Name, u.Email} {
		for _, word := range names.Words(names.Key(text)) {
			if !slices.Contains(list, word) {
				list = append(list, word)
			}
		}
	}
	return list
}

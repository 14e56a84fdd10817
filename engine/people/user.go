package people

import (
	"context"
	"time"
	"unicode"
	"unicode/utf8"

	"strings"

	"scaidrive/engine"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
)

// maxName is the longest name of a user or group, in bytes; maxText the longest
// description.
const (
	maxName = 255
	maxText = 4096
)

// A UserSpec is what a new user is made of.
type UserSpec struct {
	Email       string
	Name        string
	DisplayName string // empty: the name
	Password    string // empty: the user is invited
	Role        engine.AdminRole
	QuotaBytes  int64 // 0: none of its own
}

// CreateUser makes a user of the caller's tenant. With a password they are active
// and have their personal share; without, they are pending, and the invitation
// gives the secret of the link by which they set one. A taken address is
// KindConflict.
func (s *Service) CreateUser(ctx context.Context, p *engine.Principal, spec UserSpec) (*engine.User, *Invite, error) {
	if err := administers(p); err != nil {
		return nil, nil, err
	}
	if err := mayGive(p, spec.Role); err != nil {
		return nil, nil, err
	}
	u, err := s.newUser(p.Tenant, &spec)
	if err != nil {
		return nil, nil, err
	}
	var hash string
	if spec.Password != "" {
		if hash, err = s.hash(ctx, p.Tenant, spec.Password); err != nil {
			return nil, nil, err
		}
	}
	var invite *Invite
	err = s.administer(ctx, "people.CreateUser", p, func(w schema.Writer, p *engine.Principal) (err error) {
		if err := mayGive(p, spec.Role); err != nil {
			return err
		}
		made := *u
		if invite, err = s.put(w, &made, hash); err != nil {
			return err
		}
		*u = made
		return once.Keep(ctx, w, once.Made{ID: u.ID})
	})
	if err != nil {
		return nil, nil, err
	}
	return u, invite, nil
}

// newUser checks the fields of a new user.
func (s *Service) newUser(t engine.TenantNo, spec *UserSpec) (*engine.User, error) {
	if _, err := identity.FoldEmail(spec.Email); err != nil {
		return nil, err
	}
	if spec.DisplayName == "" {
		spec.DisplayName = spec.Name
	}
	if err := checkName("name", spec.Name, 1); err != nil {
		return nil, err
	}
	if err := checkName("display_name", spec.DisplayName, 1); err != nil {
		return nil, err
	}
	if spec.QuotaBytes < 0 {
		return nil, engine.Invalid("quota_bytes", "Must not be negative")
	}
	return &engine.User{
		ID: s.env.NewID(), Tenant: t, Email: spec.Email, Name: spec.Name, DisplayName: spec.DisplayName,
		AdminRole: spec.Role, QuotaBytes: spec.QuotaBytes, CreatedAt: s.env.Now(),
	}, nil
}

// checkName holds a name to the rules: one line of text.
func checkName(field, text string, least int) error {
	if len(text) < least || len(text) > maxName || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) ||
		least > 0 && strings.TrimSpace(text) == "" {
		return engine.Invalid(field, "Must be %d to %d bytes of UTF-8 without control characters", least, maxName)
	}
	return nil
}

// put writes a new user: with the hash of a password active, else invited.
func (s *Service) put(w schema.Writer, u *engine.User, hash string) (*Invite, error) {
	u.PasswordHash = hash
	if hash != "" {
		u.Status = engine.StatusActive
		if err := identity.AddUser(w, u); err != nil {
			return nil, err
		}
		_, err := s.shares.CreatePersonal(w, u)
		return nil, err
	}
	u.Status = engine.StatusPending
	invite, err := s.invite(u)
	if err != nil {
		return nil, err
	}
	return invite, identity.AddUser(w, u)
}

// hash hashes a new password by a tenant's rules.
func (s *Service) hash(ctx context.Context, t engine.TenantNo, password string) (hash string, err error) {
	var tenant *engine.Tenant
	err = s.view(ctx, "people", func(r schema.Reader) (err error) {
		tenant, err = schema.GetTenant(r, t)
		return err
	})
	if err != nil {
		return "", err
	}
	return s.identity.HashPassword(ctx, tenant, password)
}

// A UserChange is what to change of a user; what is nil stays.
type UserChange struct {
	Email       *string
	Name        *string
	DisplayName *string
	Role        *engine.AdminRole
	QuotaBytes  *int64
}

// EditUser changes a user of the caller's tenant. Errors as of CreateUser; the last
// administrator keeps the role (KindConflict).
func (s *Service) EditUser(ctx context.Context, p *engine.Principal, id engine.ID, c UserChange) (*engine.User, error) {
	return s.changeUser(ctx, "people.EditUser", p, id, func(w schema.Writer, p *engine.Principal, u *engine.User) error {
		if c.Email != nil {
			u.Email = *c.Email
		}
		if c.Name != nil {
			u.Name = *c.Name
		}
		if c.DisplayName != nil {
			u.DisplayName = *c.DisplayName
		}
		if c.QuotaBytes != nil {
			u.QuotaBytes = *c.QuotaBytes
		}
		if c.Role != nil && *c.Role != u.AdminRole {
			if err := mayGive(p, *c.Role); err != nil {
				return err
			}
			u.AdminRole = *c.Role
		}
		if u.QuotaBytes < 0 {
			return engine.Invalid("quota_bytes", "Must not be negative")
		}
		if err := checkName("name", u.Name, 1); err != nil {
			return err
		}
		return checkName("display_name", u.DisplayName, 1)
	})
}

// changeUser reads a user, has them changed and writes them, in one mutation.
func (s *Service) changeUser(ctx context.Context, op string, p *engine.Principal, id engine.ID, change func(schema.Writer, *engine.Principal, *engine.User) error) (*engine.User, error) {
	var now engine.User
	err := s.administer(ctx, op, p, func(w schema.Writer, p *engine.Principal) error {
		was, err := liveUser(w, p.Tenant, id)
		if err != nil {
			return err
		}
		if err := mayTouch(p, was); err != nil {
			return err
		}
		now = *was
		if err := change(w, p, &now); err != nil {
			return err
		}
		if err := notTheLast(w, was, &now); err != nil {
			return err
		}
		if err := identity.ChangeUser(w, was, &now); err != nil {
			return err
		}
		return once.Keep(ctx, w, once.Made{ID: id})
	})
	if err != nil {
		return nil, err
	}
	return &now, nil
}

// revoke ends all sessions, tokens and links of a user that began before now or in
// this microsecond.
func (s *Service) revoke(u *engine.User) {
	u.RevokedBefore = s.env.Now().Add(time.Microsecond)
	u.InviteHash, u.InviteUntil = [32]byte{}, time.Time{}
}

// SuspendUser shuts a user out: their sessions, access, refresh and service tokens
// are refused from the commit on, and stay so. One who is suspended stays so.
func (s *Service) SuspendUser(ctx context.Context, p *engine.Principal, id engine.ID) (*engine.User, error) {
	if err := administers(p); err != nil {
		return nil, err
	}
	if id == p.User {
		return nil, engine.E(engine.KindConflict, "You can't suspend yourself")
	}
	return s.changeUser(ctx, "people.SuspendUser", p, id, func(_ schema.Writer, _ *engine.Principal, u *engine.User) error {
		s.revoke(u)
		u.Status = engine.StatusSuspended
		return nil
	})
}

// ActivateUser lets a user in again. One who has no way to sign in yet becomes
// pending.
func (s *Service) ActivateUser(ctx context.Context, p *engine.Principal, id engine.ID) (*engine.User, error) {
	return s.changeUser(ctx, "people.ActivateUser", p, id, func(w schema.Writer, _ *engine.Principal, u *engine.User) error {
		if u.PasswordHash == "" {
			u.Status = engine.StatusPending
			return nil
		}
		u.Status = engine.StatusActive
		return s.ensurePersonal(w, u)
	})
}

// ensurePersonal makes a user's personal share if there is none.
func (s *Service) ensurePersonal(w schema.Writer, u *engine.User) error {
	has := false
	err := schema.ScanSharesOf(w, u.Tenant, u.ID, engine.ID{}, func(ref *engine.ShareRef) (bool, error) {
		if !ref.Owner {
			return true, nil
		}
		sh, err := schema.GetShare(w, u.Tenant, ref.Share)
		if err != nil {
			return false, err
		}
		has = sh.Type == engine.SharePersonal
		return !has, nil
	})
	if err != nil || has {
		return err
	}
	_, err = s.shares.CreatePersonal(w, u)
	return err
}

// User returns a user of the caller's tenant, deleted ones too.
func (s *Service) User(ctx context.Context, p *engine.Principal, id engine.ID) (*engine.User, error) {
	if err := administers(p); err != nil {
		return nil, err
	}
	return s.identity.User(ctx, p.Tenant, id)
}

// FirstAdmin makes the administrator of a new tenant in the caller's mutation: they
// are invited.
func (s *Service) FirstAdmin(w schema.Writer, t *engine.Tenant, email string) (*engine.User, *Invite, error) {
	u, err := s.newUser(t.No, &UserSpec{Email: email, Name: "Administrator", Role: engine.RoleTenantAdmin})
	if err != nil {
		return nil, nil, err
	}
	invite, err := s.put(w, u, "")
	return u, invite, err
}

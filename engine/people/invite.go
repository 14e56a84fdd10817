package people

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
)

// InviteLifetime is how long the link by which a user sets a password holds.
const InviteLifetime = 7 * 24 * time.Hour

// An invite's text is 4 bytes of the tenant's number, the user's ID and 32 random
// bytes, in base64url: whom it is for is no secret, the rest is.
const (
	inviteBytes  = 4 + 16 + 32
	inviteLength = (inviteBytes*4 + 2) / 3
)

// An Invite is what opens an account once. It prints as nothing.
type Invite struct {
	Text      string
	ExpiresAt time.Time
}

// String keeps the secret out of logs.
func (Invite) String() string { return "people.Invite(secret)" }

// GoString keeps the secret out of logs.
func (i Invite) GoString() string { return i.String() }

// invite makes an invite and writes its hash into the user.
func (s *Service) invite(u *engine.User) (*Invite, error) {
	b := binary.BigEndian.AppendUint32(nil, uint32(u.Tenant))
	b = append(b, u.ID[:]...)
	secret := make([]byte, 32)
	if _, err := io.ReadFull(s.random, secret); err != nil {
		return nil, fmt.Errorf("people: random bytes: %w", err)
	}
	u.InviteHash = sha256.Sum256(secret)
	u.InviteUntil = s.env.Now().Add(InviteLifetime)
	return &Invite{Text: base64.RawURLEncoding.EncodeToString(append(b, secret...)), ExpiresAt: u.InviteUntil}, nil
}

// ResetPassword gives a user a new password, or without one takes the old one away
// and makes a link by which they set it. All their sessions and tokens end.
func (s *Service) ResetPassword(ctx context.Context, p *engine.Principal, id engine.ID, password string) (*Invite, error) {
	if err := administers(p); err != nil {
		return nil, err
	}
	var hash string
	if password != "" {
		var err error
		if hash, err = s.hash(ctx, p.Tenant, password); err != nil {
			return nil, err
		}
	}
	var invite *Invite
	_, err := s.changeUser(ctx, "people.ResetPassword", p, id, func(w schema.Writer, _ *engine.Principal, u *engine.User) (err error) {
		invite = nil
		s.revoke(u)
		u.PasswordHash = hash
		if hash == "" {
			invite, err = s.invite(u)
			return err
		}
		if u.Status == engine.StatusPending {
			u.Status = engine.StatusActive
			return s.ensurePersonal(w, u)
		}
		return nil
	})
	return invite, err
}

// errInvite is the one answer for a link that opens nothing.
func errInvite(cause error) error {
	return &engine.Error{Op: "people.Redeem", Kind: engine.KindGone, Msg: "This link is not valid or has been used", Err: cause}
}

// Redeem sets the password of whom an invite is for, once; who was pending is active
// then. A link that is unknown, used, taken back or over is KindGone, always in the
// same words.
func (s *Service) Redeem(ctx context.Context, text, password string) error {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != inviteBytes || len(text) != inviteLength {
		return errInvite(errors.New("not of this form"))
	}
	t := engine.TenantNo(binary.BigEndian.Uint32(b))
	id, hash := engine.ID(b[4:20]), sha256.Sum256(b[20:])
	if err := s.view(ctx, "people.Redeem", func(r schema.Reader) error { _, err := s.invited(r, t, id, hash); return err }); err != nil {
		return err
	}
	// Only who has the secret makes the server compute.
	phc, err := s.hash(ctx, t, password)
	if err != nil {
		return err
	}
	return s.update(ctx, "people.Redeem", func(w schema.Writer) error {
		was, err := s.invited(w, t, id, hash)
		if err != nil {
			return err
		}
		now := *was
		s.revoke(&now)
		// A session that begins in this microsecond is one of the new password.
		now.RevokedBefore = s.env.Now()
		now.PasswordHash = phc
		if now.Status == engine.StatusPending {
			now.Status = engine.StatusActive
		}
		if err := identity.ChangeUser(w, was, &now); err != nil {
			return err
		}
		if err := s.ensurePersonal(w, &now); err != nil {
			return err
		}
		return once.Keep(ctx, w, once.Made{ID: id})
	})
}

// invited finds the user whom an invite is for now.
func (s *Service) invited(r schema.Reader, t engine.TenantNo, id engine.ID, hash [32]byte) (*engine.User, error) {
	tenant, err := schema.GetTenant(r, t)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, errInvite(errors.New("unknown tenant"))
	}
	if err != nil {
		return nil, err
	}
	u, err := schema.GetUser(r, t, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, errInvite(errors.New("unknown user"))
	}
	if err != nil {
		return nil, err
	}
	switch {
	case u.InviteHash == [32]byte{}, subtle.ConstantTimeCompare(u.InviteHash[:], hash[:]) != 1:
		return nil, errInvite(errors.New("another secret"))
	case !s.env.Now().Before(u.InviteUntil):
		return nil, errInvite(errors.New("over"))
	case u.Status == engine.StatusDeleted, u.Status == engine.StatusSuspended, tenant.Status != engine.StatusActive:
		return nil, errInvite(errors.New("the user or tenant may not act"))
	}
	return u, nil
}

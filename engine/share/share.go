// Package share holds shares: the namespaces that files live in.
//
// A share is two records made together: the share, and its root folder, a node
// with the same ID. What is listed are shares that the caller owns or has a role or
// entries in, or for an administrator all; discoverable ones are known to everybody in
// the tenant, who may ask to join. An archived share is read-only, which access
// decides by the moment, so that no one has to be there when it comes. A deleted share and all in it
// are absent for everybody; its record stays, with its bytes, until it is restored. Quota and sequence of a
// share are kept by those who write files (engine/tree, engine/journal).
package share

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
)

// maxDescription is the longest description, in bytes.
const maxDescription = 4096

// PersonalName is the name of a personal share.
const PersonalName = "Personal"

// Service makes and finds shares. Safe for concurrent use.
type Service struct {
	db  *meta.DB
	env engine.Env
}

// New makes the service.
func New(db *meta.DB, env engine.Env) *Service { return &Service{db: db, env: env} }

// CreateSpec is what a new share is made of.
type CreateSpec struct {
	Name        string
	Type        engine.ShareType
	Description string
	Owner       engine.ID            // zero: the caller
	OwnerKind   engine.PrincipalKind // of Owner: a user or a group; zero: a user
	QuotaBytes  int64                // -1: none

	Slug         string
	Discoverable bool
	ArchiveAt    time.Time // zero: never
}

// Create makes a share and its root folder. central needs tenant_admin unless
// the tenant lets members do it; another owner needs tenant_admin.
//
// Errors: KindInvalid names the field (name, share_type, owner_id, description,
// quota_bytes); KindForbidden for who lacks the role; an owner who is not an
// active user of the tenant is KindInvalid, told to administrators only.
func (s *Service) Create(ctx context.Context, p *engine.Principal, spec CreateSpec) (*engine.Share, error) {
	var sh *engine.Share
	err := s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		if sh, err = s.create(tx, p, spec); err != nil {
			return err
		}
		return once.Keep(ctx, tx, once.Made{ID: sh.ID})
	})
	if err != nil {
		return nil, engine.Wrap("share.Create", err)
	}
	return sh, nil
}

// create is Create in a mutation.
func (s *Service) create(w schema.Writer, p *engine.Principal, spec CreateSpec) (*engine.Share, error) {
	t, err := schema.GetTenant(w, p.Tenant)
	if err != nil {
		return nil, damagedIfAbsent(err, "the caller's tenant is missing")
	}
	switch spec.Type {
	case engine.ShareProject:
	case engine.ShareCentral:
		may, err := access.Administers(w, p)
		if err != nil {
			return nil, err
		}
		if !t.Settings.ShareCreationByMembers && !may {
			return nil, engine.E(engine.KindForbidden, "Only administrators may create central shares")
		}
	case engine.SharePersonal:
		return nil, engine.Invalid("share_type", "A personal share is made with its user, never by hand")
	default:
		return nil, engine.Invalid("share_type", "Must be central or project")
	}
	kind, owner, err := owner(w, p, spec.OwnerKind, spec.Owner)
	if err != nil {
		return nil, err
	}
	name, err := checkName(t, spec.Name)
	if err != nil {
		return nil, err
	}
	if len(spec.Description) > maxDescription || !utf8.ValidString(spec.Description) {
		return nil, engine.Invalid("description", "Must be UTF-8 of at most %d bytes", maxDescription)
	}
	if spec.QuotaBytes, err = quota(w, p, t, spec.QuotaBytes); err != nil {
		return nil, err
	}
	if !spec.ArchiveAt.IsZero() && !spec.ArchiveAt.After(s.env.Now()) {
		return nil, engine.Invalid("archive_at", "Must be in the future")
	}
	sh, err := s.put(w, p.Tenant, p.User, &engine.Share{
		Name: name, Description: spec.Description, Type: spec.Type, OwnerKind: kind, Owner: owner, QuotaBytes: spec.QuotaBytes,
	})
	if err != nil || spec.Slug == "" && !spec.Discoverable && spec.ArchiveAt.IsZero() {
		return sh, err
	}
	err = s.editLife(w, p.Tenant, sh, Change{Slug: &spec.Slug, Discoverable: &spec.Discoverable, ArchiveAt: &spec.ArchiveAt})
	if err != nil {
		return nil, err
	}
	return sh, schema.PutShare(w, p.Tenant, sh)
}

// quota decides how much a share may hold, of what is asked for; -1: what the tenant
// gives. More than that is for administrators to give.
func quota(r schema.Reader, p *engine.Principal, t *engine.Tenant, want int64) (int64, error) {
	most := t.Settings.DefaultShareQuota
	switch {
	case want < -1:
		return 0, engine.Invalid("quota_bytes", "Must not be negative")
	case most <= 0:
		return want, nil
	case want < 0:
		return most, nil
	case want > most:
		may, err := access.Administers(r, p)
		if err == nil && !may {
			err = engine.E(engine.KindForbidden, "Only administrators may give a share more than %d bytes", most)
		}
		return want, err
	}
	return want, nil
}

// owner decides whose a new share is.
func owner(r schema.Reader, p *engine.Principal, kind engine.PrincipalKind, id engine.ID) (engine.PrincipalKind, engine.ID, error) {
	if id.IsZero() || id == p.User && kind != engine.PrincipalGroup {
		return engine.PrincipalUser, p.User, nil
	}
	may, err := access.Administers(r, p)
	if err != nil {
		return 0, engine.ID{}, err
	}
	if !may {
		return 0, engine.ID{}, engine.E(engine.KindForbidden, "Only administrators may create shares for others")
	}
	if kind == 0 {
		kind = engine.PrincipalUser
	}
	ok, err := Exists(r, p.Tenant, kind, id)
	if err == nil && !ok {
		err = engine.Invalid("owner_id", "Must be an active user or a group of this tenant")
	}
	return kind, id, err
}

// Exists reports whether a tenant has an active user, or a group, of an ID.
func Exists(r schema.Reader, t engine.TenantNo, kind engine.PrincipalKind, id engine.ID) (bool, error) {
	var live bool
	var err error
	switch kind {
	case engine.PrincipalUser:
		var u *engine.User
		if u, err = schema.GetUser(r, t, id); err == nil {
			live = u.Status == engine.StatusActive || u.Status == engine.StatusInactive
		}
	case engine.PrincipalGroup:
		var g *engine.Group
		if g, err = schema.GetGroup(r, t, id); err == nil {
			live = g.DeletedAt.IsZero()
		}
	}
	if errors.Is(err, schema.ErrNotFound) {
		return false, nil
	}
	return live, err
}

// CreatePersonal makes a user's personal share in the caller's mutation. The
// caller does so in the mutation that makes the user, so that each has one.
func (s *Service) CreatePersonal(w schema.Writer, u *engine.User) (*engine.Share, error) {
	return s.put(w, u.Tenant, u.ID, &engine.Share{
		Name: PersonalName, Type: engine.SharePersonal, OwnerKind: engine.PrincipalUser, Owner: u.ID, QuotaBytes: -1,
	})
}

// Inherit gives the share of a user who goes to an heir, in the caller's mutation. A
// personal share becomes a project share that says whose it was.
func (s *Service) Inherit(w schema.Writer, from *engine.User, sh *engine.Share, kind engine.PrincipalKind, heir engine.ID) error {
	if sh.Type == engine.SharePersonal {
		sh.Type, sh.Name = engine.ShareProject, inheritedName(sh.Name, from)
	}
	sh.ModifiedAt = s.env.Now()
	return schema.SetShareOwner(w, from.Tenant, sh, kind, heir)
}

// inheritedName names what was somebody's personal share, by rules that hold under
// every setting.
func inheritedName(name string, from *engine.User) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:<>"|?*`, r) || r == 0x7f {
			return '-'
		}
		return r
	}, from.DisplayName)
	for len(name)+len(clean) > 240 {
		_, size := utf8.DecodeLastRuneInString(clean)
		clean = clean[:len(clean)-size]
	}
	return name + " (" + clean + ")"
}

// put completes and writes a new share and its root folder.
func (s *Service) put(w schema.Writer, t engine.TenantNo, by engine.ID, sh *engine.Share) (*engine.Share, error) {
	now := s.env.Now()
	sh.ID = s.env.NewID()
	kind, owner := sh.OwnerKind, sh.Owner
	sh.CreatedAt, sh.CreatedBy, sh.ModifiedAt = now, by, now
	sh.Counted = true
	root := &engine.Node{
		ID: sh.ID, Kind: engine.KindFolder, Owner: sh.Owner,
		CreatedBy: by, CreatedAt: now, ModifiedBy: by, ModifiedAt: now, UpdatedAt: now,
	}
	if kind != engine.PrincipalUser {
		root.Owner = engine.ID{} // whoever is in the group
	}
	sh.Owner = engine.ID{}
	if err := schema.SetShareOwner(w, t, sh, kind, owner); err != nil {
		return nil, err
	}
	return sh, schema.PutNode(w, t, root)
}

// Get returns a share that the caller may see; any other is KindNotFound. A
// deleted one is KindGone for who may bring it back.
func (s *Service) Get(ctx context.Context, p *engine.Principal, id engine.ID) (*engine.Share, error) {
	var sh *engine.Share
	err := s.db.View(ctx, func(v *meta.View) (err error) {
		sh, err = check(v, p, id, engine.RightRead)
		return err
	})
	var bare *bareError
	if errors.As(err, &bare) {
		return Name(bare.share), nil
	}
	if err != nil {
		return nil, engine.Wrap("share.Get", err)
	}
	return sh, nil
}

// bareError is the refusal of who sees of a share only that it is the way to
// something in it. To them it is not found, but for its name.
type bareError struct{ share *engine.Share }

func (*bareError) Error() string { return "Not found" }

// Unwrap gives the engine's error.
func (*bareError) Unwrap() error { return access.NotFound() }

// Name is what is seen of a share by who may only see something in it: it has no
// owner, which every other has.
func Name(s *engine.Share) *engine.Share {
	return &engine.Share{ID: s.ID, Name: s.Name, Type: s.Type, QuotaBytes: -1}
}

func damagedIfAbsent(err error, why string) error {
	if errors.Is(err, schema.ErrNotFound) {
		return &engine.Error{Kind: engine.KindDamaged, Msg: "stored data is damaged", Err: errors.New(why)}
	}
	return err
}

package schema

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"scaidrive/engine"
)

// What users and groups are found by beside their IDs.

// DirectoryVersion is the version of what is written here; a tenant says which one
// it has (engine.Tenant.Directory).
const DirectoryVersion = 1

// wordRef is the value of PrincipalWords.
type wordRef struct {
	Kind  engine.PrincipalKind
	Extra engine.Extra
}

func wordRefFields(c *codec, r *wordRef) {
	unsigned(c, 1, "kind", &r.Kind)
	c.extra(&r.Extra)
}

// groupName is the value of GroupsByName.
type groupName struct {
	Group engine.ID
	Extra engine.Extra
}

func groupNameFields(c *codec, r *groupName) {
	c.id(1, "group", &r.Group)
	c.extra(&r.Extra)
}

// adminRef is the value of Admins.
type adminRef struct {
	Role  engine.AdminRole
	Extra engine.Extra
}

func adminRefFields(c *codec, r *adminRef) {
	unsigned(c, 1, "admin_role", &r.Role)
	c.extra(&r.Extra)
}

// PrincipalWordKey is the key of a user or group under a word of their names.
func PrincipalWordKey(t engine.TenantNo, word string, id engine.ID) []byte {
	return append(append(wordPrefix(t, word), 0), id[:]...)
}

func wordPrefix(t engine.TenantNo, word string) []byte {
	return append(tenantKey(t, len(word)+1+idSize), word...)
}

// GroupNameKey is the key under which the group of a folded name stands.
func GroupNameKey(t engine.TenantNo, nameKey string) []byte {
	return append(tenantKey(t, len(nameKey)), nameKey...)
}

// AdminKey is the key of a user who has a role.
func AdminKey(t engine.TenantNo, user engine.ID) []byte { return tenantKey(t, 0, user) }

// ChangeWords replaces the words under which a user or group is found.
func ChangeWords(w Writer, t engine.TenantNo, kind engine.PrincipalKind, id engine.ID, was, now []string) error {
	for _, word := range was {
		if !slices.Contains(now, word) {
			if err := w.Delete(PrincipalWords, PrincipalWordKey(t, word, id)); err != nil {
				return err
			}
		}
	}
	for _, word := range now {
		if !slices.Contains(was, word) {
			if err := put(w, PrincipalWords, PrincipalWordKey(t, word, id), &wordRef{Kind: kind}, wordRefFields); err != nil {
				return err
			}
		}
	}
	return nil
}

// ScanWords goes through the users and groups that have a word beginning as word
// says (whole: that word), by word; one may come several times.
func ScanWords(r Reader, t engine.TenantNo, word string, whole bool, fn func(engine.PrincipalKind, engine.ID) (bool, error)) error {
	prefix := wordPrefix(t, word)
	if whole {
		prefix = append(prefix, 0)
	}
	return scan(r, PrincipalWords, prefix, prefixEnd(prefix), 0, wordRefFields, func(k []byte, ref *wordRef) (bool, error) {
		if end := bytes.IndexByte(k[tenantSize:], 0); end < 0 || len(k) != tenantSize+end+1+idSize {
			return false, damaged(PrincipalWords, k, errors.New("a key of no word"))
		}
		return fn(ref.Kind, tailID(k))
	})
}

// FindGroup finds the live group of a folded name.
func FindGroup(r Reader, t engine.TenantNo, nameKey string) (engine.ID, error) {
	ref, err := get(r, GroupsByName, GroupNameKey(t, nameKey), groupNameFields)
	if err != nil {
		return engine.ID{}, err
	}
	return ref.Group, nil
}

// PutGroupName gives a folded name to a group, which must not be taken.
func PutGroupName(w Writer, t engine.TenantNo, nameKey string, id engine.ID) error {
	return put(w, GroupsByName, GroupNameKey(t, nameKey), &groupName{Group: id}, groupNameFields)
}

// DeleteGroupName frees a folded name.
func DeleteGroupName(w Writer, t engine.TenantNo, nameKey string) error {
	return w.Delete(GroupsByName, GroupNameKey(t, nameKey))
}

// SetAdmin notes which role a user has, or that they have none.
func SetAdmin(w Writer, t engine.TenantNo, user engine.ID, role engine.AdminRole) error {
	if role == engine.RoleNone {
		return w.Delete(Admins, AdminKey(t, user))
	}
	return put(w, Admins, AdminKey(t, user), &adminRef{Role: role}, adminRefFields)
}

// ScanAdmins goes through the users with a role behind one of them; in tenant 0
// through those of all tenants. Whether they may act stands in the user.
func ScanAdmins(r Reader, t engine.TenantNo, behind engine.ID, fn func(engine.TenantNo, engine.ID, engine.AdminRole) (bool, error)) error {
	from, to := tenantKey(t, 0), prefixEnd(tenantKey(t, 0))
	if t == 0 {
		from, to = nil, nil
	}
	if !behind.IsZero() {
		from = after(AdminKey(t, behind))
	}
	return scan(r, Admins, from, to, tenantSize+idSize, adminRefFields, func(k []byte, ref *adminRef) (bool, error) {
		return fn(engine.TenantNo(binary.BigEndian.Uint32(k)), tailID(k), ref.Role)
	})
}

// ScanPartners goes through the partners behind one of them.
func ScanPartners(r Reader, behind engine.ID, fn func(*engine.Partner) (bool, error)) error {
	from := []byte{}
	if !behind.IsZero() {
		from = after(PartnerKey(behind))
	}
	return scan(r, Partners, from, nil, idSize, partnerFields, func(k []byte, p *engine.Partner) (bool, error) {
		p.ID = tailID(k)
		return fn(p)
	})
}

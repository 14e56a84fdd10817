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
// it has (engine.Tenant.Directory). 1: the words of groups stood among those of the
// users, and users and groups were not counted.
const DirectoryVersion = 2

// wordRef is the value of PrincipalWords and GroupWords.
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

// wordTable is where the words of a kind of principal stand: apart, so that who looks
// for a few groups need not pass all the users who have the same word.
func wordTable(kind engine.PrincipalKind) Table {
	if kind == engine.PrincipalGroup {
		return GroupWords
	}
	return PrincipalWords
}

// ChangeWords replaces the words under which a user or group is found.
func ChangeWords(w Writer, t engine.TenantNo, kind engine.PrincipalKind, id engine.ID, was, now []string) error {
	for _, word := range was {
		if !slices.Contains(now, word) {
			if err := w.Delete(wordTable(kind), PrincipalWordKey(t, word, id)); err != nil {
				return err
			}
		}
	}
	for _, word := range now {
		if !slices.Contains(was, word) {
			if err := put(w, wordTable(kind), PrincipalWordKey(t, word, id), &wordRef{Kind: kind}, wordRefFields); err != nil {
				return err
			}
		}
	}
	return nil
}

// MoveGroupWords puts the words of a group where this build keeps them; an older one
// kept them among those of the users.
func MoveGroupWords(w Writer, t engine.TenantNo, group engine.ID, words []string) error {
	for _, word := range words {
		if err := w.Delete(PrincipalWords, PrincipalWordKey(t, word, group)); err != nil {
			return err
		}
	}
	return ChangeWords(w, t, engine.PrincipalGroup, group, nil, words)
}

// A WordScan is where somebody is in the rows of a word.
type WordScan struct {
	Kind  engine.PrincipalKind // users or groups
	Word  string
	Whole bool // that word, not those that begin so
	// Over: there is no row behind those that were given.
	Over bool

	next []byte // go on here; empty: at the first
}

// ScanWords goes on with the users or groups that have a word as s says, by word, until
// fn returns false; one may come several times.
func ScanWords(r Reader, t engine.TenantNo, s *WordScan, fn func(engine.ID) (bool, error)) error {
	prefix := wordPrefix(t, s.Word)
	if s.Whole {
		prefix = append(prefix, 0)
	}
	from, stopped := prefix, false
	if len(s.next) > 0 {
		from = s.next
	}
	table := wordTable(s.Kind)
	err := scan(r, table, from, prefixEnd(prefix), 0, wordRefFields, func(k []byte, _ *wordRef) (bool, error) {
		if end := bytes.IndexByte(k[tenantSize:], 0); end < 0 || len(k) != tenantSize+end+1+idSize {
			return false, damaged(table, k, errors.New("a key of no word"))
		}
		more, err := fn(tailID(k))
		if stopped = !more; stopped {
			s.next = append(append(make([]byte, 0, len(k)+1), k...), 0)
		}
		return more, err
	})
	s.Over = err == nil && !stopped
	return err
}

// CountUser counts a user of a tenant out of one state and into another; 0 is none.
func CountUser(w Writer, t engine.TenantNo, was, now engine.Status) error {
	return recount(w, t, func(h *engine.Headcount) {
		if n := h.In(was); n != nil {
			*n--
		}
		if n := h.In(now); n != nil {
			*n++
		}
	})
}

// CountGroups counts so many live groups more.
func CountGroups(w Writer, t engine.TenantNo, by int64) error {
	return recount(w, t, func(h *engine.Headcount) { h.Groups += by })
}

func recount(w Writer, t engine.TenantNo, fn func(*engine.Headcount)) error {
	tn, err := GetTenant(w, t)
	if err != nil {
		return mustBe(Tenants, TenantKey(t), err)
	}
	fn(&tn.People)
	return PutTenant(w, tn)
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

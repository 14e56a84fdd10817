package httpd

import (
	"slices"
	"strconv"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/acl"
	"scaidrive/httpd/wire"
)

// maxChecks is how many questions a batch has at most.
const maxChecks = 100

// rightNames are the contract's, in the order of the bits.
var rightNames = [...]string{"READ", "WRITE", "DELETE", "CREATE", "SHARE", "MANAGE_PERMISSIONS"}

// applyNames are those of the choices, in the order of their numbers.
var applyNames = [...]string{"this_and_descendants", "this_only", "this_and_folders", "this_and_files", "descendants_only", "folders_only", "files_only"}

var resourceNames = map[string]struct {
	kind   engine.ResourceKind
	prefix string
}{
	wire.TypeFile:   {engine.ResourceFile, engine.PrefixFile},
	wire.TypeFolder: {engine.ResourceFolder, engine.PrefixFolder},
	wire.TypeShare:  {engine.ResourceShare, engine.PrefixShare},
}

func wireTarget(res acl.Resource) (name, id string) {
	for n, r := range resourceNames {
		if r.kind == res.Kind {
			return n, res.ID.Format(r.prefix)
		}
	}
	return "", ""
}

// pathResource reads the resource that a path names.
func (c *call) pathResource() (acl.Resource, error) {
	r, ok := resourceNames[c.values[0]]
	if !ok {
		return acl.Resource{}, notFound()
	}
	id, err := c.pathID(r.prefix, 1)
	return acl.Resource{Kind: r.kind, ID: id}, err
}

// resource reads a resource of the body or the query.
func resource(typ, id string, loc ...any) (acl.Resource, error) {
	at := func(field string) []any { return append(slices.Clone(loc), field) }
	r, ok := resourceNames[typ]
	if !ok {
		return acl.Resource{}, badField("literal_error", "Input should be file, folder or share", at("resource_type")...)
	}
	parsed, err := engine.ParseID(r.prefix, id)
	if err != nil {
		return acl.Resource{}, badField("value_error", "Value error, "+err.Error(), at("resource_id")...)
	}
	return acl.Resource{Kind: r.kind, ID: parsed}, nil
}

func right(name string, loc ...any) (engine.Right, error) {
	if i := slices.Index(rightNames[:], name); i >= 0 {
		return 1 << i, nil
	}
	return 0, badField("literal_error", "Input should be READ, WRITE, DELETE, CREATE, SHARE or MANAGE_PERMISSIONS", loc...)
}

func wireRights(set engine.Right) []string {
	names := []string{}
	for i, name := range rightNames {
		if set&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// question reads a question; loc is where it stands.
func question(in wire.Check, loc ...any) (q acl.Question, err error) {
	if q.Resource, err = resource(in.ResourceType, in.ResourceID, loc...); err != nil {
		return q, err
	}
	q.Rights, err = right(in.Permission, append(slices.Clone(loc), "permission")...)
	return q, err
}

func getCheck(c *call) error {
	var in wire.Check
	for name, field := range map[string]*string{"resource_type": &in.ResourceType, "resource_id": &in.ResourceID, "permission": &in.Permission} {
		text, ok := c.query[name]
		if !ok {
			return badField("missing", "Field required", "query", name)
		}
		*field = text
	}
	return c.check(in, "query")
}

func postCheck(c *call) error {
	var in wire.Check
	if err := c.decode(&in, false); err != nil {
		return err
	}
	return c.check(in, "body")
}

func (c *call) check(in wire.Check, where string) error {
	q, err := question(in, where)
	if err != nil {
		return err
	}
	answers, err := c.s.o.ACL.Check(c.ctx, c.who, []acl.Question{q})
	if err != nil {
		return err
	}
	return c.json(200, wire.Checked{Allowed: answers[0]})
}

func postCheckBatch(c *call) error {
	var in wire.CheckBatch
	if err := c.decode(&in, false); err != nil {
		return err
	}
	if len(in.Checks) > maxChecks {
		return badField("too_long", "List should have at most 100 items", "body", "checks")
	}
	asked := make([]acl.Question, len(in.Checks))
	for i, check := range in.Checks {
		var err error
		if asked[i], err = question(check, "body", "checks", i); err != nil {
			return err
		}
	}
	answers, err := c.s.o.ACL.Check(c.ctx, c.who, asked)
	if err != nil {
		return err
	}
	out := wire.CheckResults{Results: make([]wire.CheckResult, len(asked))}
	for i, check := range in.Checks {
		out.Results[i] = wire.CheckResult{ResourceType: check.ResourceType, ResourceID: check.ResourceID, Permission: check.Permission, Allowed: answers[i]}
	}
	return c.json(200, out)
}

func getEffective(c *call) error {
	for _, name := range []string{"resource_type", "resource_id"} {
		if _, ok := c.query[name]; !ok {
			return badField("missing", "Field required", "query", name)
		}
	}
	res, err := resource(c.query["resource_type"], c.query["resource_id"], "query")
	if err != nil {
		return err
	}
	explain, err := c.queryBool("explain")
	if err != nil {
		return err
	}
	var kind engine.PrincipalKind
	var id engine.ID
	switch text, ok := c.query["principal_id"]; {
	case !ok:
	case text == everyone:
		kind = engine.PrincipalEveryone
	default:
		if kind, id, err = parsePrincipal(text); err != nil {
			return badField("value_error", "Value error, "+err.Error(), "query", "principal_id")
		}
	}
	e, err := c.s.o.ACL.Effective(c.ctx, c.who, res, kind, id, explain)
	if err != nil {
		return err
	}
	return c.json(200, wireEffective(res, e))
}

func wireEffective(res acl.Resource, e *acl.Effective) wire.Effective {
	has := func(r engine.Right) bool { return e.Rights&r != 0 }
	out := wire.Effective{
		CanRead: has(engine.RightRead), CanWrite: has(engine.RightWrite), CanDelete: has(engine.RightDelete),
		CanCreate: has(engine.RightCreate), CanShare: has(engine.RightShare), CanManagePermissions: has(engine.RightManage),
		Permissions: int(e.Rights), PermissionNames: wireRights(e.Rights),
	}
	out.ResourceType, out.ResourceID = wireTarget(res)
	out.PrincipalID, out.PrincipalType = wireAnyone(e.Kind, e.ID)
	for i := range e.Why {
		out.Explain = append(out.Explain, wireWhy(&e.Why[i]))
	}
	return out
}

func wireWhy(w *acl.Why) wire.Explanation {
	grounds := [...]string{
		access.ByNothing: "nothing", access.ByEntry: "entry", access.ByRole: "role",
		access.ByAdmin: "administrator", access.ByOwnership: "ownership", access.ByState: "inactive", access.ByArchive: "archived",
	}
	out := wire.Explanation{Permission: access.Names(w.Right), Allowed: w.Allowed, DecidedBy: grounds[w.By], Role: w.Role}
	if w.Said != nil {
		e := wireACLEntry(w.Said)
		out.Entry, out.On = &e, wirePlace(w.At)
	}
	if w.RoleOf != nil {
		out.RoleOf = &wire.ACLGroup{ID: w.RoleOf.ID.Format(engine.PrefixGroup), Name: w.RoleOf.Name}
	}
	for _, g := range w.Way {
		out.Via = append(out.Via, wire.ACLGroup{ID: g.ID.Format(engine.PrefixGroup), Name: g.Name})
	}
	return out
}

// everyone is the contract's ID of every active user.
const everyone = "everyone"

func wireAnyone(kind engine.PrincipalKind, id engine.ID) (text, name string) {
	if kind == engine.PrincipalEveryone {
		return everyone, everyone
	}
	return wirePrincipal(kind, id)
}

// bodyAnyone reads whom an entry of the body speaks of; loc is where it stands.
func bodyAnyone(typ, text string, loc ...any) (engine.PrincipalKind, engine.ID, error) {
	at := func(field string) []any { return append(slices.Clone(loc), field) }
	switch typ {
	case everyone:
		if text != "" && text != everyone {
			return 0, engine.ID{}, badField("value_error", `Value error, is "everyone" or left out`, at("principal_id")...)
		}
		return engine.PrincipalEveryone, engine.ID{}, nil
	case "user", "group":
	default:
		return 0, engine.ID{}, badField("literal_error", "Input should be user, group or everyone", at("principal_type")...)
	}
	if text == "" {
		return 0, engine.ID{}, badField("missing", "Field required", at("principal_id")...)
	}
	kind, id, err := parsePrincipal(text)
	if err != nil {
		return 0, engine.ID{}, badField("value_error", "Value error, "+err.Error(), at("principal_id")...)
	}
	if _, is := wirePrincipal(kind, id); is != typ {
		return 0, engine.ID{}, badField("value_error", "Value error, principal_id is the ID of a "+is, at("principal_type")...)
	}
	return kind, id, nil
}

func aceType(name string, loc ...any) (engine.EntryType, error) {
	switch name {
	case "allow":
		return engine.EntryAllow, nil
	case "deny":
		return engine.EntryDeny, nil
	}
	return 0, badField("literal_error", "Input should be allow or deny", append(slices.Clone(loc), "ace_type")...)
}

func appliesTo(name *string, loc ...any) (engine.AppliesTo, error) {
	if name == nil {
		return 0, nil
	}
	if i := slices.Index(applyNames[:], *name); i >= 0 {
		return engine.AppliesTo(i + 1), nil
	}
	return 0, badField("literal_error", "Unknown choice", append(slices.Clone(loc), "applies_to")...)
}

// bodyEntry reads an entry of the body; loc is where it stands.
func bodyEntry(in *wire.SetACLEntry, loc ...any) (e acl.Spec, err error) {
	if e.Kind, e.Principal, err = bodyAnyone(in.PrincipalType, in.PrincipalID, loc...); err != nil {
		return e, err
	}
	if e.Type, err = aceType(in.ACEType, loc...); err != nil {
		return e, err
	}
	for i, name := range in.Permissions {
		r, err := right(name, append(slices.Clone(loc), "permissions", i)...)
		if err != nil {
			return e, err
		}
		e.Rights |= r
	}
	e.OneLevel = in.OneLevel
	switch e.AppliesTo, err = appliesTo(in.AppliesTo, loc...); {
	case err != nil || e.AppliesTo != 0:
	case in.InheritToChildren != nil && !*in.InheritToChildren:
		e.AppliesTo = engine.AppliesToThisOnly
	default:
		e.AppliesTo = engine.AppliesToThisAndDescendants
	}
	return e, err
}

func aclTag(tag string) string { return strconv.Quote("acl-" + tag) }

// aclMatch reads If-Match; nil: it asks for nothing.
func (c *call) aclMatch() acl.Match {
	header := c.header("If-Match")
	if header == "" {
		return nil
	}
	return func(tag string) bool { return etagListed(header, aclTag(tag), false) }
}

func wirePlace(at *acl.Place) *wire.ACLPlace {
	if at == nil {
		return nil
	}
	out := &wire.ACLPlace{}
	if out.ResourceType, out.ResourceID = wireTarget(at.Resource); at.Seen {
		out.Path = &at.Path
	}
	return out
}

func wireACLEntry(e *acl.Listed) wire.ACLEntry {
	out := wire.ACLEntry{
		ID: e.ID.Format(engine.PrefixEntry), ACEType: "allow", Permissions: wireRights(e.Rights), OneLevel: e.OneLevel,
		InheritToChildren: e.AppliesTo != engine.AppliesToThisOnly, InheritedFrom: wirePlace(e.From), CreatedAt: wire.At(e.CreatedAt),
	}
	out.PrincipalID, out.PrincipalType = wireAnyone(e.Kind, e.Principal)
	if e.Type == engine.EntryDeny {
		out.ACEType = "deny"
	}
	if i := int(e.AppliesTo) - 1; i >= 0 && i < len(applyNames) {
		out.AppliesTo = applyNames[i]
	}
	if e.Name != "" {
		out.PrincipalName = &e.Name
	}
	if e.Email != "" {
		out.PrincipalEmail = &e.Email
	}
	if !e.CreatedBy.IsZero() {
		by := e.CreatedBy.Format(engine.PrefixUser)
		out.CreatedBy = &by
	}
	return out
}

// acl answers with a list.
func (c *call) acl(l *acl.List) error {
	out := wire.ACL{InheritFromParent: l.Inherits, Entries: make([]wire.ACLEntry, 0, len(l.Own)+len(l.Inherited))}
	out.ResourceType, out.ResourceID = wireTarget(l.Resource)
	for _, list := range [2][]acl.Listed{l.Own, l.Inherited} {
		for i := range list {
			out.Entries = append(out.Entries, wireACLEntry(&list[i]))
		}
	}
	if !l.Owner.IsZero() && l.Resource.Kind != engine.ResourceShare {
		owner := l.Owner.Format(engine.PrefixUser)
		out.OwnerID = &owner
	}
	c.setHeader("ETag", aclTag(l.Tag))
	return c.json(200, out)
}

func getACL(c *call) error {
	res, err := c.pathResource()
	if err != nil {
		return err
	}
	l, err := c.s.o.ACL.Entries(c.ctx, c.who, res)
	if err != nil {
		return err
	}
	return c.acl(l)
}

func setACLEntry(c *call) error {
	res, err := c.pathResource()
	if err != nil {
		return err
	}
	var in wire.SetACLEntry
	if err := c.decode(&in, false); err != nil {
		return err
	}
	spec, err := bodyEntry(&in, "body")
	if err != nil {
		return err
	}
	e, made, err := c.s.o.ACL.Set(c.ctx, c.who, res, spec, c.aclMatch())
	if err != nil {
		return err
	}
	status := 200
	if made {
		status = 201
	}
	return c.json(status, wireACLEntry(e))
}

func putACL(c *call) error {
	res, err := c.pathResource()
	if err != nil {
		return err
	}
	var in wire.PutACL
	if err := c.decode(&in, false); err != nil {
		return err
	}
	if len(in.Entries) > engine.MaxEntries {
		return badField("too_long", "List should have at most 1000 items", "body", "entries")
	}
	specs := make([]acl.Spec, len(in.Entries))
	for i := range in.Entries {
		if specs[i], err = bodyEntry(&in.Entries[i], "body", "entries", i); err != nil {
			return err
		}
	}
	l, err := c.s.o.ACL.Replace(c.ctx, c.who, res, specs, in.InheritFromParent, c.aclMatch())
	if err != nil {
		return err
	}
	return c.acl(l)
}

func removeACLEntry(c *call) error {
	res, err := c.pathResource()
	if err != nil {
		return err
	}
	var in wire.RemoveACLEntry
	if err := c.decode(&in, false); err != nil {
		return err
	}
	kind, id, err := bodyAnyone(in.PrincipalType, in.PrincipalID, "body")
	if err != nil {
		return err
	}
	typ, err := aceType(in.ACEType, "body")
	if err != nil {
		return err
	}
	applies, err := appliesTo(in.AppliesTo, "body")
	if err != nil {
		return err
	}
	if err := c.s.o.ACL.Remove(c.ctx, c.who, res, kind, id, typ, applies, c.aclMatch()); err != nil {
		return err
	}
	return c.noContent(204)
}

func setInheritance(c *call) error {
	res, err := c.pathResource()
	if err != nil {
		return err
	}
	var in wire.SetInheritance
	if err := c.decode(&in, false); err != nil {
		return err
	}
	if err := c.s.o.ACL.Inherit(c.ctx, c.who, res, in.InheritFromParent, in.CopyInherited, c.aclMatch()); err != nil {
		return err
	}
	out := wire.Inheritance{InheritFromParent: in.InheritFromParent}
	out.ResourceType, out.ResourceID = wireTarget(res)
	return c.json(200, out)
}

func transferNode(c *call) error {
	res, err := c.pathResource()
	if err != nil {
		return err
	}
	var in wire.TransferOwnership
	if err := c.decode(&in, false); err != nil {
		return err
	}
	kind, to, err := bodyPrincipal(in.NewOwnerID, "new_owner_id")
	if err != nil {
		return err
	}
	if kind != engine.PrincipalUser {
		return badField("value_error", "Value error, files and folders belong to users; a share may belong to a group", "body", "new_owner_id")
	}
	owner, err := c.s.o.ACL.Give(c.ctx, c.who, res, to)
	if err != nil {
		return err
	}
	out := wire.Ownership{OwnerID: owner.Format(engine.PrefixUser)}
	out.ResourceType, out.ResourceID = wireTarget(res)
	return c.json(200, out)
}

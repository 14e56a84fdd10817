package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type aclCmd struct {
	Ls      aclLsCmd      `cmd:"" help:"List who may do what with a file, folder or share."`
	Set     aclSetCmd     `cmd:"" help:"Allow or deny rights."`
	Rm      aclRmCmd      `cmd:"" help:"Take an entry away."`
	Inherit aclInheritCmd `cmd:"" help:"Cut off from the entries above, or inherit again."`
	Owner   aclOwnerCmd   `cmd:"" help:"Give a file, folder or share to somebody."`
	Explain aclExplainCmd `cmd:"" help:"Show what somebody may do, and why."`
	Check   aclCheckCmd   `cmd:"" help:"Ask whether you have a right."`
}

// everyoneWord stands for every active user of the tenant.
const everyoneWord = "everyone"

// resource connects and finds what a path or an ID names.
func (t *terminal) resource(ctx context.Context, pathOrID string) (*client.Client, client.Resource, error) {
	api, err := t.connect()
	if err != nil {
		return nil, client.Resource{}, err
	}
	on, err := api.FindResource(ctx, pathOrID)
	return api, on, err
}

// principal gives type and ID of an address, a name, an ID or everyone.
func principal(ctx context.Context, api *client.Client, name string) (typ, id string, err error) {
	if name == everyoneWord {
		return everyoneWord, everyoneWord, nil
	}
	id, err = api.FindPrincipal(ctx, name)
	if strings.HasPrefix(id, "grp_") {
		return "group", id, err
	}
	return "user", id, err
}

var rightWords = []string{"READ", "WRITE", "DELETE", "CREATE", "SHARE", "MANAGE_PERMISSIONS"}

// rightsOf reads "read,write", or "all".
func rightsOf(text string) ([]string, error) {
	if strings.EqualFold(text, "all") {
		return rightWords, nil
	}
	var list []string
	for word := range strings.SplitSeq(text, ",") {
		word = strings.ToUpper(strings.TrimSpace(word))
		if word == "MANAGE" {
			word = "MANAGE_PERMISSIONS"
		}
		if !slices.Contains(rightWords, word) {
			return nil, client.Usagef("%q is no right: %s, or all", word, strings.ToLower(strings.Join(rightWords, ", ")))
		}
		list = append(list, word)
	}
	return list, nil
}

// called is what an entry's principal is called.
func called(e *wire.ACLEntry) string {
	switch {
	case e.PrincipalType == everyoneWord:
		return everyoneWord
	case e.PrincipalEmail != nil:
		return clean(*e.PrincipalEmail)
	case e.PrincipalName != nil:
		return clean(*e.PrincipalName)
	}
	return "(deleted " + e.PrincipalType + ")"
}

func scopeOf(e *wire.ACLEntry) string {
	s := strings.ReplaceAll(e.AppliesTo, "_", " ")
	if e.OneLevel {
		s += ", one level"
	}
	return s
}

func placeOf(at *wire.ACLPlace) string {
	if at.Path == nil {
		return "a folder above that you may not see"
	}
	return clean(*at.Path)
}

type aclLsCmd struct {
	Path string `arg:"" help:"SHARE:/path of a file or folder; SHARE:/ is the share. Or an ID."`
}

// Help is shown by --help.
func (aclLsCmd) Help() string {
	return `Entries that deny come first, then those that allow, then what is inherited,
the nearest first. The roles of members count after all entries: share members.

Example:
  scaidrive acl ls Projects:/plans`
}

// Run lists entries.
func (c *aclLsCmd) Run(ctx context.Context, t *terminal) error {
	api, on, err := t.resource(ctx, c.Path)
	if err != nil {
		return err
	}
	l, err := api.ACL(ctx, on)
	if err != nil {
		return fmt.Errorf("entries of %s: %w", clean(c.Path), err)
	}
	if t.json {
		return t.object(l)
	}
	if !l.InheritFromParent {
		fmt.Fprintln(t.out, "Cut off from the entries above.")
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range l.Entries {
		e := &l.Entries[i]
		from := "here"
		if e.InheritedFrom != nil {
			from = "from " + placeOf(e.InheritedFrom)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.ACEType, called(e), strings.Join(e.Permissions, ","), scopeOf(e), from)
	}
	return w.Flush()
}

type aclSetCmd struct {
	Path    string `arg:"" help:"SHARE:/path of a file or folder; SHARE:/ is the share. Or an ID."`
	Type    string `arg:"" enum:"allow,deny" help:"allow or deny."`
	Who     string `arg:"" help:"E-mail address of a user, name of a group, an ID, or everyone."`
	Rights  string `arg:"" help:"Of read, write, delete, create, share, manage_permissions, with commas; or all."`
	Applies string `name:"applies-to" enum:"this_and_descendants,this_only,this_and_folders,this_and_files,descendants_only,folders_only,files_only" default:"this_and_descendants" help:"Where it counts: ${enum}."`
	One     bool   `name:"one-level" help:"It goes down one level only."`
}

// Help is shown by --help.
func (aclSetCmd) Help() string {
	return `There is one entry of a principal, type and scope: the same again has the
new rights. It counts from the next request on, for all that lies below.

Example:
  scaidrive acl set Projects:/plans allow Sales read,write
  scaidrive acl set Projects:/plans/secret deny everyone all`
}

// Run adds an entry.
func (c *aclSetCmd) Run(ctx context.Context, t *terminal) error {
	rights, err := rightsOf(c.Rights)
	if err != nil {
		return err
	}
	api, on, err := t.resource(ctx, c.Path)
	if err != nil {
		return err
	}
	in := wire.SetACLEntry{ACEType: c.Type, Permissions: rights, AppliesTo: &c.Applies, OneLevel: c.One}
	if in.PrincipalType, in.PrincipalID, err = principal(ctx, api, c.Who); err != nil {
		return err
	}
	e, err := api.SetACLEntry(ctx, on, in)
	if err != nil {
		return fmt.Errorf("entry on %s: %w", clean(c.Path), err)
	}
	if t.json {
		err = t.object(e)
	} else {
		_, err = fmt.Fprintf(t.out, "%s %s %s, %s\n", e.ACEType, called(e), strings.Join(e.Permissions, ","), scopeOf(e))
	}
	if err != nil || c.Type != "deny" {
		return err
	}
	// Whoever denies everyone denies themself: from now on no path leads there for them,
	// but by its ID they can still change who may what.
	if may, err := api.Allowed(ctx, on, "READ"); err == nil && !may {
		t.warn("You do not see it yourself any more. To take it back: scaidrive acl rm %s deny %s", on.ID, c.Who)
	}
	return nil
}

type aclRmCmd struct {
	Path    string `arg:"" help:"SHARE:/path of a file or folder; SHARE:/ is the share. Or an ID."`
	Type    string `arg:"" enum:"allow,deny" help:"allow or deny."`
	Who     string `arg:"" help:"E-mail address of a user, name of a group, an ID, or everyone."`
	Applies string `name:"applies-to" help:"Only the entry of this scope. Default: all of them." placeholder:"SCOPE"`
}

// Help is shown by --help.
func (aclRmCmd) Help() string {
	return `Example:
  scaidrive acl rm Projects:/plans allow Sales`
}

// Run takes entries away.
func (c *aclRmCmd) Run(ctx context.Context, t *terminal) error {
	api, on, err := t.resource(ctx, c.Path)
	if err != nil {
		return err
	}
	in := wire.RemoveACLEntry{ACEType: c.Type}
	if c.Applies != "" {
		in.AppliesTo = &c.Applies
	}
	if in.PrincipalType, in.PrincipalID, err = principal(ctx, api, c.Who); err != nil {
		return err
	}
	if err := api.RemoveACLEntry(ctx, on, in); err != nil {
		return fmt.Errorf("entry on %s: %w", clean(c.Path), err)
	}
	t.say("%s has no entry that says %s to %s any more.", clean(c.Path), c.Type, clean(c.Who))
	return nil
}

type aclInheritCmd struct {
	Path string `arg:"" help:"SHARE:/path of a file or folder, or its ID."`
	How  string `arg:"" enum:"on,off" help:"on: entries from above count. off: they don't."`
	Copy bool   `help:"With off: keep what was inherited, as entries of its own."`
}

// Help is shown by --help.
func (aclInheritCmd) Help() string {
	return `It does not cut off the roles of members.

Example:
  scaidrive acl inherit Projects:/plans off --copy`
}

// Run sets inheritance.
func (c *aclInheritCmd) Run(ctx context.Context, t *terminal) error {
	if c.Copy && c.How == "on" {
		return client.Usagef("--copy goes with off")
	}
	api, on, err := t.resource(ctx, c.Path)
	if err != nil {
		return err
	}
	out, err := api.SetInheritance(ctx, on, c.How == "on", c.Copy)
	if err != nil {
		return fmt.Errorf("inheritance of %s: %w", clean(c.Path), err)
	}
	if t.json {
		return t.object(out)
	}
	t.say("Inheritance of %s is %s.", clean(c.Path), c.How)
	return nil
}

type aclOwnerCmd struct {
	Path string `arg:"" help:"SHARE:/path of a file or folder; SHARE:/ is the share. Or an ID."`
	Who  string `arg:"" help:"E-mail address of a user, or an ID; of a share also the name of a group."`
}

// Help is shown by --help.
func (aclOwnerCmd) Help() string {
	return `Example:
  scaidrive acl owner Projects:/plans ana@example.com`
}

// Run gives something to somebody.
func (c *aclOwnerCmd) Run(ctx context.Context, t *terminal) error {
	api, on, err := t.resource(ctx, c.Path)
	if err != nil {
		return err
	}
	_, who, err := principal(ctx, api, c.Who)
	if err != nil {
		return err
	}
	var out any
	if on.Type == wire.TypeShare {
		out, err = api.TransferShare(ctx, on.ID, who)
	} else {
		out, err = api.GiveNode(ctx, on, who)
	}
	if err != nil {
		return fmt.Errorf("owner of %s: %w", clean(c.Path), err)
	}
	if t.json {
		return t.object(out)
	}
	t.say("%s belongs to %s.", clean(c.Path), clean(c.Who))
	return nil
}

type aclExplainCmd struct {
	Path string `arg:"" help:"SHARE:/path of a file or folder; SHARE:/ is the share. Or an ID."`
	Who  string `arg:"" optional:"" help:"E-mail address of a user, name of a group, an ID, or everyone. Default: you."`
}

// Help is shown by --help.
func (aclExplainCmd) Help() string {
	return `Example:
  scaidrive acl explain Projects:/plans ana@example.com`
}

// Run shows rights and what decided them.
func (c *aclExplainCmd) Run(ctx context.Context, t *terminal) error {
	api, on, err := t.resource(ctx, c.Path)
	if err != nil {
		return err
	}
	who := ""
	if c.Who != "" {
		if _, who, err = principal(ctx, api, c.Who); err != nil {
			return err
		}
	}
	e, err := api.Effective(ctx, on, who, true)
	if err != nil {
		return fmt.Errorf("rights on %s: %w", clean(c.Path), err)
	}
	if t.json {
		return t.object(e)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range e.Explain {
		x := &e.Explain[i]
		word := "no"
		if x.Allowed {
			word = "yes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", x.Permission, word, because(x))
	}
	return w.Flush()
}

// because says in words what decided.
func because(x *wire.Explanation) string {
	s := ""
	switch x.DecidedBy {
	case "entry":
		s = fmt.Sprintf("%s for %s on %s", x.Entry.ACEType, called(x.Entry), placeOf(x.On))
	case "role":
		s = x.Role + " of the share"
		if x.RoleOf != nil {
			s += " as " + clean(x.RoleOf.Name)
		}
	case "administrator":
		s = "administrator of the tenant"
	case "ownership":
		s = "owner"
	case "inactive":
		s = "the account is not active"
	default:
		s = "nothing gives it"
	}
	for i, g := range x.Via {
		if i == 0 {
			s += ", in "
		} else {
			s += ", which is in "
		}
		s += clean(g.Name)
	}
	return s
}

type aclCheckCmd struct {
	Path  string `arg:"" help:"SHARE:/path of a file or folder; SHARE:/ is the share. Or an ID."`
	Right string `arg:"" help:"read, write, delete, create, share or manage_permissions."`
}

// Help is shown by --help.
func (aclCheckCmd) Help() string {
	return `Prints yes and ends with 0, or no and 1.

Example:
  scaidrive acl check Projects:/plans write`
}

// Run asks for a right.
func (c *aclCheckCmd) Run(ctx context.Context, t *terminal) error {
	rights, err := rightsOf(c.Right)
	if err != nil {
		return err
	}
	if len(rights) != 1 {
		return client.Usagef("one right is asked for")
	}
	api, on, err := t.resource(ctx, c.Path)
	if err != nil {
		return err
	}
	may, err := api.Allowed(ctx, on, rights[0])
	if err != nil {
		return err
	}
	word := map[bool]string{true: "yes", false: "no"}[may]
	if t.json {
		err = t.object(wire.Checked{Allowed: may})
	} else {
		_, err = fmt.Fprintln(t.out, word)
	}
	if err == nil && !may {
		err = &partError{exitFailed}
	}
	return err
}

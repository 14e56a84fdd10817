package client

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"scaidrive/httpd/wire"
)

// A Resource is what rights are on: a file, a folder or a share.
type Resource struct {
	Type string // wire.TypeFile, …
	ID   string
}

// ResourceOf gives what is at a remote path; of a share's root, the share.
func (f *Found) ResourceOf() Resource {
	switch {
	case f.ID == "":
		return Resource{wire.TypeShare, f.ShareID}
	case f.Folder:
		return Resource{wire.TypeFolder, f.ID}
	}
	return Resource{wire.TypeFile, f.ID}
}

// FindResource finds a resource by its remote path, or by its ID.
func (c *Client) FindResource(ctx context.Context, pathOrID string) (Resource, error) {
	for prefix, typ := range map[string]string{"fil_": wire.TypeFile, "fld_": wire.TypeFolder, "shr_": wire.TypeShare} {
		if strings.HasPrefix(pathOrID, prefix) && len(pathOrID) == len(prefix)+26 {
			return Resource{typ, pathOrID}, nil
		}
	}
	p, err := ParseRemotePath(pathOrID)
	if err != nil {
		return Resource{}, err
	}
	at, err := c.Find(ctx, p)
	if err != nil {
		return Resource{}, err
	}
	return at.ResourceOf(), nil
}

func (r Resource) acl() string {
	return "/permissions/acl/" + url.PathEscape(r.Type) + "/" + url.PathEscape(r.ID)
}

// Allowed tells whether the caller has a right.
func (c *Client) Allowed(ctx context.Context, on Resource, right string) (bool, error) {
	var out wire.Checked
	q := url.Values{"resource_type": {on.Type}, "resource_id": {on.ID}, "permission": {right}}
	err := c.get(ctx, "/permissions/check", q, &out)
	return out.Allowed, err
}

// CheckAll answers at most 100 questions at once, in their order.
func (c *Client) CheckAll(ctx context.Context, asked []wire.Check) ([]wire.CheckResult, error) {
	out, err := send[wire.CheckResults](ctx, c, http.MethodPost, "/permissions/check/batch", wire.CheckBatch{Checks: asked})
	return out.Results, err
}

// Effective gives somebody's rights; principal "" is the caller, explain tells why.
func (c *Client) Effective(ctx context.Context, on Resource, principal string, explain bool) (*wire.Effective, error) {
	q := url.Values{"resource_type": {on.Type}, "resource_id": {on.ID}}
	if principal != "" {
		q.Set("principal_id", principal)
	}
	if explain {
		q.Set("explain", "true")
	}
	var out wire.Effective
	return &out, c.get(ctx, "/permissions/effective", q, &out)
}

// ACL gives the entries of a resource.
func (c *Client) ACL(ctx context.Context, on Resource) (*wire.ACL, error) {
	var out wire.ACL
	return &out, c.get(ctx, on.acl(), nil, &out)
}

// SetACLEntry adds an entry, or gives it other rights.
func (c *Client) SetACLEntry(ctx context.Context, on Resource, in wire.SetACLEntry) (*wire.ACLEntry, error) {
	return send[wire.ACLEntry](ctx, c, http.MethodPost, on.acl(), in)
}

// PutACL replaces all explicit entries.
func (c *Client) PutACL(ctx context.Context, on Resource, in wire.PutACL) (*wire.ACL, error) {
	return send[wire.ACL](ctx, c, http.MethodPut, on.acl(), in)
}

// RemoveACLEntry takes entries of somebody away.
func (c *Client) RemoveACLEntry(ctx context.Context, on Resource, in wire.RemoveACLEntry) error {
	r, err := call{method: http.MethodDelete, path: on.acl()}.jsonBody(in)
	if err != nil {
		return err
	}
	return c.ask(ctx, r, nil)
}

// SetInheritance cuts a resource off from the entries above it, or lets it inherit
// again; with keep it keeps what it inherited.
func (c *Client) SetInheritance(ctx context.Context, on Resource, inherit, keep bool) (*wire.Inheritance, error) {
	return send[wire.Inheritance](ctx, c, http.MethodPut, on.acl()+"/inheritance", wire.SetInheritance{InheritFromParent: inherit, CopyInherited: keep})
}

// GiveNode gives a file or folder to a user.
func (c *Client) GiveNode(ctx context.Context, on Resource, owner string) (*wire.Ownership, error) {
	return send[wire.Ownership](ctx, c, http.MethodPost, "/permissions/ownership/"+url.PathEscape(on.Type)+"/"+url.PathEscape(on.ID)+"/transfer", wire.TransferOwnership{NewOwnerID: owner})
}

package wire

// Check is the body of POST /permissions/check, and a question of a batch.
type Check struct {
	ResourceType string `json:"resource_type" wire:"required" is:"file|folder|share"`
	ResourceID   string `json:"resource_id" wire:"required" is:"fil_|fld_|shr_"`                                   // what the right is on
	Permission   string `json:"permission" wire:"required" is:"READ|WRITE|DELETE|CREATE|SHARE|MANAGE_PERMISSIONS"` // the right
}

// Checked is the answer of /permissions/check.
type Checked struct {
	Allowed bool `json:"allowed"` // the caller has the right; false, too, for what does not exist or is deleted
}

// CheckBatch is the body of POST /permissions/check/batch.
type CheckBatch struct {
	Checks []Check `json:"checks" wire:"required"` // at most 100
}

// CheckResult is an answer of a batch.
type CheckResult struct {
	ResourceType string `json:"resource_type" is:"file|folder|share"`
	ResourceID   string `json:"resource_id" is:"fil_|fld_|shr_"`                                   // what the right is on
	Permission   string `json:"permission" is:"READ|WRITE|DELETE|CREATE|SHARE|MANAGE_PERMISSIONS"` // the right
	Allowed      bool   `json:"allowed"`                                                           // the caller has it
}

// CheckResults is the answer of POST /permissions/check/batch.
type CheckResults struct {
	Results []CheckResult `json:"results"` // in the order of the questions, all of one moment
}

// Effective is the answer of GET /permissions/effective: what somebody may do.
type Effective struct {
	ResourceType  string `json:"resource_type" is:"file|folder|share"`
	ResourceID    string `json:"resource_id" is:"fil_|fld_|shr_"`         // what the rights are on
	PrincipalType string `json:"principal_type" is:"user|group|everyone"` // whose they are
	PrincipalID   string `json:"principal_id" is:"text"`                  // who it is: usr_…, grp_…, or everyone

	CanRead              bool     `json:"can_read"`               // list it, read its bytes
	CanWrite             bool     `json:"can_write"`              // change content, name, time
	CanDelete            bool     `json:"can_delete"`             // move it to the trash
	CanCreate            bool     `json:"can_create"`             // make things in it
	CanShare             bool     `json:"can_share"`              // make links
	CanManagePermissions bool     `json:"can_manage_permissions"` // change entries, inheritance, ownership
	Permissions          int      `json:"permissions"`            // the same as a bit field: READ 1, WRITE 2, DELETE 4, CREATE 8, SHARE 16, MANAGE_PERMISSIONS 32
	PermissionNames      []string `json:"permission_names"`       // the same as names

	// Explain says for each right what decided about it; with explain=true.
	Explain []Explanation `json:"explain,omitempty"`
}

// Explanation says what decided about one right.
type Explanation struct {
	Permission string `json:"permission" is:"READ|WRITE|DELETE|CREATE|SHARE|MANAGE_PERMISSIONS"` // the right
	Allowed    bool   `json:"allowed"`                                                           // they have it
	// DecidedBy is an entry; the role on the share; being an administrator of the
	// tenant; owning the object or the share; that the user is not active; or that
	// nothing speaks of the right.
	DecidedBy string    `json:"decided_by" is:"entry|role|administrator|ownership|inactive|archived|nothing"`
	Entry     *ACLEntry `json:"entry,omitempty"` // that decided
	// On is where that entry stands.
	On     *ACLPlace  `json:"on,omitempty"`
	Role   string     `json:"role,omitempty" is:"owner|admin|contributor|reader"` // that decided
	RoleOf *ACLGroup  `json:"role_of,omitempty"`                                  // the group that has the role; left out: the user has it
	Via    []ACLGroup `json:"via,omitempty"`                                      // the groups that lead from who was asked about to whom the entry or role speaks of, the nearest first
}

// ACLGroup is a group in an explanation.
type ACLGroup struct {
	ID   string `json:"id" is:"grp_"`
	Name string `json:"name"`
}

// ACLPlace is an object that an entry stands on.
type ACLPlace struct {
	ResourceType string  `json:"resource_type" is:"file|folder|share"`
	ResourceID   string  `json:"resource_id" is:"fil_|fld_|shr_"` // the object
	Path         *string `json:"path"`                            // in the share; null where the caller may not see it
}

// ACLEntry allows or denies rights to somebody.
type ACLEntry struct {
	ID             string   `json:"id" is:"ace_"`
	PrincipalType  string   `json:"principal_type" is:"user|group|everyone"`                                                                                 // whom it speaks of
	PrincipalID    string   `json:"principal_id" is:"text"`                                                                                                  // who that is: usr_…, grp_…, or everyone
	PrincipalName  *string  `json:"principal_name"`                                                                                                          // what they are called; null: they are deleted, or everyone
	PrincipalEmail *string  `json:"principal_email"`                                                                                                         // of a user
	ACEType        string   `json:"ace_type" is:"allow|deny"`                                                                                                // what it does
	Permissions    []string `json:"permissions"`                                                                                                             // the rights, by name
	AppliesTo      string   `json:"applies_to" is:"this_and_descendants|this_only|this_and_folders|this_and_files|descendants_only|folders_only|files_only"` // where it counts, seen from the object
	OneLevel       bool     `json:"one_level"`                                                                                                               // it goes down one level only
	// InheritToChildren: applies_to is not this_only.
	InheritToChildren bool `json:"inherit_to_children"`
	// InheritedFrom is where an inherited entry stands; null: on the object itself.
	InheritedFrom *ACLPlace `json:"inherited_from"`
	CreatedBy     *string   `json:"created_by" is:"usr_"` // null: not told
	CreatedAt     Time      `json:"created_at"`
}

// ACL is the answer of GET and PUT /permissions/acl/{resource_type}/{id}.
type ACL struct {
	ResourceType      string     `json:"resource_type" is:"file|folder|share"`
	ResourceID        string     `json:"resource_id" is:"fil_|fld_|shr_"` // the object
	InheritFromParent bool       `json:"inherit_from_parent"`             // entries from above count
	OwnerID           *string    `json:"owner_id" is:"usr_"`              // who may always change this; null for a share, see there
	Entries           []ACLEntry `json:"entries"`                         // the explicit ones, denials first, then the inherited ones, the nearest first
}

// SetACLEntry is the body of POST /permissions/acl/{resource_type}/{id}, and an entry
// of a list that is put.
type SetACLEntry struct {
	PrincipalType     string   `json:"principal_type" wire:"required" is:"user|group|everyone"` // whom it speaks of
	PrincipalID       string   `json:"principal_id,omitempty" is:"text"`                        // who that is: usr_…, grp_…; may be left out, or "everyone", for everyone
	Permissions       []string `json:"permissions" wire:"required"`                             // READ, WRITE, DELETE, CREATE, SHARE, MANAGE_PERMISSIONS; at least one
	ACEType           string   `json:"ace_type" wire:"required" is:"allow|deny"`                // what it does
	InheritToChildren *bool    `json:"inherit_to_children,omitempty"`                           // false is applies_to this_only; true if left out
	// AppliesTo says where it counts, and goes before inherit_to_children.
	AppliesTo *string `json:"applies_to,omitempty" is:"this_and_descendants|this_only|this_and_folders|this_and_files|descendants_only|folders_only|files_only"`
	OneLevel  bool    `json:"one_level,omitempty"` // it goes down one level only
}

// PutACL is the body of PUT /permissions/acl/{resource_type}/{id}.
type PutACL struct {
	Entries           []SetACLEntry `json:"entries" wire:"required"`       // all explicit entries, those that deny first; at most 1,000
	InheritFromParent *bool         `json:"inherit_from_parent,omitempty"` // as it is, if left out; false drops what was inherited
}

// RemoveACLEntry is the body of DELETE /permissions/acl/{resource_type}/{id}.
type RemoveACLEntry struct {
	PrincipalType string  `json:"principal_type" wire:"required" is:"user|group|everyone"`                                                                           // whom the entry speaks of
	PrincipalID   string  `json:"principal_id,omitempty" is:"text"`                                                                                                  // who that is; may be left out, or "everyone", for everyone
	ACEType       string  `json:"ace_type" wire:"required" is:"allow|deny"`                                                                                          // what it does
	AppliesTo     *string `json:"applies_to,omitempty" is:"this_and_descendants|this_only|this_and_folders|this_and_files|descendants_only|folders_only|files_only"` // left out: all of them
}

// SetInheritance is the body of PUT /permissions/acl/{resource_type}/{id}/inheritance.
type SetInheritance struct {
	InheritFromParent bool `json:"inherit_from_parent" wire:"required"` // entries from above count
	CopyInherited     bool `json:"copy_inherited,omitempty"`            // with false: what was inherited becomes explicit
}

// Inheritance is the answer of PUT /permissions/acl/{resource_type}/{id}/inheritance.
type Inheritance struct {
	ResourceType      string `json:"resource_type" is:"file|folder|share"`
	ResourceID        string `json:"resource_id" is:"fil_|fld_|shr_"` // the object
	InheritFromParent bool   `json:"inherit_from_parent"`             // entries from above count
}

// Ownership is the answer of POST /permissions/ownership/{resource_type}/{id}/transfer.
type Ownership struct {
	ResourceType string `json:"resource_type" is:"file|folder"`
	ResourceID   string `json:"resource_id" is:"fil_|fld_"`
	OwnerID      string `json:"owner_id" is:"usr_"` // who owns it now
}

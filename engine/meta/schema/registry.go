package schema

// The tables. A number is never reused, also when its table is gone. Numbers
// from 0xff00 up belong to engine/meta (counts and digests, pack marks) and
// never stand here.
const (
	Partners            Table = 1
	Tenants             Table = 2
	TenantsByID         Table = 3
	Users               Table = 4
	UsersByEmail        Table = 5
	Sessions            Table = 6
	RefreshTokens       Table = 7
	Shares              Table = 8
	Entries             Table = 9
	Exceptions          Table = 10
	Nodes               Table = 11
	Children            Table = 12
	Versions            Table = 13
	Changes             Table = 14
	Trash               Table = 15
	ServiceTokensByHash Table = 17
	Groups              Table = 18
	GroupMembers        Table = 19
	GroupsOf            Table = 20
	ShareMembers        Table = 21
	SharesOf            Table = 22
	Invitations         Table = 23
	InvitationsByEmail  Table = 24
	Named               Table = 25
	Uploads             Table = 44
	UploadParts         Table = 45
	Comments            Table = 47
	CommentNodes        Table = 48
	Tags                Table = 49
	Tagged              Table = 50
	TrashByParent       Table = 58
	Purges              Table = 59
	Jobs                Table = 60
	JobTasks            Table = 61
	JobUndos            Table = 62
	JobNotes            Table = 63
	Favourites          Table = 64
	Recents             Table = 65
	ServiceTokens       Table = 66
	Answers             Table = 67
	AnswersByRequest    Table = 68
	Devices             Table = 70
	Outcomes            Table = 71
	OutcomeRounds       Table = 72
	DeviceShares        Table = 73
	Conflicts           Table = 74
	ConflictsByShare    Table = 75
	ConflictsByNode     Table = 76
	Slugs               Table = 83
	JoinRequests        Table = 84
	JoinRequestsOf      Table = 85
	OpenShares          Table = 86
	PrincipalWords      Table = 88
	GroupsByName        Table = 89
	Admins              Table = 90
	UpkeepDays          Table = 94
	Notices             Table = 95
	GroupWords          Table = 97
	Settings            Table = 98
	PresenceDays        Table = 99

	// Reserved, so that what belongs together later has its number now:
	//  26 links                           27 links by token
	//  28 links by short code             29 link sessions
	//  30 holds                           31 holds by node
	//  32 retention rules                 33 outside identities by (issuer, subject)
	//  34 second factors                  35 passkeys
	//  46 manifests sent ahead
	//  52 quotas                          53 usage
	//  54 budgets                         55 audit events
	//  56 audit heads                     57 groups of the trash
	//  80 connectors                      81 mappings of connectors
	//  82 webhooks                        91 marks of the garbage collection
	//  93 locks
)

// Scope says what a table's keys begin with.
type Scope uint8

// The scopes.
const (
	Global    Scope = 1 // keys are of the whole installation
	PerTenant Scope = 2 // keys begin with the tenant's number
)

// Class orders the scrub: lower ones first.
type Class uint8

// The classes.
const (
	ClassAccess  Class = 1 // decides who may do what
	ClassTree    Class = 2 // names and places
	ClassContent Class = 3 // which bytes
	ClassHistory Class = 4 // what happened
)

// A Def is what the registry says of a table.
type Def struct {
	No    Table
	Name  string
	Scope Scope
	Class Class
	// AbsenceWaits: that a key is absent, or that a scan is complete, is told
	// only after the scrub has verified the table since the open. Where it is
	// false another record says what must be there: the folder's counts and
	// digest, the node, the share.
	AbsenceWaits bool
}

// Tables lists the registry in the order of the scrub: by class, then number.
func Tables() []Def {
	return []Def{
		{Partners, "partners", Global, ClassAccess, true},
		{Tenants, "tenants", Global, ClassAccess, true},
		{TenantsByID, "tenants_by_id", Global, ClassAccess, true},
		{Users, "users", PerTenant, ClassAccess, true},
		{UsersByEmail, "users_by_email", Global, ClassAccess, true},
		{Sessions, "sessions", PerTenant, ClassAccess, true},
		{RefreshTokens, "refresh_tokens", Global, ClassAccess, true},
		{Shares, "shares", PerTenant, ClassAccess, true},
		{Entries, "entries", PerTenant, ClassAccess, false},
		{Exceptions, "exceptions", PerTenant, ClassAccess, false},
		{ServiceTokensByHash, "service_tokens_by_hash", Global, ClassAccess, true},
		// Who is in which group has its seal in user and group.
		{Groups, "groups", PerTenant, ClassAccess, true},
		{GroupMembers, "group_members", PerTenant, ClassAccess, true},
		{GroupsOf, "groups_of", PerTenant, ClassAccess, false},
		{ShareMembers, "share_members", PerTenant, ClassAccess, true},
		{SharesOf, "shares_of", PerTenant, ClassAccess, true},
		{Invitations, "invitations", PerTenant, ClassAccess, true},
		{InvitationsByEmail, "invitations_by_email", PerTenant, ClassAccess, true},
		{Named, "named", PerTenant, ClassAccess, true},
		{ServiceTokens, "service_tokens", PerTenant, ClassAccess, true},
		// Absence here means that a request is carried out.
		{Answers, "answers", PerTenant, ClassAccess, true},
		{AnswersByRequest, "answers_by_request", PerTenant, ClassAccess, true},
		{Slugs, "slugs", PerTenant, ClassAccess, true},
		{JoinRequests, "join_requests", PerTenant, ClassAccess, true},
		{JoinRequestsOf, "join_requests_of", PerTenant, ClassAccess, true},
		{GroupsByName, "groups_by_name", PerTenant, ClassAccess, true},
		{Admins, "admins", PerTenant, ClassAccess, true},
		// A start does not wait for them. Were they gone, defaults would count until the
		// scrub has come here and found the table damaged.
		{Settings, "settings", Global, ClassAccess, false},
		{Nodes, "nodes", PerTenant, ClassTree, true},
		{Children, "children", PerTenant, ClassTree, false},
		{Trash, "trash", PerTenant, ClassTree, true},
		{TrashByParent, "trash_by_parent", PerTenant, ClassTree, true},
		{Purges, "purges", PerTenant, ClassTree, true},
		{Versions, "versions", PerTenant, ClassContent, true},
		// A part that is missing is sent again, a session that is missing begun again.
		{Uploads, "uploads", PerTenant, ClassContent, false},
		{UploadParts, "upload_parts", PerTenant, ClassContent, false},
		// What a job has yet to do, and what takes it back, is told by its tasks alone.
		{Jobs, "jobs", PerTenant, ClassContent, false},
		{JobTasks, "job_tasks", PerTenant, ClassContent, true},
		{JobUndos, "job_undos", PerTenant, ClassContent, true},
		{JobNotes, "job_notes", PerTenant, ClassContent, false},
		// What an open conflict keeps is kept nowhere else.
		{Conflicts, "conflicts", PerTenant, ClassContent, true},
		{ConflictsByShare, "conflicts_by_share", PerTenant, ClassContent, true},
		{ConflictsByNode, "conflicts_by_node", PerTenant, ClassContent, true},
		{Changes, "changes", PerTenant, ClassHistory, false},
		{Comments, "comments", PerTenant, ClassHistory, false},
		{CommentNodes, "comment_nodes", PerTenant, ClassHistory, false},
		{Tags, "tags", PerTenant, ClassHistory, false},
		{Tagged, "tagged", PerTenant, ClassHistory, false},
		// A mark that is missing is set again.
		{Favourites, "favourites", PerTenant, ClassHistory, false},
		{Recents, "recents", PerTenant, ClassHistory, false},
		{Devices, "devices", PerTenant, ClassHistory, false},
		{Outcomes, "outcomes", PerTenant, ClassHistory, false},
		{OutcomeRounds, "outcome_rounds", PerTenant, ClassHistory, false},
		{DeviceShares, "device_shares", PerTenant, ClassHistory, false},
		{OpenShares, "open_shares", PerTenant, ClassHistory, false},
		{PrincipalWords, "principal_words", PerTenant, ClassHistory, false},
		// Without the count of days it begins anew, and nothing expires until it has
		// come as far again.
		{UpkeepDays, "upkeep_days", Global, ClassHistory, false},
		{Notices, "notices", PerTenant, ClassHistory, false},
		{GroupWords, "group_words", PerTenant, ClassHistory, false},
		{PresenceDays, "presence_days", PerTenant, ClassHistory, false},
	}
}

// Lookup finds a table's definition.
func Lookup(t Table) (Def, bool) {
	for _, d := range Tables() {
		if d.No == t {
			return d, true
		}
	}
	return Def{}, false
}

// String gives the table's name.
func (t Table) String() string {
	if d, ok := Lookup(t); ok {
		return d.Name
	}
	return "unknown table"
}

// The table of all routes, and how a route is added to it:
//
//  1. A row in [routes]: method, path, handler, who may call it, the limit of its
//     body, how long it may take, its cost. The router and the guards read it.
//  2. Its description, the row's last value: an [op] in the ops_*.go of its
//     resource, with the parameters, the body and the answers as values of package
//     wire. The document at /api/v1/openapi.json and the page at /docs read it. A
//     row without one does not compile; an empty one fails TestEveryRouteIsDescribed.
//  3. A scenario in the API tests: each of their answers is held against the
//     document, so that a status, a field or a media type that the description
//     does not tell fails there.
//
// Statuses that follow from a row need no words (openapi.Route.Failures lists
// them): 401 and 403 where a token is needed, 404 where the path holds an ID, 422
// where there are parameters or fields, 413 and 415 where there is a body, 507
// where something is written, and 400, 429, 500, 503 everywhere.

package httpd

import (
	"slices"

	"scaidrive/engine"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

// who may call a route.
type who uint8

// The zero value is nobody's: a row that does not say who may call is refused when
// the server is made.
const (
	anyone   who = iota + 1
	signedIn     // with any scope
	reader       // with files:read
	writer       // with files:write

	// With the scope, and the role stored in the database.
	tenantAdmin  // of the tenant
	partnerAdmin // of the partner
	superAdmin   // of the server
)

func (w who) scope() string {
	switch w {
	case reader:
		return engine.ScopeFilesRead
	case writer:
		return engine.ScopeFilesWrite
	case tenantAdmin:
		return engine.ScopeTenantAdmin
	case partnerAdmin:
		return engine.ScopePartnerAdmin
	case superAdmin:
		return engine.ScopeAdmin
	}
	return ""
}

// roles are those that a caller must have one of, as the database says; nil: none.
func (w who) roles() []engine.AdminRole {
	switch w {
	case tenantAdmin:
		return []engine.AdminRole{engine.RoleTenantAdmin, engine.RoleSuperAdmin}
	case partnerAdmin:
		return []engine.AdminRole{engine.RolePartnerAdmin, engine.RoleSuperAdmin}
	case superAdmin:
		return []engine.AdminRole{engine.RoleSuperAdmin}
	}
	return nil
}

// allowed answers nil for a caller whose token and role go that far.
func (w who) allowed(p *engine.Principal) error {
	if scope := w.scope(); scope != "" && !p.Has(scope) {
		return engine.E(engine.KindForbidden, "The token lacks the scope %s", scope)
	}
	if roles := w.roles(); roles != nil && !slices.Contains(roles, p.Role) {
		return engine.E(engine.KindForbidden, "This is for administrators")
	}
	return nil
}

// A kind says how long a call may take.
type kind uint8

const (
	quick   kind = iota // a minute
	bulk                // as long as bytes flow
	waiting             // a minute beyond what it waits
)

// Limits of bodies, in bytes.
const (
	noBody     int64 = 0 // what is sent is passed over
	jsonBody   int64 = 1 << 20
	applyBody  int64 = 16 << 20
	chunksBody int64 = 64<<20 + 1<<20 // the bytes, and as much framing as fits
	anyBody    int64 = -1             // the service bounds it
)

// The cost of a call in units of the contract's rate limits.
const (
	costGet   = 1
	costList  = 2
	costWrite = 2
	costBytes = 5
)

// A route is a line of the table of all that the server answers. A path's "{…}"
// stands for one segment. HEAD is answered wherever GET is.
type route struct {
	method  string
	path    string
	handler func(*call) error
	who     who
	limit   int64 // of the body
	kind    kind
	cost    int64
	op      op // what it takes and gives
}

// described gives the row as the document reads it.
func (rt *route) described() openapi.Route {
	o := openapi.Route{
		Method: rt.method, Address: rt.path, Public: rt.who == anyone, Scope: rt.who.scope(),
		BodyLimit: rt.limit, Cost: rt.cost, Op: rt.op,
	}
	if _, ok := keyedRoutes()[rt.method+" "+rt.path]; ok {
		o.Header = append(slices.Clip(o.Header), withKey)
		o.Fails = append(slices.Clip(o.Fails), failsOfKey...)
	}
	return o
}

// routes is the table.
func routes() []route {
	return []route{
		{"GET", "/", getPage, anyone, noBody, quick, costGet, opGetPage},
		{"GET", "/assets/{name}", getAsset, anyone, noBody, quick, costGet, opGetAsset},

		{"GET", "/docs", getDocs, anyone, noBody, quick, costGet, opGetDocs},
		{"GET", "/docs/style.css", getDocsStyle, anyone, noBody, quick, costGet, opGetDocsStyle},
		{"GET", "/api/v1/openapi.json", getDocument, anyone, noBody, quick, costGet, opGetDocument},

		{"GET", "/metrics", getMetrics, signedIn, noBody, quick, costList, opGetMetrics},
		{"GET", "/api/v1/config", getConfig, anyone, noBody, quick, costGet, opGetConfig},
		{"GET", "/api/v1/health", getHealth, anyone, noBody, quick, costGet, opGetHealth},
		{"GET", "/api/v1/ready", getReady, anyone, noBody, quick, costGet, opGetReady},

		{"POST", "/api/v1/auth/login", login, anyone, jsonBody, quick, costWrite, opLogin},
		{"POST", "/api/v1/auth/session", openSession, anyone, jsonBody, quick, costWrite, opOpenSession},
		{"POST", "/api/v1/auth/token", refreshToken, anyone, jsonBody, quick, costWrite, opRefreshToken},
		{"POST", "/api/v1/auth/logout", logout, signedIn, noBody, quick, costWrite, opLogout},

		{"GET", "/api/v1/auth/tokens", listServiceTokens, signedIn, noBody, quick, costList, opListServiceTokens},
		{"POST", "/api/v1/auth/tokens", createServiceToken, signedIn, jsonBody, quick, costWrite, opCreateServiceToken},
		{"DELETE", "/api/v1/auth/tokens/{id}", deleteServiceToken, signedIn, noBody, quick, costWrite, opDeleteServiceToken},

		{"GET", "/api/v1/users/me", getMe, signedIn, noBody, quick, costGet, opGetMe},
		{"GET", "/api/v1/users/me/shares", listMyShares, reader, noBody, quick, costList, opListMyShares},
		{"GET", "/api/v1/users/me/favorites", listFavourites, reader, noBody, quick, costList, opListFavourites},
		{"POST", "/api/v1/users/me/favorites", addFavourite, writer, jsonBody, quick, costWrite, opAddFavourite},
		{"DELETE", "/api/v1/users/me/favorites", removeFavourite, writer, jsonBody, quick, costWrite, opRemoveFavourite},
		{"GET", "/api/v1/users/me/recent", listRecent, reader, noBody, quick, costList, opListRecent},
		{"GET", "/api/v1/users/me/quota", getMyQuota, reader, noBody, quick, costGet, opGetMyQuota},
		{"GET", "/api/v1/users/me/stats", getMyStats, reader, noBody, quick, costList, opGetMyStats},

		{"GET", "/api/v1/notices", listNotices, reader, noBody, quick, costList, opListNotices},
		{"POST", "/api/v1/notices/read", readNotices, writer, jsonBody, quick, costWrite, opReadNotices},

		{"GET", "/api/v1/shares", listShares, reader, noBody, quick, costList, opListShares},
		{"POST", "/api/v1/shares", createShare, writer, jsonBody, quick, costWrite, opCreateShare},
		{"GET", "/api/v1/shares/{id}", getShare, reader, noBody, quick, costGet, opGetShare},
		{"PATCH", "/api/v1/shares/{id}", updateShare, writer, jsonBody, quick, costWrite, opUpdateShare},
		{"DELETE", "/api/v1/shares/{id}", deleteShare, writer, noBody, quick, costWrite, opDeleteShare},
		{"GET", "/api/v1/shares/search/principals", searchPrincipals, reader, noBody, quick, costList, opSearchPrincipals},

		{"POST", "/api/v1/auth/activate", activate, anyone, jsonBody, quick, costWrite, opActivate},
		{"GET", "/api/v1/admin/dashboard", getDashboard, tenantAdmin, noBody, quick, costList, opGetDashboard},
		{"GET", "/api/v1/admin/tenant", getTenant, tenantAdmin, noBody, quick, costGet, opGetTenant},
		{"PATCH", "/api/v1/admin/tenant", updateTenant, tenantAdmin, jsonBody, quick, costWrite, opUpdateTenant},
		{"GET", "/api/v1/admin/settings", getSettings, superAdmin, noBody, quick, costGet, opGetSettings},
		{"PATCH", "/api/v1/admin/settings", updateSettings, superAdmin, jsonBody, quick, costWrite, opUpdateSettings},
		{"GET", "/api/v1/admin/partners", listPartners, partnerAdmin, noBody, quick, costList, opListPartners},
		{"POST", "/api/v1/admin/partners", createPartner, superAdmin, jsonBody, quick, costWrite, opCreatePartner},
		{"POST", "/api/v1/admin/partners/{id}/suspend", setPartner(engine.StatusSuspended), superAdmin, noBody, quick, costWrite, opSuspendPartner},
		{"POST", "/api/v1/admin/partners/{id}/activate", setPartner(engine.StatusActive), superAdmin, noBody, quick, costWrite, opActivatePartner},
		{"GET", "/api/v1/admin/partners/{id}/tenants", listTenants, partnerAdmin, noBody, quick, costList, opListTenants},
		{"POST", "/api/v1/admin/partners/{id}/tenants", createTenant, partnerAdmin, jsonBody, quick, costWrite, opCreateTenant},
		{"POST", "/api/v1/admin/partners/{id}/tenants/{tenant_id}/suspend", setTenant(engine.StatusSuspended), partnerAdmin, noBody, quick, costWrite, opSuspendTenant},
		{"POST", "/api/v1/admin/partners/{id}/tenants/{tenant_id}/activate", setTenant(engine.StatusActive), partnerAdmin, noBody, quick, costWrite, opActivateTenant},
		{"GET", "/api/v1/admin/users", listUsers, tenantAdmin, noBody, quick, costList, opListUsers},
		{"POST", "/api/v1/admin/users", createUser, tenantAdmin, jsonBody, quick, costWrite, opCreateUser},
		{"GET", "/api/v1/admin/users/{id}", aUser(200, getUser), tenantAdmin, noBody, quick, costGet, opGetUser},
		{"PATCH", "/api/v1/admin/users/{id}", aUser(200, updateUser), tenantAdmin, jsonBody, quick, costWrite, opUpdateUser},
		{"DELETE", "/api/v1/admin/users/{id}", deleteUser, tenantAdmin, noBody, quick, costWrite, opDeleteUser},
		{"POST", "/api/v1/admin/users/{id}/suspend", aUser(200, suspendUser), tenantAdmin, noBody, quick, costWrite, opSuspendUser},
		{"POST", "/api/v1/admin/users/{id}/activate", aUser(200, activateUser), tenantAdmin, noBody, quick, costWrite, opActivateUser},
		{"POST", "/api/v1/admin/users/{id}/resync", askUserResync, tenantAdmin, noBody, quick, costWrite, opAskUserResync},
		{"POST", "/api/v1/admin/users/{id}/reset-password", aUser(200, resetPassword), tenantAdmin, jsonBody, quick, costWrite, opResetPassword},
		{"GET", "/api/v1/admin/groups", listGroups, tenantAdmin, noBody, quick, costList, opListGroups},
		{"POST", "/api/v1/admin/groups", createGroup, tenantAdmin, jsonBody, quick, costWrite, opCreateGroup},
		{"GET", "/api/v1/admin/groups/{id}", getGroup, tenantAdmin, noBody, quick, costGet, opGetGroup},
		{"PATCH", "/api/v1/admin/groups/{id}", updateGroup, tenantAdmin, jsonBody, quick, costWrite, opUpdateGroup},
		{"DELETE", "/api/v1/admin/groups/{id}", deleteGroup, tenantAdmin, noBody, quick, costWrite, opDeleteGroup},
		{"GET", "/api/v1/admin/groups/{id}/members", listGroupMembers, tenantAdmin, noBody, quick, costList, opListGroupMembers},
		{"POST", "/api/v1/admin/groups/{id}/members", addGroupMember, tenantAdmin, jsonBody, quick, costWrite, opAddGroupMember},
		{"DELETE", "/api/v1/admin/groups/{id}/members/{principal_id}", removeGroupMember, tenantAdmin, noBody, quick, costWrite, opRemoveGroupMember},

		{"GET", "/api/v1/shares/discoverable", listDiscoverable, reader, noBody, quick, costList, opListDiscoverable},
		{"GET", "/api/v1/shares/{id}/join-requests", listJoins, reader, noBody, quick, costList, opListJoins},
		{"POST", "/api/v1/shares/{id}/join-requests", askToJoin, writer, jsonBody, quick, costWrite, opAskToJoin},
		{"DELETE", "/api/v1/shares/{id}/join-requests/{user_id}", withdrawJoin, writer, noBody, quick, costWrite, opWithdrawJoin},
		{"POST", "/api/v1/shares/{id}/join-requests/{user_id}/accept", acceptJoin, writer, jsonBody, quick, costWrite, opAcceptJoin},
		{"POST", "/api/v1/shares/{id}/join-requests/{user_id}/refuse", refuseJoin, writer, noBody, quick, costWrite, opRefuseJoin},
		{"GET", "/api/v1/users/me/join-requests", listMyJoins, reader, noBody, quick, costList, opListMyJoins},

		{"GET", "/api/v1/shares/{id}/members", listMembers, reader, noBody, quick, costList, opListMembers},
		{"POST", "/api/v1/shares/{id}/members", addMember, writer, jsonBody, quick, costWrite, opAddMember},
		{"PATCH", "/api/v1/shares/{id}/members/{principal_id}", updateMember, writer, jsonBody, quick, costWrite, opUpdateMember},
		{"DELETE", "/api/v1/shares/{id}/members/{principal_id}", removeMember, writer, noBody, quick, costWrite, opRemoveMember},
		{"GET", "/api/v1/shares/{id}/invitations", listInvitations, reader, noBody, quick, costList, opListInvitations},
		{"POST", "/api/v1/shares/{id}/invitations", createInvitation, writer, jsonBody, quick, costWrite, opCreateInvitation},
		{"DELETE", "/api/v1/shares/{id}/invitations/{invitation_id}", deleteInvitation, writer, noBody, quick, costWrite, opDeleteInvitation},
		{"GET", "/api/v1/users/me/invitations", listMyInvitations, reader, noBody, quick, costList, opListMyInvitations},
		{"POST", "/api/v1/users/me/invitations/{id}/accept", acceptInvitation, writer, noBody, quick, costWrite, opAcceptInvitation},
		{"POST", "/api/v1/users/me/invitations/{id}/decline", declineInvitation, writer, noBody, quick, costWrite, opDeclineInvitation},
		{"POST", "/api/v1/permissions/ownership/share/{id}/transfer", transferShare, writer, jsonBody, quick, costWrite, opTransferShare},

		{"GET", "/api/v1/permissions/check", getCheck, reader, noBody, quick, costGet, opGetCheck},
		{"POST", "/api/v1/permissions/check", postCheck, reader, jsonBody, quick, costGet, opPostCheck},
		{"POST", "/api/v1/permissions/check/batch", postCheckBatch, reader, jsonBody, quick, costList, opPostCheckBatch},
		{"GET", "/api/v1/permissions/effective", getEffective, reader, noBody, quick, costGet, opGetEffective},
		{"GET", "/api/v1/permissions/acl/{resource_type}/{id}", getACL, reader, noBody, quick, costList, opGetACL},
		{"POST", "/api/v1/permissions/acl/{resource_type}/{id}", setACLEntry, writer, jsonBody, quick, costWrite, opSetACLEntry},
		{"PUT", "/api/v1/permissions/acl/{resource_type}/{id}", putACL, writer, jsonBody, quick, costWrite, opPutACL},
		{"DELETE", "/api/v1/permissions/acl/{resource_type}/{id}", removeACLEntry, writer, jsonBody, quick, costWrite, opRemoveACLEntry},
		{"PUT", "/api/v1/permissions/acl/{resource_type}/{id}/inheritance", setInheritance, writer, jsonBody, quick, costWrite, opSetInheritance},
		{"POST", "/api/v1/permissions/ownership/{resource_type}/{id}/transfer", transferNode, writer, jsonBody, quick, costWrite, opTransferNode},

		{"POST", "/api/v1/folders", createFolder, writer, jsonBody, quick, costWrite, opCreateFolder},
		{"GET", "/api/v1/folders/{id}", getFolder, reader, noBody, quick, costGet, opGetFolder},
		{"GET", "/api/v1/folders/{id}/children", listChildren, reader, noBody, quick, costList, opListChildren},
		{"GET", "/api/v1/folders/{id}/archive", getFolderArchive, reader, noBody, bulk, costBytes, opGetFolderArchive},
		{"PATCH", "/api/v1/folders/{id}", folder(updateNode), writer, jsonBody, quick, costWrite, opUpdateFolder},
		{"DELETE", "/api/v1/folders/{id}", folder(deleteNode), writer, noBody, quick, costWrite, opDeleteFolder},
		{"POST", "/api/v1/folders/{id}/restore", folder(restoreNode), writer, noBody, quick, costWrite, opRestoreFolder},
		{"POST", "/api/v1/folders/{id}/move", folder(moveNode), writer, jsonBody, quick, costWrite, opMoveFolder},
		{"POST", "/api/v1/folders/{id}/copy", folder(copyNode), writer, jsonBody, quick, costWrite, opCopyFolder},

		{"POST", "/api/v1/files", uploadFile, writer, anyBody, bulk, costBytes, opUploadFile},
		{"GET", "/api/v1/files/{id}", getFile, reader, noBody, quick, costGet, opGetFile},
		{"GET", "/api/v1/files/{id}/content", getContent, reader, noBody, bulk, costBytes, opGetContent},
		{"GET", "/api/v1/files/{id}/preview", getPreview, reader, noBody, quick, costBytes, opGetPreview},
		{"POST", "/api/v1/files/thumbnails", getThumbnails, reader, jsonBody, bulk, costBytes, opGetThumbnails},
		{"GET", "/api/v1/files/{id}/versions", listVersions, reader, noBody, quick, costList, opListVersions},
		{"POST", "/api/v1/files/{id}/versions/{version}/restore", file(restoreVersion), writer, noBody, quick, costWrite, opRestoreVersion},
		{"PATCH", "/api/v1/files/{id}", file(updateNode), writer, jsonBody, quick, costWrite, opUpdateFile},
		{"DELETE", "/api/v1/files/{id}", file(deleteNode), writer, noBody, quick, costWrite, opDeleteFile},
		{"POST", "/api/v1/files/{id}/restore", file(restoreNode), writer, noBody, quick, costWrite, opRestoreFile},
		{"POST", "/api/v1/files/{id}/move", file(moveNode), writer, jsonBody, quick, costWrite, opMoveFile},
		{"POST", "/api/v1/files/{id}/copy", file(copyNode), writer, jsonBody, quick, costWrite, opCopyFile},

		{"GET", "/api/v1/files/{id}/comments", file(listComments), reader, noBody, quick, costList, opListFileComments},
		{"POST", "/api/v1/files/{id}/comments", file(addComment), writer, jsonBody, quick, costWrite, opAddFileComment},
		{"GET", "/api/v1/folders/{id}/comments", folder(listComments), reader, noBody, quick, costList, opListFolderComments},
		{"POST", "/api/v1/folders/{id}/comments", folder(addComment), writer, jsonBody, quick, costWrite, opAddFolderComment},
		{"PATCH", "/api/v1/comments/{id}", editComment, writer, jsonBody, quick, costWrite, opEditComment},
		{"DELETE", "/api/v1/comments/{id}", deleteComment, writer, noBody, quick, costWrite, opDeleteComment},
		{"GET", "/api/v1/files/{id}/tags", file(getTags), reader, noBody, quick, costGet, opGetFileTags},
		{"PUT", "/api/v1/files/{id}/tags", file(setTags), writer, jsonBody, quick, costWrite, opSetFileTags},
		{"GET", "/api/v1/folders/{id}/tags", folder(getTags), reader, noBody, quick, costGet, opGetFolderTags},
		{"PUT", "/api/v1/folders/{id}/tags", folder(setTags), writer, jsonBody, quick, costWrite, opSetFolderTags},
		{"GET", "/api/v1/tags", listTags, reader, noBody, quick, costList, opListTags},
		{"GET", "/api/v1/tagged", listTagged, reader, noBody, quick, costList, opListTagged},
		{"GET", "/api/v1/activity", listActivity, reader, noBody, quick, costList, opListActivity},

		{"POST", "/api/v1/archives", createArchive, reader, jsonBody, quick, costWrite, opCreateArchive},
		{"GET", "/api/v1/archives/{ticket}", getArchive, anyone, noBody, bulk, costBytes, opGetArchive},

		{"GET", "/api/v1/trash", listTrash, reader, noBody, quick, costList, opListTrash},
		{"DELETE", "/api/v1/trash", emptyTrash, writer, noBody, quick, costWrite, opEmptyTrash},
		{"POST", "/api/v1/trash/groups/{id}/restore", restoreGroup, writer, noBody, quick, costWrite, opRestoreGroup},

		{"POST", "/api/v1/jobs", createJob, writer, jsonBody, quick, costWrite, opCreateJob},
		{"GET", "/api/v1/jobs", listJobs, reader, noBody, quick, costList, opListJobs},
		{"GET", "/api/v1/jobs/{id}", getJob, reader, noBody, quick, costGet, opGetJob},
		{"POST", "/api/v1/jobs/{id}/undo", undoJob, writer, noBody, quick, costWrite, opUndoJob},
		{"POST", "/api/v1/jobs/{id}/cancel", cancelJob, writer, noBody, quick, costWrite, opCancelJob},

		{"POST", "/api/v1/uploads", createUpload, writer, jsonBody, quick, costWrite, opCreateUpload},
		{"GET", "/api/v1/uploads/{id}", getUpload, reader, noBody, quick, costGet, opGetUpload},
		{"DELETE", "/api/v1/uploads/{id}", deleteUpload, writer, noBody, bulk, costWrite, opDeleteUpload},
		{"PUT", "/api/v1/uploads/{id}/chunks/{i}", putUploadPart, writer, anyBody, bulk, costBytes, opPutUploadPart},
		{"PUT", "/api/v1/uploads/{id}/content", putUploadContent, writer, anyBody, bulk, costBytes, opPutUploadContent},
		{"POST", "/api/v1/uploads/{id}/complete", completeUpload, writer, noBody, bulk, costWrite, opCompleteUpload},

		{"GET", "/api/v1/sync/tree", getTree, reader, noBody, quick, costList, opGetTree},
		{"POST", "/api/v1/sync/chunks/query", queryChunks, writer, jsonBody, quick, costWrite, opQueryChunks},
		{"POST", "/api/v1/sync/chunks", receiveChunks, writer, chunksBody, bulk, costBytes, opReceiveChunks},
		{"POST", "/api/v1/sync/chunks/fetch", fetchChunks, reader, jsonBody, bulk, costBytes, opFetchChunks},
		{"POST", "/api/v1/sync/files/fetch", fetchFiles, reader, jsonBody, bulk, costBytes, opFetchFiles},
		{"PUT", "/api/v1/sync/manifests/{sha256}", putManifest, writer, wire.ManifestPieceLimit, bulk, costBytes, opPutManifest},
		{"GET", "/api/v1/sync/manifest/{file_id}", getManifest, reader, noBody, quick, costGet, opGetManifest},
		{"GET", "/api/v1/sync/conflicts", listConflicts, reader, noBody, quick, costList, opListConflicts},
		{"POST", "/api/v1/sync/conflicts/{id}/resolve", resolveConflict, writer, noBody, quick, costWrite, opResolveConflict},
		{"GET", "/api/v1/sync/conflicts/{id}/content", getConflictContent, reader, noBody, bulk, costBytes, opGetConflictContent},
		{"POST", "/api/v1/auth/ticket", giveTicket, signedIn, noBody, quick, costWrite, opGiveTicket},
		{"GET", "/api/v1/sync/ws/{device_id}", syncSocket, anyone, noBody, quick, costGet, opSyncSocket},
		{"GET", "/api/v1/realtime/ws", realtimeSocket, anyone, noBody, quick, costGet, opRealtimeSocket},
		{"GET", "/api/v1/sync/changes", getChanges, reader, noBody, waiting, costList, opGetChanges},
		{"GET", "/api/v1/sync/status", getSyncStatus, reader, noBody, quick, costList, opGetSyncStatus},
		{"POST", "/api/v1/sync/status", reportSyncStatus, writer, jsonBody, quick, costWrite, opReportSyncStatus},
		{"POST", "/api/v1/sync/status/resync", askResync, writer, noBody, quick, costWrite, opAskResync},
		{"POST", "/api/v1/sync/status/allow-deletes", allowDeletes, writer, noBody, quick, costWrite, opAllowDeletes},
		{"POST", "/api/v1/sync/cursor", setSyncCursor, writer, noBody, quick, costWrite, opSetSyncCursor},
		{"GET", "/api/v1/sync/download/{file_id}", download, reader, noBody, bulk, costBytes, opDownload},
		{"GET", "/api/v1/sync/devices", listDevices, reader, noBody, quick, costList, opListDevices},
		{"POST", "/api/v1/sync/devices", registerDevice, writer, jsonBody, quick, costWrite, opRegisterDevice},
		{"PATCH", "/api/v1/sync/devices/{device_id}", updateDevice, writer, jsonBody, quick, costWrite, opUpdateDevice},
		{"DELETE", "/api/v1/sync/devices/{device_id}", removeDevice, writer, noBody, quick, costWrite, opRemoveDevice},
		{"GET", "/api/v1/sync/preferences", getPreferences, reader, noBody, quick, costGet, opGetPreferences},
		{"PUT", "/api/v1/sync/preferences", setPreferences, writer, jsonBody, quick, costWrite, opSetPreferences},
		{"POST", "/api/v1/sync/apply", applyChanges, writer, applyBody, quick, costWrite, opApplyChanges},
	}
}

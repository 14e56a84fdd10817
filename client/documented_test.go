package client_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"scaidrive/client"
	"scaidrive/httpd"
	"scaidrive/httpd/openapi/openapitest"
	"scaidrive/httpd/wire"
)

const sampleULID = "01JD5Q8Z3K7M2N4P6R8S0T1V3W"

// calls has a call of every method of the client that asks the server, with all
// that it can send. A method that is not here fails the test.
func calls() map[string]func(context.Context, *client.Client) {
	const share, folder, file = "shr_" + sampleULID, "fld_" + sampleULID, "fil_" + sampleULID
	const version, upload, token, job, conflict = "ver_" + sampleULID, "upl_" + sampleULID, "tok_" + sampleULID, "job_" + sampleULID, "cfl_" + sampleULID
	const invitation, user, group, partner, tenant = "inv_" + sampleULID, "usr_" + sampleULID, "grp_" + sampleULID, "prt_" + sampleULID, "tnt_" + sampleULID
	role := "tenant_admin"
	yes, no, name, size, cursor, now := true, false, "b.txt", int64(3), int64(7), wire.Time{}
	now.Time = now.AddDate(2025, 0, 0)
	hash := wire.Hash{1}
	applies := "files_only"
	entry := wire.SetACLEntry{PrincipalType: "group", PrincipalID: group, Permissions: []string{"READ"}, ACEType: "allow", InheritToChildren: &yes, AppliesTo: &applies, OneLevel: true}
	return map[string]func(context.Context, *client.Client){
		"Login":    func(ctx context.Context, c *client.Client) { c.Login(ctx, "user@example.com", "x") },
		"Refresh":  func(ctx context.Context, c *client.Client) { c.Refresh(ctx, "rt_x") },
		"Config":   func(ctx context.Context, c *client.Client) { c.Config(ctx) },
		"Me":       func(ctx context.Context, c *client.Client) { c.Me(ctx) },
		"MyShares": func(ctx context.Context, c *client.Client) { c.MyShares(ctx) },

		"ServiceTokens": func(ctx context.Context, c *client.Client) { c.ServiceTokens(ctx) },
		"CreateServiceToken": func(ctx context.Context, c *client.Client) {
			c.CreateServiceToken(ctx, wire.CreateServiceToken{Name: "x", Scopes: []string{"files:read"}, ExpiresAt: &now})
		},
		"DeleteServiceToken": func(ctx context.Context, c *client.Client) { c.DeleteServiceToken(ctx, token) },

		"EachComment": func(ctx context.Context, c *client.Client) {
			c.EachComment(ctx, wire.TypeFile, file, func(*wire.Comment) (bool, error) { return true, nil })
		},
		"AddComment":    func(ctx context.Context, c *client.Client) { c.AddComment(ctx, wire.TypeFolder, folder, "x") },
		"EditComment":   func(ctx context.Context, c *client.Client) { c.EditComment(ctx, "cmt_"+sampleULID, "x") },
		"DeleteComment": func(ctx context.Context, c *client.Client) { c.DeleteComment(ctx, "cmt_"+sampleULID) },
		"Tags":          func(ctx context.Context, c *client.Client) { c.Tags(ctx, wire.TypeFile, file) },
		"SetTags":       func(ctx context.Context, c *client.Client) { c.SetTags(ctx, wire.TypeFolder, folder, nil) },
		"EachTag": func(ctx context.Context, c *client.Client) {
			c.EachTag(ctx, "x", func(*string) (bool, error) { return true, nil })
		},
		"EachTagged": func(ctx context.Context, c *client.Client) {
			c.EachTagged(ctx, "x", share, func(*wire.TaggedItem) (bool, error) { return true, nil })
		},
		"EachActivity": func(ctx context.Context, c *client.Client) {
			c.EachActivity(ctx, client.ActivityQuery{Share: share, File: file, User: user, From: now.Time, To: now.Time}, func(*wire.Activity) (bool, error) { return true, nil })
		},

		"Notices": func(ctx context.Context, c *client.Client) { c.Notices(ctx, true) },
		"ReadNotices": func(ctx context.Context, c *client.Client) {
			c.ReadNotices(ctx, []string{"ntc_" + sampleULID}, now.Time)
			c.ReadNotices(ctx, nil, now.Time)
		},

		"DiscoverableShares": func(ctx context.Context, c *client.Client) { c.DiscoverableShares(ctx) },
		"AskToJoin":          func(ctx context.Context, c *client.Client) { c.AskToJoin(ctx, share, wire.AskToJoin{Role: "reader"}) },
		"JoinRequests":       func(ctx context.Context, c *client.Client) { c.JoinRequests(ctx, share) },
		"AcceptJoin":         func(ctx context.Context, c *client.Client) { c.AcceptJoin(ctx, share, user, "reader") },
		"MyJoinRequests":     func(ctx context.Context, c *client.Client) { c.MyJoinRequests(ctx) },
		"WithdrawJoin":       func(ctx context.Context, c *client.Client) { c.WithdrawJoin(ctx, share, user) },
		"RefuseJoin":         func(ctx context.Context, c *client.Client) { c.RefuseJoin(ctx, share, user) },

		"Share": func(ctx context.Context, c *client.Client) { c.Share(ctx, share) },
		"CreateShare": func(ctx context.Context, c *client.Client) {
			c.CreateShare(ctx, wire.CreateShare{Name: "x", ShareType: "project", OwnerID: "usr_" + sampleULID, Description: "d", QuotaBytes: &size})
		},
		"FindShare":    func(ctx context.Context, c *client.Client) { c.FindShare(ctx, "x") },
		"Find":         func(ctx context.Context, c *client.Client) { c.Find(ctx, client.RemotePath{Share: "x"}) },
		"FindIn":       func(ctx context.Context, c *client.Client) { c.FindIn(ctx, share, []string{"a"}) },
		"Children":     func(ctx context.Context, c *client.Client) { c.Children(ctx, share, folder, "token") },
		"CreateFolder": func(ctx context.Context, c *client.Client) { c.CreateFolder(ctx, share, folder, "x") },
		"Archive": func(ctx context.Context, c *client.Client) {
			readAll(c.Archive(ctx, []wire.ArchiveItem{{ResourceType: wire.TypeFile, ID: file}, {ID: folder}, {ID: share}}))
		},
		"Tree": func(ctx context.Context, c *client.Client) {
			c.Tree(ctx, share, folder, func(*wire.Entry) error { return nil })
		},

		"Trash": func(ctx context.Context, c *client.Client) {
			c.Trash(ctx, wire.TypeFile, file)
			c.Trash(ctx, wire.TypeFolder, folder)
		},
		"Purge": func(ctx context.Context, c *client.Client) {
			c.Purge(ctx, wire.TypeFile, file)
			c.Purge(ctx, wire.TypeFolder, folder)
		},
		"Restore": func(ctx context.Context, c *client.Client) {
			c.Restore(ctx, wire.TypeFile, file)
			c.Restore(ctx, wire.TypeFolder, folder)
		},
		"Move": func(ctx context.Context, c *client.Client) {
			c.Move(ctx, wire.TypeFile, file, share, folder, name)
			c.Move(ctx, wire.TypeFolder, folder, share, "", "")
		},
		"Copy": func(ctx context.Context, c *client.Client) {
			c.Copy(ctx, wire.TypeFile, file, share, folder, name)
			c.Copy(ctx, wire.TypeFolder, folder, share, "", "")
		},
		"UpdateFile": func(ctx context.Context, c *client.Client) {
			c.UpdateFile(ctx, file, wire.UpdateFile{Name: &name, ModifiedAt: &now, Attributes: &wire.AttributesChange{Executable: &yes}, IsDeleted: &no})
		},
		"UpdateFolder": func(ctx context.Context, c *client.Client) {
			c.UpdateFolder(ctx, folder, wire.UpdateFolder{Name: &name, ModifiedAt: &now, IsDeleted: &no})
		},
		"TrashPage": func(ctx context.Context, c *client.Client) { c.TrashPage(ctx, share, "token") },
		"EachTrash": func(ctx context.Context, c *client.Client) {
			c.EachTrash(ctx, share, func(*wire.TrashItem) (bool, error) { return true, nil })
		},
		"EmptyTrash":     func(ctx context.Context, c *client.Client) { c.EmptyTrash(ctx, share) },
		"Versions":       func(ctx context.Context, c *client.Client) { c.Versions(ctx, file) },
		"RestoreVersion": func(ctx context.Context, c *client.Client) { c.RestoreVersion(ctx, file, 3) },
		"Content":        func(ctx context.Context, c *client.Client) { readAll(c.Content(ctx, file, 3, 0)) },
		"ReadContent":    func(ctx context.Context, c *client.Client) { c.ReadContent(ctx, file, 3, make([]byte, 2)) },

		"UpdateShare": func(ctx context.Context, c *client.Client) {
			c.UpdateShare(ctx, share, wire.UpdateShare{Name: &name, Description: &name, IsDeleted: &no})
		},
		"DeleteShare":      func(ctx context.Context, c *client.Client) { c.DeleteShare(ctx, share) },
		"DeletedShares":    func(ctx context.Context, c *client.Client) { c.DeletedShares(ctx) },
		"FindDeletedShare": func(ctx context.Context, c *client.Client) { c.FindDeletedShare(ctx, "x") },
		"FindPrincipals":   func(ctx context.Context, c *client.Client) { c.FindPrincipals(ctx, "ana") },
		"List": func(ctx context.Context, c *client.Client) {
			c.List(ctx, share, folder, client.ListQuery{Sort: "size", Reverse: true, Filter: "a", Permissions: true, Deleted: true}, "token")
		},
		"Favorites": func(ctx context.Context, c *client.Client) { c.Favorites(ctx) },
		"Recent":    func(ctx context.Context, c *client.Client) { c.Recent(ctx) },
		"Mark": func(ctx context.Context, c *client.Client) {
			c.Mark(ctx, wire.TypeFile, file, true)
			c.Mark(ctx, wire.TypeFolder, folder, false)
		},
		"Quota": func(ctx context.Context, c *client.Client) { c.Quota(ctx) },
		"Stats": func(ctx context.Context, c *client.Client) { c.Stats(ctx, 5) },

		"CreateJob": func(ctx context.Context, c *client.Client) {
			c.CreateJob(ctx, wire.CreateJob{Kind: wire.JobMove, Items: []wire.JobItem{{ResourceType: wire.TypeFile, ID: file, Name: name}}, Target: folder})
			c.CreateJob(ctx, wire.CreateJob{Kind: wire.JobRewind, Items: []wire.JobItem{{ID: share}}, At: &now, DryRun: true})
		},
		"Job":     func(ctx context.Context, c *client.Client) { c.Job(ctx, job) },
		"WaitJob": func(ctx context.Context, c *client.Client) { c.WaitJob(ctx, job, nil) },
		"EachJob": func(ctx context.Context, c *client.Client) {
			c.EachJob(ctx, func(*wire.Job) (bool, error) { return true, nil })
		},
		"UndoJob":      func(ctx context.Context, c *client.Client) { c.UndoJob(ctx, job) },
		"CancelJob":    func(ctx context.Context, c *client.Client) { c.CancelJob(ctx, job) },
		"RestoreGroup": func(ctx context.Context, c *client.Client) { c.RestoreGroup(ctx, job) },

		"CreateUpload": func(ctx context.Context, c *client.Client) {
			c.CreateUpload(ctx, wire.CreateUpload{ShareID: share, FileName: "x", FileSize: 3, FolderID: folder, ChunkSize: &size, MIMEType: "text/plain",
				ChecksumSHA256: &hash, ReplaceFileID: file, ModifiedAt: &now})
		},
		"PutUploadPart": func(ctx context.Context, c *client.Client) {
			c.PutUploadPart(ctx, upload, 0, strings.NewReader("abc"), 0, 3, hash)
		},
		"UploadProgress": func(ctx context.Context, c *client.Client) { c.UploadProgress(ctx, upload) },
		"CompleteUpload": func(ctx context.Context, c *client.Client) { c.CompleteUpload(ctx, upload, version) },
		"DeleteUpload":   func(ctx context.Context, c *client.Client) { c.DeleteUpload(ctx, upload) },

		"TreeAt": func(ctx context.Context, c *client.Client) {
			c.TreeAt(ctx, share, folder, func(*wire.Entry) error { return nil })
		},
		"Changes": func(ctx context.Context, c *client.Client) {
			c.Changes(ctx, share, client.Position{Cursor: 3, Epoch: "e1.ab"}, 20)
		},
		"FetchChunks": func(ctx context.Context, c *client.Client) {
			c.FetchChunks(ctx, file, 3, []wire.Hash{hash}, func(int, []byte) error { return nil })
		},
		"Conflicts":       func(ctx context.Context, c *client.Client) { c.Conflicts(ctx, share, "device", true) },
		"ConflictContent": func(ctx context.Context, c *client.Client) { c.ConflictContent(ctx, conflict) },
		"ResolveConflict": func(ctx context.Context, c *client.Client) { c.ResolveConflict(ctx, conflict, "KEEP_BOTH") },
		"Preferences":     func(ctx context.Context, c *client.Client) { c.Preferences(ctx, share, "dev_"+sampleULID) },
		"SetPreferences": func(ctx context.Context, c *client.Client) {
			c.SetPreferences(ctx, share, "dev_"+sampleULID, wire.SetSyncPreferences{ExcludedFolderIDs: []string{folder}, Paused: true})
		},
		"SetCursor": func(ctx context.Context, c *client.Client) {
			c.SetCursor(ctx, share, "dev_"+sampleULID, client.Position{Cursor: 7, Epoch: "x"})
		},
		"RegisterDevice": func(ctx context.Context, c *client.Client) {
			c.RegisterDevice(ctx, wire.RegisterDevice{DeviceID: "d", DeviceName: "Desk", Platform: "linux", ClientVersion: "1"})
		},

		"EachUser": func(ctx context.Context, c *client.Client) {
			c.EachUser(ctx, "a", "active", func(*wire.AdminUser) (bool, error) { return true, nil })
		},
		"User":     func(ctx context.Context, c *client.Client) { c.User(ctx, user) },
		"FindUser": func(ctx context.Context, c *client.Client) { c.FindUser(ctx, "a@example.com") },
		"CreateUser": func(ctx context.Context, c *client.Client) {
			c.CreateUser(ctx, wire.CreateUser{Email: "a@example.com", Name: "A", DisplayName: "A", Password: "x", AdminRole: &role, QuotaBytes: &size})
		},
		"UpdateUser": func(ctx context.Context, c *client.Client) {
			c.UpdateUser(ctx, user, wire.UpdateUser{Email: &name, Name: &name, DisplayName: &name, AdminRole: &role, QuotaBytes: &size})
		},
		"SuspendUser":  func(ctx context.Context, c *client.Client) { c.SuspendUser(ctx, user) },
		"ActivateUser": func(ctx context.Context, c *client.Client) { c.ActivateUser(ctx, user) },
		"ResetPassword": func(ctx context.Context, c *client.Client) {
			c.ResetPassword(ctx, user, "x")
			c.ResetPassword(ctx, user, "")
		},
		"DeleteUser": func(ctx context.Context, c *client.Client) {
			c.DeleteUser(ctx, user, group)
			c.DeleteUser(ctx, user, "")
		},
		"EachGroup": func(ctx context.Context, c *client.Client) {
			c.EachGroup(ctx, "a", func(*wire.Group) (bool, error) { return true, nil })
		},
		"FindGroup": func(ctx context.Context, c *client.Client) { c.FindGroup(ctx, "a") },
		"Group":     func(ctx context.Context, c *client.Client) { c.Group(ctx, group) },
		"CreateGroup": func(ctx context.Context, c *client.Client) {
			c.CreateGroup(ctx, wire.CreateGroup{Name: "a", Description: "b"})
		},
		"UpdateGroup": func(ctx context.Context, c *client.Client) {
			c.UpdateGroup(ctx, group, wire.UpdateGroup{Name: &name, Description: &name})
		},
		"DeleteGroup":  func(ctx context.Context, c *client.Client) { c.DeleteGroup(ctx, group, user) },
		"GroupMembers": func(ctx context.Context, c *client.Client) { c.GroupMembers(ctx, group) },
		"AddGroupMember": func(ctx context.Context, c *client.Client) {
			c.AddGroupMember(ctx, group, user)
			c.AddGroupMember(ctx, group, group)
		},
		"RemoveGroupMember": func(ctx context.Context, c *client.Client) { c.RemoveGroupMember(ctx, group, user) },
		"FindPrincipal":     func(ctx context.Context, c *client.Client) { c.FindPrincipal(ctx, "a") },
		"Members":           func(ctx context.Context, c *client.Client) { c.Members(ctx, share) },
		"AddMember": func(ctx context.Context, c *client.Client) {
			c.AddMember(ctx, share, wire.AddShareMember{PrincipalType: "user", PrincipalID: user, Role: "reader", ExpiresAt: &now})
		},
		"UpdateMember": func(ctx context.Context, c *client.Client) {
			reader := "reader"
			c.UpdateMember(ctx, share, user, wire.UpdateShareMember{Role: &reader, ExpiresAt: &now, Unlimited: &no})
		},
		"RemoveMember": func(ctx context.Context, c *client.Client) { c.RemoveMember(ctx, share, group) },
		"FindResource": func(ctx context.Context, c *client.Client) { c.FindResource(ctx, "x:/a") },
		"Allowed": func(ctx context.Context, c *client.Client) {
			c.Allowed(ctx, client.Resource{Type: wire.TypeFile, ID: file}, "READ")
		},
		"CheckAll": func(ctx context.Context, c *client.Client) {
			c.CheckAll(ctx, []wire.Check{{ResourceType: wire.TypeShare, ResourceID: share, Permission: "WRITE"}})
		},
		"Effective": func(ctx context.Context, c *client.Client) {
			c.Effective(ctx, client.Resource{Type: wire.TypeFolder, ID: folder}, group, true)
		},
		"ACL": func(ctx context.Context, c *client.Client) {
			c.ACL(ctx, client.Resource{Type: wire.TypeFolder, ID: folder})
		},
		"SetACLEntry": func(ctx context.Context, c *client.Client) {
			c.SetACLEntry(ctx, client.Resource{Type: wire.TypeFile, ID: file}, entry)
		},
		"PutACL": func(ctx context.Context, c *client.Client) {
			c.PutACL(ctx, client.Resource{Type: wire.TypeShare, ID: share}, wire.PutACL{Entries: []wire.SetACLEntry{entry}, InheritFromParent: &yes})
		},
		"RemoveACLEntry": func(ctx context.Context, c *client.Client) {
			c.RemoveACLEntry(ctx, client.Resource{Type: wire.TypeFile, ID: file}, wire.RemoveACLEntry{PrincipalType: "user", PrincipalID: user, ACEType: "deny", AppliesTo: entry.AppliesTo})
		},
		"SetInheritance": func(ctx context.Context, c *client.Client) {
			c.SetInheritance(ctx, client.Resource{Type: wire.TypeFolder, ID: folder}, false, true)
		},
		"GiveNode": func(ctx context.Context, c *client.Client) {
			c.GiveNode(ctx, client.Resource{Type: wire.TypeFile, ID: file}, user)
		},
		"TransferShare": func(ctx context.Context, c *client.Client) { c.TransferShare(ctx, share, group) },
		"Invite": func(ctx context.Context, c *client.Client) {
			c.Invite(ctx, share, wire.CreateInvitation{Email: "a@example.com", Role: "admin", Message: "m", ExpiresAt: &now})
		},
		"Dashboard":      func(ctx context.Context, c *client.Client) { c.Dashboard(ctx) },
		"ServerSettings": func(ctx context.Context, c *client.Client) { c.ServerSettings(ctx) },
		"UpdateServerSettings": func(ctx context.Context, c *client.Client) {
			c.UpdateServerSettings(ctx, map[string]any{"cors_origins": []string{"https://app.example.com"}, "changelog_days": 100, "log_requests": false, "rate_limit_profile": "public", "allowed_hosts": nil})
		},
		"Tenant": func(ctx context.Context, c *client.Client) { c.Tenant(ctx) },
		"UpdateTenant": func(ctx context.Context, c *client.Client) {
			days, creation := 3, "members"
			c.UpdateTenant(ctx, wire.UpdateTenant{DisplayName: &name, MaxFileSizeBytes: &size, DefaultShareQuotaBytes: &size, DefaultUserQuotaBytes: &size,
				TrashRetentionDays: &days, VersionRetentionDays: &days, VersionKeepLast: &days, VectorizationEnabled: &yes, RequireMFA: &no,
				WindowsCompatibleNames: &no, ShareCreation: &creation, Invitations: &no, PasswordMinLength: &days})
		},
		"Partners": func(ctx context.Context, c *client.Client) { c.Partners(ctx) },
		"Tenants":  func(ctx context.Context, c *client.Client) { c.Tenants(ctx, partner) },
		"CreateTenant": func(ctx context.Context, c *client.Client) {
			c.CreateTenant(ctx, partner, wire.CreateTenant{Name: "a", DisplayName: "A", AdminEmail: "a@example.com"})
		},
		"Invitations":       func(ctx context.Context, c *client.Client) { c.Invitations(ctx, share) },
		"DeleteInvitation":  func(ctx context.Context, c *client.Client) { c.DeleteInvitation(ctx, share, invitation) },
		"MyInvitations":     func(ctx context.Context, c *client.Client) { c.MyInvitations(ctx) },
		"AcceptInvitation":  func(ctx context.Context, c *client.Client) { c.AcceptInvitation(ctx, invitation) },
		"DeclineInvitation": func(ctx context.Context, c *client.Client) { c.DeclineInvitation(ctx, invitation) },
		"CreatePartner":     func(ctx context.Context, c *client.Client) { c.CreatePartner(ctx, wire.CreatePartner{Name: "P"}) },
		"SuspendPartner": func(ctx context.Context, c *client.Client) {
			c.SuspendPartner(ctx, partner, true)
			c.SuspendPartner(ctx, partner, false)
		},
		"SuspendTenant": func(ctx context.Context, c *client.Client) {
			c.SuspendTenant(ctx, partner, tenant, true)
			c.SuspendTenant(ctx, partner, tenant, false)
		},

		"Query":      func(ctx context.Context, c *client.Client) { c.Query(ctx, share, []wire.Hash{hash}) },
		"SendChunks": func(ctx context.Context, c *client.Client) { c.SendChunks(ctx, share, [][]byte{[]byte("abc")}) },
		"FetchFiles": func(ctx context.Context, c *client.Client) {
			c.FetchFiles(ctx, []wire.FileVersion{{FileID: file, Version: 3}, {FileID: file}}, func(wire.FileFrame, io.Reader) error { return nil })
		},
		"SyncStatus": func(ctx context.Context, c *client.Client) { c.SyncStatus(ctx, share, "d") },
		"ReportSync": func(ctx context.Context, c *client.Client) {
			c.ReportSync(ctx, share, "d", wire.SyncReport{Phase: "idle", Error: "e", Held: &wire.SyncHeld{Items: 1, Of: 2}, Waiting: []wire.SyncWaiting{{Path: "p", Reason: "r"}}, WaitingTotal: 1})
		},
		"AskResync":    func(ctx context.Context, c *client.Client) { c.AskResync(ctx, share, "d") },
		"AllowDeletes": func(ctx context.Context, c *client.Client) { c.AllowDeletes(ctx, share, "d") },
		"Ticket":       func(ctx context.Context, c *client.Client) { c.Ticket(ctx) },
		"Listen": func(ctx context.Context, c *client.Client) {
			c.Listen(ctx, "d", func() {}, func(*wire.Frame) {})
		},
		"SendManifest": func(ctx context.Context, c *client.Client) {
			p := client.ManifestPiece{Share: share, Name: hash, Chunking: "x", Total: 2, First: 1, Chunks: []wire.Chunk{{SHA256: hash, Size: 3}}, File: file, BaseVersion: version}
			c.SendManifest(ctx, p)
			p.Proofs = map[wire.Hash]wire.Hash{hash: hash}
			c.SendManifest(ctx, p)
		},
		"ManifestRuns": func(ctx context.Context, c *client.Client) { c.ManifestRuns(ctx, file, 3, 2) },
		"ManifestSince": func(ctx context.Context, c *client.Client) {
			c.ManifestSince(ctx, file, 3, 2, []wire.Chunk{{SHA256: hash, Size: 3}})
		},
		"Manifest": func(ctx context.Context, c *client.Client) { c.Manifest(ctx, file, 3) },
		"Apply": func(ctx context.Context, c *client.Client) {
			content := wire.Content{Size: 3, ChecksumSHA256: hash, Chunking: "x", Chunks: []wire.Chunk{{SHA256: hash, Size: 3}},
				Patch: []wire.PatchItem{{Keep: []uint32{0, 1}}, {SHA256: &hash, Size: 3}}, Sources: []wire.Source{{FileID: file, Version: 1}}, Proofs: map[string]wire.Hash{hash.String(): hash}}
			c.Apply(ctx, &wire.Apply{DeviceID: "d", ShareID: share, ConflictResolution: "KEEP_BOTH", BaseCursor: &cursor, ClientNow: &now, RoundID: "r", Atomic: true,
				Changes: []wire.Change{{ClientRef: "1", ResourceType: wire.TypeFile, ChangeType: wire.ChangeUpdated, ResourceID: file, ParentID: folder, Path: "/a", Name: "a",
					BaseVersion: version, VersionID: version, BaseParentID: folder, BaseName: "b", ModifiedAt: &now, SeenAt: &now, Attributes: &wire.ApplyAttrs{Executable: &yes}, Content: &content}}})
		},
		"ApplyBody": func(ctx context.Context, c *client.Client) {
			change := `{"client_ref":"1","resource_type":"folder","change_type":"created","parent_id":"` + folder + `","name":"a"}`
			c.ApplyBody(ctx, []byte(`{"device_id":"d","share_id":"`+share+`","changes":[`+change+`]}`), 1)
		},
	}
}

func readAll(r io.ReadCloser, _ int64, err error) {
	if err == nil {
		_, _ = io.Copy(io.Discard, r)
		r.Close()
	}
}

// TestRequestsAreDocumented has every method of the client ask, and holds what it
// sends (address, query, body with its fields) against the server's own document.
func TestRequestsAreDocumented(t *testing.T) {
	text, err := httpd.Document("test")
	if err != nil {
		t.Fatal(err)
	}
	contract, err := openapitest.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	asked, method := 0, ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		asked++
		if err := contract.Request(r, string(body)); err != nil {
			t.Errorf("%s: %s %s: %v", method, r.Method, r.URL, err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{}`)
	}))
	defer srv.Close()
	c, err := client.New(srv.URL, client.Options{Credentials: client.Static("tok"), Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	all := calls()
	for i := range reflect.TypeOf(c).NumMethod() {
		name := reflect.TypeOf(c).Method(i).Name
		if name == "Address" || name == "Close" {
			continue
		}
		call, ok := all[name]
		if !ok {
			t.Errorf("the method %s has no call in calls()", name)
			continue
		}
		mu.Lock()
		asked, method = 0, name
		mu.Unlock()
		call(t.Context(), c)
		if asked == 0 {
			t.Errorf("%s asked nothing", name)
		}
	}
	for _, bad := range []string{`{"name":"x","share_type":"project","colour":"red"}`, `{"name":"x"}`} {
		req := httptest.NewRequest("POST", "/api/v1/shares", bytes.NewReader(nil))
		req.Header.Set("Content-Type", "application/json")
		if contract.Request(req, bad) == nil {
			t.Errorf("%s is not noticed", bad)
		}
	}
}

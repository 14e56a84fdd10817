package openapi

// usual says of fields what is the same wherever a field of that name stands. The
// comment or the tag of a field in package wire goes before it.
func usual(name string) (u struct {
	about string
	is    string // as the tag "is" of package wire says it
}) {
	switch name {
	case "id":
		u.about = "The identifier."
	case "tenant_id":
		u.about, u.is = "The tenant.", "tnt_"
	case "partner_id":
		u.about, u.is = "The partner.", "prt_"
	case "share_id":
		u.about, u.is = "The share.", "shr_"
	case "folder_id":
		u.about, u.is = "The folder.", "fld_"
	case "parent_id":
		u.about, u.is = "The folder it is in.", "fld_"
	case "file_id":
		u.about, u.is = "The file.", "fil_"
	case "version_id":
		u.about, u.is = "The version.", "ver_"
	case "resource_id":
		u.about, u.is = "The file or folder.", "fil_|fld_"
	case "resource_type":
		u.about, u.is = "What it is.", "file|folder"
	case "session_id":
		u.about, u.is = "The upload session.", "upl_"
	case "owner_id":
		u.about, u.is = "Whom it belongs to.", "usr_|grp_"
	case "user_id":
		u.about, u.is = "The user.", "usr_"
	case "share_name":
		u.about = "The share's name."
	case "share_count":
		u.about = "How many shares."
	case "file_count":
		u.about = "How many files there are; null where they are not counted."
	case "folder_count":
		u.about = "How many folders there are; null where they are not counted."
	case "trash_bytes":
		u.about = "Bytes in the trash; null where they are not counted."
	case "version_bytes":
		u.about = "Bytes of older versions; null where they are not counted."
	case "started_at":
		u.about = "When it began; null: not yet."
	case "ended_at":
		u.about = "When it was over; null: not yet."
	case "dry_run":
		u.about = "Nothing was or is changed, only found out."
	case "bare":
		u.about = "Shown only as the way to something below it."
	case "scopes":
		u.about = "What the token allows."
	case "users", "groups", "jobs", "tokens":
		u.about = "The list."
	case "created_by":
		u.about, u.is = "Who made it.", "usr_"
	case "modified_by":
		u.about, u.is = "Who changed its content last.", "usr_"
	case "deleted_by":
		u.about, u.is = "Who deleted it.", "usr_"
	case "created_at":
		u.about = "When it was made."
	case "modified_at":
		u.about = "The time of the content, as the client told it."
	case "updated_at":
		u.about = "When the server last changed it."
	case "deleted_at":
		u.about = "When it was deleted."
	case "expires_at":
		u.about = "When it ends."
	case "name":
		u.about = "The name."
	case "display_name":
		u.about = "The name to show."
	case "description":
		u.about = "What it is for, in the words of its owner."
	case "email":
		u.about = "The e-mail address."
	case "path":
		u.about = `The path within the share, "/a/b".`
	case "type":
		u.about, u.is = "What it is.", "file|folder"
	case "mime_type":
		u.about = "The media type."
	case "size":
		u.about = "Bytes."
	case "used_bytes":
		u.about = "Bytes in use."
	case "quota_bytes":
		u.about = "How many bytes may be used; null: as many as the level above allows."
	case "checksum_sha256", "sha256":
		u.about = "The SHA-256 of the bytes."
	case "checksum_state":
		u.about, u.is = "Whether the server has computed the checksum itself.", "claimed|verified"
	case "version":
		u.about = "The number of the version, from 1."
	case "attributes":
		u.about = "What it carries beside its bytes."
	case "executable":
		u.about = "Whether it may be run."
	case "is_deleted":
		u.about = "Whether it is in the trash."
	case "total":
		u.about = "How many there are in all."
	case "total_exact":
		u.about = "False: total is a lower bound."
	case "items", "shares", "versions", "entries":
		u.about = "The page."
	case "next_page_token":
		u.about = "For the page_token of the next page; absent on the last."
	case "cursor":
		u.about = "The place in the log of changes."
	case "epoch":
		u.about = "Changes when cursors of before are of no use any more."
	case "chunking":
		u.about = "The name of the set of rules by which content is cut into chunks."
	case "role":
		u.about = "The caller's role."
	case "index":
		u.about = "Which change of the batch, from 0."
	case "client_ref":
		u.about = "What the client calls the change; given back as it came."
	case "status":
		u.about = "How it is."
	case "detail":
		u.about = "What happened, a sentence."
	}
	return u
}

package httpd

import (
	"scaidrive/engine"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	frameBytes = openapi.Bytes{Type: "application/octet-stream", About: "Frames: the length as 4 bytes, big-endian, then so many bytes."}

	conflictID = openapi.Need("id", openapi.ID(engine.PrefixConflict), "The conflict.")

	opGetTree = op{
		Name: "getTree", Tag: tagSync, Summary: "All that lies below a folder",
		Query: list(ofShare,
			openapi.May("folder_id", openapi.ID(engine.PrefixFolder), "The folder; the share's root if left out."),
			openapi.May("limit", openapi.Int(1, maxTree).Or(maxTree), "How many at most."),
			openapi.May("page_token", openapi.Text(), "Goes on where the answer ended that gave it as next_page_token.")),
		Answers: gives(200, wire.Tree{}, "A page of the tree, parents before children."),
		Fails:   ofNode,
	}
	opQueryChunks = op{
		Name: "queryChunks", Tag: tagSync, Summary: "Which chunks must be sent",
		Body:    wire.ChunkQuery{},
		Answers: gives(200, wire.ChunkQueryResult{}, "What is missing."),
		Fails:   list(404),
	}
	opReceiveChunks = op{
		Name: "sendChunks", Tag: tagSync, Summary: "Send chunks",
		About:   "At most 64 MiB, plain or compressed with zstd (a window of at most 8 MiB).",
		Query:   list(ofShare),
		Header:  list(openapi.May("Content-Encoding", openapi.OneOf("identity", "zstd"), "How the body is compressed.")),
		Body:    frameBytes,
		Answers: gives(200, wire.ReceivedChunks{}, "What has come, in the order sent."),
		Fails:   list(404),
	}
	opFetchChunks = op{
		Name: "fetchChunks", Tag: tagSync, Summary: "Get chunks of a version",
		Body:    wire.FetchChunks{},
		Answers: gives(200, frameBytes, "The chunks, in the order asked for."),
		Fails:   list(404, 410, 505),
	}
	opFetchFiles = op{
		Name: "fetchFiles", Tag: tagSync, Summary: "Get the contents of many small files",
		About: "One answer in the place of many: at most 1,000 files and 64 MiB of content. A file that can't be had does not fail the call, its frame tells why.",
		Body:  wire.FetchFiles{},
		Answers: gives(200, openapi.Bytes{Type: "application/octet-stream", About: "A frame for each file, in the order asked for: a head of 24 bytes, then the content. " +
			"The head, big-endian: 4 bytes the place in the list, from 0; 2 bytes the status (200, 404, 410 or 500); 2 bytes of 0; 8 bytes the version; 8 bytes the length of the content, 0 where the status is not 200. " +
			"Where content turns out to be damaged after its first byte, the answer breaks off."}, "The files."),
		Fails: list(505),
	}
	opPutManifest = op{
		Name: "sendManifest", Tag: tagSync, Summary: "Send a piece of a long list of chunks",
		About: "For contents whose list is too long for POST /sync/apply, which then names it in content.manifest. The list is named by the SHA-256 of its records (of each chunk the 32 bytes of its hash and its size as 4 bytes, little-endian). Pieces come in order, each of at most 8 MiB; the chunks of a piece must be the caller's as those of a change must. What was received before is passed over, so that a piece may be sent again. The server keeps lists in memory: one that it does not know any more is sent again from the beginning.",
		Path:  list(openapi.Need("sha256", openapi.SHA256(), "The SHA-256 of the whole list.")),
		Query: list(ofShare,
			openapi.Need("total", openapi.Int(1, 1<<32-1), "How many chunks the whole list has."),
			openapi.Need("first", openapi.Int(0, 1<<32-1), "The number of the first chunk of this piece, from 0."),
			openapi.May("chunking", openapi.Text(), "The chunking set; the server's if left out."),
			openapi.May("proofs", openapi.Bool().Or(false), "Each record is followed by 32 bytes of proof, HMAC-SHA256(nonce, chunk bytes), or zeros."),
			openapi.May("file_id", openapi.ID(engine.PrefixFile), "The file that the content is for: chunks of its version base_version_id need no proof."),
			openapi.May("base_version_id", openapi.ID(engine.PrefixVersion), "The version that the content was made from.")),
		Body:    openapi.Bytes{Type: "application/octet-stream", About: "Records of 36 bytes, or of 68 with proofs."},
		Answers: gives(200, wire.ManifestProgress{}, "How far the list is."),
		Fails:   list(404, 410),
	}
	opGetManifest = op{
		Name: "getManifest", Tag: tagSync, Summary: "Of which chunks a version is made",
		Path: list(openapi.Need("file_id", openapi.ID(engine.PrefixFile), "The file.")),
		Query: list(ofVersion,
			openapi.May("since_version", openapi.From(1), "An older version to tell the difference from."),
			openapi.May("bytes", openapi.Bool().Or(false), "With since_version: tell also where what is kept is in the older content, for who has its bytes and not its list of chunks."),
			openapi.May("records", openapi.Bool().Or(false), "Tell chunks in records, which are half as long as chunks. Without effect on a difference."),
			openapi.May("first", openapi.Int(0, 1<<32-1).Or(0), "The number of the first chunk to tell of, from 0; not together with since_version."),
			openapi.May("limit", openapi.Int(1, wire.ManifestAnswerLimit), "How many chunks to tell of; next_chunk tells where to go on. A version of more than 500,000 chunks is told in pieces only, else 413.")),
		Answers: gives(200, wire.Manifest{}, "The chunks, or a patch against the older version."),
		Fails:   list(404, 410, 412, 413),
	}
	opApplyChanges = op{
		Name: "applyChanges", Tag: tagSync, Summary: "Make a batch of changes",
		About:   "Each change is answered by itself; with atomic all are made or none. A change that meets another one is settled by the strategy: the one of the call, else the share's, else KEEP_BOTH. A device's change is known by its client_ref and has one effect, however often it is sent.",
		Body:    openapi.Lax{Struct: wire.Apply{}},
		Answers: gives(200, wire.ApplyResult{}, "What became of each change."),
		Fails:   list(404, 409, 410),
	}
	ofDevice = openapi.Need("device_id", openapi.Text(), "A device of the caller's.")
	ofEpoch  = openapi.May("epoch", openapi.Text(), "What came with the cursor.")
	deviceID = openapi.Need("device_id", openapi.Text(), "The device.")

	socketQuery = list(
		openapi.May("ticket", openapi.Text(), "What POST /auth/ticket gave; the best way."),
		openapi.May("token", openapi.Text(), "An access token."))

	opGiveTicket = op{
		Name: "giveTicket", Tag: tagSync, Summary: "A one-time pass to a socket",
		Answers: gives(201, wire.Ticket{}, "The ticket."),
	}
	opSyncSocket = op{
		Name: "openSyncSocket", Tag: tagSync, Summary: "The WebSocket of a sync client",
		About: "After {\"type\":\"subscribe\"} it is told of changes in all shares that the caller may read; frames are hints, the change log is the truth. Without a valid ticket, token or Authorization header it is closed with 4401.",
		Path:  list(deviceID), Query: socketQuery,
		Answers: gives(101, wire.Socket{}, "A WebSocket, and what goes over it as text."),
		Fails:   list(403, 404),
	}
	opRealtimeSocket = op{
		Name: "openRealtimeSocket", Tag: tagSync, Summary: "The WebSocket of a page",
		About:   "It is sent {\"action\":\"subscribe|unsubscribe|ping\",\"share_id\"}, and tells what is made, changed and deleted in the shares it subscribed to.",
		Query:   socketQuery,
		Answers: gives(101, wire.Socket{}, "A WebSocket, and what goes over it as text."),
		Fails:   list(403),
	}
	opGetChanges = op{
		Name: "getChanges", Tag: tagSync, Summary: "What happened in a share",
		About: "Rows are rendered for the caller as of now. A cursor that can't be followed any more is 410, and X-Sync-Gone says why: expired, rewound or foreign. With 404 it says withdrawn to who comes with a cursor and its epoch of a share that is there and that they may not see any more.",
		Query: list(ofShare,
			openapi.May("cursor", openapi.Int(0, 1<<53-1), "Goes on behind it; from now on if left out."), ofEpoch,
			openapi.May("limit", openapi.Int(1, 5000).Or(1000), "How many rows at most."),
			openapi.May("wait", openapi.Int(0, 55).Or(0), "How many seconds to wait for a row.")),
		Answers: gives(200, wire.Changes{}, "The rows, oldest first; fewer than there are if has_more."),
		Fails:   list(404, 410),
	}
	opGetSyncStatus = op{
		Name: "getSyncStatus", Tag: tagSync, Summary: "How far a device has followed a share",
		About:   "A device without a cursor gets one at the end of the change log.",
		Query:   list(ofShare, ofDevice),
		Answers: gives(200, wire.SyncStatus{}, "How far it is."),
		Fails:   list(404),
	}
	opReportSyncStatus = op{
		Name: "reportSyncStatus", Tag: tagSync, Summary: "Tell how it is with a share on a device",
		About:   "What is not synced and why, and what the device's brake holds back, so that it can be seen elsewhere.",
		Query:   list(ofShare, ofDevice),
		Body:    wire.SyncReport{},
		Answers: gives(200, wire.SyncStatus{}, "How it is."),
		Fails:   list(404),
	}
	opAllowDeletes = op{
		Name: "allowDeletes", Tag: tagSync, Summary: "Allow a device to delete what it holds back",
		About:   "Holds for an hour, or until the device tells that nothing is held back any more. 409 if it holds nothing back.",
		Query:   list(ofShare, ofDevice),
		Answers: done,
		Fails:   list(404, 409),
	}
	opAskResync = op{
		Name: "askResync", Tag: tagSync, Summary: "Ask a device to list a share anew",
		About:   "Its socket is sent force_sync: at once, or when it is opened next and has subscribed. Nothing is moved that both sides have.",
		Query:   list(ofShare, ofDevice),
		Answers: done,
		Fails:   list(404),
	}
	opSetSyncCursor = op{
		Name: "setSyncCursor", Tag: tagSync, Summary: "Note how far a device has followed a share",
		Query:   list(ofShare, ofDevice, openapi.Need("position", openapi.Int(0, 1<<53-1), "The cursor."), ofEpoch),
		Answers: gives(200, wire.SyncCursor{}, "What is noted."),
		Fails:   list(404, 410),
	}
	opDownload = op{
		Name: "downloadFile", Tag: tagSync, Summary: "Read a file's bytes",
		Path: list(openapi.Need("file_id", openapi.ID(engine.PrefixFile), "The file.")),
		Query: list(ofVersion,
			openapi.May("range_start", openapi.From(0), "The first byte of a part."),
			openapi.May("range_end", openapi.From(0), "The last byte of a part.")),
		Header: opGetContent.Header, Answers: opGetContent.Answers, Fails: opGetContent.Fails,
	}
	opListDevices = op{
		Name: "listDevices", Tag: tagSync, Summary: "The caller's devices",
		Answers: gives(200, []wire.Device{}, "The devices, the oldest first."),
	}
	opRegisterDevice = op{
		Name: "registerDevice", Tag: tagSync, Summary: "Register a device, or bring its record up to date",
		Body:    openapi.Lax{Struct: wire.RegisterDevice{}},
		Answers: gives(201, wire.Device{}, "The device."),
		Fails:   list(409),
	}
	opUpdateDevice = op{
		Name: "updateDevice", Tag: tagSync, Summary: "Rename a device",
		Path: list(deviceID), Body: wire.UpdateDevice{},
		Answers: gives(200, wire.Device{}, "The device."),
		Fails:   list(404),
	}
	opRemoveDevice = op{
		Name: "removeDevice", Tag: tagSync, Summary: "Remove a device and end its sessions",
		Path:    list(deviceID),
		Answers: gives(204, nil, "It is gone."),
		Fails:   list(404),
	}
	opGetPreferences = op{
		Name: "getSyncPreferences", Tag: tagSync, Summary: "What a device leaves out of a share",
		Query:   list(ofShare, ofDevice),
		Answers: gives(200, wire.SyncPreferences{}, "The preferences."),
		Fails:   list(404),
	}
	opSetPreferences = op{
		Name: "setSyncPreferences", Tag: tagSync, Summary: "Set what a device leaves out of a share",
		Query: list(ofShare, ofDevice), Body: wire.SetSyncPreferences{},
		Answers: gives(200, wire.SyncPreferences{}, "The preferences as they are now."),
		Fails:   list(404),
	}
	opListConflicts = op{
		Name: "listConflicts", Tag: tagSync, Summary: "The conflicts that the caller may see",
		Query: list(
			openapi.May("share_id", openapi.ID(engine.PrefixShare), "Only those of this share."),
			openapi.May("device_id", openapi.Text(), "Only those of this device of the caller's."),
			openapi.May("include_resolved", openapi.Bool(), "Those that are resolved too.")),
		Answers: gives(200, []wire.Conflict{}, "At most 1,000 conflicts, the oldest first."),
		Fails:   list(404),
	}
	opResolveConflict = op{
		Name: "resolveConflict", Tag: tagSync, Summary: "Resolve an open conflict",
		About:   "CLIENT_WINS takes the change that waits, SERVER_WINS leaves what is there, KEEP_BOTH keeps both, LAST_WRITER_WINS takes the later. What loses is kept as a version.",
		Path:    list(conflictID),
		Query:   list(openapi.Need("resolution", openapi.OneOf(wire.LastWriterWins, wire.KeepBoth, wire.ServerWins, wire.ClientWins), "How.")),
		Answers: gives(200, wire.Conflict{}, "The conflict, resolved."),
		Fails:   list(403, 404, 409, 410),
	}
	opGetConflictContent = op{
		Name: "getConflictContent", Tag: tagSync, Summary: "Read the content that waits in a conflict",
		Path:    list(conflictID),
		Answers: gives(200, openapi.Bytes{About: "The bytes."}, "The content."),
		Fails:   list(404),
	}
)

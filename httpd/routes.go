package httpd

import "scaidrive/engine"

// who may call a route.
type who uint8

const (
	anyone   who = iota
	signedIn     // with any scope
	reader       // with files:read
	writer       // with files:write
)

func (w who) scope() string {
	switch w {
	case reader:
		return engine.ScopeFilesRead
	case writer:
		return engine.ScopeFilesWrite
	}
	return ""
}

// allowed reports whether a caller's token goes that far.
func (w who) allowed(p *engine.Principal) bool { return w.scope() == "" || p.Has(w.scope()) }

// A kind says how long a call may take.
type kind uint8

const (
	quick kind = iota // a minute
	bulk              // as long as bytes flow
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
}

// routes is the table.
func routes() []route {
	return []route{
		{"GET", "/", getPage, anyone, noBody, quick, costGet},
		{"GET", "/assets/{version}/{name}", getAsset, anyone, noBody, quick, costGet},

		{"GET", "/api/v1/config", getConfig, anyone, noBody, quick, costGet},
		{"GET", "/api/v1/health", getHealth, anyone, noBody, quick, costGet},
		{"GET", "/api/v1/ready", getReady, anyone, noBody, quick, costGet},

		{"POST", "/api/v1/auth/login", login, anyone, jsonBody, quick, costWrite},
		{"POST", "/api/v1/auth/token", refreshToken, anyone, jsonBody, quick, costWrite},
		{"POST", "/api/v1/auth/logout", logout, signedIn, noBody, quick, costWrite},

		{"GET", "/api/v1/users/me", getMe, signedIn, noBody, quick, costGet},
		{"GET", "/api/v1/users/me/shares", listMyShares, reader, noBody, quick, costList},

		{"GET", "/api/v1/shares", listShares, reader, noBody, quick, costList},
		{"POST", "/api/v1/shares", createShare, writer, jsonBody, quick, costWrite},
		{"GET", "/api/v1/shares/{id}", getShare, reader, noBody, quick, costGet},

		{"POST", "/api/v1/folders", createFolder, writer, jsonBody, quick, costWrite},
		{"GET", "/api/v1/folders/{id}", getFolder, reader, noBody, quick, costGet},
		{"GET", "/api/v1/folders/{id}/children", listChildren, reader, noBody, quick, costList},
		{"PATCH", "/api/v1/folders/{id}", folder(updateNode), writer, jsonBody, quick, costWrite},
		{"DELETE", "/api/v1/folders/{id}", folder(deleteNode), writer, noBody, quick, costWrite},
		{"POST", "/api/v1/folders/{id}/restore", folder(restoreNode), writer, noBody, quick, costWrite},
		{"POST", "/api/v1/folders/{id}/move", folder(moveNode), writer, jsonBody, quick, costWrite},
		{"POST", "/api/v1/folders/{id}/copy", folder(copyNode), writer, jsonBody, quick, costWrite},

		{"POST", "/api/v1/files", uploadFile, writer, anyBody, bulk, costBytes},
		{"GET", "/api/v1/files/{id}", getFile, reader, noBody, quick, costGet},
		{"GET", "/api/v1/files/{id}/content", getContent, reader, noBody, bulk, costBytes},
		{"GET", "/api/v1/files/{id}/versions", listVersions, reader, noBody, quick, costList},
		{"POST", "/api/v1/files/{id}/versions/{version}/restore", file(restoreVersion), writer, noBody, quick, costWrite},
		{"PATCH", "/api/v1/files/{id}", file(updateNode), writer, jsonBody, quick, costWrite},
		{"DELETE", "/api/v1/files/{id}", file(deleteNode), writer, noBody, quick, costWrite},
		{"POST", "/api/v1/files/{id}/restore", file(restoreNode), writer, noBody, quick, costWrite},
		{"POST", "/api/v1/files/{id}/move", file(moveNode), writer, jsonBody, quick, costWrite},
		{"POST", "/api/v1/files/{id}/copy", file(copyNode), writer, jsonBody, quick, costWrite},

		{"GET", "/api/v1/trash", listTrash, reader, noBody, quick, costList},
		{"DELETE", "/api/v1/trash", emptyTrash, writer, noBody, quick, costWrite},

		{"POST", "/api/v1/uploads", createUpload, writer, jsonBody, quick, costWrite},
		{"GET", "/api/v1/uploads/{id}", getUpload, reader, noBody, quick, costGet},
		{"DELETE", "/api/v1/uploads/{id}", deleteUpload, writer, noBody, bulk, costWrite},
		{"PUT", "/api/v1/uploads/{id}/chunks/{i}", putUploadPart, writer, anyBody, bulk, costBytes},
		{"POST", "/api/v1/uploads/{id}/complete", completeUpload, writer, noBody, bulk, costWrite},

		{"GET", "/api/v1/sync/tree", getTree, reader, noBody, quick, costList},
		{"POST", "/api/v1/sync/chunks/query", queryChunks, writer, jsonBody, quick, costWrite},
		{"POST", "/api/v1/sync/chunks", receiveChunks, writer, chunksBody, bulk, costBytes},
		{"POST", "/api/v1/sync/chunks/fetch", fetchChunks, reader, jsonBody, bulk, costBytes},
		{"GET", "/api/v1/sync/manifest/{file_id}", getManifest, reader, noBody, quick, costGet},
		{"POST", "/api/v1/sync/apply", applyChanges, writer, applyBody, quick, costWrite},
	}
}

package wire

// Config is the answer of GET /config.
type Config struct {
	Version  string   `json:"version"`
	Features Features `json:"features"` // which parts there are
	Limits   Limits   `json:"limits"`   // what is taken
	// Chunking is the name of the chunking set that clients cut by.
	Chunking string `json:"chunking"`
	// TestMode: the server's clock follows a test.
	TestMode bool `json:"test_mode,omitempty"`
}

// Features tells which parts this server has.
type Features struct {
	SemanticSearch      bool `json:"semantic_search"`      // search by meaning
	ExternalSharing     bool `json:"external_sharing"`     // links for people without an account
	SMBConnector        bool `json:"smb_connector"`        // shares of Windows servers
	SharePointConnector bool `json:"sharepoint_connector"` // libraries of SharePoint
}

// Limits tells what this server takes.
type Limits struct {
	MaxFileSizeBytes        int64 `json:"max_file_size_bytes"`         // of one file
	MaxUploadChunkSizeBytes int64 `json:"max_upload_chunk_size_bytes"` // of a part of an upload session
}

// Health is the answer of GET /health; it checks nothing but that a process answers.
type Health struct {
	Status  string `json:"status" is:"healthy"` // "healthy"
	Version string `json:"version"`
}

// Ready is the answer of GET /ready: 200 when every check passes (writes are
// accepted), else 503 in the same form.
type Ready struct {
	Status string          `json:"status" is:"ready|not_ready"` // "ready" or "not_ready"
	Checks map[string]bool `json:"checks"`                      // each part, and whether it works
}

package wire

// Ticket is the answer of POST /auth/ticket: a one-time pass to a socket, given as
// ?ticket=.
type Ticket struct {
	Ticket    string `json:"ticket"`     // used up by the first socket
	ExpiresIn int    `json:"expires_in"` // seconds
}

// Socket tells what goes over a WebSocket, each as a text message of its own.
type Socket struct {
	Sends Frame         `json:"sends"` // the server
	Takes SocketCommand `json:"takes"` // the server
	Tells Notice        `json:"tells"` // a frame of the kind notice, as its data
	Works Job           `json:"works"` // a frame of the kind job, as its data: how far a job of the caller's is
}

// Frame is what a socket sends. On the socket of sync clients the kind stands in
// EventType ("change", "sync_preference_updated", "force_sync", "wipe"), pong and
// subscribed in the form that was asked for; on that of pages it stands in both, and
// there are "notice" and "job", too.
//
// A notice without data says that others are read, or more came than are sent: ask.
//
// A change without data says only where the share stands: pull.
type Frame struct {
	EventType string `json:"event_type,omitempty"` // the kind of frame
	Type      string `json:"type,omitempty"`       // the same, on a page's socket
	ShareID   string `json:"share_id,omitempty"`
	DeviceID  string `json:"device_id,omitempty"` // whom it concerns
	UserID    string `json:"user_id,omitempty"`
	Timestamp *Time  `json:"timestamp,omitempty"` // of connected
	Data      any    `json:"data,omitempty"`      // a row, a file or a folder
	Cursor    int64  `json:"cursor,omitempty"`    // where the share stands
	Epoch     string `json:"epoch,omitempty"`     // goes with the cursor
}

// SocketCommand is what a socket is sent: type on a sync client's, action on a page's.
type SocketCommand struct {
	Type      string `json:"type"`       // ping, subscribe
	EventType string `json:"event_type"` // ping
	Action    string `json:"action"`     // subscribe, unsubscribe, ping
	ShareID   string `json:"share_id"`   // of a page's subscribe and unsubscribe
}

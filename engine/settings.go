package engine

import "time"

// MaxStoredSettings is how many settings the record of them holds.
const MaxStoredSettings = 256

// Stored are the settings of the process that the console stored, by name. What
// they mean is known by engine/settings; one that it does not know stays.
type Stored struct {
	Settings []StoredSetting

	Extra Extra
}

// A StoredSetting is one of them.
type StoredSetting struct {
	Name string
	Text string // as an environment variable would have it
	By   ID
	At   time.Time

	Extra Extra
}

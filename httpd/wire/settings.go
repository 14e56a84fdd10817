package wire

// ServerSettings are the settings of the process: GET /admin/settings.
type ServerSettings struct {
	Settings []ServerSetting `json:"settings"` // those that can be stored first
}

// ServerSetting is one of them, and where its value comes from.
type ServerSetting struct {
	Name string `json:"name"`
	Kind string `json:"kind" is:"bool|int|size|text|choice|list"` // what its value is: true or false, a number, bytes, a text, one of the choices, a list of texts
	// Value is what counts; null where it depends on the machine and is not known.
	Value any `json:"value"`
	// Default is what counts when nobody says anything; null: it depends on the machine.
	Default any `json:"default"`
	// Source is where the value comes from: the first of these that says something.
	Source string `json:"source" is:"flag|environment|file|stored|default"`
	// From is the flag, the environment variable or the file; null: none of these.
	From *string `json:"from"`
	// Locked: it can't be stored, because the process was given it, or because it is
	// needed before there is a store.
	Locked bool `json:"locked"`
	// Restart: another value counts after a restart only.
	Restart   bool     `json:"restart"`
	Choices   []string `json:"choices,omitempty"`    // what it may be
	Minimum   *int64   `json:"minimum,omitempty"`    // the least number
	Maximum   *int64   `json:"maximum,omitempty"`    // the greatest number
	About     string   `json:"about"`                // what it means, in English
	ChangedBy *string  `json:"changed_by" is:"usr_"` // who stored it; null: it is not stored
	ChangedAt *Time    `json:"changed_at"`           // when it was stored
}

// UpdateServerSettings is the body of PATCH /admin/settings; what is left out stays,
// null stores nothing any more, so that the default counts.
type UpdateServerSettings struct {
	AllowedHosts     **[]string `json:"allowed_hosts,omitempty"`                            // names by which the server may be reached, *.example.com for all below; empty: any
	CORSOrigins      **[]string `json:"cors_origins,omitempty"`                             // origins whose pages may call the API, as browsers send them
	TrustedProxies   **[]string `json:"trusted_proxies,omitempty"`                          // networks of proxies whose X-Forwarded headers are believed
	RateLimitProfile **string   `json:"rate_limit_profile,omitempty" is:"appliance|public"` // how much callers may ask for in a minute
	LogRequests      **bool     `json:"log_requests,omitempty"`                             // whether every call is logged
	ChangelogDays    **int64    `json:"changelog_days,omitempty"`                           // for how many days every change is kept
	ChangelogRows    **int64    `json:"changelog_rows,omitempty"`                           // how many changes of a tenant are kept, however old
}

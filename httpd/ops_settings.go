package httpd

import "scaidrive/httpd/wire"

var (
	opGetSettings = op{
		Name: "getServerSettings", Tag: tagAdmin, Summary: "The settings of the process, and where each comes from",
		Answers: gives(200, wire.ServerSettings{}, "The settings."),
	}
	opUpdateSettings = op{
		Name: "updateServerSettings", Tag: tagAdmin, Summary: "Store settings of the process",
		About:   "All of them or none; they count at once. One that a flag, an environment variable or the config file fixes can't be stored (409), nor allowed_hosts without the name by which the caller reached the server (409).",
		Body:    wire.UpdateServerSettings{},
		Answers: gives(200, wire.ServerSettings{}, "The settings as they are now."),
		Fails:   list(409),
	}
)

package httpd

import (
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	opGetPage = op{
		Name: "getPage", Tag: tagPages, Summary: "The page of the web client",
		About:   "The client's own addresses (/files/…, /my, /admin/… and so on) give the same document, and the few files that stand beside it have their own.",
		Answers: gives(200, openapi.Bytes{About: "The document, another one each time: it carries the nonce of its own content policy."}, "The page."),
	}
	opGetAsset = op{
		Name: "getAsset", Tag: tagPages, Summary: "A file that a page loads",
		About: "The address changes with the content, so that a browser may keep it for ever. With Accept-Encoding: gzip it comes compressed where that helps.",
		Path: list(
			openapi.Need("name", openapi.Text(), "The file, with a hash of its content.")),
		Header:  list(ifNoneMatch),
		Answers: pageAnswers(""),
		Fails:   list(404),
	}

	opGetDocs = op{
		Name: "getDocs", Tag: tagPages, Summary: "The description of the API, to read",
		Header:  list(ifNoneMatch),
		Answers: pageAnswers("text/html; charset=utf-8"),
	}
	opGetDocsStyle = op{
		Name: "getDocsStyle", Tag: tagPages, Summary: "The look of that page",
		Header:  list(ifNoneMatch),
		Answers: pageAnswers("text/css; charset=utf-8"),
	}
	opGetDocument = op{
		Name: "getDocument", Tag: tagServer, Summary: "The description of the API, as an OpenAPI 3.1 document",
		Header:  list(ifNoneMatch),
		Answers: pageAnswers("application/json"),
	}

	opGetConfig = op{
		Name: "getConfig", Tag: tagServer, Summary: "What this server has and takes",
		Answers: gives(200, wire.Config{}, "Its parts and limits."),
	}
	opGetHealth = op{
		Name: "getHealth", Tag: tagServer, Summary: "Whether a process answers",
		Answers: gives(200, wire.Health{}, "It does."),
	}
	opGetMetrics = op{
		Name: "getMetrics", Tag: tagServer, Summary: "Figures for Prometheus",
		About:   "They name all tenants: the token needs the scope admin:* and its user the role super_admin. The address of --metrics-listen gives them without a token.",
		Answers: gives(200, openapi.Bytes{Type: metricsType, About: "Prometheus's text format."}, "The figures since the start."),
		Fails:   list(403),
	}
	opGetReady = op{
		Name: "getReady", Tag: tagServer, Summary: "Whether the server works",
		Answers: list(
			openapi.Gives(200, wire.Ready{}, "Every part works, and writes are accepted."),
			openapi.Gives(503, wire.Ready{}, "A part does not work.", openapi.Need("Retry-After", openapi.From(1), "Seconds until it is worth asking again."))),
	}
)

// pageAnswers are those of a file for browsers.
func pageAnswers(mediaType string) []openapi.Answer {
	tag := openapi.Need("ETag", openapi.Text(), "Names the content.")
	return list(
		openapi.Gives(200, openapi.Bytes{Type: mediaType, About: "The file."}, "The file.", tag),
		openapi.Gives(304, nil, "The caller has it already.", tag))
}

package httpd

import (
	"scaidrive/engine"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	opUploadFile = op{
		Name: "uploadFile", Tag: tagFiles, Summary: "Make a file of a form",
		About: "The fields should stand before the file: of a file with fields behind it at most 1 MiB is held back. For new content of a file that is there, see upload sessions.",
		Body: openapi.Form{Type: "multipart/form-data", Fields: list(
			openapi.Need("share_id", openapi.ID(engine.PrefixShare), "The share."),
			openapi.May("folder_id", openapi.ID(engine.PrefixFolder, engine.PrefixShare), "The folder; the share's root if left out."),
			openapi.May("name", openapi.Text(), "The name; the file name of the part if left out."),
			openapi.May("modified_at", openapi.Moment(), "The time of the content."),
			openapi.May("checksum_sha256", openapi.SHA256(), "What the bytes must hash to; else 422 and no file."),
			openapi.Need("file", &openapi.Schema{MediaType: "application/octet-stream"}, "The bytes."))},
		Answers: gives(201, wire.File{}, "Made.", hasLocation, hasETag),
		Fails:   ofPlace,
	}
	opGetFile = op{
		Name: "getFile", Tag: tagFiles, Summary: "A file",
		Path:    list(fileID),
		Answers: gives(200, wire.File{}, "The file.", hasETag),
		Fails:   ofNode,
	}
	opGetContent = op{
		Name: "getContent", Tag: tagFiles, Summary: "The bytes of a file",
		About: "One range may be asked for; several are answered with the whole.",
		Path:  list(fileID), Query: list(ofVersion),
		Header: list(
			openapi.May("Range", openapi.Text(), `The part that is wanted: "bytes=0-1023", "bytes=1024-" or "bytes=-1024".`),
			openapi.May("If-Range", openapi.Text(), "The ETag for which Range holds; another gives the whole."),
			ifMatch, ifNoneMatch),
		Answers: list(
			openapi.Gives(200, openapi.Bytes{About: "The bytes."}, "The whole, as the media type of the file.", hasETag,
				openapi.Need("Accept-Ranges", openapi.OneOf("bytes"), "Parts may be asked for.")),
			openapi.Gives(206, openapi.Bytes{About: "The part."}, "The part that Range names.", hasETag,
				openapi.Need("Content-Range", openapi.Text(), "Which bytes of how many.")),
			openapi.Gives(304, nil, "The caller has it already.", hasETag)),
		Fails: list(404, 410, 412, 416),
	}
	opListVersions = op{
		Name: "listVersions", Tag: tagFiles, Summary: "The versions of a file",
		Path: list(fileID), Query: paged,
		Answers: gives(200, wire.Versions{}, "A page of versions, newest first."),
		Fails:   ofNode,
	}
	opRestoreVersion = op{
		Name: "restoreVersion", Tag: tagFiles, Summary: "Give a file the content of an older version",
		About:   "A new version is made; none is lost.",
		Path:    list(fileID, openapi.Need("version", openapi.From(1), "The number of the version.")),
		Header:  list(ifMatch),
		Answers: gives(200, wire.RestoredVersion{}, "The new version.", hasETag),
		Fails:   ofPlace,
	}
	opUpdateFile = op{
		Name: "updateFile", Tag: tagFiles, Summary: "Rename a file, or change its time or attributes",
		Path: list(fileID), Header: list(ifMatch), Body: wire.UpdateFile{},
		Answers: gives(200, wire.File{}, "The file as it is now.", hasETag),
		Fails:   ofPlace,
	}
	opDeleteFile = op{
		Name: "deleteFile", Tag: tagFiles, Summary: "Delete a file",
		Path: list(fileID), Query: list(permanently), Header: list(ifMatch),
		Answers: done,
		Fails:   ofNode,
	}
	opRestoreFile = op{
		Name: "restoreFile", Tag: tagFiles, Summary: "Bring a file back from the trash",
		About: "It goes to where it was, or to the nearest folder of its path that is still there; if the name is taken, it gets another one.",
		Path:  list(fileID), Header: list(ifMatch),
		Answers: gives(200, wire.File{}, "The file as it is now.", hasETag),
		Fails:   ofPlace,
	}
	opMoveFile = op{
		Name: "moveFile", Tag: tagFiles, Summary: "Move a file, within a share or to another",
		Path: list(fileID), Header: list(ifMatch), Body: wire.Place{},
		Answers: gives(200, wire.File{}, "The file as it is now.", hasETag),
		Fails:   ofPlace,
	}
	opCopyFile = op{
		Name: "copyFile", Tag: tagFiles, Summary: "Copy a file",
		About: "No bytes are copied: the copy has the same content.",
		Path:  list(fileID), Header: list(ifMatch), Body: wire.Place{},
		Answers: gives(201, wire.File{}, "The copy.", hasETag),
		Fails:   ofPlace,
	}

	opCreateUpload = op{
		Name: "createUpload", Tag: tagUploads, Summary: "Begin an upload in parts",
		Body:    openapi.Lax{Struct: wire.CreateUpload{}},
		Answers: gives(201, wire.UploadSession{}, "Begun; send the parts.", hasLocation),
		Fails:   ofPlace,
	}
	opGetUpload = op{
		Name: "getUpload", Tag: tagUploads, Summary: "How far an upload is",
		Path:    list(uploadID),
		Answers: gives(200, wire.UploadProgress{}, "What has come."),
		Fails:   ofNode,
	}
	opDeleteUpload = op{
		Name: "deleteUpload", Tag: tagUploads, Summary: "Give an upload up",
		Path:    list(uploadID),
		Answers: done,
		Fails:   list(409, 410),
	}
	opPutUploadPart = op{
		Name: "putUploadPart", Tag: tagUploads, Summary: "Send a part",
		About: "In any order and several at a time. The same part again is no error; before the upload is completed, other bytes replace it.",
		Path:  list(uploadID, openapi.Need("i", openapi.From(0), "The number of the part, from 0.")),
		Header: list(openapi.May("X-Chunk-SHA256", openapi.SHA256(),
			"What the bytes must hash to; else 422 and the part is not taken.")),
		Body:    openapi.Bytes{Type: "application/octet-stream", About: "The bytes: chunk_size of them, the last part the rest."},
		Answers: done,
		Fails:   list(409, 410, 413, 422),
	}
	opPutUploadContent = op{
		Name: "putUploadContent", Tag: tagUploads, Summary: "Send all parts in one body",
		About: "The server cuts it into parts and stores each as soon as it is whole: after a body that broke off, only the parts that " +
			"are missing have to be sent. A reverse proxy has to let the whole body pass; above a GiB, send parts.",
		Path:    list(uploadID),
		Body:    openapi.Bytes{Type: "application/octet-stream", About: "The bytes of the file."},
		Answers: done,
		Fails:   list(409, 410, 413, 422),
	}
	opCompleteUpload = op{
		Name: "completeUpload", Tag: tagUploads, Summary: "Make the file of the parts",
		About:   "Again, it gives the same answer.",
		Path:    list(uploadID),
		Header:  list(ifMatch),
		Answers: gives(200, wire.CompletedUpload{}, "The file.", hasETag),
		Fails:   list(409, 410, 412, 413, 422),
	}
)

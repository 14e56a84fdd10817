package httpd

import (
	"scaidrive/engine/preview"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

// What gives files out in another form: archives and pictures.

var zipped = openapi.Bytes{Type: "application/zip", About: "A ZIP archive, uncompressed, with ZIP64 where it is needed."}

var (
	opGetFolderArchive = op{
		Name: "getFolderArchive", Tag: tagFolders, Summary: "A folder as a ZIP archive",
		About: "All that the caller may read of it, below a folder of its name, made while it flows. Its length is told if the folder is small enough to count first; then it holds the versions of that moment. If something is damaged, the connection breaks off before the archive is complete.",
		Path:  list(folderID),
		Answers: list(openapi.Gives(200, zipped, "The archive.",
			openapi.Need("Content-Disposition", openapi.Text(), "The name to keep it under."))),
		Fails: list(404, 409, 410),
	}
	opCreateArchive = op{
		Name: "createArchive", Tag: tagFiles, Summary: "Ask for an archive of files and folders",
		About:   "The address that it gives needs no token, so that a browser can open it; it works once, within a minute, with the rights that the caller has then.",
		Body:    wire.CreateArchive{},
		Answers: list(openapi.Gives(201, wire.ArchiveTicket{}, "The address.")),
		Fails:   list(404, 410, 429),
	}
	opGetArchive = op{
		Name: "getArchive", Tag: tagFiles, Summary: "An archive that was asked for",
		About: "What is not there any more, or not readable any more, is left out.",
		Path:  list(openapi.Need("ticket", openapi.Text(), "What createArchive gave.")),
		Answers: list(openapi.Gives(200, zipped, "The archive.",
			openapi.Need("Content-Disposition", openapi.Text(), "The name to keep it under."))),
		Fails: list(401, 403, 404, 409, 410),
	}
	opGetPreview = op{
		Name: "getPreview", Tag: tagFiles, Summary: "A picture of a file or of a page of it",
		About: "Of JPEG, PNG, GIF, WebP, BMP and TIFF pictures and of PDF documents. A file that has none, because it is of another kind, damaged, too large or protected, is 422; the detail says which.",
		Path:  list(fileID),
		Query: list(
			openapi.May("page", openapi.From(1).Or(1), "The page of a document."),
			openapi.May("size", openapi.Int(preview.SizeIcon, preview.SizeScreen).Or(preview.SizeScreen), "The longest edge in pixels: 64, 256 or 1024.")),
		Header: list(ifNoneMatch),
		Answers: list(
			openapi.Gives(200, openapi.Bytes{Type: "image/jpeg, image/png", About: "A JPEG or PNG picture."}, "The picture.",
				openapi.Need("ETag", openapi.Text(), "Changes with the file, the page and the size."),
				openapi.Need("X-Page-Count", openapi.From(1), "How many pages the file has.")),
			openapi.Gives(304, nil, "The caller has it already.",
				openapi.Need("ETag", openapi.Text(), "Of what the caller has."))),
		Fails: list(404, 410),
	}
	opGetThumbnails = op{
		Name: "getThumbnails", Tag: tagFiles, Summary: "Pictures of many files",
		About:   "A part for each file, in the order asked. Its head has Content-ID, the file in angle brackets; X-Status, the status that the file alone would have had; and ETag for a picture. A part without a picture holds the error.",
		Body:    wire.Thumbnails{},
		Answers: gives(200, openapi.Bytes{Type: "multipart/mixed", About: "The parts."}, "The pictures, and errors in the place of those that there are not."),
	}
)

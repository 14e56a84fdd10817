package tree

import "strings"

// MediaType guesses a file's media type from its extension. The list is ours and
// not the operating system's, so that the same name has the same type on every
// server. What is not listed is application/octet-stream.
func MediaType(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 || len(name)-i > 12 {
		return octetStream
	}
	switch strings.ToLower(name[i+1:]) {
	case "txt", "text", "log", "ini", "conf", "cfg":
		return "text/plain"
	case "md", "markdown":
		return "text/markdown"
	case "csv":
		return "text/csv"
	case "htm", "html":
		return "text/html"
	case "css":
		return "text/css"
	case "js", "mjs":
		return "text/javascript"
	case "ics":
		return "text/calendar"
	case "vcf":
		return "text/vcard"
	case "go", "c", "h", "cc", "cpp", "hpp", "py", "rb", "rs", "java", "ts", "tsx", "sh", "sql", "s":
		return "text/plain"
	case "json":
		return "application/json"
	case "xml":
		return "application/xml"
	case "yaml", "yml":
		return "application/yaml"
	case "pdf":
		return "application/pdf"
	case "rtf":
		return "application/rtf"
	case "zip":
		return "application/zip"
	case "gz", "tgz":
		return "application/gzip"
	case "7z":
		return "application/x-7z-compressed"
	case "tar":
		return "application/x-tar"
	case "doc":
		return "application/msword"
	case "xls":
		return "application/vnd.ms-excel"
	case "ppt":
		return "application/vnd.ms-powerpoint"
	case "docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case "xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case "pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case "odt":
		return "application/vnd.oasis.opendocument.text"
	case "ods":
		return "application/vnd.oasis.opendocument.spreadsheet"
	case "odp":
		return "application/vnd.oasis.opendocument.presentation"
	case "epub":
		return "application/epub+zip"
	case "eml":
		return "message/rfc822"
	case "jpg", "jpeg":
		return "image/jpeg"
	case "png":
		return "image/png"
	case "gif":
		return "image/gif"
	case "webp":
		return "image/webp"
	case "svg":
		return "image/svg+xml"
	case "bmp":
		return "image/bmp"
	case "tif", "tiff":
		return "image/tiff"
	case "heic":
		return "image/heic"
	case "mp3":
		return "audio/mpeg"
	case "wav":
		return "audio/wav"
	case "ogg":
		return "audio/ogg"
	case "flac":
		return "audio/flac"
	case "m4a":
		return "audio/mp4"
	case "mp4", "m4v":
		return "video/mp4"
	case "mov":
		return "video/quicktime"
	case "webm":
		return "video/webm"
	case "mkv":
		return "video/x-matroska"
	case "avi":
		return "video/x-msvideo"
	}
	return octetStream
}

const octetStream = "application/octet-stream"

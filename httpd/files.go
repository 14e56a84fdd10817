package httpd

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/transfer"
	"scaidrive/httpd/wire"
)

func getFile(c *call) error {
	id, err := c.pathID(engine.PrefixFile, 0)
	if err != nil {
		return err
	}
	l, err := c.s.o.Tree.Get(c.ctx, c.who, id, engine.KindFile)
	if err != nil {
		return err
	}
	c.setHeader("ETag", etag(l.Node.VersionID))
	f := &c.scratch.file
	*f = wireFile(c.who.TenantID, l)
	return c.json(200, f)
}

func etag(version engine.ID) string {
	var room [64]byte
	return string(append(version.Append(append(room[:0], '"'), engine.PrefixVersion), '"'))
}

func listVersions(c *call) error {
	id, err := c.pathID(engine.PrefixFile, 0)
	if err != nil {
		return err
	}
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	list, total, err := c.s.o.Tree.Versions(c.ctx, c.who, id, limit, offset)
	if err != nil {
		return err
	}
	out := wire.Versions{Versions: make([]wire.Version, len(list)), Total: total}
	for i, v := range list {
		out.Versions[i] = wireVersion(v)
	}
	return c.json(200, out)
}

// ifMatch gives the version that If-Match wants of a file, zero for none or for
// any. Of a list of tags the current version's is chosen, and checked again
// where the change is made.
func (c *call) ifMatch(id engine.ID) (engine.ID, error) {
	header := strings.Trim(c.header("If-Match"), " \t")
	if header == "" || header == "*" {
		return engine.ID{}, nil
	}
	if tag, ok := strings.CutPrefix(header, `"`); ok && strings.HasSuffix(tag, `"`) {
		if v, err := engine.ParseID(engine.PrefixVersion, tag[:len(tag)-1]); err == nil {
			return v, nil
		}
	}
	l, err := c.s.o.Tree.Get(c.ctx, c.who, id, engine.KindFile)
	if err != nil {
		return engine.ID{}, err
	}
	if !etagListed(header, etag(l.Node.VersionID), false) {
		return engine.ID{}, engine.E(engine.KindPrecondition, "The file has another version than If-Match names")
	}
	return l.Node.VersionID, nil
}

func getContent(c *call) error {
	id, err := c.pathID(engine.PrefixFile, 0)
	if err != nil {
		return err
	}
	version, err := c.queryVersion("version")
	if err != nil {
		return err
	}
	o, err := c.openVersion(id, version)
	if err != nil {
		return err
	}
	n, v := o.Located.Node, o.Version
	tag, size := etag(v.ID), v.Content.Size
	if h := c.header("If-Match"); h != "" && !etagListed(h, tag, false) {
		return engine.E(engine.KindPrecondition, "The file has another version than If-Match names")
	}
	c.setHeader("ETag", tag)
	c.setHeader("Cache-Control", "private, no-cache")
	if h := c.header("If-None-Match"); h != "" && etagListed(h, tag, true) {
		return c.noContent(304)
	}
	c.setHeader("Accept-Ranges", "bytes")
	whole := span{0, size}
	part, status := whole, 200
	h := c.header("Range")
	if c.part != "" {
		h = c.part
	}
	if h != "" && c.rangeHolds(tag) {
		s, ok, satisfiable := parseRange(h, size)
		switch {
		case ok && !satisfiable:
			return fail(416, "The range lies beyond the end of the file", [2]string{"Content-Range", fmt.Sprintf("bytes */%d", size)})
		case ok:
			part, status = s, 206
			c.setHeader("Content-Range", fmt.Sprintf("bytes %d-%d/%d", s.off, s.off+s.length-1, size))
		}
	}
	if part.off == 0 && c.method == "GET" && c.s.o.Desk != nil {
		c.s.o.Desk.Opened(c.who, id)
	}
	c.setHeader("Content-Type", safeMediaType(n.MIME))
	c.setHeader("Content-Disposition", attachment(n.Name))
	c.setHeader("Content-Security-Policy", "sandbox; default-src 'none'")
	c.setHeader("Cross-Origin-Resource-Policy", "same-origin")
	return damaged(c.stream(status, part.length, func(ctx context.Context, w io.Writer) error {
		return o.WriteRange(ctx, w, part.off, part.length)
	}), id, v.Number)
}

// queryVersion reads a version number; missing is 0, the current one.
func (c *call) queryVersion(name string) (uint64, error) {
	n, err := c.queryInt(name, 0, 1, 1<<62)
	return uint64(n), err
}

// rangeHolds evaluates If-Range. A date never holds: we give no Last-Modified
// that could tell two contents of one second apart.
func (c *call) rangeHolds(tag string) bool {
	h := strings.Trim(c.header("If-Range"), " \t")
	return h == "" || h == tag
}

// damaged has an error of damaged data name the file and the version.
func damaged(err error, file engine.ID, version uint64) error {
	if err == nil || engine.KindOf(err) != engine.KindDamaged {
		return err
	}
	if msg, _ := messageOf(err); strings.Contains(msg, file.Format(engine.PrefixFile)) {
		return err
	}
	which := "its current version"
	if version > 0 {
		which = "version " + strconv.FormatUint(version, 10)
	}
	return &engine.Error{Kind: engine.KindDamaged, Err: err,
		Msg: fmt.Sprintf("Stored data of file %s, %s, is damaged", file.Format(engine.PrefixFile), which)}
}

// attachment is a Content-Disposition that every client saves under the name.
func attachment(name string) string {
	const begin, between = `attachment; filename="`, `"; filename*=UTF-8''`
	simple := true
	for i := range len(name) {
		simple = simple && inFileName[name[i]]
	}
	if simple {
		return begin + name + `"`
	}
	b := append(make([]byte, 0, len(begin)+len(between)+4*len(name)), begin...)
	for _, r := range name {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' || r == '%' {
			r = '_'
		}
		b = append(b, byte(r))
	}
	b = append(b, between...)
	for i := range len(name) {
		if c := name[i]; inFileName[c] {
			b = append(b, c)
		} else {
			const digits = "0123456789ABCDEF"
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(b)
}

// inFileName marks the bytes that need no escape in a name.
var inFileName = marks("-_.~")

// safeMediaType hides types that a browser would run.
func safeMediaType(t string) string {
	base, _, _ := strings.Cut(strings.ToLower(t), ";")
	base = strings.TrimSpace(base)
	switch {
	case base == "", strings.ContainsAny(t, "\r\n"),
		strings.Contains(base, "html"), strings.Contains(base, "xml"), strings.Contains(base, "svg"),
		strings.Contains(base, "script"):
		return "application/octet-stream"
	}
	return t
}

// openVersion is what several calls begin with.
func (c *call) openVersion(file engine.ID, version uint64) (*transfer.Opened, error) {
	o, err := c.s.o.Transfer.Open(c.ctx, c.who, file, version)
	return o, damaged(err, file, version)
}

func wireHashes(in [][32]byte) []wire.Hash {
	out := make([]wire.Hash, len(in))
	for i, h := range in {
		out[i] = h
	}
	return out
}

func engineHashes(in []wire.Hash) [][32]byte {
	out := make([][32]byte, len(in))
	for i, h := range in {
		out[i] = h
	}
	return out
}

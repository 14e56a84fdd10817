package httpd

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"scaidrive/engine"
)

// The bounds of listings.
const (
	defaultLimit = 50
	maxLimit     = 1000
	maxOffset    = 10_000 // of offset + limit
	maxTree      = 5000
)

// parseQuery reads a query string; of a name that stands twice, and of broken
// escapes, it makes engine.KindMalformed.
func parseQuery(raw string) (map[string]string, error) {
	if raw == "" {
		return nil, nil
	}
	q := map[string]string{}
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		n, err1 := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil || !utf8.ValidString(n) || !utf8.ValidString(v) {
			return nil, engine.E(engine.KindMalformed, "The query holds a broken escape")
		}
		if _, twice := q[n]; twice {
			return nil, engine.E(engine.KindMalformed, "The query names %q twice", n)
		}
		q[n] = v
	}
	return q, nil
}

// queryInt reads a whole number between low and high, or gives missing.
func (c *call) queryInt(name string, missing, low, high int64) (int64, error) {
	text, ok := c.query[name]
	if !ok {
		return missing, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil && !isNumber(text):
		return 0, badField("int_parsing", "Input should be a valid integer", "query", name)
	case err != nil, n < low, n > high:
		return 0, badField("int_range", "Input should be between "+strconv.FormatInt(low, 10)+" and "+strconv.FormatInt(high, 10), "query", name)
	}
	return n, nil
}

func isNumber(s string) bool { return allDigits([]byte(strings.TrimPrefix(s, "-"))) }

// queryBool reads true or false.
func (c *call) queryBool(name string) (bool, error) {
	switch text, ok := c.query[name]; {
	case !ok, text == "false", text == "0":
		return false, nil
	case text == "true", text == "1":
		return true, nil
	}
	return false, badField("bool_parsing", "Input should be true or false", "query", name)
}

// queryChoice reads one of some words and gives its place; missing is the first.
func (c *call) queryChoice(name string, words ...string) (int, error) {
	text, ok := c.query[name]
	if !ok {
		return 0, nil
	}
	if i := slices.Index(words, text); i >= 0 {
		return i, nil
	}
	return 0, badField("enum", "Input should be "+strings.Join(words, ", "), "query", name)
}

// queryID reads an ID; ok is false when it is not there.
func (c *call) queryID(prefix, name string) (id engine.ID, ok bool, err error) {
	text, ok := c.query[name]
	if !ok {
		return engine.ID{}, false, nil
	}
	id, err = engine.ParseID(prefix, text)
	if err != nil {
		return engine.ID{}, false, badField("value_error", "Value error, "+err.Error(), "query", name)
	}
	return id, true, nil
}

// queryShare reads share_id, which must be there.
func (c *call) queryShare() (engine.ID, error) {
	id, ok, err := c.queryID(engine.PrefixShare, "share_id")
	if err == nil && !ok {
		err = badField("missing", "Field required", "query", "share_id")
	}
	return id, err
}

// page reads limit and offset.
func (c *call) page() (limit, offset int, err error) {
	l, err := c.queryInt("limit", defaultLimit, 1, maxLimit)
	if err != nil {
		return 0, 0, err
	}
	o, err := c.queryInt("offset", 0, 0, 1<<40)
	if err != nil {
		return 0, 0, err
	}
	if o+l > maxOffset {
		return 0, 0, badField("value_error", "Value error, offset + limit is at most 10000; beyond that follow page_token", "query", "offset")
	}
	return int(l), int(o), nil
}

// pathID reads an ID of the path. An ill-formed one names nothing: not found.
func (c *call) pathID(prefix string, i int) (engine.ID, error) {
	id, err := engine.ParseID(prefix, c.values[i])
	if err != nil {
		return engine.ID{}, notFound()
	}
	return id, nil
}

// pathShare reads a share of the path: by its ID, or by its slug.
func (c *call) pathShare(i int) (engine.ID, error) {
	if strings.HasPrefix(c.values[i], engine.PrefixShare) {
		return c.pathID(engine.PrefixShare, i)
	}
	return c.s.o.Shares.BySlug(c.ctx, c.who, c.values[i])
}

// bodyID reads an ID that stands in a field of the body.
func bodyID(prefix, text string, loc ...any) (engine.ID, error) {
	id, err := engine.ParseID(prefix, text)
	if err != nil {
		return engine.ID{}, badField("value_error", "Value error, "+err.Error(), append([]any{"body"}, loc...)...)
	}
	return id, nil
}

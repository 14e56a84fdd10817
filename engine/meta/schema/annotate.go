package schema

import (
	"bytes"
	"errors"

	"scaidrive/engine"
)

// Comments and tags: what is written beside files and folders.

func commentFields(c *codec, m *engine.Comment) {
	c.id(1, "by", &m.By)
	c.time(2, "at", &m.At)
	c.time(3, "edited_at", &m.EditedAt)
	c.string(4, "text", &m.Text)
	c.extra(&m.Extra)
}

// commentRef is the value of CommentNodes.
type commentRef struct {
	Node  engine.ID
	Extra engine.Extra
}

func commentRefFields(c *codec, r *commentRef) {
	c.id(1, "node", &r.Node)
	c.extra(&r.Extra)
}

// tag is an item of Tags.
type tag struct {
	Text  string
	Extra engine.Extra
}

func tagFields(c *codec, t *tag) {
	c.string(1, "text", &t.Text)
	c.extra(&t.Extra)
}

// tagList is the value of Tags.
type tagList struct {
	List  []tag
	Extra engine.Extra
}

func tagListFields(c *codec, l *tagList) {
	records(c, 1, "tags", engine.MaxTags, &l.List, tagFields)
	c.extra(&l.Extra)
}

// taggedRef is the value of Tagged.
type taggedRef struct {
	Text  string // as it was written
	Extra engine.Extra
}

func taggedRefFields(c *codec, r *taggedRef) {
	c.string(1, "text", &r.Text)
	c.extra(&r.Extra)
}

// CommentKey is the key of a comment on a node.
func CommentKey(t engine.TenantNo, node, id engine.ID) []byte { return tenantKey(t, 0, node, id) }

// CommentNodeKey is the key under which a comment's node stands.
func CommentNodeKey(t engine.TenantNo, id engine.ID) []byte { return tenantKey(t, 0, id) }

// TagsKey is the key of a node's tags.
func TagsKey(t engine.TenantNo, node engine.ID) []byte { return tenantKey(t, 0, node) }

// TaggedKey is the key of a node under the folded text of one of its tags.
func TaggedKey(t engine.TenantNo, key string, node engine.ID) []byte {
	return append(append(taggedPrefix(t, key), 0), node[:]...)
}

func taggedPrefix(t engine.TenantNo, key string) []byte {
	return append(tenantKey(t, len(key)+1+idSize), key...)
}

// GetComment finds a comment by its ID.
func GetComment(r Reader, t engine.TenantNo, id engine.ID) (*engine.Comment, error) {
	ref, err := get(r, CommentNodes, CommentNodeKey(t, id), commentRefFields)
	if err != nil {
		return nil, err
	}
	key := CommentKey(t, ref.Node, id)
	m, err := get(r, Comments, key, commentFields)
	if err != nil {
		return nil, mustBe(Comments, key, err)
	}
	m.Node, m.ID = ref.Node, id
	return m, nil
}

// PutComment writes a comment, and of which node it is.
func PutComment(w Writer, t engine.TenantNo, m *engine.Comment) error {
	if err := put(w, CommentNodes, CommentNodeKey(t, m.ID), &commentRef{Node: m.Node}, commentRefFields); err != nil {
		return err
	}
	return put(w, Comments, CommentKey(t, m.Node, m.ID), m, commentFields)
}

// DeleteComment removes a comment.
func DeleteComment(w Writer, t engine.TenantNo, node, id engine.ID) error {
	if err := w.Delete(CommentNodes, CommentNodeKey(t, id)); err != nil {
		return err
	}
	return w.Delete(Comments, CommentKey(t, node, id))
}

// ScanComments goes through a node's comments behind one of them, oldest first.
func ScanComments(r Reader, t engine.TenantNo, node, behind engine.ID, fn func(*engine.Comment) (bool, error)) error {
	return scanIDs(r, Comments, tenantKey(t, idSize, node), behind, commentFields, func(id engine.ID, m *engine.Comment) (bool, error) {
		m.Node, m.ID = node, id
		return fn(m)
	})
}

// GetTags reads a node's tags, in their order; none is no error.
func GetTags(r Reader, t engine.TenantNo, node engine.ID) ([]string, error) {
	l, err := getTags(r, t, node)
	if err != nil {
		return nil, err
	}
	list := make([]string, len(l.List))
	for i := range l.List {
		list[i] = l.List[i].Text
	}
	return list, nil
}

func getTags(r Reader, t engine.TenantNo, node engine.ID) (*tagList, error) {
	l, err := get(r, Tags, TagsKey(t, node), tagListFields)
	if errors.Is(err, ErrNotFound) {
		return new(tagList), nil
	}
	return l, err
}

// SetTags replaces a node's tags, and finds it under those; fold gives a tag's
// folded text, which holds no NUL. No two have the same.
func SetTags(w Writer, t engine.TenantNo, node engine.ID, tags []string, fold func(string) string) error {
	l, err := getTags(w, t, node)
	if err != nil {
		return err
	}
	for _, was := range l.List {
		if err := w.Delete(Tagged, TaggedKey(t, fold(was.Text), node)); err != nil {
			return err
		}
	}
	l.List = make([]tag, len(tags))
	for i, text := range tags {
		l.List[i].Text = text
		if err := put(w, Tagged, TaggedKey(t, fold(text), node), &taggedRef{Text: text}, taggedRefFields); err != nil {
			return err
		}
	}
	if len(tags) == 0 && len(l.Extra) == 0 {
		return w.Delete(Tags, TagsKey(t, node))
	}
	return put(w, Tags, TagsKey(t, node), l, tagListFields)
}

// DropTags removes a node's tags with the node itself, for good.
func DropTags(w Writer, t engine.TenantNo, node engine.ID, fold func(string) string) error {
	if err := SetTags(w, t, node, nil, fold); err != nil {
		return err
	}
	return w.Delete(Tags, TagsKey(t, node))
}

// A TagPlace is a place in the list of tags: behind a node under a folded text. The
// zero place is the beginning.
type TagPlace struct {
	Key  string
	Node engine.ID
	Past bool // behind all nodes under Key
}

// ScanTagged goes through what is found under the folded texts that begin with
// prefix (whole: that text alone), behind a place, by text, then by node.
func ScanTagged(r Reader, t engine.TenantNo, prefix string, whole bool, behind TagPlace, fn func(key string, node engine.ID, text string) (bool, error)) error {
	from := taggedPrefix(t, prefix)
	if whole {
		from = append(from, 0)
	}
	to := prefixEnd(from)
	switch {
	case behind.Past:
		from = append(taggedPrefix(t, behind.Key), 1)
	case behind.Key != "":
		from = after(TaggedKey(t, behind.Key, behind.Node))
	}
	return scan(r, Tagged, from, to, 0, taggedRefFields, func(k []byte, ref *taggedRef) (bool, error) {
		end := bytes.IndexByte(k[tenantSize:], 0)
		if end < 0 || len(k) != tenantSize+end+1+idSize {
			return false, damaged(Tagged, k, errors.New("a key of no tag"))
		}
		return fn(string(k[tenantSize:tenantSize+end]), tailID(k), ref.Text)
	})
}

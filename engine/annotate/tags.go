package annotate

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/tree"
)

// clean gives tags in the form in which they are stored: without spaces around them,
// each once, whatever its case.
func clean(tags []string) ([]string, error) {
	list := make([]string, 0, min(len(tags), engine.MaxTags))
	seen := map[string]bool{}
	for _, text := range tags {
		text, err := cleanOne("tags", text)
		if err != nil {
			return nil, err
		}
		if key := names.Key(text); !seen[key] {
			seen[key] = true
			list = append(list, text)
		}
	}
	if len(list) > engine.MaxTags {
		return nil, engine.Invalid("tags", "At most %d tags", engine.MaxTags)
	}
	return list, nil
}

func cleanOne(field, text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > engine.MaxTag || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", engine.Invalid(field, "A tag is 1 to %d bytes of UTF-8 without control characters", engine.MaxTag)
	}
	return text, nil
}

// Tags gives the tags of a file or folder.
func (s *Service) Tags(ctx context.Context, p *engine.Principal, on On) (tags []string, err error) {
	err = s.view(ctx, "annotate.Tags", func(v *meta.View) error {
		if _, err := find(v, p, on, engine.RightRead); err != nil {
			return err
		}
		tags, err = schema.GetTags(v, p.Tenant, on.Node)
		return err
	})
	return tags, err
}

// TagsOf gives the tags of things, in the trash or not, in their order: none of what
// the caller may not read, of which they may know the name.
func (s *Service) TagsOf(ctx context.Context, p *engine.Principal, nodes []engine.ID) (tags [][]string, err error) {
	err = s.view(ctx, "annotate.TagsOf", func(v *meta.View) error {
		tags = make([][]string, len(nodes))
		for i, id := range nodes {
			sub, err := access.Resolve(v, p.Tenant, id)
			if err != nil && engine.KindOf(err) == engine.KindNotFound {
				continue // gone since it was listed
			}
			if err != nil {
				return err
			}
			have, err := access.Rights(v, p, sub)
			if err != nil {
				return err
			}
			if have&engine.RightRead == 0 {
				continue
			}
			if tags[i], err = schema.GetTags(v, p.Tenant, id); err != nil {
				return err
			}
		}
		return nil
	})
	return tags, err
}

// SetTags replaces the tags of a file or folder; it needs WRITE.
func (s *Service) SetTags(ctx context.Context, p *engine.Principal, on On, tags []string) ([]string, error) {
	list, err := clean(tags)
	if err != nil {
		return nil, err
	}
	return list, s.update(ctx, "annotate.SetTags", func(tx *meta.Tx) error {
		if _, err := find(tx, p, on, engine.RightWrite); err != nil {
			return err
		}
		return schema.SetTags(tx, p.Tenant, on.Node, list, names.Key)
	})
}

// A TagQuery asks for what has a tag.
type TagQuery struct {
	Tag    string
	Share  engine.ID // only in this share; zero: in any
	Folder engine.ID // only below this folder; zero: anywhere
	Limit  int
	Token  string
}

// Tagged are things that have a tag, in no order that means anything. A page may be
// empty and have a next one.
type Tagged struct {
	List []*tree.Located
	Next string
}

// Tagged finds the live files and folders with a tag, whatever its case, that the
// caller may read. A look examines at most 20,000 things or 50 ms.
func (s *Service) Tagged(ctx context.Context, p *engine.Principal, q TagQuery) (*Tagged, error) {
	tag, err := cleanOne("tag", q.Tag)
	if err == nil {
		err = checkLimit(q.Limit)
	}
	if err != nil {
		return nil, err
	}
	key := names.Key(tag)
	asked := "tagged\x00" + key + "\x00" + string(q.Share[:]) + string(q.Folder[:])
	behind := schema.TagPlace{Key: key}
	if q.Token != "" {
		place, err := s.seal.Open(p, asked, q.Token)
		if err != nil {
			return nil, err
		}
		copy(behind.Node[:], place)
	}
	var out *Tagged
	err = s.view(ctx, "annotate.Tagged", func(v *meta.View) error {
		out = &Tagged{}
		if err := scope(v, p, q); err != nil {
			return err
		}
		at, seen, until, ended := behind, 0, time.Now().Add(examineFor), true
		err := schema.ScanTagged(v, p.Tenant, key, true, behind, func(_ string, node engine.ID, _ string) (bool, error) {
			if len(out.List) == q.Limit || seen == maxExamine || seen%64 == 63 && time.Now().After(until) {
				ended = false
				return false, nil
			}
			seen++
			at.Node = node
			sub, err := readable(v, p, node)
			if err == nil && sub != nil && q.holds(sub) {
				out.List = append(out.List, tree.Locate(sub))
			}
			return true, err
		})
		if !ended {
			out.Next = s.seal.Seal(p, asked, at.Node[:])
		}
		return err
	})
	return out, err
}

// scope checks that the caller may read where they look.
func scope(r schema.Reader, p *engine.Principal, q TagQuery) error {
	if !q.Share.IsZero() {
		if _, _, err := access.LookShare(r, p, q.Share); err != nil {
			return err
		}
	}
	if q.Folder.IsZero() {
		return nil
	}
	sub, err := access.Check(r, p, q.Folder, engine.RightRead)
	if err == nil && sub.Node.Kind != engine.KindFolder {
		err = access.NotFound()
	}
	return err
}

// holds reports whether a thing is where is looked.
func (q *TagQuery) holds(sub *access.Subject) bool {
	if !q.Share.IsZero() && sub.Share.ID != q.Share {
		return false
	}
	if q.Folder.IsZero() {
		return true
	}
	for _, up := range sub.Path {
		if up.ID == q.Folder {
			return true
		}
	}
	return false
}

// readable finds a live node that the caller may read, else nil.
func readable(r schema.Reader, p *engine.Principal, node engine.ID) (*access.Subject, error) {
	sub, err := access.Check(r, p, node, engine.RightRead)
	if k := engine.KindOf(err); err != nil && (k == engine.KindNotFound || k == engine.KindGone) {
		return nil, nil
	}
	return sub, err
}

// Used are tags that are in use, by their folded text.
type Used struct {
	List []string
	Next string
}

// Used lists the tags that begin with a text, whatever its case, and are on
// something that the caller may read. Bounds as of Tagged.
func (s *Service) Used(ctx context.Context, p *engine.Principal, prefix, token string, limit int) (*Used, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	if len(prefix) > engine.MaxTag || !utf8.ValidString(prefix) || strings.ContainsRune(prefix, 0) {
		return nil, engine.Invalid("prefix", "Must be UTF-8 of at most %d bytes", engine.MaxTag)
	}
	key := names.Key(strings.TrimLeft(prefix, " "))
	asked := "tags\x00" + key
	var behind schema.TagPlace
	if token != "" {
		place, err := s.seal.Open(p, asked, token)
		if err != nil {
			return nil, err
		}
		behind = placeOf(place)
	}
	var out *Used
	err := s.view(ctx, "annotate.Used", func(v *meta.View) error {
		out = &Used{}
		at, seen, until := behind, 0, time.Now().Add(examineFor)
		for {
			again, ended := false, true
			err := schema.ScanTagged(v, p.Tenant, key, false, at, func(k string, node engine.ID, text string) (bool, error) {
				if len(out.List) == limit || seen == maxExamine || seen%64 == 63 && time.Now().After(until) {
					ended = false
					return false, nil
				}
				seen++
				at = schema.TagPlace{Key: k, Node: node}
				sub, err := readable(v, p, node)
				if err != nil || sub == nil {
					return true, err
				}
				out.List = append(out.List, text)
				at.Past, again = true, true
				return false, nil
			})
			if err != nil {
				return err
			}
			if !again {
				if !ended {
					out.Next = s.seal.Seal(p, asked, bytesOf(at))
				}
				return nil
			}
		}
	})
	return out, err
}

// bytesOf gives a place in the list of tags as a token holds it.
func bytesOf(at schema.TagPlace) []byte {
	b := append([]byte{0}, at.Node[:]...)
	if at.Past {
		b[0] = 1
	}
	return append(b, at.Key...)
}

func placeOf(b []byte) (at schema.TagPlace) {
	at.Past = b[0] == 1
	at.Key = string(b[1+copy(at.Node[:], b[1:]):])
	return at
}

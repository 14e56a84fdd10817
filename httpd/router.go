package httpd

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"scaidrive/engine"
)

// A router finds the route of a method and a path.
type router struct {
	bySegments map[int][]*pattern
	byThird    map[string][]*pattern // those of bySegments that a third segment leaves, by it; see likely
	// beside answers a GET of any other path that it has; nil: nothing does.
	beside *route
	has    func(path string) bool
}

type pattern struct {
	path     string
	segments []string // "{…}" matches any one segment
	methods  map[string]*route
	allow    []string
}

func (p *pattern) variables() int { return strings.Count(p.path, "{") }

func newRouter(routes []route) *router {
	r := &router{bySegments: map[int][]*pattern{}}
	byPath := map[string]*pattern{}
	for i := range routes {
		rt := &routes[i]
		if rt.who == 0 {
			panic("the route " + rt.method + " " + rt.path + " does not say who may call it")
		}
		p := byPath[rt.path]
		if p == nil {
			p = &pattern{path: rt.path, segments: strings.Split(rt.path[1:], "/"), methods: map[string]*route{}}
			byPath[rt.path] = p
			r.bySegments[len(p.segments)] = append(r.bySegments[len(p.segments)], p)
		}
		p.methods[rt.method] = rt
		if rt.method == "GET" {
			p.methods["HEAD"] = rt
		}
	}
	for _, p := range byPath {
		var all []string
		for m := range p.methods {
			all = append(all, m)
		}
		slices.Sort(all)
		p.allow = all
	}
	for _, list := range r.bySegments {
		slices.SortStableFunc(list, func(a, b *pattern) int { return a.variables() - b.variables() })
	}
	r.byThird = map[string][]*pattern{}
	for n, list := range r.bySegments {
		if n < 3 || slices.ContainsFunc(list, func(p *pattern) bool { return isVariable(p.segments[2]) }) {
			continue
		}
		for _, p := range list {
			k := string(thirdKey(nil, n, p.segments[2]))
			r.byThird[k] = append(r.byThird[k], p)
		}
		r.byThird[string(thirdKey(nil, n, "{"))] = nil // they are sorted so
	}
	return r
}

func isVariable(segment string) bool { return segment != "" && segment[0] == '{' }

func thirdKey(b []byte, n int, third string) []byte { return append(append(b, byte(n), '/'), third...) }

// likely gives the patterns that a path of such segments may fit: nearly all
// differ in the third.
func (r *router) likely(segments []string) []*pattern {
	n := len(segments)
	if n < 3 || n > 255 || len(segments[2]) > 48 {
		return r.bySegments[n]
	}
	var room [64]byte
	if list, ok := r.byThird[string(thirdKey(room[:0], n, segments[2]))]; ok {
		return list
	}
	if _, sorted := r.byThird[string(thirdKey(room[:0], n, "{"))]; sorted {
		return nil
	}
	return r.bySegments[n]
}

// find gives the route and the values of its variable segments, in order. Where
// several paths fit that take the method, the one with the fewest variables is it. An
// unknown path is a 404, a known one without this method a 405 with Allow, one
// with a broken escape a 400. One slash at the end changes nothing.
func (r *router) find(method, path string) (*route, []string, error) {
	return r.lookup(nil, method, path)
}

// lookup is find, with the values in room where it is large enough.
func (r *router) lookup(values []string, method, path string) (*route, []string, error) {
	var room [12]string
	segments, err := cutPath(room[:0], path)
	if err != nil {
		return nil, nil, err
	}
	var allow []string
	for _, p := range r.likely(segments) {
		values, ok := p.match(values[:0], segments)
		if !ok {
			continue
		}
		if rt := p.methods[method]; rt != nil {
			return rt, values, nil
		}
		allow = append(allow, p.allow...)
	}
	if allow != nil {
		slices.Sort(allow)
		return nil, nil, fail(405, "This address does not take "+method, [2]string{"Allow", strings.Join(slices.Compact(allow), ", ")})
	}
	if (method == "GET" || method == "HEAD") && r.beside != nil && r.has(path) {
		return r.beside, nil, nil
	}
	return nil, nil, notFound()
}

// methods gives the methods that an address takes, sorted; nil: there is none such.
func (r *router) methods(path string) (all []string) {
	var room [12]string
	segments, err := cutPath(room[:0], path)
	if err != nil {
		return nil
	}
	for _, p := range r.likely(segments) {
		if _, ok := p.match(nil, segments); ok {
			all = append(all, p.allow...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// cutPath appends the segments of a path to segments. One slash at the end changes
// nothing.
func cutPath(segments []string, path string) ([]string, error) {
	if !strings.HasPrefix(path, "/") {
		return nil, engine.E(engine.KindMalformed, "The path does not begin with a slash")
	}
	for rest, more := path[1:], true; more; {
		var s string
		s, rest, more = strings.Cut(rest, "/")
		segments = append(segments, s)
	}
	if n := len(segments); n > 1 && segments[n-1] == "" {
		segments = segments[:n-1]
	}
	if strings.Contains(path, "%") || !utf8.ValidString(path) {
		for i, s := range segments {
			u, err := url.PathUnescape(s)
			if err != nil || !utf8.ValidString(u) || strings.ContainsRune(u, 0) {
				return nil, engine.E(engine.KindMalformed, "The path holds a broken escape")
			}
			segments[i] = u
		}
	}
	return segments, nil
}

// serve has a route of the table answer each GET of a path that has reports and
// that no pattern fits.
func (r *router) serve(rt *route, has func(path string) bool) { r.beside, r.has = rt, has }

// match appends the values of a path that fits to values.
func (p *pattern) match(values, segments []string) (_ []string, ok bool) {
	variables := 0
	for i, s := range p.segments {
		if isVariable(s) {
			if segments[i] == "" {
				return nil, false
			}
			variables++
		} else if s != segments[i] {
			return nil, false
		}
	}
	if variables == 0 {
		return nil, true
	}
	for i, s := range p.segments {
		if isVariable(s) {
			values = append(values, segments[i])
		}
	}
	return values, true
}

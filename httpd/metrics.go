package httpd

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/limit"
)

// metrics counts calls: one atomic addition a figure, in memory that is there
// from the start. What has not happened yet is not told.
type metrics struct {
	table   []route
	routes  map[*route]*[2]callStats // of the route's method, and of HEAD
	none    [len(strayMethods)]callStats
	refused [len(layers)]atomic.Uint64
	tenants sync.Map // of *tenantStats by engine.TenantNo
}

// strayMethods are the methods of calls that have no route; the last is any
// other, so that nobody fills our memory with names.
var strayMethods = [...]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"}

// layers are those of limit.State.
var layers = [...]string{"token", "user", "tenant", "address"}

// counted are the statuses that have a counter of their own; 0 is any other.
var counted = [...]int{
	0, 200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308,
	400, 401, 403, 404, 405, 408, 409, 410, 411, 412, 413, 415, 416, 421, 422, 429, 431,
	500, 501, 502, 503, 504, 505, 507,
}

// bounds are the upper bounds of the histogram's buckets.
var bounds = [...]time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// callStats are the figures of the calls of one method and path.
type callStats struct {
	statuses [len(counted)]atomic.Uint64
	buckets  [len(bounds) + 1]atomic.Uint64 // the last has no bound
	nanos    atomic.Int64
}

// tenantStats are the bytes that moved for a tenant.
type tenantStats struct {
	id       engine.ID
	up, down atomic.Int64
}

func newMetrics(table []route) *metrics {
	m := &metrics{table: table, routes: make(map[*route]*[2]callStats, len(table))}
	for i := range table {
		m.routes[&table[i]] = new([2]callStats)
	}
	return m
}

// call counts a call that is over after so long, whose answer's body had sent bytes.
func (m *metrics) call(c *call, sent int64, took time.Duration) {
	m.stats(c.route, c.method).add(c.status, took)
	if c.who == nil || c.route == nil || c.route.kind != bulk {
		return
	}
	up, down := int64(0), int64(0)
	if c.route.limit != noBody && c.route.limit != jsonBody {
		up = c.body.n
	}
	if c.content {
		down = sent
	}
	if up == 0 && down == 0 {
		return
	}
	t, ok := m.tenants.Load(c.who.Tenant)
	if !ok {
		t, _ = m.tenants.LoadOrStore(c.who.Tenant, &tenantStats{id: c.who.TenantID})
	}
	t.(*tenantStats).up.Add(up)
	t.(*tenantStats).down.Add(down)
}

func (m *metrics) stats(rt *route, method string) *callStats {
	s, listed := m.routes[rt]
	if !listed {
		i := slices.Index(strayMethods[:], method)
		if i < 0 {
			i = len(strayMethods) - 1
		}
		return &m.none[i]
	}
	if method == rt.method {
		return &s[0]
	}
	return &s[1]
}

func (s *callStats) add(status int, took time.Duration) {
	i, _ := slices.BinarySearch(counted[:], status)
	if i == len(counted) || counted[i] != status {
		i = 0
	}
	s.statuses[i].Add(1)
	b, _ := slices.BinarySearch(bounds[:], took)
	s.buckets[b].Add(1)
	s.nanos.Add(int64(took))
}

// refusal counts a call that was over a rate limit.
func (m *metrics) refusal(st limit.State) {
	if i := slices.Index(layers[:], st.Layer); i >= 0 {
		m.refused[i].Add(1)
	}
}

// mayReadMetrics: they name all tenants.
func mayReadMetrics(p *engine.Principal) bool {
	return p.Role == engine.RoleSuperAdmin && p.Has(engine.ScopeAdmin)
}

func getMetrics(c *call) error {
	if !mayReadMetrics(c.who) {
		return engine.E(engine.KindForbidden, "Metrics need the scope admin:* and the role super_admin")
	}
	c.setHeader("Cache-Control", "no-store")
	return c.blob(200, metricsType, c.s.writeMetrics())
}

// metricsType is the media type of Prometheus's text format.
const metricsType = "text/plain; version=0.0.4; charset=utf-8"

// writeMetrics gives all figures in Prometheus's text format.
func (s *Server) writeMetrics() []byte {
	var requests, durations bytes.Buffer
	each := func(method, path string, st *callStats) {
		labels := fmt.Sprintf(`method=%q,path=%q`, method, path)
		for i := range st.statuses {
			if n := st.statuses[i].Load(); n > 0 {
				status := "other"
				if i > 0 {
					status = strconv.Itoa(counted[i])
				}
				fmt.Fprintf(&requests, "scaidrive_requests_total{%s,status=%q} %d\n", labels, status, n)
			}
		}
		st.write(&durations, labels)
	}
	for i := range s.metrics.table {
		rt := &s.metrics.table[i]
		of := s.metrics.routes[rt]
		each(rt.method, rt.path, &of[0])
		each("HEAD", rt.path, &of[1])
	}
	for i, method := range strayMethods {
		each(method, "none", &s.metrics.none[i])
	}

	var out bytes.Buffer
	family(&out, "scaidrive_requests_total", "counter", "Calls that have ended, by method, route and status.", requests.String())
	family(&out, "scaidrive_request_duration_seconds", "histogram", "How long calls took, to the last byte of the answer.", durations.String())
	var lines strings.Builder
	for i, layer := range layers {
		if n := s.metrics.refused[i].Load(); n > 0 {
			fmt.Fprintf(&lines, "scaidrive_rate_limit_rejections_total{dimension=%q} %d\n", layer, n)
		}
	}
	family(&out, "scaidrive_rate_limit_rejections_total", "counter", "Calls that were refused for a rate limit.", lines.String())
	var up, down strings.Builder
	for _, t := range s.metrics.byTenant() {
		id := t.id.Format(engine.PrefixTenant)
		if n := t.up.Load(); n > 0 {
			fmt.Fprintf(&up, "scaidrive_uploads_bytes_total{tenant_id=%q} %d\n", id, n)
		}
		if n := t.down.Load(); n > 0 {
			fmt.Fprintf(&down, "scaidrive_downloads_bytes_total{tenant_id=%q} %d\n", id, n)
		}
	}
	family(&out, "scaidrive_uploads_bytes_total", "counter", "Bytes of uploads that were received, with their framing.", up.String())
	family(&out, "scaidrive_downloads_bytes_total", "counter", "Bytes of content that were sent.", down.String())
	if s.o.Transfer != nil {
		var dedup strings.Builder
		of := s.o.Transfer.Deduplicated()
		for _, id := range slices.SortedFunc(maps.Keys(of), func(a, b engine.ID) int { return bytes.Compare(a[:], b[:]) }) {
			fmt.Fprintf(&dedup, "scaidrive_chunks_deduplicated_total{tenant_id=%q} %d\n", id.Format(engine.PrefixTenant), of[id])
		}
		family(&out, "scaidrive_chunks_deduplicated_total", "counter", "Chunks that were received and there already.", dedup.String())
	}
	return out.Bytes()
}

func (m *metrics) byTenant() []*tenantStats {
	var list []*tenantStats
	m.tenants.Range(func(_, v any) bool {
		list = append(list, v.(*tenantStats))
		return true
	})
	slices.SortFunc(list, func(a, b *tenantStats) int { return bytes.Compare(a.id[:], b.id[:]) })
	return list
}

// family writes what belongs to one name, if there is any.
func family(out *bytes.Buffer, name, kind, help, lines string) {
	if lines != "" {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n%s", name, help, name, kind, lines)
	}
}

// write writes the histogram. Its count is the sum of what is read of the
// buckets, so that the figures agree while calls go on.
func (s *callStats) write(out *bytes.Buffer, labels string) {
	var counts [len(bounds) + 1]uint64
	sum := uint64(0)
	for i := range counts {
		sum += s.buckets[i].Load()
		counts[i] = sum
	}
	if sum == 0 {
		return
	}
	const name = "scaidrive_request_duration_seconds"
	for i, n := range counts {
		bound := "+Inf"
		if i < len(bounds) {
			bound = strconv.FormatFloat(bounds[i].Seconds(), 'g', -1, 64)
		}
		fmt.Fprintf(out, "%s_bucket{%s,le=%q} %d\n", name, labels, bound, n)
	}
	seconds := strconv.FormatFloat(time.Duration(s.nanos.Load()).Seconds(), 'g', -1, 64)
	fmt.Fprintf(out, "%s_sum{%s} %s\n%s_count{%s} %d\n", name, labels, seconds, name, labels, sum)
}

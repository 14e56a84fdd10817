package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"sync"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/tree"
	"scaidrive/httpd/wire"
)

// The bounds of sockets.
const (
	maxSockets     = 4096
	maxUserSockets = 10
	wakeEvery      = 100 * time.Millisecond // at most ten wake-ups a second
	rowsASecond    = 200
	maxCommand     = 4 << 10 // bytes of what a socket sends
	commandsBurst  = 20      // at once; then one every 100 ms
	pingEvery      = 50 * time.Second
	silentFor      = 2*pingEvery + 20*time.Second // then it is taken for gone
	recheckEvery   = time.Minute
	maxQueue       = 64 // frames that are not rows
)

// The codes that sockets are closed with, beside those of RFC 6455.
const (
	closeNormal       = 1000
	closeGoingAway    = 1001
	closePolicy       = 1008
	closeUnauthorized = 4401
	closeReplaced     = 4409
)

// A wireSocket is an upgraded connection; call.go makes it.
type wireSocket interface {
	// read returns the next message; it is called from one goroutine.
	read() ([]byte, error)
	// write sends a message, ping a ping; both are called from one goroutine.
	write(b []byte) error
	ping() error
	// end sends a close frame and makes read return. It may be called from any.
	end(code int, reason string)
}

// sockets are all that are open.
type sockets struct {
	mu     sync.Mutex
	n      int
	byUser map[engine.ID]*userSockets
}

// userSockets are those of one user.
type userSockets struct {
	open     map[*socket]struct{} // under the mutex of sockets
	rendered rendered
}

// A socket is an open one.
//
// Rows are not queued: the writer renders what the change log has when it comes to
// it, checked for its user at that moment, so a slow reader costs no memory; who is
// too far behind is told where the shares stand, and pulls.
type socket struct {
	s      *Server
	ws     wireSocket
	who    *engine.Principal
	device string // of a sync client's; empty: a page's
	mine   *userSockets
	page   bool
	told   engine.ID // the newest notice that a page was told of

	out  chan []byte   // frames that are not rows
	anew chan struct{} // of a sync client's: something may be to be listed anew
	stop chan struct{} // closed when the socket is to end
	once sync.Once
	code int // with which it ends, once stop is closed
	why  string

	mu         sync.Mutex
	subscribed map[engine.ID]bool // by a page
	all        bool               // by a sync client
}

func (r *sockets) enter(k *socket) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	mine := r.byUser[k.who.User]
	switch {
	case r.n >= maxSockets:
		return fail(503, "Too many sockets are open", [2]string{"Retry-After", "30"})
	case mine != nil && len(mine.open) >= maxUserSockets:
		return fail(429, "You have too many sockets open", [2]string{"Retry-After", "30"})
	}
	if mine == nil {
		mine = &userSockets{open: map[*socket]struct{}{}}
		if r.byUser == nil {
			r.byUser = map[engine.ID]*userSockets{}
		}
		r.byUser[k.who.User] = mine
	}
	for other := range mine.open {
		if k.device != "" && other.device == k.device {
			other.close(closeReplaced, "the device has another socket")
		}
	}
	mine.open[k] = struct{}{}
	k.mine = mine
	r.n++
	return nil
}

func (r *sockets) leave(k *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := k.mine.open[k]; !ok {
		return
	}
	r.n--
	if delete(k.mine.open, k); len(k.mine.open) == 0 {
		delete(r.byUser, k.who.User)
	}
}

// of are a user's sockets. It is called under the mutex.
func (r *sockets) of(user engine.ID) map[*socket]struct{} {
	if mine := r.byUser[user]; mine != nil {
		return mine.open
	}
	return nil
}

// send gives a frame to a user's sockets that which takes.
func (r *sockets) send(user engine.ID, f wire.Frame, which func(*socket) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k := range r.of(user) {
		if which(k) {
			k.tell(f)
		}
	}
}

// wake has a user's sockets that which takes look whether something is to be listed
// anew.
func (r *sockets) wake(user engine.ID, which func(*socket) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k := range r.of(user) {
		if which(k) {
			k.wake()
		}
	}
}

func (k *socket) wake() {
	select {
	case k.anew <- struct{}{}:
	default: // it will look already
	}
}

// tell queues a frame; a socket whose queue is full misses it, and pulls.
func (k *socket) tell(f wire.Frame) {
	if k.page && f.Type == "" {
		f.Type = f.EventType
	}
	b, err := json.Marshal(f)
	if err != nil {
		return
	}
	select {
	case k.out <- b:
	default:
	}
}

// close ends a socket with a code.
func (k *socket) close(code int, reason string) {
	k.once.Do(func() {
		k.code, k.why = code, reason
		close(k.stop)
	})
}

// socketCaller recognises who opens a socket: by ticket, by token in the address, or by
// the header.
func (c *call) socketCaller() (*engine.Principal, error) {
	if text, ok := c.query["ticket"]; ok {
		p, ok := c.s.tickets.take(text, c.s.env.Now())
		if !ok {
			return nil, engine.E(engine.KindUnauthorized, "The ticket is unknown, used up or too old")
		}
		return c.s.recheck(c.ctx, p)
	}
	token := c.query["token"]
	if token == "" {
		var err error
		if token, err = c.bearer(); err != nil {
			return nil, err
		}
	}
	return c.s.authenticate(c.ctx, token)
}

// knownOrigin refuses a page of an origin that may not call: a browser sends what it has
// to whoever asks.
func (c *call) knownOrigin() error {
	if origin := c.header("Origin"); origin != "" && !c.sameHost(origin) && c.crossOrigin() == "" {
		return fail(403, "A page of another origin can't open a socket here")
	}
	return nil
}

func syncSocket(c *call) error {
	device, err := c.pathDevice(0)
	if err != nil {
		return err
	}
	return c.openSocket(&socket{s: c.s, device: device})
}

func realtimeSocket(c *call) error { return c.openSocket(&socket{s: c.s, page: true}) }

func (c *call) openSocket(k *socket) error {
	if err := c.knownOrigin(); err != nil {
		return err
	}
	k.out, k.stop, k.subscribed = make(chan []byte, maxQueue), make(chan struct{}), map[engine.ID]bool{}
	p, err := c.socketCaller()
	if err == nil && !p.Has(engine.ScopeFilesRead) {
		err = engine.E(engine.KindUnauthorized, "The token lacks the scope %s", engine.ScopeFilesRead)
	}
	if kind := engine.KindOf(err); err != nil && kind == engine.KindUnauthorized {
		return c.upgrade(func(ws wireSocket) {
			ws.end(closeUnauthorized, "not signed in")
			for range commandsBurst { // until it has seen that
				if _, err := ws.read(); err != nil {
					return
				}
			}
		})
	}
	if err != nil {
		return err
	}
	k.who = p
	if !k.page {
		k.anew = make(chan struct{}, 1)
		if _, err := c.s.o.Journal.Device(c.ctx, p, k.device); err != nil {
			return err
		}
	}
	if err := c.s.sockets.enter(k); err != nil {
		return err
	}
	tail := c.s.o.Journal.Tail(p.Tenant)
	err = c.upgrade(func(ws wireSocket) {
		defer c.s.sockets.leave(k)
		k.ws = ws
		k.run(tail)
	})
	if err != nil {
		c.s.sockets.leave(k)
	}
	return err
}

// run serves a socket until it ends.
func (k *socket) run(tail *journal.Tail) {
	ctx, cancel := context.WithCancel(k.s.serving)
	defer cancel()
	leave := context.AfterFunc(ctx, func() { k.close(closeGoingAway, "the server ends") })
	defer leave()
	var wg sync.WaitGroup
	if k.page {
		now := wire.At(k.s.env.Now())
		k.tell(wire.Frame{EventType: "connected", UserID: k.who.User.Format(engine.PrefixUser), Timestamp: &now})
	}
	news := make(chan []journal.News)
	wg.Go(func() {
		<-k.stop
		k.ws.end(k.code, k.why)
	})
	wg.Go(func() { k.follow(ctx, tail, news) })
	wg.Go(func() {
		k.write(ctx, news)
		k.close(closeNormal, "")
		cancel()
	})
	k.read()
	k.close(closeNormal, "")
	cancel()
	wg.Wait()
}

// follow hands over what is committed, at most ten times a second.
func (k *socket) follow(ctx context.Context, tail *journal.Tail, out chan<- []journal.News) {
	for {
		n := tail.Wait(ctx, k.stop)
		if n == nil {
			return
		}
		select {
		case out <- n:
		case <-k.stop:
			return
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(wakeEvery):
		case <-k.stop:
			return
		case <-ctx.Done():
			return
		}
	}
}

// write sends frames, rows and pings.
func (k *socket) write(ctx context.Context, news <-chan []journal.News) {
	ping, check := time.NewTicker(pingEvery), time.NewTicker(recheckEvery)
	defer ping.Stop()
	defer check.Stop()
	concerned := make(chan struct{}, 1)
	defer k.s.o.Journal.Concern(k.who, concerned)()
	stands := standings{}
	ends, forget := k.regard(ctx, stands, false)
	defer func() { forget() }()
	told := make(chan struct{}, 1)
	defer k.heed(told)()
	budget, since := rowsASecond, time.Now()
	for {
		var err error
		select {
		case <-k.stop:
			return
		case <-ctx.Done():
			return
		case b := <-k.out:
			err = k.ws.write(b)
		case <-k.anew:
			if err = k.recheck(ctx); err == nil {
				err = k.tellResyncs(ctx)
			}
		case <-ping.C:
			err = k.ws.ping()
		case <-check.C:
			err = k.recheck(ctx)
		case <-concerned: // who is shut out is out at once
			if err = k.recheck(ctx); err == nil {
				forget()
				ends, forget = k.regard(ctx, stands, true)
			}
		case <-ends:
			if err = k.recheck(ctx); err == nil {
				forget()
				ends, forget = k.regard(ctx, stands, true)
			}
		case <-told:
			if err = k.recheck(ctx); err == nil {
				err = k.tellNotices(ctx)
			}
		case list := <-news:
			if time.Since(since) >= time.Second {
				budget, since = rowsASecond, time.Now()
			}
			if err = k.recheck(ctx); err == nil {
				err = k.tellNews(ctx, list, &budget)
			}
		}
		if err != nil {
			return
		}
	}
}

// standings are how somebody stood in the shares that they see when they were last
// told.
type standings map[engine.ID]string

// regard compares how the socket's user stands in their shares with how they did, and
// tells of shares in which it is another way, gone ones too: what is seen there is to
// be asked for anew. A page hears of shares that come and go even if it did not
// subscribe to them, since it lists them. It gives what is closed when a role of theirs
// ends, and what is called when that is waited for no more.
func (k *socket) regard(ctx context.Context, had standings, tell bool) (ends <-chan struct{}, forget func()) {
	now, until, err := k.s.o.Journal.Standings(ctx, k.who)
	if err != nil {
		return k.s.env.Until(k.s.env.Now().Add(recheckEvery))
	}
	for share, tag := range had {
		is, still := now[share]
		if is != tag && tell && (k.takes(share) || k.page && !still) {
			k.tell(k.asked(share))
		}
	}
	for share := range now {
		if _, known := had[share]; !known && tell && (k.takes(share) || k.page) {
			k.tell(k.asked(share))
		}
	}
	clear(had)
	maps.Copy(had, now)
	return k.s.env.Until(until)
}

// asked is a frame that says that there is something to ask for in a share.
func (k *socket) asked(share engine.ID) wire.Frame {
	return wire.Frame{EventType: "change", ShareID: share.Format(engine.PrefixShare)}
}

// tellResyncs tells a sync client that has subscribed what it is to list anew. What
// was asked for is told once it was sent.
func (k *socket) tellResyncs(ctx context.Context) error {
	k.mu.Lock()
	all := k.all
	k.mu.Unlock()
	if !all {
		return nil
	}
	list, err := k.s.o.Journal.Resyncs(ctx, k.who, k.device)
	if err != nil {
		return nil // a device that is gone; the next socket tries again
	}
	for _, r := range list {
		b, err := json.Marshal(wire.Frame{EventType: "force_sync", ShareID: r.Share.Format(engine.PrefixShare)})
		if err == nil {
			err = k.ws.write(b)
		}
		if err != nil {
			return err
		}
	}
	_ = k.s.o.Journal.ToldResyncs(ctx, k.who, k.device, list) // else it is told again
	return nil
}

var errSocket = errors.New("the socket is closed")

// recheck reads anew who the socket is of and what they may.
func (k *socket) recheck(ctx context.Context) error {
	p, err := k.s.recheck(ctx, k.who)
	if err != nil {
		if engine.KindOf(err) == engine.KindUnauthorized || engine.KindOf(err) == engine.KindForbidden {
			k.wipeIfRemoved(ctx)
			k.close(closeUnauthorized, "not signed in any more")
			return errSocket
		}
		return nil // asked again with the next news
	}
	k.who = p
	return nil
}

// wipeIfRemoved sends the last frame of a device that was removed: its session ended
// with it.
func (k *socket) wipeIfRemoved(ctx context.Context) {
	if k.page {
		return
	}
	if _, err := k.s.o.Journal.Device(ctx, k.who, k.device); engine.KindOf(err) == engine.KindNotFound && err != nil {
		if b, err := json.Marshal(wire.Frame{EventType: "wipe", DeviceID: k.device}); err == nil {
			_ = k.ws.write(b)
		}
	}
}

func (k *socket) takes(share engine.ID) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.all || k.subscribed[share]
}

func (k *socket) tellNews(ctx context.Context, list []journal.News, budget *int) error {
	for _, n := range list {
		if !k.takes(n.Share) {
			continue
		}
		frames, rows, err := k.render(ctx, n, max(*budget, 0))
		if err != nil {
			continue // it is told with the next news, and pulled
		}
		*budget -= rows
		for _, b := range frames {
			if err := k.ws.write(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// frames turns rows into what the socket's kind is sent.
func (k *socket) frames(share engine.ID, feed *journal.Feed) []wire.Frame {
	id := share.Format(engine.PrefixShare)
	var list []wire.Frame
	if feed.Met && k.page {
		list = append(list, wire.Frame{EventType: "conflict", Type: "conflict", ShareID: id})
	}
	if len(feed.Rows) == 0 && !feed.More {
		return list
	}
	if len(feed.Rows) == 0 {
		f := wire.Frame{EventType: "change", ShareID: id, Cursor: feed.Cursor, Epoch: feed.Epoch}
		if k.page {
			f.Type = "change"
		}
		return append(list, f)
	}
	for i := range feed.Rows {
		r := &feed.Rows[i]
		if !k.page {
			f := wire.Frame{EventType: "change", ShareID: id, Data: wireRow(k.who.TenantID, r)}
			if i == len(feed.Rows)-1 {
				f.Cursor, f.Epoch = feed.Cursor, feed.Epoch
			}
			list = append(list, f)
			continue
		}
		f := wire.Frame{EventType: "change"} // which says to ask
		if !r.AccessChanged && !r.Bare {
			f = k.pageFrame(share, r)
		}
		f.ShareID, f.Type = id, f.EventType
		list = append(list, f)
	}
	return list
}

// pageFrame tells a page of a row.
func (k *socket) pageFrame(share engine.ID, r *journal.Row) wire.Frame {
	kind, prefix := typeAndPrefix(r.Resource)
	if r.Kind == engine.ChangeDeleted || r.Node == nil {
		return wire.Frame{EventType: kind + "_deleted", Data: map[string]string{kind + "_id": r.Change.Node.Format(prefix)}}
	}
	at := &tree.Located{Node: r.Node, Share: share}
	if r.NewPath != nil {
		at.Path = *r.NewPath
	}
	f := wire.Frame{EventType: kind + "_updated"}
	if r.Kind == engine.ChangeCreated {
		f.EventType = kind + "_created"
	}
	if r.Node.Kind == engine.KindFolder {
		f.Data = wireFolder(k.who.TenantID, at)
	} else {
		f.Data = wireFile(k.who.TenantID, at)
	}
	return f
}

// read takes what the socket sends, until it ends.
func (k *socket) read() {
	left, last := float64(commandsBurst), time.Now()
	for {
		b, err := k.ws.read()
		if err != nil {
			return
		}
		now := time.Now()
		left = min(commandsBurst, left+now.Sub(last).Seconds()*10) - 1
		last = now
		if left < 0 {
			k.close(closePolicy, "too many messages")
			return
		}
		var in wire.SocketCommand
		if json.Unmarshal(b, &in) != nil {
			continue // frames of later clients are passed over
		}
		k.command(&in)
	}
}

func (k *socket) command(in *wire.SocketCommand) {
	share, err := engine.ParseID(engine.PrefixShare, in.ShareID)
	switch {
	case in.Type == "ping":
		k.tell(wire.Frame{Type: "pong"})
	case in.EventType == "ping", in.Action == "ping":
		k.tell(wire.Frame{EventType: "pong"})
	case !k.page && (in.Type == "subscribe" || in.Action == "subscribe" || in.EventType == "subscribe"):
		k.mu.Lock()
		k.all = true
		k.mu.Unlock()
		k.tell(wire.Frame{Type: "subscribed"})
		k.wake()
	case k.page && (in.Action == "subscribe" || in.Action == "unsubscribe") && err == nil:
		k.mu.Lock()
		if in.Action == "unsubscribe" {
			delete(k.subscribed, share)
		} else if len(k.subscribed) < 1000 {
			k.subscribed[share] = true
		}
		k.mu.Unlock()
		k.tell(wire.Frame{EventType: in.Action + "d", ShareID: in.ShareID})
	}
}

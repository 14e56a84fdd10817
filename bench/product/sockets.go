package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fasthttp/websocket"
)

// What sockets are measured with.
const (
	socketUsers = 50
	socketsEach = 10
	socketTimes = 20
)

// A listener is one socket of a user.
type listener struct {
	ws   *websocket.Conn
	sees bool // its user is a member of the share
}

// sockets measures 500 sockets of 50 users, of whom half are members of a share:
// what they take on the server, and when a change in the share has reached them.
func (b *bench) sockets() error {
	if _, err := b.fresh("sockets"); err != nil {
		return err
	}
	token, err := b.token()
	if err != nil {
		return err
	}
	share, err := b.benchShare(token)
	if err != nil {
		return err
	}
	tokens := make([]string, socketUsers)
	for i := range tokens {
		who := fmt.Sprintf("user%d@example.com", i)
		if err := b.call("POST", "/admin/users", token, map[string]string{"email": who, "name": who, "password": password}, nil); err != nil {
			return err
		}
		if i%2 == 0 {
			if _, err := b.cli("share", "add", "Bench", who, "--quiet"); err != nil {
				return err
			}
		}
		if tokens[i], err = b.tokenOf(who); err != nil {
			return err
		}
	}
	time.Sleep(2 * time.Second)
	pid := b.srv.Process.Pid
	memory := func() float64 { return memoryOf(pid, "RssAnon") + memoryOf(pid, "RssFile") }
	before := memory()
	var all []*listener
	defer func() {
		for _, l := range all {
			l.ws.Close()
		}
	}()
	for i, token := range tokens {
		for range socketsEach {
			l, err := b.listen(i, token, share)
			if err != nil {
				return err
			}
			l.sees = i%2 == 0
			all = append(all, l)
		}
	}
	time.Sleep(5 * time.Second)
	atMost("500 idle sockets: memory of the server in all", "MiB", memory(), fixed(100))
	row("of that, before the first socket", "%.1f MiB", before)
	cpu := onCPU(pid)
	time.Sleep(20 * time.Second)
	row("CPU of the server with them, in 20 s", "%.0f ms", (onCPU(pid)-cpu).Seconds()*1e3)
	return errors.Join(b.tellAll(all, token, share), b.stop())
}

// listen opens a socket from an address of its own, because the connections of one
// are limited.
func (b *bench) listen(i int, token, share string) (*listener, error) {
	dialer := websocket.Dialer{NetDialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i))}}).DialContext,
		ReadBufferSize: 1024, WriteBufferSize: 1024}
	ws, _, err := dialer.Dial("ws://"+b.addr+"/api/v1/realtime/ws", http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		return nil, err
	}
	l := &listener{ws: ws}
	if _, err := l.next(); err != nil {
		return nil, err
	}
	if err := ws.WriteMessage(websocket.TextMessage, []byte(`{"action":"subscribe","share_id":"`+share+`"}`)); err != nil {
		return nil, err
	}
	_, err = l.next()
	return l, err
}

func (l *listener) next() (string, error) {
	l.ws.SetReadDeadline(time.Now().Add(30 * time.Second))
	_, text, err := l.ws.ReadMessage()
	return string(text), err
}

// tellAll makes a change and waits until all members have heard of it; then all are
// pinged: who is no member must hear the answer and nothing before it.
func (b *bench) tellAll(all []*listener, token, share string) error {
	var last, every []float64
	for n := range socketTimes {
		name := fmt.Sprintf("folder %d", n)
		times := make([]float64, len(all))
		failed := make([]error, len(all))
		var wg sync.WaitGroup
		begin := time.Now()
		for i, l := range all {
			if !l.sees {
				continue
			}
			wg.Go(func() {
				text, err := l.next()
				times[i] = time.Since(begin).Seconds() * 1e3
				if err == nil && !strings.Contains(text, name) {
					err = fmt.Errorf("it was told %s", text)
				}
				failed[i] = err
			})
		}
		time.Sleep(20 * time.Millisecond)
		begin = time.Now()
		if err := b.call("POST", "/folders", token, map[string]string{"share_id": share, "name": name}, nil); err != nil {
			return err
		}
		wg.Wait()
		if err := errors.Join(failed...); err != nil {
			return err
		}
		for i, l := range all {
			if l.sees {
				every = append(every, times[i])
			}
		}
		last = append(last, slices.Max(times))
		time.Sleep(150 * time.Millisecond) // wake-ups are limited to ten a second
	}
	for _, l := range all {
		if err := l.ws.WriteMessage(websocket.TextMessage, []byte(`{"action":"ping"}`)); err != nil {
			return err
		}
		text, err := l.next()
		var f struct {
			Type string `json:"event_type"`
		}
		if err != nil || json.Unmarshal([]byte(text), &f) != nil || f.Type != "pong" {
			return fmt.Errorf("a socket that sees %v was told %s, %v", l.sees, text, err)
		}
	}
	slices.Sort(every)
	atMost(fmt.Sprintf("a change has reached the %d sockets of members, and none of the others, median of %d", len(every)/socketTimes, socketTimes), "ms", median(last), fixed(1000))
	row("one of those sockets has it after: median, 99 of 100, the last of all", "%.1f, %.1f, %.1f ms", median(every), every[len(every)*99/100], every[len(every)-1])
	return nil
}

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fasthttp/websocket"

	"scaidrive/httpd/wire"
)

// The bounds of a socket.
const (
	socketMessage = 1 << 20 // bytes of one message
	socketSilence = 2 * time.Minute
	socketOpening = 20 * time.Second
)

// A SocketEnd tells with which code the server ended a socket.
type SocketEnd struct {
	Code   int
	Reason string
}

func (e *SocketEnd) Error() string {
	return fmt.Sprintf("the server ended the socket: %d %s", e.Code, e.Reason)
}

// The codes with which the server ends the socket of a sync client.
const (
	SocketUnauthorized = 4401
	SocketReplaced     = 4409 // another socket of the device was opened
)

// Ticket gets a one-time pass to a socket.
func (c *Client) Ticket(ctx context.Context) (string, error) {
	var out wire.Ticket
	err := c.ask(ctx, call{method: http.MethodPost, path: "/auth/ticket", repeat: true}, &out)
	return out.Ticket, err
}

// Listen opens the socket of a device, subscribes to all shares, and calls each for
// every frame until the socket ends or ctx does; ready is called when the server
// has confirmed. Frames are hints: what they tell of is pulled. A socket on which
// nothing comes, not even the server's pings, is taken for dead after two minutes.
func (c *Client) Listen(ctx context.Context, device string, ready func(), each func(*wire.Frame)) error {
	ticket, err := c.Ticket(ctx)
	if err != nil {
		return err
	}
	at := "ws" + strings.TrimPrefix(c.base, "http") + wire.Prefix + "/sync/ws/" + url.PathEscape(device) + "?ticket=" + url.QueryEscape(ticket)
	d := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: socketOpening, ReadBufferSize: 4 << 10, WriteBufferSize: 1 << 10}
	ws, resp, err := d.DialContext(ctx, at, http.Header{"User-Agent": {c.agent}})
	if err != nil {
		if resp != nil && errors.Is(err, websocket.ErrBadHandshake) {
			return &StatusError{Status: resp.StatusCode, Problem: wire.Problem{Detail: "the server opens no socket"}}
		}
		return &Unreachable{Address: c.base, Err: withoutAddress(err)}
	}
	defer ws.Close()
	defer context.AfterFunc(ctx, func() { ws.Close() })()
	ws.SetReadLimit(socketMessage)
	alive := func() error { return ws.SetReadDeadline(time.Now().Add(socketSilence)) }
	pong := ws.PingHandler()
	ws.SetPingHandler(func(text string) error { return errors.Join(alive(), pong(text)) })
	if err := ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"subscribe"}`)); err != nil {
		return &Unreachable{Address: c.base, Err: err}
	}
	for {
		if err := alive(); err != nil {
			return err
		}
		_, b, err := ws.ReadMessage()
		if err != nil {
			return c.socketError(ctx, err)
		}
		var f wire.Frame
		if json.Unmarshal(b, &f) != nil {
			continue // of a later server
		}
		if f.Type == "subscribed" || f.EventType == "subscribed" {
			ready()
			continue
		}
		each(&f)
	}
}

func (c *Client) socketError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var end *websocket.CloseError
	if errors.As(err, &end) {
		return &SocketEnd{end.Code, end.Text}
	}
	return &Unreachable{Address: c.base, Err: err}
}

// withoutAddress takes the address out of an error: the ticket stands in it.
func withoutAddress(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op
	}
	return err
}

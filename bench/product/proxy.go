package main

import (
	"io"
	"net"
	"sync/atomic"
)

// A counter is a TCP proxy in front of the server that counts what passes it:
// requests and answers, heads and bodies.
type counter struct {
	addr     string
	l        net.Listener
	up, down atomic.Int64
	conns    atomic.Int64
}

// countBytes listens for connections and passes them on to an address.
func countBytes(to string) (*counter, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &counter{addr: l.Addr().String(), l: l}
	go func() { // ends with the listener
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			c.conns.Add(1)
			go c.pass(in, to)
		}
	}()
	return c, nil
}

func (c *counter) pass(in net.Conn, to string) {
	defer in.Close()
	out, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer out.Close()
	go func() {
		io.Copy(counting{out, &c.up}, in)
		out.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(counting{in, &c.down}, out)
}

type counting struct {
	w io.Writer
	n *atomic.Int64
}

func (c counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n.Add(int64(n))
	return n, err
}

// moved gives the megabytes in both directions since the last call.
func (c *counter) moved() float64 { return float64(c.up.Swap(0)+c.down.Swap(0)) / 1e6 }

func (c *counter) close() { c.l.Close() }

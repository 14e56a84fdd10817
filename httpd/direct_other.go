//go:build !linux

package httpd

import "net"

const maxDirect = 0

// A direct is for Linux only.
type direct struct{ net.Conn }

func newDirect(net.Conn) *direct { return nil }

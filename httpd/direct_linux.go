package httpd

import (
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"
)

// maxDirect is the longest piece that is read or written directly, in bytes: what the
// kernel copies in some microseconds.
const maxDirect = 64 << 10

// A direct moves bytes over a TCP connection by system calls of which the runtime is
// not told. The descriptor does not block, so none of them waits: for that there is
// the runtime's poller, with its deadlines, as for net.Conn. A call of which it is told
// counts as one that may wait for long: where it takes 20 us, because other processes
// have the cores, another thread is woken to go on in its place, and a connection's
// small answer costs that thread's way there and back.
//
// Reads come from one goroutine at a time, writes from one at a time.
type direct struct {
	raw         syscall.RawConn
	read, write move
}

// A move is one Read or Write on its way.
type move struct {
	step func(fd uintptr) bool // made once
	p    []byte
	n    int
	err  error
}

// newDirect gives nil for what is no TCP connection.
func newDirect(c net.Conn) *direct {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	d := &direct{raw: raw}
	d.read.step = func(fd uintptr) bool { return d.read.some(fd) }
	d.write.step = func(fd uintptr) bool { return d.write.all(fd) }
	return d
}

// Read is net.Conn's.
func (d *direct) Read(p []byte) (int, error) {
	m := &d.read
	m.p, m.n, m.err = p, 0, nil
	err := d.raw.Read(m.step)
	m.p = nil
	switch {
	case err != nil:
		return 0, err
	case m.err == nil && m.n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return m.n, m.err
}

// Write is net.Conn's.
func (d *direct) Write(p []byte) (int, error) {
	m := &d.write
	m.p, m.n, m.err = p, 0, nil
	err := d.raw.Write(m.step)
	m.p = nil
	if err == nil {
		err = m.err
	}
	return m.n, err
}

// some reads what is there; false: nothing yet.
func (m *move) some(fd uintptr) bool {
	if len(m.p) == 0 {
		return true
	}
	n, errno := callOn(syscall.SYS_READ, fd, m.p)
	if errno == syscall.EAGAIN {
		return false
	}
	if m.n = n; errno != 0 {
		m.n, m.err = 0, os.NewSyscallError("read", errno)
	}
	return true
}

// all writes until nothing is left; false: the peer has to take something first.
func (m *move) all(fd uintptr) bool {
	for m.n < len(m.p) {
		n, errno := callOn(syscall.SYS_WRITE, fd, m.p[m.n:])
		switch {
		case errno == syscall.EAGAIN:
			return false
		case errno != 0:
			m.err = os.NewSyscallError("write", errno)
			return true
		case n == 0:
			m.err = io.ErrUnexpectedEOF
			return true
		}
		m.n += n
	}
	return true
}

// callOn makes a system call with a buffer that is not empty, and again where a signal
// came between.
func callOn(trap, fd uintptr, p []byte) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.RawSyscall(trap, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
		if errno != syscall.EINTR {
			return int(n), errno
		}
	}
}

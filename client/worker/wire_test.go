package worker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/httpd/wire"
)

// A meter counts what goes over a client's connections, in both directions.
type meter struct {
	http.Transport
	n atomic.Int64
}

func newMeter(t *testing.T) *meter {
	m := &meter{}
	m.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return metered{c, m}, err
	}
	t.Cleanup(m.CloseIdleConnections)
	return m
}

func (m *meter) moved() int64 { return m.n.Swap(0) }

type metered struct {
	net.Conn
	m *meter
}

func (c metered) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.m.n.Add(int64(n))
	return n, err
}

func (c metered) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.m.n.Add(int64(n))
	return n, err
}

// The bounds of the large measurement (bench/product, section delta), for a small
// file: what changes moves, and little more.
func TestDeltaOnTheWire(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	up, down := newMeter(t), newMeter(t)
	a.conn, b.conn = up, down
	rng := rand.NewChaCha8([32]byte{4})
	content := make([]byte, 16<<20)
	rng.Read(content)
	step := func(what string, most int64) {
		t.Helper()
		a.write("big.bin", string(content))
		up.moved()
		down.moved()
		a.sync()
		b.sync()
		u, d := up.moved(), down.moved()
		t.Logf("%s: %d bytes up, %d down", what, u, d)
		if u > most || d > most {
			t.Errorf("%s: %d bytes up, %d down; at most %d", what, u, d, most)
		}
	}
	step("all of it", 17<<20)
	rng.Read(content[7<<20 : 8<<20])
	step("1 MiB changed", 1<<20+600<<10)
	front := make([]byte, 256<<10)
	rng.Read(front)
	content = append(front, content...)
	step("256 KiB in front", 256<<10+500<<10)
	if diff := cmp.Diff(a.tree(), b.tree()); diff != "" {
		t.Error(diff)
	}
}

// What is made in many batches, each with the server while the next is prepared, in
// folders that the batch before makes; and then renamed as one.
func TestManyBatches(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	up, down := newMeter(t), newMeter(t)
	a.conn, b.conn = up, down
	a.batch = 7
	for i := range 12 {
		dir := "all"
		for d := range i {
			dir += fmt.Sprintf("/below %d", d)
		}
		for j := range 9 {
			a.write(fmt.Sprintf("%s/of %d/file %d", dir, i, j), fmt.Sprintf("content %d %d", i, j))
		}
	}
	a.sync()
	for _, e := range a.events {
		if e.Kind == "refused" {
			t.Errorf("%+v", e)
		}
	}
	if c := a.folder.Status().Counts; c.Rounds > 2 || c.Moves > 0 {
		t.Errorf("it was not made in its place at once: %+v", c)
	}
	st := b.sync()
	if diff := cmp.Diff(a.tree(), b.tree()); diff != "" {
		t.Fatal(diff)
	}
	if !st.InStep || st.Files < 108 {
		t.Errorf("%+v", st)
	}
	first := up.moved() + down.moved()
	before := b.folder.Position()
	a.move("all", "everything")
	moves := func(d *desk) int64 {
		n := d.folder.Status().Counts.Moves
		d.sync()
		return d.folder.Status().Counts.Moves - n
	}
	if n := moves(a); n != 1 {
		t.Errorf("%d moves were sent", n)
	}
	if got, err := r.api(nil).Changes(t.Context(), r.share, before, 0); err != nil || len(got.Changes) != 1 {
		t.Errorf("in the change log: %+v, %v", got, err)
	}
	if n := moves(b); n != 1 {
		t.Errorf("%d moves were received", n)
	}
	if all := up.moved() + down.moved(); all > 12<<10 {
		t.Errorf("the rename of %d bytes moved %d", first, all)
	}
	if diff := cmp.Diff(a.tree(), b.tree()); diff != "" {
		t.Error(diff)
	}
	if st := a.folder.Status(); st.Counts.Hashed > 108 {
		t.Errorf("%d files were read after they were moved", st.Counts.Hashed-108)
	}
}

// Who has content that the tenant has already proves it, and sends nothing of it,
// though they can't see the other's share.
func TestProvenNotSent(t *testing.T) {
	r := newRig(t)
	a := r.desk("a")
	content := make([]byte, 5<<20)
	rand.NewChaCha8([32]byte{5}).Read(content)
	a.write("theirs.bin", string(content))
	a.sync()
	const who = "second@example.com"
	if _, err := r.api(nil).CreateUser(t.Context(), wire.CreateUser{Email: who, Name: "Second", Password: adminPassword}); err != nil {
		t.Fatal(err)
	}
	tok, err := r.api(nil).Login(t.Context(), who, adminPassword)
	if err != nil {
		t.Fatal(err)
	}
	r.token = tok.AccessToken
	r.newShare("Own")
	m := newMeter(t)
	b := r.desk("b")
	b.conn = m
	b.write("mine.bin", string(content))
	st := b.sync()
	if st.Counts.FilesSent != 1 || st.Counts.BytesSent != 0 {
		t.Errorf("%+v", st.Counts)
	}
	if n := m.moved(); n > int64(len(content))/20 {
		t.Errorf("%d bytes were moved", n)
	}
	c := r.desk("c")
	c.sync()
	if got, want := c.tree(), b.tree(); cmp.Diff(got, want) != "" {
		t.Errorf("another client of the second user has %d files of %s", len(got), filepath.Base(c.root))
	}
}

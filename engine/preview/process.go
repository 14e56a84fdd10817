package preview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/preview/render"
)

// What the parent ends a child for.
var (
	errWall     = errors.New("wall-clock limit")
	errResident = errors.New("memory limit")
	errStop     = errors.New("its answer is not needed")
)

// A child is one process on its way, and the writer that the file goes into. The
// process starts when enough bytes are there to see that it has something to do.
// It is used by one goroutine, which must call finish or abandon.
type child struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	exe    string
	order  order
	limits Limits

	cmd     *exec.Cmd
	stdin   io.WriteCloser
	stdout  capped
	stderr  capped
	wall    *time.Timer
	watched chan struct{} // closed when the watch has ended
	ended   chan struct{} // closed to end the watch

	head    []byte // before the start
	taken   int64
	refused *render.Refusal // by the parent itself
	deaf    bool            // the process takes no more, which is its right
	told    bool            // Write has given an error: the stream's is an echo
	startEr error
	cpu     time.Duration // what it took, in the end
}

func newChild(ctx context.Context, exe string, o order, l Limits) *child {
	c := &child{exe: exe, order: o, limits: l}
	c.ctx, c.cancel = context.WithCancelCause(ctx)
	c.stdout.max = answerHead + max(l.Render.Output, maxDetail) + 1
	c.stderr.max = maxStderr
	return c
}

// errEnough ends the stream of the file: the rest is not needed.
var errEnough = errors.New("preview: no more of the file is needed")

// Write takes the next bytes of the file. Its error only says that no more is
// wanted; what came of it is told by finish.
func (c *child) Write(p []byte) (int, error) {
	if !c.take(p) {
		c.told = true
		return 0, errEnough
	}
	return len(p), nil
}

func (c *child) take(p []byte) bool {
	if c.refused != nil || c.deaf || c.startEr != nil || c.ctx.Err() != nil {
		return false
	}
	c.taken += int64(len(p))
	if c.taken > c.limits.Render.Input {
		c.refused = &render.Refusal{Reason: render.TooLarge, Detail: "the file"}
		return false
	}
	if c.cmd != nil {
		_, err := c.stdin.Write(p)
		c.deaf = err != nil
		return err == nil
	}
	c.head = append(c.head, p...)
	return len(c.head) < render.HeadSize || c.begin()
}

// begin starts the process, if the head is of a kind that it can draw, and hands
// the head over.
func (c *child) begin() bool {
	if render.Sniff(c.head) == render.KindNone {
		c.refused = &render.Refusal{Reason: render.Unsupported, Detail: "by its first bytes"}
		return false
	}
	if c.startEr = c.start(); c.startEr != nil {
		return false
	}
	if _, err := c.stdin.Write(c.head); err != nil {
		c.deaf = true
	}
	c.head = nil
	return !c.deaf
}

// start starts the process: no environment, no descriptors but three pipes.
func (c *child) start() error {
	args, err := c.order.args()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(c.ctx, c.exe, args...)
	cmd.Env = []string{}
	cmd.Dir = filepath.Dir(c.order.Engine)
	cmd.Stdout, cmd.Stderr = &c.stdout, &c.stderr
	cmd.WaitDelay = time.Second
	isolate(cmd)
	if c.stdin, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.cmd = cmd
	c.wall = time.AfterFunc(c.limits.Wall, func() { c.cancel(errWall) })
	c.watched, c.ended = make(chan struct{}), make(chan struct{})
	go c.watch()
	return nil
}

// watch ends the process when it takes more memory than it may.
func (c *child) watch() {
	defer close(c.watched)
	t := time.NewTicker(watchEvery)
	defer t.Stop()
	for {
		select {
		case <-c.ended:
			return
		case <-t.C:
		}
		n, ok := residentBytes(c.cmd.Process.Pid)
		if !ok {
			return
		}
		if n > c.limits.Resident {
			c.cancel(errResident)
			return
		}
	}
}

// finish waits for the answer. streamErr is what the caller's stream of the file
// ended with. An error is a *render.Refusal, or an engine.Error for what is not the
// file's doing.
func (c *child) finish(streamErr error) (answer, error) {
	defer c.cancel(nil)
	if c.cmd == nil && c.refused == nil && c.startEr == nil && streamErr == nil && c.ctx.Err() == nil {
		c.begin() // a file shorter than a head
	}
	// Part of a file is never drawn as if it were the whole.
	broken := streamErr != nil && !c.told
	if broken || c.refused != nil {
		c.cancel(errStop)
	}
	var waitErr error
	if c.cmd != nil {
		waitErr = c.wait()
	}
	cause := context.Cause(c.ctx)
	switch {
	case c.refused != nil:
		return answer{}, c.refused
	case errors.Is(cause, errResident):
		return answer{}, &render.Refusal{Reason: render.Exhausted, Detail: "resident memory"}
	case errors.Is(cause, errWall):
		return answer{}, unavailable("it took too long", errWall)
	case cause != nil && !errors.Is(cause, errStop):
		return answer{}, unavailable("it was given up", cause)
	case broken:
		return answer{}, engine.Wrap(op, &streamError{streamErr})
	case c.startEr != nil:
		return answer{}, unavailable("the renderer does not start", c.startEr)
	}
	return c.judge(waitErr)
}

// wait ends the input and waits for process and watch.
func (c *child) wait() error {
	_ = c.stdin.Close()
	err := c.cmd.Wait()
	if s := c.cmd.ProcessState; s != nil {
		c.cpu = s.UserTime() + s.SystemTime()
	}
	c.wall.Stop()
	close(c.ended)
	<-c.watched
	return err
}

// judge reads the answer of a process that ended by itself, or says what its end
// without one means.
func (c *child) judge(waitErr error) (answer, error) {
	state := c.cmd.ProcessState
	if waitErr == nil && !c.stdout.over {
		a, err := parseAnswer(c.stdout.Bytes(), c.limits.Render.Output)
		switch {
		case err != nil:
			return answer{}, &render.Refusal{Reason: render.Crashed, Detail: err.Error()}
		case a.reason != 0:
			return answer{}, &render.Refusal{Reason: a.reason, Detail: string(a.payload)}
		}
		return a, nil
	}
	detail := fmt.Sprintf("%v: %s", waitErr, c.stderr.Bytes())
	switch {
	case killed(state) && c.cpu >= c.limits.CPU-500*time.Millisecond:
		return answer{}, &render.Refusal{Reason: render.TooSlow, Detail: detail}
	case killed(state):
		return answer{}, unavailable("the renderer was killed", errors.New(detail))
	case state.ExitCode() == childExhausted, bytes.Contains(c.stderr.Bytes(), []byte("out of memory")),
		bytes.Contains(c.stderr.Bytes(), []byte("cannot allocate memory")):
		return answer{}, &render.Refusal{Reason: render.Exhausted, Detail: detail}
	}
	return answer{}, &render.Refusal{Reason: render.Crashed, Detail: detail}
}

// capped keeps the first bytes of what is written and takes all.
type capped struct {
	bytes.Buffer
	max  int
	over bool
}

func (c *capped) Write(p []byte) (int, error) {
	room := c.max - c.Len()
	if len(p) > room {
		c.over = true
	}
	_, err := c.Buffer.Write(p[:min(len(p), room)])
	return len(p), err
}

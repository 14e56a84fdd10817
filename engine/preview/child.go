package preview

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"scaidrive/engine/preview/render"
)

// Command is the hidden subcommand that the binary starts itself with.
const Command = "render-preview"

// The child's exit codes. The runtime's own are 2 (out of memory, a crash).
const (
	childDone      = 0
	childFailed    = 1
	childExhausted = 3 // of memory, where the child watches that itself
)

// RunChild is the whole of the child process: args are those after Command. It
// takes its limits on, reads a file from in, writes one answer to out, and returns
// the exit code. It changes the process it runs in (limits, priority, a filter on
// system calls) and is to be its only business.
func RunChild(in io.Reader, out io.Writer, args []string) int {
	o, err := parseOrder(args)
	if err != nil {
		return childFailed
	}
	a := obey(in, o)
	if err := a.writeTo(out); err != nil {
		return childFailed
	}
	return childDone
}

func obey(in io.Reader, o order) answer {
	// One thread of work: the parent counts workers. The wall clock is kept here
	// too, for the day the parent is gone.
	runtime.GOMAXPROCS(1)
	debug.SetMemoryLimit(o.Memory)
	debug.SetTraceback("none")
	defer time.AfterFunc(time.Duration(o.Wall)+time.Second, func() { os.Exit(childFailed) }).Stop()
	if err := takeLimits(o); err != nil {
		return refusal(render.Failed, err)
	}
	if o.Prepare {
		if err := render.Prepare(o.Engine); err != nil {
			return refusal(render.Failed, err)
		}
		return answer{reason: render.Unprepared} // nothing to show is what was wanted
	}
	r, err := confined(in, o)
	if err != nil {
		if ref, ok := errors.AsType[*render.Refusal](err); ok {
			return refusal(ref.Reason, errors.New(ref.Detail))
		}
		return refusal(render.Failed, err)
	}
	return answer{media: r.Media, pages: uint32(r.Pages), payload: r.Bytes}
}

// confined reads and renders, in two steps of confinement: while the head is looked
// at and the engine loaded, files may be read; from then on none, and no memory
// becomes executable.
func confined(in io.Reader, o order) (render.Rendition, error) {
	if err := confine(o, loading); err != nil {
		return render.Rendition{}, fmt.Errorf("confine: %w", err)
	}
	head := make([]byte, render.HeadSize)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return render.Rendition{}, fmt.Errorf("read: %w", err)
	}
	head = head[:n]
	kind := render.Sniff(head)
	var pdf *render.PDF
	if kind == render.KindPDF {
		if pdf, err = render.LoadPDF(o.Engine); err != nil {
			return render.Rendition{}, err
		}
	}
	if err := confine(o, decoding); err != nil {
		return render.Rendition{}, fmt.Errorf("confine: %w", err)
	}
	input, err := render.ReadInput(io.MultiReader(bytes.NewReader(head), in), o.Render.Input)
	if err != nil {
		return render.Rendition{}, fmt.Errorf("read: %w", err)
	}
	return render.Render(input, kind, render.Job{Page: o.Page, Size: o.Size}, o.Render, pdf)
}

func refusal(r render.Reason, err error) answer {
	detail := err.Error()
	return answer{reason: r, payload: []byte(detail[:min(len(detail), maxDetail)])}
}

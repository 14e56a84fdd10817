package appliance

import (
	"io"

	"scaidrive/engine/preview"
)

// RenderPreview is the child process that makes one preview: order is what the
// server started it with. It returns the exit code.
func RenderPreview(in io.Reader, out io.Writer, order string) int {
	return preview.RunChild(in, out, []string{order})
}

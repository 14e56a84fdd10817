package appliance

import (
	"io"
	"os"

	"scaidrive/engine/preview"
)

// RenderPreview is the child process that makes one preview: order is what the
// server started it with. It returns the exit code.
func RenderPreview(in io.Reader, out io.Writer, order string) int {
	return preview.RunChild(in, out, []string{order})
}

// previewsName is where previews are kept, below the data directory.
const previewsName = derivedName + "/previews"

// openPreviews makes the service of previews, whose children are processes of
// this binary. Previews are no condition of being ready: without them there are
// answers that say so.
func (a *Appliance) openPreviews() *preview.Service {
	exe, err := os.Executable()
	if err != nil {
		a.cfg.Log.Warn("there will be no previews: this process does not know its binary", "err", err)
		return nil
	}
	return preview.New(a.dir.file(previewsName), exe, preview.Options{Now: a.env.Now, Room: a.env.Room})
}

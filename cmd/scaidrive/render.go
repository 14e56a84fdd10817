package main

import "scaidrive/appliance"

// renderCmd is how the server starts this binary to make one preview. It is not
// for people: its argument and what it writes are between the two.
type renderCmd struct {
	Order string `arg:"" help:"What to render."`
}

// Run makes the preview and ends as the child does.
func (c *renderCmd) Run(t *terminal) error {
	if code := appliance.RenderPreview(t.in, t.out, c.Order); code != exitDone {
		return &partError{code}
	}
	return nil
}

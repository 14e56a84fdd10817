//go:build !linux && !darwin

package transfer

// placeWhole puts a content in its place, by way of a temporary file.
func placeWhole(dir *openDir, part string, n *RemoteNode, op GetOp, content []byte) error {
	return placeByRoot(dir.root, part, n, op, content)
}

//go:build !linux && !darwin

package transfer

// placeWhole puts a content in its place, by way of a temporary file.
func placeWhole(dir *openDir, part string, n *RemoteNode, op GetOp, content []byte) error {
	f, err := createPart(dir.root, part, op.perm(n))
	if err != nil {
		return err
	}
	defer f.drop()
	if _, err := f.file.Write(content); err != nil {
		return err
	}
	return f.place(n, op)
}

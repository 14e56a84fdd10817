package disk

import "os"

// rename goes by full names: Windows has no renaming by handles in our library.
// Both folders are open, and so can't be replaced meanwhile.
func rename(a *dir, x string, b *dir, y string) error {
	return os.Rename(a.root.Name()+`\`+x, b.root.Name()+`\`+y)
}

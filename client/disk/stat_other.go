//go:build !linux

package disk

// lookAll looks at names in a folder.
func lookAll(d *dir, names []string, each func(name string, e Entry, err error)) error {
	for _, name := range names {
		e, err := look(d, name)
		each(name, e, err)
	}
	return nil
}

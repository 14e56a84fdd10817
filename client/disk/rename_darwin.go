package disk

import "golang.org/x/sys/unix"

func rename(a *dir, x string, b *dir, y string) error {
	return unix.Renameat(int(a.file.Fd()), x, int(b.file.Fd()), y)
}

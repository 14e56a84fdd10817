package worker

import (
	"cmp"
	"strconv"
	"strings"

	"scaidrive/client/disk"
)

// Nooks are folders among the temporary files. A file system lets one at a time
// change a folder, and a few requests write new files while others are moved out.
const (
	nookPrefix = "nook-"
	nooksMost  = 16
)

// nooks deals files out to folders, as many in a row as come in one answer. The first
// of them lie in the folder of the temporary files itself, so that for a few no other
// is made.
type nooks struct {
	dealt int
	made  int    // folders made
	at    string // where the next one goes, with a slash behind
}

func (k *nooks) next(f *Folder) string {
	if each := min(manyFiles, cmp.Or(f.o.stretch, manyFiles)); k.dealt%each == 0 {
		k.at = tmpDir + "/"
		if n := k.dealt / each % nooksMost; n > 0 && (n <= k.made || n == k.made+1 && k.make(f, n)) {
			k.at = nook(n) + "/"
		}
	}
	k.dealt++
	return k.at
}

func nook(n int) string { return tmpDir + "/" + nookPrefix + strconv.Itoa(n) }

// make makes a folder, and tells whether there is one.
func (k *nooks) make(f *Folder, n int) bool {
	if f.disk.Mkdir(nook(n)) != nil { // an earlier run may have left it
		if e, err := f.disk.Look(nook(n)); err != nil || e.Kind != disk.Folder {
			return false
		}
	}
	k.made = n
	return true
}

// remove removes the folders. One that is not empty is looked through by the next run.
func (k *nooks) remove(f *Folder) {
	for ; k.made > 0; k.made-- {
		_ = f.disk.Rmdir(nook(k.made))
	}
}

// temporary gives the paths of what lies among the temporary files, and the nooks.
func (f *Folder) temporary(each func(path string, e *disk.Entry)) (nooks []string) {
	list, err := f.disk.List(tmpDir)
	if err != nil {
		return nil // there is none
	}
	for i := range list {
		e := &list[i]
		path := tmpDir + "/" + e.Name
		if e.Kind != disk.Folder {
			each(path, e)
			continue
		}
		if !strings.HasPrefix(e.Name, nookPrefix) {
			continue
		}
		below, err := f.disk.List(path)
		if err != nil {
			continue
		}
		nooks = append(nooks, path)
		for j := range below {
			if e := &below[j]; e.Kind != disk.Folder {
				each(path+"/"+e.Name, e)
			}
		}
	}
	return nooks
}

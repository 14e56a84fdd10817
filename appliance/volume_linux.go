package appliance

import "golang.org/x/sys/unix"

// networkFS names the network file system that path lies on, "" for a local one.
func networkFS(path string) (string, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return "", err
	}
	switch uint32(s.Type) {
	case unix.NFS_SUPER_MAGIC:
		return "NFS", nil
	case unix.SMB_SUPER_MAGIC, 0xff534d42, 0xfe534d42: // smbfs, cifs, smb3
		return "SMB", nil
	case unix.NCP_SUPER_MAGIC:
		return "NCP", nil
	case unix.AFS_SUPER_MAGIC, 0x6b414653: // the kernel's own AFS
		return "AFS", nil
	case unix.V9FS_MAGIC:
		return "9P", nil
	case 0x00c36400:
		return "Ceph", nil
	}
	return "", nil
}

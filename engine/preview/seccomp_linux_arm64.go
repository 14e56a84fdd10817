package preview

import "golang.org/x/sys/unix"

func archCalls() (uint32, []uintptr) { return unix.AUDIT_ARCH_AARCH64, nil }

func mapCalls() []uintptr { return []uintptr{unix.SYS_MMAP} }

func statCalls() []uintptr { return []uintptr{unix.SYS_FSTAT, unix.SYS_NEWFSTATAT} }

//go:build !linux

package appliance

// machineMemory is not asked for on this platform; 4 GiB gives the usual bound.
func machineMemory() int64 { return 4 << 30 }

// releaseProgram does nothing where the system has no such advice.
func releaseProgram() {}

//go:build unix && !linux

package appliance

// networkFS cannot tell on this platform.
func networkFS(string) (string, error) { return "", nil }

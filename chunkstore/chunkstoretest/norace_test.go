//go:build !race

package chunkstoretest_test

const raceEnabled = false

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

const possessSize = 64 << 20

// possess measures a second user's upload of what the tenant has already, in a
// share that the first can't see.
func (b *bench) possess() error {
	if _, err := b.fresh("possess"); err != nil {
		return err
	}
	if _, err := b.cli("user", "create", "second@example.com", "--password-stdin", "--quiet"); err != nil {
		return err
	}
	one, err := b.device("possess-1", b.addr, filepath.Join(b.dir, "possess-1"))
	if err != nil {
		return err
	}
	defer one.drop()
	through, err := countBytes(b.addr)
	if err != nil {
		return err
	}
	defer through.close()
	rng := rand.NewChaCha8([32]byte{'p', 'o', 's', 's'})
	if err := writeRandom(filepath.Join(one.dir, "large.bin"), rng, possessSize); err != nil {
		return err
	}
	if _, err := one.quiet(); err != nil {
		return err
	}
	if _, err := b.cliAt("home-possess-2", "login", "http://"+through.addr, "--email", "second@example.com", "--password-stdin", "--quiet"); err != nil {
		return err
	}
	if _, err := b.cliAt("home-possess-2", "share", "create", "Own", "--type", "project", "--quiet"); err != nil {
		return err
	}
	two := &device{b: b, name: "home-possess-2", dir: filepath.Join(b.dir, "possess-2")}
	defer two.drop()
	if err := os.MkdirAll(two.dir, 0o700); err != nil {
		return err
	}
	if _, err := b.cliAt(two.name, "sync", "add", "Own", two.dir, "--quiet"); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(one.dir, "large.bin"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(two.dir, "mine.bin"), text, 0o600); err != nil {
		return err
	}
	through.moved()
	s, err := two.once()
	if err != nil {
		return err
	}
	if s.Counts.FilesSent != 1 {
		return fmt.Errorf("it was not sent: %+v", s.Counts)
	}
	atMost("64 MiB that the tenant has, from a second user: content moved", "bytes", float64(s.Counts.BytesSent), bound{1, "", 0.5})
	atMost("of that, all bytes in both directions, of the content", "%", 100*through.moved()*1e6/possessSize, fixed(1))
	return b.stop()
}

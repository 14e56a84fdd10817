package main

import (
	"context"

	"scaidrive/appliance"
)

type repairCmd struct {
	Data       string `help:"Data directory of a stopped server." env:"SCAIDRIVE_DATA" required:"" placeholder:"DIR"`
	AcceptLoss bool   `help:"Go on without changes that cannot be read any more; they are named."`
}

// Help is shown by --help.
func (repairCmd) Help() string {
	return `Rebuilds what can be rebuilt: the chunk index from the packs, the metadata from its newest good
snapshot and the operation log, the store header from the packs and the log. It removes nothing that could still be read, and names what is
lost. Exit 0: all is well now; 1: something stays damaged.

Example:
  scaidrive repair --data /srv/scaidrive`
}

// Run repairs.
func (c *repairCmd) Run(ctx context.Context, t *terminal) error {
	return t.inspect(func(found func(appliance.Finding)) (*appliance.Report, error) {
		return appliance.Repair(ctx, t.offline(c.Data), appliance.RepairOptions{AcceptLoss: c.AcceptLoss}, found)
	}, "repaired")
}

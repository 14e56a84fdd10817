package main

import (
	"context"
	"log/slog"

	"scaidrive/appliance"
)

type verifyCmd struct {
	Data     string `help:"Data directory of a stopped server." env:"SCAIDRIVE_DATA" required:"" placeholder:"DIR"`
	ReadData bool   `help:"Read every byte and compute every checksum, not only headers and indexes."`
}

// Help is shown by --help.
func (verifyCmd) Help() string {
	return `Holds everything in a data directory against its checksums, counts and references, and names
what is wrong. Exit 0: all is well; 1: something is damaged or the directory cannot be opened.

Example:
  scaidrive verify --data /srv/scaidrive --read-data`
}

// Run verifies.
func (c *verifyCmd) Run(ctx context.Context, t *terminal) error {
	return t.inspect(func(found func(appliance.Finding)) (*appliance.Report, error) {
		return appliance.Verify(ctx, t.offline(c.Data), c.ReadData, found)
	}, "verified")
}

// offline is the configuration for a stopped server's data. What the rooms log
// goes to standard error, errors and warnings only.
func (t *terminal) offline(data string) appliance.Config {
	return appliance.Config{Data: data, Version: version,
		Log: slog.New(slog.NewTextHandler(t.errs, &slog.HandlerOptions{Level: slog.LevelWarn}))}
}

// inspect runs a verify or a repair and prints what it finds while it finds it.
func (t *terminal) inspect(run func(found func(appliance.Finding)) (*appliance.Report, error), did string) error {
	report, err := run(func(f appliance.Finding) {
		if t.json {
			_ = t.object(struct {
				Event string `json:"event"`
				appliance.Finding
			}{"finding", f}) // the summary tells of failures
			return
		}
		t.warn("%s: %s", f.Kind, clean(f.What))
	})
	if report != nil {
		if t.json {
			if err := t.object(report); err != nil {
				return err
			}
		} else {
			t.say("%s: %d shares, %d folders, %d files, %d versions, %s in %d packs; %d damaged, %d repaired.", did, report.Shares, report.Folders,
				report.Files, report.Versions, size(report.Bytes), report.Packs, report.Damaged, report.Repaired)
		}
	}
	if err != nil {
		return err
	}
	if report.Damaged > 0 {
		return &partError{exitFailed}
	}
	return nil
}

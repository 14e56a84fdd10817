package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"scaidrive/httpd/wire"
)

type dashboardCmd struct{}

// Help is shown by --help.
func (dashboardCmd) Help() string {
	return `What is stored, who was there, and whether all parts work: of your tenant, and of
the server for who administers it.

Examples:
  scaidrive dashboard
  scaidrive dashboard --json`
}

// Run shows the figures.
func (c *dashboardCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	d, err := api.Dashboard(ctx)
	if err != nil {
		return fmt.Errorf("the dashboard: %w", err)
	}
	if t.json {
		return t.object(d)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range d.Health {
		p := &d.Health[i]
		fmt.Fprintf(w, "%s\t%s\t%s\n", p.Name, p.State, p.Detail)
		if p.Remedy != "" {
			fmt.Fprintf(w, "\t\t%s\n", p.Remedy)
		}
		for _, cause := range p.Causes {
			fmt.Fprintf(w, "\t\t%s\n", clean(cause))
		}
	}
	if s := d.Storage; s != nil {
		fmt.Fprintf(w, "stored\t%s\t%d shares\n", size(s.UsedBytes), s.ShareCount)
		for _, of := range []struct {
			name  string
			bytes *int64
		}{{"files", s.FileBytes}, {"versions", s.VersionBytes}, {"trash", s.TrashBytes}} {
			if of.bytes != nil {
				fmt.Fprintf(w, "  %s\t%s\n", of.name, size(*of.bytes))
			} else {
				fmt.Fprintf(w, "  %s\t-\tnot counted yet\n", of.name)
			}
		}
		if s.DiskBytes != nil {
			fmt.Fprintf(w, "on disk\t%s\tat least %s saved\n", size(*s.DiskBytes), size(*s.SavedBytes))
		}
	}
	if u := d.Users; u != nil {
		fmt.Fprintf(w, "people\t%d\t%d invited, %d suspended, %d groups\n", u.ActiveAccounts, u.PendingAccounts, u.SuspendedAccounts, u.Groups)
		fmt.Fprintf(w, "there\t%d\ttoday, %d in 7 days, %d in 30\n", u.SeenToday, u.SeenIn7Days, u.SeenIn30Days)
	}
	if p := d.Process; p != nil {
		showProcess(w, p)
	}
	return w.Flush()
}

func showProcess(w *tabwriter.Writer, p *wire.Process) {
	fmt.Fprintf(w, "server\t%s\tsince %s, %d tenants\n", p.Version, p.StartedAt.Local().Format("2006-01-02 15:04"), p.TenantCount)
	fmt.Fprintf(w, "  content\t%s\t%s on disk, at least %s saved, %d chunks\n", size(p.UsedBytes), size(p.DiskBytes), size(p.SavedBytes), p.ChunkCount)
	fmt.Fprintf(w, "  database\t%s\n", size(p.DatabaseBytes))
	if p.FreeBytes != nil {
		fmt.Fprintf(w, "  free\t%s\tof %s\n", size(*p.FreeBytes), size(*p.VolumeBytes))
	}
}

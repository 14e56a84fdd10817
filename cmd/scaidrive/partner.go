package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"scaidrive/httpd/wire"
)

type partnerCmd struct {
	Ls       partnerLsCmd       `cmd:"" help:"List the partners that you administer."`
	Create   partnerCreateCmd   `cmd:"" help:"Make a partner."`
	Suspend  partnerSuspendCmd  `cmd:"" help:"Shut a partner out with all its tenants."`
	Activate partnerActivateCmd `cmd:"" help:"Let a partner in again."`
}

type partnerLsCmd struct{}

// Help is shown by --help.
func (partnerLsCmd) Help() string {
	return `Example:
  scaidrive partner ls`
}

// Run lists partners.
func (c *partnerLsCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	list, err := api.Partners(ctx)
	if err != nil {
		return fmt.Errorf("list the partners: %w", err)
	}
	return t.partners(list...)
}

func (t *terminal) partners(list ...wire.Partner) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range list {
		p := &list[i]
		if t.json {
			if err := t.object(p); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", p.ID, p.Status, clean(p.Name))
	}
	return w.Flush()
}

type partnerCreateCmd struct {
	Name string `arg:"" help:"Name of the partner."`
}

// Help is shown by --help.
func (partnerCreateCmd) Help() string {
	return `For the server's administrators.

Example:
  scaidrive partner create "Systems House"`
}

// Run makes a partner.
func (c *partnerCreateCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	p, err := api.CreatePartner(ctx, wire.CreatePartner{Name: c.Name})
	if err != nil {
		return fmt.Errorf("make the partner %q: %w", c.Name, err)
	}
	return t.partners(*p)
}

type partnerSuspendCmd struct {
	Partner string `arg:"" help:"Name or ID of the partner."`
}

// Help is shown by --help.
func (partnerSuspendCmd) Help() string {
	return `Everybody in its tenants and its staff are refused from then on; nothing is
removed. For the server's administrators.

Example:
  scaidrive partner suspend "Systems House"`
}

// Run suspends a partner.
func (c *partnerSuspendCmd) Run(ctx context.Context, t *terminal) error {
	return t.setPartner(ctx, c.Partner, true)
}

type partnerActivateCmd struct {
	Partner string `arg:"" help:"Name or ID of the partner."`
}

// Help is shown by --help.
func (partnerActivateCmd) Help() string {
	return `For the server's administrators.

Example:
  scaidrive partner activate "Systems House"`
}

// Run lets a partner in again.
func (c *partnerActivateCmd) Run(ctx context.Context, t *terminal) error {
	return t.setPartner(ctx, c.Partner, false)
}

func (t *terminal) setPartner(ctx context.Context, name string, suspend bool) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	id, err := findPartner(ctx, api, name)
	if err != nil {
		return err
	}
	p, err := api.SuspendPartner(ctx, id, suspend)
	if err != nil {
		return fmt.Errorf("partner %q: %w", name, err)
	}
	return t.partners(*p)
}

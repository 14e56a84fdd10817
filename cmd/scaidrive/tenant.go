package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type tenantCmd struct {
	Ls       tenantLsCmd       `cmd:"" help:"List the tenants of the partners that you administer."`
	Show     tenantShowCmd     `cmd:"" help:"Show your tenant and its settings."`
	Create   tenantCreateCmd   `cmd:"" help:"Make a tenant of a partner."`
	Set      tenantSetCmd      `cmd:"" help:"Change the settings of your tenant."`
	Suspend  tenantSuspendCmd  `cmd:"" help:"Shut a tenant out."`
	Activate tenantActivateCmd `cmd:"" help:"Let a tenant in again."`
}

type tenantLsCmd struct{}

// Help is shown by --help.
func (tenantLsCmd) Help() string {
	return `Example:
  scaidrive tenant ls`
}

// Run lists tenants.
func (c *tenantLsCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	err = eachTenant(ctx, api, func(p *wire.Partner, n *wire.Tenant) error {
		if t.json {
			return t.object(n)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", n.ID, n.Status, clean(p.Name), clean(n.Name))
		return nil
	})
	if err != nil {
		return fmt.Errorf("list the tenants: %w", err)
	}
	return w.Flush()
}

func eachTenant(ctx context.Context, api *client.Client, fn func(*wire.Partner, *wire.Tenant) error) error {
	partners, err := api.Partners(ctx)
	if err != nil {
		return err
	}
	for i := range partners {
		tenants, err := api.Tenants(ctx, partners[i].ID)
		if err != nil {
			return err
		}
		for j := range tenants {
			if err := fn(&partners[i], &tenants[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

type tenantShowCmd struct{}

// Help is shown by --help.
func (tenantShowCmd) Help() string {
	return `Example:
  scaidrive tenant show`
}

// Run shows the tenant.
func (c *tenantShowCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	n, err := api.Tenant(ctx)
	if err != nil {
		return fmt.Errorf("your tenant: %w", err)
	}
	return t.showTenant(n)
}

func (t *terminal) showTenant(n *wire.Tenant) error {
	if t.json {
		return t.object(n)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	line := func(name string, value any) { fmt.Fprintf(w, "%s\t%v\n", name, value) }
	line("ID", n.ID)
	line("Name", clean(n.Name))
	line("Shown as", clean(n.DisplayName))
	line("Status", n.Status)
	line("Largest file", size(n.Settings.MaxFileSizeBytes))
	line("Days in the trash", n.Settings.TrashRetentionDays)
	line("Central shares made by", n.Settings.ShareCreation)
	line("Names fit for Windows", n.Settings.WindowsCompatibleNames)
	line("Invitations", n.Settings.Invitations)
	line("Shortest password", n.Settings.PasswordMinLength)
	return w.Flush()
}

type tenantCreateCmd struct {
	Name       string `arg:"" help:"Name of the tenant."`
	AdminEmail string `required:"" help:"E-mail address of its first administrator." placeholder:"E"`
	Partner    string `help:"Name or ID of the partner; not needed where you administer one only." placeholder:"PARTNER"`
}

// Help is shown by --help.
func (tenantCreateCmd) Help() string {
	return `Prints the ID, and the link for the first administrator.

Example:
  scaidrive tenant create acme --admin-email ana@example.com`
}

// Run makes a tenant.
func (c *tenantCreateCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	partner, err := findPartner(ctx, api, c.Partner)
	if err != nil {
		return err
	}
	n, err := api.CreateTenant(ctx, partner, wire.CreateTenant{Name: c.Name, AdminEmail: c.AdminEmail})
	if err != nil {
		return fmt.Errorf("make the tenant %q: %w", c.Name, err)
	}
	if t.json {
		return t.object(n)
	}
	_, err = fmt.Fprintf(t.out, "%s %s\n%s\n", n.ID, clean(n.Name), n.Invite.URL)
	return err
}

func findPartner(ctx context.Context, api *client.Client, name string) (string, error) {
	partners, err := api.Partners(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range partners {
		if name == p.ID || strings.EqualFold(name, p.Name) || name == "" && len(partners) == 1 {
			return p.ID, nil
		}
	}
	if name == "" {
		return "", client.Usagef("you administer %d partners: say which with --partner", len(partners))
	}
	return "", fmt.Errorf("there is no partner %q", name)
}

type tenantSetCmd struct {
	DisplayName            *string `help:"The name to show." placeholder:"NAME"`
	MaxFileSize            *int64  `help:"The largest file, in bytes." placeholder:"BYTES"`
	DefaultShareQuota      *int64  `help:"Quota of shares made from then on, in bytes; 0 for none." placeholder:"BYTES"`
	TrashRetentionDays     *int    `help:"Days in the trash." placeholder:"DAYS"`
	ShareCreation          *string `help:"Who may make central shares: admins or members." placeholder:"WHO"`
	WindowsCompatibleNames *bool   `negatable:"" help:"Refuse names that Windows cannot have."`
	Invitations            *bool   `negatable:"" help:"Let people be invited into shares by address."`
	PasswordMinLength      *int    `help:"The shortest password, in characters." placeholder:"N"`
}

// Help is shown by --help.
func (tenantSetCmd) Help() string {
	return `Example:
  scaidrive tenant set --trash-retention-days 60 --no-invitations`
}

// Run changes settings.
func (c *tenantSetCmd) Run(ctx context.Context, t *terminal) error {
	if *c == (tenantSetCmd{}) {
		return client.Usagef("say what to set; see --help")
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	n, err := api.UpdateTenant(ctx, wire.UpdateTenant{
		DisplayName: c.DisplayName, MaxFileSizeBytes: c.MaxFileSize, DefaultShareQuotaBytes: c.DefaultShareQuota,
		TrashRetentionDays: c.TrashRetentionDays, ShareCreation: c.ShareCreation, WindowsCompatibleNames: c.WindowsCompatibleNames,
		Invitations: c.Invitations, PasswordMinLength: c.PasswordMinLength,
	})
	if err != nil {
		return fmt.Errorf("change the settings: %w", err)
	}
	return t.showTenant(n)
}

type tenantSuspendCmd struct {
	Tenant string `arg:"" help:"Name or ID of the tenant."`
}

// Help is shown by --help.
func (tenantSuspendCmd) Help() string {
	return `Everybody in it is refused from then on; nothing is removed.

Example:
  scaidrive tenant suspend acme`
}

// Run suspends a tenant.
func (c *tenantSuspendCmd) Run(ctx context.Context, t *terminal) error {
	return t.setTenant(ctx, c.Tenant, true)
}

type tenantActivateCmd struct {
	Tenant string `arg:"" help:"Name or ID of the tenant."`
}

// Help is shown by --help.
func (tenantActivateCmd) Help() string {
	return `Example:
  scaidrive tenant activate acme`
}

// Run lets a tenant in again.
func (c *tenantActivateCmd) Run(ctx context.Context, t *terminal) error {
	return t.setTenant(ctx, c.Tenant, false)
}

func (t *terminal) setTenant(ctx context.Context, name string, suspend bool) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	var found []*wire.Tenant
	err = eachTenant(ctx, api, func(_ *wire.Partner, n *wire.Tenant) error {
		if name == n.ID || strings.EqualFold(name, n.Name) {
			found = append(found, n)
		}
		return nil
	})
	switch {
	case err != nil:
		return fmt.Errorf("find the tenant: %w", err)
	case len(found) == 0:
		return fmt.Errorf("there is no tenant %q", name)
	case len(found) > 1:
		return client.Usagef("%d tenants are named %q, name one by its ID", len(found), name)
	}
	n, err := api.SuspendTenant(ctx, found[0].PartnerID, found[0].ID, suspend)
	if err != nil {
		return fmt.Errorf("tenant %q: %w", name, err)
	}
	return t.showTenant(n)
}

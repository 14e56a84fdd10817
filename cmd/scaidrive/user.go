package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type userCmd struct {
	Ls            userLsCmd       `cmd:"" help:"List the users of the tenant."`
	Show          userShowCmd     `cmd:"" help:"Show a user."`
	Create        userCreateCmd   `cmd:"" help:"Make a user."`
	Set           userSetCmd      `cmd:"" help:"Change a user."`
	Rm            userRmCmd       `cmd:"" help:"Delete a user for good."`
	Suspend       userSuspendCmd  `cmd:"" help:"Shut a user out."`
	Activate      userActivateCmd `cmd:"" help:"Let a user in again."`
	ResetPassword userResetCmd    `cmd:"" help:"Give a user a new password, or a link to set one."`
}

type userLsCmd struct {
	Search string `help:"Only those with a word in name or address that begins so." placeholder:"TEXT"`
	Status string `enum:",active,pending,suspended,inactive,deleted" default:"" help:"Only those: active, pending, suspended, inactive, deleted." placeholder:"STATUS"`
}

// Help is shown by --help.
func (userLsCmd) Help() string {
	return `Example:
  scaidrive user ls --search mei --status active`
}

// Run lists users.
func (c *userLsCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	err = api.EachUser(ctx, c.Search, c.Status, func(u *wire.AdminUser) (bool, error) {
		if t.json {
			return true, t.object(u)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", u.ID, u.Status, orDash(u.AdminRole), clean(u.Email), clean(u.DisplayName))
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("list the users: %w", err)
	}
	return w.Flush()
}

func orDash(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

// user connects and finds a user by address or ID.
func (t *terminal) user(ctx context.Context, name string) (*client.Client, string, error) {
	api, err := t.connect()
	if err != nil {
		return nil, "", err
	}
	id, err := api.FindUser(ctx, name)
	return api, id, err
}

func (t *terminal) showUser(u *wire.AdminUser) error {
	if t.json {
		return t.object(u)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	line := func(name, value string) { fmt.Fprintf(w, "%s\t%s\n", name, value) }
	line("ID", u.ID)
	line("E-mail", clean(u.Email))
	line("Name", clean(u.Name))
	line("Shown as", clean(u.DisplayName))
	line("Status", u.Status)
	line("Role", orDash(u.AdminRole))
	if u.QuotaBytes != nil {
		line("Quota", size(*u.QuotaBytes))
	}
	line("Made", u.CreatedAt.Local().Format("2006-01-02 15:04"))
	line("Last sign-in", moment(u.LastLoginAt))
	if u.Invite != nil {
		line("Link to hand over", u.Invite.URL)
		line("It ends", moment(&u.Invite.ExpiresAt))
	}
	return w.Flush()
}

type userShowCmd struct {
	User string `arg:"" help:"E-mail address or ID of the user."`
}

// Help is shown by --help.
func (userShowCmd) Help() string {
	return `Example:
  scaidrive user show ana@example.com`
}

// Run shows a user.
func (c *userShowCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.user(ctx, c.User)
	if err != nil {
		return err
	}
	u, err := api.User(ctx, id)
	if err != nil {
		return fmt.Errorf("user %q: %w", c.User, err)
	}
	return t.showUser(u)
}

type userCreateCmd struct {
	Email         string `arg:"" help:"The user's e-mail address."`
	Name          string `help:"The user's name; the address if left out." placeholder:"NAME"`
	Role          string `enum:",tenant_admin,partner_admin,super_admin" default:"" help:"An administration role." placeholder:"ROLE"`
	PasswordStdin bool   `help:"Take the password from the first line of standard input. Without it, a link is printed by which the user sets one."`
}

// Help is shown by --help.
func (userCreateCmd) Help() string {
	return `Examples:
  scaidrive user create ana@example.com --name "Ana Meier"
  scaidrive user create bot@example.com --password-stdin < password`
}

// Run makes a user.
func (c *userCreateCmd) Run(ctx context.Context, t *terminal) error {
	in := wire.CreateUser{Email: c.Email, Name: c.Name}
	if in.Name == "" {
		in.Name = c.Email
	}
	if c.Role != "" {
		in.AdminRole = &c.Role
	}
	var err error
	if c.PasswordStdin {
		if in.Password, err = firstLine(t); err != nil {
			return err
		}
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	u, err := api.CreateUser(ctx, in)
	if err != nil {
		return fmt.Errorf("make the user %q: %w", c.Email, err)
	}
	return t.showUser(u)
}

type userSetCmd struct {
	User  string  `arg:"" help:"E-mail address or ID of the user."`
	Email *string `help:"A new address." placeholder:"E"`
	Name  *string `help:"A new name." placeholder:"NAME"`
	Role  *string `help:"none, tenant_admin, partner_admin or super_admin." placeholder:"ROLE"`
	Quota *int64  `help:"What their shares may count, in bytes; 0 for the tenant's." placeholder:"BYTES"`
}

// Help is shown by --help.
func (userSetCmd) Help() string {
	return `Example:
  scaidrive user set ana@example.com --role tenant_admin`
}

// Run changes a user.
func (c *userSetCmd) Run(ctx context.Context, t *terminal) error {
	if c.Email == nil && c.Name == nil && c.Role == nil && c.Quota == nil {
		return client.Usagef("say what to set: --email, --name, --role or --quota")
	}
	api, id, err := t.user(ctx, c.User)
	if err != nil {
		return err
	}
	u, err := api.UpdateUser(ctx, id, wire.UpdateUser{Email: c.Email, Name: c.Name, DisplayName: c.Name, AdminRole: c.Role, QuotaBytes: c.Quota})
	if err != nil {
		return fmt.Errorf("change the user %q: %w", c.User, err)
	}
	return t.showUser(u)
}

type userRmCmd struct {
	User string `arg:"" help:"E-mail address or ID of the user."`
	Heir string `help:"Who gets their shares: a user or group; you if left out." placeholder:"WHO"`
}

// Help is shown by --help.
func (userRmCmd) Help() string {
	return `Their shares go to the heir, the personal one too.

Example:
  scaidrive user rm ana@example.com --heir ben@example.com`
}

// Run deletes a user.
func (c *userRmCmd) Run(ctx context.Context, t *terminal) error {
	return t.removeFor(ctx, "user", c.User, c.Heir, t.user, (*client.Client).DeleteUser)
}

type userSuspendCmd struct {
	User string `arg:"" help:"E-mail address or ID of the user."`
}

// Help is shown by --help.
func (userSuspendCmd) Help() string {
	return `All their sessions and tokens end.

Example:
  scaidrive user suspend ana@example.com`
}

// Run suspends a user.
func (c *userSuspendCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.user(ctx, c.User)
	if err != nil {
		return err
	}
	u, err := api.SuspendUser(ctx, id)
	if err != nil {
		return fmt.Errorf("suspend %q: %w", c.User, err)
	}
	return t.showUser(u)
}

type userActivateCmd struct {
	User string `arg:"" help:"E-mail address or ID of the user."`
}

// Help is shown by --help.
func (userActivateCmd) Help() string {
	return `Example:
  scaidrive user activate ana@example.com`
}

// Run activates a user.
func (c *userActivateCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.user(ctx, c.User)
	if err != nil {
		return err
	}
	u, err := api.ActivateUser(ctx, id)
	if err != nil {
		return fmt.Errorf("activate %q: %w", c.User, err)
	}
	return t.showUser(u)
}

type userResetCmd struct {
	User          string `arg:"" help:"E-mail address or ID of the user."`
	PasswordStdin bool   `help:"Take the new password from the first line of standard input. Without it, a link is printed by which the user sets one."`
}

// Help is shown by --help.
func (userResetCmd) Help() string {
	return `The old password and all sessions and tokens of the user end.

Example:
  scaidrive user reset-password ana@example.com`
}

// Run resets a password.
func (c *userResetCmd) Run(ctx context.Context, t *terminal) error {
	password := ""
	var err error
	if c.PasswordStdin {
		if password, err = firstLine(t); err != nil {
			return err
		}
	}
	api, id, err := t.user(ctx, c.User)
	if err != nil {
		return err
	}
	u, err := api.ResetPassword(ctx, id, password)
	if err != nil {
		return fmt.Errorf("reset the password of %q: %w", c.User, err)
	}
	return t.showUser(u)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/term"

	"scaidrive/client"
	"scaidrive/client/profile"
)

type loginCmd struct {
	URL           string `arg:"" help:"Address of the server." placeholder:"URL"`
	Email         string `help:"E-mail address of the account." placeholder:"E"`
	PasswordStdin bool   `help:"Take the password from the first line of standard input." xor:"how"`
	Device        bool   `help:"Sign in with a code in a browser (not available yet)." xor:"how"`
}

// Help is shown by --help.
func (loginCmd) Help() string {
	return `The sign-in is kept in the configuration directory, readable by you only, and
replaces the profile's earlier one.

Example:
  scaidrive login https://drive.example.com --email ana@example.com`
}

// Run signs in.
func (c *loginCmd) Run(ctx context.Context, t *terminal) error {
	if c.Device {
		return client.Usagef("--device is not available yet: use --email, and --password-stdin where nobody can be asked")
	}
	address, err := client.CleanAddress(c.URL)
	if err != nil {
		return client.Usagef("%v", err)
	}
	if !profile.ValidName(t.profile()) {
		return client.Usagef("%q is not a profile name", t.profile())
	}
	store, err := profile.UserStore()
	if err != nil {
		return err
	}
	api, err := client.New(address, client.Options{UserAgent: agentName + version})
	if err != nil {
		return err
	}
	if client.PlainRemote(address) {
		t.warn("%s is not encrypted: the password can be read on the way", address)
	}
	email, password, err := c.ask(t)
	if err != nil {
		return err
	}
	token, err := api.Login(ctx, email, password)
	if client.StatusOf(err) == http.StatusUnauthorized {
		return fmt.Errorf("sign in as %s: wrong e-mail address or password", email)
	}
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	in := profile.FromToken(address, email, token, t.now())
	if err := store.Save(t.profile(), in); err != nil {
		return fmt.Errorf("keep the sign-in: %w", err)
	}
	if t.json {
		return t.object(struct {
			Profile   string    `json:"profile"`
			URL       string    `json:"url"`
			Email     string    `json:"email"`
			ExpiresAt time.Time `json:"expires_at"`
		}{t.profile(), address, email, in.ExpiresAt})
	}
	t.say("Signed in to %s as %s.", address, clean(email))
	return nil
}

// ask gets what was not given, from a person if there is one.
func (c *loginCmd) ask(t *terminal) (email, password string, err error) {
	email = c.Email
	if email == "" {
		if !t.interactive() {
			return "", "", client.Usagef("--email is needed where nobody can be asked")
		}
		fmt.Fprint(t.errs, "E-mail: ")
		if email, err = firstLine(t); err != nil {
			return "", "", err
		}
	}
	switch {
	case c.PasswordStdin:
		password, err = firstLine(t)
	case !t.interactive():
		return "", "", client.Usagef("--password-stdin is needed where nobody can be asked")
	default:
		fmt.Fprint(t.errs, "Password: ")
		var b []byte
		b, err = term.ReadPassword(int(t.in.Fd()))
		fmt.Fprintln(t.errs)
		password = string(b)
	}
	if err == nil && password == "" {
		err = errors.New("the password is empty")
	}
	return email, password, err
}

// firstLine reads a line and not a byte beyond it, so that the next one can be
// read too.
func firstLine(t *terminal) (string, error) {
	if t.in == nil {
		return "", errors.New("standard input is closed")
	}
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := t.in.Read(one)
		if err != nil && len(line) == 0 {
			return "", fmt.Errorf("read standard input: %w", err)
		}
		if err != nil || (n == 1 && one[0] == '\n') {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		if line = append(line, one[:n]...); len(line) > 4096 {
			return "", errors.New("the first line of standard input is too long")
		}
	}
}

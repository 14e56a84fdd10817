package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a service token for a script or another program."`
	Ls     tokenLsCmd     `cmd:"" help:"List your service tokens."`
	Rm     tokenRmCmd     `cmd:"" help:"End service tokens."`
}

type tokenCreateCmd struct {
	Name    string   `arg:"" help:"What the token is for."`
	Scope   []string `help:"What it may do; can be given several times." default:"files:read,files:write" placeholder:"SCOPE"`
	Expires string   `help:"When it ends: a date (2027-01-31), a time (2027-01-31T12:00:00Z), or a duration in hours or days (720h, 30d). Default: never." placeholder:"WHEN"`
}

// Help is shown by --help.
func (tokenCreateCmd) Help() string {
	return `Prints the token, which is not shown again. It acts as you, within its scopes, and
is used in SCAIDRIVE_TOKEN together with SCAIDRIVE_URL. Keep it like a password.

Example:
  scaidrive token create backup --scope files:read --expires 365d`
}

// Run makes a token.
func (c *tokenCreateCmd) Run(ctx context.Context, t *terminal) error {
	in := wire.CreateServiceToken{Name: c.Name, Scopes: c.Scope}
	if c.Expires != "" {
		at, err := parseWhen(c.Expires, t.now())
		if err != nil {
			return client.Usagef("--expires: %v", err)
		}
		end := wire.At(at)
		in.ExpiresAt = &end
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	tok, err := api.CreateServiceToken(ctx, in)
	if err != nil {
		return fmt.Errorf("make the token %q: %w", c.Name, err)
	}
	if t.json {
		return t.object(tok)
	}
	if _, err := fmt.Fprintln(t.out, tok.Token); err != nil {
		return fmt.Errorf("print the token %s: %w", tok.ID, err)
	}
	if !t.quiet { // on standard error: a script takes the token from the output
		fmt.Fprintf(t.errs, "This is the token %s (%s); it is not shown again.\n", tok.ID, clean(tok.Name))
	}
	return nil
}

// parseWhen reads a moment: a date (its beginning, UTC), a time, or how long from now.
func parseWhen(s string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, nil
		}
	}
	var days int
	if n, err := fmt.Sscanf(s, "%dd", &days); n == 1 && err == nil && s == fmt.Sprintf("%dd", days) && days > 0 && days < 100_000 {
		return now.AddDate(0, 0, days), nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return now.Add(d), nil
	}
	return time.Time{}, fmt.Errorf("%q is no date, time or duration such as 2027-01-31, 2027-01-31T12:00:00Z, 720h, 30d", s)
}

type tokenLsCmd struct{}

// Help is shown by --help.
func (tokenLsCmd) Help() string {
	return `The last use is told within an hour.

Example:
  scaidrive token ls`
}

// Run lists tokens.
func (c *tokenLsCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	tokens, err := api.ServiceTokens(ctx)
	if err != nil {
		return fmt.Errorf("list the tokens: %w", err)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range tokens {
		k := &tokens[i]
		if t.json {
			if err := t.object(k); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s\t%s\tends %s\tused %s\t%s\n", k.ID, strings.Join(k.Scopes, ","),
			moment(k.ExpiresAt), moment(k.LastUsedAt), clean(k.Name))
	}
	return w.Flush()
}

// moment writes a time for a person.
func moment(at *wire.Time) string {
	if at == nil {
		return "never"
	}
	return at.Local().Format("2006-01-02 15:04")
}

type tokenRmCmd struct {
	Tokens []string `arg:"" name:"token" help:"IDs or names of tokens."`
}

// Help is shown by --help.
func (tokenRmCmd) Help() string {
	return `A name that fits several tokens is refused; take the ID then.

Example:
  scaidrive token rm backup`
}

// Run ends tokens.
func (c *tokenRmCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	done := 0
	for _, name := range c.Tokens {
		id, err := findToken(ctx, api, name)
		if err == nil {
			err = api.DeleteServiceToken(ctx, id)
		}
		if err != nil {
			t.warn("token %s: %v", clean(name), err)
			continue
		}
		done++
		if t.json {
			if err := t.object(map[string]string{"id": id}); err != nil {
				return err
			}
			continue
		}
		t.say("The token %s has ended.", clean(name))
	}
	switch {
	case done == len(c.Tokens):
		return nil
	case done > 0:
		return &partError{exitPart}
	}
	return &partError{exitFailed}
}

// findToken gives the ID of a token that is named by its ID or its name.
func findToken(ctx context.Context, api *client.Client, name string) (string, error) {
	if strings.HasPrefix(name, "tok_") && len(name) == 30 {
		return name, nil
	}
	tokens, err := api.ServiceTokens(ctx)
	if err != nil {
		return "", err
	}
	var ids []string
	for _, k := range tokens {
		if k.Name == name {
			ids = append(ids, k.ID)
		}
	}
	switch len(ids) {
	case 0:
		return "", fmt.Errorf("there is no such token")
	case 1:
		return ids[0], nil
	}
	return "", fmt.Errorf("several have this name: %s", strings.Join(ids, ", "))
}

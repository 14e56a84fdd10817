package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type settingsCmd struct {
	Ls    settingsLsCmd    `cmd:"" help:"List the settings of the server, and where each comes from."`
	Get   settingsGetCmd   `cmd:"" help:"Print the value of a setting."`
	Set   settingsSetCmd   `cmd:"" help:"Store a setting."`
	Unset settingsUnsetCmd `cmd:"" help:"Store a setting no more, so that its default counts."`
}

type settingsLsCmd struct{}

// Help is shown by --help.
func (settingsLsCmd) Help() string {
	return `A value comes from a flag, else an environment variable, else the config file, else from
what was stored, else it is the default. What one of the first three fixes is locked. For
administrators of the server.

Example:
  scaidrive settings ls`
}

// Run lists the settings.
func (c *settingsLsCmd) Run(ctx context.Context, t *terminal) error {
	list, err := t.settings(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range list {
		s := &list[i]
		if t.json {
			if err := t.object(s); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, clean(settingText(s.Value)), settingSource(s))
	}
	return w.Flush()
}

// settings asks for the settings.
func (t *terminal) settings(ctx context.Context) ([]wire.ServerSetting, error) {
	api, err := t.connect()
	if err != nil {
		return nil, err
	}
	all, err := api.ServerSettings(ctx)
	if err != nil {
		return nil, fmt.Errorf("the server's settings: %w", err)
	}
	return all.Settings, nil
}

// setting asks for one.
func (t *terminal) setting(ctx context.Context, name string) (*wire.ServerSetting, error) {
	list, err := t.settings(ctx)
	if err != nil {
		return nil, err
	}
	return pickSetting(list, name)
}

// pickSetting finds a setting by its name, written as in the list or as a flag.
func pickSetting(list []wire.ServerSetting, name string) (*wire.ServerSetting, error) {
	want := strings.ReplaceAll(strings.TrimLeft(name, "-"), "-", "_")
	for i := range list {
		if list[i].Name == want {
			return &list[i], nil
		}
	}
	return nil, client.Usagef("there is no setting %q; see scaidrive settings ls", name)
}

// settingText gives a value as an environment variable would have it.
func settingText(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = fmt.Sprint(item)
		}
		return strings.Join(items, ",")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

func settingSource(s *wire.ServerSetting) string {
	text := s.Source
	if s.From != nil {
		text += " (" + clean(*s.From) + ")"
	}
	if s.Locked {
		text += ", locked"
	}
	return text
}

type settingsGetCmd struct {
	Name string `arg:"" help:"Name of the setting."`
}

// Help is shown by --help.
func (settingsGetCmd) Help() string {
	return `Example:
  scaidrive settings get cors_origins`
}

// Run prints a value.
func (c *settingsGetCmd) Run(ctx context.Context, t *terminal) error {
	s, err := t.setting(ctx, c.Name)
	if err != nil {
		return err
	}
	return t.showSetting(s)
}

func (t *terminal) showSetting(s *wire.ServerSetting) error {
	if t.json {
		return t.object(s)
	}
	_, err := fmt.Fprintln(t.out, clean(settingText(s.Value)))
	return err
}

type settingsSetCmd struct {
	Name  string   `arg:"" help:"Name of the setting."`
	Value []string `arg:"" help:"The value; of a list each item, or separated by commas."`
}

// Help is shown by --help.
func (settingsSetCmd) Help() string {
	return `It counts at once. What a flag, a variable or the config file fixes can't be stored. An
empty value is an empty list.

Example:
  scaidrive settings set cors_origins https://app.example.com https://intranet.example.com
  scaidrive settings set rate_limit_profile public`
}

// Run stores a value.
func (c *settingsSetCmd) Run(ctx context.Context, t *terminal) error {
	s, err := t.setting(ctx, c.Name)
	if err != nil {
		return err
	}
	value, err := settingValue(s, c.Value)
	if err != nil {
		return err
	}
	return t.storeSettings(ctx, map[string]any{s.Name: value}, s.Name)
}

// settingValue reads what the command line says in the setting's kind. What a value may
// be is the server's to say.
func settingValue(s *wire.ServerSetting, words []string) (any, error) {
	if s.Restart {
		return nil, client.Usagef("%s can't be stored: it counts from a start on, by its flag, variable or the config file", s.Name)
	}
	text := strings.Join(words, ",")
	switch s.Kind {
	case "bool":
		switch strings.ToLower(text) {
		case "true", "yes", "on", "1":
			return true, nil
		case "false", "no", "off", "0":
			return false, nil
		}
		return nil, client.Usagef("%s is true or false", s.Name)
	case "int":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, client.Usagef("%s is a whole number", s.Name)
		}
		return n, nil
	case "list":
		list := []string{}
		for item := range strings.SplitSeq(text, ",") {
			if item = strings.TrimSpace(item); item != "" {
				list = append(list, item)
			}
		}
		return list, nil
	}
	return text, nil
}

func (t *terminal) storeSettings(ctx context.Context, changes map[string]any, names ...string) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	all, err := api.UpdateServerSettings(ctx, changes)
	if err != nil {
		return fmt.Errorf("store settings: %w", err)
	}
	for _, name := range names {
		s, err := pickSetting(all.Settings, name)
		if err != nil {
			return err
		}
		if err := t.showSetting(s); err != nil {
			return err
		}
	}
	return nil
}

type settingsUnsetCmd struct {
	Name []string `arg:"" help:"Names of the settings."`
}

// Help is shown by --help.
func (settingsUnsetCmd) Help() string {
	return `Example:
  scaidrive settings unset cors_origins rate_limit_profile`
}

// Run stores settings no more.
func (c *settingsUnsetCmd) Run(ctx context.Context, t *terminal) error {
	list, err := t.settings(ctx)
	if err != nil {
		return err
	}
	changes, names := map[string]any{}, []string{}
	for _, name := range c.Name {
		s, err := pickSetting(list, name)
		if err != nil {
			return err
		}
		if s.Restart {
			return client.Usagef("%s is never stored", s.Name)
		}
		changes[s.Name], names = nil, append(names, s.Name)
	}
	return t.storeSettings(ctx, changes, names...)
}

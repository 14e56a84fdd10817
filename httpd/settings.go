package httpd

import (
	"scaidrive/engine"
	"scaidrive/engine/settings"
	"scaidrive/httpd/wire"
)

func wireSettings(list []settings.Setting) wire.ServerSettings {
	out := wire.ServerSettings{Settings: []wire.ServerSetting{}}
	for _, s := range list {
		w := wire.ServerSetting{
			Name: s.Name, Kind: string(s.Kind), Value: s.Value, Default: s.Default, Source: string(s.Source),
			Locked: s.Locked, Restart: !s.Stored, Choices: s.Choices, About: s.About,
		}
		if s.Kind == settings.Int {
			w.Minimum, w.Maximum = &s.Min, &s.Max
		}
		if s.From != "" {
			w.From = &s.From
		}
		if s.Source == settings.Stored {
			by, at := s.By.Format(engine.PrefixUser), wire.At(s.At)
			w.ChangedBy, w.ChangedAt = &by, &at
		}
		out.Settings = append(out.Settings, w)
	}
	return out
}

func getSettings(c *call) error {
	list, err := c.s.o.Settings.List(c.who)
	if err != nil {
		return err
	}
	return c.json(200, wireSettings(list))
}

func updateSettings(c *call) error {
	var in wire.UpdateServerSettings
	if err := c.decode(&in, false); err != nil {
		return err
	}
	var changes []settings.Change
	changes = change(changes, settings.AllowedHosts, in.AllowedHosts)
	changes = change(changes, settings.CORSOrigins, in.CORSOrigins)
	changes = change(changes, settings.TrustedProxies, in.TrustedProxies)
	changes = change(changes, settings.RateLimitProfile, in.RateLimitProfile)
	changes = change(changes, settings.LogRequests, in.LogRequests)
	changes = change(changes, settings.ChangelogDays, in.ChangelogDays)
	changes = change(changes, settings.ChangelogRows, in.ChangelogRows)
	list, err := c.s.o.Settings.Change(c.ctx, c.who, changes, func(v *settings.Values) error {
		if !answersFor(v.AllowedHosts, c.host()) {
			return engine.E(engine.KindConflict, "With these allowed_hosts the server would not answer any more for %s, by which you reach it", c.host())
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(200, wireSettings(list))
}

// change adds what a body says of a setting, if it says something.
func change[T any](list []settings.Change, name string, said **T) []settings.Change {
	if said == nil {
		return list
	}
	c := settings.Change{Name: name}
	if *said != nil {
		c.Value = **said
	}
	return append(list, c)
}

package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"scaidrive/appliance"
)

// notSettings are flags of serve that are no settings.
var notSettings = []string{"config", "admin-email", "admin-password", "test-mode"}

// AfterApply notes which flags stand on the command line: kong takes those from the
// environment for the same.
func (c *serveCmd) AfterApply(k *kong.Context) error {
	seen := map[*kong.Flag]bool{nil: true}
	for _, p := range k.Path {
		if seen[p.Flag] || !slices.ContainsFunc(k.Selected().Flags, func(f *kong.Flag) bool { return f == p.Flag }) || slices.Contains(notSettings, p.Flag.Name) {
			continue
		}
		seen[p.Flag] = true // one that stands several times has all its values
		text := fmt.Sprint(p.Flag.Target.Interface())
		if list, ok := p.Flag.Target.Interface().([]string); ok {
			text = strings.Join(list, ",")
		}
		c.flagged = append(c.flagged, appliance.Given{Name: settingName(p.Flag), Text: text, Source: appliance.FromFlag, From: "--" + p.Flag.Name})
	}
	for _, f := range k.Selected().Flags {
		if len(f.Envs) == 0 || slices.Contains(notSettings, f.Name) {
			continue
		}
		if text := os.Getenv(f.Envs[0]); text != "" {
			c.flagged = append(c.flagged, appliance.Given{Name: settingName(f), Text: text, Source: appliance.FromEnvironment, From: f.Envs[0]})
		}
	}
	return nil
}

func settingName(f *kong.Flag) string { return strings.ReplaceAll(f.Name, "-", "_") }

// given gives what the process was told of its settings, flags first, then variables,
// then the config file, and puts what the file says of where and how to start in its
// place.
func (c *serveCmd) given() ([]appliance.Given, error) {
	list := slices.Clone(c.flagged)
	if c.Config != "" {
		file, err := appliance.ReadConfigFile(c.Config, c.TestMode)
		if err != nil {
			return nil, err
		}
		list = append(list, file...)
		for _, g := range file {
			if slices.ContainsFunc(c.flagged, func(o appliance.Given) bool { return o.Name == g.Name }) {
				continue
			}
			switch g.Name {
			case "data":
				c.Data = g.Text
			case "listen":
				c.Listen = g.Text
			case "memory":
				c.Memory = g.Text
			case "metrics_listen":
				c.MetricsListen = g.Text
			case "log_json":
				c.LogJSON = g.Text == "true"
			}
		}
	}
	return list, appliance.CheckSettings(list, c.TestMode)
}

package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"scaidrive/engine"
	"scaidrive/engine/settings"
)

// A Given is a setting that the process was given.
type Given = settings.Given

// Where what the process was given comes from.
const (
	FromFlag        = settings.Flag
	FromEnvironment = settings.Environment
)

// ReadConfigFile reads what a config file says of settings.
func ReadConfigFile(path string, test bool) ([]Given, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: --config: %w", ErrUsage, err)
	}
	defer func() { _ = f.Close() }() // it was read only
	text, err := io.ReadAll(io.LimitReader(f, settings.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%w: --config: %w", ErrUsage, err)
	}
	list, err := settings.ParseFile(text, path, test)
	if err != nil {
		return nil, fmt.Errorf("%w: config file %s: %w", ErrUsage, path, err)
	}
	return list, nil
}

// CheckSettings answers nil for settings that a process can be given.
func CheckSettings(list []Given, test bool) error {
	if _, err := settings.New(settings.Options{Given: list, Test: test}); err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return nil
}

// openSettings opens the settings. When what is stored is damaged, the others count;
// the server is not ready then, and says why.
func (a *Appliance) openSettings(ctx context.Context) (err error) {
	list := slices.Clone(a.cfg.Settings)
	for name, text := range map[string]string{
		settings.Data: a.cfg.Data, settings.Listen: a.cfg.Listen, settings.Memory: strconv.FormatInt(a.cfg.memory(), 10),
	} {
		list = append(list, Given{Name: name, Text: text, Source: settings.Default})
	}
	a.settings, err = settings.New(settings.Options{DB: a.meta, Env: a.env, Given: list, Test: a.cfg.TestMode, Log: a.cfg.Log})
	if err != nil {
		return errors.Join(ErrUsage, err)
	}
	err = a.settings.Load(ctx)
	if err != nil && engine.KindOf(err) == engine.KindDamaged {
		a.cfg.Log.Error("the stored settings cannot be read; flags and defaults count", "err", err)
		return nil
	}
	return err
}

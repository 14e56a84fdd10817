package schema

import (
	"errors"

	"scaidrive/engine"
)

func storedSettingFields(c *codec, s *engine.StoredSetting) {
	c.string(1, "name", &s.Name)
	c.string(2, "text", &s.Text)
	c.id(3, "by", &s.By)
	c.time(4, "at", &s.At)
	c.extra(&s.Extra)
}

func storedFields(c *codec, s *engine.Stored) {
	records(c, 1, "settings", engine.MaxStoredSettings, &s.Settings, storedSettingFields)
	c.extra(&s.Extra)
}

// StoredKey is the key of the stored settings.
func StoredKey() []byte { return []byte("settings") }

// GetStored reads the stored settings; none are an empty list.
func GetStored(r Reader) (*engine.Stored, error) {
	s, err := get(r, Settings, StoredKey(), storedFields)
	if errors.Is(err, ErrNotFound) {
		return &engine.Stored{}, nil
	}
	return s, err
}

// PutStored writes the stored settings.
func PutStored(w Writer, s *engine.Stored) error {
	return put(w, Settings, StoredKey(), s, storedFields)
}

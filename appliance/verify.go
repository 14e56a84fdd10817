package appliance

import (
	"context"
	"fmt"

	"scaidrive/chunkstore"
	"scaidrive/engine/transfer"
	"scaidrive/engine/tree"
	"scaidrive/engine/upkeep"
)

// A Finding is something that Verify or Repair found.
type Finding struct {
	// Kind is "damaged" for what is lost or wrong, "repaired" for what was
	// rebuilt from the truth.
	Kind string `json:"kind"`
	What string `json:"what"`
}

// The kinds of findings.
const (
	Damaged  = "damaged"
	Repaired = "repaired"
)

// A Report sums up a Verify or Repair. Sizes in bytes.
type Report struct {
	Shares   int64 `json:"shares"`
	Folders  int64 `json:"folders"`
	Files    int64 `json:"files"`
	Versions int64 `json:"versions"`
	Chunks   int64 `json:"chunk_references"`
	Bytes    int64 `json:"bytes"`
	Packs    int   `json:"packs"`
	PackSize int64 `json:"pack_bytes"`
	Damaged  int   `json:"damaged"`
	Repaired int   `json:"repaired"`
}

// inspection is an offline look at a data directory.
type inspection struct {
	*Appliance
	report *Report
	found  func(Finding)
}

func (i *inspection) tell(kind, format string, args ...any) {
	if kind == Damaged {
		i.report.Damaged++
	} else {
		i.report.Repaired++
	}
	i.found(Finding{kind, fmt.Sprintf(format, args...)})
}

// Verify opens a stopped server's data and holds everything against its
// checksums, counts and references; with readData every byte of the packs too.
// found is called with each thing that is wrong. The error is not nil when the
// directory cannot be opened at all.
func Verify(ctx context.Context, cfg Config, readData bool, found func(Finding)) (*Report, error) {
	i := &inspection{Appliance: &Appliance{cfg: cfg}, report: &Report{}, found: found}
	var err error
	if i.env, err = newEnv(false); err != nil {
		return nil, err
	}
	if i.dir, err = openDataDir(cfg.Data, false, i.env.Now); err != nil {
		return nil, err
	}
	err = i.run(ctx, readData)
	if cerr := i.release(); err == nil && cerr != nil {
		err = fmt.Errorf("close the data directory: %w", cerr)
	}
	return i.report, err
}

// run opens the store and looks at everything.
func (i *inspection) run(ctx context.Context, readData bool) error {
	cache, layers := i.cfg.limitMemory()
	var err error
	if i.reserve, err = openReserve(i.dir); err != nil {
		return err
	}
	if err := i.openStore(ctx, cache, layers); err != nil {
		return err
	}
	return i.look(ctx, readData)
}

// look holds everything in the opened store against what it must be.
func (i *inspection) look(ctx context.Context, readData bool) error {
	if why := i.meta.Status().Rebuilt; why != "" {
		i.tell(Repaired, "meta.db was rebuilt from the operation log: %s", why)
	}
	metadata, err := i.meta.Verify(ctx)
	if err != nil {
		return fmt.Errorf("verify the metadata: %w", err)
	}
	for _, p := range metadata.Problems {
		i.tell(Damaged, "metadata: %s", p)
	}
	seen := map[string]bool{}
	damage := func(d chunkstore.Damage) {
		if s := d.String(); !seen[s] {
			seen[s] = true
			i.tell(Damaged, "packs: %s", s)
		}
	}
	for _, d := range i.chunks.Damage() {
		damage(d)
	}
	if err := i.chunks.Verify(ctx, readData, damage); err != nil {
		return fmt.Errorf("verify the packs: %w", err)
	}
	t := tree.New(i.meta, i.env)
	counts, err := upkeep.Check(ctx, i.meta, i.chunks, transfer.New(i.meta, i.chunks, t, i.env),
		func(f upkeep.Finding) { i.tell(Damaged, "%s", f) })
	stats := i.chunks.Stats()
	r := i.report
	r.Shares, r.Folders, r.Files, r.Versions, r.Chunks, r.Bytes = counts.Shares, counts.Folders, counts.Files, counts.Versions, counts.Chunks, counts.Bytes
	r.Packs, r.PackSize = stats.Packs, stats.Bytes
	if err != nil {
		return fmt.Errorf("check the tree: %w", err)
	}
	return nil
}

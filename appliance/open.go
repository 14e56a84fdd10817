// Package appliance is where everything meets: the data directory, the
// construction of the rooms in the order of their dependencies, the first start,
// the life cycle of the server, and the offline verify and repair.
//
// Invariants: one process a data directory; an interrupted first start is
// finished by the next; a clean stop is noted last.
//
// It decides nothing about files or people; the engine does.
package appliance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/split"
	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/acl"
	"scaidrive/engine/annotate"
	"scaidrive/engine/archive"
	"scaidrive/engine/desk"
	"scaidrive/engine/identity"
	"scaidrive/engine/job"
	"scaidrive/engine/journal"
	"scaidrive/engine/meta"
	"scaidrive/engine/notice"
	"scaidrive/engine/once"
	"scaidrive/engine/people"
	"scaidrive/engine/presence"
	"scaidrive/engine/preview"
	"scaidrive/engine/settings"
	"scaidrive/engine/share"
	"scaidrive/engine/tenancy"
	"scaidrive/engine/transfer"
	"scaidrive/engine/transfer/session"
	"scaidrive/engine/tree"
	"scaidrive/engine/upkeep"
	"scaidrive/engine/usage"
	"scaidrive/httpd"
)

// An Appliance is an open data directory with everything on it.
type Appliance struct {
	cfg     Config
	env     engine.Env
	dir     *dataDir
	reserve *reserve
	meta    *meta.DB
	chunks  *chunkstore.Store

	tenancy  *tenancy.Service
	identity *identity.Service
	shares   *share.Service
	people   *people.Service
	tree     *tree.Service
	acl      *acl.Service
	transfer *transfer.Service
	uploads  *session.Service
	journal  *journal.Service
	jobs     *job.Service
	archives *archive.Service
	previews *preview.Service // nil: this process does not know its own binary
	once     *once.Service
	desk     *desk.Service
	notices  *notice.Service
	annotate *annotate.Service
	settings *settings.Service
	usage    *usage.Service
	presence *presence.Service
	keeper   *upkeep.Keeper
	http     *httpd.Server
	started  time.Time
}

// ErrRepairNeeded: the process crashed three times within ten minutes.
var ErrRepairNeeded = errors.New("the server crashed three times within ten minutes; look into the file CRASH.last and run scaidrive repair")

// Open opens the store in cfg.Data, or makes it on the first start. This is the
// order in which the house is built.
func Open(ctx context.Context, cfg Config) (_ *Appliance, err error) {
	a := &Appliance{cfg: cfg}
	if a.env, err = newEnv(cfg.TestMode); err != nil {
		return nil, err
	}
	if a.dir, err = openDataDir(cfg.Data, true, a.env.Now); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.release())
		}
	}()
	if a.dir.readOnly {
		return nil, errors.New("this data directory was written by a newer version of scaidrive, which must serve it")
	}
	if a.dir.repairNeeded(a.env.Now()) {
		return nil, ErrRepairNeeded
	}
	if err := a.dir.watchCrashes(); err != nil {
		return nil, err
	}
	cache, layers := cfg.limitMemory()
	if a.reserve, err = openReserve(a.dir); err != nil {
		return nil, err
	}
	a.env.Room = a.reserve.room

	if a.dir.fresh {
		if err := a.refuseWithoutAdmin(); err != nil {
			return nil, err
		}
	}
	if err := a.openStore(ctx, cache, layers); err != nil {
		return nil, err
	}
	a.reportDamage()

	// The services of the engine, from the ground up.
	if err := a.openSettings(ctx); err != nil {
		return nil, fmt.Errorf("open the settings: %w", err)
	}
	a.tenancy = tenancy.New(a.meta, a.env)
	if a.identity, err = a.openIdentity(); err != nil {
		return nil, fmt.Errorf("open the identity service: %w", err)
	}
	a.shares = share.New(a.meta, a.env)
	a.people = people.New(a.meta, a.env, a.identity, a.shares)
	a.tree = tree.New(a.meta, a.env)
	a.acl = acl.New(a.meta, a.tree, a.env)
	a.desk = desk.New(a.meta, a.env)
	a.annotate = annotate.New(a.meta, a.env)
	a.notices = notice.New(a.meta, a.env)
	a.usage = usage.New(a.meta, a.env, a.shares)
	a.presence = presence.New(a.meta, a.env)
	a.tree.OnTouch = a.desk.Touched
	a.transfer = transfer.New(a.meta, a.chunks, a.tree, a.env)
	a.transfer.OnFalseClaim = a.reportFalseClaim
	a.uploads = session.New(session.Options{
		DB: a.meta, Transfer: a.transfer, Tree: a.tree, Env: a.env, FS: a.dir.fs, Dir: stagingName, Log: cfg.Log,
	})
	a.journal = journal.New(a.meta, a.tree, a.transfer, a.env, a.dir.header.Epoch)
	a.jobs = job.New(job.Options{DB: a.meta, Tree: a.tree, Transfer: a.transfer, Env: a.env, Log: cfg.Log})
	a.archives = archive.New(a.tree, a.transfer, a.shares, a.identity, a.env)
	a.previews = a.openPreviews()
	a.once = once.New(a.meta, a.env)
	if a.dir.fresh {
		if err := a.firstStart(ctx); err != nil {
			return nil, err
		}
	}
	if err := a.dir.markInUse(a.env.Now(), a.reportMark); err != nil {
		return nil, err
	}
	if err := a.preparePeople(ctx); err != nil {
		return nil, err
	}
	a.keeper, err = upkeep.New(ctx, upkeep.Options{
		DB: a.meta, Tree: a.tree, Identity: a.identity, Notices: a.notices, Env: a.env, Uptime: a.uptime(), Log: cfg.Log,
	})
	if err != nil {
		return nil, err
	}

	// The wire.
	a.started = a.env.Now()
	a.http = httpd.New(httpd.Options{
		Identity: a.identity, Shares: a.shares, People: a.people, Tree: a.tree, ACL: a.acl, Transfer: a.transfer, Uploads: a.uploads, Journal: a.journal, Desk: a.desk, Usage: a.usage, Presence: a.presence, Jobs: a.jobs, Tenancy: a.tenancy,
		Archives: a.archives, Previews: a.previews, Annotate: a.annotate, Notices: a.notices,
		Once: a.once, Settings: a.settings, Values: a.settings.Now,
		Env: a.env, Ready: a.ready, Parts: a.parts, Footprint: a.footprint, Version: cfg.Version, Chunking: split.Default().Name, TestMode: cfg.TestMode, Logger: cfg.Log,
	})
	return a, nil
}

// openStore opens metadata and packs. Metadata first: its log says how much of
// each pack counts.
func (a *Appliance) openStore(ctx context.Context, cache, layers int64) (err error) {
	options := a.cfg.metaOptions(a.dir, a.reserve, layers)
	if a.dir.fresh {
		if err := meta.Create(ctx, options); err != nil {
			return fmt.Errorf("make the metadata: %w", err)
		}
	}
	if a.meta, err = meta.Open(ctx, options); err != nil {
		return fmt.Errorf("open the metadata: %w", err)
	}
	marks, err := a.meta.Marks(ctx)
	if err != nil {
		return fmt.Errorf("read the marks of the packs: %w", err)
	}
	a.chunks, err = chunkstore.Open(ctx, chunkstore.Options{
		FS:         a.dir.fs,
		IndexPath:  a.dir.file(indexName),
		StoreID:    a.dir.header.StoreID,
		Marks:      marks,
		CacheBytes: cache,
		CheckAfter: a.dir.restAtStart(),
	})
	if err != nil {
		return fmt.Errorf("open the packs: %w", err)
	}
	a.meta.SetBarrier(a.chunks.Sync)
	return nil
}

// refuseWithoutAdmin: a store without anybody who could sign in is not made.
func (a *Appliance) refuseWithoutAdmin() error {
	if a.cfg.AdminEmail != "" && a.cfg.AdminPassword != "" {
		return nil
	}
	return fmt.Errorf("%w: the first start makes the administrator; set SCAIDRIVE_ADMIN_EMAIL and SCAIDRIVE_ADMIN_PASSWORD", ErrUsage)
}

// firstStart makes the default partner and tenant, the administrator and their
// personal share in one commit.
func (a *Appliance) firstStart(ctx context.Context) error {
	t := &engine.Tenant{Settings: engine.DefaultTenantSettings()}
	hash, err := a.identity.HashPassword(ctx, t, a.cfg.AdminPassword)
	if err != nil {
		return fmt.Errorf("%w: SCAIDRIVE_ADMIN_PASSWORD: %w", ErrUsage, err)
	}
	err = a.meta.Update(ctx, func(tx *meta.Tx) error {
		t, err := a.tenancy.Bootstrap(tx)
		if err != nil {
			return err
		}
		u, err := a.identity.BootstrapAdmin(tx, t, a.cfg.AdminEmail, hash)
		if err != nil {
			return err
		}
		_, err = a.shares.CreatePersonal(tx, u)
		return err
	})
	if engine.KindOf(err) == engine.KindInvalid {
		return fmt.Errorf("%w: SCAIDRIVE_ADMIN_EMAIL: %w", ErrUsage, err)
	}
	if err != nil {
		return fmt.Errorf("make the administrator: %w", err)
	}
	a.cfg.Log.Info("first start: administrator made", "email", a.cfg.AdminEmail)
	return nil
}

// preparePeople brings a store of an older build up to date. One that is damaged is
// served as far as it can be: what is damaged refuses by itself.
func (a *Appliance) preparePeople(ctx context.Context) error {
	err := a.people.Prepare(ctx)
	if engine.KindOf(err) == engine.KindDamaged && err != nil {
		a.cfg.Log.Error("users and shares could not be brought up to date", "err", err)
		return nil
	}
	return err
}

// clearGroups goes on with what the deletion of groups left behind.
func (a *Appliance) clearGroups(ctx context.Context) {
	if err := a.people.Clear(ctx); err != nil && ctx.Err() == nil {
		a.cfg.Log.Warn("deleted groups could not be cleared away", "err", err)
	}
}

// openIdentity opens the identity service with the stored signing key. A missing
// or damaged key is made anew: then everybody signs in again.
func (a *Appliance) openIdentity() (*identity.Service, error) {
	path := a.dir.file(keysName + "/signing.pem")
	pem, err := os.ReadFile(path)
	switch {
	case err == nil:
		svc, err := identity.New(a.meta, a.env, identity.Keys{Active: pem}, identity.Options{})
		if err == nil {
			return svc, nil
		}
		a.cfg.Log.Error("the signing key is damaged; a new one is made and everybody signs in again", "file", path, "err", err)
		if err := os.Rename(path, path+".damaged"); err != nil {
			return nil, fmt.Errorf("put the damaged signing key aside: %w", err)
		}
	case !errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("read the signing key: %w", err)
	case !a.dir.fresh:
		a.cfg.Log.Error("the signing key is missing; a new one is made and everybody signs in again", "file", path)
	}
	keys, err := identity.NewKeys(a.env)
	if err != nil {
		return nil, fmt.Errorf("make the signing key: %w", err)
	}
	if err := a.dir.fs.MkdirAll(keysName); err != nil {
		return nil, fmt.Errorf("keep the signing key: %w", err)
	}
	if err := vfs.WriteFile(a.dir.fs, keysName+"/signing.pem", keys.Active); err != nil {
		return nil, fmt.Errorf("keep the signing key: %w", err)
	}
	return identity.New(a.meta, a.env, keys, identity.Options{})
}

// reportDamage tells the operator what was found at the start.
func (a *Appliance) reportDamage() {
	for _, d := range a.chunks.Damage() {
		a.cfg.Log.Error("damage found in the packs", "what", d.String())
	}
	if a.dir.unclean && !a.dir.fresh {
		a.cfg.Log.Info("the last process did not stop cleanly; recovered", "data", a.dir.path)
	}
}

// reportMark tells the operator that nothing will be stored.
func (a *Appliance) reportMark(err error) {
	a.cfg.Log.Error("the store header could not be written; nothing is stored until it can", "err", err)
}

// reportFalseClaim tells the operator of a whole-file hash that was not true and
// has been corrected.
func (a *Appliance) reportFalseClaim(c transfer.FalseClaim) {
	a.cfg.Log.Warn("a client announced a false whole-file hash; it was corrected",
		"file", c.File.Format(engine.PrefixFile), "version", c.Version)
}

// reportRemoval tells the operator that something could not be removed for good.
// It is tried again.
func (a *Appliance) reportRemoval(err error) {
	a.cfg.Log.Warn("what was deleted for good could not be removed", "err", err)
}

// reportExpiry tells the operator that answers of keyed requests that are over
// could not be removed. It is tried again.
func (a *Appliance) reportExpiry(err error) {
	a.cfg.Log.Warn("expired idempotency keys could not be removed", "err", err)
}

// reportRecent tells the operator that what users opened last could not be written.
// It is tried again.
func (a *Appliance) reportRecent(err error) {
	a.cfg.Log.Warn("what users opened last could not be written", "err", err)
}

// reportUsage tells the operator that what a share holds could not be counted. It
// is tried again when it is asked for.
func (a *Appliance) reportUsage(err error) {
	a.cfg.Log.Warn("what a share holds could not be counted", "err", err)
}

// reportThinning tells the operator that a change log could not be thinned. It is
// tried again.
func (a *Appliance) reportThinning(err error) {
	a.cfg.Log.Warn("the change log could not be thinned", "err", err)
}

// ready tells which parts work; the server is ready when it takes writes.
func (a *Appliance) ready() (map[string]bool, bool) {
	m := a.meta.Status()
	checks := map[string]bool{
		"database": m.ReadOnly == "" && len(m.Damage) == 0,
		"storage":  a.chunks.Stats().Failed == nil && a.uploads.Failed() == nil && a.reserve.room() == nil && a.dir.marked(),
		"identity": true,
	}
	ok := true
	for _, v := range checks {
		ok = ok && v
	}
	return checks, ok
}

// Close ends everything in the opposite order and notes the clean stop.
func (a *Appliance) Close() error {
	var lsn uint64
	if a.previews != nil {
		a.previews.Close()
	}
	err := a.chunks.Close()
	if err == nil {
		err = a.meta.Close()
		if m := a.meta.Status(); m.ReadOnly == "" {
			lsn = m.LSN
		} // else a sync may have failed: the next start looks at everything
	} else {
		err = errors.Join(err, a.meta.Close())
	}
	a.chunks, a.meta = nil, nil
	if err == nil {
		err = a.dir.awaitMark()
	}
	if err == nil {
		err = a.dir.setState(stateStopped, lsn, a.env.Now())
	}
	return errors.Join(err, a.release())
}

// release gives back what a failed Open or a Close leaves.
func (a *Appliance) release() error {
	var errs []error
	if a.chunks != nil {
		errs = append(errs, a.chunks.Close())
	}
	if a.meta != nil {
		errs = append(errs, a.meta.Close())
	}
	if a.reserve != nil {
		errs = append(errs, a.reserve.close())
	}
	if a.dir != nil {
		errs = append(errs, a.dir.close())
	}
	return errors.Join(errs...)
}

// uptime gives a clock of how long the process runs. Under --test-mode time that the test
// lets pass is time that the server ran.
func (a *Appliance) uptime() func() time.Duration {
	if a.cfg.TestMode {
		start := a.env.Now()
		return func() time.Duration { return a.env.Now().Sub(start) }
	}
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// refill fills the reserve up again when there is room.
func (a *Appliance) refill(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := a.reserve.refill(); err != nil {
				a.cfg.Log.Warn("the reserve cannot be filled", "err", err)
			}
		}
	}
}

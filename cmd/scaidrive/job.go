package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type jobCmd struct {
	Ls     jobLsCmd     `cmd:"" help:"List your jobs."`
	Show   jobShowCmd   `cmd:"" help:"Show how far a job is and what it could not do."`
	Undo   jobUndoCmd   `cmd:"" help:"Take back what a job did."`
	Cancel jobCancelCmd `cmd:"" help:"End a job before its next step."`
}

type jobLsCmd struct{}

// Help is shown by --help.
func (jobLsCmd) Help() string {
	return `The newest comes first. Jobs are kept for 30 days after their end.

Example:
  scaidrive job ls`
}

// Run lists jobs.
func (c *jobLsCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	err = api.EachJob(ctx, func(j *wire.Job) (bool, error) {
		if t.json {
			return true, t.object(j)
		}
		_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d/%d\t%d errors\n", j.ID, j.CreatedAt.Local().Format("2006-01-02 15:04"), j.Kind, j.State, j.Done, j.Total, j.ErrorCount)
		return true, err
	})
	if err != nil {
		return fmt.Errorf("list the jobs: %w", err)
	}
	return w.Flush()
}

type jobShowCmd struct {
	ID string `arg:"" help:"ID of the job."`
}

// Help is shown by --help.
func (jobShowCmd) Help() string {
	return `Example:
  scaidrive job show job_01JD9Q0ZXF7T4N5W6Y8A2B3C4D`
}

// Run shows a job.
func (c *jobShowCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	j, err := api.Job(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("%s: %w", c.ID, err)
	}
	if t.json {
		return t.object(j)
	}
	fmt.Fprintf(t.out, "%s  %s  %s  %d of %d, %d errors\n", j.ID, j.Kind, j.State, j.Done, j.Total, j.ErrorCount)
	if j.UndoUntil != nil {
		fmt.Fprintf(t.out, "can be undone until %s\n", j.UndoUntil.Local().Format("2006-01-02 15:04"))
	}
	t.plan(j)
	t.jobErrors(j)
	return nil
}

type jobUndoCmd struct {
	ID string `arg:"" help:"ID of the job."`
}

// Help is shown by --help.
func (jobUndoCmd) Help() string {
	return `What was changed by others since stays as it is and is told; then it ends in 3.

Example:
  scaidrive job undo job_01JD9Q0ZXF7T4N5W6Y8A2B3C4D`
}

// Run undoes a job and waits for it.
func (c *jobUndoCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	if err := api.UndoJob(ctx, c.ID); err != nil {
		return fmt.Errorf("%s: %w", c.ID, err)
	}
	return t.await(ctx, api, c.ID)
}

type jobCancelCmd struct {
	ID string `arg:"" help:"ID of the job."`
}

// Help is shown by --help.
func (jobCancelCmd) Help() string {
	return `What is done stays; job undo takes it back.

Example:
  scaidrive job cancel job_01JD9Q0ZXF7T4N5W6Y8A2B3C4D`
}

// Run cancels a job.
func (c *jobCancelCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	if err := api.CancelJob(ctx, c.ID); err != nil {
		return fmt.Errorf("%s: %w", c.ID, err)
	}
	return t.await(ctx, api, c.ID)
}

// await waits for a job and tells what came of it.
func (t *terminal) await(ctx context.Context, api *client.Client, id string) error {
	j, err := t.wait(ctx, api, id)
	if err != nil {
		return err
	}
	if t.json {
		if err := t.object(j); err != nil {
			return err
		}
	} else {
		t.say("Job %s is %s: %d of %d.", j.ID, j.State, j.Done, j.Total)
		t.jobErrors(j)
	}
	return jobEnd(j)
}

// wait waits for a job and shows its progress to a person.
func (t *terminal) wait(ctx context.Context, api *client.Client, id string) (*wire.Job, error) {
	shown := false
	j, err := api.WaitJob(ctx, id, func(j *wire.Job) {
		if t.showsProgress() && !client.JobOver(j.State) {
			fmt.Fprintf(t.errs, "\r%s: %d of %d ", j.State, j.Done, j.Total)
			shown = true
		}
	})
	if shown {
		fmt.Fprint(t.errs, "\r\x1b[K")
	}
	if err != nil && ctx.Err() != nil {
		t.warn("the job %s goes on; scaidrive job show tells how far it is, job cancel ends it", id)
	}
	return j, err
}

// jobErrors tells what a job could not do.
func (t *terminal) jobErrors(j *wire.Job) {
	for _, e := range j.Errors {
		what := e.Path
		if what == "" {
			what = e.ID
		}
		if what == "" {
			what = j.ID
		}
		t.warn("%s: %s (%d)", clean(what), clean(e.Detail), e.Status)
	}
	if more := int64(j.ErrorCount) - int64(len(j.Errors)); more > 0 {
		t.warn("and %d more", more)
	}
}

// jobEnd is the end of a command whose work a job did.
func jobEnd(j *wire.Job) error {
	switch {
	case j.State == wire.JobFailed, j.ErrorCount > 0 && j.ErrorCount >= j.Total:
		return &partError{exitFailed}
	case j.ErrorCount > 0:
		return &partError{exitPart}
	}
	return nil
}

type rewindCmd struct {
	Path   string `arg:"" help:"SHARE: or SHARE:/path of a folder." placeholder:"SHARE:/path"`
	To     string `required:"" help:"The moment: 2026-11-22T09:30:00Z, '2026-11-22 09:30' here, or how long ago: 2h30m." placeholder:"TIME"`
	DryRun bool   `help:"Only show what would be done."`
}

// Help is shown by --help.
func (rewindCmd) Help() string {
	return `What is new goes to the trash, what was deleted, moved or renamed comes back, and files
get the content that they had. It is a job: job undo makes everything as it was before.

Example:
  scaidrive rewind Projects:/plans --to '2026-11-22 09:30' --dry-run
  scaidrive rewind Projects: --to 2h`
}

// Run rewinds a folder or share.
func (c *rewindCmd) Run(ctx context.Context, t *terminal) error {
	at, err := pastMoment(c.To, t.now())
	if err != nil {
		return err
	}
	p, err := client.ParseRemotePath(c.Path)
	if err != nil {
		return err
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	id, err := api.FindShare(ctx, p.Share)
	if err == nil && len(p.Parts) > 0 {
		var f *client.Found
		if f, err = api.Find(ctx, p); err == nil {
			if id = f.ID; !f.Folder {
				return client.Usagef("%s is a file: versions --restore brings back its content", p)
			}
		}
	}
	if err != nil {
		return err
	}
	job, err := api.CreateJob(ctx, wire.CreateJob{
		Kind: wire.JobRewind, Items: []wire.JobItem{{ID: id}}, At: wire.AtPtr(at), DryRun: c.DryRun,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", p, err)
	}
	j, err := t.wait(ctx, api, job)
	if err != nil {
		return err
	}
	if t.json {
		if err := t.object(j); err != nil {
			return err
		}
		return jobEnd(j)
	}
	if c.DryRun {
		t.plan(j)
	} else if j.State == wire.JobDone {
		t.say("%s is as it was at %s. scaidrive job undo %s takes that back.", clean(p.String()), at.Local().Format("2006-01-02 15:04:05"), j.ID)
	}
	t.jobErrors(j)
	return jobEnd(j)
}

// plan prints what a rewind means to do.
func (t *terminal) plan(j *wire.Job) {
	if j.Plan == nil || t.quiet {
		return
	}
	for _, part := range []struct {
		title string
		part  wire.JobPlanPart
	}{
		{"to the trash", j.Plan.Trashed}, {"from the trash", j.Plan.Restored}, {"moved back", j.Plan.Moved},
		{"content put back", j.Plan.Reverted}, {"can't come back", j.Plan.Lost},
	} {
		fmt.Fprintf(t.out, "%s: %d\n", part.title, part.part.Count)
		for _, it := range part.part.Items {
			path := it.Path
			if path == "" {
				path = it.ID
			}
			if it.From != "" {
				path = it.From + " -> " + path
			}
			fmt.Fprintf(t.out, "  %s\n", clean(path))
		}
		if more := int64(part.part.Count) - int64(len(part.part.Items)); more > 0 {
			fmt.Fprintf(t.out, "  and %d more\n", more)
		}
	}
}

// pastMoment reads a time, or how long ago it is.
func pastMoment(text string, now time.Time) (time.Time, error) {
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, client.Usagef("--to %q is no time: 2026-11-22T09:30:00Z, '2026-11-22 09:30' or 2h30m is", text)
}

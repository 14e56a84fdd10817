package httpd

import (
	"scaidrive/engine"
	"scaidrive/engine/job"
	"scaidrive/httpd/wire"
)

// The names of kinds and states, by their numbers.
var (
	jobKinds  = [...]string{"", wire.JobMove, wire.JobCopy, wire.JobDelete, wire.JobRestore, wire.JobRename, wire.JobRewind}
	jobStates = [...]string{
		"", wire.JobQueued, wire.JobRunning, wire.JobUndoing,
		wire.JobDone, wire.JobFailed, wire.JobCancelled, wire.JobUndone,
	}
)

func createJob(c *call) error {
	var in wire.CreateJob
	if err := c.decode(&in, false); err != nil {
		return err
	}
	spec := job.Spec{DryRun: in.DryRun, Items: make([]job.Item, len(in.Items))}
	for k := 1; k < len(jobKinds); k++ {
		if jobKinds[k] == in.Kind {
			spec.Kind = engine.JobKind(k)
		}
	}
	if spec.Kind == 0 {
		return badField("literal_error", "Input should be move, copy, delete, restore, rename or rewind", "body", "kind")
	}
	for i, it := range in.Items {
		named, err := archiveItem(wire.ArchiveItem{ResourceType: it.ResourceType, ID: it.ID}, i)
		if err != nil {
			return err
		}
		spec.Items[i] = job.Item{ID: named.ID, Kind: named.Kind, Name: it.Name}
	}
	if in.Target != "" {
		var err error
		spec.ToShare = true
		if spec.Target, err = engine.ParseID(engine.PrefixShare, in.Target); err != nil {
			spec.ToShare = false
			if spec.Target, err = bodyID(engine.PrefixFolder, in.Target, "target"); err != nil {
				return err
			}
		}
	}
	if in.At != nil {
		spec.At = in.At.Time
	}
	j, err := c.s.o.Jobs.Create(c.ctx, c.who, spec)
	return c.jobOrdered(j, err)
}

// jobOrdered is the answer to what goes on in the background.
func (c *call) jobOrdered(j *engine.Job, err error) error {
	if err != nil {
		return err
	}
	id := j.ID.Format(engine.PrefixJob)
	c.setHeader("Location", wire.Prefix+"/jobs/"+id)
	return c.json(202, wire.JobTicket{ID: id})
}

func jobAgain(c *call, a *engine.Answer) error {
	return c.jobOrdered(&engine.Job{ID: a.ID}, nil)
}

func listJobs(c *call) error {
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	list, total, err := c.s.o.Jobs.List(c.ctx, c.who, limit, offset)
	if err != nil {
		return err
	}
	out := wire.Jobs{Jobs: make([]wire.Job, len(list)), Total: total}
	for i, j := range list {
		out.Jobs[i] = wireJob(&job.Report{Job: j})
		out.Jobs[i].Plan = nil
	}
	return c.json(200, out)
}

func getJob(c *call) error {
	id, err := c.pathID(engine.PrefixJob, 0)
	if err != nil {
		return err
	}
	r, err := c.s.o.Jobs.Get(c.ctx, c.who, id)
	if err != nil {
		return err
	}
	return c.json(200, wireJob(r))
}

func undoJob(c *call) error {
	id, err := c.pathID(engine.PrefixJob, 0)
	if err != nil {
		return err
	}
	return c.jobOrdered(c.s.o.Jobs.Undo(c.ctx, c.who, id))
}

func cancelJob(c *call) error {
	id, err := c.pathID(engine.PrefixJob, 0)
	if err != nil {
		return err
	}
	return c.jobOrdered(c.s.o.Jobs.Cancel(c.ctx, c.who, id))
}

func restoreGroup(c *call) error {
	id, err := c.pathID(engine.PrefixJob, 0)
	if err != nil {
		return err
	}
	return c.jobOrdered(c.s.o.Jobs.RestoreGroup(c.ctx, c.who, id))
}

// tellJob tells the pages of a job's user how far it is.
func (s *Server) tellJob(r *job.Report) {
	s.sockets.send(r.Job.User, wire.Frame{EventType: "job", Data: wireJob(r)}, func(k *socket) bool { return k.page })
}

func wireJob(r *job.Report) wire.Job {
	out := wire.Job{
		ID: r.ID.Format(engine.PrefixJob), Kind: jobKinds[r.Kind], State: jobStates[r.State], DryRun: r.DryRun,
		At: wire.AtPtr(r.At), Done: r.Done, Total: r.Total, ErrorCount: r.Job.Errors, Errors: []wire.JobError{},
		CreatedAt: wire.At(r.CreatedAt), StartedAt: wire.AtPtr(r.StartedAt), EndedAt: wire.AtPtr(r.EndedAt),
		UndoUntil: wire.AtPtr(r.UndoUntil),
	}
	if !r.Target.IsZero() {
		out.Target = r.TargetForm()
	}
	if r.Kind == engine.JobRewind && r.Ready {
		out.Plan = wirePlan(r)
	}
	for _, n := range r.Notes {
		if n.Class != engine.NoteError {
			continue
		}
		e := wire.JobError{Path: n.Path, Status: statuses[engine.KindInternal].status}
		e.ResourceType, e.ID = wireResource(n)
		if int(n.Error) < len(statuses) {
			e.Status, e.Detail = statuses[n.Error].status, statuses[n.Error].detail
		}
		if n.Msg != "" {
			e.Detail = n.Msg
		}
		out.Errors = append(out.Errors, e)
	}
	return out
}

func wirePlan(r *job.Report) *wire.JobPlan {
	var p wire.JobPlan
	for _, part := range []struct {
		to    *wire.JobPlanPart
		class engine.JobNoteClass
		count uint64
	}{
		{&p.Trashed, engine.NoteTrashed, r.Plan.Trashed},
		{&p.Restored, engine.NoteRestored, r.Plan.Restored},
		{&p.Moved, engine.NoteMoved, r.Plan.Moved},
		{&p.Reverted, engine.NoteReverted, r.Plan.Reverted},
		{&p.Lost, engine.NoteLost, r.Plan.Lost},
	} {
		part.to.Count, part.to.Items = part.count, []wire.JobPlanItem{}
		for _, n := range r.Notes {
			if n.Class != part.class {
				continue
			}
			it := wire.JobPlanItem{Path: n.Path}
			it.ResourceType, it.ID = wireResource(n)
			if n.Class == engine.NoteMoved {
				it.From = n.Msg
			} else {
				it.Detail = n.Msg
			}
			part.to.Items = append(part.to.Items, it)
		}
	}
	return &p
}

func wireResource(n *engine.JobNote) (kind, id string) {
	switch n.Kind {
	case engine.KindFile:
		return wire.TypeFile, n.Node.Format(engine.PrefixFile)
	case engine.KindFolder:
		return wire.TypeFolder, n.Node.Format(engine.PrefixFolder)
	}
	return "", ""
}

package schema

import (
	"encoding/binary"
	"errors"

	"scaidrive/engine"
)

// The jobs of a user stand in two ranges, so that those that count can be
// counted, and with their IDs inverted, so that the newest comes first.
const (
	jobOpen  = 0
	jobEnded = 1
)

func jobFields(c *codec, j *engine.Job) {
	unsigned(c, 1, "kind", &j.Kind)
	unsigned(c, 2, "state", &j.State)
	c.bool(3, "dry_run", &j.DryRun)
	c.id(4, "target", &j.Target)
	c.id(5, "root", &j.Root)
	c.time(6, "at", &j.At)
	c.time(7, "created_at", &j.CreatedAt)
	c.time(8, "started_at", &j.StartedAt)
	c.time(9, "ended_at", &j.EndedAt)
	c.time(10, "undo_until", &j.UndoUntil)
	c.bool(11, "ready", &j.Ready)
	unsigned(c, 12, "done", &j.Done)
	unsigned(c, 13, "total", &j.Total)
	unsigned(c, 14, "errors", &j.Errors)
	unsigned(c, 15, "undos", &j.Undos)
	unsigned(c, 16, "plan_trashed", &j.Plan.Trashed)
	unsigned(c, 17, "plan_restored", &j.Plan.Restored)
	unsigned(c, 18, "plan_moved", &j.Plan.Moved)
	unsigned(c, 19, "plan_reverted", &j.Plan.Reverted)
	unsigned(c, 20, "plan_lost", &j.Plan.Lost)
	c.bool(21, "target_is_share", &j.TargetIsShare)
	c.extra(&j.Extra)
}

func jobTaskFields(c *codec, k *engine.JobTask) {
	unsigned(c, 1, "op", &k.Op)
	c.id(2, "node", &k.Node)
	unsigned(c, 3, "kind", &k.Kind)
	c.id(4, "to", &k.To)
	c.string(5, "name", &k.Name)
	c.bytes(6, "after", maxNameKey, &k.After)
	unsigned(c, 7, "version", &k.Version)
	c.bool(8, "strict", &k.Strict)
	c.id(9, "from_parent", &k.FromParent)
	c.string(10, "from_name", &k.FromName)
	c.id(11, "from_version", &k.FromVersion)
	c.time(12, "deleted_at", &k.DeletedAt)
	c.bool(13, "empty", &k.Empty)
	c.bool(14, "or_trash", &k.OrTrash)
	c.bool(15, "goal", &k.Goal)
	c.extra(&k.Extra)
}

// maxNameKey bounds a stored name key: 255 bytes grow to less than this when
// they are folded.
const maxNameKey = 1024

func jobNoteFields(c *codec, n *engine.JobNote) {
	c.id(1, "node", &n.Node)
	unsigned(c, 2, "kind", &n.Kind)
	c.string(3, "path", &n.Path)
	unsigned(c, 4, "error", &n.Error)
	c.string(5, "msg", &n.Msg)
	c.extra(&n.Extra)
}

// JobKey is the key of a job in the range of its state.
func JobKey(t engine.TenantNo, user engine.ID, open bool, id engine.ID) []byte {
	inverted := invert(id)
	return append(jobsOf(t, user, open), inverted[:]...)
}

func jobsOf(t engine.TenantNo, user engine.ID, open bool) []byte {
	in := byte(jobEnded)
	if open {
		in = jobOpen
	}
	return append(tenantKey(t, 1+idSize, user), in)
}

func invert(id engine.ID) engine.ID {
	for i := range id {
		id[i] = ^id[i]
	}
	return id
}

// JobTaskKey is the key of a task of a job.
func JobTaskKey(t engine.TenantNo, job engine.ID, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(tenantKey(t, seqSize, job), seq)
}

// JobUndoKey is the key of a task that takes something back; the number is
// inverted, so that what was done last comes first.
func JobUndoKey(t engine.TenantNo, job engine.ID, seq uint64) []byte {
	return JobTaskKey(t, job, ^seq)
}

// JobNoteKey is the key of a note of a job.
func JobNoteKey(t engine.TenantNo, job engine.ID, class engine.JobNoteClass, index uint32) []byte {
	return binary.BigEndian.AppendUint32(append(tenantKey(t, 1+4, job), byte(class)), index)
}

// GetJob reads a user's job, whatever its state.
func GetJob(r Reader, t engine.TenantNo, user, id engine.ID) (*engine.Job, error) {
	for _, open := range []bool{true, false} {
		j, err := get(r, Jobs, JobKey(t, user, open, id), jobFields)
		if err == nil {
			j.ID, j.User = id, user
			return j, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	return nil, ErrNotFound
}

// PutJob writes a job in the range of its state, and takes it out of the other.
func PutJob(w Writer, t engine.TenantNo, j *engine.Job) error {
	if err := w.Delete(Jobs, JobKey(t, j.User, !j.State.Open(), j.ID)); err != nil {
		return err
	}
	return put(w, Jobs, JobKey(t, j.User, j.State.Open(), j.ID), j, jobFields)
}

// DeleteJob removes a job, but none of its tasks and notes.
func DeleteJob(w Writer, t engine.TenantNo, j *engine.Job) error {
	return w.Delete(Jobs, JobKey(t, j.User, j.State.Open(), j.ID))
}

// ScanUserJobs goes through the open or the ended jobs of a user, newest first.
func ScanUserJobs(r Reader, t engine.TenantNo, user engine.ID, open bool, fn func(*engine.Job) (bool, error)) error {
	return scanIDs(r, Jobs, jobsOf(t, user, open), engine.ID{}, jobFields, func(id engine.ID, j *engine.Job) (bool, error) {
		j.ID, j.User = invert(id), user
		return fn(j)
	})
}

// ScanJobs goes through the jobs of everybody behind a key that an earlier call
// gave; nil is the beginning. fn must not keep the key.
func ScanJobs(r Reader, behind []byte, fn func(key []byte, t engine.TenantNo, j *engine.Job) (bool, error)) error {
	var from []byte
	if behind != nil {
		from = after(behind)
	}
	return scan(r, Jobs, from, nil, tenantSize+2*idSize+1, jobFields, func(k []byte, j *engine.Job) (bool, error) {
		copy(j.User[:], k[tenantSize:])
		j.ID = invert(tailID(k))
		return fn(k, tenantOf(k), j)
	})
}

// PutJobTask writes a task; Seq is its key.
func PutJobTask(w Writer, t engine.TenantNo, job engine.ID, k *engine.JobTask) error {
	return put(w, JobTasks, JobTaskKey(t, job, k.Seq), k, jobTaskFields)
}

// DeleteJobTask removes a task.
func DeleteJobTask(w Writer, t engine.TenantNo, job engine.ID, seq uint64) error {
	return w.Delete(JobTasks, JobTaskKey(t, job, seq))
}

// ScanJobTasks goes through a job's tasks in the order in which they are done.
func ScanJobTasks(r Reader, t engine.TenantNo, job engine.ID, fn func(*engine.JobTask) (bool, error)) error {
	return scanTasks(r, JobTasks, t, job, fn)
}

// PutJobUndo writes a task that takes something back.
func PutJobUndo(w Writer, t engine.TenantNo, job engine.ID, k *engine.JobTask) error {
	return put(w, JobUndos, JobUndoKey(t, job, k.Seq), k, jobTaskFields)
}

// DeleteJobUndo removes one.
func DeleteJobUndo(w Writer, t engine.TenantNo, job engine.ID, seq uint64) error {
	return w.Delete(JobUndos, JobUndoKey(t, job, seq))
}

// ScanJobUndos goes through the tasks that take a job back, that of what was done
// last first.
func ScanJobUndos(r Reader, t engine.TenantNo, job engine.ID, fn func(*engine.JobTask) (bool, error)) error {
	return scanTasks(r, JobUndos, t, job, func(k *engine.JobTask) (bool, error) {
		k.Seq = ^k.Seq
		return fn(k)
	})
}

func scanTasks(r Reader, table Table, t engine.TenantNo, job engine.ID, fn func(*engine.JobTask) (bool, error)) error {
	prefix := tenantKey(t, 0, job)
	return scan(r, table, prefix, prefixEnd(prefix), len(prefix)+seqSize, jobTaskFields, func(k []byte, task *engine.JobTask) (bool, error) {
		task.Seq = binary.BigEndian.Uint64(k[len(prefix):])
		return fn(task)
	})
}

// PutJobNote writes a note; Class and Index are its key.
func PutJobNote(w Writer, t engine.TenantNo, job engine.ID, n *engine.JobNote) error {
	return put(w, JobNotes, JobNoteKey(t, job, n.Class, n.Index), n, jobNoteFields)
}

// DeleteJobNote removes a note.
func DeleteJobNote(w Writer, t engine.TenantNo, job engine.ID, class engine.JobNoteClass, index uint32) error {
	return w.Delete(JobNotes, JobNoteKey(t, job, class, index))
}

// ScanJobNotes goes through a job's notes by class and number.
func ScanJobNotes(r Reader, t engine.TenantNo, job engine.ID, fn func(*engine.JobNote) (bool, error)) error {
	prefix := tenantKey(t, 0, job)
	return scan(r, JobNotes, prefix, prefixEnd(prefix), len(prefix)+1+4, jobNoteFields, func(k []byte, n *engine.JobNote) (bool, error) {
		n.Class, n.Index = engine.JobNoteClass(k[len(prefix)]), binary.BigEndian.Uint32(k[len(prefix)+1:])
		return fn(n)
	})
}

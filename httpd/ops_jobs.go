package httpd

import (
	"scaidrive/engine"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	jobID = openapi.Need("id", openapi.ID(engine.PrefixJob), "The job.")

	opCreateJob = op{
		Name: "createJob", Tag: tagJobs, Summary: "Order bulk work in the background",
		About:   "What becomes of it is told by the job. Items that can't be done are errors of the job and don't stop the others. A folder that is too large for one move or copy is taken apart: a new folder is made at the target, and what is in it follows.",
		Body:    wire.CreateJob{},
		Answers: gives(202, wire.JobTicket{}, "Ordered.", hasLocation),
		Fails:   list(404, 410, 422, 429),
	}
	opListJobs = op{
		Name: "listJobs", Tag: tagJobs, Summary: "The caller's jobs",
		Query:   paged,
		Answers: gives(200, wire.Jobs{}, "A page of them, the newest first, without their errors and plans."),
	}
	opGetJob = op{
		Name: "getJob", Tag: tagJobs, Summary: "How far a job is",
		Path:    list(jobID),
		Answers: gives(200, wire.Job{}, "The job. It is kept for 30 days after its end."),
		Fails:   list(404),
	}
	opUndoJob = op{
		Name: "undoJob", Tag: tagJobs, Summary: "Take back what a job did",
		About:   "The last is taken back first. What was changed by others since stays as it is and is an error.",
		Path:    list(jobID),
		Answers: gives(202, wire.JobTicket{}, "Ordered; the job tells how far it is.", hasLocation),
		Fails:   list(404, 409, 410, 429),
	}
	opCancelJob = op{
		Name: "cancelJob", Tag: tagJobs, Summary: "End a job before its next step",
		About:   "What is done stays, and can be undone.",
		Path:    list(jobID),
		Answers: gives(202, wire.JobTicket{}, "Cancelled.", hasLocation),
		Fails:   list(404, 409),
	}
	opRestoreGroup = op{
		Name: "restoreTrashGroup", Tag: tagTrash, Summary: "Bring back what was deleted together",
		About:   "A group is what one job deleted, and has its ID: this undoes that job.",
		Path:    list(jobID),
		Answers: gives(202, wire.JobTicket{}, "Ordered; the job tells how far it is.", hasLocation),
		Fails:   list(404, 409, 410, 429),
	}
)

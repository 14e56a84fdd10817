package appliance

import (
	"cmp"

	"scaidrive/engine"
)

// The volume is nearly full when less than a twentieth of it is free, and less than
// lowRoom.
const lowRoom = 50 << 30

// parts tells how each part does, and what is wrong with it.
func (a *Appliance) parts() []engine.Part {
	return []engine.Part{a.databasePart(), a.storagePart(), a.diskPart(), part("identity", ""), a.previewPart()}
}

func part(name string, wrong engine.PartReason, causes ...string) engine.Part {
	if wrong == "" {
		return engine.Part{Name: name, State: engine.PartGood, Reason: engine.PartWorks}
	}
	return engine.Part{Name: name, State: engine.PartAct, Reason: wrong, Causes: causes}
}

func (a *Appliance) databasePart() engine.Part {
	const name = "database"
	switch m := a.meta.Status(); {
	case len(m.Damage) > 0:
		return part(name, engine.PartDamaged, m.Damage...)
	case m.ReadOnly != "":
		return part(name, engine.PartReadOnly, m.ReadOnly)
	case m.SnapshotError != "":
		return part(name, engine.PartNoSnapshot, m.SnapshotError)
	case len(m.Unverified) > 0:
		return engine.Part{Name: name, State: engine.PartGood, Reason: engine.PartChecking}
	}
	return part(name, "")
}

func (a *Appliance) storagePart() engine.Part {
	const name = "storage"
	if err := cmp.Or(a.chunks.Stats().Failed, a.uploads.Failed()); err != nil {
		return part(name, engine.PartReadOnly, err.Error())
	}
	if !a.dir.marked() {
		return part(name, engine.PartReadOnly, "the file FORMAT could not be written")
	}
	if found := a.chunks.Damage(); len(found) > 0 {
		causes := make([]string, min(len(found), maxCauses))
		for i := range causes {
			causes[i] = found[i].String()
		}
		return part(name, engine.PartDamaged, causes...)
	}
	return part(name, "")
}

// maxCauses is how many damaged places are told.
const maxCauses = 5

func (a *Appliance) diskPart() engine.Part {
	const name = "disk"
	if a.reserve.room() != nil {
		return part(name, engine.PartNoRoom)
	}
	if free, size, err := volumeSpace(a.dir.path); err == nil && free < min(size/20, lowRoom) {
		return part(name, engine.PartLowRoom)
	}
	return part(name, "")
}

func (a *Appliance) previewPart() engine.Part {
	if a.previews == nil {
		return engine.Part{Name: "previews", State: engine.PartOff, Reason: engine.PartNotThere}
	}
	return part("previews", "")
}

// footprint tells what the store takes.
func (a *Appliance) footprint() engine.Footprint {
	chunks, m := a.chunks.Stats(), a.meta.Status()
	f := engine.Footprint{
		StartedAt: a.started, Packs: chunks.Bytes, Chunks: chunks.Chunks,
		Database: m.FileBytes, Index: chunks.Index.FileBytes, Log: m.LogBytes, Free: -1,
	}
	if free, size, err := volumeSpace(a.dir.path); err == nil {
		f.Free, f.Volume = free, size
	}
	return f
}

// reportPresence tells the operator that who was there could not be written. It is
// tried again.
func (a *Appliance) reportPresence(err error) {
	a.cfg.Log.Warn("who was there could not be written", "err", err)
}

package configs

import "time"

// Calls are the figures of the hotline's seats and their supervision.
type Calls struct {
	LookUpsPerHour   int           `koanf:"look_ups_per_hour" doc:"looks of one agent within an hour; more are flagged (R59)"`
	CallsWithoutAct  int           `koanf:"calls_without_act" doc:"calls in a row in which an agent looked at somebody and did nothing; more are flagged"`
	UnmaskFor        time.Duration `koanf:"unmask_for" doc:"how long a console shows one whole value (R54)"`
	WrapUp           time.Duration `koanf:"wrap_up" doc:"how long after a call its note and result may still be written"`
	KeepNotes        time.Duration `koanf:"keep_notes" doc:"then the note of a call is scrubbed; what the call came to stays"`
	SampleSize       int           `koanf:"sample_size" doc:"finished calls of a day drawn for quality"`
	ExportsPerDay    int           `koanf:"exports_per_day" doc:"exports one supervisor may make on a day"`
	OrderFilesPerDay int           `koanf:"order_files_per_day" doc:"order files one supervisor may take out on a day, one for each department and district"`
	ExportDays       int           `koanf:"export_days" doc:"days one export may span"`
	ExportLines      int           `koanf:"export_lines" doc:"lines one export may hold; one with more is refused whole"`
}

func defaultCalls() Calls {
	return Calls{
		LookUpsPerHour: 60, CallsWithoutAct: 5, UnmaskFor: time.Minute, WrapUp: 30 * time.Minute, KeepNotes: 180 * 24 * time.Hour, SampleSize: 20,
		ExportsPerDay: 5, OrderFilesPerDay: 60, ExportDays: 31, ExportLines: 20000,
	}
}

func (c Calls) check(found *Findings) {
	for _, r := range []struct {
		bad          bool
		key, problem string
	}{
		{c.LookUpsPerHour < 1, "calls.look_ups_per_hour", "must be 1 or more"},
		{c.CallsWithoutAct < 1, "calls.calls_without_act", "must be 1 or more"},
		{c.UnmaskFor < 10*time.Second || c.UnmaskFor > 10*time.Minute, "calls.unmask_for", "is not from 10s to 10m"},
		{c.WrapUp > 24*time.Hour, "calls.wrap_up", "must be 24h or less"},
		{c.KeepNotes < 24*time.Hour || c.KeepNotes > 3*366*24*time.Hour, "calls.keep_notes", "is not from 24h to three years; a call itself is kept three years"},
		{c.SampleSize < 1, "calls.sample_size", "must be 1 or more"},
		{c.ExportsPerDay < 0, "calls.exports_per_day", "must be 0 or more; 0 allows none"},
		{c.OrderFilesPerDay < 0, "calls.order_files_per_day", "must be 0 or more; 0 allows none"},
		{c.ExportDays < 1 || c.ExportDays > 366, "calls.export_days", "is not from 1 to 366"},
		{c.ExportLines < 1 || c.ExportLines > 100000, "calls.export_lines", "is not from 1 to 100000; an export is made in memory"},
	} {
		if r.bad {
			found.add(r.key, "%s", r.problem)
		}
	}
}

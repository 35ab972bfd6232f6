package hotline

import (
	"cmp"
	"time"
)

// Limits are the operator's figures for the console ([choice] in R54, R59). A zero field takes its default.
type Limits struct {
	LookUpsPerHour   int           // more are flagged (R59)
	CallsWithoutAct  int           // more in a row, with a look and without an act, are flagged
	UnmaskFor        time.Duration // how long a console shows a whole value (R54)
	WrapUp           time.Duration // how long after a call its note and result may be written
	KeepNotes        time.Duration // then the note of a call is scrubbed
	SampleSize       int           // calls of a day drawn for quality
	ExportsPerDay    int           // of one supervisor
	OrderFilesPerDay int           // the same of order files
	ExportDays       int           // the longest window of one export
	ExportLines      int           // an export with more is refused
}

func (s *Service) limits() Limits {
	l := s.Limits
	l.LookUpsPerHour = cmp.Or(l.LookUpsPerHour, lookUpsPerHour)
	l.CallsWithoutAct = cmp.Or(l.CallsWithoutAct, 5)
	l.UnmaskFor = cmp.Or(l.UnmaskFor, time.Minute)
	l.WrapUp = cmp.Or(l.WrapUp, 30*time.Minute)
	l.KeepNotes = cmp.Or(l.KeepNotes, 180*24*time.Hour)
	l.SampleSize = cmp.Or(l.SampleSize, 20)
	if s.Limits == (Limits{}) { // 0 exports a day is a figure of its own where others are set
		l.ExportsPerDay, l.OrderFilesPerDay = 5, 60
	}
	l.ExportDays = cmp.Or(l.ExportDays, 31)
	l.ExportLines = cmp.Or(l.ExportLines, 20000)
	return l
}

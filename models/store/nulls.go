package store

import (
	"time"

	"onecard/models"
)

// Absent values are NULL in a row and the zero value in ours; these four are the whole translation.

func nullID(id models.ID) *string {
	if id == "" {
		return nil
	}
	s := string(id)
	return &s
}

func idOf(s *string) models.ID {
	if s == nil {
		return ""
	}
	return models.ID(*s)
}

func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = models.Instant(t)
	return &t
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return models.Instant(*t)
}

func nullText(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

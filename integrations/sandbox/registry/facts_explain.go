package registry

import "time"

// Office answers for a programme in a district, or for everything there (no programme_code: the finance office).
type Office struct {
	Ref       string    `json:"ref"`
	Programme string    `json:"programme_code,omitempty"`
	District  string    `json:"district"`
	Township  string    `json:"township,omitempty"`
	Name      string    `json:"name"`
	Phone     string    `json:"phone"`
	Address   string    `json:"address"`
	Hours     string    `json:"hours"`
	Version   int64     `json:"version"`
	ChangedAt time.Time `json:"changed_at"`
}

// Declaration says that a person stands on the list of a programme for a period, and how far that list has come.
type Declaration struct {
	Ref        string    `json:"ref"`
	PersonRef  string    `json:"person_ref"`
	Programme  string    `json:"programme_code"`
	PeriodName string    `json:"period"`
	District   string    `json:"district"`
	Township   string    `json:"township"`
	State      string    `json:"state"` // declared posted objected rejected approved
	HolderRef  string    `json:"record_holder_ref,omitempty"`
	Posting    *Posting  `json:"posting,omitempty"`
	Version    int64     `json:"version"`
	ChangedAt  time.Time `json:"changed_at"`
}

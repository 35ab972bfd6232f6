package registry

import (
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// What explains payments, as the payments source writes it.

type wireOffice struct {
	Ref       string    `json:"ref"`
	Programme string    `json:"programme_code"`
	District  string    `json:"district"`
	Township  string    `json:"township"`
	Name      string    `json:"name"`
	Phone     string    `json:"phone"`
	Address   string    `json:"address"`
	Hours     string    `json:"hours"`
	Version   int64     `json:"version"`
	ChangedAt time.Time `json:"changed_at"`
}

func (w wireOffice) office() (subsidy.Office, error) {
	if w.Ref == "" || w.District == "" || w.Name == "" {
		return subsidy.Office{}, errNoReference
	}
	return subsidy.Office{Ref: w.Ref, Programme: w.Programme, District: w.District, Township: w.Township, Name: w.Name, Phone: w.Phone,
		Address: w.Address, Hours: w.Hours, Version: w.Version, ChangedAt: models.Instant(w.ChangedAt)}, nil
}

type wireDeclaration struct {
	Ref       string `json:"ref"`
	PersonRef string `json:"person_ref"`
	Programme string `json:"programme_code"`
	Period    string `json:"period"`
	District  string `json:"district"`
	Township  string `json:"township"`
	State     string `json:"state"`
	HolderRef string `json:"record_holder_ref"`
	Posting   struct {
		Place string `json:"place"`
		From  string `json:"from"`
		To    string `json:"to"`
	} `json:"posting"`
	Version   int64     `json:"version"`
	ChangedAt time.Time `json:"changed_at"`
}

// declaration reads a declaration. A state this release does not know cannot be read: it waits for one that does.
func (w wireDeclaration) declaration() (subsidy.Declaration, error) {
	if w.Ref == "" || w.PersonRef == "" || w.Programme == "" || w.Period == "" {
		return subsidy.Declaration{}, errNoReference
	}
	if !dates(w.Posting.From, w.Posting.To) {
		return subsidy.Declaration{}, errDateForm
	}
	d := subsidy.Declaration{Ref: w.Ref, PersonRef: models.PersonRef(w.PersonRef), Programme: w.Programme, Period: w.Period, District: w.District,
		Township: w.Township, State: subsidy.DeclarationState(w.State), HolderRef: models.PersonRef(w.HolderRef), PostingPlace: w.Posting.Place,
		PostingFrom: models.Date(w.Posting.From), PostingTo: models.Date(w.Posting.To), Version: w.Version, ChangedAt: models.Instant(w.ChangedAt)}
	switch d.State {
	case subsidy.Declared, subsidy.DeclaredPosted, subsidy.Objected, subsidy.DeclaredNo, subsidy.DeclaredYes:
		return d, nil
	}
	return subsidy.Declaration{}, errStateForm
}

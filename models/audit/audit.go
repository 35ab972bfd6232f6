// Package audit says what an audit entry is: one row per decision, committed with it (R57).
package audit

import (
	"time"

	"onecard/models"
)

// Entry is one decision: who, when, what, whom, with which result. Ids and codes only; never a name, a number or free text.
type Entry struct {
	ID        models.ID
	At        time.Time
	ActorKind models.ActorKind
	ActorID   models.ID
	Channel   models.Channel
	Level     string
	SubjectID models.ID // the person it is about
	CallID    models.ID
	Action    string // dotted: card.loss.reported, hotline.call.verified
	Object    string // table of the thing decided on: loss_reports
	ObjectID  string // its id, ours or the registry's reference
	Result    string // done, refused, confirmed ... lower snake
	Detail    map[string]string
}

// Of begins an entry for a decision of by. Who acts for another is written down with the right she has to it.
func Of(by models.Actor, at time.Time, action, object, objectID, result string) Entry {
	e := Entry{
		ID: models.NewID(), At: at, ActorKind: by.Kind, ActorID: by.ID, Channel: by.Channel, Level: by.LevelAt(at).String(),
		SubjectID: by.Subject, CallID: by.CallID, Action: action, Object: object, ObjectID: objectID, Result: result,
	}
	if by.As != models.AsSelf {
		return e.Noting("as", string(by.As)).Noting("relation", string(by.Relation))
	}
	return e
}

// About is a copy of e about another person than the actor's subject.
func (e Entry) About(person models.ID) Entry { e.SubjectID = person; return e }

// Noting is a copy of e with one more code, e.g. the strength of a verification.
func (e Entry) Noting(key, code string) Entry {
	d := make(map[string]string, len(e.Detail)+1)
	for k, v := range e.Detail {
		d[k] = v
	}
	d[key] = code
	e.Detail = d
	return e
}

package citizen

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

func relationNotice(r Relation, on RelationEvent, now time.Time, person models.ID, kind notice.Kind, params map[string]string) notice.Draft {
	return notice.Draft{
		Cause: "relation:" + string(r.ID) + ":" + string(on) + ":" + string(person), Kind: kind, PersonID: person, At: now,
		Params: params, Object: "relation", ObjectID: r.ID,
	}
}

// othersTold is who else hears that somebody has become guardian, by whatever proof: the guardians the child has already,
// and from 14 on the child. Whoever should not be one is found out by them.
func (s *Service) othersTold(ctx context.Context, r Relation, on RelationEvent, now time.Time) ([]notice.Draft, error) {
	child, err := s.Persons.Person(ctx, r.SubjectID)
	if err != nil {
		return nil, err
	}
	list, err := s.Relations.RelationsWith(ctx, RelationQuery{Kind: models.AsGuardian, Subject: r.SubjectID, OpenOnly: true, Limit: relationsShown})
	if err != nil {
		return nil, err
	}
	var out []notice.Draft
	for _, other := range list {
		if other.State == RelationProved && other.ActorID != r.ActorID {
			out = append(out, relationNotice(r, on, now, other.ActorID, notice.GuardianAdded, nil))
		}
	}
	if !youngerThan(GuardianBelow, birthOf(child), now) {
		out = append(out, relationNotice(r, on, now, child.ID, notice.GuardianForYou, nil))
	}
	return out, nil
}

// childTold: from 14 on a child, who was told that somebody may act for her, hears that this is over where nothing else
// tells her.
func (s *Service) childTold(ctx context.Context, r Relation, on RelationEvent, now time.Time) ([]notice.Draft, error) {
	if r.Kind != models.AsGuardian || on != RegistryEnded && on != GivenUp {
		return nil, nil
	}
	child, err := s.Persons.Person(ctx, r.SubjectID)
	if err != nil || youngerThan(GuardianBelow, birthOf(child), now) {
		return nil, err
	}
	return []notice.Draft{relationNotice(r, on, now, r.SubjectID, notice.RelationEnded, map[string]string{"reason": childWords[on]})}, nil
}

// childWords are endWords as the child reads them.
var childWords = map[RelationEvent]string{RegistryEnded: "户籍登记的监护关系已变更", GivenUp: "监护人不再代办"}

// relationNotices is who is told of a step from a state. No text names anybody: whose relation it is stands in the list.
// Who only asked to be guardian never was: that nothing comes of it is told to nobody else.
func relationNotices(r Relation, from RelationState, on RelationEvent, now time.Time) []notice.Draft {
	tell := func(person models.ID, kind notice.Kind, params map[string]string) notice.Draft {
		return relationNotice(r, on, now, person, kind, params)
	}
	why := map[string]string{"reason": endWords[on]}
	if from == RelationRequested && (on == CameOfAge || on == PersonGone) {
		return []notice.Draft{tell(r.ActorID, notice.RelationEnded, why)}
	}
	switch on {
	case RegistryProved, BookProved:
		return []notice.Draft{tell(r.ActorID, notice.GuardianProved, nil)}
	case BookRefused:
		return []notice.Draft{tell(r.ActorID, notice.GuardianRefused, map[string]string{"reason": reviewWords[r.ReasonCode]})}
	case CameOfAge:
		grown := tell(r.SubjectID, notice.OfAge, nil)
		grown.Cause = "of_age:" + string(r.SubjectID) // once, however many guardians she had
		return []notice.Draft{tell(r.ActorID, notice.GuardianOver, nil), grown}
	case HelperAccepted:
		return []notice.Draft{tell(r.SubjectID, notice.HelperActive, map[string]string{"date": notice.Day(models.DateOf(r.EndsAt))})}
	case RegistryEnded:
		return []notice.Draft{tell(r.ActorID, notice.RelationEnded, why)}
	case GivenUp:
		if r.Kind == models.AsGuardian {
			return nil // a request or right that the guardian herself gave up is no news to her
		}
		return []notice.Draft{tell(r.SubjectID, notice.RelationEnded, why)}
	case HelperDeclined, OfferLapsed:
		return []notice.Draft{tell(r.SubjectID, notice.RelationEnded, why)}
	}
	return []notice.Draft{tell(r.ActorID, notice.RelationEnded, why), tell(r.SubjectID, notice.RelationEnded, why)}
}

// endWords say in a few words why a relation is over.
var endWords = map[RelationEvent]string{
	CameOfAge: "孩子已满16周岁", RegistryEnded: "户籍登记的监护关系已变更", HelperDeclined: "对方没有接受", OfferLapsed: "对方没有在7天内确认", TermOver: "有效期已满",
	RevokedByHolder: "本人已撤销", RevokedByAgent: "12333已按来电撤销", GivenUp: "协助人不再协助", PersonGone: "登记信息已变更",
}

package notice

import (
	"context"
	"errors"
	"maps"
	"time"

	"onecard/models"
)

// prepared is what a batch asks for once, not for each of its deliveries.
type prepared struct {
	phones   map[models.ID]models.Phone // of the registry, by person
	err      error                      // they could not be read
	stops    map[models.Phone]StopReason
	stopsErr error
	senders  map[arrivalOf]sender
	held     map[models.ID]Settlement // by delivery: what does not go today
	wishes
}

type arrivalOf struct {
	bank string
	day  models.Date
}

type sender struct {
	word string
	err  error
}

// prepare reads the phones of all whom the batch tells by SMS, who sends the arrivals in it, and who had her day's messages.
func (s *Service) prepare(ctx context.Context, batch []Delivery) prepared {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.SendTimeout)
	defer cancel()
	p := prepared{senders: map[arrivalOf]sender{}}
	p.wishes = s.wishesOf(ctx, batch)
	var people []models.ID
	for _, d := range batch {
		if d.Channel != SMS {
			continue
		}
		if n := d.Notice; n.usual() {
			people = append(people, n.PersonID)
		}
		if of := arrivalFrom(d.Notice); d.Notice.Kind == Arrival && p.senders[of] == (sender{}) {
			word, err := s.Settings.ArrivalSender(ctx, of.bank, d.Notice.At)
			p.senders[of] = sender{word, err}
		}
	}
	p.held = s.overLimit(ctx, batch)
	if len(people) == 0 {
		return p
	}
	if p.phones, p.err = s.Phones.RegistryPhones(ctx, people); p.err != nil || s.Stops == nil {
		return p
	}
	var asked []models.Phone
	for _, d := range batch {
		if phone := p.phones[d.Notice.PersonID]; d.Channel == SMS && d.Notice.usual() && d.Notice.Kind.Topic().stoppable() && !phone.IsZero() {
			asked = append(asked, phone)
		}
	}
	if len(asked) > 0 {
		p.stops, p.stopsErr = s.Stops.StoppedOf(ctx, asked)
	}
	return p
}

// stopOf is why the number gets no text messages, if it gets none.
func (s *Service) stopOf(ctx context.Context, n Notice, phone models.Phone, known prepared) (StopReason, error) {
	if s.Stops == nil || !n.Kind.Topic().stoppable() {
		return NotStopped, nil
	}
	if n.usual() {
		return known.stops[phone], known.stopsErr
	}
	stops, err := s.Stops.StoppedOf(ctx, []models.Phone{phone})
	return stops[phone], err
}

func arrivalFrom(n Notice) arrivalOf { return arrivalOf{n.Scope, models.DateOf(n.At)} }

// usual reports whether the notice goes to the phone that messages to its person go to.
func (n Notice) usual() bool { return n.To == ToRegistryPhone && n.ToRef == "" && n.PersonID != "" }

func (s *Service) phone(ctx context.Context, n Notice, known prepared) (models.Phone, error) {
	if !n.usual() {
		return s.Phones.NoticePhone(ctx, n.PersonID, n.To, n.ToRef)
	}
	if known.err != nil {
		return models.Phone{}, known.err
	}
	if phone, has := known.phones[n.PersonID]; has {
		return phone, nil
	}
	return s.Phones.NoticePhone(ctx, n.PersonID, n.To, n.ToRef) // has none, or it cannot be opened
}

// text hands a delivery over to the SMS vendor.
func (s *Service) text(ctx context.Context, d Delivery, known prepared) Settlement {
	n := d.Notice
	spec, ok := SpecOf(n.Kind)
	if !ok {
		return Settlement{State: Queued, Reason: "kind_not_known_here", After: time.Minute}
	}
	if n.Kind == Arrival {
		switch by := known.senders[arrivalFrom(n)]; {
		case by.err != nil || by.word != SenderPlatform && by.word != SenderBank:
			return Settlement{State: Queued, Reason: "sender_not_known", After: backoff(spec.Lane, d.Attempt)}
		case by.word == SenderBank:
			return Settlement{State: Suppressed, Reason: "sent_by_bank"}
		}
	}
	if held, over := known.held[d.ID]; over {
		return held
	}
	phone, err := s.phone(ctx, n, known)
	switch {
	case errors.Is(err, ErrNoPhone) || err == nil && phone.IsZero():
		return Settlement{State: Suppressed, Reason: "no_phone"}
	case err != nil:
		return Settlement{State: Queued, Reason: "phone_not_readable", After: backoff(spec.Lane, d.Attempt)}
	}
	stopped, err := s.stopOf(ctx, n, phone, known)
	if err != nil {
		return Settlement{State: Queued, Reason: "phone_not_readable", After: backoff(spec.Lane, d.Attempt)}
	}
	if reason, withheld := Withheld(n.Kind, stopped); withheld {
		return Settlement{State: Suppressed, Reason: reason}
	}
	params := maps.Clone(n.Params)
	if spec.Secret {
		if !n.Secret.Present() {
			return Settlement{State: Failed, Reason: "code_is_gone"}
		}
		params = map[string]string{"code": n.Secret.Reveal()}
	}
	handed, err := s.Sender.Send(ctx, Message{
		DeliveryID: d.ID, Attempt: d.Attempt, Vendor: d.Vendor, Kind: n.Kind, Phone: phone, Params: params,
	})
	return settlement(handed, err, spec, d)
}

// maxPushes is how often a platform that takes nothing now is tried before the next way is.
const maxPushes = 3

// push hands a delivery over to a platform, for one consent of its account.
func (s *Service) push(ctx context.Context, d Delivery) Settlement {
	n := d.Notice
	spec, ok := SpecOf(n.Kind)
	pusher := s.pushers[Hop{d.Channel, models.ID(d.App)}]
	switch {
	case !ok:
		return Settlement{State: Queued, Reason: "kind_not_known_here", After: time.Minute}
	case pusher == nil || d.OpenID == "":
		return Settlement{State: Suppressed, Reason: "no_account"}
	}
	if s.Filed != nil {
		if _, err := s.Filed.Carried(ctx, d.Channel, PlaceOf(d.Channel, d.App), string(n.Kind.Topic())); err != nil {
			return Settlement{State: Suppressed, Reason: ReasonNotApproved} // no consent is used up, and the next way goes at once
		}
	}
	if allowed, err := s.Store.UseConsent(ctx, d.AccountID, d.Channel, n.Kind.Topic()); err != nil {
		return Settlement{State: Queued, Reason: "consent_not_readable", After: backoff(spec.Lane, d.Attempt)}
	} else if !allowed {
		return Settlement{State: Suppressed, Reason: "no_consent"}
	}
	handed, err := pusher.Push(ctx, PushMessage{
		DeliveryID: d.ID, Kind: n.Kind, To: d.OpenID, Title: spec.Title, Params: n.Params, Object: n.Object, ObjectID: n.ObjectID,
	})
	out := settlement(handed, err, spec, d)
	if out.State == Queued { // where it cannot be given back she is told by SMS once more than need be
		_ = s.Store.ReturnConsent(context.WithoutCancel(ctx), d.AccountID, d.Channel, n.Kind.Topic())
	}
	if gone := (*SendError)(nil); errors.As(err, &gone) && gone.Class == AddressGone {
		// Where it cannot be noted she is told another way all the same; the next message finds the address gone again.
		_ = s.Refusals.MessageRefused(context.WithoutCancel(ctx), d.AccountID, n.Kind.Topic(), gone)
	}
	if out.State == Queued && d.Attempt >= maxPushes {
		out.State = Failed
	}
	return out
}

// settlement is what an answer of a vendor or a platform comes to.
func settlement(handed Handed, err error, spec Spec, d Delivery) Settlement {
	if err == nil {
		return Settlement{State: Submitted, Vendor: handed.Vendor, VendorID: handed.ID}
	}
	refusal := &SendError{Class: FateUnknown, Code: "no_answer"}
	errors.As(err, &refusal)
	handed.Vendor = refusal.Vendor
	switch refusal.Class {
	case NotAccepted:
		return Settlement{State: Queued, Reason: refusal.Code, After: max(refusal.After, backoff(spec.Lane, d.Attempt))}
	case Refused, AddressGone:
		return Settlement{State: Failed, Vendor: handed.Vendor, Reason: refusal.Code}
	default:
		return Settlement{State: Unknown, Vendor: handed.Vendor, Reason: refusal.Code, After: repeatAfter, Lost: true}
	}
}

// backoff doubles from two seconds: to at most 15 s for a code, which lives five minutes, and ten minutes for the rest.
func backoff(l Lane, attempt int) time.Duration {
	limit := 10 * time.Minute
	switch l {
	case LaneCodes:
		limit = 15 * time.Second
	case LaneLoss:
		limit = time.Minute
	}
	return min(limit, time.Second<<min(max(attempt, 1), 12))
}

package notice

import (
	"context"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// ReceiptPuller is a vendor whose receipts are fetched instead of pushed. What was given once is not given again. At
// most limit at once; fewer than asked for: there are no more now.
type ReceiptPuller interface {
	PullReceipts(ctx context.Context, limit int) ([]Receipt, error)
}

// ReplyPuller is the same for replies.
type ReplyPuller interface {
	PullReplies(ctx context.Context, limit int) ([]Reply, error)
}

// Journal is where what changes together commits together.
type Journal interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	RecordAudit(ctx context.Context, e audit.Entry) error
}

// HandOvers finds a delivery by what its vendor calls it, "" where none is known: a vendor may name only its own id.
type HandOvers interface {
	DeliveryOf(ctx context.Context, vendor, vendorID string) (models.ID, error)
	// KeepEarly keeps receipts of messages whose vendor's id is not written down yet, for an hour: LapseDeliveries finds
	// their deliveries. What is nobody's is forgotten then.
	KeepEarly(ctx context.Context, receipts []Receipt) error
	// TextsSince gives, of these deliveries, those that were handed over by SMS since then, and who may have each.
	TextsSince(ctx context.Context, ids []models.ID, since time.Time) (vendors map[models.ID]string, err error)
}

// ReceiptTaker records receipts that name their delivery.
type ReceiptTaker interface {
	TakeReceipts(ctx context.Context, receipts []Receipt) (int, error)
}

// Reception takes what comes back from vendors, pushed or pulled: receipts and replies.
type Reception struct {
	Taker   ReceiptTaker
	Handed  HandOvers
	Stops   StopList
	Journal Journal
	Clock   models.Clock
}

// TakeReceipts finds the delivery of each receipt, records it, and learns from it whether its number is dead: a number
// that the carrier does not know gets nothing more but codes, losses and what its owner must know of her account, and one
// that a message reached is alive. Only a message of ours teaches that: by SMS, by that vendor, of the last three days. A
// receipt that comes twice changes nothing the second time; one of nobody's is no error. It gives how many were of ours.
func (r *Reception) TakeReceipts(ctx context.Context, receipts []Receipt) (int, error) {
	named, early := make([]Receipt, 0, len(receipts)), []Receipt(nil)
	for _, one := range receipts {
		if one.At.IsZero() {
			one.At = r.Clock.Now()
		}
		if one.DeliveryID == "" && one.VendorID != "" {
			id, err := r.Handed.DeliveryOf(ctx, one.Vendor, one.VendorID)
			if err != nil {
				return 0, err
			}
			if one.DeliveryID = id; id == "" {
				early = append(early, one)
			}
		}
		named = append(named, one)
	}
	if len(early) > 0 {
		if err := r.Handed.KeepEarly(ctx, early); err != nil {
			return 0, err // not acknowledged: the vendor brings it again
		}
	}
	known, err := r.Taker.TakeReceipts(ctx, named)
	if err != nil {
		return known, err
	}
	return known, r.learn(ctx, named)
}

func (r *Reception) learn(ctx context.Context, receipts []Receipt) error {
	telling, err := r.telling(ctx, receipts)
	if err != nil || len(telling) == 0 {
		return err
	}
	ids := make([]models.ID, len(telling))
	for i, one := range telling {
		ids[i] = one.DeliveryID
	}
	vendors, err := r.Handed.TextsSince(ctx, ids, r.Clock.Now().Add(-askWithin))
	if err != nil {
		return err
	}
	for _, one := range telling {
		if vendor, sent := vendors[one.DeliveryID]; !sent || vendor != one.Vendor { // whoever knows a push's address can claim anything
			continue
		}
		if err := r.learnOne(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// telling picks the receipts that say something new of a number: that it may be dead, or that one in doubt is alive.
func (r *Reception) telling(ctx context.Context, receipts []Receipt) ([]Receipt, error) {
	var out []Receipt
	var reached []models.Phone
	for _, one := range receipts {
		switch {
		case one.Phone.IsZero() || one.DeliveryID == "":
		case one.Delivered:
			reached = append(reached, one.Phone)
		case DeathIn(one.Code) != Alive:
			out = append(out, one)
		}
	}
	if len(reached) == 0 {
		return out, nil
	}
	doubted, err := r.Stops.Doubted(ctx, reached)
	for _, one := range receipts {
		if one.Delivered && one.DeliveryID != "" && slices.Contains(doubted, one.Phone) {
			out = append(out, one)
		}
	}
	return out, err
}

func (r *Reception) learnOne(ctx context.Context, one Receipt) error {
	at := r.notLater(one.At)
	if one.Delivered {
		return r.decide(ctx, "notice.sms.lifted", string(StopNoOwner), one.Vendor, func(ctx context.Context) (models.ID, error) {
			return r.Stops.Lift(ctx, one.Phone, StopNoOwner, one.Vendor, at)
		})
	}
	switch DeathIn(one.Code) {
	case Dead:
		return r.decide(ctx, "notice.sms.stopped", string(StopNoOwner), one.Vendor, func(ctx context.Context) (models.ID, error) {
			return r.Stops.Stop(ctx, one.Phone, StopNoOwner, one.Vendor, at)
		})
	case MaybeDead:
		return r.decide(ctx, "notice.sms.stopped", string(StopNoOwner), one.Vendor, func(ctx context.Context) (models.ID, error) {
			return r.Stops.Strike(ctx, one.Phone, one.Vendor, at, maxStrikes)
		})
	}
	return nil
}

// TakeReplies stops and resumes by what people answered. The holder decides by it, and nobody else can: the carrier says
// whose number a reply came from. It gives how many changed something.
func (r *Reception) TakeReplies(ctx context.Context, replies []Reply) (int, error) {
	changed := 0
	for _, one := range replies {
		if one.Phone.IsZero() || one.Word == ReplyOther {
			continue
		}
		at, did := r.notLater(one.At), false
		action, do := "notice.sms.stopped", r.Stops.Stop
		if one.Word == ReplyResume {
			action, do = "notice.sms.lifted", r.Stops.Lift
		}
		err := r.decide(ctx, action, string(StopAsked), one.Vendor, func(ctx context.Context) (models.ID, error) {
			id, err := do(ctx, one.Phone, StopAsked, one.Vendor, at)
			did = id != ""
			return id, err
		})
		if err != nil {
			return changed, err // not acknowledged, so the vendor brings the whole push again
		}
		if did {
			changed++
		}
	}
	return changed, nil
}

// decide commits a change with its audit row, or neither. The row names the stop and not the number.
func (r *Reception) decide(ctx context.Context, action, reason, vendor string, do func(context.Context) (models.ID, error)) error {
	return r.Journal.InTx(ctx, func(ctx context.Context) error {
		id, err := do(ctx)
		if err != nil || id == "" {
			return err
		}
		return r.Journal.RecordAudit(ctx, audit.Of(models.System(), r.Clock.Now(), action, "sms_stops", string(id), "done").Noting("reason", reason).Noting("vendor", vendor))
	})
}

// notLater keeps a vendor's wrong clock from outdating every later word.
func (r *Reception) notLater(at time.Time) time.Time {
	if now := r.Clock.Now(); at.IsZero() || at.After(now) {
		return now
	}
	return at
}

// PullReceipts fetches one portion of a vendor's receipts and takes it; more says that another may be there.
func (r *Reception) PullReceipts(ctx context.Context, from ReceiptPuller, limit int) (more bool, err error) {
	got, err := from.PullReceipts(ctx, limit)
	if err != nil || len(got) == 0 {
		return false, err
	}
	// They are given only once: they are written even when the sweep is being stopped.
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), pulledWithin)
	defer stop()
	_, err = r.TakeReceipts(late, got)
	return err == nil && len(got) >= limit, err
}

// PullReplies is the same for replies.
func (r *Reception) PullReplies(ctx context.Context, from ReplyPuller, limit int) (more bool, err error) {
	got, err := from.PullReplies(ctx, limit)
	if err != nil || len(got) == 0 {
		return false, err
	}
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), pulledWithin)
	defer stop()
	_, err = r.TakeReplies(late, got)
	return err == nil && len(got) >= limit, err
}

const pulledWithin = 10 * time.Second

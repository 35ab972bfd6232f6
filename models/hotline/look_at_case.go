package hotline

import (
	"context"

	"onecard/models"
)

// CaseLook is a look at whom an order is about or a promised call goes to. No call stands behind it.
type CaseLook struct {
	LookUp LookUp
	Roles  []Role      // one of which the member of staff must still have
	Reader OrderReader // of an order: whose eyes see it
}

// lookAtCase counts one look like those of calls (R59), in the transaction of what it opens, beside its audit entry. What is
// not the reader's to see at that moment, or not there, is models.ErrNotFound.
func (s *Service) lookAtCase(ctx context.Context, by models.Actor, p Permission, r OrderReader, l LookUp) (Seen, error) {
	l.ID, l.StaffID, l.At = models.NewID(), by.ID, s.Clock.Now()
	return s.Looks.LookAtCase(ctx, CaseLook{LookUp: l, Roles: RolesWith(p), Reader: r})
}

// heedCase raises what a look outside a call shows about whoever looked, after its commit and before anything is shown.
func (s *Service) heedCase(ctx context.Context, by models.Actor, id models.ID, seen Seen) error {
	if seen.Hour == 0 { // nothing was looked at
		return nil
	}
	return s.heedAt(ctx, by, "", id, seen)
}

// lookAtCallBack counts that a promised call is taken, dialled or made: whom it goes to is somebody's look then.
func (s *Service) lookAtCallBack(ctx context.Context, by models.Actor, p Permission, c CallBack) (Seen, error) {
	return s.lookAtCase(ctx, by, p, OrderReader{}, LookUp{PersonID: c.PersonID, Kind: "call_back", Object: "call_backs", ObjectID: c.ID})
}
